/* fuzz_path.c - input: a path, a line feed, a JSON document. The path is compiled, read from the
 * document, and, when it is a Reference Path, written to it: what was written must be what is read
 * then. */
#include "asl/json.h"
#include "asl/path.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read_back(const asl_path *path, const asl_value *document)
{
    asl_value *mark = NULL;
    asl_status status = asl_json_parse(ASL_STR("{\"mark\": [1]}"), NULL, &mark);
    assert(status == ASL_OK);
    asl_value *changed = NULL;
    status = asl_path_set(document, path, asl_value_ref(mark), NULL, &changed);
    if (status == ASL_OK) {
        asl_scope scope = {.input = changed, .context = changed};
        asl_value *found = NULL;
        status = asl_path_eval(path, &scope, NULL, &found);
        assert(status == ASL_OK && asl_value_equal(found, mark));
        asl_value_unref(found);
        asl_value_unref(changed);
    }
    asl_value_unref(mark);
}

static void use(const asl_path *path, const asl_value *document)
{
    asl_scope scope = {.input = document, .context = document};
    asl_err err;
    asl_value *found = NULL;
    if (asl_path_eval(path, &scope, &err, &found) == ASL_OK) {
        (void)asl_value_size(found);
        asl_value_unref(found);
    }
    if (asl_path_is_reference(path) && !asl_path_uses_context(path) &&
        asl_path_variable(path).len == 0) {
        write_and_read_back(path, document);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t live = asl_alloc_live();
    const char *text = (const char *)data;
    const char *line_feed = size > 0 ? memchr(text, '\n', size) : NULL;
    size_t path_size = line_feed != NULL ? (size_t)(line_feed - text) : size;
    asl_str json = ASL_STR("{\"a\": [1, {\"b\": null}], \"c\": \"d\"}");
    if (line_feed != NULL) {
        json = (asl_str){line_feed + 1, size - path_size - 1};
    }
    asl_value *document = NULL;
    if (asl_json_parse(json, NULL, &document) == ASL_OK) {
        asl_arena *arena = asl_arena_new();
        const asl_path *path = NULL;
        asl_err err;
        if (asl_path_parse(arena, (asl_str){text, path_size}, &err, &path) == ASL_OK) {
            use(path, document);
        }
        asl_arena_free(arena);
        asl_value_unref(document);
    }
    assert(asl_alloc_live() == live);
    (void)live;
    return 0;
}
