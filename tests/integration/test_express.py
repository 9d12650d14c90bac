"""EXPRESS state machines: started, waited for, run again after a crash; what they refuse."""
import json
import tempfile
import threading
import time
import unittest

import flows
import support
from flows import INVOKE, machine

FUNCTIONS = flows.Functions(["echo", "slow"])
SERVER = FLOWS = None
TYPE = ("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
NOT_HERE = ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
ARN = "arn:aws:states:us-east-1:123456789012:"


def setUpModule():
    global SERVER, FLOWS
    SERVER = unittest.enterModuleContext(support.Stepd(args=FUNCTIONS.arguments()))
    unittest.addModuleCleanup(FUNCTIONS.close)
    FLOWS = flows.Flows(SERVER)


def one(kind, **fields):
    end = {} if kind in ("Succeed", "Fail") else {"End": True}
    return machine({"S": {"Type": kind, **end, **fields}})


def create(definition, **options):
    return FLOWS.create(definition, type="EXPRESS", **options)


def run(definition, text="{}", **options):
    """The answer of StartSyncExecution, without what every answer has."""
    answer = FLOWS.sfn.start_sync_execution(stateMachineArn=create(definition), input=text, **options)
    answer.pop("ResponseMetadata")
    return answer


class Machines(unittest.TestCase):
    def test_the_type_is_kept(self):
        arn = create(one("Pass"))
        self.assertEqual(FLOWS.sfn.describe_state_machine(stateMachineArn=arn)["type"], "EXPRESS")
        pages = FLOWS.sfn.get_paginator("list_state_machines").paginate()
        types = {found["stateMachineArn"]: found["type"] for page in pages for found in page["stateMachines"]}
        self.assertEqual(types[arn], "EXPRESS")

    def test_what_an_express_machine_may_not_use(self):
        parameters = {"QueueUrl": "x", "MessageBody": "y", "StateMachineArn": "z"}
        for resource, what in (
                ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "'.waitForTaskToken' service integration "),
                ("arn:aws:states:::states:startExecution.sync", "'.sync' service integration"),
                (ARN + "activity:a", "Activity ARN")):
            definition = one("Task", Resource=resource, Parameters=parameters)
            text = ("Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine does not support "
                    "%s at /States/S/Resource'" % what)
            with self.subTest(resource):
                self.assertEqual(flows.refusal(create, definition=definition), ("InvalidDefinition", text))
                arn = create(one("Pass"))
                self.assertEqual(flows.refusal(FLOWS.sfn.update_state_machine, stateMachineArn=arn, definition=definition),
                                 ("InvalidDefinition", text))


class Synchronous(unittest.TestCase):
    def test_a_success(self):
        answer = run(one("Pass", Result={"r": 1}), '{"in":[1, 2]}', name="mine", traceHeader="Root=1")
        started, stopped = answer.pop("startDate"), answer.pop("stopDate")
        self.assertLessEqual(started, stopped)
        name = answer["stateMachineArn"].split(":")[-1]
        self.assertRegex(answer.pop("executionArn"), "^%sexpress:%s:mine:[0-9a-f-]{36}$" % (ARN, name))
        self.assertEqual(answer, {
            "stateMachineArn": ARN + "stateMachine:" + name, "name": "mine", "status": "SUCCEEDED",
            "input": '{"in":[1, 2]}', "inputDetails": {"included": True}, "output": '{"r":1}',
            "outputDetails": {"included": True}, "traceHeader": "Root=1",
            "billingDetails": {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100}})

    def test_a_failure_is_an_answer_too(self):
        answer = run(one("Fail", Error="E", Cause="C"))
        self.assertEqual((answer["status"], answer["error"], answer["cause"]), ("FAILED", "E", "C"))
        self.assertEqual(answer["outputDetails"], {"included": True})
        self.assertNotIn("output", answer)
        self.assertFalse({"error", "cause"} & set(run(one("Fail"))))

    def test_metadata_only(self):
        answer = run(one("Pass"), includedData="METADATA_ONLY")
        self.assertEqual((answer["inputDetails"], answer["outputDetails"]), ({"included": False},) * 2)
        self.assertFalse({"input", "output"} & set(answer))

    def test_it_waits_for_functions_and_timers(self):
        states = {"W": {"Type": "Wait", "Seconds": 1, "Next": "T"},
                  "T": {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "echo", "Payload.$": "$"},
                        "OutputPath": "$.Payload", "End": True}}
        answer = run(machine(states), '{"n":1}')
        self.assertEqual((answer["status"], json.loads(answer["output"])), ("SUCCEEDED", {"n": 1}))
        self.assertGreaterEqual(answer["billingDetails"]["billedDurationInMilliseconds"], 1000)

    def test_the_machines_timeout(self):
        answer = run(machine({"W": {"Type": "Wait", "Seconds": 60, "End": True}}, TimeoutSeconds=1))
        self.assertEqual(answer["status"], "TIMED_OUT")
        self.assertNotIn("output", answer)

    def test_five_minutes_are_the_limit(self):
        with support.Stepd(args=["--clock", "virtual"]) as server:
            flow = flows.Flows(server)
            arn = flow.create(one("Wait", Seconds=1000), type="EXPRESS")
            answer = server.client(read_timeout=20).start_sync_execution(stateMachineArn=arn)
            self.assertEqual(answer["status"], "TIMED_OUT")
            self.assertEqual((answer["stopDate"] - answer["startDate"]).total_seconds(), 300)

    def test_the_context_object_has_no_redrive_count(self):
        answer = run(one("Pass", Parameters={"c.$": "$$"}))
        context = json.loads(answer["output"])["c"]
        self.assertEqual(list(context["Execution"]), ["Id", "Input", "StartTime", "Name", "RoleArn"])
        self.assertEqual(context["Execution"]["Id"], answer["executionArn"])

    def test_many_at_once(self):
        arn = create(one("Wait", Seconds=1))
        answers = []

        def call():
            answers.append(SERVER.client().start_sync_execution(stateMachineArn=arn, name="same")["executionArn"])
        threads = [threading.Thread(target=call) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(answers)), 20)

    def test_a_long_history(self):
        """No limit of 25,000 events."""
        inner = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}}}
        items = list(range(10000))
        answer = run(one("Map", ItemProcessor=inner, ResultPath=None, OutputPath="$[9999]"), json.dumps(items))
        self.assertEqual((answer["status"], answer["output"]), ("SUCCEEDED", "9999"))

    def test_refusals(self):
        start = FLOWS.sfn.start_sync_execution
        standard = FLOWS.create(one("Pass"))
        self.assertEqual(flows.refusal(start, stateMachineArn=standard), TYPE)
        self.assertEqual(flows.refusal(start, stateMachineArn=ARN + "stateMachine:none"), (
            "StateMachineDoesNotExist", "State Machine Does Not Exist: '%sstateMachine:none'" % ARN))
        express = create(one("Pass"))
        self.assertEqual(flows.refusal(start, stateMachineArn=express, name="a b"), ("InvalidName", "Invalid Name: 'a b'"))
        self.assertEqual(flows.refusal(start, stateMachineArn=express, input="x")[0], "InvalidExecutionInput")


class Asynchronous(unittest.TestCase):
    def test_each_start_is_another_execution(self):
        arn = create(one("Wait", Seconds=1))
        found = {FLOWS.sfn.start_execution(stateMachineArn=arn, name="same")["executionArn"] for _ in range(3)}
        self.assertEqual(len(found), 3)
        for execution in found:
            self.assertRegex(execution, "^%sexpress:%s:same:[0-9a-f-]{36}$" % (ARN, arn.split(":")[-1]))

    def test_it_does_its_work(self):
        queue = FLOWS.queue()
        message = {"QueueUrl": queue, "MessageBody.$": "$$"}
        arn = create(one("Task", Resource="arn:aws:states:::sqs:sendMessage", Parameters=message))
        execution = FLOWS.sfn.start_execution(stateMachineArn=arn)["executionArn"]
        body = flows.poll(lambda: FLOWS.sqs.receive_message(QueueUrl=queue).get("Messages"), "the message")[0]["Body"]
        context = json.loads(body)["Execution"]
        self.assertEqual((context["Id"], context["RedriveCount"]), (execution, 0))

    def test_what_knows_standard_executions_only(self):
        arn = create(one("Pass"))
        execution = FLOWS.sfn.start_execution(stateMachineArn=arn)["executionArn"]
        for call in ("describe_execution", "stop_execution", "get_execution_history",
                     "describe_state_machine_for_execution"):
            self.assertEqual(flows.refusal(getattr(FLOWS.sfn, call), executionArn=execution), NOT_HERE, call)
        self.assertEqual(flows.refusal(FLOWS.sfn.list_executions, stateMachineArn=arn), TYPE)

    def test_the_hint(self):
        with support.Stepd() as server:
            arn = server.create("e", type="EXPRESS")
            for _ in range(2):
                server.client().start_execution(stateMachineArn=arn)
            self.assertEqual(server.errors().count("AWS_DISABLE_HOST_PREFIX_INJECTION=true"), 1)


class Crashes(unittest.TestCase):
    def test_it_runs_again_from_the_start(self):
        with tempfile.TemporaryDirectory() as directory:
            functions = flows.Functions(["seen"])
            self.addCleanup(functions.close)
            calls = []
            functions.handlers["seen"] = lambda event: calls.append(event)
            server = support.Stepd(args=["--data", directory] + functions.arguments())
            server.start()
            call = {"FunctionName": "seen", "Payload.$": "$$.Execution"}
            states = {"T": {"Type": "Task", "Resource": INVOKE, "Parameters": call, "ResultPath": None, "Next": "W"},
                      "W": {"Type": "Wait", "Seconds": 2, "Next": "U"},
                      "U": {"Type": "Task", "Resource": INVOKE, "Parameters": call, "End": True}}
            arn = server.create("e", machine(states), type="EXPRESS")
            execution = server.client().start_execution(stateMachineArn=arn, input='{"n":1}')["executionArn"]
            support.wait_for(lambda: calls)
            server.kill()
            server.start()
            try:
                self.assertEqual(server.client().describe_state_machine(stateMachineArn=arn)["type"], "EXPRESS")
                self.assertTrue(support.wait_for(lambda: len(calls) == 3), calls)
                self.assertEqual({(seen["Id"], seen["StartTime"]) for seen in calls},
                                 {(execution, calls[0]["StartTime"])})
                self.assertEqual(calls[0]["Input"], {"n": 1})
                # Its end is stored after the last call: only then a crash mustn't run it again.
                self.assertTrue(support.wait_for(
                    lambda: b'"SUCCEEDED"' in server.request("GET", "/_stepd/executions?type=EXPRESS")[2]))
                server.kill()
                server.start()
                time.sleep(0.5)
                self.assertEqual(len(calls), 3)
            finally:
                server.stop()


if __name__ == "__main__":
    unittest.main()
