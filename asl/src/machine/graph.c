/* graph.c - states by name, and which of them an execution can reach. */
#include "machine/parse_int.h"

#include <stdlib.h>

static int compare_names(const void *a, const void *b)
{
    return asl_str_compare(((const asl__state_name *)a)->name, ((const asl__state_name *)b)->name);
}

void asl__index_states(asl__parser *parser, asl__scope *scope)
{
    size_t count = asl_value_count(scope->states);

    scope->names = asl_arena_alloc(parser->arena, asl_mul_size(count, sizeof(*scope->names)));
    for (size_t i = 0; i < count; i++) {
        const asl_value *name;

        (void)asl_value_member(scope->states, i, &name);
        scope->names[i] = (asl__state_name){asl_value_str(name), (uint32_t)i};
    }
    qsort(scope->names, count, sizeof(*scope->names), compare_names);
}

/* The index, in its States object, of the state called name; ASL_NO_STATE when there is none. */
static uint32_t find_state(const asl__scope *scope, asl_str name)
{
    asl__state_name key = {.name = name};
    const asl__state_name *found = NULL;

    if (scope->states != NULL) {
        found =
            bsearch(&key, scope->names, asl_value_count(scope->states), sizeof(key), compare_names);
    }
    return found == NULL ? ASL_NO_STATE : found->index;
}

uint32_t asl__target(asl__parser *parser, const asl__place *place, const asl_value *name)
{
    const asl__scope *scope = parser->here.scope;
    asl_str text = asl_value_str(name);
    uint32_t index = find_state(scope, text);

    if (index != ASL_NO_STATE) {
        return scope->first + index;
    }
    /* AWS says 'Next' for every kind of target. [recorded] */
    if (scope->states != NULL) {
        asl__fault(parser, place, ASL__CODE_TARGET, "Missing 'Next' target: %.*s",
                   ASL_STR_FMT(asl__shown(text)));
    }
    return ASL_NO_STATE;
}

/* ---- transitions, read from the definition itself: a state with faults still leads somewhere ----
 */

typedef struct reach {
    const asl__scope *scope;
    bool *entered; /* by another state */
    bool *seen;
    uint32_t *stack; /* every state is pushed once at most */
    size_t depth;
} reach;

typedef void visit_target(reach *walk, uint32_t from, uint32_t to);

static void mark_entered(reach *walk, uint32_t from, uint32_t to)
{
    if (from != to) {
        walk->entered[to] = true;
    }
}

static void push(reach *walk, uint32_t from, uint32_t to)
{
    (void)from;
    if (!walk->seen[to]) {
        walk->seen[to] = true;
        walk->stack[walk->depth++] = to;
    }
}

static void visit_name(reach *walk, uint32_t from, const asl_value *name, visit_target *visit)
{
    uint32_t to = ASL_NO_STATE;

    if (name != NULL && asl_value_kind(name) == ASL_KIND_STRING) {
        to = find_state(walk->scope, asl_value_str(name));
    }
    if (to != ASL_NO_STATE) {
        visit(walk, from, to);
    }
}

static void visit_targets(reach *walk, uint32_t from, visit_target *visit)
{
    static const char *const lists[] = {"Choices", "Catch"};
    const asl_value *state = asl_value_member(walk->scope->states, from, NULL);

    if (asl_value_kind(state) != ASL_KIND_OBJECT) {
        return;
    }
    visit_name(walk, from, asl_value_get_c(state, "Next"), visit);
    visit_name(walk, from, asl_value_get_c(state, "Default"), visit);
    for (size_t i = 0; i < ASL_LEN(lists); i++) {
        const asl_value *list = asl_value_get_c(state, lists[i]);
        bool is_list = list != NULL && asl_value_kind(list) == ASL_KIND_ARRAY;
        size_t count = is_list ? asl_value_count(list) : 0;

        for (size_t j = 0; j < count; j++) {
            const asl_value *item = asl_value_at(list, j);

            if (asl_value_kind(item) == ASL_KIND_OBJECT) {
                visit_name(walk, from, asl_value_get_c(item, "Next"), visit);
            }
        }
    }
}

static void follow(reach *walk, uint32_t from)
{
    push(walk, from, from);
    while (walk->depth > 0) {
        visit_targets(walk, walk->stack[--walk->depth], push);
    }
}

/* AWS names a state that nothing leads to, and not what only that state leads to. Of states that
 * lead to each other only, the first is named. [recorded, also with a StartAt that doesn't exist]
 */
const bool *asl__unreached(asl__parser *parser, const asl__scope *scope, asl_str start_at)
{
    uint32_t count = (uint32_t)asl_value_count(scope->states);
    bool *unreached = asl_arena_alloc(parser->arena, count);
    uint32_t start = find_state(scope, start_at);
    reach walk = {
        .scope = scope,
        .entered = asl_arena_alloc(parser->arena, count),
        .seen = asl_arena_alloc(parser->arena, count),
        .stack = asl_arena_alloc(parser->arena, asl_mul_size(count, sizeof(uint32_t))),
    };

    for (uint32_t i = 0; i < count; i++) {
        visit_targets(&walk, i, mark_entered);
    }
    if (start != ASL_NO_STATE) {
        follow(&walk, start);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!walk.entered[i] && !walk.seen[i]) {
            unreached[i] = true;
            follow(&walk, i);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!walk.seen[i]) {
            unreached[i] = true;
            follow(&walk, i);
        }
    }
    return unreached;
}

static bool is_terminal(const asl_value *state)
{
    const asl_value *end = NULL;
    asl_str type = {NULL, 0};

    if (asl_value_kind(state) == ASL_KIND_OBJECT) {
        const asl_value *type_field = asl_value_get_c(state, "Type");

        end = asl_value_get_c(state, "End");
        type = type_field == NULL ? type : asl_value_str(type_field);
    }
    return (end != NULL && asl_value_kind(end) == ASL_KIND_BOOL && asl_value_bool(end)) ||
           asl_str_equal(type, ASL_STR("Succeed")) || asl_str_equal(type, ASL_STR("Fail"));
}

bool asl__has_terminal_state(const asl__scope *scope)
{
    size_t count = asl_value_count(scope->states);

    for (size_t i = 0; i < count; i++) {
        if (is_terminal(asl_value_member(scope->states, i, NULL))) {
            return true;
        }
    }
    return false;
}
