/* ops_tags.c - TagResource, UntagResource, ListTagsForResource. */
#include "ops_int.h"

void api__tag_resource(api_command *command, eng_txn *txn)
{
    if (eng_tags_add(txn, command->scope, api__text(command, "resourceArn"),
                     api__member(command->body, "tags"), &command->error) == ENG_NO_ERROR) {
        api__begin(command);
        api__end(command);
    }
}

void api__untag_resource(api_command *command, eng_txn *txn)
{
    if (eng_tags_remove(txn, command->scope, api__text(command, "resourceArn"),
                        api__member(command->body, "tagKeys"), &command->error) == ENG_NO_ERROR) {
        api__begin(command);
        api__end(command);
    }
}

void api__list_tags(api_command *command, eng_txn *txn)
{
    const eng_state_machine *machine = NULL;
    asl_str arn = api__text(command, "resourceArn");
    eng_error_code code =
        eng_state_machine_find(txn, command->scope, arn, &command->error, &machine);
    if (code == ENG_STATE_MACHINE_DOES_NOT_EXIST) {
        eng_error_clear(&command->error);
        (void)eng_error_take(&command->error, ENG_RESOURCE_NOT_FOUND, asl_string(arn));
    }
    if (code != ENG_NO_ERROR) {
        return;
    }
    api__begin(command);
    if (machine->tags != NULL) {
        api__put_value(&command->reply, "tags", machine->tags);
    } else {
        asl_buf_puts(&command->reply, "\"tags\":[]");
    }
    api__end(command);
}
