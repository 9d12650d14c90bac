/* evaluate_int.h - what the files of the evaluator offer each other. */
#ifndef ASL_JSONATA_EVALUATE_INT_H
#define ASL_JSONATA_EVALUATE_INT_H

#include "asl/text.h"
#include "jsonata/jsonata_int.h"

#include "json/json_int.h"
#include <assert.h>

#define ASL__ANY_UNDEFINED ((asl__any){0})
#define ASL__ANY_FAILED ((asl__any){.kind = ASL__FAILED})

static inline asl__any asl__any_number(double number)
{
    return (asl__any){.kind = ASL__NUMBER, .number = number};
}

static inline asl__any asl__any_bool(bool truth)
{
    return (asl__any){.kind = ASL__BOOL, .truth = truth};
}

static inline asl__any asl__any_function(const asl__function *function)
{
    return (asl__any){.kind = ASL__FUNCTION, .function = function};
}

static inline asl__any asl__any_array(asl__array *array)
{
    return (asl__any){.kind = ASL__ARRAY, .array = array};
}

static inline asl__any asl__any_object(asl__object *object)
{
    return (asl__any){.kind = ASL__OBJECT, .object = object};
}

/* The kinds of asl_value come in the same order, one lower. NULL is undefined. */
static inline asl__any asl__any_of(const asl_value *value)
{
    if (!value) {
        return ASL__ANY_UNDEFINED;
    }
    if (value->kind == ASL_KIND_BOOL) {
        return asl__any_bool(asl_value_bool(value));
    }
    return (asl__any){.kind = (uint8_t)(value->kind + ASL__NULL), .json = true, .value = value};
}

static inline asl_str asl__string_of(asl__any string)
{
    return string.json ? asl_value_str(string.value) : *string.string;
}

/* Flags of an array (0 for JSON's). */
static inline unsigned asl__flags(asl__any any)
{
    return any.kind == ASL__ARRAY && !any.json ? any.array->flags : 0;
}

static inline const asl_value *asl__json_tree_of(const asl_value *container)
{
    return container->form == ASL__FORM_TREE ? container : asl__tree(container);
}

static inline size_t asl__count(asl__any array)
{
    return array.json ? asl__json_tree_of(array.value)->count : array.array->count;
}

/* asl__at - index < count. */
static inline asl__any asl__at(asl__any any, size_t index)
{
    if (any.json) {
        return asl__any_of(asl__items(asl__json_tree_of(any.value))[index]);
    }
    const asl__array *array = any.array;
    if (array->flags & ASL__RANGE) {
        return asl__any_number(array->first + (double)index);
    }
    assert(array->slab); /* index < count */
    return array->slab->items[index];
}

/* ---- errors (errors.c) ---- */

/* Each raises an error and returns ASL__ANY_FAILED. */
asl__any asl__fail(asl__evaluation *ev, const char *code);
asl__any asl__fail_value(asl__evaluation *ev, const char *code, asl__any value);
asl__any asl__fail_at(asl__evaluation *ev, const char *code, const asl__node *node, asl__any value);
asl__any asl__fail_limit(asl__evaluation *ev, asl_jsonata_limit limit);
/* asl__bare - a literal that stands for itself in messages: a number, true, false or null; or
 * undefined. */
static inline asl__any asl__bare(asl__any literal)
{
    bool bare =
        literal.kind == ASL__NUMBER || literal.kind == ASL__BOOL || literal.kind == ASL__NULL;
    return bare ? literal : ASL__ANY_UNDEFINED;
}
/* asl__fail_text - one that the text functions report. asl__error_take_text - fill its value,
 * copied into arena. */
asl__any asl__fail_text(asl__evaluation *ev, const asl__text_fail *fail);
void asl__error_take_text(asl__error *error, const asl__text_fail *fail, asl_arena *arena);
/* asl__error_publish - error as the caller gets it. ev may be NULL (while parsing). */
void asl__error_publish(const asl__error *error, asl_str expression, asl__evaluation *ev,
                        asl_jsonata_error *out);
/* asl__error_message - the message alone, into out. */
void asl__error_message(const asl__error *error, asl__evaluation *ev, asl_buf *out);

/* ---- memory and bounds (pool.c) ---- */

void *asl__pool_alloc(asl__evaluation *ev, size_t size); /* not zeroed; never NULL */
/* asl__may_allocate - is a value of that many bytes (8 an item) within bounds? Else it's raised. */
bool asl__may_allocate(asl__evaluation *ev, size_t bytes);
/* asl__spend - count work; false when there's none left, or memory, or the caller says stop
 * (raised). */
bool asl__refuel(asl__evaluation *ev, uint64_t steps);
static inline bool asl__spend(asl__evaluation *ev, uint64_t steps)
{
    if (steps > ev->fuel) {
        return asl__refuel(ev, steps);
    }
    ev->fuel -= steps;
    return true;
}
/* asl__spend_compare - count the work of comparing two values; of texts it goes with their length.
 */
static inline bool asl__spend_compare(asl__evaluation *ev, asl__any a, asl__any b)
{
    if (a.kind != ASL__STRING || b.kind != ASL__STRING) {
        return true;
    }
    size_t one = asl__string_of(a).len;
    size_t other = asl__string_of(b).len;
    return asl__spend(ev, (one < other ? one : other) / 512);
}
/* asl__stack_left - is there C stack for one more call? Every recursion asks; false: raised. */
bool asl__stack_spent(asl__evaluation *ev);
static inline bool asl__stack_left(asl__evaluation *ev)
{
    return (uintptr_t)__builtin_frame_address(0) > ev->stack_end || asl__stack_spent(ev);
}
void asl__pool_free(asl__evaluation *ev);
const asl_value *asl__own(asl__evaluation *ev, asl_value *value_take); /* until the end */
/* asl__scratch - the evaluation's buffer, empty. asl__scratch_string - what's in it as a string. */
asl_buf *asl__scratch(asl__evaluation *ev);
asl__any asl__scratch_string(asl__evaluation *ev);
asl__any asl__any_text(asl__evaluation *ev, asl_str text);     /* copies */
asl__any asl__any_borrowed(asl__evaluation *ev, asl_str text); /* text lives as long as ev */

/* ---- arrays (sequence.c) ---- */

asl__array *asl__new_array(asl__evaluation *ev, size_t cap, unsigned flags);
/* asl__push - append one; false: a bound (raised). The array must have been made by
 * asl__new_array. asl__push_all - the items of an array. */
bool asl__push(asl__evaluation *ev, asl__array *array, asl__any item);
bool asl__push_all(asl__evaluation *ev, asl__array *array, asl__any items);
/* asl__append - $append: a new array of both; undefined adds nothing. */
asl__any asl__append(asl__evaluation *ev, asl__any first, asl__any second);
asl__any asl__range(asl__evaluation *ev, double first, size_t count, unsigned flags);
/* asl__collapse - a sequence of none is undefined, of one its item (unless it's kept). */
asl__any asl__collapse(asl__any any);
/* asl__listed - an array as it is, anything else (undefined too) as a sequence of it. */
asl__any asl__listed(asl__evaluation *ev, asl__any any);
/* asl__flatten_into - push a value, arrays at any depth item by item. */
bool asl__flatten_into(asl__evaluation *ev, asl__array *out, asl__any any);

/* ---- objects (object.c) ---- */

asl__object *asl__new_object(asl__evaluation *ev, size_t cap);
/* asl__object_put - set a member. key_value may be NULL; key lives as long as ev. */
bool asl__object_put(asl__evaluation *ev, asl__object *object, asl__pair pair);
asl__pair *asl__object_find(const asl__object *object, asl_str key);
void asl__object_remove(asl__object *object, asl_str key);
/* asl__object_order - keys that are array indexes come first, ascending: JavaScript's order. */
void asl__object_order(asl__object *object);

/* The members of an object or a row in JavaScript's order. */
typedef struct asl__walk {
    asl__any any;
    size_t count;
    const uint32_t *order; /* NULL: as they stand */
} asl__walk;
asl__walk asl__walk_start(asl__evaluation *ev, asl__any any);
asl__pair asl__walk_at(const asl__walk *walk, size_t index);
/* asl__lookup - $lookup: of an object its member, of an array those of its items. */
asl__any asl__lookup(asl__evaluation *ev, asl__any any, asl_str key);

/* ---- values (value_kinds.c) ---- */

/* asl__number - the number of an any of that kind. */
double asl__number_slow(const asl_value *value);
static inline double asl__number(asl__any any)
{
    return any.json ? asl__number_slow(any.value) : any.number;
}
/* asl__numeric - is it a number? An infinite one is raised (D1001): *failed. */
bool asl__numeric(asl__evaluation *ev, asl__any any, bool *failed);
/* asl__boolean - $boolean: true or false, undefined for undefined; FAILED. */
asl__any asl__boolean(asl__evaluation *ev, asl__any any);
/* asl__truthy - that, undefined being false; *failed. */
bool asl__truthy(asl__evaluation *ev, asl__any any, bool *failed);
bool asl__equal(asl__evaluation *ev, asl__any a, asl__any b); /* deep; may raise depth */
bool asl__identical(asl__any a, asl__any b);                  /* JavaScript's === */
int asl__compare_text(asl_str a, asl_str b);                  /* by UTF-16 units */
/* asl__any_type - the letter of its type in signatures: a s n b l f o m. */
char asl__any_letter(asl__any any);
/* asl__clone - a deep copy as through JSON text; what's in it can be changed. */
asl__any asl__clone(asl__evaluation *ev, asl__any any);

/* ---- text of values (stringify.c) ---- */

/* asl__makes_pair - does left end in the first half of a character and right begin with the second?
 * asl__put_text - append text; such halves become one character. */
bool asl__makes_pair(asl_str left, asl_str right);
void asl__put_text(asl_buf *out, asl_str text);
/* asl__stringify - append $string's text of any. False: raised. */
bool asl__stringify(asl__evaluation *ev, asl_buf *out, asl__any any, bool pretty);
/* asl__any_string - $string: a string any. */
asl__any asl__any_string(asl__evaluation *ev, asl__any any, bool pretty);
double asl__round_to_15(double number);
/* asl__short_number - a finite number's text, if that's quickly known (number_digits.c); else 0.
 * asl__rounded_number - the same of the number rounded to 15 digits; not for whole numbers.
 * asl__is_short - certainly of 15 digits at most? asl__put_number - append any finite number's
 * text.
 */
size_t asl__short_number(double number, char out[ASL_NUM_TEXT_BYTES]);
size_t asl__rounded_number(double number, char out[ASL_NUM_TEXT_BYTES]);
bool asl__is_short(double number);
void asl__put_number(asl_buf *out, double number);

/* ---- values for outside (result.c) ---- */

/* asl__publish - owned; NULL when a bound ends it (raised). any isn't undefined or a function. */
asl_value *asl__publish(asl__evaluation *ev, asl__any any);

/* ---- variables (scope.c) ---- */

uint32_t asl__name_hash(asl_str text);
asl__frame *asl__frame_new(asl__evaluation *ev, asl__frame *parent);
asl__frame *asl__frame_of_row(asl__evaluation *ev, asl__frame *parent, const asl__row *row);
void asl__frame_release(asl__evaluation *ev, asl__frame *frame); /* unless captured */
void asl__frame_capture(asl__frame *frame);
void asl__bind(asl__evaluation *ev, asl__frame *frame, const asl__name *name, asl__any value);
/* asl__variable - its value, or undefined. builtin: the function of that name, or NULL. */
asl__any asl__variable(asl__evaluation *ev, const asl__frame *frame, const asl__name *name,
                       const asl__function *builtin);
asl__any asl__context(asl__any input); /* $: the input, out of its wrapper */

/* ---- evaluation ---- */

asl__any asl__evaluate(asl__evaluation *ev, const asl__node *node, asl__any input,
                       asl__frame *frame);
asl__any asl__evaluate_path(asl__evaluation *ev, const asl__node *node, asl__any input,
                            asl__frame *frame);
/* asl__evaluate_path_from - the rest of a path: its first `index` steps gave value. */
asl__any asl__evaluate_path_from(asl__evaluation *ev, const asl__node *path, uint32_t index,
                                 asl__any value, asl__frame *frame);
asl__any asl__evaluate_binary(asl__evaluation *ev, const asl__node *node, asl__any input,
                              asl__frame *frame);
/* asl__evaluate_group - {k: v}: node is an OBJECT. */
asl__any asl__evaluate_group(asl__evaluation *ev, const asl__node *node, asl__any input,
                             asl__frame *frame);
asl__any asl__evaluate_filter(asl__evaluation *ev, const asl__node *filter, asl__any input,
                              asl__frame *frame);
asl__any asl__evaluate_sort(asl__evaluation *ev, const asl__node *node, asl__any input,
                            asl__frame *frame);
/* asl__evaluate_tuple_step - rows: the stream so far, or undefined at its beginning. */
asl__any asl__evaluate_tuple_step(asl__evaluation *ev, const asl__node *step, asl__any input,
                                  asl__any rows, asl__frame *frame);
asl__any asl__evaluate_wildcard(asl__evaluation *ev, asl__any input);
asl__any asl__evaluate_descendants(asl__evaluation *ev, asl__any input);
asl__any asl__evaluate_call(asl__evaluation *ev, const asl__node *node, asl__any input,
                            asl__frame *frame, const asl__any *first);
asl__any asl__evaluate_partial(asl__evaluation *ev, const asl__node *node, asl__any input,
                               asl__frame *frame);
asl__any asl__evaluate_apply(asl__evaluation *ev, const asl__node *node, asl__any input,
                             asl__frame *frame);
asl__any asl__evaluate_transform(asl__evaluation *ev, const asl__node *node, asl__any input,
                                 asl__frame *frame);
asl__any asl__run_transform(const asl__call *call, const asl__function *transform);
asl__any asl__concatenate(asl__evaluation *ev, asl__any left, asl__any right);

/* ---- functions (apply.c, functions.c, signature.c, matcher.c) ---- */

typedef struct asl__signature asl__signature;
typedef struct asl__signature_fault {
    const char *code;
    size_t offset;
} asl__signature_fault;

/* asl__signature_new - NULL: fault is filled. text: "<n-n?:s>" */
const asl__signature *asl__signature_new(asl_arena *arena, asl_str text,
                                         asl__signature_fault *fault);
/* asl__signature_check - arguments as the function wants them: context filled in, scalars as
 * arrays. False: raised. *args and *count are replaced where that changes them. */
bool asl__signature_check(asl__evaluation *ev, const asl__signature *signature,
                          const asl__any **args, size_t *count, asl__any context);

/* asl__builtin_function - by name without $; NULL: none in this dialect. In the arena. */
const asl__function *asl__builtin_function(asl_arena *arena, asl_str name,
                                           asl_jsonata_dialect dialect);
bool asl__is_builtin(asl_str name, asl_jsonata_dialect dialect);
/* asl__apply - call any function, tail calls too. context: $ where the call stands. */
asl__any asl__apply(const asl__call *call, asl__any function);
/* asl__call_back - call a function given as argument with up to its number of parameters. */
asl__any asl__call_back(const asl__call *call, asl__any function, const asl__any *args,
                        size_t count);
size_t asl__arity(asl__any function);

static inline asl__any asl__arg(const asl__call *call, size_t index)
{
    return index < call->count ? call->args[index] : ASL__ANY_UNDEFINED;
}

/* asl__regex_place - where a search begins: what JavaScript makes of any value as lastIndex. */
size_t asl__regex_place(asl__evaluation *ev, asl__any any);
/* asl__regex_call - a regular expression, or a match's next, called as a function. */
asl__any asl__regex_call(asl__evaluation *ev, const asl__function *function, asl__any text,
                         size_t from_units);

#endif
