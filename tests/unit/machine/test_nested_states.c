/* Nested States objects as the interpreter reads them: one list, transitions inside. */
#include "machine/machine_int.h"

#include "asl/json.h"
#include "asl/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static asl_machine *parse(const char *text)
{
    asl_diagnostics diagnostics = {0};
    asl_machine *machine = NULL;

    assert_int_equal(asl_machine_parse(asl_str_from(text), false, &diagnostics, &machine), ASL_OK);
    assert_int_equal(diagnostics.count, 0);
    asl_diagnostics_clear(&diagnostics);
    return machine;
}

static uint32_t find(const asl_machine *machine, const char *name)
{
    for (uint32_t i = 0; i < machine->state_count; i++) {
        if (asl_str_equal(asl_value_str(machine->states[i].name), asl_str_from(name))) {
            return i;
        }
    }
    return ASL_NO_STATE;
}

static const asl_state *state(const asl_machine *machine, const char *name)
{
    uint32_t index = find(machine, name);

    assert_int_not_equal(index, ASL_NO_STATE);
    return &machine->states[index];
}

static void test_parallel(void **unused)
{
    asl_machine *machine =
        parse("{\"StartAt\":\"P\",\"States\":{\"Z\":{\"Type\":\"Succeed\"},\"P\":{\"Type\":"
              "\"Parallel\",\"Next\":\"Z\",\"Branches\":["
              "{\"StartAt\":\"B\",\"States\":{\"A\":{\"Type\":\"Pass\",\"End\":true},\"B\":{"
              "\"Type\":\"Pass\",\"Next\":\"A\"}}},"
              "{\"StartAt\":\"C\",\"States\":{\"C\":{\"Type\":\"Fail\"}}}]}}}");
    const asl_state *parallel = state(machine, "P");

    (void)unused;
    assert_int_equal(machine->state_count, 5);
    assert_int_equal(machine->start, find(machine, "P"));
    assert_int_equal(parallel->type, ASL_STATE_PARALLEL);
    assert_int_equal(parallel->next, find(machine, "Z"));
    assert_int_equal(parallel->as.parallel.branch_count, 2);
    assert_int_equal(parallel->as.parallel.starts[0], find(machine, "B"));
    assert_int_equal(parallel->as.parallel.starts[1], find(machine, "C"));
    assert_int_equal(state(machine, "B")->next, find(machine, "A"));
    assert_int_equal(state(machine, "A")->next, ASL_NO_STATE);
    asl_machine_unref(machine);
}

static void test_map(void **unused)
{
    asl_machine *machine =
        parse("{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"ItemsPath\":\"$.i\","
              "\"MaxConcurrencyPath\":\"$v\",\"ItemSelector\":{\"x.$\":\"$.y\"},"
              "\"ItemProcessor\":{\"StartAt\":\"N\",\"States\":{\"N\":{\"Type\":\"Map\","
              "\"Parameters\":{},\"MaxConcurrency\":3,\"Iterator\":{\"StartAt\":\"X\",\"States\":{"
              "\"X\":{\"Type\":\"Pass\",\"End\":true}}},\"End\":true}}},\"End\":true}}}");
    const asl_map_state *outer = &state(machine, "M")->as.map;
    const asl_map_state *inner = &state(machine, "N")->as.map;

    (void)unused;
    assert_int_equal(machine->state_count, 3);
    assert_int_equal(outer->start, find(machine, "N"));
    assert_false(outer->distributed);
    assert_true(asl_str_equal(asl_path_text(outer->items_path), ASL_STR("$.i")));
    assert_true(asl_str_equal(asl_path_variable(outer->max_concurrency_path), ASL_STR("v")));
    assert_non_null(outer->item_selector);
    assert_int_equal(inner->start, find(machine, "X"));
    assert_null(inner->items_path);
    assert_non_null(inner->item_selector);
    assert_null(state(machine, "N")->parameters);
    assert_int_equal(inner->max_concurrency, 3);
    asl_machine_unref(machine);
}

static void test_distributed(void **unused)
{
    asl_machine *machine = parse(
        "{\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"Iterator\":{\"StartAt\":\"X\","
        "\"States\":{\"X\":{\"Type\":\"Pass\",\"End\":true}},\"ProcessorConfig\":{\"Mode\":"
        "\"DISTRIBUTED\",\"ExecutionType\":\"EXPRESS\"}},\"End\":true}}}");

    (void)unused;
    assert_true(state(machine, "M")->as.map.distributed);
    assert_int_equal(state(machine, "M")->as.map.start, find(machine, "X"));
    asl_machine_unref(machine);
}

static void test_assign(void **unused)
{
    asl_machine *machine = parse(
        "{\"StartAt\":\"C\",\"States\":{\"C\":{\"Type\":\"Choice\",\"Assign\":{},\"Choices\":[{"
        "\"Variable\":\"$.x\",\"IsNull\":true,\"Next\":\"T\",\"Assign\":{\"v\":1}}],\"Default\":"
        "\"T\"},\"T\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:us-east-1:123456789012:"
        "activity:a\",\"Assign\":{\"w.$\":\"$\"},\"Catch\":[{\"ErrorEquals\":[\"E\"],\"Next\":"
        "\"C\",\"Assign\":{\"w\":2}}],\"End\":true}}}");
    const asl_state *task = state(machine, "T");

    (void)unused;
    assert_null(state(machine, "C")->assign);
    assert_non_null(state(machine, "C")->as.choice.rules[0].assign);
    assert_non_null(task->assign);
    assert_non_null(task->catchers[0].assign);
    assert_int_equal(task->as.task.family, ASL_TASK_ACTIVITY);
    assert_null(task->as.task.resource_type);
    asl_machine_unref(machine);
}

static void test_job(void **unused)
{
    asl_machine *machine =
        parse("{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:"
              "states:::states:startExecution.sync:2\",\"Parameters\":{\"StateMachineArn\":\"m\"},"
              "\"End\":true}}}");
    const asl_task_state *task = &state(machine, "T")->as.task;

    (void)unused;
    assert_int_equal(task->family, ASL_TASK_SERVICE);
    assert_int_equal(task->pattern, ASL_PATTERN_SYNC2);
    assert_true(asl_str_equal(asl_value_str(task->resource_type), ASL_STR("states")));
    assert_true(asl_str_equal(asl_value_str(task->action), ASL_STR("startExecution.sync:2")));
    asl_machine_unref(machine);
}

/* Warnings are many and errors come last: the definition is refused all the same. */
static void test_warnings_leave_room(void **unused)
{
    asl_diagnostics diagnostics = {0};
    asl_machine *machine = NULL;
    asl_buf text;

    (void)unused;
    asl_buf_init(&text, ASL_MAX_DEFINITION_BYTES);
    asl_buf_puts(&text, "{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Parameters\":{");
    for (unsigned i = 0; i < 2 * ASL_MAX_DIAGNOSTICS; i++) {
        asl_buf_printf(&text, "\"k%u\":\"$.x\",", i);
    }
    asl_buf_puts(&text, "\"k\":0},\"Next\":\"B\"},\"B\":{\"Type\":\"Nop\"}}}");
    assert_int_equal(asl_machine_parse(asl_buf_str(&text), false, &diagnostics, &machine),
                     ASL_E_INVALID);
    assert_true(diagnostics.count > 2);
    assert_true(diagnostics.count < ASL_MAX_DIAGNOSTICS);
    assert_int_equal(diagnostics.items[0].severity, ASL_SEVERITY_WARNING);
    assert_int_equal(diagnostics.items[diagnostics.count - 1].severity, ASL_SEVERITY_ERROR);
    asl_diagnostics_clear(&diagnostics);
    asl_buf_clear(&text);
}

static int no_blocks_left(void **unused)
{
    (void)unused;
    return asl_alloc_live() == 0 ? 0 : 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parallel),    cmocka_unit_test(test_map),
        cmocka_unit_test(test_distributed), cmocka_unit_test(test_assign),
        cmocka_unit_test(test_job),         cmocka_unit_test(test_warnings_leave_room),
    };

    return cmocka_run_group_tests(tests, NULL, no_blocks_left);
}
