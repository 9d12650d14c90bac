/* diagnostics.c - the list of faults, and where each of them stands. */
#include "machine/parse_int.h"

#include "asl/limits.h"

#include <string.h>

enum {
    MAX_PLACES = ASL_MAX_DEPTH + 1, /* values around a field */
    /* Warnings of one definition; so there's always room left for errors. */
    MAX_WARNINGS = ASL_MAX_DIAGNOSTICS / 2,
    MAX_SHOWN_BYTES = 1024 /* of one name, path or ARN in a diagnostic: longer ones are cut */
};

void asl_diagnostics_clear(asl_diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        asl_free(diagnostics->items[i].message);
        asl_free(diagnostics->items[i].location);
    }
    asl_free(diagnostics->items);
    *diagnostics = (asl_diagnostics){0};
}

bool asl_diagnostics_failed(const asl_diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        if (diagnostics->items[i].severity == ASL_SEVERITY_ERROR) {
            return true;
        }
    }
    return false;
}

void asl_diagnostics_text(const asl_diagnostics *diagnostics, asl_buf *out)
{
    const char *separator = "";

    for (size_t i = 0; i < diagnostics->count; i++) {
        const asl_diagnostic *item = &diagnostics->items[i];
        asl_str message = asl_str_from(item->message);
        asl_str location = asl_str_from(item->location);

        if (item->severity != ASL_SEVERITY_ERROR) {
            continue;
        }
        asl_buf_puts(out, separator);
        asl_buf_puts(out, item->code);
        asl_buf_puts(out, ": ");
        asl_buf_put(out, message);
        /* A fault without a place is "at null" on AWS. A JSON fault's message ends with its place.
         */
        if (location.len == 0) {
            asl_buf_puts(out, " at null");
        } else if (!asl_str_ends(message, location)) {
            asl_buf_puts(out, " at ");
            asl_buf_put(out, location);
        }
        separator = ", ";
    }
}

void asl__diagnostics_add(asl_diagnostics *diagnostics, asl_severity severity, const char *code,
                          char *message_take, char *location_take)
{
    if (diagnostics->count == ASL_MAX_DIAGNOSTICS) {
        asl_free(message_take);
        asl_free(location_take);
        return;
    }
    if (diagnostics->count == diagnostics->cap) {
        diagnostics->cap = diagnostics->cap == 0 ? 4 : diagnostics->cap * 2;
        diagnostics->items = asl_realloc(
            diagnostics->items, asl_mul_size(diagnostics->cap, sizeof(*diagnostics->items)));
    }
    diagnostics->items[diagnostics->count++] = (asl_diagnostic){
        .severity = severity,
        .code = code,
        .message = message_take,
        .location = location_take,
    };
}

asl__place asl__place_member(const asl__place *parent, asl_str name)
{
    return (asl__place){.parent = parent, .name = name};
}

asl__place asl__place_item(const asl__place *parent, size_t index)
{
    return (asl__place){.parent = parent, .is_item = true, .index = index};
}

asl_str asl__shown(asl_str text)
{
    size_t len = text.len;

    if (len <= MAX_SHOWN_BYTES) {
        return text;
    }
    len = MAX_SHOWN_BYTES;
    while (len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80) {
        len--;
    }
    return asl_str_slice(text, 0, len);
}

char *asl__place_text(const asl__place *place)
{
    const asl__place *chain[MAX_PLACES];
    size_t count = 0;
    asl_buf text;

    for (; place != NULL && count < MAX_PLACES; place = place->parent) {
        chain[count++] = place;
    }
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    if (count == 0) {
        asl_buf_putc(&text, '/');
    }
    while (count > 0) {
        const asl__place *next = chain[--count];

        if (next->is_item) {
            asl_buf_printf(&text, "[%zu]", next->index);
        } else {
            asl_str name = asl__shown(next->name);

            asl_buf_putc(&text, '/');
            asl_buf_put(&text, name);
            if (name.len < next->name.len) {
                asl_buf_puts(&text, "...");
            }
        }
    }
    return asl_buf_take(&text, NULL);
}

static char *message_text(const char *format, va_list arguments) ASL_PRINTF(1, 0);

static char *message_text(const char *format, va_list arguments)
{
    asl_buf text;

    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    asl_buf_vprintf(&text, format, arguments);
    return asl_buf_take(&text, NULL);
}

void asl__fault(asl__parser *parser, const asl__place *place, const char *code, const char *format,
                ...)
{
    va_list arguments;

    if (parser->faults->count == ASL_MAX_DIAGNOSTICS) {
        return;
    }
    va_start(arguments, format);
    asl__diagnostics_add(parser->faults, ASL_SEVERITY_ERROR, code, message_text(format, arguments),
                         asl__place_text(place));
    va_end(arguments);
}

void asl__warn(asl__parser *parser, const asl__place *place, const char *code, const char *message)
{
    if (parser->warning_count < MAX_WARNINGS) {
        parser->warning_count++;
        asl__diagnostics_add(parser->faults, ASL_SEVERITY_WARNING, code,
                             asl_strdup(asl_str_from(message)), asl__place_text(place));
    }
}

void asl__report(asl__parser *parser, const asl__place *place, const char *inside,
                 const char *message)
{
    asl_buf location;
    char *outer;

    if (parser->faults->count == ASL_MAX_DIAGNOSTICS) {
        return;
    }
    outer = asl__place_text(place);
    asl_buf_init(&location, ASL_MAX_TEXT_BYTES);
    asl_buf_puts(&location, outer);
    asl_buf_puts(&location, inside);
    asl_free(outer);
    asl__diagnostics_add(parser->faults, ASL_SEVERITY_ERROR, ASL__CODE_SCHEMA,
                         asl_strdup(asl_str_from(message)), asl_buf_take(&location, NULL));
}
