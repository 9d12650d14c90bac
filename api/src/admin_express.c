/* admin_express.c - EXPRESS executions, which AWS's API doesn't list:
 * /_stepd/executions?type=EXPRESS and /_stepd/history. */
#include "admin_int.h"

#include "asl/limits.h"
#include "engine/express.h"
#include "ops_int.h"

#include <inttypes.h>

size_t api__admin_express_list(eng_txn *txn, const eng_execution_filter *filter, size_t limit,
                               eng_execution_info *out, bool *more)
{
    eng_express_filter wanted = {
        .account = filter->account, .status = filter->status, .before_id = filter->before_id};
    return eng_express_list(txn, &wanted, limit, out, more);
}

/* {"events": [as GetExecutionHistory's], "next"?: the first event of the next page} */
void api__admin_history(const api_admin_request *request)
{
    int64_t first = 1;
    int64_t limit = API_ADMIN_MAX_PAGE;
    uint64_t next = 0;
    if (!api__admin_number(request, "from", 1, INT64_MAX, &first) ||
        !api__admin_number(request, "limit", 1, API_ADMIN_MAX_PAGE, &limit)) {
        return;
    }
    asl_value *arn = api__admin_parameter(request, "execution");
    eng_history *history = eng_express_history(request->txn, asl_value_str(arn), (uint64_t)first,
                                               (size_t)limit, &next);
    if (history == NULL) {
        api__admin_refuse(request,
                          "execution '%.*s' is not an EXPRESS execution that is kept; "
                          "GetExecutionHistory reads the STANDARD ones",
                          ASL_STR_FMT(asl_value_str(arn)));
        asl_value_unref(arn);
        return;
    }
    eng_history_item item;
    asl_buf body;
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    asl_buf_puts(&body, "{\"events\":[");
    while (eng_history_next(history, &item)) {
        api__put_comma(&body);
        api__put_event(&body, &item, true);
    }
    asl_buf_putc(&body, ']');
    if (next != 0) {
        asl_buf_printf(&body, ",\"next\":%" PRIu64, next);
    }
    asl_buf_puts(&body, "}\n");
    api__admin_reply_text(request, 200, &body);
    eng_history_free(history);
    asl_value_unref(arn);
}
