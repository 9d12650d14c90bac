/* admin_later.c - /_stepd/wait and /_stepd/clock: answered when the execution, or the clock, is
 * where it is wanted. */
#include "admin_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"
#include "request_int.h"

#include <math.h>
#include <stddef.h>

enum {
    DEFAULT_WAIT_SECONDS = 60,
    MAX_WAIT_SECONDS = 86400,
    MAX_MOVES = 1000
};

/* 9999-12-31T23:59:59.999Z, the last that a timestamp can say */
#define LAST_MS INT64_C(253402300799999)

/* A request that waits: for an execution, or for the clock. */
typedef struct admin_later admin_later;
struct admin_later {
    api_admin *admin;
    eng_call *call;
    asl_value *execution_arn; /* NULL: for the clock */
    eng_wait wait;
    eng_clock_move move;
    admin_later *next, *previous;
};

static admin_later *later_new(const api_admin_request *request)
{
    admin_later *later = asl_alloc(sizeof *later);
    later->admin = request->admin;
    later->call = request->call;
    later->next = request->admin->later;
    if (later->next != NULL) {
        later->next->previous = later;
    }
    request->admin->later = later;
    return later;
}

static void later_free(admin_later *later)
{
    *(later->previous != NULL ? &later->previous->next : &later->admin->later) = later->next;
    if (later->next != NULL) {
        later->next->previous = later->previous;
    }
    asl_value_unref(later->execution_arn);
    asl_free(later);
}

void api__admin_later_free(api_admin *admin)
{
    while (admin->later != NULL) {
        admin_later *later = admin->later;
        if (later->execution_arn != NULL) {
            eng_wait_drop(admin->engine, &later->wait);
        } else {
            eng_clock_move_drop(admin->engine, &later->move);
        }
        later_free(later);
    }
}

/* ---- GET /_stepd/wait ---- */

/* {"reached", "executionArn", ..., "input", "output"?, "error"?, "cause"?, "tasks"} */
static void answer_wait(eng_wait *wait, eng_txn *txn, bool reached)
{
    admin_later *later = (admin_later *)(void *)((char *)wait - offsetof(admin_later, wait));
    api_admin_request request = {.admin = later->admin, .call = later->call, .txn = txn};
    eng_scope scope = {{NULL, 0}, {NULL, 0}};
    eng_error error = {.code = ENG_NO_ERROR};
    eng_execution_info info = {.id = 0};
    bool good = api__admin_scope(&request, later->execution_arn, &scope);
    if (good && eng_execution_find(txn, scope, asl_value_str(later->execution_arn), &error,
                                   &info) != ENG_NO_ERROR) {
        api__admin_error(&request, &error);
    } else if (good) {
        bool more = false;
        eng_task_filter filter = {.execution_arn = asl_value_str(later->execution_arn)};
        asl_obj_builder body = {0};
        asl_obj_put(&body, "reached", asl_bool(reached));
        api__admin_put_execution(&body, &info);
        api__admin_put(&body, "input", info.input);
        api__admin_put(&body, "output", info.output);
        api__admin_put(&body, "error", info.error);
        api__admin_put(&body, "cause", info.cause);
        asl_obj_put(&body, "tasks", api__admin_tasks_array(txn, &filter, API_ADMIN_PAGE, &more));
        api__admin_reply(&request, 200, asl_obj_finish(&body));
    }
    eng_execution_info_clear(&info);
    later_free(later);
}

/* "token", or "end" as when absent */
static bool read_until(const api_admin_request *request, bool *until_token)
{
    asl_value *until = api__admin_parameter(request, "until");
    *until_token = asl_str_equal(asl_value_str(until), ASL_STR("token"));
    bool good =
        until == NULL || *until_token || asl_str_equal(asl_value_str(until), ASL_STR("end"));
    if (!good) {
        api__admin_refuse(request, "until is end or token, not '%.*s'",
                          ASL_STR_FMT(asl_value_str(until)));
    }
    asl_value_unref(until);
    return good;
}

void api__admin_wait(const api_admin_request *request)
{
    bool until_token = false;
    int64_t seconds = DEFAULT_WAIT_SECONDS;
    eng_scope scope = {{NULL, 0}, {NULL, 0}};
    asl_value *arn = api__admin_parameter(request, "execution");
    if (!api__admin_scope(request, arn, &scope) || !read_until(request, &until_token) ||
        !api__admin_number(request, "timeout", 0, MAX_WAIT_SECONDS, &seconds)) {
        asl_value_unref(arn);
        return;
    }
    eng_error error = {.code = ENG_NO_ERROR};
    admin_later *later = later_new(request);
    later->execution_arn = asl_value_ref(arn);
    later->wait.until_token = until_token;
    later->wait.over = answer_wait;
    if (eng_wait_start(request->txn, scope, asl_value_str(arn), seconds * 1000, &later->wait,
                       &error) != ENG_NO_ERROR) {
        api__admin_error(request, &error);
        later_free(later);
    }
    asl_value_unref(arn);
}

/* ---- the clock ---- */

/* {"mode", "scale"?, "now", "next": of the next timer, or null, "beingHandled", "steps"?} */
static void reply_clock(const api_admin_request *request, const eng_clock_move *move)
{
    eng_clock_state clock;
    eng_clock_look(request->txn, &clock);
    asl_obj_builder body = {0};
    asl_obj_put(&body, "mode", asl_string_c(eng_clock_mode_name(clock.mode)));
    if (clock.mode == ENG_CLOCK_REAL) {
        asl_obj_put(&body, "scale", asl_double(clock.scale));
    }
    api__admin_put_time(&body, "now", clock.now_ms);
    if (clock.next_ms != INT64_MAX) {
        api__admin_put_time(&body, "next", clock.next_ms);
    } else {
        asl_obj_put(&body, "next", asl_null());
    }
    if (move != NULL) {
        asl_obj_put(&body, "steps", asl_int((int64_t)move->steps));
    }
    api__admin_reply(request, 200, asl_obj_finish(&body));
}

void api__admin_clock(const api_admin_request *request)
{
    reply_clock(request, NULL);
}

static void answer_move(eng_clock_move *move, eng_txn *txn)
{
    admin_later *later = (admin_later *)(void *)((char *)move - offsetof(admin_later, move));
    api_admin_request request = {.admin = later->admin, .call = later->call, .txn = txn};
    reply_clock(&request, move);
    later_free(later);
}

static bool read_advance(const api_admin_request *request, const asl_value *value,
                         eng_clock_move *move)
{
    int64_t now_ms = eng_now_ms(request->txn);
    double ms = asl_value_is(value, ASL_KIND_NUMBER) ? asl_value_double(value) * 1000 : -1;
    if (!(ms >= 0 && ms <= (double)(LAST_MS - now_ms))) {
        api__admin_refuse(request, "advance is a number of seconds from 0, up to the year 9999");
        return false;
    }
    *move = (eng_clock_move){.kind = ENG_MOVE_BY, .ms = (int64_t)llround(ms)};
    return true;
}

static bool read_to(const api_admin_request *request, const asl_value *value, eng_clock_move *move)
{
    char now[ASL_RFC3339_BYTES];
    int64_t to_ms = 0;
    if (!asl_rfc3339_parse(asl_value_str(value), &to_ms)) {
        api__admin_refuse(request, "to is a timestamp such as 2026-01-01T00:00:00Z");
        return false;
    }
    if (to_ms < eng_now_ms(request->txn)) {
        (void)asl_rfc3339_format(eng_now_ms(request->txn), now);
        api__admin_refuse(request, "to is past: the clock shows %s and never goes back", now);
        return false;
    }
    *move = (eng_clock_move){.kind = ENG_MOVE_TO, .ms = to_ms};
    return true;
}

static bool read_next(const api_admin_request *request, const asl_value *value,
                      eng_clock_move *move)
{
    if (!asl_value_bool(value)) {
        api__admin_refuse(request, "next is true: the clock goes to the next timer");
        return false;
    }
    *move = (eng_clock_move){.kind = ENG_MOVE_NEXT};
    return true;
}

/* {"advance": seconds} or {"to": timestamp} or {"next": true} */
static bool read_move(const api_admin_request *request, eng_clock_move *move)
{
    static const struct {
        const char *name;
        bool (*read)(const api_admin_request *request, const asl_value *value,
                     eng_clock_move *move);
    } members[] = {{"advance", read_advance}, {"to", read_to}, {"next", read_next}};
    asl_err err;
    asl_value *body = NULL;
    bool good = false;
    if (asl_json_parse(request->call->body, &err, &body) != ASL_OK) {
        api__admin_refuse(request, "The body is not JSON: %s", err.msg);
        return false;
    }
    for (size_t i = 0; i < ASL_LEN(members) && asl_value_count(body) == 1; i++) {
        const asl_value *value =
            asl_value_is(body, ASL_KIND_OBJECT) ? asl_value_get_c(body, members[i].name) : NULL;
        if (value != NULL) {
            good = members[i].read(request, value, move);
            asl_value_unref(body);
            return good;
        }
    }
    api__admin_refuse(request, "The body is {\"advance\": seconds}, {\"to\": timestamp} or "
                               "{\"next\": true}");
    asl_value_unref(body);
    return false;
}

static size_t count_later(const api_admin *admin)
{
    size_t count = 0;
    for (const admin_later *each = admin->later; each != NULL; each = each->next) {
        count++;
    }
    return count;
}

void api__admin_clock_move(const api_admin_request *request)
{
    eng_clock_move move;
    if (!read_move(request, &move)) {
        return;
    }
    if (count_later(request->admin) >= MAX_MOVES) {
        api__admin_refuse(request, "More than %d requests wait; try again later", MAX_MOVES);
        return;
    }
    admin_later *later = later_new(request);
    later->move = move;
    later->move.moved = answer_move;
    if (eng_clock_move_start(request->txn, &later->move) != ASL_OK) {
        api__admin_refuse(request, "The clock is real: nobody moves it. Start stepd with "
                                   "--clock frozen");
        later_free(later);
    }
}
