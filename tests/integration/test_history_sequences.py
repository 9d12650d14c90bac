"""Histories, event by event: ids, previousEventIds, types and details in the order that AWS records them.

An expectation is a list of (previousEventId, type, details); JSON texts inside details are compared as values.
"""
import json
import threading
import unittest

import flows
import support
from flows import ANY, CALLBACK, INVOKE, machine

FUNCTIONS = flows.Functions(["echo", "broken", "slow", "submit"])
SERVER = FLOWS = None
ACCOUNT = "arn:aws:lambda:us-east-1:123456789012:function:"
STACK = {"errorMessage": "Some exception was raised.", "errorType": "Exception", "requestId": "3f1c", "stackTrace": []}


def broken(_event):
    raise flows.FunctionError(STACK)


def setUpModule():
    global SERVER, FLOWS
    FUNCTIONS.handlers["broken"] = broken
    SERVER = unittest.enterModuleContext(support.Stepd(args=FUNCTIONS.arguments()))
    unittest.addModuleCleanup(FUNCTIONS.close)
    FLOWS = flows.Flows(SERVER)


def started(text):
    return (0, "ExecutionStarted", {"input": text, "roleArn": flows.ROLE})


def task(resource_type, resource, **more):
    """Details of a Task event."""
    return {"resourceType": resource_type, "resource": resource, **more}


LAMBDA_RESULT = {"ExecutedVersion": "$LATEST", "SdkHttpMetadata": ANY, "SdkResponseMetadata": ANY, "StatusCode": 200}
SQS_RESULT = {"MD5OfMessageBody": ANY, "MessageId": ANY, "SdkHttpMetadata": ANY, "SdkResponseMetadata": ANY}


class Sequences(unittest.TestCase):
    def check(self, definition, text, expected, act=None, status="SUCCEEDED"):
        execution = FLOWS.start(definition, text)
        if act:
            act(execution)
        ended = FLOWS.end(execution)
        events = FLOWS.history(execution)
        flows.assert_history(self, events, expected)
        self.assertEqual(ended["status"], status)
        times = [event["timestamp"] for event in events]
        self.assertEqual(times, sorted(times))
        return execution


class Plain(Sequences):
    def test_pass(self):
        self.check(machine({"P": {"Type": "Pass", "Result": {"Arg1": "argument1"}, "End": True}}), "{}", [
            started({}),
            (0, "PassStateEntered", {"name": "P", "input": {}}),
            (2, "PassStateExited", {"name": "P", "output": {"Arg1": "argument1"}}),
            (3, "ExecutionSucceeded", {"output": {"Arg1": "argument1"}})])

    def test_fail(self):
        cause = "This state machines raises a 'SomeFailure' failure."
        self.check(machine({"F": {"Type": "Fail", "Error": "SomeFailure", "Cause": cause}}), "{}", [
            started({}),
            (0, "FailStateEntered", {"name": "F", "input": {}}),
            (2, "ExecutionFailed", {"error": "SomeFailure", "cause": cause})], status="FAILED")

    def test_fail_without_fields(self):
        self.check(machine({"F": {"Type": "Fail"}}), "{}", [
            started({}), (0, "FailStateEntered", {"name": "F", "input": {}}), (2, "ExecutionFailed", {})], status="FAILED")

    def test_choice_wait_succeed(self):
        states = {"C": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "W"}], "Default": "S"},
                  "W": {"Type": "Wait", "Seconds": 0, "Next": "S"}, "S": {"Type": "Succeed"}}
        value = {"n": 1}
        self.check(machine(states), '{"n":1}', [
            started(value),
            (0, "ChoiceStateEntered", {"name": "C", "input": value}),
            (2, "ChoiceStateExited", {"name": "C", "output": value}),
            (3, "WaitStateEntered", {"name": "W", "input": value}),
            (4, "WaitStateExited", {"name": "W", "output": value}),
            (5, "SucceedStateEntered", {"name": "S", "input": value}),
            (6, "SucceedStateExited", {"name": "S", "output": value}),
            (7, "ExecutionSucceeded", {"output": value})])

    def test_stop(self):
        execution = FLOWS.start(machine({"W": {"Type": "Wait", "Seconds": 600, "End": True}}))
        FLOWS.until(execution, "WaitStateEntered")
        FLOWS.sfn.stop_execution(executionArn=execution)
        flows.assert_history(self, FLOWS.history(execution), [
            started({}), (0, "WaitStateEntered", {"name": "W", "input": {}}), (0, "ExecutionAborted", {})])

    def test_machine_timeout(self):
        self.check(machine({"W": {"Type": "Wait", "Seconds": 600, "End": True}}, TimeoutSeconds=1), "{}", [
            started({}), (0, "WaitStateEntered", {"name": "W", "input": {}}),
            (0, "ExecutionTimedOut", {"error": "States.Timeout"})], status="TIMED_OUT")

    def test_the_input_keeps_its_text(self):
        execution = FLOWS.start(machine({"P": {"Type": "Pass", "End": True}}), '[ [1, 2.0],  {"b":1,"a":2} ]')
        FLOWS.end(execution)
        members = ("executionStartedEventDetails", "stateEnteredEventDetails", "stateExitedEventDetails",
                   "executionSucceededEventDetails")
        for event, member in zip(FLOWS.history(execution), members):
            found = event[member].get("input") or event[member].get("output")
            self.assertEqual(found, '[ [1, 2.0],  {"b":1,"a":2} ]', event)


class Invoke(Sequences):
    ENTER = [started({"n": 1}), (0, "TaskStateEntered", {"name": "T", "input": {"n": 1}})]

    def invoke(self, name, **fields):
        return {"Type": "Task", "Resource": INVOKE, "End": True,
                "Parameters": {"FunctionName": name, "Payload.$": "$"}, **fields}

    def begin(self, name, resource="invoke", **more):
        parameters = {"FunctionName": name, "Payload": {"n": 1}}
        return self.ENTER + [
            (2, "TaskScheduled", task("lambda", resource, region="us-east-1", parameters=parameters, **more)),
            (3, "TaskStarted", task("lambda", resource))]

    def test_success(self):
        result = {**LAMBDA_RESULT, "Payload": {"n": 1}}
        self.check(machine({"T": self.invoke("echo")}), '{"n":1}', self.begin("echo") + [
            (4, "TaskSucceeded", task("lambda", "invoke", output=result)),
            (5, "TaskStateExited", {"name": "T", "output": result}),
            (6, "ExecutionSucceeded", {"output": result})])

    def test_failure(self):
        self.check(machine({"T": self.invoke("broken")}), '{"n":1}', self.begin("broken") + [
            (4, "TaskFailed", task("lambda", "invoke", error="Exception", cause=STACK)),
            (5, "ExecutionFailed", {"error": "Exception", "cause": STACK})], status="FAILED")

    def test_unknown_function(self):
        failed = {"error": "Lambda.ResourceNotFoundException", "cause": ANY}
        self.check(machine({"T": self.invoke("nobody")}), '{"n":1}', self.begin("nobody") + [
            (4, "TaskFailed", task("lambda", "invoke", **failed)), (5, "ExecutionFailed", failed)], status="FAILED")

    def test_timeout(self):
        release = threading.Event()
        FUNCTIONS.handlers["slow"] = lambda event: release.wait(5)
        self.addCleanup(release.set)
        self.check(machine({"T": self.invoke("slow", TimeoutSeconds=1)}), '{"n":1}',
                   self.begin("slow", timeoutInSeconds=1) + [
                       (4, "TaskTimedOut", task("lambda", "invoke", error="States.Timeout")),
                       (5, "ExecutionFailed", {"error": "States.Timeout"})], status="FAILED")

    def test_retried_then_caught(self):
        retry = [{"ErrorEquals": ["Exception"], "IntervalSeconds": 1, "MaxAttempts": 1}]
        catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "P"}]
        states = {"T": self.invoke("broken", Retry=retry, Catch=catch), "P": {"Type": "Pass", "End": True}}
        del states["T"]["End"]
        states["T"]["Next"] = "P"
        scheduled, begun = self.begin("broken")[2:]
        failed = task("lambda", "invoke", error="Exception", cause=STACK)
        output = {"Error": "Exception", "Cause": ANY}
        self.check(machine(states), '{"n":1}', self.begin("broken") + [
            (4, "TaskFailed", failed),
            (5, "TaskScheduled", scheduled[2]), (6, "TaskStarted", begun[2]), (7, "TaskFailed", failed),
            (8, "TaskStateExited", {"name": "T", "output": output}),
            (9, "PassStateEntered", {"name": "P", "input": output}),
            (10, "PassStateExited", {"name": "P", "output": output}),
            (11, "ExecutionSucceeded", {"output": output})])

    def callback(self, **fields):
        parameters = {"FunctionName": "submit", "Payload": {"token.$": "$$.Task.Token"}}
        return {"Type": "Task", "Resource": INVOKE + ".waitForTaskToken", "Parameters": parameters, "End": True, **fields}

    def begin_callback(self, **more):
        parameters = {"FunctionName": "submit", "Payload": {"token": ANY}}
        resource = "invoke.waitForTaskToken"
        return self.ENTER + [
            (2, "TaskScheduled", task("lambda", resource, region="us-east-1", parameters=parameters, **more)),
            (3, "TaskStarted", task("lambda", resource)),
            (4, "TaskSubmitted", task("lambda", resource, output={**LAMBDA_RESULT, "Payload": None}))]

    def answered(self, answer):
        """Lets the execution submit, then hands its token to answer."""
        tokens = []
        FUNCTIONS.handlers["submit"] = lambda event: tokens.append(event["token"])

        def act(execution):
            FLOWS.until(execution, "TaskSubmitted")
            answer(tokens[0])
        return act

    def test_callback_success(self):
        self.check(machine({"T": self.callback()}), '{"n":1}', self.begin_callback() + [
            (5, "TaskSucceeded", task("lambda", "invoke.waitForTaskToken", output={"value": 666000})),
            (6, "TaskStateExited", {"name": "T", "output": {"value": 666000}}),
            (7, "ExecutionSucceeded", {"output": {"value": 666000}})],
            act=self.answered(lambda token: FLOWS.answer(token, '{"value":666000}')))

    def test_callback_failure(self):
        failed = {"error": "Failure error", "cause": "Failure cause"}
        self.check(machine({"T": self.callback()}), '{"n":1}', self.begin_callback() + [
            (5, "TaskFailed", task("lambda", "invoke.waitForTaskToken", **failed)),
            (6, "ExecutionFailed", failed)], status="FAILED",
            act=self.answered(lambda token: FLOWS.fail(token, **failed)))

    def test_callback_timeout(self):
        FUNCTIONS.handlers["submit"] = lambda event: None
        self.check(machine({"T": self.callback(TimeoutSeconds=1)}), '{"n":1}', self.begin_callback(timeoutInSeconds=1) + [
            (5, "TaskTimedOut", task("lambda", "invoke.waitForTaskToken", error="States.Timeout")),
            (6, "ExecutionFailed", {"error": "States.Timeout"})], status="FAILED")


class FunctionArn(Sequences):
    def enter(self, name, **more):
        return [started({"n": 1}), (0, "TaskStateEntered", {"name": "T", "input": {"n": 1}}),
                (2, "LambdaFunctionScheduled", {"resource": ACCOUNT + name, "input": {"n": 1}, **more}),
                (3, "LambdaFunctionStarted", None)]

    def arn_task(self, name, **fields):
        return machine({"T": {"Type": "Task", "Resource": ACCOUNT + name, "End": True, **fields}})

    def test_success(self):
        self.check(self.arn_task("echo"), '{"n":1}', self.enter("echo") + [
            (4, "LambdaFunctionSucceeded", {"output": {"n": 1}}),
            (5, "TaskStateExited", {"name": "T", "output": {"n": 1}}),
            (6, "ExecutionSucceeded", {"output": {"n": 1}})])

    def test_failure(self):
        self.check(self.arn_task("broken"), '{"n":1}', self.enter("broken") + [
            (4, "LambdaFunctionFailed", {"error": "Exception", "cause": STACK}),
            (5, "ExecutionFailed", {"error": "Exception", "cause": STACK})], status="FAILED")

    def test_timeout(self):
        release = threading.Event()
        FUNCTIONS.handlers["slow"] = lambda event: release.wait(5)
        self.addCleanup(release.set)
        self.check(self.arn_task("slow", TimeoutSeconds=1), '{"n":1}', self.enter("slow", timeoutInSeconds=1) + [
            (4, "LambdaFunctionTimedOut", {"error": "States.Timeout"}),
            (5, "ExecutionFailed", {"error": "States.Timeout"})], status="FAILED")


class Sqs(Sequences):
    """sqs:sendMessage.waitForTaskToken."""
    RESOURCE = "sendMessage.waitForTaskToken"

    def case(self, tail, answer=None, status="SUCCEEDED", scheduled=None, **fields):
        queue = FLOWS.queue()
        value = {"QueueUrl": queue, "Message": "test_message_txt"}
        body = {"Message.$": "$.Message", "TaskToken.$": "$$.Task.Token"}
        ask = {"Type": "Task", "Resource": CALLBACK, "End": True,
               "Parameters": {"QueueUrl.$": "$.QueueUrl", "MessageBody": body}, **fields}
        parameters = {"QueueUrl": queue, "MessageBody": {"Message": "test_message_txt", "TaskToken": ANY}}
        begin = [
            started(value),
            (0, "TaskStateEntered", {"name": "T", "input": value}),
            (2, "TaskScheduled", task("sqs", self.RESOURCE, region="us-east-1", parameters=parameters,
                                      **(scheduled or {}))),
            (3, "TaskStarted", task("sqs", self.RESOURCE)),
            (4, "TaskSubmitted", task("sqs", self.RESOURCE, output=SQS_RESULT))]

        def act(execution):
            token = FLOWS.token(queue)
            FLOWS.until(execution, "TaskSubmitted")
            answer(token)
        return self.check(machine({"T": ask}), json.dumps(value), begin + tail, act if answer else None, status)

    SUCCEEDED = [(5, "TaskSucceeded", {"resourceType": "sqs", "resource": RESOURCE, "output": "test_message_txt"}),
                 (6, "TaskStateExited", {"name": "T", "output": "test_message_txt"}),
                 (7, "ExecutionSucceeded", {"output": "test_message_txt"})]
    TIMED_OUT = [(5, "TaskTimedOut", {"resourceType": "sqs", "resource": RESOURCE, "error": "States.Timeout"}),
                 (6, "ExecutionFailed", {"error": "States.Timeout"})]

    def test_success(self):
        self.case(self.SUCCEEDED, lambda token: FLOWS.answer(token, '"test_message_txt"'))

    def test_failure(self):
        failed = {"error": "Failure error", "cause": "Failure cause"}
        self.case([(5, "TaskFailed", task("sqs", self.RESOURCE, **failed)), (6, "ExecutionFailed", failed)],
                  lambda token: FLOWS.fail(token, **failed), status="FAILED")

    def test_failure_without_fields(self):
        self.case([(5, "TaskFailed", task("sqs", self.RESOURCE)), (6, "ExecutionFailed", {})],
                  lambda token: FLOWS.fail(token), status="FAILED")

    def test_timeout(self):
        self.case(self.TIMED_OUT, status="FAILED", scheduled={"timeoutInSeconds": 1}, TimeoutSeconds=1)

    def test_heartbeat_missed(self):
        self.case(self.TIMED_OUT, status="FAILED", scheduled={"timeoutInSeconds": 600, "heartbeatInSeconds": 1},
                  TimeoutSeconds=600, HeartbeatSeconds=1)

    def test_heartbeats_then_success(self):
        def answer(token):
            self.assertIsNone(FLOWS.beat(token))
            self.assertIsNone(FLOWS.beat(token))
            FLOWS.answer(token, '"test_message_txt"')
        self.case(self.SUCCEEDED, answer, scheduled={"timeoutInSeconds": 600, "heartbeatInSeconds": 60},
                  TimeoutSeconds=600, HeartbeatSeconds=60)

    def test_failure_caught(self):
        queue = FLOWS.queue()
        ask = FLOWS.callback(queue, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "P"}])
        output = {"Error": None, "Cause": None}
        self.check(machine({"T": ask, "P": {"Type": "Pass", "End": True}}), "{}", [
            started({}),
            (0, "TaskStateEntered", {"name": "T", "input": {}}),
            (2, "TaskScheduled", task("sqs", self.RESOURCE, region="us-east-1", parameters=ANY)),
            (3, "TaskStarted", task("sqs", self.RESOURCE)),
            (4, "TaskSubmitted", task("sqs", self.RESOURCE, output=SQS_RESULT)),
            (5, "TaskFailed", task("sqs", self.RESOURCE)),
            (6, "TaskStateExited", {"name": "T", "output": output}),
            (7, "PassStateEntered", {"name": "P", "input": output}),
            (8, "PassStateExited", {"name": "P", "output": output}),
            (9, "ExecutionSucceeded", {"output": output})],
            act=lambda execution: FLOWS.fail(FLOWS.token(queue)))

    def test_timeout_retried(self):
        retry = [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 1}]
        queue = FLOWS.queue()
        ask = FLOWS.callback(queue, Retry=retry, TimeoutSeconds=1)
        scheduled = task("sqs", self.RESOURCE, region="us-east-1", parameters=ANY, timeoutInSeconds=1)
        begun = task("sqs", self.RESOURCE)
        submitted = task("sqs", self.RESOURCE, output=SQS_RESULT)
        late = task("sqs", self.RESOURCE, error="States.Timeout")
        self.check(machine({"T": ask}), "{}", [
            started({}), (0, "TaskStateEntered", {"name": "T", "input": {}}),
            (2, "TaskScheduled", scheduled), (3, "TaskStarted", begun), (4, "TaskSubmitted", submitted),
            (5, "TaskTimedOut", late),
            (6, "TaskScheduled", scheduled), (7, "TaskStarted", begun), (8, "TaskSubmitted", submitted),
            (9, "TaskTimedOut", late), (10, "ExecutionFailed", {"error": "States.Timeout"})], status="FAILED")


class Reading(unittest.TestCase):
    """Pages, order and data of GetExecutionHistory."""

    @classmethod
    def setUpClass(cls):
        states = {"P%d" % number: {"Type": "Pass", "Next": "P%d" % (number + 1)} for number in range(10)}
        states["P10"] = {"Type": "Succeed"}
        cls.execution = FLOWS.start(machine(states), '{"x":1}')
        FLOWS.end(cls.execution)
        cls.events = FLOWS.history(cls.execution)

    def test_ids_count_from_one(self):
        self.assertEqual([event["id"] for event in self.events], list(range(1, 25)))

    def test_reversed(self):
        self.assertEqual(FLOWS.history(self.execution, reverseOrder=True), self.events[::-1])

    def test_pages(self):
        for reverse in (False, True):
            for size in (1, 5, 23, 24, 25):
                paging = {"PageSize": size}
                got = FLOWS.history(self.execution, reverseOrder=reverse, PaginationConfig=paging)
                self.assertEqual(got, self.events[::-1] if reverse else self.events)
        first = FLOWS.sfn.get_execution_history(executionArn=self.execution, maxResults=24)
        self.assertNotIn("nextToken", first)

    def test_without_data(self):
        for event, full in zip(FLOWS.history(self.execution, includeExecutionData=False), self.events):
            self.assertEqual((event["id"], event["type"], event["timestamp"]), (full["id"], full["type"], full["timestamp"]))
            self.assertFalse({"input", "output", "inputDetails", "outputDetails"} & set(flows.details(event)), event)


if __name__ == "__main__":
    unittest.main()
