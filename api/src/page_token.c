/* page_token.c - nextToken: base64 of a check value and a position. The check value covers the
 * operation, the account and region, every argument and the position, so a token from another
 * request is refused. */
#include "ops_int.h"

#include "asl/hash.h"
#include "asl/limits.h"
#include "asl/text.h"

#include <stdio.h>

enum {
    CHECK_CHARS = 16,
    MAX_TOKEN_BYTES = 4096
};

/* A fixed key: a token is opaque, not secret, and stays good when stepd starts again. */
static const uint64_t check_key = 0x73746570642d7067ULL;

static void put_check(const api_command *command, asl_str position, asl_buf *out)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    asl_buf_puts(&text, command->operation->name);
    asl_buf_printf(&text, "\n%.*s\n%.*s\n", ASL_STR_FMT(command->scope.account),
                   ASL_STR_FMT(command->scope.region));
    for (const api_field *field = command->operation->shape; field->name != NULL; field++) {
        asl_str name = asl_str_from(field->name);
        const asl_value *value = api__member(command->body, field->name);
        if (value != NULL && !asl_str_equal(name, ASL_STR("nextToken")) &&
            !asl_str_equal(name, ASL_STR("maxResults"))) {
            asl_buf_printf(&text, "%s=", field->name);
            asl_buf_put(&text, asl_value_text(value));
            asl_buf_putc(&text, '\n');
        }
    }
    asl_buf_put(&text, position);
    asl_buf_printf(out, "%016llx", (unsigned long long)asl_hash64(check_key, asl_buf_str(&text)));
    asl_buf_clear(&text);
}

void api__page_token_make(const api_command *command, asl_str position, asl_buf *out)
{
    asl_buf token;
    asl_buf_init(&token, MAX_TOKEN_BYTES);
    put_check(command, position, &token);
    asl_buf_put(&token, position);
    asl_base64_encode(out, asl_buf_str(&token));
    asl_buf_clear(&token);
}

bool api__page_token_read(const api_command *command, asl_value **position)
{
    const asl_value *given = api__member(command->body, "nextToken");
    if (given == NULL) {
        *position = NULL;
        return true;
    }
    bool good = false;
    asl_buf token, check;
    asl_buf_init(&token, MAX_TOKEN_BYTES);
    asl_buf_init(&check, MAX_TOKEN_BYTES);
    if (asl_base64_decode(&token, asl_value_str(given)) == ASL_OK && token.len > CHECK_CHARS) {
        asl_str text = asl_buf_str(&token);
        asl_str place = asl_str_slice(text, CHECK_CHARS, text.len);
        put_check(command, place, &check);
        good = asl_str_equal(asl_buf_str(&check), asl_str_slice(text, 0, CHECK_CHARS)) &&
               asl_wtf8_valid(place);
        if (good) {
            *position = asl_string(place);
        }
    }
    asl_buf_clear(&token);
    asl_buf_clear(&check);
    return good;
}

void api__page_prepare(api_command *command)
{
    command->limit = api__page_limit(command);
    if (!api__page_token_read(command, &command->after)) {
        (void)eng_error_set(&command->error, ENG_INVALID_TOKEN, "Invalid token");
    }
}

void api__page_next(api_command *command, asl_str position)
{
    asl_buf token;
    asl_buf_init(&token, 2 * MAX_TOKEN_BYTES);
    api__page_token_make(command, position, &token);
    api__put_string(&command->reply, "nextToken", asl_buf_str(&token));
    asl_buf_clear(&token);
}

uint64_t api__page_number(const api_command *command)
{
    int64_t number = 0;
    if (command->after == NULL || !asl_num_parse_int64(asl_value_str(command->after), &number)) {
        return 0;
    }
    return (uint64_t)number;
}
