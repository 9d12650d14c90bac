"""What each state does with its input: flows, paths, choices, waits, retries, catches, the context object."""
import datetime
import json
import time
import unittest

import flows
import support
from flows import INVOKE, machine

FUNCTIONS = flows.Functions(["echo", "flaky", "raw"])
SERVER = FLOWS = None
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"


def setUpModule():
    global SERVER, FLOWS
    SERVER = unittest.enterModuleContext(support.Stepd(args=FUNCTIONS.arguments()))
    unittest.addModuleCleanup(FUNCTIONS.close)
    FLOWS = flows.Flows(SERVER)


def one(kind, **fields):
    """A machine of one state."""
    end = {} if kind in ("Succeed", "Fail", "Choice") or "Next" in fields else {"End": True}
    return machine({"S": {"Type": kind, **end, **fields}})


class Pass(unittest.TestCase):
    def test_fields(self):
        value = {"a": {"b": 1}, "list": [1, 2, 3]}
        for fields, expected in (
                ({}, value),
                ({"Result": {"r.$": "$.a", "text": "States.Format('{}')"}}, {"r.$": "$.a", "text": "States.Format('{}')"}),
                ({"Result": 0}, 0),
                ({"Result": None}, None),
                ({"InputPath": "$.a"}, {"b": 1}),
                ({"InputPath": "$.list[1]"}, 2),
                ({"InputPath": None}, {}),
                ({"OutputPath": "$.a.b"}, 1),
                ({"OutputPath": None}, {}),
                ({"Parameters": {"x.$": "$.a.b", "y": "$.a.b", "z": {"deep.$": "$.list"}}},
                 {"x": 1, "y": "$.a.b", "z": {"deep": [1, 2, 3]}}),
                ({"Parameters": {"l": [{"v.$": "$.a.b"}, 5]}}, {"l": [{"v": 1}, 5]}),
                ({"InputPath": "$.a", "Parameters": {"x.$": "$.b"}}, {"x": 1}),
                ({"Result": 7, "ResultPath": "$.new"}, {**value, "new": 7}),
                ({"Result": 7, "ResultPath": "$.a.c.d"}, {"a": {"b": 1, "c": {"d": 7}}, "list": [1, 2, 3]}),
                ({"Result": 7, "ResultPath": "$.a.b"}, {"a": {"b": 7}, "list": [1, 2, 3]}),
                ({"Result": 7, "ResultPath": None}, value),
                ({"InputPath": "$.a", "ResultPath": "$.copy"}, {**value, "copy": {"b": 1}}),
                ({"InputPath": "$.a", "ResultPath": "$.copy", "OutputPath": "$.copy"}, {"b": 1})):
            with self.subTest(fields=fields):
                self.assertEqual(FLOWS.output(one("Pass", **fields), json.dumps(value)), expected)

    def test_an_input_may_be_any_value(self):
        for text in ("2", '"str"', "null", "true", "[]", "[1,[2]]", "{}", "0.1", "1E2"):
            with self.subTest(text=text):
                ended = FLOWS.run(one("Pass"), text)
                self.assertEqual((ended["status"], ended["output"]), ("SUCCEEDED", text))

    def test_numbers_keep_their_digits(self):
        text = '{"a":9007199254740993,"b":0.30000000000000004,"c":1.10,"d":123456789012345678901234567890}'
        self.assertEqual(FLOWS.run(one("Pass", Parameters={"v.$": "$"}), text)["output"], '{"v":%s}' % text)

    def test_characters_survive(self):
        value = {"k\u00e9y": "\u20ac \U0001f600 \u0000 \" \\ \n", "": ""}
        self.assertEqual(FLOWS.output(one("Pass", Parameters={"v.$": "$"}), json.dumps(value)), {"v": value})

    def test_a_missing_path_fails_the_execution(self):
        for fields, cause in (
                ({"InputPath": "$.no"}, "Invalid path '$.no' : No results for path: $['no']"),
                ({"OutputPath": "$.no"}, "Invalid path '$.no' : No results for path: $['no']"),
                ({"InputPath": "$.no.such"}, "Invalid path '$.no.such' : Missing property in path $['no']"),
                ({"Parameters": {"x.$": "$.no"}}, "The JSONPath '$.no' specified for the field 'x.$' could not be found "
                                                  "in the input '{\"a\":1}'")):
            with self.subTest(fields=fields):
                ended = FLOWS.run(one("Pass", **fields), '{"a":1}')
                self.assertEqual((ended["status"], ended["error"]), ("FAILED", "States.Runtime"))
                where = "An error occurred while executing the state 'S' (entered at the event id #2). "
                self.assertEqual(ended["cause"], where + cause)


class Choice(unittest.TestCase):
    def taken(self, rule, text, **more):
        states = {"C": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No", **more},
                  "Yes": {"Type": "Pass", "Result": True, "End": True}, "No": {"Type": "Pass", "Result": False, "End": True}}
        return FLOWS.output(machine(states), text)

    def test_operators(self):
        at = '{"t":"2024-01-01T00:00:00Z","u":"2024-01-01T01:00:00+01:00"}'
        for rule, text, expected in (
                ({"Variable": "$.x", "StringEquals": "a"}, '{"x":"a"}', True),
                ({"Variable": "$.x", "StringEquals": "a"}, '{"x":"A"}', False),
                ({"Variable": "$.x", "StringLessThan": "b"}, '{"x":"a"}', True),
                ({"Variable": "$.x", "StringEqualsPath": "$.y"}, '{"x":"a","y":"a"}', True),
                ({"Variable": "$.x", "StringMatches": "log-*.txt"}, '{"x":"log-1.txt"}', True),
                ({"Variable": "$.x", "StringMatches": "a\\*"}, '{"x":"ab"}', False),
                ({"Variable": "$.x", "NumericEquals": 1}, '{"x":1.0}', True),
                ({"Variable": "$.x", "NumericEquals": 1}, '{"x":"1"}', False),
                ({"Variable": "$.x", "NumericGreaterThanEquals": 2}, '{"x":2}', True),
                ({"Variable": "$.x", "NumericLessThanPath": "$.y"}, '{"x":2,"y":3}', True),
                ({"Variable": "$.x", "BooleanEquals": True}, '{"x":true}', True),
                ({"Variable": "$.x", "BooleanEquals": True}, '{"x":"true"}', False),
                ({"Variable": "$.t", "TimestampEqualsPath": "$.u"}, at, True),
                ({"Variable": "$.t", "TimestampLessThan": "2024-01-01T00:00:01Z"}, at, True),
                ({"Variable": "$.x", "IsNull": True}, '{"x":null}', True),
                ({"Variable": "$.x", "IsPresent": True}, '{"x":null}', True),
                ({"Variable": "$.x", "IsPresent": False}, '{}', True),
                ({"Variable": "$.x", "IsNumeric": True}, '{"x":1}', True),
                ({"Variable": "$.x", "IsString": False}, '{"x":1}', True),
                ({"Variable": "$.x", "IsBoolean": True}, '{"x":false}', True),
                ({"Variable": "$.x", "IsTimestamp": True}, '{"x":"2024-01-01T00:00:00Z"}', True),
                ({"Not": {"Variable": "$.x", "NumericEquals": 1}}, '{"x":2}', True),
                ({"And": [{"Variable": "$.x", "IsPresent": True}, {"Variable": "$.x", "IsNull": False}]}, '{}', False),
                ({"Or": [{"Variable": "$.x", "NumericEquals": 1}, {"Variable": "$.x", "NumericEquals": 2}]}, '{"x":2}', True)):
            with self.subTest(rule=rule, text=text):
                self.assertIs(self.taken(rule, text), expected)

    def test_the_first_rule_that_holds_wins(self):
        rules = [{"Variable": "$.x", "NumericGreaterThan": limit, "Next": "P%d" % limit} for limit in (100, 10, 1)]
        states = {"C": {"Type": "Choice", "Choices": rules}}
        states.update(("P%d" % limit, {"Type": "Pass", "Result": limit, "End": True}) for limit in (100, 10, 1))
        self.assertEqual(FLOWS.output(machine(states), '{"x":50}'), 10)
        ended = FLOWS.run(machine(states), '{"x":0}')
        self.assertEqual((ended["error"], ended["cause"]), (
            "States.Runtime", "An error occurred while executing the state 'C' (entered at the event id #2). Failed to "
            "transition out of the state. The state does not point to a next state."))

    def test_a_missing_variable_fails(self):
        rule = {"Variable": "$.x", "NumericEquals": 1, "Next": "P"}
        states = {"C": {"Type": "Choice", "Choices": [rule], "Default": "P"}, "P": {"Type": "Succeed"}}
        ended = FLOWS.run(machine(states))
        self.assertEqual(ended["error"], "States.Runtime")
        self.assertIn("Invalid path '$.x': The choice state's condition path references an invalid value.", ended["cause"])


class Wait(unittest.TestCase):
    def test_four_forms(self):
        past = "2020-01-01T00:00:00Z"
        for fields in ({"Seconds": 0}, {"SecondsPath": "$.s"}, {"Timestamp": past}, {"TimestampPath": "$.t"}):
            with self.subTest(fields=fields):
                text = json.dumps({"s": 0, "t": past})
                self.assertEqual(FLOWS.run(one("Wait", **fields), text)["output"], text)

    def test_it_waits(self):
        due = int(time.time()) + 2
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(due))
        forms = ({"Seconds": 1}, {"SecondsPath": "$.s"}, {"Timestamp": soon}, {"TimestampPath": "$.t"})
        started = [FLOWS.start(one("Wait", **fields), json.dumps({"s": 1, "t": soon})) for fields in forms]
        for fields, execution in zip(forms, started):
            FLOWS.end(execution)
            entered, left = [event["timestamp"].timestamp() for event in FLOWS.history(execution)[1:3]]
            late = left - (due if "Timestamp" in next(iter(fields)) else entered + 1)
            self.assertTrue(0 <= round(late, 3) < 0.4, (fields, late))

    def test_bad_values(self):
        for value, cause in ((None, "The SecondsPath parameter does not reference an input value: $.s"),
                             (-1, "The SecondsPath parameter references a negative value: $.s == -1"),
                             (1.5, "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5")):
            with self.subTest(value=value):
                text = "{}" if value is None else json.dumps({"s": value})
                ended = FLOWS.run(one("Wait", SecondsPath="$.s"), text)
                self.assertEqual(ended["error"], "States.Runtime")
                self.assertTrue(ended["cause"].endswith(cause), ended["cause"])


class SucceedAndFail(unittest.TestCase):
    def test_succeed_filters(self):
        self.assertEqual(FLOWS.output(one("Succeed", InputPath="$.a", OutputPath="$.b"), '{"a":{"b":1}}'), 1)

    def test_fail_fields(self):
        for fields, error, cause in (
                ({}, None, None), ({"Error": "E"}, "E", None), ({"Cause": "C"}, None, "C"),
                ({"Error": "E", "Cause": "C"}, "E", "C"),
                ({"ErrorPath": "$.e", "CausePath": "$.c"}, "from", "input"),
                ({"ErrorPath": "$$.State.Name"}, "S", None)):
            with self.subTest(fields=fields):
                ended = FLOWS.run(one("Fail", **fields), '{"e":"from","c":"input"}')
                self.assertEqual((ended["status"], ended.get("error"), ended.get("cause")), ("FAILED", error, cause))
                self.assertNotIn("output", ended)


class Task(unittest.TestCase):
    def invoke(self, **fields):
        parameters = {"FunctionName": "echo", "Payload.$": "$"}
        return one("Task", **{"Resource": INVOKE, "Parameters": parameters, **fields})

    def test_the_result_of_lambda_invoke(self):
        output = FLOWS.output(self.invoke(), '{"n":1}')
        self.assertEqual(list(output), ["ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"])
        self.assertEqual((output["ExecutedVersion"], output["Payload"], output["StatusCode"]), ("$LATEST", {"n": 1}, 200))

    def test_result_fields(self):
        for fields, expected in (
                ({"ResultSelector": {"p.$": "$.Payload"}}, {"p": {"n": 1}}),
                ({"ResultPath": None}, {"n": 1}),
                ({"ResultSelector": {"p.$": "$.Payload.n"}, "ResultPath": "$.r"}, {"n": 1, "r": {"p": 1}}),
                ({"OutputPath": "$.Payload"}, {"n": 1}),
                ({"ResultSelector": {"p.$": "$.Payload.n"}, "ResultPath": "$.r", "OutputPath": "$.r.p"}, 1)):
            with self.subTest(fields=fields):
                self.assertEqual(FLOWS.output(self.invoke(**fields), '{"n":1}'), expected)

    def test_payloads(self):
        for payload in (1, "text", True, [1, 2], {"a": None}):
            with self.subTest(payload=payload):
                parameters = {"FunctionName": "echo", "Payload": payload}
                self.assertEqual(FLOWS.output(self.invoke(Parameters=parameters))["Payload"], payload)
        for parameters in ({"FunctionName": "echo"}, {"FunctionName": "echo", "Payload": None}):
            self.assertEqual(FLOWS.output(self.invoke(Parameters=parameters))["Payload"], {})

    def test_names_of_a_function(self):
        for name in ("echo", "echo:$LATEST", ARN + "echo", ARN + "echo:$LATEST", "123456789012:function:echo"):
            with self.subTest(name=name):
                output = FLOWS.output(self.invoke(Parameters={"FunctionName": name, "Payload": 1}))
                self.assertEqual(output["Payload"], 1)

    def test_a_function_arn(self):
        self.assertEqual(FLOWS.output(one("Task", Resource=ARN + "echo", ResultPath="$.r"), '{"n":1}'),
                         {"n": 1, "r": {"n": 1}})
        FUNCTIONS.handlers["raw"] = lambda event: b'{"v": 0.0}'
        self.assertEqual(FLOWS.run(one("Task", Resource=ARN + "raw"))["output"], '{"v": 0.0}')

    def test_a_function_error(self):
        def fail(_event):
            raise flows.FunctionError({"errorType": "ValueError", "errorMessage": "bad"})
        FUNCTIONS.handlers["flaky"] = fail
        for definition in (self.invoke(Parameters={"FunctionName": "flaky"}), one("Task", Resource=ARN + "flaky")):
            ended = FLOWS.run(definition)
            self.assertEqual((ended["status"], ended["error"]), ("FAILED", "ValueError"))
            self.assertEqual(json.loads(ended["cause"]), {"errorType": "ValueError", "errorMessage": "bad"})

    def test_an_sqs_message(self):
        queue = FLOWS.queue()
        parameters = {"QueueUrl": queue, "MessageBody": {"order.$": "$.id", "n": 1}}
        output = FLOWS.output(one("Task", Resource="arn:aws:states:::sqs:sendMessage", Parameters=parameters), '{"id":"o"}')
        message = FLOWS.sqs.receive_message(QueueUrl=queue)["Messages"][0]
        self.assertEqual(message["Body"], '{"order":"o","n":1}')
        self.assertEqual((output["MessageId"], output["MD5OfMessageBody"]), (message["MessageId"], message["MD5OfBody"]))


class RetryAndCatch(unittest.TestCase):
    def flaky(self, failures, error="Flaky"):
        """Makes the function fail this many times; the list of moments at which it is called."""
        calls = []

        def handler(_event):
            calls.append(time.monotonic())
            if len(calls) <= failures:
                raise flows.FunctionError({"errorType": error, "errorMessage": "call %d" % len(calls)})
            return len(calls)
        FUNCTIONS.handlers["flaky"] = handler
        return calls

    def task(self, **fields):
        return {"Type": "Task", "Resource": ARN + "flaky", **({} if "Next" in fields else {"End": True}), **fields}

    def test_back_off_grows(self):
        calls = self.flaky(2)
        retry = [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 1.5}]
        self.assertEqual(FLOWS.output(machine({"T": self.task(Retry=retry)})), 3)
        first, second = calls[1] - calls[0], calls[2] - calls[1]
        self.assertTrue(0.98 <= first < 1.4 and 1.48 <= second < 1.9, (first, second))

    def test_maxdelayseconds_bounds_it(self):
        calls = self.flaky(2)
        retry = [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "BackoffRate": 10, "MaxDelaySeconds": 2}]
        self.assertEqual(FLOWS.output(machine({"T": self.task(Retry=retry)})), 3)
        self.assertTrue(1.98 <= calls[2] - calls[1] < 2.4, calls)

    def test_full_jitter_only_shortens(self):
        calls = self.flaky(1)
        retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "JitterStrategy": "FULL"}]
        self.assertEqual(FLOWS.output(machine({"T": self.task(Retry=retry)})), 2)
        self.assertLess(calls[1] - calls[0], 1.4)

    def test_attempts_end(self):
        for attempts, expected in ((0, 1), (1, 2)):
            calls = self.flaky(9)
            retry = [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": attempts}]
            ended = FLOWS.run(machine({"T": self.task(Retry=retry)}))
            self.assertEqual((ended["error"], len(calls)), ("Flaky", expected))

    def test_the_first_retrier_that_matches_decides(self):
        calls = self.flaky(9)
        retry = [{"ErrorEquals": ["Flaky"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}]
        self.assertEqual(FLOWS.run(machine({"T": self.task(Retry=retry)}))["error"], "Flaky")
        self.assertEqual(len(calls), 1)

    def test_catch_takes_the_first_match(self):
        for error, expected in (("One", "A"), ("Two", "A"), ("Three", "B")):
            self.flaky(9, error)
            catch = [{"ErrorEquals": ["One", "Two"], "Next": "A"}, {"ErrorEquals": ["States.ALL"], "Next": "B"}]
            states = {"T": self.task(Catch=catch, OutputPath="$.never")}
            states.update((name, {"Type": "Pass", "Parameters": {"name": name, "error.$": "$.Error"}, "End": True})
                          for name in "AB")
            self.assertEqual(FLOWS.output(machine(states)), {"name": expected, "error": error})

    def test_catch_keeps_the_raw_input(self):
        self.flaky(9)
        catch = [{"ErrorEquals": ["Flaky"], "ResultPath": "$.why", "Next": "P"}]
        states = {"T": self.task(Catch=catch, InputPath="$.in"), "P": {"Type": "Pass", "OutputPath": "$", "End": True}}
        output = FLOWS.output(machine(states), '{"in":{"a":1}}')
        self.assertEqual((output["in"], output["why"]["Error"]), ({"a": 1}, "Flaky"))

    def test_retries_come_before_catch(self):
        calls = self.flaky(9)
        retry = [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 1}]
        catch = [{"ErrorEquals": ["States.ALL"], "Next": "P"}]
        states = {"T": self.task(Retry=retry, Catch=catch), "P": {"Type": "Succeed"}}
        self.assertEqual(FLOWS.output(machine(states))["Error"], "Flaky")
        self.assertEqual(len(calls), 2)

    def test_states_runtime_is_never_caught(self):
        catch = [{"ErrorEquals": ["States.ALL"], "Next": "P"}]
        states = {"T": self.task(Catch=catch, InputPath="$.no"), "P": {"Type": "Succeed"}}
        ended = FLOWS.run(machine(states))
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "States.Runtime"))


class Context(unittest.TestCase):
    def test_the_context_object(self):
        execution = FLOWS.start(one("Pass", Parameters={"c.$": "$$"}), '{"in":1}')
        ended = FLOWS.end(execution)
        context = json.loads(ended["output"])["c"]
        self.assertEqual(list(context), ["Execution", "StateMachine", "State"])
        self.assertEqual(list(context["Execution"]), ["Id", "Input", "StartTime", "Name", "RoleArn", "RedriveCount"])
        started = ended["startDate"].astimezone(datetime.timezone.utc)
        text = started.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (started.microsecond // 1000)
        self.assertEqual(context["Execution"], {
            "Id": execution, "Input": {"in": 1}, "StartTime": text, "Name": execution.split(":")[-1],
            "RoleArn": flows.ROLE, "RedriveCount": 0})
        self.assertEqual(context["StateMachine"], {"Id": ended["stateMachineArn"],
                                                   "Name": ended["stateMachineArn"].split(":")[-1]})
        self.assertEqual(context["State"]["Name"], "S")
        self.assertRegex(context["State"]["EnteredTime"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_it_is_reached_from_everywhere(self):
        for fields, expected in (({"InputPath": "$$.State.Name"}, "S"), ({"OutputPath": "$$.Execution.Input.x"}, 9),
                                 ({"Parameters": {"n.$": "$$.State.Name"}}, {"n": "S"})):
            with self.subTest(fields=fields):
                self.assertEqual(FLOWS.output(one("Pass", **fields), '{"x":9}'), expected)

    def test_a_task_counts_its_retries(self):
        seen = []

        def handler(event):
            seen.append(event)
            if len(seen) < 3:
                raise flows.FunctionError({"errorType": "Again"})
        FUNCTIONS.handlers["flaky"] = handler
        retry = [{"ErrorEquals": ["Again"], "IntervalSeconds": 1, "BackoffRate": 1}]
        FLOWS.output(one("Task", Resource=ARN + "flaky", Parameters={"n.$": "$$.State.RetryCount"}, Retry=retry))
        self.assertEqual(seen, [{"n": 0}, {"n": 1}, {"n": 2}])


class BrokenDefinitions(unittest.TestCase):
    """A definition that can't be is refused with everything that is wrong with it."""

    def refused(self, text):
        code, message = flows.refusal(FLOWS.create, definition=text)
        self.assertEqual(code, "InvalidDefinition")
        self.assertTrue(message.startswith("Invalid State Machine Definition: '"), message)
        return message

    def test_all_faults_are_named(self):
        message = self.refused(json.dumps({"StartAt": "ProcessOrder", "States": {
            "Get Order Metadata": {"Type": "Task", "Resource": ARN + "echo", "Next": "ProcessResults"},
            "Shipping": {"Type": "Task", "Resource": ARN + "echo", "Output": "$.x", "End": True}}}))
        for part in ("ProcessOrder", "at /StartAt", "ProcessResults", "at /States/Get Order Metadata/Next", "Output",
                     "at /States/Shipping"):
            self.assertIn(part, message)

    def test_broken_json_is_found(self):
        message = self.refused('{\n  "StartAt": "P",\n  "States": {\n    "P": {"Type": "Pass", "End": true}}\n')
        self.assertRegex(message, r"line: \d+, column: \d+")


class Creation(unittest.TestCase):
    def test_what_is_accepted(self):
        inner = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
        other = {"StartAt": "Q", "States": {"Q": {"Type": "Succeed"}}}
        distributed = dict(inner, ProcessorConfig={"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})
        for name, definition in (
                ("Parallel", one("Parallel", Branches=[inner, other])),
                ("Map", one("Map", ItemProcessor=inner)),
                ("Map with an Iterator", one("Map", Iterator=inner, MaxConcurrency=2)),
                ("distributed Map", one("Map", ItemProcessor=distributed, Label="items")),
                ("variables", one("Pass", Assign={"x": 1, "y.$": "States.MathAdd(1, $.n)"})),
                ("JSONata", one("Pass", QueryLanguage="JSONata", Output=1)),
                ("an activity", one("Task", Resource="arn:aws:states:us-east-1:123456789012:activity:a")),
                (".sync:2", one("Task", Resource="arn:aws:states:::states:startExecution.sync:2",
                                Parameters={"StateMachineArn": "x"}))):
            with self.subTest(name):
                self.assertIsNone(flows.refusal(FLOWS.create, definition=definition))


if __name__ == "__main__":
    unittest.main()
