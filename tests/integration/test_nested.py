"""Executions that tasks start: states:startExecution with its patterns, and aws-sdk:sfn."""
import json
import tempfile
import unittest

import flows
import support
from flows import ANY, machine

SERVER = FLOWS = None
START = "arn:aws:states:::states:startExecution"
SDK = "arn:aws:states:::aws-sdk:sfn:"
ARN = "arn:aws:states:us-east-1:123456789012:"
NOT_REDRIVABLE = "Execution is SUCCEEDED and cannot be redriven"


def setUpModule():
    global SERVER, FLOWS
    SERVER = unittest.enterModuleContext(support.Stepd())
    FLOWS = flows.Flows(SERVER)


def one(kind, **fields):
    end = {} if kind in ("Succeed", "Fail") else {"End": True}
    return machine({"S": {"Type": kind, **end, **fields}})


def task(resource, **parameters):
    return one("Task", Resource=resource, Parameters=parameters)


def execution_arn(machine_arn, name):
    return machine_arn.replace(":stateMachine:", ":execution:") + ":" + name


class Start(unittest.TestCase):
    def test_request_response(self):
        child = FLOWS.create(one("Pass"))
        parent = FLOWS.start(task(START, StateMachineArn=child, Name="c", Input={"a": 1}, TraceHeader="Root=1"))
        output = json.loads(FLOWS.end(parent)["output"])
        self.assertEqual(list(output), ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"])
        self.assertEqual(output["ExecutionArn"], execution_arn(child, "c"))
        self.assertIsInstance(output["StartDate"], float)
        self.assertEqual(output["SdkHttpMetadata"]["HttpStatusCode"], 200)
        ended = FLOWS.end(output["ExecutionArn"])
        self.assertEqual((ended["input"], ended["traceHeader"]), ('{"a":1}', "Root=1"))

    def test_inputs(self):
        child = FLOWS.create(one("Pass"))
        for given, text in (({}, "{}"), ({"Input": None}, "{}"), ({"Input": {"a": [1]}}, '{"a":[1]}'),
                            ({"Input": '{"a": 1}'}, '{"a": 1}'), ({"Input": [1]}, "[1]"), ({"Input": 7}, "7")):
            with self.subTest(given=given):
                output = FLOWS.output(task(START, StateMachineArn=child, **given))
                self.assertEqual(FLOWS.end(output["ExecutionArn"])["input"], text)

    def test_failures(self):
        child = FLOWS.create(one("Pass"))
        FLOWS.end(FLOWS.sfn.start_execution(stateMachineArn=child, name="taken")["executionArn"])
        for parameters, error, code, message in (
                ({"StateMachineArn": ARN + "stateMachine:none"}, "StateMachineDoesNotExistException",
                 "StateMachineDoesNotExist", "State Machine Does Not Exist: '%sstateMachine:none'" % ARN),
                ({"StateMachineArn": child, "Name": "taken"}, "ExecutionAlreadyExistsException",
                 "ExecutionAlreadyExists", "Execution Already Exists: '%s'" % execution_arn(child, "taken")),
                ({"StateMachineArn": child, "Name": "a b"}, "InvalidNameException", "InvalidName", "Invalid Name: 'a b'"),
                ({"StateMachineArn": child, "Input": "no"}, "InvalidExecutionInputException", "InvalidExecutionInput", None),
                ({"StateMachineArn": "x"}, "InvalidArnException", "InvalidArn",
                 "Invalid Arn: 'Invalid ARN prefix: x'"),
                ({"StateMachineArn": None}, "ValidationException", "ValidationException",
                 "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: "
                 "Member must not be null")):
            with self.subTest(error=error):
                ended = FLOWS.run(task(START, **parameters))
                self.assertEqual(ended["error"], "StepFunctions." + error)
                tail = r" \(Service: AWSStepFunctions; Status Code: 400; Error Code: %s; Request ID: \S{36}; Proxy: null\)"
                self.assertRegex(ended["cause"], tail % code)
                if message is not None:
                    self.assertTrue(ended["cause"].startswith(message + " (Service"), ended["cause"])

    def test_with_a_token(self):
        child = FLOWS.create(one("Task", Resource=SDK + "sendTaskSuccess",
                                 Parameters={"TaskToken.$": "$.token", "Output": {"answer": 42}}))
        parent = FLOWS.start(task(START + ".waitForTaskToken", StateMachineArn=child, Input={"token.$": "$$.Task.Token"}))
        self.assertEqual(json.loads(FLOWS.end(parent)["output"]), {"answer": 42})
        self.assertEqual(FLOWS.types(parent)[4:6], ["TaskSubmitted", "TaskSucceeded"])

    def test_an_express_child(self):
        queue = FLOWS.queue()
        message = {"QueueUrl": queue, "MessageBody": "done"}
        child = FLOWS.create(one("Task", Resource="arn:aws:states:::sqs:sendMessage", Parameters=message), type="EXPRESS")
        output = FLOWS.output(task(START, StateMachineArn=child, Name="c"))
        self.assertIn(":express:", output["ExecutionArn"])
        flows.poll(lambda: FLOWS.sqs.receive_message(QueueUrl=queue).get("Messages"), "the child's message")
        ended = FLOWS.run(task(START + ".sync", StateMachineArn=child))
        self.assertEqual(ended["error"], "StepFunctions.InvalidArnException")
        self.assertTrue(ended["cause"].startswith("Invalid Arn: 'Resource type not valid in this context: express'"))


class Sync(unittest.TestCase):
    def test_its_history(self):
        for resource, given, result in ((".sync", '{"a":1}', '{"r":[1]}'), (".sync:2", {"a": 1}, {"r": [1]})):
            with self.subTest(resource):
                child = FLOWS.create(one("Pass", Result={"r": [1]}))
                parameters = {"StateMachineArn": child, "Input": {"a": 1}, "Name": "c"}
                parent = FLOWS.start(task(START + resource, **parameters))
                ended = FLOWS.end(parent)
                output = {"ExecutionArn": execution_arn(child, "c"), "Input": given, "InputDetails": {"Included": True},
                          "Name": "c", "Output": result, "OutputDetails": {"Included": True}, "RedriveCount": 0,
                          "RedriveStatus": "NOT_REDRIVABLE", "RedriveStatusReason": NOT_REDRIVABLE, "StartDate": ANY,
                          "StateMachineArn": child, "Status": "SUCCEEDED", "StopDate": ANY}
                names = {"resource": "startExecution" + resource, "resourceType": "states"}
                flows.assert_history(self, FLOWS.history(parent), [
                    (0, "ExecutionStarted", {"input": {}, "roleArn": flows.ROLE}),
                    (0, "TaskStateEntered", {"name": "S", "input": {}}),
                    (2, "TaskScheduled", {**names, "region": "us-east-1", "parameters": parameters}),
                    (3, "TaskStarted", names),
                    (4, "TaskSubmitted", {**names, "output": {
                        "ExecutionArn": output["ExecutionArn"], "SdkHttpMetadata": ANY, "SdkResponseMetadata": ANY,
                        "StartDate": ANY}}),
                    (5, "TaskSucceeded", {**names, "output": output}),
                    (6, "TaskStateExited", {"name": "S", "output": output}),
                    (7, "ExecutionSucceeded", {"output": output})])
                self.assertEqual(list(json.loads(ended["output"])), list(output))

    def test_a_child_that_fails(self):
        child = FLOWS.create(one("Fail", Error="E", Cause="C"))
        ended = FLOWS.run(task(START + ".sync:2", StateMachineArn=child, Input={"a": 1}))
        cause = json.loads(ended["cause"])
        self.assertEqual(ended["error"], "States.TaskFailed")
        self.assertEqual(list(cause), ["Cause", "Error", "ExecutionArn", "Input", "InputDetails", "Name", "StartDate",
                                       "StateMachineArn", "Status", "StopDate"])
        self.assertEqual((cause["Error"], cause["Cause"], cause["Input"], cause["Status"]), ("E", "C", {"a": 1}, "FAILED"))

    def test_a_child_that_is_stopped_or_times_out(self):
        for definition, status in ((one("Wait", Seconds=600), "ABORTED"),
                                   (machine({"W": {"Type": "Wait", "Seconds": 600, "End": True}}, TimeoutSeconds=1),
                                    "TIMED_OUT")):
            child = FLOWS.create(definition)
            parent = FLOWS.start(task(START + ".sync", StateMachineArn=child, Name="c"))
            FLOWS.until(parent, "TaskSubmitted")
            if status == "ABORTED":
                FLOWS.sfn.stop_execution(executionArn=execution_arn(child, "c"), error="E", cause="C")
            ended = FLOWS.end(parent)
            self.assertEqual((ended["error"], json.loads(ended["cause"])["Status"]), ("States.TaskFailed", status))

    def test_the_child_is_stopped_with_its_parent(self):
        for how in ("stop", "timeout", "sibling", "delete"):
            with self.subTest(how):
                child = FLOWS.create(one("Wait", Seconds=600))
                state = {"Type": "Task", "Resource": START + ".sync", "End": True,
                         "Parameters": {"StateMachineArn": child, "Name": "c"}}
                if how == "timeout":
                    state["TimeoutSeconds"] = 1
                definition = machine({"S": state})
                if how == "sibling":
                    branch = {"StartAt": "A", "States": {"A": state}}
                    states = {"W": {"Type": "Wait", "Seconds": 1, "Next": "F"}, "F": {"Type": "Fail"}}
                    definition = one("Parallel", Branches=[branch, {"StartAt": "W", "States": states}])
                arn = FLOWS.create(definition)
                parent = FLOWS.sfn.start_execution(stateMachineArn=arn)["executionArn"]
                FLOWS.until(parent, "TaskSubmitted")
                self.assertEqual(FLOWS.status(execution_arn(child, "c")), "RUNNING")
                if how == "stop":
                    FLOWS.sfn.stop_execution(executionArn=parent)
                elif how == "delete":
                    FLOWS.sfn.delete_state_machine(stateMachineArn=arn)
                FLOWS.end(parent)
                self.assertEqual(FLOWS.end(execution_arn(child, "c"))["status"], "ABORTED")

    def test_its_token_ends_it_at_once(self):
        states = {"T": {"Type": "Task", "Resource": SDK + "sendTaskSuccess", "Next": "W", "ResultPath": None,
                        "Parameters": {"TaskToken.$": "$.token", "Output": "\"early\""}},
                  "W": {"Type": "Wait", "Seconds": 1, "End": True}}
        child = FLOWS.create(machine(states))
        parent = FLOWS.start(task(START + ".sync", StateMachineArn=child, Name="c", Input={"token.$": "$$.Task.Token"}))
        self.assertEqual(FLOWS.end(parent)["output"], '"early"')
        self.assertEqual(FLOWS.end(execution_arn(child, "c"))["status"], "SUCCEEDED")

    def test_two_wait_for_one(self):
        child = FLOWS.create(one("Wait", Seconds=1))
        definition = task(START + ".sync", StateMachineArn=child, Name="c")
        parents = [FLOWS.start(definition) for _ in range(2)]
        for parent in parents:
            self.assertEqual(FLOWS.end(parent)["status"], "SUCCEEDED")

    def test_a_long_chain(self):
        arn = FLOWS.create(one("Wait", Seconds=1))
        depth = 300
        for level in range(depth):
            arn = FLOWS.create(task(START + ".sync", StateMachineArn=arn, Name="level-%d" % level))
        parent = FLOWS.sfn.start_execution(stateMachineArn=arn)["executionArn"]
        ended = FLOWS.end(parent, 30)
        self.assertIn(ended.get("error", "States.DataLimitExceeded"), ("States.DataLimitExceeded", "States.TaskFailed"))

    def test_a_long_chain_is_stopped(self):
        arn = last = FLOWS.create(one("Wait", Seconds=600))
        for _ in range(300):
            arn = FLOWS.create(task(START + ".sync", StateMachineArn=arn, Name="c"))
        parent = FLOWS.sfn.start_execution(stateMachineArn=arn)["executionArn"]
        flows.poll(lambda: FLOWS.sfn.list_executions(stateMachineArn=last)["executions"], "the last child")
        FLOWS.sfn.stop_execution(executionArn=parent)
        self.assertEqual(FLOWS.end(execution_arn(last, "c"))["status"], "ABORTED")


class Restart(unittest.TestCase):
    def test_parent_and_child_find_each_other(self):
        with tempfile.TemporaryDirectory() as directory:
            server = support.Stepd(args=["--data", directory])
            server.start()
            try:
                flow = flows.Flows(server)
                queues = [flow.queue() for _ in range(3)]
                ask = flow.callback(None)
                del ask["Parameters"]["QueueUrl"]
                ask["Parameters"]["QueueUrl.$"] = "$"
                child = flow.create(machine({"A": ask}))
                parents = [flow.start(task(START + ".sync:2", StateMachineArn=child, Name="c-%d" % i,
                                           Input=json.dumps(queue))) for i, queue in enumerate(queues)]
                tokens = [flow.token(queue) for queue in queues]
                for parent in parents:
                    flow.until(parent, "TaskSubmitted")
                server.kill()
                server.start()
                flow = flows.Flows(server)
                self.assertIsNone(flow.answer(tokens[0], '{"v":1}'))
                self.assertIsNone(flow.fail(tokens[1], error="E"))
                flow.sfn.stop_execution(executionArn=parents[2])
                server.kill()
                server.start()
                flow = flows.Flows(server)
                ended = [flow.end(parent) for parent in parents]
                self.assertEqual([found["status"] for found in ended], ["SUCCEEDED", "FAILED", "ABORTED"])
                self.assertEqual(json.loads(ended[0]["output"])["Output"], {"v": 1})
                self.assertEqual(json.loads(ended[1]["cause"])["Error"], "E")
                self.assertEqual(flow.status(execution_arn(child, "c-2")), "ABORTED")
            finally:
                server.stop()


class Sdk(unittest.TestCase):
    def test_start_describe_list_and_stop(self):
        child = FLOWS.create(one("Wait", Seconds=600))
        started = FLOWS.output(task(SDK + "startExecution", StateMachineArn=child, Name="c", Input={"a": 1}))
        self.assertEqual(list(started), ["ExecutionArn", "StartDate"])
        self.assertRegex(started["StartDate"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        arn = started["ExecutionArn"]
        described = FLOWS.output(task(SDK + "describeExecution", ExecutionArn=arn))
        self.assertEqual(described, {
            "ExecutionArn": arn, "Input": '{"a":1}', "InputDetails": {"Included": True}, "Name": "c", "RedriveCount": 0,
            "RedriveStatus": "NOT_REDRIVABLE", "RedriveStatusReason": "Execution is RUNNING and cannot be redriven",
            "StartDate": started["StartDate"], "StateMachineArn": child, "Status": "RUNNING"})
        listed = FLOWS.output(task(SDK + "listExecutions", StateMachineArn=child, StatusFilter="RUNNING", MaxResults=1))
        self.assertEqual(listed, {"Executions": [{
            "ExecutionArn": arn, "Name": "c", "RedriveCount": 0, "StartDate": started["StartDate"],
            "StateMachineArn": child, "Status": "RUNNING"}]})
        stopped = FLOWS.output(task(SDK + "stopExecution", ExecutionArn=arn, Error="E", Cause="C"))
        self.assertEqual(list(stopped), ["StopDate"])
        ended = FLOWS.end(arn)
        self.assertEqual((ended["status"], ended["error"], ended["cause"]), ("ABORTED", "E", "C"))

    def test_pages(self):
        child = FLOWS.create(one("Pass"))
        for name in "abc":
            FLOWS.end(FLOWS.sfn.start_execution(stateMachineArn=child, name=name)["executionArn"])
        first = FLOWS.output(task(SDK + "listExecutions", StateMachineArn=child, MaxResults=2))
        rest = FLOWS.output(task(SDK + "listExecutions", StateMachineArn=child, NextToken=first["NextToken"]))
        self.assertEqual([found["Name"] for found in first["Executions"] + rest["Executions"]], ["c", "b", "a"])
        self.assertNotIn("NextToken", rest)

    def test_start_sync_execution(self):
        child = FLOWS.create(one("Pass", Parameters={"in.$": "$", "c.$": "$$.Execution"}), type="EXPRESS")
        for kind in ("STANDARD", "EXPRESS"):
            parent = task(SDK + "startSyncExecution", StateMachineArn=child, Name="c", Input={"a": 1})
            if kind == "STANDARD":
                output = FLOWS.output(parent)
            else:
                answer = FLOWS.sfn.start_sync_execution(stateMachineArn=FLOWS.create(parent, type=kind))
                output = json.loads(answer["output"])
            self.assertEqual(list(output), ["BillingDetails", "ExecutionArn", "Input", "InputDetails", "Name", "Output",
                                            "OutputDetails", "StartDate", "StateMachineArn", "Status", "StopDate"])
            inner = json.loads(output["Output"])
            self.assertEqual((output["Status"], output["Input"], inner["in"]), ("SUCCEEDED", '{"a":1}', {"a": 1}))
            self.assertNotIn("RedriveCount", inner["c"])

    def test_tokens(self):
        for action, parameters, ended in (
                ("sendTaskSuccess", {"Output": {"r": 1}}, ("SUCCEEDED", '{"r":1}', None)),
                ("sendTaskFailure", {"Error": "E", "Cause": "C"}, ("FAILED", None, "E"))):
            execution, token = FLOWS.waiting()
            self.assertEqual(FLOWS.output(task(SDK + "sendTaskHeartbeat", TaskToken=token)), {})
            self.assertEqual(FLOWS.output(task(SDK + action, TaskToken=token, **parameters)), {})
            found = FLOWS.end(execution)
            self.assertEqual((found["status"], found.get("output"), found.get("error")), ended)
            again = FLOWS.run(task(SDK + action, TaskToken=token, **parameters))
            self.assertEqual(again["error"], "Sfn.TaskTimedOutException")

    def test_failures(self):
        for action, parameters, error, message in (
                ("sendTaskSuccess", {"TaskToken": "x", "Output": "no json"}, "InvalidTokenException",
                 "Invalid Token: 'Invalid token'"),
                ("describeExecution", {"ExecutionArn": ARN + "execution:m:e"}, "ExecutionDoesNotExistException",
                 "Execution Does Not Exist: '%sexecution:m:e'" % ARN),
                ("describeExecution", {"ExecutionArn": ARN + "express:m:e:u"}, "InvalidArnException",
                 "Invalid Arn: 'Resource type not valid in this context: express'"),
                ("startSyncExecution", {"StateMachineArn": FLOWS.create(one("Pass"))},
                 "StateMachineTypeNotSupportedException",
                 "This operation is not supported by this type of state machine"),
                ("listExecutions", {"StateMachineArn": FLOWS.create(one("Pass")), "NextToken": "x"},
                 "InvalidTokenException", "Invalid Token: 'Invalid token'")):
            with self.subTest(action=action, error=error):
                ended = FLOWS.run(task(SDK + action, **parameters))
                self.assertEqual(ended["error"], "Sfn." + error)
                self.assertRegex(ended["cause"], r" \(Service: Sfn, Status Code: 400, Request ID: \S{36}\) "
                                                 r"\(SDK Attempt Count: 1\)$")
                self.assertTrue(ended["cause"].startswith(message), ended["cause"])

    def test_an_action_that_isnt_there(self):
        ended = FLOWS.run(task(SDK + "publishStateMachineVersion", StateMachineArn="x"))
        self.assertEqual(ended["error"], "States.TaskFailed")
        self.assertIn("publishStateMachineVersion", ended["cause"])
        self.assertIn("'S'", ended["cause"])


if __name__ == "__main__":
    unittest.main()
