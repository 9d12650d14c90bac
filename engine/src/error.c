/* error.c - AWS's exception names and message forms. */
#include "engine/error.h"

#include "asl/limits.h"

#include <stdarg.h>

static const struct {
    const char *name;
    const char *form;
} errors[] = {
#define ERROR_ROW(code, aws_name, message_form)                                                    \
    [ENG_##code] = {.name = aws_name, .form = message_form},
    ENG_ERROR_MAP(ERROR_ROW)
#undef ERROR_ROW
};

eng_error_code(eng_error_take)(eng_error *error, eng_error_code code, asl_value *detail_take)
{
    eng_error_clear(error);
    *error = (eng_error){code, detail_take};
    return code;
}

eng_error_code(eng_error_set)(eng_error *error, eng_error_code code, const char *format, ...)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(&text, format, arguments);
    va_end(arguments);
    asl_value *detail = asl_string(asl_buf_str(&text));
    asl_buf_clear(&text);
    return eng_error_take(error, code, detail);
}

void eng_error_clear(eng_error *error)
{
    asl_value_unref(error->detail);
    *error = (eng_error){0};
}

const char *eng_error_name(eng_error_code code)
{
    return errors[code].name;
}

void eng_error_message(const eng_error *error, asl_buf *out)
{
    asl_str form = asl_str_from(errors[error->code].form);
    size_t hole = asl_str_find(form, ASL_STR("%s"));
    asl_buf_put(out, asl_str_slice(form, 0, hole));
    asl_buf_put(out, asl_value_str(error->detail));
    asl_buf_put(out, asl_str_slice(form, hole + 2, form.len));
}
