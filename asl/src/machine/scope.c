/* scope.c - States objects in States objects: the branches of Parallel and the processors of Map.
 *
 * All states of a machine stand in one list, and those of one States object next to each other. So
 * the list has to be made before the walk, and its length known.
 */
#include "machine/parse_int.h"

#include <assert.h>
#include <stdlib.h>

/* ---- before the walk ---- */

static void add_name(asl__names *names, asl_str text)
{
    if (names->count == names->cap) {
        names->cap = names->cap == 0 ? 16 : names->cap * 2;
        names->items = asl_realloc(names->items, asl_mul_size(names->cap, sizeof(*names->items)));
    }
    names->items[names->count++] = (asl__name){.text = text};
}

static int compare_names(const void *a, const void *b)
{
    return asl_str_compare(((const asl__name *)a)->text, ((const asl__name *)b)->text);
}

static void sort_names(asl__names *names)
{
    size_t kept = 0;

    if (names->count == 0) {
        return;
    }
    qsort(names->items, names->count, sizeof(*names->items), compare_names);
    for (size_t i = 1; i < names->count; i++) {
        if (!asl_str_equal(names->items[i].text, names->items[kept].text)) {
            names->items[++kept] = names->items[i];
        }
    }
    names->count = kept + 1;
}

/* Depth: ASL__MAX_NESTING; what is nested deeper is refused and never walked. */
static void collect(asl__parser *parser, const asl_value *json, unsigned depth)
{
    static const char *const processors[] = {"ItemProcessor", "Iterator"};
    const asl_value *states = asl_value_get_c(json, "States");
    size_t count = asl_value_is(states, ASL_KIND_OBJECT) ? asl_value_count(states) : 0;

    if (depth > ASL__MAX_NESTING) {
        return;
    }
    parser->machine->state_count += (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        const asl_value *name;
        const asl_value *state = asl_value_member(states, i, &name);
        const asl_value *branches = asl_value_get_c(state, "Branches");
        const asl_value *label = asl_value_get_c(state, "Label");
        size_t branch_count =
            asl_value_is(branches, ASL_KIND_ARRAY) ? asl_value_count(branches) : 0;

        add_name(&parser->state_names, asl_value_str(name));
        if (asl_value_is(label, ASL_KIND_STRING)) {
            add_name(&parser->labels, asl_value_str(label));
        }
        for (size_t j = 0; j < branch_count; j++) {
            collect(parser, asl_value_at(branches, j), depth + 1);
        }
        for (size_t j = 0; j < ASL_LEN(processors); j++) {
            collect(parser, asl_value_get_c(state, processors[j]), depth + 1);
        }
    }
}

void asl__collect_states(asl__parser *parser)
{
    asl_machine *machine = parser->machine;

    collect(parser, machine->definition, 0);
    sort_names(&parser->state_names);
    sort_names(&parser->labels);
    machine->states =
        asl_arena_alloc(parser->arena, asl_mul_size(machine->state_count, sizeof(asl_state)));
}

/* ---- during the walk ---- */

void asl__check_unique(asl__parser *parser, asl__names *names, const asl__place *place,
                       asl_str name, const char *code)
{
    asl__name key = {.text = name};
    asl__name *found = names->count == 0 ? NULL
                                         : bsearch(&key, names->items, names->count,
                                                   sizeof(*names->items), compare_names);

    if (found == NULL) {
        return;
    }
    if (found->seen) {
        asl__fault(parser, place, code,
                   names == &parser->labels ? "Duplicate Label name: %.*s"
                                            : "Duplicate State name: %.*s",
                   ASL_STR_FMT(asl__shown(name)));
    }
    found->seen = true;
}

uint32_t asl__parse_nested(asl__parser *parser, unsigned owner, const asl__place *place,
                           const asl_value *json, bool isolated, bool express)
{
    asl__here outer = parser->here;
    const asl_value *states = asl_value_get_c(json, "States");
    asl__scope scope = {
        .parent = outer.scope,
        .json = json,
        .first = parser->next_state,
        .start = ASL_NO_STATE,
        .depth = outer.scope == NULL ? 0 : outer.scope->depth + 1,
        .isolated = isolated,
    };

    if (scope.depth > ASL__MAX_NESTING) {
        asl__fault(parser, place, ASL__CODE_NESTING, "States are nested more than %d levels deep",
                   ASL__MAX_NESTING);
        return ASL_NO_STATE;
    }
    if (asl_value_is(states, ASL_KIND_OBJECT)) {
        scope.states = states;
        parser->next_state += (uint32_t)asl_value_count(states);
        assert(parser->next_state <= parser->machine->state_count);
        asl__index_states(parser, &scope);
        asl__find_assigned(parser, &scope);
    }
    parser->here = (asl__here){
        .scope = &scope,
        .is_jsonata = parser->machine_is_jsonata,
        .express = express,
    };
    asl__parse_fields(parser, owner, &scope, place, json);
    parser->here = outer;
    return scope.start;
}
