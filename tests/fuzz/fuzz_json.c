/* fuzz_json.c - input: any text. What the check accepts must parse; its tree, printed member by
 * member, must read back as the same value. */
#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy that has no text of its own, so that printing walks the whole tree. */
static asl_value *rebuild(const asl_value *value)
{
    asl_arr_builder items = {0};
    asl_obj_builder members = {0};
    switch (asl_value_kind(value)) {
    case ASL_KIND_ARRAY:
        for (size_t i = 0; i < asl_value_count(value); i++) {
            asl_arr_add(&items, rebuild(asl_value_at(value, i)));
        }
        return asl_arr_finish(&items);
    case ASL_KIND_OBJECT:
        for (size_t i = 0; i < asl_value_count(value); i++) {
            const asl_value *key;
            const asl_value *member = asl_value_member(value, i, &key);
            assert(asl_value_get(value, asl_value_str(key)) == member);
            asl_obj_add(&members, asl_value_str(key), rebuild(member));
        }
        return asl_obj_finish(&members);
    case ASL_KIND_STRING:
        assert(asl_wtf8_valid(asl_value_str(value)));
        return asl_string(asl_value_str(value));
    case ASL_KIND_NULL:
    case ASL_KIND_BOOL:
    case ASL_KIND_NUMBER:
        return asl_value_ref(value);
    }
    ASL_UNREACHABLE();
}

static void read_back(const asl_value *value, const asl_value *wanted, bool pretty)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    (pretty ? asl_json_write_pretty : asl_json_write)(&text, value);
    assert(!text.full && (pretty || text.len == asl_value_size(value)));
    asl_value *again = NULL;
    asl_status status = asl_json_parse(asl_buf_str(&text), NULL, &again);
    assert(status == ASL_OK && asl_value_equal(again, wanted));
    (void)status;
    asl_value_unref(again);
    asl_buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t live = asl_alloc_live();
    asl_str text = {(const char *)data, size};
    asl_err err;
    asl_value *value = NULL;
    asl_status checked = asl_json_check(text, &err);
    asl_status parsed = asl_json_parse(text, &err, &value);
    assert(checked == parsed);
    (void)checked;
    if (parsed == ASL_OK) {
        asl_value *copy = rebuild(value);
        asl_value *trusted = asl_json_trusted(text);
        assert(asl_value_equal(copy, value));
        assert(asl_value_size(trusted) == asl_value_size(value));
        assert(asl_value_depth(trusted) == asl_value_depth(value));
        read_back(value, copy, false);
        read_back(copy, value, false);
        read_back(copy, value, true);
        asl_value_unref(trusted);
        asl_value_unref(copy);
        asl_value_unref(value);
    } else {
        assert(err.line >= 1 && err.column >= 1 && err.pos <= size && err.msg[0]);
    }
    assert(asl_alloc_live() == live);
    (void)live;
    return 0;
}
