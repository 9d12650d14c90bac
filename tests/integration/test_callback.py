"""The contract of task tokens: who may answer, when, with what, and what everybody else is told."""
import concurrent.futures
import json
import os
import re
import sqlite3
import tempfile
import threading
import time
import unittest

import fake_http
import flows
import support
from flows import FORGED, TIMED_OUT, machine

FUNCTIONS = flows.Functions(["hasty", "echo"])
SERVER = FLOWS = None


def setUpModule():
    global SERVER, FLOWS
    SERVER = unittest.enterModuleContext(support.Stepd(args=FUNCTIONS.arguments()))
    unittest.addModuleCleanup(FUNCTIONS.close)
    FLOWS = flows.Flows(SERVER)


class Success(unittest.TestCase):
    def test_any_json_value_is_an_output(self):
        for text in ('{"paid": true}', '[1, 2]', '"done"', '""', "1", "-0.5", "1.0", "123456789012345678901234567890",
                     "true", "false", "null", '{}', '{"a":{"b":[null]}}', '"\\u00e9\u00e9\U0001f600"', " 7 "):
            with self.subTest(output=text):
                execution, token = FLOWS.waiting()
                self.assertIsNone(FLOWS.answer(token, text))
                ended = FLOWS.end(execution)
                self.assertEqual(ended["status"], "SUCCEEDED")
                self.assertEqual(json.loads(ended["output"]), json.loads(text))

    def test_the_output_keeps_its_text(self):
        execution, token = FLOWS.waiting()
        FLOWS.answer(token, '{"b": 1.0,  "a": 1e2}')
        self.assertEqual(FLOWS.end(execution)["output"], '{"b": 1.0,  "a": 1e2}')

    def test_an_output_of_the_largest_size(self):
        execution, token = FLOWS.waiting()
        output = '"%s"' % ("x" * (262144 - 2))
        self.assertIsNone(FLOWS.answer(token, output))
        self.assertEqual(FLOWS.end(execution)["output"], output)

    def test_the_answer_is_an_empty_object(self):
        _, token = FLOWS.waiting()
        answer = FLOWS.sfn.send_task_success(taskToken=token, output="1")
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], 200)
        self.assertEqual(set(answer), {"ResponseMetadata"})

    def test_result_fields_apply_to_the_output(self):
        queue = FLOWS.queue()
        ask = FLOWS.callback(queue, ResultSelector={"ok.$": "$.answer"}, ResultPath="$.reply", OutputPath="$.reply")
        execution = FLOWS.start(machine({"Ask": ask}), '{"kept":1}')
        FLOWS.answer(FLOWS.token(queue), '{"answer":42,"noise":0}')
        self.assertEqual(json.loads(FLOWS.end(execution)["output"]), {"ok": 42})


class Failure(unittest.TestCase):
    def failed(self, **fields):
        execution, token = FLOWS.waiting()
        self.assertIsNone(FLOWS.fail(token, **fields))
        ended = FLOWS.end(execution)
        self.assertEqual(ended["status"], "FAILED")
        return {name: ended[name] for name in ("error", "cause", "output") if name in ended}

    def test_error_and_cause_are_kept_as_given(self):
        fields = {"error": "Some Error!", "cause": '{"why": "\u00e9"}\n'}
        self.assertEqual(self.failed(**fields), fields)

    def test_any_field_may_be_missing(self):
        self.assertEqual(self.failed(), {})
        self.assertEqual(self.failed(error="E"), {"error": "E"})
        self.assertEqual(self.failed(cause="C"), {"cause": "C"})

    def test_a_catch_sees_null_for_what_is_missing(self):
        queue = FLOWS.queue()
        ask = FLOWS.callback(queue, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}])
        execution = FLOWS.start(machine({"Ask": ask, "Caught": {"Type": "Succeed"}}))
        FLOWS.fail(FLOWS.token(queue))
        self.assertEqual(json.loads(FLOWS.end(execution)["output"]), {"Error": None, "Cause": None})

    def test_a_catch_by_name_sees_error_and_cause(self):
        queue = FLOWS.queue()
        ask = FLOWS.callback(queue, Catch=[{"ErrorEquals": ["Other"], "Next": "Wrong"},
                                           {"ErrorEquals": ["Card Refused"], "ResultPath": "$.why", "Next": "Caught"}])
        execution = FLOWS.start(machine({"Ask": ask, "Wrong": {"Type": "Fail"}, "Caught": {"Type": "Succeed"}}), '{"id":7}')
        FLOWS.fail(FLOWS.token(queue), error="Card Refused", cause="expired")
        self.assertEqual(json.loads(FLOWS.end(execution)["output"]),
                         {"id": 7, "why": {"Error": "Card Refused", "Cause": "expired"}})

    def test_states_taskfailed_matches_any_failure(self):
        queue = FLOWS.queue()
        ask = FLOWS.callback(queue, Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}])
        execution = FLOWS.start(machine({"Ask": ask, "Caught": {"Type": "Succeed"}}))
        FLOWS.fail(FLOWS.token(queue), error="E", cause="C")
        self.assertEqual(FLOWS.end(execution)["status"], "SUCCEEDED")


class Over(unittest.TestCase):
    """A genuine token whose attempt is over: one text, whatever ended it and whoever asks."""

    def assert_over(self, token):
        self.assertEqual(FLOWS.answer(token), TIMED_OUT)
        self.assertEqual(FLOWS.fail(token, error="E"), TIMED_OUT)
        self.assertEqual(FLOWS.beat(token), TIMED_OUT)

    def test_after_a_success(self):
        execution, token = FLOWS.waiting()
        FLOWS.answer(token, '"first"')
        self.assert_over(token)
        self.assertEqual(FLOWS.end(execution)["output"], '"first"')

    def test_after_a_failure(self):
        execution, token = FLOWS.waiting()
        FLOWS.fail(token, error="First")
        self.assert_over(token)
        self.assertEqual(FLOWS.end(execution)["error"], "First")

    def test_after_timeoutseconds(self):
        execution, token = FLOWS.waiting(TimeoutSeconds=1)
        self.assertEqual(FLOWS.end(execution)["error"], "States.Timeout")
        self.assert_over(token)
        self.assertEqual(FLOWS.status(execution), "FAILED")

    def test_after_a_missed_heartbeat(self):
        execution, token = FLOWS.waiting(HeartbeatSeconds=1)
        FLOWS.end(execution)
        self.assert_over(token)

    def test_after_the_machines_timeoutseconds(self):
        queue = FLOWS.queue()
        execution = FLOWS.start(machine({"Ask": FLOWS.callback(queue)}, TimeoutSeconds=1))
        token = FLOWS.token(queue)
        ended = FLOWS.end(execution)
        self.assertEqual(ended["status"], "TIMED_OUT")
        self.assertEqual((ended["stopDate"] - ended["startDate"]).total_seconds(), 1.0)
        self.assertNotIn("error", ended)
        self.assert_over(token)

    def test_after_stopexecution(self):
        execution, token = FLOWS.waiting()
        FLOWS.sfn.stop_execution(executionArn=execution, error="Stopped", cause="by hand")
        ended = FLOWS.end(execution)
        self.assertEqual((ended["status"], ended["error"], ended["cause"]), ("ABORTED", "Stopped", "by hand"))
        self.assert_over(token)
        self.assertEqual(FLOWS.types(execution)[-1], "ExecutionAborted")

    def test_while_the_execution_goes_on(self):
        queue = FLOWS.queue()
        execution = FLOWS.start(machine({"One": FLOWS.callback(queue, Next="Two"), "Two": FLOWS.callback(queue)}))
        first = FLOWS.token(queue)
        FLOWS.answer(first)
        second = FLOWS.token(queue)
        self.assertNotEqual(first, second)
        self.assert_over(first)
        self.assertEqual(FLOWS.status(execution), "RUNNING")
        self.assertIsNone(FLOWS.answer(second, "2"))
        self.assertEqual(FLOWS.end(execution)["output"], "2")

    def test_a_closed_token_is_told_before_a_bad_output(self):
        _, token = FLOWS.waiting()
        FLOWS.answer(token)
        self.assertEqual(FLOWS.answer(token, "{broken"), TIMED_OUT)


class Forged(unittest.TestCase):
    def assert_forged(self, token, flow=None):
        flow = flow or FLOWS
        for output in ("{}", "not json"):
            self.assertEqual(flow.answer(token, output), FORGED)
        self.assertEqual(flow.fail(token), FORGED)
        self.assertEqual(flow.beat(token), FORGED)

    def test_no_token_at_all(self):
        for token in ("x", "no-such-token", "AQCwAAAAKgAAAAMAAAAAAAAAA", "A" * 2048, "\u00e9", "\U0001f600" * 10, "%", " "):
            with self.subTest(token=token[:30]):
                self.assert_forged(token)

    def test_changed_tokens(self):
        execution, token = FLOWS.waiting()
        middle = len(token) // 2
        changed = [token[:-1], token + "A", token[1:], token[:middle] + token[middle + 1:], token.lower(),
                   token.replace("+", " "), token.replace("=", "", 1), token[::-1]]
        for place in range(0, len(token), 37):
            other = "B" if token[place] != "B" else "C"
            changed.append(token[:place] + other + token[place + 1:])
        for forged in changed:
            if forged == token:
                continue
            with self.subTest(forged=forged):
                self.assertEqual(FLOWS.answer(forged), FORGED)
        self.assertEqual(FLOWS.status(execution), "RUNNING")
        self.assertIsNone(FLOWS.answer(token))

    def test_a_token_of_another_stepd(self):
        with support.Stepd(args=[]) as other:
            _, token = flows.Flows(other).waiting()
            self.assert_forged(token)

    def test_another_account_or_region(self):
        execution, token = FLOWS.waiting()
        for options in ({"access_key": "210987654321"}, {"region": "eu-west-1"}):
            with self.subTest(options):
                other = flows.Flows.__new__(flows.Flows)
                other.sfn = SERVER.client("stepfunctions", **options)
                self.assert_forged(token, other)
        self.assertIsNone(FLOWS.answer(token))
        self.assertEqual(FLOWS.end(execution)["status"], "SUCCEEDED")

    def test_an_account_of_its_own_answers_its_tokens(self):
        class Elsewhere:
            @staticmethod
            def client(name):
                return SERVER.client(name, access_key="210987654321", region="eu-west-1")
        other = flows.Flows(Elsewhere)
        execution, token = other.waiting()
        self.assertIn(":eu-west-1:210987654321:execution:", execution)
        self.assertEqual(FLOWS.answer(token), FORGED)
        self.assertIsNone(other.answer(token))
        self.assertEqual(other.end(execution)["status"], "SUCCEEDED")


class BadRequest(unittest.TestCase):
    def test_an_output_that_is_not_json_keeps_the_task_waiting(self):
        execution, token = FLOWS.waiting()
        for output in ("not json", "{", "{'a':1}", "[1,]", "01", "\"open", "1 2", "nul", "NaN", '"\\x"', "[" * 10000):
            with self.subTest(output=output[:20]):
                code, message = FLOWS.answer(token, output)
                self.assertEqual(code, "InvalidOutput")
                self.assertTrue(message.startswith("Invalid Output: '"), message)
        self.assertEqual(FLOWS.status(execution), "RUNNING")
        self.assertEqual(FLOWS.types(execution)[-1], "TaskSubmitted")
        self.assertIsNone(FLOWS.beat(token))
        self.assertIsNone(FLOWS.answer(token, "1"))
        self.assertEqual(FLOWS.end(execution)["status"], "SUCCEEDED")

    def test_lengths(self):
        execution, token = FLOWS.waiting()
        calls = [
            ("output", lambda: FLOWS.answer(token, '"%s"' % ("x" * 262144)), 262144),
            ("error", lambda: FLOWS.fail(token, error="e" * 257), 256),
            ("cause", lambda: FLOWS.fail(token, cause="c" * 32769), 32768),
            ("taskToken", lambda: FLOWS.answer("t" * 2049), 2048),
            ("taskToken", lambda: FLOWS.beat("t" * 2049), 2048),
        ]
        for name, call, limit in calls:
            with self.subTest(name):
                code, message = call()
                self.assertEqual(code, "ValidationException")
                self.assertTrue(message.startswith("1 validation error detected: Value "), message[:200])
                self.assertTrue(message.endswith("at '%s' failed to satisfy constraint: Member must have length less "
                                                 "than or equal to %d" % (name, limit)), message[-200:])
        self.assertEqual(FLOWS.status(execution), "RUNNING")
        self.assertIsNone(FLOWS.fail(token, error="e" * 256, cause="c" * 32768))

    def test_an_output_with_too_many_bytes_fails_the_state(self):
        execution, token = FLOWS.waiting()
        self.assertIsNone(FLOWS.answer(token, '"%s"' % ("\u00e9" * 200000)))  # few characters, many bytes
        ended = FLOWS.end(execution)
        self.assertEqual((ended["status"], ended["error"], ended["cause"]), (
            "FAILED", "States.DataLimitExceeded", "The state/task 'sqs' returned a result with a size exceeding the maximum "
            "number of bytes service limit."))
        self.assertEqual(FLOWS.types(execution)[-2:], ["TaskFailed", "ExecutionFailed"])

    def test_missing_and_empty_fields(self):
        lax = SERVER.client("stepfunctions", parameter_validation=False)
        for call, fields, name in ((lax.send_task_success, {"output": "{}"}, "taskToken"),
                                   (lax.send_task_success, {"taskToken": "t"}, "output"),
                                   (lax.send_task_failure, {}, "taskToken"),
                                   (lax.send_task_heartbeat, {}, "taskToken")):
            with self.subTest(name):
                code, message = flows.refusal(call, **fields)
                self.assertEqual((code, message), ("ValidationException", "1 validation error detected: Value null at "
                                                   "'%s' failed to satisfy constraint: Member must not be null" % name))
        code, message = flows.refusal(lax.send_task_heartbeat, taskToken="")
        self.assertEqual(code, "ValidationException")
        self.assertIn("at 'taskToken' failed to satisfy constraint: Member must have length greater than or equal to 1",
                      message)


class Deadlines(unittest.TestCase):
    LATE, SILENT = {"TimeoutSeconds": 1}, {"HeartbeatSeconds": 1, "TimeoutSeconds": 60}

    def test_which_name_matches_which_deadline(self):
        cases = ((self.LATE, ["States.HeartbeatTimeout"], None),
                 (self.LATE, ["States.HeartbeatTimeout", "States.Timeout"], "States.Timeout"),
                 (self.LATE, ["States.TaskFailed"], None),
                 (self.LATE, ["States.TaskFailed", "States.ALL"], "States.ALL"),
                 (self.SILENT, ["States.HeartbeatTimeout", "States.Timeout"], "States.HeartbeatTimeout"),
                 (self.SILENT, ["States.Timeout", "States.HeartbeatTimeout"], "States.Timeout"))
        started = []
        for fields, names, _ in cases:
            catch = [{"ErrorEquals": [name], "Next": name} for name in names]
            states = {"Ask": FLOWS.callback(FLOWS.queue(), Catch=catch, **fields)}
            states.update((name, {"Type": "Pass", "Result": name, "End": True}) for name in names)
            started.append(FLOWS.start(machine(states)))
        for execution, (fields, names, expected) in zip(started, cases):
            with self.subTest(fields=fields, names=names):
                ended = FLOWS.end(execution)
                if expected:
                    self.assertEqual(json.loads(ended["output"]), expected)
                else:
                    self.assertEqual((ended["status"], ended["error"]), ("FAILED", "States.Timeout"))

    def test_the_error_output_of_a_deadline(self):
        catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
        started = [FLOWS.start(machine({"Ask": FLOWS.callback(FLOWS.queue(), Catch=catch, **fields),
                                        "Caught": {"Type": "Succeed"}})) for fields in (self.LATE, self.SILENT)]
        for execution in started:
            self.assertEqual(json.loads(FLOWS.end(execution)["output"]), {"Error": "States.Timeout", "Cause": ""})

    def test_heartbeats_keep_a_task_alive_and_leave_no_event(self):
        execution, token = FLOWS.waiting(HeartbeatSeconds=1)
        end = time.monotonic() + 2.2
        beats = 0
        while time.monotonic() < end:
            self.assertIsNone(FLOWS.beat(token))
            beats += 1
            time.sleep(0.2)
        self.assertGreater(beats, 5)
        self.assertEqual(FLOWS.types(execution)[-1], "TaskSubmitted")
        self.assertIsNone(FLOWS.answer(token))
        self.assertEqual(FLOWS.end(execution)["status"], "SUCCEEDED")

    def test_heartbeats_do_not_extend_timeoutseconds(self):
        execution, token = FLOWS.waiting(HeartbeatSeconds=1, TimeoutSeconds=2)
        refused = flows.poll(lambda: FLOWS.beat(token), "the end of TimeoutSeconds", pause=0.1)
        self.assertEqual(refused, TIMED_OUT)
        events = {event["type"]: event["timestamp"] for event in FLOWS.history(execution)}
        lasted = (events["TaskTimedOut"] - events["TaskStarted"]).total_seconds()
        self.assertTrue(2.0 <= lasted < 2.5, lasted)

    def test_deadlines_are_exact(self):
        started = [FLOWS.waiting(**fields)[0] for fields in (self.LATE, self.SILENT)]
        for execution in started:
            FLOWS.end(execution)
            events = {event["type"]: event["timestamp"] for event in FLOWS.history(execution)}
            lasted = (events["TaskTimedOut"] - events["TaskStarted"]).total_seconds()
            self.assertTrue(1.0 <= lasted < 1.5, lasted)

    def test_heartbeatseconds_counts_from_the_submission(self):
        tokens = []

        def handler(event):
            time.sleep(1.6)  # longer than the silence that the task bears
            tokens.append(event["token"])
        FUNCTIONS.handlers["hasty"] = handler
        ask = {"Type": "Task", "Resource": flows.INVOKE + ".waitForTaskToken", "HeartbeatSeconds": 1, "End": True,
               "Parameters": {"FunctionName": "hasty", "Payload": {"token.$": "$$.Task.Token"}}}
        execution = FLOWS.start(machine({"Ask": ask}))
        FLOWS.until(execution, "TaskSubmitted")
        self.assertIsNone(FLOWS.answer(tokens[0]))
        self.assertEqual(FLOWS.end(execution)["status"], "SUCCEEDED")

    def test_states_heartbeattimeout_is_retried(self):
        queue = FLOWS.queue()
        retry = [{"ErrorEquals": ["States.HeartbeatTimeout"], "IntervalSeconds": 1, "MaxAttempts": 1}]
        execution = FLOWS.start(machine({"Ask": FLOWS.callback(queue, HeartbeatSeconds=1, Retry=retry)}))
        _, second = FLOWS.tokens(queue, 2)
        self.assertIsNone(FLOWS.answer(second))
        self.assertEqual(FLOWS.end(execution)["status"], "SUCCEEDED")

    def test_a_heartbeat_without_heartbeatseconds_is_accepted(self):
        execution, token = FLOWS.waiting()
        self.assertIsNone(FLOWS.beat(token))
        self.assertIsNone(FLOWS.beat(token))
        self.assertIsNone(FLOWS.answer(token))
        self.assertEqual(FLOWS.end(execution)["status"], "SUCCEEDED")

    def test_deadlines_from_the_input(self):
        started = [FLOWS.start(machine({"Ask": FLOWS.callback(FLOWS.queue(), **{field: "$.limit"})}), '{"limit":1}')
                   for field in ("TimeoutSecondsPath", "HeartbeatSecondsPath")]
        for execution in started:
            self.assertEqual(FLOWS.end(execution)["error"], "States.Timeout")

    def test_a_task_that_hands_out_no_token_times_out(self):
        ask = FLOWS.callback(FLOWS.queue(), TimeoutSeconds=1)
        ask["Parameters"]["MessageBody"] = "no token"
        self.assertEqual(FLOWS.run(machine({"Ask": ask}))["error"], "States.Timeout")


class Retries(unittest.TestCase):
    def test_each_attempt_has_its_own_token(self):
        queue = FLOWS.queue()
        retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}]
        execution = FLOWS.start(machine({"Ask": FLOWS.callback(queue, Retry=retry, TimeoutSeconds=1)}))
        first = FLOWS.token(queue)
        self.assertIsNone(FLOWS.fail(first, error="Again"))
        self.assertEqual(FLOWS.answer(first), TIMED_OUT)  # while it waits for the next attempt
        second = FLOWS.token(queue)
        self.assertEqual(FLOWS.answer(first), TIMED_OUT)
        third = FLOWS.token(queue)  # the second attempt ran into TimeoutSeconds
        self.assertEqual(len({first, second, third}), 3)
        self.assertEqual(FLOWS.answer(second), TIMED_OUT)
        self.assertIsNone(FLOWS.answer(third, '"third"'))
        self.assertEqual(FLOWS.end(execution)["output"], '"third"')
        kinds = FLOWS.types(execution)
        self.assertEqual((kinds.count("TaskScheduled"), kinds.count("TaskFailed"), kinds.count("TaskTimedOut")), (3, 1, 1))

    def test_stopexecution_during_the_back_off(self):
        queue = FLOWS.queue()
        retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 30}]
        execution = FLOWS.start(machine({"Ask": FLOWS.callback(queue, Retry=retry)}))
        token = FLOWS.token(queue)
        FLOWS.fail(token, error="Again")
        FLOWS.until(execution, "TaskFailed")
        FLOWS.sfn.stop_execution(executionArn=execution)
        self.assertEqual(FLOWS.status(execution), "ABORTED")
        self.assertEqual(FLOWS.types(execution)[-2:], ["TaskFailed", "ExecutionAborted"])
        self.assertEqual(FLOWS.answer(token), TIMED_OUT)


class Race(unittest.TestCase):
    def test_one_of_many_answers_wins(self):
        for _ in range(5):
            execution, token = FLOWS.waiting()
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda number, token=token: FLOWS.answer(token, str(number)), range(8)))
            self.assertEqual(sorted(answer or () for answer in answers), [()] + [TIMED_OUT] * 7)
            self.assertEqual(FLOWS.end(execution)["output"], str(answers.index(None)))


class EarlyAnswer(unittest.TestCase):
    """The function answers its token before it returns: the answer is kept and applied after TaskSubmitted."""

    def run_hasty(self, handler, **fields):
        FUNCTIONS.handlers["hasty"] = handler
        ask = {"Type": "Task", "Resource": flows.INVOKE + ".waitForTaskToken", "End": True,
               "Parameters": {"FunctionName": "hasty", "Payload": {"token.$": "$$.Task.Token"}}, **fields}
        execution = FLOWS.start(machine({"Ask": ask}))
        return execution, FLOWS.end(execution)

    def test_success(self):
        answers = []

        def handler(event):
            answers.extend((FLOWS.beat(event["token"]), FLOWS.answer(event["token"], '"early"'),
                            FLOWS.answer(event["token"], '"twice"'), FLOWS.fail(event["token"])))
            return "submitted"
        execution, ended = self.run_hasty(handler)
        self.assertEqual(answers, [None, None, TIMED_OUT, TIMED_OUT])
        self.assertEqual(ended["output"], '"early"')
        self.assertEqual(FLOWS.types(execution), ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted",
                                                  "TaskSubmitted", "TaskSucceeded", "TaskStateExited",
                                                  "ExecutionSucceeded"])
        submitted = json.loads(FLOWS.history(execution)[4]["taskSubmittedEventDetails"]["output"])
        self.assertEqual(submitted["Payload"], "submitted")

    def test_failure(self):
        def handler(event):
            FLOWS.fail(event["token"], error="Early", cause="no")
        execution, ended = self.run_hasty(handler)
        self.assertEqual((ended["status"], ended["error"], ended["cause"]), ("FAILED", "Early", "no"))
        self.assertEqual(FLOWS.types(execution)[4:], ["TaskSubmitted", "TaskFailed", "ExecutionFailed"])

    def test_a_bad_output_first(self):
        answers = []

        def handler(event):
            answers.extend((FLOWS.answer(event["token"], "{"), FLOWS.answer(event["token"], "2")))
        _, ended = self.run_hasty(handler)
        self.assertEqual((answers[0][0], answers[1], ended["output"]), ("InvalidOutput", None, "2"))

    def test_a_submit_call_that_fails_after_an_accepted_answer(self):
        def handler(event):
            FLOWS.answer(event["token"], '"kept"')
            raise flows.FunctionError({"errorType": "Late", "errorMessage": "after the answer"})
        _, ended = self.run_hasty(handler)
        self.assertEqual((ended["status"], ended.get("output")), ("SUCCEEDED", '"kept"'))

    def test_a_submit_call_that_fails(self):
        tokens = []

        def handler(event):
            tokens.append(event["token"])
            raise flows.FunctionError({"errorType": "Refused", "errorMessage": "no"})
        _, ended = self.run_hasty(handler)
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "Refused"))
        self.assertEqual(FLOWS.answer(tokens[0]), TIMED_OUT)

    def test_a_submit_call_that_outlasts_timeoutseconds(self):
        release, answers = threading.Event(), []

        def handler(event):
            release.wait(10)
            answers.append(FLOWS.answer(event["token"]))
        FUNCTIONS.handlers["hasty"] = handler
        self.addCleanup(release.set)
        execution, ended = self.run_hasty(handler, TimeoutSeconds=1)
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "States.Timeout"))
        release.set()
        flows.poll(lambda: answers, "the function's answer")
        self.assertEqual(answers, [TIMED_OUT])
        self.assertNotIn("TaskSubmitted", FLOWS.types(execution))

    def test_stopexecution_during_the_submit_call(self):
        entered, release, answers = threading.Event(), threading.Event(), []

        def handler(event):
            entered.set()
            release.wait(10)
            answers.append(FLOWS.answer(event["token"]))
        FUNCTIONS.handlers["hasty"] = handler
        self.addCleanup(release.set)
        ask = {"Type": "Task", "Resource": flows.INVOKE + ".waitForTaskToken", "End": True,
               "Parameters": {"FunctionName": "hasty", "Payload": {"token.$": "$$.Task.Token"}}}
        execution = FLOWS.start(machine({"Ask": ask}))
        self.assertTrue(entered.wait(10))
        FLOWS.sfn.stop_execution(executionArn=execution)
        release.set()
        flows.poll(lambda: answers, "the function's answer")
        self.assertEqual(answers, [TIMED_OUT])
        self.assertEqual(FLOWS.types(execution)[-1], "ExecutionAborted")


class Restart(unittest.TestCase):
    """With --data a wait outlives the process, however that ended."""

    def setUp(self):
        self.arguments = ["--data", self.enterContext(tempfile.TemporaryDirectory())]

    def killed(self, **fields):
        """An execution that waits with these fields, and its token, on a stepd that was killed."""
        server = support.Stepd(args=self.arguments)
        server.start()
        try:
            return flows.Flows(server).waiting(**fields)
        finally:
            server.kill()

    def test_a_token_is_still_good(self):
        execution, token = self.killed()
        for last in (False, True):
            with support.Stepd(args=self.arguments) as server:
                again = flows.Flows(server)
                self.assertEqual(again.types(execution)[-1], "TaskSubmitted")
                self.assertIsNone(again.beat(token))
                self.assertEqual(again.answer("x" + token), FORGED)
                if last:
                    self.assertIsNone(again.answer(token, '"after two restarts"'))
                    self.assertEqual(again.end(execution)["output"], '"after two restarts"')
                    self.assertEqual([event["id"] for event in again.history(execution)], list(range(1, 9)))
        with support.Stepd(args=self.arguments) as server:
            self.assertEqual(flows.Flows(server).answer(token), TIMED_OUT)

    def test_deadlines_go_on(self):
        for fields in ({"TimeoutSeconds": 2}, {"HeartbeatSeconds": 2}):
            execution, token = self.killed(**fields)
            with support.Stepd(args=self.arguments) as server:
                again = flows.Flows(server)
                self.assertEqual(again.end(execution)["error"], "States.Timeout")
                self.assertEqual(again.answer(token), TIMED_OUT)
                events = {event["type"]: event["timestamp"] for event in again.history(execution)}
                lasted = (events["TaskTimedOut"] - events["TaskStarted"]).total_seconds()
                self.assertTrue(2.0 <= lasted < 4, lasted)


class Commit(unittest.TestCase):
    def test_nobody_learns_a_token_before_it_is_stored(self):
        """A crash before the commit would give its execution's number to another one, and the token with it."""
        with tempfile.TemporaryDirectory() as directory, \
                fake_http.FakeHttp(lambda request: (200, {}, b"null")) as function, \
                support.Stepd(args=["--data", directory, "--function", "Asks=" + function.url]) as server:
            client = server.client()
            definition = machine({"T": {
                "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "End": True,
                "Parameters": {"FunctionName": "Asks", "Payload": {"token.$": "$$.Task.Token"}}}})
            arn = client.create_state_machine(name="asks", definition=definition, roleArn=support.ROLE)["stateMachineArn"]
            database = sqlite3.connect(os.path.join(directory, "stepd.db"), isolation_level=None)
            self.addCleanup(database.close)
            database.execute("BEGIN IMMEDIATE")  # stepd can't write until the test lets it
            with concurrent.futures.ThreadPoolExecutor() as pool:
                started = pool.submit(client.start_execution, stateMachineArn=arn)
                time.sleep(1)
                early = list(function.requests)
                database.execute("ROLLBACK")
                execution = started.result(10)["executionArn"]
            self.assertEqual(early, [])
            self.assertTrue(support.wait_for(lambda: function.requests, 5))
            client.send_task_success(taskToken=function.requests[0].json()["token"], output="{}")
            self.assertTrue(support.wait_for(
                lambda: client.describe_execution(executionArn=execution)["status"] == "SUCCEEDED", 5))


class Shape(unittest.TestCase):
    def test_a_token_shows_encoding_mistakes(self):
        _, token = FLOWS.waiting()
        self.assertTrue(600 <= len(token) <= 1024, len(token))
        self.assertRegex(token, r"^[A-Za-z0-9+/=]+$")
        self.assertIn("+", token)
        self.assertIn("/", token)
        self.assertIn("=", token[:-2].rstrip("="))

    def test_the_history_holds_the_token(self):
        execution, token = FLOWS.waiting()
        scheduled = FLOWS.history(execution)[2]["taskScheduledEventDetails"]
        self.assertEqual(json.loads(scheduled["parameters"])["MessageBody"], {"TaskToken": token})


class Mistakes(unittest.TestCase):
    """What people get wrong: it must fail at once and say why."""

    def test_a_key_that_still_ends_in_dollar(self):
        parameters = {"FunctionName": "echo", "Payload": {"taskToken.$.$": "$$.Task.Token"}}
        ask = {"Type": "Task", "Resource": flows.INVOKE + ".waitForTaskToken", "Parameters": parameters, "End": True}
        execution = FLOWS.start(machine({"RequestValuation": ask}))
        ended = FLOWS.end(execution)
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "States.Runtime"))
        shown = re.fullmatch(
            r"An error occurred while executing the state 'RequestValuation' \(entered at the event id #2\)\. "
            r"The Parameters '(\{.*\})' could not be used to start the Task: \[The value for the field 'taskToken\.\$' "
            r"must be a valid JSONPath or a valid intrinsic function call\]", ended["cause"])
        self.assertTrue(shown, ended["cause"])
        self.assertGreater(len(json.loads(shown.group(1))["Payload"]["taskToken.$"]), 600)
        self.assertEqual(FLOWS.types(execution), ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"])

    def test_a_token_written_as_a_path(self):
        ask = FLOWS.callback(FLOWS.queue())
        ask["Parameters"]["MessageBody"] = {"taskToken.$": "AQCEAAAAKgAAAAMAAAAA"}
        code, message = flows.refusal(FLOWS.create, definition=machine({"Ask": ask}))
        self.assertEqual(code, "InvalidDefinition")
        self.assertIn("The value for the field 'taskToken.$' must be a valid JSONPath or a valid intrinsic function call",
                      message)

    def test_an_unknown_queue(self):
        queue = FLOWS.queue()
        ended = FLOWS.run(machine({"Ask": FLOWS.callback(queue + "-missing")}))
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "SQS.QueueDoesNotExistException"))

    def test_an_unknown_function(self):
        parameters = {"FunctionName": "nobody", "Payload": {"token.$": "$$.Task.Token"}}
        ask = {"Type": "Task", "Resource": flows.INVOKE + ".waitForTaskToken", "Parameters": parameters, "End": True}
        ended = FLOWS.run(machine({"Ask": ask}))
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "Lambda.ResourceNotFoundException"))
        self.assertIn("Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody:$LATEST (Service: "
                      "AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: ", ended["cause"])

    def test_express_machines_have_no_callbacks(self):
        code, _ = flows.refusal(FLOWS.create, definition=machine({"Ask": FLOWS.callback(FLOWS.queue())}), type="EXPRESS")
        self.assertIn(code, ("InvalidDefinition", "StateMachineTypeNotSupported"))


if __name__ == "__main__":
    unittest.main()
