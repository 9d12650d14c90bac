/* calendar.c - JavaScript's calendar: dates from milliseconds and back, weeks of years and months.
 */
#include "jsonata/picture_int.h"

#include <math.h>

static const double ms_per_day = 86400000;
static const double ms_per_hour = 3600000;
static const double ms_per_minute = 60000;
static const double ms_per_second = 1000;
static const double calendar_end = 8.64e15;

enum {
    DAYS_PER_WEEK = 7,
    MONTHS = 12,
    DAYS_400_YEARS = 146097,
    DAYS_TO_1970 = 719468, /* from 1 March of the year 0 */
    EPOCH_WEEKDAY = 4      /* Thursday */
};

double asl__date_clip(double epoch_ms)
{
    return fabs(epoch_ms) <= calendar_end ? trunc(epoch_ms) + 0.0 : NAN;
}

/* Days from 1970 to the first day of a month, by the proleptic Gregorian calendar: years begin in
 * March here, so that a leap day is the last one. */
static double days_before_month(int64_t year, int64_t month)
{
    int64_t shifted = (month + 10) % MONTHS; /* March: 0 */
    year -= month < 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * shifted + 2) / 5;
    int64_t day = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (double)(era * DAYS_400_YEARS + day - DAYS_TO_1970);
}

double asl__date_utc_year(const asl__date_fields *fields)
{
    double year = trunc(fields->year);
    double month = trunc(fields->month);
    double whole = year + floor(month / MONTHS);
    /* Far more than the calendar has, and still exact in what follows. */
    if (!(fabs(whole) < 400000)) {
        return NAN;
    }
    double days = days_before_month((int64_t)whole, (int64_t)(month - floor(month / MONTHS) * 12)) +
                  trunc(fields->day) - 1;
    double time = trunc(fields->hour) * ms_per_hour + trunc(fields->minute) * ms_per_minute +
                  trunc(fields->second) * ms_per_second + trunc(fields->millisecond);
    return asl__date_clip(days * ms_per_day + time);
}

double asl__date_utc(const asl__date_fields *fields)
{
    asl__date_fields mapped = *fields;
    double year = trunc(fields->year);
    if (year >= 0 && year <= 99) {
        mapped.year = 1900 + year;
    }
    return asl__date_utc_year(&mapped);
}

asl__date_fields asl__date_split(double epoch_ms)
{
    if (isnan(epoch_ms)) {
        return (asl__date_fields){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    }
    double days = floor(epoch_ms / ms_per_day);
    int64_t rest = (int64_t)(epoch_ms - days * ms_per_day);
    int64_t from_march = (int64_t)days + DAYS_TO_1970;
    int64_t era = (from_march >= 0 ? from_march : from_march - DAYS_400_YEARS + 1) / DAYS_400_YEARS;
    int64_t of_era = from_march - era * DAYS_400_YEARS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    int64_t month = shifted < 10 ? shifted + 2 : shifted - 10;
    int64_t day = of_year - (153 * shifted + 2) / 5 + 1;
    int64_t hour = rest / 3600000;
    return (asl__date_fields){.year = (double)(year + era * 400 + (month < 2)),
                              .month = (double)month,
                              .day = (double)day,
                              .hour = (double)hour,
                              .minute = (double)(rest / 60000 % 60),
                              .second = (double)(rest / 1000 % 60),
                              .millisecond = (double)(rest % 1000)};
}

/* 1 to 7, Monday to Sunday. */
static double weekday(double epoch_ms)
{
    double day = fmod(floor(epoch_ms / ms_per_day) + EPOCH_WEEKDAY, DAYS_PER_WEEK);
    return day <= 0 ? day + DAYS_PER_WEEK : day;
}

/* The Monday that begins the first week of a year or month: the week that has its first Thursday
 * (ISO 8601; XPath F&O 9.8.4.4 takes the same rule for months). Month may be -1 or 12. */
static double first_week(double year, double month)
{
    if (month < 0) {
        year -= 1;
        month = MONTHS - 1;
    } else if (month >= MONTHS) {
        year += 1;
        month = 0;
    }
    double first = asl__date_utc(&(asl__date_fields){.year = year, .month = month, .day = 1});
    double day = weekday(first);
    return first + (day > 4 ? DAYS_PER_WEEK + 1 - day : 1 - day) * ms_per_day;
}

static double weeks_between(double start, double end)
{
    return (end - start) / (ms_per_day * DAYS_PER_WEEK) + 1;
}

/* The week of the year (monthly false) or month that a day is in. */
static double week_number(const asl__date_fields *date, bool monthly)
{
    double month = monthly ? date->month : 0;
    double years = monthly ? 0 : 1;
    double months = monthly ? 1 : 0;
    double today = asl__date_utc(
        &(asl__date_fields){.year = date->year, .month = date->month, .day = date->day});
    double week = weeks_between(first_week(date->year, month), today);
    if (week > (monthly ? 4 : 52)) {
        if (today >= first_week(date->year + years, month + months)) {
            week = 1;
        }
    } else if (week < 1) {
        week = weeks_between(first_week(date->year - years, month - months), today);
    }
    return floor(week);
}

/* -1, 0 or 1: the weeks' year or month begins before or after the calendar's. */
static double week_shift(double epoch_ms, const asl__date_fields *date, bool monthly)
{
    double month = monthly ? date->month : 0;
    if (epoch_ms < first_week(date->year, month)) {
        return -1;
    }
    double next = monthly ? first_week(date->year, month + 1) : first_week(date->year + 1, 0);
    return epoch_ms >= next ? 1 : 0;
}

static double day_of_year(const asl__date_fields *date)
{
    double today = asl__date_utc(
        &(asl__date_fields){.year = date->year, .month = date->month, .day = date->day});
    double first = asl__date_utc(&(asl__date_fields){.year = date->year, .day = 1});
    return (today - first) / ms_per_day + 1;
}

double asl__date_component(double epoch_ms, char component)
{
    asl__date_fields date = asl__date_split(epoch_ms);
    switch (component) {
    case 'Y':
        return date.year;
    case 'M':
        return date.month + 1;
    case 'D':
        return date.day;
    case 'd':
        return day_of_year(&date);
    case 'F':
        return weekday(epoch_ms);
    case 'W':
        return week_number(&date, false);
    case 'w':
        return week_number(&date, true);
    case 'X':
        return date.year + week_shift(epoch_ms, &date, false);
    case 'x':
        return fmod(date.month + week_shift(epoch_ms, &date, true) + MONTHS, MONTHS) + 1;
    case 'H':
        return date.hour;
    case 'h':
        return fmod(date.hour + 11, 12) + 1;
    case 'P':
        return date.hour >= 12 ? 1 : 0;
    case 'm':
        return date.minute;
    case 's':
        return date.second;
    default:
        return date.millisecond;
    }
}
