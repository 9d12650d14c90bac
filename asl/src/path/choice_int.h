/* choice_int.h - a compiled Choice Rule and the table of its operators. */
#ifndef ASL_CHOICE_INT_H
#define ASL_CHOICE_INT_H

#include "asl/choice.h"
#include "path_int.h"

/* What an operator compares with. */
typedef enum asl_choice_type {
    ASL_CHOICE_STRING,
    ASL_CHOICE_NUMBER,
    ASL_CHOICE_BOOLEAN,
    ASL_CHOICE_TIMESTAMP,
    ASL_CHOICE_PATTERN, /* StringMatches */
    ASL_CHOICE_TEST     /* IsNull, ...: a boolean that the test must equal */
} asl_choice_type;
enum {
    ASL_CHOICE_TYPE_COUNT = ASL_CHOICE_TEST + 1
};

/* Which orders make a comparison true. */
enum {
    ASL__LESS = 1,
    ASL__EQUAL = 2,
    ASL__GREATER = 4
};

typedef struct asl_choice_op {
    const char *name; /* without "Path" */
    asl_choice_type type;
    bool has_path_form;
    unsigned orders;                         /* of comparisons */
    bool (*test)(const asl_value *variable); /* of TEST; NULL: IsPresent */
} asl_choice_op;

/* A StringMatches pattern: the texts between its `*`, unescaped. */
typedef struct asl_pattern {
    const asl_str *pieces;
    size_t count; /* one more than there are `*` */
} asl_pattern;

/* asl__choice_op_find - the operator called name, or with "Path" after it; NULL: none. */
const asl_choice_op *asl__choice_op_find(asl_str name, bool *is_path);
/* asl__choice_op_at - the index-th row, NULL past the end: for tests that walk the table. */
const asl_choice_op *asl__choice_op_at(size_t index);

/* asl__choice_operand_check - what is wrong with a literal operand, or NULL. */
const char *asl__choice_operand_check(const asl_choice_op *op, const asl_value *operand);
/* asl__pattern_parse - false: a backslash stands before neither `*` nor a backslash. */
bool asl__pattern_parse(asl_arena *arena, asl_str text, asl_pattern *out);
bool asl__pattern_matches(const asl_pattern *pattern, asl_str text);

/* asl__choice_compare - does `variable op operand` hold? For all types but PATTERN and IsPresent.
 */
bool asl__choice_compare(const asl_choice_op *op, const asl_value *variable,
                         const asl_value *operand);

#endif
