/* ops_tags.c - TagResource, UntagResource, ListTagsForResource. */
#include "engine/tags.h"
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
    const asl_value *tags = NULL;
    if (eng_tags_find(txn, command->scope, api__text(command, "resourceArn"), &command->error,
                      &tags) == ENG_NO_ERROR) {
        api__begin(command);
        api__put_value(&command->reply, "tags", tags);
        api__end(command);
    }
}
