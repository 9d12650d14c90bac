"""The Lambda API on stepd's own port, through boto3 and by hand."""
import json
import unittest

from botocore.exceptions import ClientError

import fake_http
import support

FUNCTIONS = "/2015-03-31/functions/"


class Lambda(unittest.TestCase):
    def setUp(self):
        self.function = self.enterContext(fake_http.FakeHttp(lambda request: (200, {}, request.body)))
        self.server = self.enterContext(support.Stepd(
            args=["--sample", "callback-sqs", "--function", "Echo=" + self.function.url]))
        self.client = self.server.client("lambda")

    def refusal(self, call, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(**parameters)
        answer = caught.exception.response
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]

    def test_invoke(self):
        answer = self.client.invoke(FunctionName="Echo", Payload=b'{"a":  1.0}')
        self.assertEqual((answer["StatusCode"], answer["ExecutedVersion"], answer["Payload"].read()),
                         (200, "$LATEST", b'{"a":  1.0}'))
        self.assertNotIn("FunctionError", answer)

    def test_names(self):
        for name in ("Echo", "Echo:$LATEST", "123456789012:function:Echo",
                     "arn:aws:lambda:us-east-1:123456789012:function:Echo",
                     "arn:aws:lambda:us-east-1:123456789012:function:Echo:live"):
            with self.subTest(name=name):
                self.assertEqual(self.client.invoke(FunctionName=name, Payload=b"[]")["Payload"].read(), b"[]")

    def test_without_a_payload(self):
        self.assertEqual(self.client.invoke(FunctionName="Echo")["Payload"].read(), b"{}")

    def test_later_and_not_at_all(self):
        self.assertEqual(self.client.invoke(FunctionName="Echo", InvocationType="DryRun")["StatusCode"], 204)
        self.assertEqual(self.function.requests, [])
        answer = self.client.invoke(FunctionName="Echo", InvocationType="Event", Payload=b"1")
        self.assertEqual((answer["StatusCode"], answer["Payload"].read()), (202, b""))
        self.assertTrue(support.wait_for(lambda: self.function.requests))
        self.assertEqual(self.function.requests[0].body, b"1")

    def test_a_function_error(self):
        answer = self.client.invoke(FunctionName="CallbackWithTaskToken", Payload=json.dumps(
            {"Records": [{"body": "{\"TaskToken\": \"forged\"}"}]}))
        self.assertEqual((answer["StatusCode"], answer["FunctionError"]), (200, "Unhandled"))
        self.assertEqual(json.loads(answer["Payload"].read()), {
            "errorType": "InvalidToken", "errorMessage": "Invalid Token: 'Invalid token'"})

    def test_unknown(self):
        message = "Function not found: arn:aws:lambda:us-east-1:123456789012:function:Nobody"
        self.assertEqual(self.refusal(self.client.invoke, FunctionName="Nobody"),
                         (404, "ResourceNotFoundException", message))
        self.assertIn("--lambda-endpoint URL", self.server.errors())
        self.assertEqual(self.refusal(self.client.get_function, FunctionName="Nobody")[1], "ResourceNotFoundException")

    def test_bad_requests(self):
        status, headers, _ = self.server.request("POST", FUNCTIONS + "Echo/invocations", {}, b"not json")
        self.assertEqual((status, headers["x-amzn-ErrorType"]), (400, "InvalidRequestContentException"))
        status, headers, _ = self.server.request(
            "POST", FUNCTIONS + "Echo/invocations", {"X-Amz-Invocation-Type": "Maybe"}, b"{}")
        self.assertEqual((status, headers["x-amzn-ErrorType"]), (400, "InvalidParameterValueException"))
        self.assertEqual(self.server.request("GET", "/2015-03-31/event-source-mappings/")[0], 400)

    def test_list_and_get(self):
        listed = self.client.list_functions()["Functions"]
        self.assertEqual([function["FunctionName"] for function in listed], ["Echo", "CallbackWithTaskToken"])
        found = self.client.get_function(FunctionName="Echo")
        self.assertEqual(found["Code"]["Location"], self.function.url)
        self.assertEqual(found["Configuration"]["FunctionArn"], "arn:aws:lambda:us-east-1:123456789012:function:Echo")

    def test_built_in_functions_live_in_the_default_region(self):
        other = self.server.client("lambda", region="eu-west-1")
        self.assertEqual([function["FunctionName"] for function in other.list_functions()["Functions"]], ["Echo"])
        self.assertEqual(self.refusal(other.invoke, FunctionName="CallbackWithTaskToken")[1], "ResourceNotFoundException")

    def test_create_names_the_ways_out(self):
        status, code, message = self.refusal(
            self.client.create_function, FunctionName="New", Runtime="python3.12", Handler="h.f",
            Role="arn:aws:iam::123456789012:role/r", Code={"ZipFile": b"x"})
        self.assertEqual((status, code), (400, "InvalidParameterValueException"))
        for way in ("--function NAME=URL", "--lambda-endpoint URL", "--sample NAME"):
            self.assertIn(way, message)


if __name__ == "__main__":
    unittest.main()
