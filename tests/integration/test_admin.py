"""stepd's own paths and the verbs that ask a stepd that runs: tasks, waiting, executions, reset."""
import http.client
import json
import subprocess
import threading
import time
import unittest
import urllib.parse

import flows
import support

TOKEN_TASK = {"executionArn", "stateMachineArn", "stateName", "status", "resource", "taskToken", "parameters",
              "scheduledDate"}


class Admin(unittest.TestCase):
    ARGUMENTS = ["--clock", "frozen", "--seed", "3"]

    def setUp(self):
        self.server = self.enterContext(support.Stepd(args=self.ARGUMENTS))
        self.flows = flows.Flows(self.server)

    def get(self, path, expected=200, method="GET", **parameters):
        query = urllib.parse.urlencode(parameters)
        got, headers, body = self.server.request(method, "/_stepd/" + path + ("?" + query if query else ""))
        self.assertEqual(got, expected, body[:300])
        self.assertEqual(headers["Content-Type"], "application/json")
        return json.loads(body)

    def move(self, **body):
        status, _, answer = self.server.request("POST", "/_stepd/clock", body=json.dumps(body))
        self.assertEqual(status, 200, answer)

    def wait(self, execution, **parameters):
        return self.get("wait", execution=execution, **parameters)

    def stepd(self, *words, server=True):
        """(exit status, standard output, standard error) of a verb."""
        where = ["--endpoint", self.server.url] if server else []
        done = subprocess.run([support.BINARY, *words, *where], capture_output=True, text=True, timeout=60,
                              env=support.clean_environment())
        return done.returncode, done.stdout, done.stderr


class Tasks(Admin):
    def test_what_is_told(self):
        execution, token = self.flows.waiting(TimeoutSeconds=100, HeartbeatSeconds=30)
        task, = self.get("tasks")["tasks"]
        self.assertEqual(set(task), TOKEN_TASK | {"deadline", "timeoutDate", "heartbeatDate"})
        self.assertEqual(task["executionArn"], execution)
        self.assertEqual((task["stateName"], task["status"], task["taskToken"]), ("Ask", "WAITING", token))
        self.assertEqual(task["resource"], flows.CALLBACK)
        self.assertEqual(task["parameters"]["MessageBody"], {"TaskToken": token})
        self.assertEqual((task["scheduledDate"], task["deadline"], task["timeoutDate"], task["heartbeatDate"]),
                         ("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:30.000Z", "2026-01-01T00:01:40.000Z",
                          "2026-01-01T00:00:30.000Z"))
        self.move(advance=5)
        self.assertIsNone(self.flows.beat(token))
        task, = self.get("tasks")["tasks"]
        self.assertEqual((task["lastHeartbeat"], task["deadline"]),
                         ("2026-01-01T00:00:05.000Z", "2026-01-01T00:00:35.000Z"))
        self.assertIsNone(self.flows.answer(token))
        self.assertEqual(self.get("tasks"), {"tasks": []})

    def test_a_heartbeat_is_kept_without_heartbeat_seconds(self):
        _, token = self.flows.waiting()
        self.move(advance=7)
        self.assertIsNone(self.flows.beat(token))
        task, = self.get("tasks")["tasks"]
        self.assertEqual(task["lastHeartbeat"], "2026-01-01T00:00:07.000Z")
        self.assertNotIn("deadline", task)

    def test_pages_and_filters(self):
        queue = self.flows.queue()
        branches = [{"StartAt": name, "States": {name: self.flows.callback(queue)}} for name in "ABC"]
        arn = self.flows.create(flows.machine({"P": {"Type": "Parallel", "Branches": branches, "End": True}}))
        executions = [self.flows.sfn.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(3)]
        self.flows.tokens(queue, 9)
        everything = self.get("tasks")["tasks"]
        self.assertEqual([(task["executionArn"], task["stateName"]) for task in everything],
                         [(execution, name) for execution in executions for name in "ABC"])
        pages, token = [], None
        while True:
            page = self.get("tasks", limit=2, **({"nextToken": token} if token else {}))
            pages += page["tasks"]
            self.assertLessEqual(len(page["tasks"]), 2)
            token = page.get("nextToken")
            if not token:
                break
        self.assertEqual(pages, everything)
        one = self.get("tasks", execution=executions[1], state="B")["tasks"]
        self.assertEqual([(task["executionArn"], task["stateName"]) for task in one], [(executions[1], "B")])
        self.assertEqual(self.get("tasks", account="000000000000")["tasks"], [])
        self.assertEqual(len(self.get("tasks", account=support.ACCOUNT)["tasks"]), 9)
        self.assertEqual(len({task["taskToken"] for task in everything}), 9)

    def test_an_activity(self):
        activity = self.flows.sfn.create_activity(name="work")["activityArn"]
        execution = self.flows.start(flows.machine({"Do": {"Type": "Task", "Resource": activity, "End": True}}), '{"a":1}')
        task, = self.get("tasks")["tasks"]
        self.assertEqual((task["status"], task["resource"], task["parameters"]), ("SCHEDULED", activity, {"a": 1}))
        fetched = self.flows.sfn.get_activity_task(activityArn=activity)
        task, = self.get("tasks")["tasks"]
        self.assertEqual((task["status"], task["taskToken"]), ("WAITING", fetched["taskToken"]))
        self.assertIsNone(self.flows.answer(fetched["taskToken"]))
        self.assertEqual(self.flows.end(execution)["status"], "SUCCEEDED")

    def test_parked_ones_are_found(self):
        """Executions that only the store holds."""
        queue = self.flows.queue()
        arn = self.flows.create(flows.machine({"Ask": self.flows.callback(queue, TimeoutSeconds=50)}))
        count = 4200

        def start(times):
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
            for _ in range(times):
                connection.request("POST", "/", json.dumps({"stateMachineArn": arn}),
                                   {"X-Amz-Target": "AWSStepFunctions.StartExecution"})
                connection.getresponse().read()
            connection.close()
        threads = [threading.Thread(target=start, args=(count // 6,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seen, token = 0, None
        while True:
            page = self.get("tasks", limit=1000, **({"nextToken": token} if token else {}))
            seen += len(page["tasks"])
            token = page.get("nextToken")
            if not token:
                break
        self.assertEqual(seen, count)
        self.move(advance=50)
        self.assertEqual(self.get("tasks")["tasks"], [])
        self.assertEqual(self.get("executions", status="RUNNING")["executions"], [])

    def test_bad_parameters(self):
        for parameters in ({"limit": "0"}, {"limit": "x"}, {"nextToken": "x"}):
            self.assertEqual(self.get("tasks", 400, **parameters)["__type"], "ValidationException")
        self.assertEqual(self.get("tasks", 405, "POST")["__type"], "MethodNotAllowedException")


class Waiting(Admin):
    def test_until_the_end(self):
        execution = self.flows.start(flows.machine({"W": {"Type": "Wait", "Seconds": 60, "Next": "P"},
                                                    "P": {"Type": "Pass", "Result": {"x": 1}, "End": True}}))
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.wait(execution)))
        thread.start()
        time.sleep(0.1)
        self.assertEqual(answers, [])
        self.move(advance=60)
        thread.join(5)
        self.assertEqual(answers[0], self.wait(execution))
        self.assertEqual((answers[0]["reached"], answers[0]["status"], answers[0]["output"]), (True, "SUCCEEDED", {"x": 1}))
        self.assertEqual((answers[0]["startDate"], answers[0]["stopDate"]),
                         ("2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z"))

    def test_until_a_token(self):
        queue = self.flows.queue()
        execution = self.flows.start(flows.machine({"W": {"Type": "Wait", "Seconds": 5, "Next": "Ask"},
                                                    "Ask": self.flows.callback(queue)}))
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.wait(execution, until="token")))
        thread.start()
        time.sleep(0.1)
        self.assertEqual(answers, [])
        self.move(advance=5)
        thread.join(5)
        self.assertEqual((answers[0]["reached"], answers[0]["status"]), (True, "RUNNING"))
        self.assertEqual([task["stateName"] for task in answers[0]["tasks"]], ["Ask"])
        self.assertIsNone(self.flows.fail(answers[0]["tasks"][0]["taskToken"], error="E", cause="C"))
        ended = self.wait(execution, until="token")
        self.assertEqual((ended["reached"], ended["status"], ended["error"], ended["cause"]), (True, "FAILED", "E", "C"))

    def test_time_is_over(self):
        execution = self.flows.start(flows.machine({"W": {"Type": "Wait", "Seconds": 60, "End": True}}))
        before = time.monotonic()
        answer = self.wait(execution, timeout=1)
        self.assertEqual((answer["reached"], answer["status"]), (False, "RUNNING"))
        self.assertGreater(time.monotonic() - before, 0.9)
        self.assertFalse(self.wait(execution, timeout=0)["reached"])

    def test_bad_ones(self):
        arn = "arn:aws:states:us-east-1:123456789012:execution:m:x"
        self.assertEqual(self.get("wait", 400, execution=arn)["__type"], "ExecutionDoesNotExist")
        for parameters in ({}, {"execution": "x"}, {"execution": arn, "until": "x"}, {"execution": arn, "timeout": "x"}):
            self.assertEqual(self.get("wait", 400, **parameters)["__type"], "ValidationException")

    def test_stopping_with_a_wait_open(self):
        execution = self.flows.start(flows.machine({"W": {"Type": "Wait", "Seconds": 60, "End": True}}))
        got = []

        def ask():
            got.append(self.server.request("GET", "/_stepd/wait?execution=" + execution)[0])
        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.2)
        self.server.stop()
        thread.join(5)
        self.assertEqual(got, [503])


class Executions(Admin):
    def test_list(self):
        arn = self.flows.create(support.PASS)
        executions = [self.flows.sfn.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(5)]
        running = self.flows.start(flows.machine({"W": {"Type": "Wait", "Seconds": 60, "End": True}}))
        listed = [item["executionArn"] for item in self.get("executions")["executions"]]
        self.assertEqual(listed, [running] + executions[::-1])
        first = self.get("executions", limit=4)
        rest = self.get("executions", limit=4, nextToken=first["nextToken"])
        self.assertEqual([item["executionArn"] for item in first["executions"] + rest["executions"]], listed)
        self.assertNotIn("nextToken", rest)
        self.assertEqual([item["executionArn"] for item in self.get("executions", status="RUNNING")["executions"]], [running])
        self.assertEqual(self.get("executions", 400, status="DONE")["__type"], "ValidationException")


    def test_express(self):
        arn = self.flows.create(support.PASS, type="EXPRESS")
        run = self.server.call("StartSyncExecution", {"stateMachineArn": arn, "input": '{"a":1}'})[1]
        one, = self.get("executions", type="EXPRESS")["executions"]
        self.assertEqual((one["executionArn"], one["status"]), (run["executionArn"], "SUCCEEDED"))
        self.assertEqual(self.get("executions")["executions"], [])
        events = self.get("history", execution=run["executionArn"])["events"]
        self.assertEqual([event["type"] for event in events],
                         ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"])
        page = self.get("history", execution=run["executionArn"], limit=3)
        rest = self.get("history", execution=run["executionArn"], **{"from": page["next"]})
        self.assertEqual(page["events"] + rest["events"], events)
        self.assertEqual(self.get("history", 400, execution=arn)["__type"], "ValidationException")
        self.assertEqual(self.get("executions", 400, type="X")["__type"], "ValidationException")


class Reset(Admin):
    def fill(self, access_key):
        account = access_key if access_key.isdigit() else support.ACCOUNT
        sfn = self.server.client("stepfunctions", access_key=access_key)
        sqs = self.server.client("sqs", access_key=access_key)
        dynamodb = self.server.client("dynamodb", access_key=access_key)
        sqs.create_queue(QueueName="queue")
        sfn.create_activity(name="activity")
        dynamodb.create_table(TableName="table", BillingMode="PAY_PER_REQUEST",
                              AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
                              KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}])
        arn = sfn.create_state_machine(name="machine", roleArn=support.ROLE, definition=flows.machine(
            {"Ask": self.flows.callback("http://127.0.0.1:1/%s/queue" % account)}))["stateMachineArn"]
        execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
        waiting = self.wait(execution, until="token")
        return sfn, sqs, dynamodb, execution, waiting["tasks"][0]["taskToken"]

    def counts(self, clients):
        sfn, sqs, dynamodb = clients[:3]
        return (len(sfn.list_state_machines()["stateMachines"]), len(sfn.list_activities()["activities"]),
                len(sqs.list_queues().get("QueueUrls", [])), len(dynamodb.list_tables()["TableNames"]))

    def test_everything(self):
        mine = self.fill("test")
        other = self.fill("000000000000")
        self.assertEqual(self.get("reset", 200, "POST"), {"reset": "all"})
        for clients in (mine, other):
            self.assertEqual(self.counts(clients), (0, 0, 0, 0))
            self.assertEqual(flows.refusal(clients[0].send_task_success, taskToken=clients[4], output="{}"), flows.FORGED)
            self.assertEqual(flows.refusal(clients[0].describe_execution, executionArn=clients[3])[0],
                             "ExecutionDoesNotExist")
        self.assertEqual(self.get("executions")["executions"], [])
        self.assertEqual(self.get("tasks")["tasks"], [])
        again = self.fill("test")
        self.assertEqual(self.counts(again), (1, 1, 1, 1))
        self.assertNotEqual(again[3:], mine[3:])
        self.assertIsNone(flows.refusal(again[0].send_task_success, taskToken=again[4], output="{}"))
        self.assertEqual(self.wait(again[3])["status"], "SUCCEEDED")

    def test_one_account(self):
        mine = self.fill("test")
        other = self.fill("000000000000")
        self.assertEqual(self.get("reset", 200, "POST", account="000000000000"), {"reset": "000000000000"})
        self.assertEqual((self.counts(mine), self.counts(other)), ((1, 1, 1, 1), (0, 0, 0, 0)))
        self.assertEqual(flows.refusal(other[0].send_task_success, taskToken=other[4], output="{}"), flows.TIMED_OUT)
        self.assertIsNone(flows.refusal(mine[0].send_task_success, taskToken=mine[4], output="{}"))
        self.assertEqual(self.wait(mine[3])["status"], "SUCCEEDED")

    def test_who_waits_is_told(self):
        execution = self.flows.start(flows.machine({"W": {"Type": "Wait", "Seconds": 60, "End": True}}))
        got = []
        thread = threading.Thread(target=lambda: got.append(self.get("wait", 400, execution=execution)))
        thread.start()
        time.sleep(0.2)
        self.get("reset", 200, "POST")
        thread.join(5)
        self.assertEqual(got[0]["__type"], "ExecutionDoesNotExist")

    def test_samples_are_set_up_again(self):
        with support.Stepd(args=["--sample", "callback-sqs"]) as server:
            sqs = server.client("sqs")
            before = sqs.list_queues()["QueueUrls"]
            sqs.create_queue(QueueName="another")
            self.assertEqual(server.request("POST", "/_stepd/reset")[0], 200)
            self.assertEqual(sqs.list_queues()["QueueUrls"], before)


class Verbs(Admin):
    def test_tasks_and_task(self):
        execution, token = self.flows.waiting(HeartbeatSeconds=30)
        status, output, errors = self.stepd("tasks")
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(json.loads(output)["tasks"][0]["taskToken"], token)
        self.move(advance=10)
        self.assertEqual(self.stepd("task", "heartbeat", "--execution", execution), (0, "", ""))
        self.assertIn("T00:00:10", json.loads(self.stepd("tasks")[1])["tasks"][0]["lastHeartbeat"])
        status, _, errors = self.stepd("task", "success", "--execution", execution, "--output", "{")
        self.assertEqual(status, 1)
        self.assertIn("InvalidOutput", errors)
        self.assertEqual(self.stepd("task", "success", "--execution", execution, "--output", '{"a":1}'), (0, "", ""))
        self.assertEqual(json.loads(self.flows.end(execution)["output"]), {"a": 1})
        status, _, errors = self.stepd("task", "success", "--execution", execution)
        self.assertEqual((status, errors.count("\n")), (1, 1))

    def test_failure_of_one_of_several(self):
        queue = self.flows.queue()
        branches = [{"StartAt": name, "States": {name: self.flows.callback(queue)}} for name in ("First one", "Other")]
        execution = self.flows.start(flows.machine({"P": {"Type": "Parallel", "Branches": branches, "End": True}}))
        self.wait(execution, until="token")
        status, _, errors = self.stepd("task", "failure", "--execution", execution)
        self.assertEqual(status, 1)
        self.assertIn("--state", errors)
        self.assertEqual(self.stepd("task", "failure", "--execution", execution, "--state", "First one", "--error=E",
                                    "--cause", "C d"), (0, "", ""))
        ended = self.flows.end(execution)
        self.assertEqual((ended["status"], ended["error"], ended["cause"]), ("FAILED", "E", "C d"))

    def test_wait(self):
        execution, token = self.flows.waiting()
        self.assertEqual(self.stepd("wait", "--execution", execution, "--until", "token")[0], 0)
        self.assertEqual(self.stepd("wait", "--execution", execution, "--timeout", "0")[0], 3)
        self.assertIsNone(self.flows.fail(token))
        status, output, _ = self.stepd("wait", "--execution", execution)
        self.assertEqual((status, json.loads(output)["status"]), (1, "FAILED"))

    def test_clock(self):
        self.assertEqual(json.loads(self.stepd("clock")[1])["now"], "2026-01-01T00:00:00.000Z")
        self.assertEqual(json.loads(self.stepd("clock", "advance", "3600")[1])["now"], "2026-01-01T01:00:00.000Z")
        self.assertEqual(json.loads(self.stepd("clock", "to", "2026-02-01T00:00:00Z")[1])["now"], "2026-02-01T00:00:00.000Z")
        self.assertEqual(self.stepd("clock", "next")[0], 0)
        for words in (("advance", "soon"), ("to", "2026-01-01T00:00:00Z")):
            status, _, errors = self.stepd("clock", *words)
            self.assertEqual((status, errors.count("\n")), (1, 1), errors)

    def test_bad_words(self):
        for words in (("task",), ("task", "finish"), ("task", "success"), ("wait",), ("clock", "advance"),
                      ("clock", "back", "1"), ("tasks", "--nonsense"), ("tasks", "--output", "x"), ("wait", "--execution")):
            with self.subTest(words=words):
                status, output, errors = self.stepd(*words, server=False)
                self.assertEqual((status, output, errors.count("\n")), (2, "", 1), errors)
                self.assertTrue(errors.startswith("stepd " + words[0]), errors)

    def test_nobody_there(self):
        status, _, errors = self.stepd("tasks", "--endpoint", "http://127.0.0.1:9", server=False)
        self.assertEqual((status, errors.count("\n")), (2, 1))
        self.assertIn("--endpoint", errors)
        status, _, errors = self.stepd("tasks", "--endpoint", "localhost:1", server=False)
        self.assertEqual(status, 2)
        self.assertIn("http://HOST:PORT", errors)


if __name__ == "__main__":
    unittest.main()
