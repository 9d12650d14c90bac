/* json_int.h - the insides of asl_value.
 *
 * Five forms:
 *   STATIC   null, true, false: never counted, never freed
 *   TEXT     bytes[] is JSON text: of numbers, of strings without escapes, of parsed containers.
 *            A container's tree is in the shadow: a value of another form, made when first needed
 *            and published in `cache`
 *   ESCAPED  bytes[] is JSON text of a string with escapes; the shadow is the string without
 *   STRING   bytes[] is a string's contents, for strings that JSON must escape; `cache`: its text
 *   TREE     an array or object with its members; `cache`: its text
 */
#ifndef ASL_JSON_INT_H
#define ASL_JSON_INT_H

#include "asl/value.h"

typedef enum asl__form {
    ASL__FORM_STATIC,
    ASL__FORM_TEXT,
    ASL__FORM_ESCAPED,
    ASL__FORM_STRING,
    ASL__FORM_TREE
} asl__form;

typedef struct asl_member {
    asl_value *key;
    asl_value *value;
} asl_member;

/* Printed text, kept. */
typedef struct asl__text {
    size_t len;
    char bytes[];
} asl__text;

struct asl_value {
    _Atomic uint32_t refs;
    uint8_t kind;
    uint8_t form;
    uint16_t depth; /* 65535: that or more */
    union {
        size_t size;          /* of the compact text; SIZE_MAX: that or more */
        asl_value *next_dead; /* while being freed */
    };
    union {
        size_t len;   /* of bytes[], without its NUL */
        size_t count; /* TREE: items or members */
    };
    _Atomic(void *) cache; /* TEXT, ESCAPED: asl_value; STRING, TREE: asl__text */
    char bytes[];          /* TREE: asl_value *[count], or asl_member[count] and the index */
};

/* The only place where const is cast away: counting and caching don't change what a value is. */
static inline asl_value *asl__unconst(const asl_value *value)
{
    union {
        const asl_value *in;
        asl_value *out;
    } cast = {.in = value};
    return cast.out;
}

/* ---- value.c ---- */
asl_value *asl__value_new(asl_kind kind, asl__form form, size_t payload_bytes);
/* asl__text_new - a TEXT or ESCAPED value of this JSON text, not of null, true or false. */
asl_value *asl__text_new(asl_kind kind, asl__form form, asl_str text, size_t size, unsigned depth);
/* asl__tree - the TREE value of a container (itself or its shadow). Thread: any. */
const asl_value *asl__tree(const asl_value *container);
/* asl__kept_text - the JSON text that is there without printing; {NULL,0}: none yet. */
asl_str asl__kept_text(const asl_value *value);
static inline asl_value **asl__items(const asl_value *tree)
{
    return (asl_value **)(void *)asl__unconst(tree)->bytes;
}
static inline asl_member *asl__members(const asl_value *tree)
{
    return (asl_member *)(void *)asl__unconst(tree)->bytes;
}

/* ---- value_object.c ---- */
enum {
    ASL__INDEX_ABOVE = 16
}; /* members; a larger object has a hash index */
/* asl__array_new, asl__object_new - a TREE value that takes the references over. Of members with
 * equal keys the last value stays, at the first's place. */
asl_value *asl__array_new(asl_value *const *items_take, size_t count);
asl_value *asl__object_new(const asl_member *members_take, size_t count);

/* ---- json_check.c ---- */
typedef enum asl__fault {
    ASL__FAULT_NONE,
    ASL__FAULT_EMPTY,       /* nothing but spaces */
    ASL__FAULT_END,         /* where a comma or closing bracket should be */
    ASL__FAULT_END_BETWEEN, /* after a comma or colon, or before a colon */
    ASL__FAULT_END_NUMBER,
    ASL__FAULT_END_STRING,
    ASL__FAULT_END_NAME,
    ASL__FAULT_END_ESCAPE,
    ASL__FAULT_VALUE, /* no value begins so */
    ASL__FAULT_NAME,
    ASL__FAULT_COLON,
    ASL__FAULT_COMMA,
    ASL__FAULT_CLOSE,
    ASL__FAULT_TRAILING,
    ASL__FAULT_ROOT_SPACE, /* a value runs into something */
    ASL__FAULT_NUMBER,
    ASL__FAULT_CONTROL,
    ASL__FAULT_CONTROL_NAME,
    ASL__FAULT_ESCAPE,
    ASL__FAULT_HEX,
    ASL__FAULT_UTF8,
    ASL__FAULT_DEPTH
} asl__fault;
enum {
    ASL__FAULT_COUNT = ASL__FAULT_DEPTH + 1
};

/* What one pass over a text learns. */
typedef struct asl__scan {
    asl_str text;
    const char *at;
    const char *end;
    const char *value_start; /* of the outermost value */
    const char *value_end;
    size_t spaces;  /* inside the value, outside its strings */
    unsigned open;  /* brackets open now */
    unsigned depth; /* most that were */
    asl__fault fault;
    const char *fault_at;
    const char *opened[200]; /* where each open bracket stands: ASL_MAX_DEPTH */
} asl__scan;

bool asl__json_scan(asl__scan *scan, asl_str text);
/* asl__json_explain - word the fault of a scan (json_fault.c). Returns the status. */
asl_status asl__json_explain(const asl__scan *scan, asl_err *err);
/* asl__kind_at - the kind of the value whose text begins with c. */
asl_kind asl__kind_at(char c);

/* ---- json_read.c ---- */
/* asl__json_tree - the TREE (or STRING, or TEXT without escapes) value of checked text. Owned. */
asl_value *asl__json_tree(asl_str text);

/* ---- json_write.c ---- */
/* asl__string_size - bytes of text as a JSON string with its quotes. */
size_t asl__string_size(asl_str text);

/* A stack for walks without recursion: zeroed is empty. */
typedef struct asl__stack {
    void *items;
    size_t count;
    size_t cap;
} asl__stack;
/* asl__stack_push - room for one more item of this size; the pointer lives until the next push. */
void *asl__stack_push(asl__stack *stack, size_t item_bytes);

#endif
