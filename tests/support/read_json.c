/* read_json.c - see read_json.h. */
#include "read_json.h"

#include "asl/json.h"
#include "asl/limits.h"

#include <stdio.h>

asl_value *read_json(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: cannot be opened\n", name);
        return NULL;
    }
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    char block[4096];
    size_t len;
    while ((len = fread(block, 1, sizeof(block), file)) > 0) {
        asl_buf_put(&text, (asl_str){block, len});
    }
    (void)fclose(file);
    asl_value *value = NULL;
    asl_err err = {0};
    if (asl_json_parse(asl_buf_str(&text), &err, &value) != ASL_OK) {
        (void)fprintf(stderr, "%s:%u:%u: %s\n", name, err.line, err.column, err.msg);
    }
    asl_buf_clear(&text);
    return value;
}
