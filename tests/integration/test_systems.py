"""The callback systems' open questions, each with a defined behaviour: what if the other side fails, is silent, late, early,
unknown, or says it twice."""
import http.client
import json
import os
import unittest

import flows
import support

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ORDER = "a96cbeed-cbd7-4711-815c-0913113c6064"
WRONG = (500, {"message": "Internal Server Error"})


def sample(name, file):
    with open(os.path.join(ROOT, "samples", name, file), encoding="utf-8") as text:
        return text.read()


class System(unittest.TestCase):
    SAMPLE = None
    OPTIONS = []

    @classmethod
    def setUpClass(cls):
        arguments = ["--sample", cls.SAMPLE, *cls.OPTIONS]
        cls.server = cls.enterClassContext(support.Stepd(args=arguments))
        cls.flows = flows.Flows(cls.server)
        cls.definition = json.loads(sample(cls.SAMPLE, "definition.asl.json"))
        cls.input = json.loads(sample(cls.SAMPLE, "input.json"))

    def post(self, path, body):
        """(status, answer) of a POST, the answer read as JSON when there is one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        text = body if isinstance(body, (str, type(None))) else json.dumps(body)
        connection.request("POST", path, text, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        read = answer.read()
        connection.close()
        return answer.status, json.loads(read) if read else None

    def start(self, definition=None, **changes):
        return self.flows.start(json.dumps(definition or self.definition), json.dumps({**self.input, **changes}))

    def task_token(self, execution):
        self.flows.until(execution, "TaskSubmitted")
        events = self.flows.history(execution)
        scheduled = next(event for event in events if event["type"] == "TaskScheduled")
        payload = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])["Payload"]
        return payload.get("taskToken") or payload["token"]


class Valuation(System):
    SAMPLE = "valuation"
    OPTIONS = ["--valuation-delay", "0.3"]

    def ask(self, number, **state_fields):
        definition = json.loads(json.dumps(self.definition))
        definition["States"]["RequestValuation"].update(state_fields)
        return self.start(definition, property={"nameOrNumber": number, "postcode": "PO1 1CE"})

    def references(self):
        table = self.server.client("dynamodb").scan(TableName="TaskTokenTable")["Items"]
        return {item["taskToken"]["S"]: item["keyReference"]["S"] for item in table}

    def reference(self, execution):
        return self.references()[self.task_token(execution)]

    def answer(self, reference):
        return self.post("/valuation-callback", {"valuationReference": reference, "propertyValue": 1})

    def assert_still_waiting(self, execution):
        self.assertEqual(self.flows.status(execution), "RUNNING")
        self.assertEqual(self.flows.types(execution)[-1], "TaskSubmitted")
        self.assertIsNone(self.flows.answer(self.task_token(execution), '"by hand"'))
        self.assertEqual(self.flows.end(execution)["output"], '"by hand"')

    def test_the_answer_comes(self):
        execution = self.ask("999")
        reference = self.reference(execution)
        self.assertRegex(reference, r"^[A-Za-z0-9_-]{21}$")
        output = json.loads(self.flows.end(execution)["output"])
        self.assertEqual(output, {"valuationReference": reference, "propertyValue": 666000})
        submitted = self.flows.history(execution)[4]["taskSubmittedEventDetails"]["output"]
        self.assertIsNone(json.loads(submitted)["Payload"])

    def test_the_service_requires_a_body(self):
        for body in (None, "", "{}", "not json"):
            status, _ = self.post("/valuation-request", body)
            self.assertTrue(400 <= status < 500, status)

    def test_the_service_gives_an_error(self):
        ended = self.flows.end(self.ask("mock-error"))
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "Error"))
        self.assertIn("500", ended["cause"])

    def test_the_service_never_calls_back(self):
        execution = self.ask("mock-no-answer", TimeoutSeconds=1)
        ended = self.flows.end(execution)
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "States.Timeout"))
        self.assertNotIn("cause", ended)

    def test_a_reference_that_isnt_known(self):
        execution = self.ask("mock-no-answer")
        self.reference(execution)
        self.assertEqual(self.answer("no-such-reference-here"), WRONG)
        self.assert_still_waiting(execution)
        self.assert_still_waiting(self.ask("mock-unknown-reference"))

    def test_a_callback_without_a_body(self):
        execution = self.ask("mock-no-answer")
        self.reference(execution)
        for body in (None, "", "not json", "{}", "[]"):
            with self.subTest(body=body):
                self.assertEqual(self.post("/valuation-callback", body), WRONG)
        self.assert_still_waiting(execution)

    def test_a_late_answer(self):
        execution = self.ask("mock-no-answer", TimeoutSeconds=1)
        reference = self.reference(execution)
        ended = self.flows.end(execution)
        events = self.flows.types(execution)
        self.assertEqual(self.answer(reference), WRONG)
        self.assertEqual(self.flows.sfn.describe_execution(executionArn=execution)["stopDate"], ended["stopDate"])
        self.assertEqual(self.flows.types(execution), events)

    def test_an_answer_that_takes_its_time(self):
        self.assertEqual(self.flows.end(self.ask("mock-late"))["status"], "SUCCEEDED")

    def test_two_answers(self):
        execution = self.ask("mock-no-answer")
        reference = self.reference(execution)
        self.assertEqual(self.answer(reference)[0], 200)
        output = self.flows.end(execution)["output"]
        self.assertEqual(self.answer(reference), WRONG)
        self.assertEqual(self.flows.end(execution)["output"], output)
        self.assertEqual(self.flows.end(self.ask("mock-twice"))["status"], "SUCCEEDED")

    def test_an_answer_before_the_token_is_stored(self):
        execution = self.ask("mock-before-stored")
        self.flows.until(execution, "TaskSubmitted")
        self.assert_still_waiting(execution)


class Silent(System):
    """The shipping company is played by the test."""
    SAMPLE = "order-shipping"
    OPTIONS = ["--shipping-delay", "86400"]

    def report(self, path="/externalCallback", **fields):
        body = {"order_id": ORDER, "task_type": "ORDER_SHIPPING_SERVICE", "task_status": "SUCCEEDED", **fields}
        return self.post(path, {name: value for name, value in body.items() if value is not None})

    def waiting(self):
        execution = self.start()
        self.flows.until(execution, "TaskSubmitted")
        return execution

    def row(self):
        key = {"order_id": {"S": ORDER}, "task_type": {"S": "ORDER_SHIPPING_SERVICE"}}
        return self.server.client("dynamodb").get_item(TableName="CallbackTable", Key=key)["Item"]

    def order(self):
        return self.server.client("dynamodb").get_item(TableName="OrderTable", Key={"order_id": {"S": ORDER}})["Item"]

    def test_success(self):
        for status, path in (("SUCCEEDED", "/externalCallback"), ("SUCCESS", "/v1/externalCallback")):
            execution = self.waiting()
            self.assertEqual(self.row()["task_status"], {"S": "CREATED"})
            number = "1Z" + status
            answer, _ = self.report(path, task_status=status, task_output={"shipping_status": "PROCESSING",
                                                                          "tracking_number": number})
            self.assertEqual(answer, 200)
            self.assertEqual(self.flows.end(execution)["output"], "null")
            self.assertEqual(self.order()["tracking_number"], {"S": number})
            self.assertEqual(self.row()["task_status"], {"S": "SUCCEEDED"})

    def test_failure(self):
        execution = self.waiting()
        self.assertEqual(self.report(task_status="FAILED", task_error={"reason": "no such street"})[0], 200)
        ended = self.flows.end(execution)
        self.assertEqual((ended["status"], json.loads(ended["error"])), ("FAILED", {"reason": "no such street"}))
        self.assertNotIn("cause", ended)
        self.assertEqual(self.row()["task_status"], {"S": "FAILED"})

    def test_reports_that_break_the_rules(self):
        execution = self.waiting()
        for fields in ({"order_id": None}, {"task_type": None}, {"task_status": None}, {"task_type": "OTHER"},
                       {"task_status": "MAYBE"}, {"order_id": 1}, {"task_output": "text"}, {"task_error": []}):
            with self.subTest(fields=fields):
                self.assertEqual(self.report(**fields), (400, {"message": "Invalid request body"}))
        self.assertEqual(self.flows.status(execution), "RUNNING")
        self.report(task_output={"tracking_number": "1"})
        self.assertEqual(self.flows.end(execution)["status"], "SUCCEEDED")

    def test_reports_that_nobody_waits_for(self):
        status, body = self.report(order_id="no-such-order")
        self.assertEqual(status, 500)
        self.assertIn("Internal Error: ", json.dumps(body))
        execution = self.waiting()
        self.report(task_output={"tracking_number": "1"})
        self.flows.end(execution)
        status, body = self.report(task_output={"tracking_number": "2"})
        self.assertEqual(status, 500)
        self.assertIn("Internal Error: ", json.dumps(body))
        self.assertIn("Provided task does not exist anymore", json.dumps(body))

    def test_the_order_goes_to_the_company(self):
        execution = self.waiting()
        scheduled = [event for event in self.flows.history(execution) if event["type"] == "TaskScheduled"][0]
        payload = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])["Payload"]
        self.assertEqual(payload["callback"], "true")
        self.assertEqual(payload["input"], {"order_id": ORDER, "order_contents": {"tent": "1", "lantern": "2",
                                                                                  "tent peg": "12"}})
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
        connection.request("GET", "/_stepd/outbox")
        outbox = connection.getresponse().read().decode()
        connection.close()
        self.assertIn(ORDER, outbox)
        self.report(task_output={"tracking_number": "1"})
        self.flows.end(execution)

    def test_an_unknown_order(self):
        ended = self.flows.end(self.start(order_id="nobody's"))
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "Error"))
        self.assertIn("nobody's", ended["cause"])


class Shipping(System):
    SAMPLE = "order-shipping"
    OPTIONS = ["--shipping-delay", "0.1"]

    def test_the_company_reports(self):
        execution = self.start()
        self.assertEqual(self.flows.end(execution)["output"], "null")
        item = self.server.client("dynamodb").get_item(TableName="OrderTable", Key={"order_id": {"S": ORDER}})["Item"]
        self.assertEqual(item["tracking_number"], {"S": "1ZA1B2C3D4"})


class CallbackOverSqs(System):
    SAMPLE = "callback-sqs"

    def test_many_at_once(self):
        machine = self.flows.create(json.dumps(self.definition))
        started = [self.flows.sfn.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(25)]
        for execution in started:
            self.assertEqual(self.flows.end(execution)["status"], "SUCCEEDED")
            self.assertIn("Notify Success", json.dumps(self.flows.history(execution), default=str))


class Payment(System):
    SAMPLE = "payment"
    MESSAGES = {"succeed-1": "Payment processed successfully.",
                "fail-1": '{"Error":"Failed to process payment","Cause":"Invalid Credit Card"}'}

    def notification(self):
        name = "WaitForCallbackDemoNotificationTestQueue"
        queue = self.flows.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        answer = self.flows.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10)
        return json.loads(answer["Messages"][0]["Body"])

    def test_both_outcomes(self):
        for order, message in self.MESSAGES.items():
            with self.subTest(order=order):
                execution = self.start(orderId=order)
                self.assertEqual(self.flows.end(execution)["status"], "SUCCEEDED")
                envelope = self.notification()
                self.assertEqual((envelope["Type"], envelope["Message"]), ("Notification", message))
                self.assertEqual(envelope["TopicArn"], "arn:aws:sns:us-east-1:123456789012:WaitForCallbackTopic")

    def test_what_the_consumer_gets(self):
        execution = self.start(orderId="succeed-2")
        self.flows.end(execution)
        scheduled = [event for event in self.flows.history(execution) if event["type"] == "TaskScheduled"][0]
        body = json.loads(scheduled["taskScheduledEventDetails"]["parameters"])["MessageBody"]
        self.assertEqual(set(body), {"orderId", "customerId", "orderDate", "nameOnCard", "creditCardNumber", "expiry",
                                     "cvv", "myTaskToken"})
        self.notification()

    def test_the_queues(self):
        for name in ("WaitForCallbackDemoQueue", "WaitForCallbackDemoNotificationTestQueue"):
            queue = self.flows.sqs.get_queue_url(QueueName=name)["QueueUrl"]
            found = self.flows.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
            self.assertEqual(found["VisibilityTimeout"], "60")
            self.assertEqual(json.loads(found["RedrivePolicy"]), {
                "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:%sDLQ" % name, "maxReceiveCount": 5})


if __name__ == "__main__":
    unittest.main()
