/* iso8601.c - the timestamps that $toMillis reads without a picture. */
#include "jsonata/picture_int.h"

#include <math.h>

enum {
    MONTHS = 12,
    DAYS = 31,
    HOURS = 24,
    TIME_LENGTH = 9, /* "T12:34:56" */
    FRACTION_DIGITS = 3
};

typedef struct reader {
    asl_str text;
    size_t at;
} reader;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Two digits at that place, the first up to `first_max`; -1: there are none. */
static int two_digits(asl_str text, size_t at, char first_max)
{
    if (at + 2 > text.len || !is_digit(text.ptr[at]) || !is_digit(text.ptr[at + 1]) ||
        text.ptr[at] > first_max) {
        return -1;
    }
    return (text.ptr[at] - '0') * 10 + (text.ptr[at + 1] - '0');
}

static bool is_at(const reader *in, size_t ahead, char c)
{
    return in->at + ahead < in->text.len && in->text.ptr[in->at + ahead] == c;
}

/* An optional "-12"; false only where its number is out of range. */
static bool read_date_field(reader *in, char first_max, int most, double *field)
{
    int number = is_at(in, 0, '-') ? two_digits(in->text, in->at + 1, first_max) : -1;
    if (number < 0) {
        return true;
    }
    in->at += 3;
    *field = number;
    return number >= 1 && number <= most;
}

/* An optional "T12:34:56". */
static bool read_time(reader *in, asl__date_fields *date)
{
    int hour = is_at(in, 0, 'T') ? two_digits(in->text, in->at + 1, '2') : -1;
    int minute = is_at(in, 3, ':') ? two_digits(in->text, in->at + 4, '5') : -1;
    int second = is_at(in, 6, ':') ? two_digits(in->text, in->at + 7, '5') : -1;
    if (hour < 0 || minute < 0 || second < 0) {
        return false;
    }
    in->at += TIME_LENGTH;
    date->hour = hour;
    date->minute = minute;
    date->second = second;
    return true;
}

/* An optional ".123456", of which milliseconds count. */
static bool read_fraction(reader *in, asl__date_fields *date)
{
    if (!is_at(in, 0, '.') || in->at + 1 >= in->text.len || !is_digit(in->text.ptr[in->at + 1])) {
        return false;
    }
    in->at++;
    double unit = 100;
    for (size_t i = 0; in->at < in->text.len && is_digit(in->text.ptr[in->at]); i++) {
        date->millisecond += i < FRACTION_DIGITS ? unit * (in->text.ptr[in->at] - '0') : 0;
        unit /= 10;
        in->at++;
    }
    return true;
}

/* An optional "+01:00" or "+0100"; the offset in minutes, NaN where the hour is out of range. */
static bool read_offset(reader *in, double *minutes)
{
    if (!is_at(in, 0, '+') && !is_at(in, 0, '-')) {
        return false;
    }
    size_t colon = is_at(in, 3, ':');
    int hour = two_digits(in->text, in->at + 1, '2');
    int minute = two_digits(in->text, in->at + 3 + colon, '5');
    if (hour < 0 || minute < 0) {
        return false;
    }
    *minutes = hour < HOURS ? hour * 60.0 + minute : NAN;
    *minutes = in->text.ptr[in->at] == '-' ? -*minutes : *minutes;
    in->at += 5 + colon;
    return true;
}

static bool read_year(reader *in, double *year)
{
    int century = two_digits(in->text, 0, '9');
    int rest = two_digits(in->text, 2, '9');
    *year = century * 100.0 + rest;
    in->at = 4;
    return century >= 0 && rest >= 0;
}

/* The shape of the text is the reference's: each piece is optional by itself, and a shape that no
 * date has, or a field out of range, gives NaN. A day 31 of a shorter month runs into the next. */
bool asl__iso8601_parse(asl_str text, double *epoch_ms)
{
    reader in = {text, 0};
    asl__date_fields date = {.month = 1, .day = 1};
    double offset = 0;
    if (!read_year(&in, &date.year)) {
        return false;
    }
    reader after_year = in;
    bool valid = read_date_field(&in, '1', MONTHS, &date.month);
    reader after_month = in;
    bool has_month = in.at != after_year.at;
    valid = read_date_field(&in, '3', DAYS, &date.day) && valid;
    valid = valid && (has_month || in.at == after_year.at);
    bool has_time = read_time(&in, &date);
    bool has_fraction = read_fraction(&in, &date);
    bool has_offset = read_offset(&in, &offset);
    if (!has_offset && is_at(&in, 0, 'Z')) {
        in.at++;
    }
    if (in.at < text.len) {
        /* "2018-0300": not a month, but an offset without a time; or so behind the month. */
        valid = false;
        in = after_year;
        if (!read_offset(&in, &offset) || in.at < text.len) {
            in = after_month;
            if (!read_offset(&in, &offset) || in.at < text.len) {
                return false;
            }
        }
    }
    bool midnight = date.minute == 0 && date.second == 0 && date.millisecond == 0;
    valid = valid && (has_time || (!has_fraction && !has_offset)) &&
            (date.hour < HOURS || (date.hour == HOURS && midnight));
    date.month -= 1;
    *epoch_ms = valid ? asl__date_clip(asl__date_utc_year(&date) - offset * 60000) : NAN;
    return true;
}
