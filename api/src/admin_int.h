/* admin_int.h - stepd's own paths below /_stepd/: the clock, waiting, tasks, executions, reset.
 *
 * They are a service like any other (engine/service.h): each request is answered on the engine
 * thread, at once or, for those that wait, in a later pass. Answers are pretty JSON; times are RFC
 * 3339 of the engine's clock; a refusal is {"__type", "message"}.
 */
#ifndef API_ADMIN_INT_H
#define API_ADMIN_INT_H

#include "engine/admin.h"

enum {
    API_ADMIN_PAGE = 100,
    API_ADMIN_MAX_PAGE = 1000
};

typedef struct api_admin api_admin;
/* api__admin_new - its service isn't registered with the engine: services.c asks for it first. */
api_admin *api__admin_new(eng_engine *engine);
void api__admin_free(api_admin *admin); /* after eng_stop; NULL is allowed */
/* api__admin_service - the service when path is one of its, else NULL. Thread: any. */
const eng_service *api__admin_service(const api_admin *admin, asl_str path);

/* What was asked. */
typedef struct api_admin_request {
    api_admin *admin;
    eng_call *call;
    eng_txn *txn;
} api_admin_request;

/* api__admin_parameter - a parameter of the query, decoded; owned string, NULL when absent or
 * empty. */
asl_value *api__admin_parameter(const api_admin_request *request, const char *name);
/* api__admin_number - a whole number from min to max; the fallback when absent. False: refused. */
bool api__admin_number(const api_admin_request *request, const char *name, int64_t min, int64_t max,
                       int64_t *number);
/* api__admin_scope - account and region of an ARN; false: refused, it isn't an execution's. */
bool api__admin_scope(const api_admin_request *request, const asl_value *arn, eng_scope *out);

/* api__admin_reply_text - the answer is the JSON in text, which is taken. */
void api__admin_reply_text(const api_admin_request *request, unsigned status, asl_buf *text);
void api__admin_reply(const api_admin_request *request, unsigned status, asl_value *body_take);
/* {"__type": "ValidationException", "message": formatted}, status 400 */
void api__admin_refuse(const api_admin_request *request, const char *format, ...) ASL_PRINTF(2, 3);
void api__admin_error(const api_admin_request *request, eng_error *error_take);

/* Members of answers; nothing when there is no value, or the time is 0. */
void api__admin_put(asl_obj_builder *object, const char *name, const asl_value *value);
void api__admin_put_time(asl_obj_builder *object, const char *name, int64_t epoch_ms);
/* api__admin_tasks_array - the waiting tasks of a page as an array; filter is moved on. */
asl_value *api__admin_tasks_array(eng_txn *txn, eng_task_filter *filter, size_t limit, bool *more);
/* The head of an execution: ARN, machine, name, status, dates. */
void api__admin_put_execution(asl_obj_builder *object, const eng_execution_info *info);

/* ---- admin_express.c ---- */
size_t api__admin_express_list(eng_txn *txn, const eng_execution_filter *filter, size_t limit,
                               eng_execution_info *out, bool *more); /* as eng_executions_all */
void api__admin_history(const api_admin_request *request);

/* ---- admin_later.c: requests that wait ---- */
struct api_admin {
    eng_service service;
    eng_engine *engine;
    struct admin_later *later; /* what waits */
};
void api__admin_wait(const api_admin_request *request);
void api__admin_clock_move(const api_admin_request *request);
void api__admin_clock(const api_admin_request *request);
void api__admin_later_free(api_admin *admin);

#endif
