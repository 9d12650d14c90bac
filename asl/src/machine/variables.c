/* variables.c - which variables states assign and refer to.
 * Sources: Developer Guide, "Passing data between states with variables"; ASL spec "Assign". */
#include "machine/parse_int.h"

#include "asl/limits.h"
#include "asl/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_VARIABLE_NAME_CHARS = 80
};

static int compare_names(const void *a, const void *b)
{
    return asl_str_compare(*(const asl_str *)a, *(const asl_str *)b);
}

/* What a key of Assign assigns: `name.$` is name. */
static asl_str assigned_name(asl_str key)
{
    return asl_str_ends(key, ASL_STR(".$")) ? asl_str_slice(key, 0, key.len - 2) : key;
}

/* ---- what a States object assigns ---- */

typedef struct name_list {
    asl_str *items; /* NULL: count only */
    size_t count;
} name_list;

static void list_assign(name_list *list, const asl_value *owner)
{
    const asl_value *assign = asl_value_get_c(owner, "Assign");
    size_t count = asl_value_is(assign, ASL_KIND_OBJECT) ? asl_value_count(assign) : 0;

    for (size_t i = 0; i < count; i++) {
        const asl_value *key;

        (void)asl_value_member(assign, i, &key);
        if (list->items != NULL) {
            list->items[list->count] = assigned_name(asl_value_str(key));
        }
        list->count++;
    }
}

static void list_assigned(name_list *list, const asl_value *states)
{
    static const char *const with_assign[] = {"Choices", "Catch"};
    size_t count = asl_value_count(states);

    for (size_t i = 0; i < count; i++) {
        const asl_value *state = asl_value_member(states, i, NULL);

        list_assign(list, state);
        for (size_t j = 0; j < ASL_LEN(with_assign); j++) {
            const asl_value *items = asl_value_get_c(state, with_assign[j]);
            size_t item_count = asl_value_is(items, ASL_KIND_ARRAY) ? asl_value_count(items) : 0;

            for (size_t k = 0; k < item_count; k++) {
                list_assign(list, asl_value_at(items, k));
            }
        }
    }
}

void asl__find_assigned(asl__parser *parser, asl__scope *scope)
{
    name_list list = {0};

    list_assigned(&list, scope->states);
    if (list.count > 0) {
        list.items = asl_arena_alloc(parser->arena, asl_mul_size(list.count, sizeof(*list.items)));
        list.count = 0;
        list_assigned(&list, scope->states);
        qsort(list.items, list.count, sizeof(*list.items), compare_names);
    }
    scope->assigned = list.items;
    scope->assigned_count = list.count;
}

static bool scope_assigns(const asl__scope *scope, asl_str name)
{
    return scope->assigned_count > 0 && bsearch(&name, scope->assigned, scope->assigned_count,
                                                sizeof(*scope->assigned), compare_names) != NULL;
}

bool asl__is_assigned(const asl__parser *parser, asl_str name)
{
    for (const asl__scope *scope = parser->here.scope; scope != NULL; scope = scope->parent) {
        if (scope_assigns(scope, name)) {
            return true;
        }
        if (scope->isolated) {
            break;
        }
    }
    return false;
}

/* Outer variables can be read inside and not assigned; behind a distributed Map there are none. */
static bool shadows(const asl__parser *parser, asl_str name)
{
    const asl__scope *scope = parser->here.scope;

    while (scope->parent != NULL && !scope->isolated) {
        scope = scope->parent;
        if (scope_assigns(scope, name)) {
            return true;
        }
    }
    return false;
}

/* ---- names ---- */

/* Code points above ASCII that can't stand in a Unicode identifier: blocks of punctuation, symbols
 * and spaces. The rest is taken for letters. [Unicode Annex 31, in broad strokes] */
static const struct {
    uint32_t first;
    uint32_t last;
} not_in_names[] = {
    {0x80, 0xA9},       {0xAB, 0xB4},     {0xB6, 0xB6},     {0xB8, 0xB9},     {0xBB, 0xBF},
    {0xD7, 0xD7},       {0xF7, 0xF7},     {0x2000, 0x203E}, {0x2041, 0x2053}, {0x2055, 0x2070},
    {0x2072, 0x207E},   {0x2080, 0x208F}, {0x20A0, 0x20CF}, {0x2190, 0x2BFF}, {0x2E00, 0x2E7F},
    {0x3000, 0x3004},   {0x3008, 0x3020}, {0xD800, 0xF8FF}, {0xFE10, 0xFE1F}, {0xFFF0, 0xFFFF},
    {0x1F000, 0x1FAFF},
};

static bool is_name_letter(uint32_t c)
{
    if (c < 0x80) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    for (size_t i = 0; i < ASL_LEN(not_in_names); i++) {
        if (c >= not_in_names[i].first && c <= not_in_names[i].last) {
            return false;
        }
    }
    return true;
}

static bool is_identifier(asl_str name)
{
    size_t offset = 0;

    while (offset < name.len) {
        bool first = offset == 0;
        uint32_t c = asl_utf8_decode(name, &offset);

        if (!is_name_letter(c) && (first || (c != '_' && (c < '0' || c > '9')))) {
            return false;
        }
    }
    return name.len > 0;
}

void asl__check_assign(asl__parser *parser, const asl__place *place, const asl_value *assign)
{
    size_t count = asl_value_count(assign);

    for (size_t i = 0; i < count; i++) {
        const asl_value *key;
        asl_str name;

        (void)asl_value_member(assign, i, &key);
        name = assigned_name(asl_value_str(key));
        if (asl_utf8_count(name) > MAX_VARIABLE_NAME_CHARS) {
            asl__fault(parser, place, ASL__CODE_VARIABLE,
                       "Invalid variable name '%.*s': the variable name exceeds the %d-character "
                       "limit allowed by the service.",
                       ASL_STR_FMT(asl__shown(name)), MAX_VARIABLE_NAME_CHARS);
        } else if (!is_identifier(name)) {
            asl__fault(parser, place, ASL__CODE_VARIABLE,
                       "Invalid variable name '%.*s': the variable name contains invalid "
                       "characters.",
                       ASL_STR_FMT(asl__shown(name)));
        } else if (asl_str_equal(name, ASL_STR("states"))) {
            asl__fault(parser, place, ASL__CODE_RESERVED_VARIABLE,
                       "Cannot assign to reserved variable '$states'.");
        } else if (shadows(parser, name)) {
            asl__fault(parser, place, ASL__CODE_SCHEMA,
                       "The variable '%.*s' is assigned in an outer scope and can not be assigned "
                       "in an inner scope",
                       ASL_STR_FMT(name));
        }
    }
}

/* ---- references ---- */

static bool ends_name(char c)
{
    return memchr("$.[]()'\", \t\r\n", c, 14) != NULL;
}

/* The name after the `$` at offset. */
static asl_str name_at(asl_str text, size_t dollar)
{
    size_t end = dollar + 1;

    while (end < text.len && !ends_name(text.ptr[end])) {
        end++;
    }
    return asl_str_slice(text, dollar + 1, end);
}

asl_str asl__variable_of(asl_str text)
{
    return asl_str_starts(text, ASL_STR("$")) ? name_at(text, 0) : (asl_str){NULL, 0};
}

void asl__refer_to(asl__parser *parser, const asl__place *place, asl_str name)
{
    bool outer = false;

    if (name.len == 0 || parser->here.state == NULL) {
        return;
    }
    for (const asl__scope *scope = parser->here.scope; scope != NULL; scope = scope->parent) {
        outer = outer || scope_assigns(scope, name);
    }
    if (outer && !asl__is_assigned(parser, name)) {
        asl__fault(parser, place, ASL__CODE_SCHEMA,
                   "The variable '%.*s' is assigned outside of the Distributed Map and can not be "
                   "referenced inside",
                   ASL_STR_FMT(asl__shown(name)));
        return;
    }
    if (parser->reference_count == parser->reference_cap) {
        parser->reference_cap = parser->reference_cap == 0 ? 16 : parser->reference_cap * 2;
        parser->references = asl_realloc(
            parser->references, asl_mul_size(parser->reference_cap, sizeof(*parser->references)));
    }
    parser->references[parser->reference_count++] =
        (asl__reference){.state = parser->here.index, .name = name};
}

/* Variables among the arguments of a function: where an argument can begin, outside of quotes. */
static void refer_in_call(asl__parser *parser, const asl__place *place, asl_str text)
{
    bool quoted = false;
    bool at_start = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (quoted && c == '\\') {
            i++;
        } else if (c == '\'') {
            quoted = !quoted;
        } else if (!quoted && c == '$' && at_start) {
            asl__refer_to(parser, place, name_at(text, i));
        }
        if (c != ' ') {
            at_start = !quoted && (c == '(' || c == ',');
        }
    }
}

void asl__refer(asl__parser *parser, const asl__place *place, asl_str text)
{
    if (asl_str_starts(text, ASL_STR("$"))) {
        asl__refer_to(parser, place, asl__variable_of(text));
    } else {
        refer_in_call(parser, place, text);
    }
}

/* By state, in the machine's order, then by name. */
static int compare_references(const void *a, const void *b)
{
    const asl__reference *left = a;
    const asl__reference *right = b;

    if (left->state != right->state) {
        return left->state < right->state ? -1 : 1;
    }
    return asl_str_compare(left->name, right->name);
}

asl_value *asl__make_references(asl__parser *parser)
{
    const asl__reference *items = parser->references;
    size_t count = parser->reference_count;
    asl_obj_builder states = {0};
    asl_arr_builder names = {0};

    if (count == 0) {
        return NULL;
    }
    qsort(parser->references, count, sizeof(*parser->references), compare_references);
    for (size_t i = 0; i < count; i++) {
        bool last_of_state = i + 1 == count || items[i + 1].state != items[i].state;

        if (last_of_state || !asl_str_equal(items[i + 1].name, items[i].name)) {
            asl_arr_add(&names, asl_string(items[i].name));
        }
        if (last_of_state) {
            asl_obj_add_key(&states, parser->machine->states[items[i].state].name,
                            asl_arr_finish(&names));
        }
    }
    return asl_obj_finish(&states);
}
