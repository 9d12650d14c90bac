"""The clock: virtual, frozen, scaled; what Wait, Retry, time-outs and heartbeats make of it; seeds.

On a virtual clock an execution is over before a client can look: what it did is read from its history."""
import datetime
import json
import subprocess
import tempfile
import threading
import time
import unittest

import flows
import support

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
DAY = 24 * 3600
YEAR = 31536000
LONGEST_WAIT = 2 ** 31 - 1
THREE_RETRIES = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3, "BackoffRate": 2, "MaxAttempts": 3}]


def wait(seconds, **more):
    return {"Type": "Wait", "Seconds": seconds, **({} if "Next" in more else {"End": True}), **more}


def seconds(event):
    """Of an event since the start of a seeded clock; exact to the millisecond."""
    return round((event["timestamp"] - START).total_seconds(), 3)


class Clock(unittest.TestCase):
    def start(self, *arguments, **more):
        server = self.enterContext(support.Stepd(args=list(arguments), **more))
        self.flows = flows.Flows(server)
        return server

    def virtual(self, *arguments):
        return self.start("--clock", "virtual", "--seed", "1", *arguments)

    def frozen(self, *arguments):
        return self.start("--clock", "frozen", "--seed", "1", *arguments)

    def clock(self, server, method="GET", **body):
        text = json.dumps(body) if body else None
        status, _, answer = server.request(method, "/_stepd/clock", body=text)
        self.assertEqual(status, 200, answer)
        return json.loads(answer)

    def move(self, server, **body):
        return self.clock(server, "POST", **body)

    def run_to_end(self, server, definition, text="{}", name=None):
        """(wall seconds, history) of an execution of this definition."""
        arn = self.flows.create(definition, name=name)
        before = time.monotonic()
        execution = self.flows.sfn.start_execution(stateMachineArn=arn, input=text)["executionArn"]
        status, _, body = server.request("GET", "/_stepd/wait?execution=" + execution)
        wall = time.monotonic() - before
        self.assertEqual((status, json.loads(body)["reached"]), (200, True), body)
        return wall, self.flows.history(execution)

    def times(self, events, *types):
        return [seconds(event) for event in events if event["type"] in types]


class Virtual(Clock):
    def test_thirty_days(self):
        wall, events = self.run_to_end(self.virtual(), flows.machine({"W": wait(30 * DAY)}))
        self.assertEqual(self.times(events, "WaitStateEntered", "WaitStateExited"), [0, 30 * DAY])
        self.assertLess(wall, 2)

    def test_forms_of_wait(self):
        server = self.virtual()
        states = {"A": {"Type": "Wait", "SecondsPath": "$.s", "Next": "B"},
                  "B": {"Type": "Wait", "Timestamp": "2026-12-01T00:00:00Z", "Next": "C"},
                  "C": {"Type": "Wait", "TimestampPath": "$.t", "End": True}}
        _, events = self.run_to_end(server, flows.machine(states), '{"s":7,"t":"2026-01-01T00:00:01Z"}')
        self.assertEqual(self.times(events, "WaitStateExited"), [7, 334 * DAY, 334 * DAY])

    def test_a_task_times_out(self):
        server = self.virtual()
        task = self.flows.callback(self.flows.queue(), TimeoutSeconds=300)
        wall, events = self.run_to_end(server, flows.machine({"Ask": task}))
        self.assertEqual(events[-1]["type"], "ExecutionFailed")
        scheduled, = self.times(events, "TaskScheduled")
        self.assertEqual(self.times(events, "TaskTimedOut"), [scheduled + 300])
        self.assertLess(wall, 2)

    def test_a_heartbeat_is_missed(self):
        server = self.virtual()
        task = self.flows.callback(self.flows.queue(), TimeoutSeconds=300, HeartbeatSeconds=40)
        _, events = self.run_to_end(server, flows.machine({"Ask": task}))
        self.assertEqual(self.times(events, "TaskTimedOut"), [self.times(events, "TaskSubmitted")[0] + 40])

    def test_back_off(self):
        server = self.virtual()
        task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "nobody"},
                "Retry": THREE_RETRIES, "End": True}
        wall, events = self.run_to_end(server, flows.machine({"Call": task}))
        times = self.times(events, "TaskScheduled")
        self.assertEqual([times[i] - times[0] for i in range(4)], [0, 3, 9, 21])
        self.assertLess(wall, 2)

    def test_jitter_is_within_its_bounds(self):
        server = self.virtual()
        retry = [dict(THREE_RETRIES[0], JitterStrategy="FULL", MaxDelaySeconds=5)]
        task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "nobody"},
                "Retry": retry, "End": True}
        _, events = self.run_to_end(server, flows.machine({"Call": task}))
        times = self.times(events, "TaskScheduled")
        gaps = [later - earlier for earlier, later in zip(times, times[1:])]
        for gap, limit in zip(gaps, (3, 5, 5)):
            self.assertLessEqual(gap, limit)
        self.assertEqual(len(set(gaps)), 3)

    def test_a_machine_times_out(self):
        server = self.virtual()
        _, events = self.run_to_end(server, flows.machine({"W": wait(DAY)}, TimeoutSeconds=3600))
        self.assertEqual(events[-1]["type"], "ExecutionTimedOut")
        self.assertEqual(seconds(events[-1]), 3600)

    def test_an_execution_lasts_a_year_at_most(self):
        server = self.virtual()
        for state in (wait(99999999), self.flows.callback(self.flows.queue())):
            before = self.clock(server)["now"]
            _, events = self.run_to_end(server, flows.machine({"S": state}))
            self.assertEqual(events[-1]["type"], "ExecutionTimedOut", before)
            self.assertEqual(seconds(events[-1]) - seconds(events[0]), YEAR)

    def test_a_year_less_a_second(self):
        _, events = self.run_to_end(self.virtual(), flows.machine({"W": wait(YEAR - 1)}))
        self.assertEqual((events[-1]["type"], seconds(events[-1])), ("ExecutionSucceeded", YEAR - 1))

    def test_the_longest_wait(self):
        server = self.virtual()
        path = {"Type": "Wait", "SecondsPath": "$.s", "End": True}
        _, events = self.run_to_end(server, flows.machine({"W": path}), json.dumps({"s": LONGEST_WAIT + 1}))
        self.assertEqual(flows.details(events[-1])["cause"].count("Wait state delay is too long."), 1)
        _, events = self.run_to_end(server, flows.machine({"W": path}), json.dumps({"s": LONGEST_WAIT}))
        self.assertEqual(events[-1]["type"], "ExecutionTimedOut")

    def test_it_waits_for_functions(self):
        functions = flows.Functions(["slow"])
        self.addCleanup(functions.close)
        functions.handlers["slow"] = lambda event: time.sleep(0.3) or "done"
        server = self.virtual(*functions.arguments())
        call = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 1,
                "Parameters": {"FunctionName": "slow"}, "End": True}
        branches = [{"StartAt": "W", "States": {"W": wait(DAY)}}, {"StartAt": "C", "States": {"C": call}}]
        _, events = self.run_to_end(server, flows.machine({"P": {"Type": "Parallel", "Branches": branches, "End": True}}))
        self.assertEqual(events[-1]["type"], "ExecutionSucceeded")
        self.assertEqual(self.times(events, "TaskSucceeded"), [0])
        self.assertEqual(seconds(events[-1]), DAY)

    def test_answers_are_taken_in_the_order_of_the_calls(self):
        functions = flows.Functions(["f"])
        self.addCleanup(functions.close)
        functions.handlers["f"] = lambda event: time.sleep(0.05 * (5 - event)) or event
        server = self.virtual(*functions.arguments())
        call = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "OutputPath": "$.Payload",
                "Parameters": {"FunctionName": "f", "Payload.$": "$"}, "End": True}
        each = {"Type": "Map", "Iterator": {"StartAt": "C", "States": {"C": call}}, "End": True}
        _, events = self.run_to_end(server, flows.machine({"M": each}), "[0,1,2,3,4]")
        done = [json.loads(flows.details(event)["output"]) if isinstance(flows.details(event)["output"], str)
                else flows.details(event)["output"] for event in events if event["type"] == "TaskSucceeded"]
        self.assertEqual([item["Payload"] for item in done], [0, 1, 2, 3, 4])

    def test_a_long_poll_runs_on_real_time(self):
        server = self.virtual()
        queue = self.flows.queue()
        before = time.monotonic()
        self.assertNotIn("Messages", self.flows.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1))
        self.assertGreater(time.monotonic() - before, 0.9)
        self.assertEqual(self.clock(server)["now"], "2026-01-01T00:00:00.000Z")

    def test_valuation_in_no_time(self):
        server = self.start("--clock", "virtual", "--sample", "valuation")
        with open(support.ROOT + "/samples/valuation/definition.asl.json") as file:
            definition = file.read()
        with open(support.ROOT + "/samples/valuation/input.json") as file:
            text = file.read()
        wall, events = self.run_to_end(server, definition, text)
        self.assertEqual(events[-1]["type"], "ExecutionSucceeded", events[-1])
        self.assertLess(wall, 2)
        lasted = events[-1]["timestamp"] - events[0]["timestamp"]
        self.assertEqual(round(lasted.total_seconds(), 3) % 6, 0)
        self.assertGreater(lasted.total_seconds(), 0)


class Frozen(Clock):
    def test_nothing_moves_by_itself(self):
        server = self.frozen()
        execution = self.flows.start(flows.machine({"W": wait(1)}))
        time.sleep(0.2)
        self.assertEqual(self.flows.status(execution), "RUNNING")
        self.assertEqual(self.clock(server), {"mode": "frozen", "now": "2026-01-01T00:00:00.000Z",
                                              "next": "2026-01-01T00:00:01.000Z"})

    def test_it_moves_when_told(self):
        server = self.frozen()
        execution = self.flows.start(flows.machine({"W": wait(10)}))
        self.move(server, advance=9.999)
        self.assertEqual(self.flows.status(execution), "RUNNING")
        answer = self.move(server, advance=0.001)
        self.assertEqual((answer["now"], answer["steps"]), ("2026-01-01T00:00:10.000Z", 1))
        self.assertEqual(self.flows.status(execution), "SUCCEEDED")
        self.assertEqual(self.flows.sfn.describe_execution(executionArn=execution)["stopDate"],
                         START + datetime.timedelta(seconds=10))

    def test_step_by_step(self):
        """What falls due on the way falls due at its time, and so does what that sets off."""
        server = self.frozen()
        loop = {"W": wait(60, Next="C"),
                "C": {"Type": "Choice", "Choices": [{"Variable": "$$.Execution.Name", "StringEquals": "x", "Next": "End"}],
                      "Default": "W"}, "End": {"Type": "Succeed"}}
        execution = self.flows.start(flows.machine(loop))
        other = self.flows.start(flows.machine({"W": wait(90)}))
        answer = self.move(server, advance=150)
        self.assertEqual(answer["steps"], 3)
        self.assertEqual(self.times(self.flows.history(execution), "WaitStateExited"), [60, 120])
        self.assertEqual(self.times(self.flows.history(other), "WaitStateExited"), [90])

    def test_to_and_next(self):
        server = self.frozen()
        self.flows.start(flows.machine({"W": wait(10)}))
        self.assertEqual(self.move(server, next=True)["now"], "2026-01-01T00:00:10.000Z")
        self.assertEqual(self.move(server, to="2026-02-01T00:00:00Z")["now"], "2026-02-01T00:00:00.000Z")
        answer = self.move(server, next=True)
        self.assertEqual((answer["now"], answer["next"], answer["steps"]), ("2026-02-01T00:00:00.000Z", None, 0))

    def test_a_step_waits_for_what_it_set_off(self):
        """The webhook of the valuation service comes back at its time, not when the clock has passed on."""
        server = self.start("--clock", "frozen", "--sample", "valuation")
        with open(support.ROOT + "/samples/valuation/definition.asl.json") as file:
            definition = file.read()
        with open(support.ROOT + "/samples/valuation/input.json") as file:
            text = file.read()
        execution = self.flows.start(definition, text)
        server.request("GET", "/_stepd/wait?until=token&execution=" + execution)
        self.move(server, advance=DAY)
        events = self.flows.history(execution)
        self.assertEqual(events[-1]["type"], "ExecutionSucceeded")
        self.assertLess((events[-1]["timestamp"] - events[0]["timestamp"]).total_seconds(), 60)

    def test_a_function_that_hangs_does_not_hold_the_clock(self):
        functions = flows.Functions(["hang"])
        self.addCleanup(functions.close)
        over = threading.Event()
        self.addCleanup(over.set)
        functions.handlers["hang"] = lambda event: over.wait(20)
        server = self.frozen(*functions.arguments())
        execution = self.flows.start(flows.machine({"C": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 300,
            "Parameters": {"FunctionName": "hang"}, "End": True}}))
        self.flows.until(execution, "TaskStarted")
        self.move(server, advance=299)
        self.assertEqual(self.flows.status(execution), "RUNNING")
        self.move(server, advance=1)
        self.assertEqual(self.flows.status(execution), "FAILED")
        self.assertEqual(self.times(self.flows.history(execution), "TaskTimedOut"), [300])
        over.set()
        time.sleep(0.1)

    def test_visibility(self):
        server = self.frozen()
        queue = self.flows.queue()
        self.flows.sqs.send_message(QueueUrl=queue, MessageBody="x")
        receive = lambda: "Messages" in self.flows.sqs.receive_message(QueueUrl=queue, VisibilityTimeout=30)
        self.assertEqual([receive(), receive()], [True, False])
        self.move(server, advance=29)
        self.assertFalse(receive())
        self.move(server, advance=1)
        self.assertTrue(receive())

    def test_heartbeats(self):
        server = self.frozen()
        execution, token = self.flows.waiting(HeartbeatSeconds=10, TimeoutSeconds=25)
        for _ in range(2):
            self.move(server, advance=9)
            self.assertIsNone(self.flows.beat(token))
        self.move(server, advance=6.999)
        self.assertEqual(self.flows.status(execution), "RUNNING")
        self.move(server, advance=0.001)
        self.assertEqual(self.flows.status(execution), "FAILED")

    def test_bad_orders(self):
        server = self.frozen()
        for body, word in ((None, "JSON"), ("{}", "advance"), ('{"advance":-1}', "advance"), ('{"advance":"1"}', "advance"),
                           ('{"advance":1e300}', "9999"), ('{"to":"tomorrow"}', "timestamp"),
                           ('{"to":"2025-01-01T00:00:00Z"}', "2026-01-01"), ('{"next":false}', "next"),
                           ('{"advance":1,"next":true}', "advance"), ("[1]", "advance")):
            with self.subTest(body=body):
                status, _, answer = server.request("POST", "/_stepd/clock", body=body)
                self.assertEqual(status, 400)
                self.assertIn(word, json.loads(answer)["message"])
        self.assertEqual(self.clock(server)["now"], "2026-01-01T00:00:00.000Z")

    def test_it_goes_on_after_a_restart(self):
        with tempfile.TemporaryDirectory() as folder:
            arguments = ["--clock", "frozen", "--seed", "1", "--data", folder]
            with support.Stepd(args=arguments) as server:
                self.flows = flows.Flows(server)
                execution = self.flows.start(flows.machine({"W": wait(100)}))
                self.move(server, advance=40)
            with support.Stepd(args=arguments) as server:
                self.flows = flows.Flows(server)
                self.assertEqual(self.clock(server)["now"], "2026-01-01T00:00:40.000Z")
                self.move(server, advance=60)
                self.assertEqual(self.times(self.flows.history(execution), "WaitStateExited"), [100])


class Real(Clock):
    def test_it_is_not_moved(self):
        server = self.start()
        self.assertEqual(self.clock(server)["mode"], "real")
        status, _, answer = server.request("POST", "/_stepd/clock", body='{"advance":1}')
        self.assertEqual(status, 400)
        self.assertIn("--clock frozen", json.loads(answer)["message"])

    def test_ten_times_as_fast(self):
        server = self.start("--time-scale", "0.1", "--clock-start", "2030-01-01T00:00:00Z")
        before = time.monotonic()
        _, events = self.run_to_end(server, flows.machine({"W": wait(5)}))
        wall = time.monotonic() - before
        self.assertGreater(wall, 0.45)
        self.assertLess(wall, 4)
        self.assertEqual(events[0]["timestamp"].year, 2030)
        waited, = (seconds(b) - seconds(a) for a in events for b in events
                   if a["type"] == "WaitStateEntered" and b["type"] == "WaitStateExited")
        self.assertGreaterEqual(waited, 5)
        self.assertLess(waited, 6)

    def test_half_as_fast(self):
        server = self.start("--time-scale", "2")
        wall, _ = self.run_to_end(server, flows.machine({"W": wait(1)}))
        self.assertGreater(wall, 1.9)
        self.assertEqual(self.clock(server)["scale"], 2)

    def test_scale_of_waits(self):
        for scale, low, high in (("0", 0, 0.9), ("0.5", 0.95, 1.9), ("2", 1.95, 6)):
            with self.subTest(scale=scale):
                server = self.start(env={"WAIT_TIME_SCALE": scale})
                wall, _ = self.run_to_end(server, flows.machine({"W": wait(2 if scale != "2" else 1)}))
                self.assertGreaterEqual(wall, low)
                self.assertLess(wall, high)


class Seed(Clock):
    def client_run(self, seed, folder=None):
        """One sequence of requests: the raw answers of all that can be asked afterwards."""
        arguments = ["--clock", "frozen", "--seed", seed] + (["--data", folder] if folder else [])
        with support.Stepd(args=arguments) as server:
            self.flows = flows.Flows(server)
            queue = self.flows.sqs.create_queue(QueueName="queue")["QueueUrl"]
            states = {"A": {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "Next": "B"},
                      "B": self.flows.callback("http://127.0.0.1:1/123456789012/queue", Next="C", TimeoutSeconds=5,
                                               Catch=[{"ErrorEquals": ["States.ALL"], "Next": "C"}]),
                      "C": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                            "Parameters": {"FunctionName": "nobody"}, "End": True,
                            "Retry": [dict(THREE_RETRIES[0], JitterStrategy="FULL")]}}
            arn = self.flows.create(flows.machine(states), name="machine")
            executions = [self.flows.sfn.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(3)]
            messages = self.flows.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
            self.move(server, advance=100)
            answers = [server.call("GetExecutionHistory", {"executionArn": execution})[1] for execution in executions]
            return json.dumps([executions, answers, [message["Body"] for message in messages],
                               [message["MessageId"] for message in messages]])

    def test_the_same_requests_give_the_same_bytes(self):
        first = self.client_run("42")
        self.assertIn("ExecutionFailed", first)
        self.assertEqual(first, self.client_run("42"))
        self.assertNotEqual(first, self.client_run("43"))

    def test_a_restart_repeats_no_id(self):
        with tempfile.TemporaryDirectory() as folder:
            seen = []
            for _ in range(3):
                with support.Stepd(args=["--seed", "7", "--data", folder]) as server:
                    self.flows = flows.Flows(server)
                    arn = self.flows.create(support.PASS, name="machine")
                    seen.append(self.flows.sfn.start_execution(stateMachineArn=arn)["executionArn"])
                    queue = self.flows.sqs.create_queue(QueueName="queue")["QueueUrl"]
                    seen += [self.flows.sqs.send_message(QueueUrl=queue, MessageBody="x")["MessageId"] for _ in range(3)]
                    seen.append(server.request("GET", "/health")[1]["x-amzn-RequestId"])
            self.assertEqual(len(seen), len(set(seen)), seen)

    def test_virtual_runs_are_the_same(self):
        def once():
            with support.Stepd(args=["--clock", "virtual", "--seed", "5"]) as server:
                self.flows = flows.Flows(server)
                each = {"Type": "Map", "ItemsPath": "$.items", "End": True, "Iterator": {"StartAt": "W", "States": {
                    "W": {"Type": "Wait", "SecondsPath": "$", "Next": "P"},
                    "P": {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "End": True}}}}
                self.run_to_end(server, flows.machine({"M": each}), '{"items":[3,1,2,1,5]}', "machine")
                arn = json.loads(server.request("GET", "/_stepd/executions")[2])["executions"][0]["executionArn"]
                return server.call("GetExecutionHistory", {"executionArn": arn, "maxResults": 1000})[1]
        self.assertEqual(once(), once())


class Options(unittest.TestCase):
    def test_bad_ones(self):
        for arguments, words in ((["--clock", "fast"], ["--clock", "virtual"]),
                                 (["--clock-start", "now"], ["--clock-start", "timestamp"]),
                                 (["--time-scale", "0"], ["--time-scale"]), (["--time-scale", "x"], ["--time-scale"]),
                                 (["--time-scale", "2", "--clock", "frozen"], ["--time-scale", "frozen"]),
                                 (["--seed", "x"], ["--seed", "number"]), (["--data", "/dev/null"], ["/dev/null", "--data"]),
                                 (["--data", "/dev/null/x"], ["/dev/null/x", "--data"])):
            with self.subTest(arguments=arguments):
                done = subprocess.run([support.BINARY, "--port", "0", *arguments], capture_output=True, text=True,
                                      env=support.clean_environment(), timeout=10)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                for word in words:
                    self.assertIn(word, done.stderr)


if __name__ == "__main__":
    unittest.main()
