/* option_values_int.h - a row of the table of options (options.c), and what reads its value. */
#ifndef API_OPTION_VALUES_INT_H
#define API_OPTION_VALUES_INT_H

#include "options_int.h"

enum {
    API_MAX_FLAGS = 3,
    API_MAX_VARIABLES = 3
};

typedef struct api_option api_option;
/* false: the value isn't what row->wanted says */
typedef bool api_option_read(api_options *options, const api_option *row, asl_str value);
struct api_option {
    const char *flags[API_MAX_FLAGS];         /* the first is shown first */
    const char *variables[API_MAX_VARIABLES]; /* the first that is set counts */
    const char *metavar;
    const char *otherwise; /* the default, as help shows it; NULL: none */
    const char *help;
    api_option_read *read;
    size_t offset;       /* of the member that read fills */
    const char *wanted;  /* what a value must be, for the message */
    const char *service; /* of an endpoint */
};

api_option_read api__read_text;
api_option_read api__read_account;
api_option_read api__read_region;
api_option_read api__read_port;
api_option_read api__read_scale;
api_option_read api__read_seconds;
api_option_read api__read_sync;
api_option_read api__read_token_format;
api_option_read api__read_log;
api_option_read api__read_machine_type;
api_option_read api__read_format;
api_option_read api__read_name;
api_option_read api__read_pair;
api_option_read api__read_endpoint;
api_option_read api__read_clock;
api_option_read api__read_time_scale;
api_option_read api__read_timestamp;
api_option_read api__read_seed;
api_option_read api__read_mebibytes;

#endif
