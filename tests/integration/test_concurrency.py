"""Many executions and many answers at once: nobody is told anything wrong."""
import http.client
import json
import threading
import time
import unittest

import flows
import support

EXECUTIONS = 500
BEAT_SECONDS = 0.2
BEATING_SECONDS = 5
CONNECTIONS = 4


class Connection:
    """A kept connection on which requests are sent with as little work as Python allows."""

    def __init__(self, server):
        self.http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def call(self, operation, **parameters):
        """(status, body as a Python value)"""
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AWSStepFunctions." + operation}
        self.http.request("POST", "/", json.dumps(parameters), headers)
        answer = self.http.getresponse()
        return answer.status, json.loads(answer.read())

    def close(self):
        self.http.close()


def on_threads(count, work):
    """Runs work(number) on each of count threads at the same moment; raises what one of them raised."""
    failures, gate = [], threading.Barrier(count)

    def run(number):
        try:
            gate.wait(10)
            work(number)
        except Exception as error:
            failures.append(error)
    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


class Concurrency(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(support.Stepd(args=[]))
        self.flows = flows.Flows(self.server)

    def start_all(self, machine, count):
        def start(number):
            connection = Connection(self.server)
            for index in range(number, count, CONNECTIONS):
                status, body = connection.call("StartExecution", stateMachineArn=machine, name="e%d" % index)
                self.assertEqual(status, 200, body)
            connection.close()
        on_threads(CONNECTIONS, start)

    def statuses(self, machine):
        pages = self.flows.sfn.get_paginator("list_executions").paginate(stateMachineArn=machine)
        return [execution["status"] for page in pages for execution in page["executions"]]

    def test_heartbeats_of_500_executions(self):
        queue = self.flows.queue()
        ask = self.flows.callback(queue, HeartbeatSeconds=4, TimeoutSeconds=120)
        machine = self.flows.create(flows.machine({"Ask": ask}))
        errors, beats, slowest = [], [0] * CONNECTIONS, [0.0] * CONNECTIONS
        self.start_all(machine, EXECUTIONS)
        tokens = self.flows.tokens(queue, EXECUTIONS)
        self.assertEqual(len(set(tokens)), EXECUTIONS)

        def work(number):
            connection, mine = Connection(self.server), tokens[number::CONNECTIONS]
            end = time.monotonic() + BEATING_SECONDS
            while time.monotonic() < end:
                round_start = time.monotonic()
                for token in mine:
                    status, body = connection.call("SendTaskHeartbeat", taskToken=token)
                    if status != 200:
                        errors.append(body)
                    beats[number] += 1
                took = time.monotonic() - round_start
                slowest[number] = max(slowest[number], took)
                time.sleep(max(0.0, BEAT_SECONDS - took))
            for token in mine:
                status, body = connection.call("SendTaskSuccess", taskToken=token, output="1")
                if status != 200:
                    errors.append(body)
            connection.close()
        on_threads(CONNECTIONS, work)
        self.assertEqual(errors, [])
        self.assertGreater(sum(beats), EXECUTIONS * 3)
        self.assertLess(max(slowest), 4, "this machine is too slow to beat in time")
        flows.poll(lambda: "RUNNING" not in self.statuses(machine), "the end of all executions")
        self.assertEqual(self.statuses(machine), ["SUCCEEDED"] * EXECUTIONS)

    def test_50_answers_to_one_token(self):
        execution, token = self.flows.waiting()
        connections = [Connection(self.server) for _ in range(50)]
        for connection in connections:
            connection.http.connect()
        answers = [None] * 50

        def work(number):
            answers[number] = connections[number].call("SendTaskSuccess", taskToken=token, output=str(number))
        on_threads(50, work)
        for connection in connections:
            connection.close()
        winners = [number for number, (status, _) in enumerate(answers) if status == 200]
        self.assertEqual(len(winners), 1, answers)
        for number, (status, body) in enumerate(answers):
            if number != winners[0]:
                self.assertEqual(status, 400)
                self.assertEqual((body["__type"].split("#")[-1], body["message"]), flows.TIMED_OUT)
        self.assertEqual(self.flows.end(execution)["output"], str(winners[0]))

    def test_success_and_failure_race(self):
        queue = self.flows.queue()
        machine = self.flows.create(flows.machine({"Ask": self.flows.callback(queue)}))
        self.start_all(machine, 40)
        tokens = self.flows.tokens(queue, 40)
        answers = [[None, None] for _ in tokens]

        def work(side):
            connection = Connection(self.server)
            for number, token in enumerate(tokens):
                more = {"output": "1"} if side == 0 else {"error": "E"}
                operation = "SendTaskSuccess" if side == 0 else "SendTaskFailure"
                answers[number][side] = connection.call(operation, taskToken=token, **more)[0]
            connection.close()
        on_threads(2, work)
        for pair in answers:
            self.assertEqual(sorted(pair), [200, 400])
        flows.poll(lambda: "RUNNING" not in self.statuses(machine), "the end of all executions")
        self.assertEqual(self.statuses(machine).count("SUCCEEDED"), [pair[0] for pair in answers].count(200))


if __name__ == "__main__":
    unittest.main()
