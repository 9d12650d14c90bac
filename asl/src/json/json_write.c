/* json_write.c - value to text, without recursion. What has its text is copied, not printed. */
#include "asl/json.h"

#include "asl/text.h"
#include "json/json_int.h"

#include <string.h>

enum {
    LONG_ESCAPE_BYTES = 6,
    SURROGATE_BYTES = 3
};

void *asl__stack_push(asl__stack *stack, size_t item_bytes)
{
    if (stack->count == stack->cap) {
        stack->cap = stack->cap ? asl_mul_size(stack->cap, 2) : 32;
        stack->items = asl_realloc(stack->items, asl_mul_size(stack->cap, item_bytes));
    }
    return (char *)stack->items + item_bytes * stack->count++;
}

/* ---- strings ---- */

/* Does JSON need an escape for this byte? Bytes from 0xED may begin a surrogate. */
static bool is_special(unsigned char c)
{
    return c < 0x20U || c == '"' || c == '\\' || c == 0xEDU;
}

/* 8 bytes at a time: the top bit of each byte of the answer says that it's special (a byte next to
 * a special one may be marked too: the caller looks at each). */
static uint64_t special_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = UINT64_C(0x8080808080808080);
    uint64_t quote = word ^ ones * '"';
    uint64_t backslash = word ^ ones * '\\';
    uint64_t surrogate = word ^ ones * 0xEDU;
    return (((word - ones * 0x20U) & ~word) | ((quote - ones) & ~quote) |
            ((backslash - ones) & ~backslash) | ((surrogate - ones) & ~surrogate)) &
           tops;
}

static size_t plain_run(asl_str text, size_t from)
{
    size_t at = from;
    uint64_t word;
    while (text.len - at >= sizeof(word)) {
        memcpy(&word, text.ptr + at, sizeof(word));
        if (special_bytes(word)) {
            break;
        }
        at += sizeof(word);
    }
    while (at < text.len && !is_special((unsigned char)text.ptr[at])) {
        at++;
    }
    return at;
}

static char short_escape(char c)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
    };
    return c == '"' || c == '\\' ? c : letters[(unsigned char)c & 0x1FU];
}

/* Is the byte at `at`, which is 0xED, the start of a surrogate? */
static bool is_surrogate(asl_str text, size_t at)
{
    return text.len - at >= SURROGATE_BYTES && (unsigned char)text.ptr[at + 1] >= 0xA0U;
}

size_t asl__string_size(asl_str text)
{
    size_t size = asl_add_size(text.len, 2);
    for (size_t at = plain_run(text, 0); at < text.len; at = plain_run(text, at + 1)) {
        char c = text.ptr[at];
        if ((unsigned char)c == 0xEDU) {
            size += is_surrogate(text, at) ? LONG_ESCAPE_BYTES - SURROGATE_BYTES : 0;
        } else {
            size += short_escape(c) ? 1 : LONG_ESCAPE_BYTES - 1;
        }
    }
    return size;
}

static void write_long_escape(asl_buf *buf, uint32_t unit)
{
    static const char hex[] = "0123456789abcdef";
    char escape[LONG_ESCAPE_BYTES] = {
        '\\',           'u', hex[unit >> 12 & 15U], hex[unit >> 8 & 15U], hex[unit >> 4 & 15U],
        hex[unit & 15U]};
    asl_buf_put(buf, (asl_str){escape, sizeof(escape)});
}

/* The special character at `at`; returns where it ends. */
static size_t write_special(asl_buf *buf, asl_str text, size_t at)
{
    char c = text.ptr[at];
    if ((unsigned char)c == 0xEDU) {
        size_t end = at;
        uint32_t code_point = asl_utf8_decode(text, &end);
        if (is_surrogate(text, at)) {
            write_long_escape(buf, code_point);
        } else {
            asl_buf_put(buf, asl_str_slice(text, at, end));
        }
        return end;
    }
    char letter = short_escape(c);
    if (letter) {
        char escape[2] = {'\\', letter};
        asl_buf_put(buf, (asl_str){escape, sizeof(escape)});
    } else {
        write_long_escape(buf, (unsigned char)c);
    }
    return at + 1;
}

void asl_json_write_string(asl_buf *buf, asl_str text)
{
    asl_buf_putc(buf, '"');
    size_t at = 0;
    while (at < text.len) {
        size_t run = plain_run(text, at);
        asl_buf_put(buf, asl_str_slice(text, at, run));
        at = run < text.len ? write_special(buf, text, run) : run;
    }
    asl_buf_putc(buf, '"');
}

/* ---- kept text ---- */

static size_t string_end(asl_str text, size_t at)
{
    for (at++; text.ptr[at] != '"'; at++) {
        at += text.ptr[at] == '\\';
    }
    return at + 1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Checked text, without the spaces outside of its strings. */
static void write_without_spaces(asl_buf *buf, asl_str text)
{
    size_t start = 0;
    size_t at = 0;
    while (at < text.len) {
        if (text.ptr[at] == '"') {
            at = string_end(text, at);
        } else if (is_space(text.ptr[at])) {
            asl_buf_put(buf, asl_str_slice(text, start, at));
            start = ++at;
        } else {
            at++;
        }
    }
    asl_buf_put(buf, asl_str_slice(text, start, at));
}

/* Write what needs no walk; false for a tree that was never printed. */
static bool write_leaf(asl_buf *buf, const asl_value *value)
{
    asl_str kept = asl__kept_text(value);
    if (kept.ptr) {
        if (kept.len == value->size) {
            asl_buf_put(buf, kept);
        } else {
            write_without_spaces(buf, kept);
        }
        return true;
    }
    if (value->kind == ASL_KIND_STRING) {
        asl_json_write_string(buf, asl_value_str(value));
        return true;
    }
    return false;
}

/* ---- trees ---- */

typedef struct frame {
    const asl_value *tree;
    size_t next;
} frame;

/* indent == 0: compact */
static void write_break(asl_buf *buf, unsigned indent, size_t level)
{
    if (indent) {
        asl_buf_putc(buf, '\n');
        for (size_t i = 0; i < indent * level; i++) {
            asl_buf_putc(buf, ' ');
        }
    }
}

static void open_tree(asl_buf *buf, asl__stack *stack, const asl_value *container)
{
    asl_buf_putc(buf, container->kind == ASL_KIND_OBJECT ? '{' : '[');
    frame *top = asl__stack_push(stack, sizeof(*top));
    *top = (frame){asl__tree(container), 0};
}

static void close_tree(asl_buf *buf, asl__stack *stack, const frame *top, unsigned indent)
{
    bool object = top->tree->kind == ASL_KIND_OBJECT;
    stack->count--;
    if (top->tree->count) {
        write_break(buf, indent, stack->count);
    }
    asl_buf_putc(buf, object ? '}' : ']');
}

static void write_tree(asl_buf *buf, const asl_value *root, unsigned indent)
{
    asl__stack stack = {0};
    open_tree(buf, &stack, root);
    while (stack.count && !buf->full) {
        frame *top = &((frame *)stack.items)[stack.count - 1];
        const asl_value *tree = top->tree;
        if (top->next == tree->count) {
            close_tree(buf, &stack, top, indent);
            continue;
        }
        if (top->next) {
            asl_buf_putc(buf, ',');
        }
        write_break(buf, indent, stack.count);
        size_t index = top->next++;
        const asl_value *child;
        if (tree->kind == ASL_KIND_OBJECT) {
            child = asl__members(tree)[index].value;
            (void)write_leaf(buf, asl__members(tree)[index].key);
            asl_buf_put(buf, indent ? ASL_STR(": ") : ASL_STR(":"));
        } else {
            child = asl__items(tree)[index];
        }
        bool scalar = child->kind != ASL_KIND_ARRAY && child->kind != ASL_KIND_OBJECT;
        if ((indent && !scalar) || !write_leaf(buf, child)) {
            open_tree(buf, &stack, child);
        }
    }
    asl_free(stack.items);
}

void asl_json_write(asl_buf *buf, const asl_value *value)
{
    if (!write_leaf(buf, value)) {
        write_tree(buf, value, 0);
    }
}

void asl_json_write_pretty(asl_buf *buf, const asl_value *value)
{
    if (value->kind == ASL_KIND_ARRAY || value->kind == ASL_KIND_OBJECT) {
        write_tree(buf, value, 2);
    } else {
        (void)write_leaf(buf, value);
    }
}
