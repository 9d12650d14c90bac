/* shapes_int.h - what a request may hold: tables of fields, and the check of a body against one.
 * Sources: AWS's API model 2016-11-23; recorded texts of ValidationException. */
#ifndef API_SHAPES_INT_H
#define API_SHAPES_INT_H

#include "asl/value.h"

typedef enum api_type {
    API_STRING,
    API_INTEGER,
    API_BOOLEAN,
    API_STRUCTURE, /* of members */
    API_LIST       /* of members[0], whose name is unused */
} api_type;
enum {
    API_TYPE_COUNT = API_LIST + 1
};

enum {
    API_REQUIRED = 1,
    API_SENSITIVE = 2, /* its value isn't repeated in messages */
    API_BYTES = 4,     /* its length counts bytes, not characters */
    API_NO_MAXIMUM = 8
};

/* A row. min and max are a string's length, a number's value or a list's items. A table ends with a
 * row without name. */
typedef struct api_field api_field;
struct api_field {
    const char *name;
    api_type type;
    unsigned flags;
    int64_t min;
    int64_t max;
    const char *const *values; /* NULL-terminated, in the order of AWS's message; NULL: any */
    const char *pattern;       /* as AWS's message shows it, with: */
    bool (*matches)(asl_str text);
    const api_field *members;
};

/* api__shape_check_types - does every known member have its type? Unknown members and null ones are
 * passed over. reason: AWS's words for the first that doesn't (SerializationException). */
bool api__shape_check_types(const api_field *fields, const asl_value *body, asl_buf *reason);
/* api__shape_check_limits - the constraints of a body whose types are right. reason: "N validation
 * error(s) detected: ...". Returns true when there is none. */
bool api__shape_check_limits(const api_field *fields, const asl_value *body, asl_buf *reason);

/* api__member - a member of the body; NULL when absent or null. */
const asl_value *api__member(const asl_value *body, const char *name);
asl_str api__str(const asl_value *value); /* a string's bytes; empty for NULL too */

/* The request of each operation that is built. */
extern const api_field api__shape_create_state_machine[];
extern const api_field api__shape_update_state_machine[];
extern const api_field api__shape_describe_state_machine[];
extern const api_field api__shape_state_machine_arn[];
extern const api_field api__shape_validate_definition[];
extern const api_field api__shape_list_state_machines[];
extern const api_field api__shape_list_versions[];
extern const api_field api__shape_start_execution[];
extern const api_field api__shape_start_sync_execution[];
extern const api_field api__shape_describe_execution[];
extern const api_field api__shape_stop_execution[];
extern const api_field api__shape_list_executions[];
extern const api_field api__shape_get_execution_history[];
extern const api_field api__shape_send_task_success[];
extern const api_field api__shape_send_task_failure[];
extern const api_field api__shape_send_task_heartbeat[];
extern const api_field api__shape_tag_resource[];
extern const api_field api__shape_untag_resource[];
extern const api_field api__shape_list_tags[];
extern const api_field api__shape_create_activity[];
extern const api_field api__shape_activity[];
extern const api_field api__shape_list_activities[];
extern const api_field api__shape_get_activity_task[];

#endif
