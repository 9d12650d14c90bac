"""Tasks that call the built-in services: how Step Functions words parameters, results and refusals."""
import json
import re
import unittest

import fake_http
import flows
import support

ATTRIBUTES = {"id": {"S": "1"}, "flag": {"BOOL": True}, "nothing": {"NULL": True}, "words": {"SS": ["a"]},
              "numbers": {"NS": ["1"]}, "BOOL": {"M": {"SS": {"L": [{"BOOL": False}]}}}}
# The same as the Java SDK's members are called; names of attributes stay.
SDK_ATTRIBUTES = {"id": {"S": "1"}, "flag": {"Bool": True}, "nothing": {"Nul": True}, "words": {"Ss": ["a"]},
                  "numbers": {"Ns": ["1"]}, "BOOL": {"M": {"SS": {"L": [{"Bool": False}]}}}}


class ServiceTasks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.function = cls.enterClassContext(fake_http.FakeHttp(lambda request: (200, {}, request.body)))
        cls.server = support.Stepd(args=["--function", "Echo=" + cls.function.url])
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        cls.flows = flows.Flows(cls.server)
        cls.server.client("dynamodb").create_table(
            TableName="items", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])

    def task(self, resource, **parameters):
        """The end of an execution with this one Task."""
        return self.flows.run(flows.machine(
            {"T": {"Type": "Task", "Resource": "arn:aws:states:::" + resource, "Parameters": parameters, "End": True}}))

    def item(self, resource):
        return json.loads(self.task(resource, TableName="items", Key={"id": {"S": "1"}})["output"])["Item"]

    def test_the_sdk_spells_the_types_of_attribute_values_its_own_way(self):
        for given in (SDK_ATTRIBUTES, ATTRIBUTES):
            self.assertEqual(self.task("aws-sdk:dynamodb:putItem", TableName="items", Item=given)["output"], "{}")
            self.assertEqual(self.item("dynamodb:getItem"), ATTRIBUTES)
            self.assertEqual(self.item("aws-sdk:dynamodb:getItem"), SDK_ATTRIBUTES)
        scanned = json.loads(self.task("aws-sdk:dynamodb:scan", TableName="items")["output"])
        self.assertEqual(scanned["Items"], [SDK_ATTRIBUTES])
        refused = self.task("dynamodb:putItem", TableName="items", Item={"id": {"S": "2"}, "flag": {"Bool": True}})
        self.assertEqual(refused["error"], "DynamoDB.AmazonDynamoDBException")

    def test_a_batch_is_published_entry_by_entry(self):
        sns, sqs = self.server.client("sns"), self.server.client("sqs")
        topic = sns.create_topic(Name="batch")["TopicArn"]
        queue = sqs.create_queue(QueueName="batch")["QueueUrl"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:batch",
                      Attributes={"RawMessageDelivery": "true"})
        entries = [{"Id": "a", "Message": "1"}, {"Id": "b", "Message": ""}, {"Id": "c", "Message": "3"}]
        failed = {"Id": "b", "Code": "InvalidParameter", "Message": "Invalid parameter: Empty message",
                  "SenderFault": True}
        said = [sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)]
        said.append(json.loads(self.task("aws-sdk:sns:publishBatch", TopicArn=topic,
                                         PublishBatchRequestEntries=entries)["output"]))
        for answer in said:
            self.assertEqual([sorted(entry) for entry in answer["Successful"]], [["Id", "MessageId"]] * 2)
            self.assertEqual([entry["Id"] for entry in answer["Successful"]], ["a", "c"])
            self.assertEqual(answer["Failed"], [failed])
        bodies = [message["Body"] for message in
                  sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]]
        self.assertEqual(sorted(bodies), ["1", "1", "3", "3"])
        for entries, error, message in (
                ([], "EmptyBatchRequest", "The batch request doesn't contain any entries."),
                ([{"Id": "a", "Message": "1"}] * 2, "BatchEntryIdsNotDistinct",
                 "Two or more batch entries in the request have the same Id."),
                ([{"Id": "a b", "Message": "1"}], "InvalidBatchEntryId",
                 "The Id of a batch entry in a batch request doesn't abide by the specification."),
                ([{"Id": str(i), "Message": "1"} for i in range(11)], "TooManyEntriesInBatchRequest",
                 "The batch request contains more entries than permissible.")):
            with self.subTest(error=error):
                ended = self.task("aws-sdk:sns:publishBatch", TopicArn=topic, PublishBatchRequestEntries=entries)
                self.assertEqual(ended["error"], "Sns." + error + "Exception")
                self.assertTrue(ended["cause"].startswith(message + " (Service: Sns, Status Code: 400, "), ended)

    def test_what_fifo_topics_ask_for(self):
        sns = self.server.client("sns")
        plain = sns.create_topic(Name="plain")["TopicArn"]
        fifo = sns.create_topic(Name="ordered.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
        hashed = sns.create_topic(Name="hashed.fifo", Attributes={"FifoTopic": "true",
                                                                  "ContentBasedDeduplication": "true"})["TopicArn"]
        tail = " (Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter; Request ID: "
        for parameters, message in (
                ({"TopicArn": fifo}, "The MessageGroupId parameter is required for FIFO topics"),
                ({"TopicArn": fifo, "MessageGroupId": "g"}, "The topic should either have ContentBasedDeduplication "
                                                            "enabled or MessageDeduplicationId provided explicitly"),
                ({"TopicArn": plain, "MessageDeduplicationId": "d"}, "The request includes MessageDeduplicationId "
                                                                     "parameter that is not valid for this topic type")):
            with self.subTest(message=message):
                ended = self.task("sns:publish", Message="x", **parameters)
                self.assertEqual(ended["error"], "SNS.InvalidParameterException")
                self.assertTrue(ended["cause"].startswith("Invalid parameter: " + message + tail), ended)
        for numbered, parameters in ((True, {"TopicArn": fifo, "MessageGroupId": "g", "MessageDeduplicationId": "d"}),
                                     (True, {"TopicArn": hashed, "MessageGroupId": "g"}),
                                     (False, {"TopicArn": plain, "MessageGroupId": "g"})):
            output = json.loads(self.task("sns:publish", Message="x", **parameters)["output"])
            self.assertEqual("SequenceNumber" in output, numbered)

    def test_a_request_that_the_invoke_api_refuses(self):
        for parameters, why in (
                ({"FunctionName": None}, "Value null at 'functionName' failed to satisfy constraint: Member must not "
                                         "be null"),
                ({"FunctionName": "Echo", "InvocationType": "Later"},
                 "Value 'Later' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: "
                 "[Event, RequestResponse, DryRun]")):
            ended = self.task("lambda:invoke", **parameters)
            self.assertEqual(ended["error"], "Lambda.AWSLambdaException")
            self.assertRegex(ended["cause"], "^1 validation error detected: " + re.escape(why) + re.escape(
                " (Service: AWSLambda; Status Code: 400; Error Code: ValidationException; Request ID: ") +
                "[-0-9a-f]{36}; Proxy: null\\)$")


if __name__ == "__main__":
    unittest.main()
