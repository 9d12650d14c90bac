/* request_log.c - --log requests: one line per request and one per reply, in the style of Step
 * Functions Local:
 *
 *   2026-01-01 00:00:00.000: CreateStateMachine => {"name": ...}
 *   2026-01-01 00:00:00.000: [200] CreateStateMachine <= {"stateMachineArn": ...}
 */
#include "request_int.h"

#include <stdio.h>

enum {
    MAX_LOGGED_BYTES = 4096
};

/* "CreateStateMachine" of "AWSStepFunctions.CreateStateMachine"; else the Action, else the path. */
static asl_str subject(const api_request *request)
{
    const eng_call *call = &request->call;
    if (call->target.len > 0) {
        return api__states_target(call->target)
                   ? asl_str_slice(call->target, asl_str_find(call->target, ASL_STR(".")) + 1,
                                   call->target.len)
                   : call->target;
    }
    asl_str action = api__form_value(call->query, "Action");
    if (action.len == 0) {
        action = api__form_value(call->body, "Action");
    }
    return action.len > 0 ? action : call->path;
}

/* The start of a body, on one line. */
static void put_body(asl_buf *line, asl_str body)
{
    asl_str shown = asl_str_slice(body, 0, MAX_LOGGED_BYTES);
    for (size_t i = 0; i < shown.len; i++) {
        bool control = (unsigned char)shown.ptr[i] < ' ' || shown.ptr[i] == 0x7F;
        asl_buf_putc(line, control ? ' ' : shown.ptr[i]);
    }
    if (shown.len < body.len) {
        asl_buf_printf(line, "... (%zu bytes)", body.len);
    }
}

static void print_line(const api_request *request, unsigned status, asl_str body)
{
    char now[24];
    asl_buf line;
    asl_buf_init(&line, 4 * MAX_LOGGED_BYTES);
    api__now_text(now);
    asl_buf_printf(&line, "%s: ", now);
    if (status != 0) {
        asl_buf_printf(&line, "[%u] ", status);
    }
    put_body(&line, subject(request));
    asl_buf_puts(&line, status != 0 ? " <= " : " => ");
    put_body(&line, body);
    asl_buf_putc(&line, '\n');
    (void)fwrite(line.ptr, 1, line.len, stdout);
    asl_buf_clear(&line);
}

void api__log_request(const api_request *request)
{
    if (api__server_config(request->server)->log_requests) {
        print_line(request, 0, request->call.body);
    }
}

void api__log_reply(const api_request *request)
{
    if (api__server_config(request->server)->log_requests) {
        print_line(request, request->call.reply.status,
                   (asl_str){request->call.reply.body, request->call.reply.body_len});
    }
}
