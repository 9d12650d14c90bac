"""What stepd does at its own limits: memory, connections. It throttles what is new; what runs goes on."""
import json
import resource
import socket
import unittest

from botocore.exceptions import ClientError

import support

WAITS = {"StartAt": "T", "States": {"T": {
    "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
    "Parameters": {"QueueUrl": "", "MessageBody": {"token.$": "$$.Task.Token"}}}}}
PAYLOAD = json.dumps("x" * 250000)
CONNECTIONS = 8192


class Memory(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(support.Stepd(args=["--memory-limit", "16"]))
        self.states = self.server.client("stepfunctions")
        self.sqs = self.server.client("sqs")
        self.tables = self.server.client("dynamodb")

    def refused(self, call, **arguments):
        with self.assertRaises(ClientError) as raised:
            call(**arguments)
        return raised.exception.response["Error"]

    def fill(self, call, most=1000):
        """Calls until it is refused; the error and how often it went well."""
        for count in range(most):
            try:
                call(count)
            except ClientError as error:
                return error.response["Error"], count
        self.fail("never refused")

    def test_executions_are_throttled_and_those_that_wait_go_on(self):
        queue = self.sqs.create_queue(QueueName="q")["QueueUrl"]
        definition = json.loads(json.dumps(WAITS))
        definition["States"]["T"]["Parameters"]["QueueUrl"] = queue
        machine = self.states.create_state_machine(name="waits", definition=json.dumps(definition), roleArn=support.ROLE)
        start = {"stateMachineArn": machine["stateMachineArn"]}
        first = self.states.start_execution(**start, input="{}")["executionArn"]
        error, count = self.fill(lambda number: self.states.start_execution(**start, input=PAYLOAD))
        self.assertEqual(error["Code"], "ThrottlingException")
        self.assertIn("--memory-limit", error["Message"])
        self.assertGreater(count, 10)
        long_definition = json.dumps({**json.loads(support.PASS), "Comment": PAYLOAD})
        for call, arguments in (
                (self.states.create_state_machine, {"name": "m", "definition": long_definition, "roleArn": support.ROLE}),
                (self.states.start_sync_execution, {**start, "input": PAYLOAD})):
            self.assertEqual(self.refused(call, **arguments)["Code"], "ThrottlingException")
        # All else is answered, and what waits can end.
        self.assertEqual(self.states.describe_execution(executionArn=first)["status"], "RUNNING")
        body = json.loads(self.sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])
        self.states.send_task_success(taskToken=body["token"], output="{}")
        self.assertTrue(support.wait_for(
            lambda: self.states.describe_execution(executionArn=first)["status"] == "SUCCEEDED", 5))
        # An empty stepd has room again.
        self.assertEqual(self.server.request("POST", "/_stepd/reset")[0], 200)
        machine = self.states.create_state_machine(name="again", definition=support.PASS, roleArn=support.ROLE)
        self.states.start_execution(stateMachineArn=machine["stateMachineArn"], input=PAYLOAD)

    def test_queues(self):
        queue = self.sqs.create_queue(QueueName="q")["QueueUrl"]
        send = lambda number: self.sqs.send_message(QueueUrl=queue, MessageBody=PAYLOAD)
        error, count = self.fill(send)
        self.assertEqual(error["Code"], "RequestThrottled")
        self.assertGreater(count, 10)
        self.sqs.purge_queue(QueueUrl=queue)
        send(0)

    def test_tables(self):
        self.tables.create_table(TableName="table", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                                 AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
                                 BillingMode="PAY_PER_REQUEST")
        put = lambda number: self.tables.put_item(TableName="table", Item={"k": {"S": str(number)}, "v": {"S": PAYLOAD}})
        error, count = self.fill(put)
        self.assertEqual(error["Code"], "ThrottlingException")
        self.assertGreater(count, 10)
        for number in range(count):
            self.tables.delete_item(TableName="table", Key={"k": {"S": str(number)}})
        put(0)


class Connections(unittest.TestCase):
    def test_one_too_many_is_told_so(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < 2 * CONNECTIONS:
            self.skipTest("the limit of open files is %d" % hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        with support.Stepd() as server:
            idle = []
            self.addCleanup(lambda: [one.close() for one in idle])
            for _ in range(CONNECTIONS):
                idle.append(socket.create_connection(("127.0.0.1", server.port)))
            status, _, body = server.request("GET", "/health")
            self.assertEqual((status, json.loads(body)["__type"]), (400, "ThrottlingException"))
            for one in idle[:100]:
                one.close()
            self.assertTrue(support.wait_for(lambda: server.request("GET", "/health")[0] == 200, 5))


class Bodies(unittest.TestCase):
    def test_too_much_at_once(self):
        body = b'"' + b"x" * (8 * 1024 * 1024 - 2)  # the last byte is kept back
        with support.Stepd() as server:
            ask = lambda: server.request("POST", "/", {"X-Amz-Target": "AWSStepFunctions.ListStateMachines"},
                                         json.dumps({"nextToken": "x" * 1000}))
            senders = []
            for _ in range(256 // 8):
                one = socket.create_connection(("127.0.0.1", server.port), timeout=30)
                self.addCleanup(one.close)
                one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (len(body) + 1) + body)
                senders.append(one)
            self.assertTrue(support.wait_for(lambda: b"ThrottlingException" in ask()[2], 20))
            self.assertEqual(ask()[0], 400)
            for one in senders:
                one.close()
            self.assertTrue(support.wait_for(lambda: b"InvalidToken" in ask()[2], 20))


if __name__ == "__main__":
    unittest.main()
