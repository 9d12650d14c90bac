"""SQS: through boto3 (JSON protocol) and the command line tools (query protocol too)."""
import hashlib
import json
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from botocore.exceptions import ClientError

import aws_cli
import support


def form(server, path, **fields):
    """A request of the query protocol. Returns (status, text)."""
    body = urllib.parse.urlencode({**fields, "Version": "2012-11-05"}).encode()
    request = urllib.request.Request(server.url + path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


class SqsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = support.Stepd()
        cls.server.start()
        cls.sqs = cls.server.client("sqs")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def queue(self, name=None, **attributes):
        return self.sqs.create_queue(QueueName=name or self.id().rsplit(".", 1)[1], Attributes=attributes)["QueueUrl"]

    def code(self, call, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(**parameters)
        return caught.exception.response["Error"]

    def test_send_receive_delete(self):
        url = self.queue()
        self.assertEqual(url, "%s/123456789012/test_send_receive_delete" % self.server.url)
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="héllo <&>")
        self.assertEqual(sent["MD5OfMessageBody"], hashlib.md5("héllo <&>".encode()).hexdigest())
        received = self.sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
        self.assertEqual([m["Body"] for m in received], ["héllo <&>"])
        self.assertEqual(received[0]["MessageId"], sent["MessageId"])
        self.assertEqual(received[0]["Attributes"]["ApproximateReceiveCount"], "1")
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=received[0]["ReceiptHandle"])
        counts = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual((counts["ApproximateNumberOfMessages"], counts["ApproximateNumberOfMessagesNotVisible"]),
                         ("0", "0"))

    def test_message_attributes_are_checked_by_boto3s_own_digest(self):
        url = self.queue()
        attributes = {"b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
                      "a": {"DataType": "String", "StringValue": "ä"},
                      "n": {"DataType": "Number.int", "StringValue": "12"}}
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=attributes)
        received = self.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"][0]
        self.assertEqual(received["MessageAttributes"], attributes)
        self.assertEqual(received["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])

    def test_create_is_idempotent_for_equal_attributes(self):
        url = self.queue("same", VisibilityTimeout="7")
        self.assertEqual(self.queue("same", VisibilityTimeout="7"), url)
        error = self.code(self.sqs.create_queue, QueueName="same", Attributes={"VisibilityTimeout": "8"})
        self.assertEqual(error["Code"], "QueueAlreadyExists")
        self.assertIn("VisibilityTimeout", error["Message"])

    def test_errors_carry_both_protocols_codes(self):
        missing = self.server.url + "/123456789012/none"
        with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist) as caught:
            self.sqs.send_message(QueueUrl=missing, MessageBody="x")
        self.assertEqual(caught.exception.response["Error"]["Code"], "AWS.SimpleQueueService.NonExistentQueue")
        self.assertEqual(caught.exception.response["Error"]["Message"], "The specified queue does not exist.")
        url = self.queue()
        cases = [
            (self.sqs.send_message, {"MessageBody": ""}, "MissingParameter"),
            (self.sqs.send_message, {"MessageBody": "\x01"}, "InvalidMessageContents"),
            (self.sqs.send_message, {"MessageBody": "x", "DelaySeconds": 901}, "InvalidParameterValue"),
            (self.sqs.receive_message, {"MaxNumberOfMessages": 11}, "InvalidParameterValue"),
            (self.sqs.receive_message, {"WaitTimeSeconds": 21}, "InvalidParameterValue"),
            (self.sqs.delete_message, {"ReceiptHandle": "nonsense"}, "ReceiptHandleIsInvalid"),
            (self.sqs.set_queue_attributes, {"Attributes": {"Nope": "1"}}, "InvalidAttributeName"),
            (self.sqs.set_queue_attributes, {"Attributes": {"VisibilityTimeout": "x"}}, "InvalidAttributeValue"),
            (self.sqs.delete_message_batch, {"Entries": []}, "AWS.SimpleQueueService.EmptyBatchRequest"),
        ]
        for call, parameters, expected in cases:
            with self.subTest(expected=expected, parameters=parameters):
                self.assertEqual(self.code(call, QueueUrl=url, **parameters)["Code"], expected)

    def test_queue_urls_are_found_by_path_whatever_the_host(self):
        url = self.queue()
        for other in ("http://sqs.us-east-1.amazonaws.com/123456789012/" + url.rsplit("/", 1)[1],
                      "https://queue.amazonaws.com/123456789012/" + url.rsplit("/", 1)[1]):
            self.sqs.send_message(QueueUrl=other, MessageBody="x")
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        self.assertEqual(found["Attributes"], {"ApproximateNumberOfMessages": "2"})

    def test_list_pages_and_prefix(self):
        for i in range(5):
            self.queue("listed-%d" % i)
        first = self.sqs.list_queues(QueueNamePrefix="listed-", MaxResults=2)
        second = self.sqs.list_queues(QueueNamePrefix="listed-", MaxResults=4, NextToken=first["NextToken"])
        names = [url.rsplit("/", 1)[1] for url in first["QueueUrls"] + second["QueueUrls"]]
        self.assertEqual(names, ["listed-%d" % i for i in range(5)])
        self.assertNotIn("NextToken", second)
        self.assertEqual(self.sqs.get_queue_url(QueueName="listed-1")["QueueUrl"], first["QueueUrls"][1])
        self.assertNotIn("QueueUrls", self.server.client("sqs", region="eu-west-1").list_queues())

    def test_long_poll_waits_for_a_message(self):
        url = self.queue()
        threading.Timer(0.5, lambda: self.sqs.send_message(QueueUrl=url, MessageBody="late")).start()
        start = time.monotonic()
        got = self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
        self.assertEqual(got[0]["Body"], "late")
        self.assertLess(time.monotonic() - start, 5)

    def test_long_poll_ends_empty(self):
        url = self.queue(ReceiveMessageWaitTimeSeconds="1")
        start = time.monotonic()
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))
        self.assertGreater(time.monotonic() - start, 0.9)

    def test_a_poll_whose_client_left_loses_nothing(self):
        url = self.queue()
        impatient = self.server.client("sqs", read_timeout=1)
        with self.assertRaises(Exception):
            impatient.receive_message(QueueUrl=url, WaitTimeSeconds=15)
        self.sqs.send_message(QueueUrl=url, MessageBody="kept")
        got = self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, AttributeNames=["All"])["Messages"]
        self.assertEqual((got[0]["Body"], got[0]["Attributes"]["ApproximateReceiveCount"]), ("kept", "1"))

    def test_visibility_delay_and_dead_letters(self):
        dead = self.queue("dead-letters")
        arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})
        url = self.queue("living", VisibilityTimeout="1", RedrivePolicy=policy)
        sent = self.sqs.send_message(QueueUrl=url, MessageBody="poison", DelaySeconds=1)
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))
        for count in ("1", "2"):
            got = self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, AttributeNames=["All"])["Messages"][0]
            self.assertEqual(got["Attributes"]["ApproximateReceiveCount"], count)
        moved = self.sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=5)["Messages"][0]
        self.assertEqual((moved["Body"], moved["MessageId"]), ("poison", sent["MessageId"]))
        self.assertEqual(self.sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [url])
        error = self.code(self.sqs.create_queue, QueueName="bad", Attributes={"RedrivePolicy": json.dumps(
            {"deadLetterTargetArn": arn + "x", "maxReceiveCount": 1})})
        self.assertIn("Dead letter target does not exist.", error["Message"])

    def test_change_visibility(self):
        url = self.queue()
        self.sqs.send_message(QueueUrl=url, MessageBody="x")
        handle = self.sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
        self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
        self.assertEqual(len(self.sqs.receive_message(QueueUrl=url)["Messages"]), 1)

    def test_batches(self):
        url = self.queue()
        entries = [{"Id": str(i), "MessageBody": "m%d" % i} for i in range(3)] + [{"Id": "bad", "MessageBody": ""}]
        sent = self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        self.assertEqual([e["Id"] for e in sent["Successful"]], ["0", "1", "2"])
        self.assertEqual([(e["Id"], e["SenderFault"]) for e in sent["Failed"]], [("bad", True)])
        got = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        self.assertEqual([m["Body"] for m in got], ["m0", "m1", "m2"])
        done = self.sqs.delete_message_batch(
            QueueUrl=url, Entries=[{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(got)])
        self.assertEqual(len(done["Successful"]), 3)

    def test_purge_tags_delete(self):
        url = self.queue()
        self.sqs.send_message(QueueUrl=url, MessageBody="x")
        self.sqs.purge_queue(QueueUrl=url)
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))
        self.sqs.tag_queue(QueueUrl=url, Tags={"a": "1", "b": "2"})
        self.sqs.untag_queue(QueueUrl=url, TagKeys=["a"])
        self.assertEqual(self.sqs.list_queue_tags(QueueUrl=url)["Tags"], {"b": "2"})
        self.sqs.delete_queue(QueueUrl=url)
        self.assertEqual(self.code(self.sqs.delete_queue, QueueUrl=url)["Code"],
                         "AWS.SimpleQueueService.NonExistentQueue")

    def test_fifo_order_groups_and_deduplication(self):
        url = self.queue("orders.fifo", FifoQueue="true")
        self.assertEqual(self.code(self.sqs.send_message, QueueUrl=url, MessageBody="x")["Code"], "MissingParameter")
        first = self.sqs.send_message(QueueUrl=url, MessageBody="1", MessageGroupId="a", MessageDeduplicationId="d1")
        again = self.sqs.send_message(QueueUrl=url, MessageBody="1", MessageGroupId="a", MessageDeduplicationId="d1")
        self.assertEqual((first["MessageId"], first["SequenceNumber"]), (again["MessageId"], again["SequenceNumber"]))
        self.sqs.send_message(QueueUrl=url, MessageBody="2", MessageGroupId="a", MessageDeduplicationId="d2")
        self.sqs.send_message(QueueUrl=url, MessageBody="3", MessageGroupId="b", MessageDeduplicationId="d3")
        one = self.sqs.receive_message(QueueUrl=url)["Messages"]
        rest = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        self.assertEqual([m["Body"] for m in one + rest], ["1", "3"])
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=one[0]["ReceiptHandle"])
        self.assertEqual(self.sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"], "2")

    def test_query_protocol_by_hand(self):
        status, text = form(self.server, "/", **{"Action": "CreateQueue", "QueueName": "old",
                                                 "Attribute.1.Name": "DelaySeconds", "Attribute.1.Value": "0"})
        self.assertEqual(status, 200)
        self.assertIn("<CreateQueueResult><QueueUrl>%s/123456789012/old</QueueUrl>" % self.server.url, text)
        status, text = form(self.server, "/123456789012/old", Action="SendMessage", MessageBody="a&b")
        self.assertEqual(status, 200)
        status, text = form(self.server, "/123456789012/old", Action="ReceiveMessage", MaxNumberOfMessages="1")
        self.assertIn("<Body>a&amp;b</Body>", text)
        status, text = form(self.server, "/", Action="GetQueueUrl", QueueName="none")
        self.assertEqual(status, 400)
        self.assertIn("<Code>AWS.SimpleQueueService.NonExistentQueue</Code>", text)
        self.assertIn("<Code>InvalidAction</Code>", form(self.server, "/", Action="Nope")[1])

    def test_command_line_tools(self):
        for number, tool in enumerate(aws_cli.tools()):
            with self.subTest(tool=tool):
                name = "cli-%d" % number
                url = aws_cli.run(tool, self.server, "sqs", "create-queue", "--queue-name", name,
                                  "--attributes", "VisibilityTimeout=300")["QueueUrl"]
                sent = aws_cli.run(tool, self.server, "sqs", "send-message", "--queue-url", url, "--message-body",
                                   "from <cli>", "--message-attributes", json.dumps(
                                       {"k": {"DataType": "String", "StringValue": "v"}}))
                self.assertIn("MD5OfMessageAttributes", sent)
                got = aws_cli.run(tool, self.server, "sqs", "receive-message", "--queue-url", url,
                                  "--message-attribute-names", "All", "--attribute-names", "All")["Messages"][0]
                self.assertEqual((got["Body"], got["MessageAttributes"]["k"]["StringValue"]), ("from <cli>", "v"))
                aws_cli.run(tool, self.server, "sqs", "send-message-batch", "--queue-url", url, "--entries",
                            json.dumps([{"Id": "1", "MessageBody": "b"}]))
                attributes = aws_cli.run(tool, self.server, "sqs", "get-queue-attributes", "--queue-url", url,
                                         "--attribute-names", "All")["Attributes"]
                self.assertEqual((attributes["VisibilityTimeout"], attributes["ApproximateNumberOfMessages"]),
                                 ("300", "1"))
                failed = aws_cli.run(tool, self.server, "sqs", "get-queue-url", "--queue-name", "none", check=False)
                self.assertIn("NonExistentQueue", failed.stderr)
                self.assertIn(url, aws_cli.run(tool, self.server, "sqs", "list-queues")["QueueUrls"])
                aws_cli.run(tool, self.server, "sqs", "delete-queue", "--queue-url", url)


class SqsRestartTest(unittest.TestCase):
    def test_messages_and_receipts_survive_a_crash(self):
        with tempfile.TemporaryDirectory() as directory:
            server = support.Stepd(args=["--data", directory])
            server.start()
            sqs = server.client("sqs")
            url = sqs.create_queue(QueueName="kept", Attributes={"VisibilityTimeout": "300"})["QueueUrl"]
            for body in ("one", "two"):
                sqs.send_message(QueueUrl=url, MessageBody=body)
            handle = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
            sqs.send_message(QueueUrl=url, MessageBody="three")
            server.kill()
            with support.Stepd(args=["--data", directory]) as again:
                sqs = again.client("sqs")
                bodies = [m["Body"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
                self.assertEqual(bodies, ["two", "three"])
                sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=1)
                got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
                self.assertEqual(got[0]["Body"], "one")


if __name__ == "__main__":
    unittest.main()
