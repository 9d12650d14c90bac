/* path_int.h - compiled JSONPath as the parser builds it and the evaluator walks it.
 *
 * Everything hangs in the caller's arena and is immutable after parsing, so threads share it. An
 * arena can't own values or compiled regular expressions: literals are kept as JSON text with a
 * slot number, and each evaluation fills its slots when it first needs them.
 */
#ifndef ASL_PATH_INT_H
#define ASL_PATH_INT_H

#include "asl/limits.h"
#include "asl/path.h"

enum {
    ASL__MAX_STEPS = 512,             /* steps and comparisons in one path text */
    ASL__MAX_NESTING = 16,            /* parentheses, filters in filters, lists in literals */
    ASL__MAX_VISITS = 20000000,       /* values one evaluation may look at */
    ASL__MAX_RESULT_BYTES = 16777216, /* JSON text of all that one evaluation finds */
    ASL__MAX_REGEX_STEPS = 200000     /* pcre2's match limit */
};

typedef enum asl_step_kind {
    ASL_STEP_NAME,     /* .a ['a'] */
    ASL_STEP_NAMES,    /* ['a','b'] */
    ASL_STEP_INDEX,    /* [0] [-1] */
    ASL_STEP_INDEXES,  /* [0,2] */
    ASL_STEP_SLICE,    /* [1:] [:2] [1:2] */
    ASL_STEP_WILDCARD, /* .* [*] */
    ASL_STEP_FILTER,   /* [?(...)] */
    ASL_STEP_FUNCTION  /* .length() */
} asl_step_kind;
enum {
    ASL_STEP_KIND_COUNT = ASL_STEP_FUNCTION + 1
};

typedef enum asl_path_root {
    ASL_ROOT_INPUT,    /* $ */
    ASL_ROOT_CONTEXT,  /* $$ */
    ASL_ROOT_VARIABLE, /* $name */
    ASL_ROOT_ITEM      /* @, in filters only */
} asl_path_root;

typedef struct asl_filter asl_filter;
typedef struct asl_operand asl_operand;

typedef struct asl_slice {
    bool has_from;
    bool has_to;
    int64_t from;
    int64_t to;
} asl_slice;

typedef struct asl_step asl_step;
struct asl_step {
    asl_step_kind kind;
    bool descend; /* `..` stands before the step */
    asl_step *next;
    union {
        struct {
            const asl_str *items;
            size_t count;
        } names;
        struct {
            const int64_t *items;
            size_t count;
        } indexes;
        asl_slice slice;
        const asl_filter *filter;
        struct {
            const struct asl_function *row;
            const asl_operand *arguments; /* a list */
        } function;
    } as;
};

struct asl_path {
    asl_str text;
    asl_path_root root;
    asl_str variable;
    asl_step *steps;
    /* A function at the end of a path that begins with `..` takes all that the path finds, as one
     * array; it isn't among the steps then. */
    const asl_step *aggregate;
    bool definite;
    bool reference;
    size_t literal_count; /* slots, of the whole text */
    size_t regex_count;
};

typedef enum asl_operand_kind {
    ASL_OPERAND_PATH,
    ASL_OPERAND_LITERAL, /* JSON text, value in a slot */
    ASL_OPERAND_REGEX    /* pattern and options, compiled in a slot */
} asl_operand_kind;

struct asl_operand {
    asl_operand_kind kind;
    asl_operand *next; /* in argument lists */
    const asl_path *path;
    asl_str text; /* JSON text, or the pattern */
    uint32_t regex_options;
    size_t slot;
};

typedef enum asl_filter_kind {
    ASL_FILTER_OR,
    ASL_FILTER_AND,
    ASL_FILTER_NOT,
    ASL_FILTER_EXISTS,
    ASL_FILTER_COMPARE
} asl_filter_kind;

struct asl_filter {
    asl_filter_kind kind;
    const asl_filter *first; /* OR, AND: both sides; NOT: the first */
    const asl_filter *second;
    const struct asl_comparison *comparison;
    const asl_operand *left; /* EXISTS: the path */
    const asl_operand *right;
};

/* ---- jsonpath_lex.c ---- */

typedef struct asl_path_parser {
    asl_arena *arena;
    asl_str text;
    size_t pos;
    asl_err *err;
    unsigned nesting;
    size_t step_count;
    size_t literal_count;
    size_t regex_count;
} asl_path_parser;

/* asl__path_fail - report a fault at the parser's place; returns ASL_E_SYNTAX. */
asl_status asl__path_fail(asl_path_parser *parser, const char *format, ...) ASL_PRINTF(2, 3);
/* asl__path_limit - "The path has more than <limit> <what>"; returns ASL_E_LIMIT. */
asl_status asl__path_limit(asl_path_parser *parser, const char *what, int limit);
char asl__parse_peek(const asl_path_parser *parser); /* NUL at the end */
void asl__parse_spaces(asl_path_parser *parser);
bool asl__parse_accept(asl_path_parser *parser, char c); /* after spaces */
ASL_NODISCARD asl_status asl__parse_enter(asl_path_parser *parser);
void asl__parse_leave(asl_path_parser *parser);
/* asl__parse_quoted - a name or string in single or double quotes, unescaped into the arena. */
ASL_NODISCARD asl_status asl__parse_quoted(asl_path_parser *parser, asl_str *out);
ASL_NODISCARD asl_status asl__parse_int(asl_path_parser *parser, int64_t *out);
bool asl__is_name_start(unsigned char c);
bool asl__is_name_char(unsigned char c);
bool asl__is_one_of(char c, const char *set); /* never for NUL */
/* asl__cut - at most max bytes of text, of whole characters: what a message quotes. */
asl_str asl__cut(asl_str text, size_t max);

/* ---- jsonpath_parse.c, jsonpath_filter_parse.c ---- */

/* asl__parse_path_here - a path that begins at the parser's place: `$`, or `@` where allowed. */
ASL_NODISCARD asl_status asl__parse_path_here(asl_path_parser *parser, bool in_filter,
                                              const asl_path **out);
/* asl__parse_filter - the expression after `?`, with its parentheses. */
ASL_NODISCARD asl_status asl__parse_filter(asl_path_parser *parser, const asl_filter **out);
/* asl__parse_operand - a path, literal or regular expression. */
ASL_NODISCARD asl_status asl__parse_operand(asl_path_parser *parser, asl_operand **out);

/* ---- evaluating ---- */

typedef struct asl_path_run {
    const asl_scope *scope;
    const asl_value *document; /* what `$` is inside filters */
    asl_value **literals;      /* slots, filled on first use */
    void **regexes;            /* pcre2_code */
    size_t visits;
    size_t result_bytes;
    asl_status status; /* the first trouble: a limit, a function that can't be applied */
    char reason[256];
} asl_path_run;

/* asl__run_fail - keep the first trouble of an evaluation. */
void asl__run_fail(asl_path_run *run, asl_status status, const char *format, ...) ASL_PRINTF(3, 4);
/* asl__run_visit - count values looked at; false when the evaluation has to stop. */
bool asl__run_visit(asl_path_run *run, size_t count);
/* asl__run_path - what a path in a filter or argument gives; NULL when it leads nowhere. Owned. */
asl_value *asl__run_path(asl_path_run *run, const asl_path *path, const asl_value *item);
/* asl__run_operand - the same for any operand but a regular expression. */
asl_value *asl__run_operand(asl_path_run *run, const asl_operand *operand, const asl_value *item);
bool asl__filter_accepts(asl_path_run *run, const asl_filter *filter, const asl_value *item);

/* The context object of a scope, made now if it has to be; borrowed; NULL: there is none. */
const asl_value *asl__scope_context(const asl_scope *scope);
/* asl__path_eval - asl_path_eval that also tells whether the last step was an index past the end of
 * its array, for payload templates. past_end may be NULL. */
ASL_NODISCARD asl_status asl__path_eval(const asl_path *path, const asl_scope *scope, asl_err *err,
                                        bool *past_end, asl_value **out);

/* ---- jsonpath_functions.c ---- */

typedef struct asl_function asl_function;
/* The row of a function; NULL when there is none. */
const asl_function *asl__function_find(asl_str name);
size_t asl__function_max_arguments(const asl_function *function);
/* asl__function_call - apply to value; owned, NULL after asl__run_fail. */
asl_value *asl__function_call(asl_path_run *run, const asl_step *step, const asl_value *value);

/* ---- jsonpath_filter.c ---- */

typedef struct asl_comparison asl_comparison;
/* The longest operator that text begins with; NULL when there is none. */
const asl_comparison *asl__comparison_find(asl_str text, size_t *length);
bool asl__comparison_wants_regex(const asl_comparison *comparison);

/* ---- compare.c: shared by filters and Choice ---- */

/* asl__compare_numbers - <0, 0, >0; exact where both are integers. */
int asl__compare_numbers(const asl_value *a, const asl_value *b);
/* asl__text_find - the first place of needle in text. Cost: linear. */
bool asl__text_find(asl_str text, asl_str needle, size_t *at);
/* asl__compare_utf16 - <0, 0, >0 in the order of UTF-16 units, as Java's String.compareTo. */
int asl__compare_utf16(asl_str a, asl_str b);

#endif
