/* rfc3339.c - timestamps and their text. Days are counted in eras of 400 years that begin in March,
 * so that a leap day is the last of its year. */
#include "asl/text.h"

#include <stdio.h>

enum {
    DAYS_PER_ERA = 146097,
    DAYS_TO_1970 = 719468, /* from 0000-03-01 */
    MS_PER_SECOND = 1000,
    SECONDS_PER_DAY = 86400,
    MAX_OFFSET_MINUTES = 18 * 60, /* java.time.ZoneOffset's bound */
    MAX_FRACTION_DIGITS = 9
};

static const int64_t min_epoch_ms = INT64_C(-62167219200000); /* 0000-01-01T00:00:00.000Z */
static const int64_t max_epoch_ms = INT64_C(253402300799999); /* 9999-12-31T23:59:59.999Z */

static int64_t days_from_date(int year, int month, int day)
{
    int from_march = month > 2 ? year : year - 1;
    int era = (from_march >= 0 ? from_march : from_march - 399) / 400;
    int year_of_era = from_march - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int64_t)era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

/* `count` digits at *at, within [low, high]. */
static bool read_field(asl_str text, size_t *at, size_t count, int low, int high, int *out)
{
    if (text.len - *at < count) {
        return false;
    }
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        char c = text.ptr[*at + i];
        if (c < '0' || c > '9') {
            return false;
        }
        number = number * 10 + (c - '0');
    }
    *at += count;
    *out = number;
    return number >= low && number <= high;
}

static bool read_char(asl_str text, size_t *at, char c)
{
    if (*at >= text.len || text.ptr[*at] != c) {
        return false;
    }
    (*at)++;
    return true;
}

/* "" or ".digits" */
static bool read_fraction(asl_str text, size_t *at, int *ms)
{
    *ms = 0;
    if (!read_char(text, at, '.')) {
        return true;
    }
    int weight = MS_PER_SECOND / 10;
    size_t count = 0;
    int digit;
    while (count <= MAX_FRACTION_DIGITS && read_field(text, at, 1, 0, 9, &digit)) {
        *ms += digit * weight;
        weight /= 10;
        count++;
    }
    return count >= 1 && count <= MAX_FRACTION_DIGITS;
}

/* "Z" or "+hh:mm" */
static bool read_offset(asl_str text, size_t *at, int *minutes)
{
    *minutes = 0;
    if (read_char(text, at, 'Z')) {
        return true;
    }
    bool west = read_char(text, at, '-');
    int hour;
    int minute;
    if (!(west || read_char(text, at, '+')) || !read_field(text, at, 2, 0, 23, &hour) ||
        !read_char(text, at, ':') || !read_field(text, at, 2, 0, 59, &minute)) {
        return false;
    }
    *minutes = (west ? -1 : 1) * (hour * 60 + minute);
    return hour * 60 + minute <= MAX_OFFSET_MINUTES;
}

bool asl_rfc3339_parse(asl_str text, int64_t *epoch_ms)
{
    size_t at = 0;
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int ms;
    int offset;
    bool ok = read_field(text, &at, 4, 0, 9999, &year) && read_char(text, &at, '-') &&
              read_field(text, &at, 2, 1, 12, &month) && read_char(text, &at, '-') &&
              read_field(text, &at, 2, 1, days_in_month(year, month), &day) &&
              read_char(text, &at, 'T') && read_field(text, &at, 2, 0, 23, &hour) &&
              read_char(text, &at, ':') && read_field(text, &at, 2, 0, 59, &minute) &&
              read_char(text, &at, ':') && read_field(text, &at, 2, 0, 59, &second) &&
              read_fraction(text, &at, &ms) && read_offset(text, &at, &offset) && at == text.len;
    if (!ok) {
        return false;
    }
    int64_t seconds = days_from_date(year, month, day) * SECONDS_PER_DAY +
                      ((hour * 60 + minute - offset) * 60 + second);
    *epoch_ms = seconds * MS_PER_SECOND + ms;
    return true;
}

size_t asl_rfc3339_format(int64_t epoch_ms, char out[ASL_RFC3339_BYTES])
{
    if (epoch_ms < min_epoch_ms) {
        epoch_ms = min_epoch_ms;
    }
    if (epoch_ms > max_epoch_ms) {
        epoch_ms = max_epoch_ms;
    }
    const int64_t ms_per_day = (int64_t)SECONDS_PER_DAY * MS_PER_SECOND;
    int64_t from_start = epoch_ms - min_epoch_ms; /* no negative number from here on */
    int ms_of_day = (int)(from_start % ms_per_day);
    /* min_epoch_ms is 60 days before 0000-03-01: one era more keeps the count positive. */
    int day = (int)(from_start / ms_per_day) - 60 + DAYS_PER_ERA;
    int era = day / DAYS_PER_ERA;
    int day_of_era = day % DAYS_PER_ERA;
    int year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / (DAYS_PER_ERA - 1)) /
        365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    int year = year_of_era + (era - 1) * 400 + (month <= 2);
    int second = ms_of_day / MS_PER_SECOND;
    /* The remainders tell the compiler that every field has its width. */
    int length = snprintf(out, ASL_RFC3339_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
                          (unsigned)year % 10000U, (unsigned)month % 100U,
                          (unsigned)(day_of_year - (153 * month_from_march + 2) / 5 + 1) % 100U,
                          (unsigned)second / 3600U % 24U, (unsigned)second / 60U % 60U,
                          (unsigned)second % 60U, (unsigned)(ms_of_day % MS_PER_SECOND));
    return (size_t)length;
}
