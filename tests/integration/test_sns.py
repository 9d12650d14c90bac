"""SNS: topics, subscriptions by queue, HTTP and e-mail, the published envelope."""
import json
import tempfile
import unittest
import urllib.request

from botocore.exceptions import ClientError

import aws_cli
import fake_http
import support


class SnsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = support.Stepd()
        cls.server.start()
        cls.sns = cls.server.client("sns")
        cls.sqs = cls.server.client("sqs")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def topic(self, name=None, **attributes):
        return self.sns.create_topic(Name=name or self.id().rsplit(".", 1)[1], Attributes=attributes)["TopicArn"]

    def queue(self, name=None):
        url = self.sqs.create_queue(QueueName=name or self.id().rsplit(".", 1)[1])["QueueUrl"]
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    def receive(self, url):
        return self.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=2)["Messages"][0]

    def refusal(self, call, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(**parameters)
        answer = caught.exception.response
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]

    def test_the_envelope_in_a_queue(self):
        arn, (url, queue_arn) = self.topic(), self.queue()
        subscription = self.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn)["SubscriptionArn"]
        sent = self.sns.publish(TopicArn=arn, Message='say "hi" & <bye>', Subject="Sub", MessageAttributes={
            "k": {"DataType": "String", "StringValue": "v"}})
        body = json.loads(self.receive(url)["Body"])
        self.assertEqual(list(body), ["Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp",
                                      "SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL",
                                      "MessageAttributes"])
        self.assertEqual((body["Type"], body["MessageId"], body["TopicArn"], body["Subject"], body["Message"]),
                         ("Notification", sent["MessageId"], arn, "Sub", 'say "hi" & <bye>'))
        self.assertEqual(body["MessageAttributes"], {"k": {"Type": "String", "Value": "v"}})
        urllib.request.urlopen(body["UnsubscribeURL"]).close()
        self.assertNotIn(subscription, str(self.sns.list_subscriptions()))

    def test_raw_delivery_keeps_the_attributes(self):
        arn, (url, queue_arn) = self.topic(), self.queue()
        self.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
        attributes = {"k": {"DataType": "Number", "StringValue": "1"}}
        self.sns.publish(TopicArn=arn, Message="plain", MessageAttributes=attributes)
        got = self.receive(url)
        self.assertEqual((got["Body"], got["MessageAttributes"]), ("plain", attributes))

    def test_message_structure(self):
        arn, (url, queue_arn) = self.topic(), self.queue()
        self.sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn)
        self.sns.publish(TopicArn=arn, MessageStructure="json", Message=json.dumps({"default": "d", "sqs": "q"}))
        self.assertEqual(json.loads(self.receive(url)["Body"])["Message"], "q")
        self.assertIn("No default entry", self.refusal(
            self.sns.publish, TopicArn=arn, MessageStructure="json", Message="{}")[2])

    def test_http_confirms_then_receives_and_is_tried_again(self):
        answers = iter([200, 500, 200])
        with fake_http.FakeHttp(lambda request: (next(answers), {}, b"")) as endpoint:
            arn = self.topic()
            said = self.sns.subscribe(TopicArn=arn, Protocol="http", Endpoint=endpoint.url + "/hook")
            self.assertEqual(said["SubscriptionArn"], "pending confirmation")
            self.assertTrue(support.wait_for(lambda: len(endpoint.requests) == 1))
            first = endpoint.requests[0]
            self.assertEqual(first.headers["x-amz-sns-message-type"], "SubscriptionConfirmation")
            self.sns.publish(TopicArn=arn, Message="too early")
            body = first.json()
            confirmed = self.sns.confirm_subscription(TopicArn=arn, Token=body["Token"])["SubscriptionArn"]
            urllib.request.urlopen(body["SubscribeURL"]).close()
            self.sns.publish(TopicArn=arn, Message="hello")
            self.assertTrue(support.wait_for(lambda: len(endpoint.requests) == 3))
            last = endpoint.requests[2]
            self.assertEqual((last.path, last.json()["Message"]), ("/hook", "hello"))
            self.assertEqual(last.headers["x-amz-sns-subscription-arn"], confirmed)
            self.assertEqual(last.json()["MessageId"], endpoint.requests[1].json()["MessageId"])

    def test_email_is_confirmed_and_readable(self):
        arn = self.topic()
        said = self.sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="me@example.com")["SubscriptionArn"]
        self.assertTrue(said.startswith(arn + ":"))
        self.sns.publish(TopicArn=arn, Message="a mail", Subject="S")
        status, _, body = self.server.request("GET", "/_stepd/outbox")
        self.assertEqual(status, 200)
        mail = json.loads(body)["messages"][-1]
        self.assertEqual((mail["Protocol"], mail["Endpoint"], mail["Subject"], mail["Message"], mail["TopicArn"]),
                         ("email", "me@example.com", "S", "a mail", arn))

    def test_topics_are_idempotent_and_listed(self):
        arn = self.topic("named")
        self.assertEqual(arn, "arn:aws:sns:us-east-1:123456789012:named")
        self.assertEqual(self.topic("named"), arn)
        self.assertIn({"TopicArn": arn}, self.sns.list_topics()["Topics"])
        attributes = self.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        self.assertEqual((attributes["Owner"], attributes["SubscriptionsConfirmed"]), ("123456789012", "0"))
        self.sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="D")
        self.assertEqual(self.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"], "D")
        self.sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}])
        self.assertEqual(self.sns.list_tags_for_resource(ResourceArn=arn)["Tags"], [{"Key": "a", "Value": "1"}])
        self.sns.delete_topic(TopicArn=arn)
        self.assertEqual(self.refusal(self.sns.publish, TopicArn=arn, Message="x"),
                         (404, "NotFound", "Topic does not exist"))

    def test_lists_have_pages(self):
        arn = self.topic()
        for i in range(120):
            self.sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="m%d@example.com" % i)
        first = self.sns.list_subscriptions_by_topic(TopicArn=arn)
        rest = self.sns.list_subscriptions_by_topic(TopicArn=arn, NextToken=first["NextToken"])
        self.assertEqual((len(first["Subscriptions"]), len(rest["Subscriptions"])), (100, 20))
        self.assertNotIn("NextToken", rest)

    def test_faults(self):
        arn, fifo = self.topic(), self.topic("f.fifo", FifoTopic="true")
        cases = [
            (self.sns.publish, {"TopicArn": arn, "Message": ""}, "Invalid parameter: Empty message"),
            (self.sns.publish, {"TopicArn": fifo, "Message": "x"},
             "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"),
            (self.sns.create_topic, {"Name": "no spaces"}, "Invalid parameter: Topic Name"),
            (self.sns.subscribe, {"TopicArn": arn, "Protocol": "pigeon", "Endpoint": "x"},
             "Invalid parameter: Amazon SNS does not support this protocol string: pigeon"),
            (self.sns.subscribe, {"TopicArn": arn, "Protocol": "sqs", "Endpoint": "x"},
             "Invalid parameter: SQS endpoint ARN"),
            (self.sns.subscribe, {"TopicArn": arn, "Protocol": "email", "Endpoint": "x",
                                  "Attributes": {"FilterPolicy": "{}"}},
             "Invalid parameter: FilterPolicy: stepd does not filter by policy yet"),
        ]
        for call, parameters, message in cases:
            with self.subTest(message=message):
                self.assertEqual(self.refusal(call, **parameters), (400, "InvalidParameter", message))

    def test_command_line_tools(self):
        for number, tool in enumerate(aws_cli.tools()):
            with self.subTest(tool=tool):
                arn = aws_cli.run(tool, self.server, "sns", "create-topic", "--name", "cli-%d" % number)["TopicArn"]
                aws_cli.run(tool, self.server, "sns", "subscribe", "--topic-arn", arn, "--protocol", "email",
                            "--notification-endpoint", "cli@example.com")
                self.assertIn("MessageId", aws_cli.run(tool, self.server, "sns", "publish", "--topic-arn", arn,
                                                       "--message", "m"))
                listed = aws_cli.run(tool, self.server, "sns", "list-subscriptions-by-topic", "--topic-arn", arn)
                self.assertEqual(listed["Subscriptions"][0]["Endpoint"], "cli@example.com")
                failed = aws_cli.run(tool, self.server, "sns", "publish", "--topic-arn", arn + "x", "--message", "m",
                                     check=False)
                self.assertIn("(NotFound) when calling the Publish operation", failed.stderr)


class SnsRestartTest(unittest.TestCase):
    def test_a_delivery_survives_a_crash(self):
        answers = {"now": 503}
        with tempfile.TemporaryDirectory() as directory, \
                fake_http.FakeHttp(lambda request: (answers["now"], {}, b"")) as endpoint:
            server = support.Stepd(args=["--data", directory])
            server.start()
            arn = server.client("sns").create_topic(Name="kept")["TopicArn"]
            server.client("sns").subscribe(TopicArn=arn, Protocol="http", Endpoint=endpoint.url)
            self.assertTrue(support.wait_for(lambda: endpoint.requests))
            support.wait_for(lambda: "tried again later" in server.errors())
            server.kill()
            answers["now"] = 200
            with support.Stepd(args=["--data", directory]) as again:
                self.assertTrue(support.wait_for(lambda: len(endpoint.requests) > 1))
                self.assertEqual(len(again.client("sns").list_subscriptions()["Subscriptions"]), 1)


if __name__ == "__main__":
    unittest.main()
