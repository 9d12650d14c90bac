/* ops_activity.c - CreateActivity, Describe, Delete, List, GetActivityTask. */
#include "ops_int.h"

#include "engine/activity.h"
#include "engine/arn.h"

void api__create_activity_prepare(api_command *command)
{
    asl_str name = api__text(command, "name");
    if (!eng_name_valid(name)) {
        (void)eng_error_take(&command->error, ENG_INVALID_NAME, asl_string(name));
        return;
    }
    api__config_read(command, true);
}

void api__create_activity(api_command *command, eng_txn *txn)
{
    const eng_activity *activity;
    eng_activity_request request = {.name = api__member(command->body, "name"),
                                    .tags = api__member(command->body, "tags"),
                                    .encryption = command->encryption};
    if (eng_activity_create(txn, command->scope, &request, &command->error, &activity) !=
        ENG_NO_ERROR) {
        return;
    }
    api__begin(command);
    api__put_value(&command->reply, "activityArn", activity->arn);
    api__put_time(&command->reply, "creationDate", activity->created_ms);
    api__end(command);
}

static void put_activity(asl_buf *reply, const eng_activity *activity)
{
    api__put_value(reply, "activityArn", activity->arn);
    api__put_value(reply, "name", activity->name);
    api__put_time(reply, "creationDate", activity->created_ms);
}

void api__describe_activity(api_command *command, eng_txn *txn)
{
    const eng_activity *activity;
    if (eng_activity_find(txn, command->scope, api__text(command, "activityArn"), &command->error,
                          &activity) != ENG_NO_ERROR) {
        return;
    }
    api__begin(command);
    put_activity(&command->reply, activity);
    api__put_value(&command->reply, "encryptionConfiguration", activity->encryption);
    api__end(command);
}

void api__delete_activity(api_command *command, eng_txn *txn)
{
    if (eng_activity_delete(txn, command->scope, api__text(command, "activityArn"),
                            &command->error) == ENG_NO_ERROR) {
        api__begin(command);
        api__end(command);
    }
}

void api__list_activities(api_command *command, eng_txn *txn)
{
    bool more = false;
    const eng_activity **activities = asl_alloc(asl_mul_size(command->limit, sizeof *activities));
    size_t count = eng_activity_list(txn, command->scope, asl_value_str(command->after),
                                     command->limit, activities, &more);
    asl_buf *reply = &command->reply;
    api__begin(command);
    api__put_name(reply, "activities");
    asl_buf_putc(reply, '[');
    for (size_t i = 0; i < count; i++) {
        asl_buf_puts(reply, i > 0 ? ",{" : "{");
        put_activity(reply, activities[i]);
        asl_buf_putc(reply, '}');
    }
    asl_buf_putc(reply, ']');
    if (more) {
        api__page_next(command, asl_value_str(activities[count - 1]->name));
    }
    api__end(command);
    asl_free(activities);
}

/* ---- GetActivityTask: a long poll ---- */

typedef struct activity_poll {
    eng_poll poll;
    api_command *command;
    bool running; /* the command's own pass: it isn't held yet */
} activity_poll;

static bool worker_alive(const eng_poll *poll)
{
    /* The poll is the first member. */
    const activity_poll *mine = (const activity_poll *)poll;
    const eng_call *call = &mine->command->request->call;
    return call->alive(call);
}

static void answer_worker(eng_poll *poll, eng_txn *txn, const asl_value *token,
                          const asl_value *input)
{
    activity_poll *mine = (activity_poll *)poll;
    api_command *command = mine->command;
    api__begin(command);
    if (token != NULL) {
        api__put_value(&command->reply, "taskToken", token);
        api__put_payload(&command->reply, "input", input);
    }
    api__end(command);
    if (!mine->running) {
        eng_job_release(txn, &command->job);
    }
    command->poll = NULL;
    asl_free(mine);
}

void api__get_activity_task(api_command *command, eng_txn *txn)
{
    activity_poll *mine = asl_alloc(sizeof *mine);
    mine->command = command;
    mine->running = true;
    mine->poll.worker_name = api__member(command->body, "workerName");
    mine->poll.alive = worker_alive;
    mine->poll.answer = answer_worker;
    command->poll = mine;
    if (eng_activity_poll(txn, command->scope, api__text(command, "activityArn"), &mine->poll,
                          &command->error) != ENG_NO_ERROR) {
        command->poll = NULL;
        asl_free(mine);
        return;
    }
    if (command->poll != NULL) {
        mine->running = false;
        eng_job_hold(&command->job);
    }
}
