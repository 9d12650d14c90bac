/* option_values.c - what options say: text into the members of api_options. Each reader returns
 * false when the value isn't what is wanted. */
#include "option_values_int.h"

#include "asl/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_SECONDS = 31536000,
    MAX_MEBIBYTES = 1024 * 1024
};

/* Of the clock: a second of it takes from a microsecond to eleven days. */
#define SMALLEST_SCALE 1e-6
#define LARGEST_SCALE 1e6

static void *member(api_options *options, const api_option *row)
{
    return (char *)options + row->offset;
}

bool api__read_text(api_options *options, const api_option *row, asl_str value)
{
    *(const char **)member(options, row) = value.ptr; /* arguments end with a NUL */
    return value.len > 0;
}

static bool all_of(asl_str value, bool (*good)(char c))
{
    for (size_t i = 0; i < value.len; i++) {
        if (!good(value.ptr[i])) {
            return false;
        }
    }
    return value.len > 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_region_char(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-';
}

bool api__read_account(api_options *options, const api_option *row, asl_str value)
{
    return value.len == 12 && all_of(value, is_digit) && api__read_text(options, row, value);
}

bool api__read_region(api_options *options, const api_option *row, asl_str value)
{
    return value.len <= 32 && all_of(value, is_region_char) && api__read_text(options, row, value);
}

bool api__read_port(api_options *options, const api_option *row, asl_str value)
{
    int64_t port = 0;
    if (!asl_num_parse_int64(value, &port) || port < 0 || port > 65535) {
        return false;
    }
    *(int64_t *)member(options, row) = port;
    return true;
}

/* "5", "0.25", ".5" as well */
static bool parse_amount(asl_str value, double *out)
{
    char text[64];
    if (value.len == 0 || value.len >= sizeof text - 1) {
        return false;
    }
    (void)snprintf(text, sizeof text, "%s%.*s", value.ptr[0] == '.' ? "0" : "", ASL_STR_FMT(value));
    return asl_num_parse_double(asl_str_from(text), out) && isfinite(*out) && *out >= 0;
}

bool api__read_scale(api_options *options, const api_option *row, asl_str value)
{
    double scale = 0;
    if (!parse_amount(value, &scale)) {
        return false;
    }
    *(double *)member(options, row) = scale;
    return true;
}

bool api__read_seconds(api_options *options, const api_option *row, asl_str value)
{
    double seconds = 0;
    if (!parse_amount(value, &seconds) || seconds > MAX_SECONDS) {
        return false;
    }
    *(int64_t *)member(options, row) = (int64_t)llround(seconds * 1000);
    return true;
}

bool api__read_name(api_options *options, const api_option *row, asl_str value)
{
    api_names *names = member(options, row);
    names->items =
        asl_realloc(names->items, asl_mul_size(names->count + 1, sizeof names->items[0]));
    names->items[names->count++] = value;
    return value.len > 0;
}

static bool is_url(asl_str url)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < ASL_LEN(schemes); i++) {
        if (asl_str_starts(url, asl_str_from(schemes[i])) && url.len > strlen(schemes[i])) {
            return true;
        }
    }
    return false;
}

/* A later pair of the same name replaces the earlier: the command line comes after the environment.
 */
static void put_pair(api_pairs *pairs, api_pair pair)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (asl_str_equal(pairs->items[i].name, pair.name)) {
            pairs->items[i] = pair;
            return;
        }
    }
    pairs->items =
        asl_realloc(pairs->items, asl_mul_size(pairs->count + 1, sizeof pairs->items[0]));
    pairs->items[pairs->count++] = pair;
}

bool api__read_pair(api_options *options, const api_option *row, asl_str value)
{
    size_t equals = asl_str_find(value, ASL_STR("="));
    api_pair pair = {.name = asl_str_slice(value, 0, equals),
                     .url = asl_str_slice(value, equals + 1, value.len)};
    if (pair.name.len == 0 || !is_url(pair.url)) {
        return false;
    }
    put_pair(member(options, row), pair);
    return true;
}

bool api__read_endpoint(api_options *options, const api_option *row, asl_str value)
{
    if (!is_url(value)) {
        return false;
    }
    put_pair(member(options, row), (api_pair){.name = asl_str_from(row->service), .url = value});
    return true;
}

static bool choose(const char *const *names, size_t count, asl_str value, size_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (asl_str_equal(value, asl_str_from(names[i]))) {
            *out = i;
            return true;
        }
    }
    return false;
}

bool api__read_sync(api_options *options, const api_option *row, asl_str value)
{
    static const char *const names[] = {"normal", "full"};
    size_t sync = 0;
    bool found = choose(names, ASL_LEN(names), value, &sync);
    *(bool *)member(options, row) = sync == 1;
    return found;
}

bool api__read_token_format(api_options *options, const api_option *row, asl_str value)
{
    static const char *const names[] = {[ENG_TOKEN_AWS] = "aws", [ENG_TOKEN_UUID] = "uuid"};
    size_t format = 0;
    bool found = choose(names, ASL_LEN(names), value, &format);
    *(eng_token_format *)member(options, row) = (eng_token_format)format;
    return found;
}

bool api__read_log(api_options *options, const api_option *row, asl_str value)
{
    static const char *const names[] = {
        [API_LOG_ERROR] = "error",       [API_LOG_WARN] = "warn",   [API_LOG_INFO] = "info",
        [API_LOG_REQUESTS] = "requests", [API_LOG_DEBUG] = "debug",
    };
    _Static_assert(ASL_LEN(names) == API_LOG_CHOICE_COUNT, "one name per choice");
    size_t level = 0;
    bool found = choose(names, ASL_LEN(names), value, &level);
    *(api_log_choice *)member(options, row) = (api_log_choice)level;
    return found;
}

bool api__read_clock(api_options *options, const api_option *row, asl_str value)
{
    const char *names[ENG_CLOCK_MODE_COUNT];
    size_t mode = 0;
    for (size_t i = 0; i < ENG_CLOCK_MODE_COUNT; i++) {
        names[i] = eng_clock_mode_name((eng_clock_mode)i);
    }
    bool found = choose(names, ENG_CLOCK_MODE_COUNT, value, &mode);
    *(eng_clock_mode *)member(options, row) = (eng_clock_mode)mode;
    return found;
}

bool api__read_time_scale(api_options *options, const api_option *row, asl_str value)
{
    double scale = 0;
    if (!parse_amount(value, &scale) || scale < SMALLEST_SCALE || scale > LARGEST_SCALE) {
        return false;
    }
    *(double *)member(options, row) = scale;
    return true;
}

bool api__read_timestamp(api_options *options, const api_option *row, asl_str value)
{
    options->clock.has_start = true;
    return asl_rfc3339_parse(value, member(options, row));
}

bool api__read_seed(api_options *options, const api_option *row, asl_str value)
{
    int64_t seed = 0;
    if (!asl_num_parse_int64(value, &seed)) {
        return false;
    }
    options->seeded = true;
    *(uint64_t *)member(options, row) = (uint64_t)seed;
    return true;
}

bool api__read_mebibytes(api_options *options, const api_option *row, asl_str value)
{
    int64_t count = 0;
    if (!asl_num_parse_int64(value, &count) || count < 0 || count > MAX_MEBIBYTES) {
        return false;
    }
    *(int64_t *)member(options, row) = count * 1024 * 1024;
    return true;
}

bool api__read_machine_type(api_options *options, const api_option *row, asl_str value)
{
    static const char *const names[] = {"STANDARD", "EXPRESS"};
    size_t type = 0;
    bool found = choose(names, ASL_LEN(names), value, &type);
    *(bool *)member(options, row) = type == 1;
    return found;
}

bool api__read_format(api_options *options, const api_option *row, asl_str value)
{
    static const char *const names[] = {"text", "json"};
    size_t format = 0;
    bool found = choose(names, ASL_LEN(names), value, &format);
    *(bool *)member(options, row) = format == 1;
    return found;
}
