/* frame.c - a frame at rest: made, freed, written for the store and read back. */
#include "asl/bytes.h"
#include "asl/json.h"
#include "asl/limits.h"
#include "step_int.h"

enum {
    FRAME_FORMAT = 1
};

void asl_frame_init(asl_frame *frame, const asl_machine *machine, asl_value *input_take)
{
    *frame = (asl_frame){.rest = ASL_REST_READY, .state = machine->start, .input = input_take};
}

void asl_frame_clear(asl_frame *frame)
{
    asl_value_unref(frame->input);
    asl_value_unref(frame->variables);
    asl_value_unref(frame->map_item);
    asl__fanout_free(frame->fanout);
    asl_free(frame->retrier_attempts);
    *frame = (asl_frame){0};
}

const asl_value *asl_frame_state_name(const asl_machine *machine, const asl_frame *frame)
{
    return machine->states[frame->state].name;
}

/* A value that may be absent. */
static void put_optional(asl_buf *out, const asl_value *value)
{
    asl_put_varint(out, value != NULL);
    if (value != NULL) {
        asl_put_text(out, asl_value_text(value));
    }
}

static bool get_optional(asl_str *in, asl_value **out)
{
    uint64_t present;
    asl_str text;
    if (!asl_get_varint(in, &present) || (present != 0 && !asl_get_text(in, &text))) {
        return false;
    }
    if (present != 0) {
        *out = asl_json_trusted(text);
    }
    return true;
}

void asl_frame_write(const asl_frame *frame, asl_buf *out)
{
    asl_put_varint(out, FRAME_FORMAT);
    asl_put_varint(out, frame->rest);
    asl_put_varint(out, frame->state);
    asl_put_signed(out, frame->entered_ms);
    asl_put_varint(out, frame->entered_event_id);
    asl_put_varint(out, frame->last_event_id);
    asl_put_varint(out, frame->retry_count);
    asl_put_varint(out, frame->retrier_count);
    for (uint32_t i = 0; i < frame->retrier_count; i++) {
        asl_put_varint(out, frame->retrier_attempts[i]);
    }
    asl_put_varint(out, frame->scheduled_event_id);
    asl_put_signed(out, frame->wake_ms);
    asl_put_signed(out, frame->timeout_at_ms);
    asl_put_signed(out, frame->heartbeat_at_ms);
    asl_put_signed(out, frame->heartbeat_ms);
    asl_put_varint(out, frame->child_index);
    asl_put_varint(out, frame->map_index);
    put_optional(out, frame->map_item);
    put_optional(out, frame->variables);
}

static bool read_numbers(asl_str *in, asl_frame *frame)
{
    uint64_t rest;
    uint64_t state;
    uint64_t retries;
    uint64_t count;
    if (!asl_get_varint(in, &rest) || rest > ASL_REST_FAILED || !asl_get_varint(in, &state) ||
        !asl_get_signed(in, &frame->entered_ms) || !asl_get_varint(in, &frame->entered_event_id) ||
        !asl_get_varint(in, &frame->last_event_id) || !asl_get_varint(in, &retries) ||
        !asl_get_varint(in, &count) || count > in->len) {
        return false;
    }
    frame->rest = (asl_rest)rest;
    frame->state = (uint32_t)state;
    frame->retry_count = (uint32_t)retries;
    frame->retrier_count = (uint32_t)count;
    if (count > 0) {
        frame->retrier_attempts = asl_alloc(asl_mul_size(count, sizeof(uint32_t)));
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t attempts;
        if (!asl_get_varint(in, &attempts)) {
            return false;
        }
        frame->retrier_attempts[i] = (uint32_t)attempts;
    }
    return asl_get_varint(in, &frame->scheduled_event_id) && asl_get_signed(in, &frame->wake_ms) &&
           asl_get_signed(in, &frame->timeout_at_ms) &&
           asl_get_signed(in, &frame->heartbeat_at_ms) && asl_get_signed(in, &frame->heartbeat_ms);
}

asl_status asl_frame_read(asl_str bytes, asl_value *input_take, const asl_machine *machine,
                          asl_frame *out)
{
    asl_frame frame = {.input = input_take};
    uint64_t format;
    uint64_t child;
    uint64_t index;
    if (!asl_get_varint(&bytes, &format) || format != FRAME_FORMAT ||
        !read_numbers(&bytes, &frame) || !asl_get_varint(&bytes, &child) ||
        !asl_get_varint(&bytes, &index) || !get_optional(&bytes, &frame.map_item) ||
        !get_optional(&bytes, &frame.variables) || frame.state >= machine->state_count ||
        (frame.retrier_count > 0 &&
         frame.retrier_count != machine->states[frame.state].retrier_count)) {
        asl_frame_clear(&frame);
        return ASL_E_INVALID;
    }
    frame.child_index = (uint32_t)child;
    frame.map_index = (uint32_t)index;
    *out = frame;
    return ASL_OK;
}
