/* regex.c - regular expressions: compiled by PCRE2, searched by JavaScript's rules. */
#include "jsonata/regex_int.h"

#include "jsonata/picture_int.h"

#include "asl/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    PATTERN_MAX_BYTES = ASL__REGEX_MAX_BYTES * 16,
    MESSAGE_BYTES = 120,
    STEP_DISTANCE = 16, /* characters passed at once that count as one step more */
    ASTRAL_LEAD = 0xF0, /* first byte of a character above U+FFFF */
    ATTEMPT_LIMIT = 100000000
};

struct asl__regex {
    pcre2_code *code;
    asl_str source;
    char *owned_source;
    size_t groups;
};

typedef struct asl__regex_work {
    pcre2_match_data *data;
    pcre2_match_context *context;
    size_t *steps;
    size_t last; /* where the last step was counted */
} asl__regex_work;

/* ---- compiling ---- */

static void *allocate(PCRE2_SIZE size, void *unused)
{
    (void)unused;
    return asl_alloc(size);
}

static void release(void *memory, void *unused)
{
    (void)unused;
    asl_free(memory);
}

static pcre2_code *compile(asl_str pattern, unsigned flags, asl__text_fail *fail)
{
    uint32_t options = PCRE2_UTF | PCRE2_NO_UTF_CHECK | PCRE2_MATCH_UNSET_BACKREF |
                       PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
    options |= flags & ASL__REGEX_IGNORE_CASE ? PCRE2_CASELESS : 0;
    /* PCRE2 counts a repeated lookahead into the shortest text that can match: "(?=a)+ab". */
    if (asl_str_find(pattern, ASL_STR("(?=")) < pattern.len) {
        options |= PCRE2_NO_START_OPTIMIZE;
    }
    pcre2_general_context *memory = pcre2_general_context_create(allocate, release, NULL);
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    pcre2_set_parens_nest_limit(context, ASL__REGEX_MAX_DEPTH + 8);
    int error = 0;
    PCRE2_SIZE place = 0;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &error, &place, context);
    pcre2_compile_context_free(context);
    pcre2_general_context_free(memory);
    if (!code) {
        (void)asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
    }
    return code;
}

asl__regex *asl__regex_compile(asl_str source, unsigned flags, asl__text_fail *fail)
{
    if (source.len > ASL__REGEX_MAX_BYTES) {
        (void)asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
        return NULL;
    }
    asl_buf pattern;
    asl_buf_init(&pattern, PATTERN_MAX_BYTES);
    pcre2_code *code = NULL;
    if (asl__regex_translate(source, flags, &pattern, fail)) {
        if (pattern.full) {
            (void)asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
        } else {
            code = compile(asl_buf_str(&pattern), flags, fail);
        }
    }
    asl_buf_clear(&pattern);
    if (!code) {
        return NULL;
    }
    uint32_t groups = 0;
    (void)pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
    asl__regex *regex = asl_alloc(sizeof(*regex));
    *regex = (asl__regex){.code = code, .owned_source = asl_strdup(source), .groups = groups};
    regex->source = (asl_str){regex->owned_source, source.len};
    return regex;
}

void asl__regex_free(asl__regex *regex)
{
    if (regex) {
        pcre2_code_free(regex->code);
        asl_free(regex->owned_source);
        asl_free(regex);
    }
}

size_t asl__regex_groups(const asl__regex *regex)
{
    return regex->groups;
}

/* ---- subjects ---- */

static bool has_astral(asl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= ASTRAL_LEAD) {
            return true;
        }
    }
    return false;
}

void asl__regex_subject_init(asl__regex_subject *subject, asl_str text)
{
    *subject = (asl__regex_subject){.units = text};
    if (!has_astral(text)) {
        return;
    }
    asl_arena *arena = asl_arena_new();
    asl__units units = asl__units_from(arena, text);
    asl_buf split;
    asl_buf_init(&split, asl_mul_size(units.len, 3));
    for (size_t i = 0; i < units.len; i++) {
        asl_utf8_put(&split, units.ptr[i]);
    }
    asl_arena_free(arena);
    size_t len;
    subject->owned = asl_buf_take(&split, &len);
    subject->units = (asl_str){subject->owned, len};
}

void asl__regex_subject_clear(asl__regex_subject *subject)
{
    if (subject->work) {
        pcre2_match_data_free(subject->work->data);
        pcre2_match_context_free(subject->work->context);
        asl_free(subject->work);
    }
    asl_free(subject->owned);
    *subject = (asl__regex_subject){0};
}

void asl__regex_match_clear(asl__regex_match *match)
{
    asl_free(match->spans);
    *match = (asl__regex_match){0};
}

/* UTF-16 units before a byte; linear over a series of growing offsets. */
static size_t units_before(asl__regex_subject *subject, size_t byte)
{
    if (byte < subject->seen_bytes) {
        subject->seen_bytes = 0;
        subject->seen_units = 0;
    }
    for (size_t i = subject->seen_bytes; i < byte; i++) {
        subject->seen_units += ((unsigned char)subject->units.ptr[i] & 0xC0U) != 0x80U;
    }
    subject->seen_bytes = byte;
    return subject->seen_units;
}

/* ---- searching ---- */

/* PCRE2's own limit counts each attempt anew, so a text's length would multiply it. The callouts
 * that the translation puts in count all attempts of a subject, and how far each went. */
static int count_step(pcre2_callout_block *block, void *data)
{
    asl__regex_work *work = data;
    size_t at = block->current_position;
    size_t cost = 1;
    if (block->callout_number == ASL__CALLOUT_STEP) {
        cost += (at > work->last ? at - work->last : work->last - at) / STEP_DISTANCE;
    } else if (block->callout_number == ASL__CALLOUT_REFERENCE) {
        cost += (at - block->start_match) / STEP_DISTANCE;
    }
    work->last = at;
    *work->steps += cost;
    return *work->steps > ASL__REGEX_MAX_STEPS ? PCRE2_ERROR_MATCHLIMIT : 0;
}

static void prepare(const asl__regex *regex, asl__regex_subject *subject)
{
    if (subject->work) {
        return;
    }
    asl__regex_work *work = asl_alloc(sizeof(*work));
    pcre2_general_context *memory = pcre2_general_context_create(allocate, release, NULL);
    work->data = pcre2_match_data_create_from_pattern(regex->code, memory);
    work->context = pcre2_match_context_create(memory);
    pcre2_general_context_free(memory);
    pcre2_set_match_limit(work->context, ATTEMPT_LIMIT);
    pcre2_set_heap_limit(work->context, ASL__REGEX_HEAP_KIB);
    pcre2_set_callout(work->context, count_step, work);
    work->steps = &subject->steps;
    subject->work = work;
}

static void read_spans(const asl__regex *regex, asl__regex_subject *subject,
                       asl__regex_match *match)
{
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(subject->work->data);
    if (match->count != regex->groups + 1) {
        asl_free(match->spans);
        match->count = regex->groups + 1;
        match->spans = asl_alloc(asl_mul_size(match->count, sizeof(*match->spans)));
    }
    for (size_t i = 0; i < match->count; i++) {
        bool set = offsets[2 * i] != PCRE2_UNSET;
        match->spans[i] = (asl__regex_span){
            .set = set, .from = set ? offsets[2 * i] : 0, .to = set ? offsets[2 * i + 1] : 0};
    }
    match->spans[0].start = units_before(subject, match->spans[0].from);
    match->spans[0].end = units_before(subject, match->spans[0].to);
}

static asl__regex_result search(const asl__regex *regex, asl__regex_subject *subject, size_t from,
                                asl__regex_match *match, asl__text_fail *fail)
{
    prepare(regex, subject);
    subject->work->steps = &subject->steps;
    subject->work->last = from;
    const char *text = subject->units.len ? subject->units.ptr : "";
    int count = pcre2_match(regex->code, (PCRE2_SPTR)text, subject->units.len, from,
                            PCRE2_NO_UTF_CHECK, subject->work->data, subject->work->context);
    if (count == PCRE2_ERROR_NOMATCH) {
        return ASL__REGEX_NONE;
    }
    if (count < 0) {
        (void)asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
        return ASL__REGEX_FAILED;
    }
    read_spans(regex, subject, match);
    return ASL__REGEX_FOUND;
}

asl__regex_result asl__regex_first(const asl__regex *regex, asl__regex_subject *subject,
                                   asl__regex_match *match, asl__text_fail *fail)
{
    return search(regex, subject, 0, match, fail);
}

asl__regex_result asl__regex_from(const asl__regex *regex, asl__regex_subject *subject, size_t from,
                                  asl__regex_match *match, asl__text_fail *fail)
{
    return search(regex, subject, from, match, fail);
}

asl__regex_result asl__regex_next(const asl__regex *regex, asl__regex_subject *subject,
                                  asl__regex_match *match, asl__text_fail *fail)
{
    size_t from = match->spans[0].to;
    if (from >= subject->units.len) {
        return ASL__REGEX_NONE;
    }
    asl__regex_result result = search(regex, subject, from, match, fail);
    if (result == ASL__REGEX_FOUND && match->spans[0].from == match->spans[0].to) {
        (void)asl__text_fail_set(fail, "D1004", ASL__TEXT_STRING, regex->source);
        return ASL__REGEX_FAILED;
    }
    return result;
}

/* ---- what was found ---- */

void asl__regex_put(asl_buf *out, const asl__regex_subject *subject, size_t from, size_t to)
{
    asl_str text = asl_str_slice(subject->units, from, to);
    if (!subject->owned) {
        asl_buf_put(out, text);
        return;
    }
    for (size_t at = 0; at < text.len && !out->full;) {
        asl__unit_put(out, (uint16_t)asl_utf8_decode(text, &at));
    }
}

/* The number of the digits at the start of text, at most `most` of them; -1: none. */
static int64_t leading_number(asl_str text, size_t most)
{
    int64_t number = -1;
    for (size_t i = 0; i < most && i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
        number = (number < 0 ? 0 : number * 10) + (text.ptr[i] - '0');
    }
    return number;
}

static size_t count_decimal(size_t number)
{
    size_t digits = 1;
    for (; number >= 10; number /= 10) {
        digits++;
    }
    return digits;
}

/* What stands behind a '$', which is neither '$' nor '0': a group's number, of at most as many
 * digits as the highest number has, one less where that is too high. Returns the bytes used. */
static size_t put_group(asl_buf *out, const asl__regex_subject *subject,
                        const asl__regex_match *match, asl_str rest)
{
    size_t groups = match->count - 1;
    size_t most = groups ? count_decimal(groups) : 1;
    int64_t number = leading_number(rest, most);
    if (most > 1 && number > (int64_t)groups) {
        number = leading_number(rest, most - 1);
    }
    if (number < 0) {
        asl_buf_putc(out, '$');
        return 0;
    }
    if (number >= 1 && (size_t)number <= groups && match->spans[number].set) {
        asl__regex_put(out, subject, match->spans[number].from, match->spans[number].to);
    }
    return count_decimal((size_t)number);
}

void asl__regex_put_replacement(asl_buf *out, const asl__regex_subject *subject,
                                const asl__regex_match *match, asl_str replacement)
{
    for (size_t at = 0; at < replacement.len && !out->full;) {
        asl_str rest = asl_str_slice(replacement, at, replacement.len);
        size_t dollar = asl_str_find(rest, ASL_STR("$"));
        asl_buf_put(out, asl_str_slice(rest, 0, dollar));
        at += dollar;
        if (dollar == rest.len) {
            break;
        }
        rest = asl_str_slice(rest, dollar + 1, rest.len);
        at++;
        if (rest.len && rest.ptr[0] == '$') {
            asl_buf_putc(out, '$');
            at++;
        } else if (rest.len && rest.ptr[0] == '0') {
            asl__regex_put(out, subject, match->spans[0].from, match->spans[0].to);
            at++;
        } else {
            at += put_group(out, subject, match, rest);
        }
    }
}
