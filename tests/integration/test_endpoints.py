"""Where a Task goes when its service has an address of its own: --function, --lambda-endpoint, --sqs-endpoint and the
others; and what is refused."""
import json
import unittest

import fake_http
import flows
import support

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
INVOCATIONS = "/2015-03-31/functions/%s/invocations"


def task(resource, **fields):
    return flows.machine({"Call": {"Type": "Task", "Resource": resource, "End": True, **fields}})


def invoke(name, **parameters):
    return task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": name, **parameters})


class Endpoints(unittest.TestCase):
    def serve(self, answer):
        return self.enterContext(fake_http.FakeHttp(answer))

    def start(self, *arguments, env=None):
        self.server = self.enterContext(support.Stepd(args=arguments, env=env))
        self.flows = flows.Flows(self.server)

    def run_task(self, definition, text="{}"):
        return self.flows.end(self.flows.start(definition, text))

    def output(self, definition, text="{}"):
        ended = self.run_task(definition, text)
        self.assertEqual(ended["status"], "SUCCEEDED", ended)
        return json.loads(ended["output"])

    def failure(self, definition, text="{}"):
        ended = self.run_task(definition, text)
        self.assertEqual(ended["status"], "FAILED", ended)
        return ended["error"], ended.get("cause")


class FunctionUrl(Endpoints):
    def test_the_event_goes_there_and_the_body_comes_back(self):
        function = self.serve(lambda request: (200, {}, b'{ "n": 1.0 }'))
        self.start("--function", "Mine=" + function.url + "/here")
        self.assertEqual(self.output(task(ARN + "Mine"), '{"a":  1}'), {"n": 1.0})
        self.assertEqual((function.requests[0].path, function.requests[0].body), ("/here", b'{"a":  1}'))
        result = self.output(invoke("Mine", Payload={"b": 2}))
        self.assertEqual((result["Payload"], result["StatusCode"], result["ExecutedVersion"]),
                         ({"n": 1.0}, 200, "$LATEST"))
        self.assertEqual(function.requests[1].json(), {"b": 2})

    def test_what_a_payload_becomes(self):
        function = self.serve(lambda request: (200, {}, request.body))
        self.start("--function", "Echo=" + function.url)
        for payload, seen in ((None, {}), ("HelloWorld", "HelloWorld"), ('"HelloWorld"', "HelloWorld"),
                              ("[1]", [1]), (0, 0), (True, True), ([], [])):
            with self.subTest(payload=payload):
                self.assertEqual(self.output(invoke("Echo", Payload=payload))["Payload"], seen)
        self.assertEqual(self.output(invoke("Echo"))["Payload"], {})

    def test_a_body_that_isnt_json_is_a_string(self):
        function = self.serve(lambda request: (200, {}, b"plain"))
        self.start("--function", "Mine=" + function.url)
        self.assertEqual(self.output(invoke("Mine"))["Payload"], "plain")

    def test_a_function_error(self):
        body = b'{"errorType": "Custom", "errorMessage": "no"}'
        function = self.serve(lambda request: (200, {"X-Amz-Function-Error": "Unhandled"}, body))
        self.start("--function", "Mine=" + function.url)
        self.assertEqual(self.failure(task(ARN + "Mine")), ("Custom", body.decode()))
        self.assertEqual(self.failure(invoke("Mine")), ("Custom", '{"errorType":"Custom","errorMessage":"no"}'))

    def test_an_error_without_a_type(self):
        function = self.serve(lambda request: (200, {"X-Amz-Function-Error": "Unhandled"}, b'{"a": 1}'))
        self.start("--function", "Mine=" + function.url)
        error, cause = self.failure(invoke("Mine"))
        self.assertEqual(error, "Lambda.Unknown")
        self.assertTrue(cause.endswith('Returned payload: {"a":1}'), cause)

    def test_other_answers(self):
        function = self.serve(lambda request: (503, {}, b"busy"))
        self.start("--function", "Mine=" + function.url, "--function", "Gone=http://127.0.0.1:1/")
        error, cause = self.failure(invoke("Mine"))
        self.assertEqual(error, "Lambda.ServiceException")
        self.assertIn("503", cause)
        error, cause = self.failure(invoke("Gone"))
        self.assertEqual(error, "Lambda.SdkClientException")
        self.assertTrue(cause.startswith("Unable to execute HTTP request: "), cause)

    def test_redirects_are_not_followed_and_proxies_not_used(self):
        function = self.serve(lambda request: (302, {"Location": "http://127.0.0.1:1/"}, b""))
        proxies = {"http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
        self.start("--function", "Mine=" + function.url, env=proxies)
        _, cause = self.failure(invoke("Mine"))
        self.assertIn("302", cause)

    def test_a_host_that_isnt_allowed(self):
        self.start("--function", "Far=http://far.example/")
        error, cause = self.failure(invoke("Far"))
        self.assertEqual(error, "States.TaskFailed")
        self.assertIn("--allow-host far.example", cause)

    def test_an_answer_that_is_too_large(self):
        function = self.serve(lambda request: (200, {}, b" " * (9 << 20)))
        self.start("--function", "Mine=" + function.url)
        _, cause = self.failure(invoke("Mine"))
        self.assertIn("larger than 8 MiB", cause)


class InvokeApi(Endpoints):
    def answer(self, request):
        name = request.path.split("/")[3] if request.path.count("/") > 3 else ""
        if name == "Known":
            return 200, {"X-Amz-Executed-Version": "$LATEST"}, {"got": request.json()}
        if name == "Busy":
            return 429, {"x-amzn-ErrorType": "TooManyRequestsException"}, {"message": "Rate Exceeded."}
        return 404, {"x-amzn-ErrorType": "ResourceNotFoundException"}, {"Message": "Function not found", "Type": "User"}

    def setUp(self):
        self.api = self.serve(self.answer)

    def test_invoke(self):
        self.start("--lambda-endpoint", self.api.url + "/")
        self.assertEqual(self.output(invoke("Known", Payload={"a": 1}))["Payload"], {"got": {"a": 1}})
        self.assertEqual(self.api.requests[0].path, INVOCATIONS % "Known")
        self.assertEqual(self.api.requests[0].headers["X-Amz-Invocation-Type"], "RequestResponse")
        self.assertEqual(self.output(task(ARN + "Known"), "[]"), {"got": []})

    def test_step_functions_locals_variable(self):
        self.start(env={"LAMBDA_ENDPOINT": self.api.url})
        self.assertEqual(self.output(invoke("Known"))["Payload"], {"got": {}})

    def test_unknown(self):
        self.start("--lambda-endpoint", self.api.url)
        error, cause = self.failure(invoke("Other"))
        self.assertEqual(error, "Lambda.ResourceNotFoundException")
        self.assertRegex(cause, r"^Function not found: " + ARN + r"Other:\$LATEST \(Service: AWSLambda; Status Code: 404; "
                                r"Error Code: ResourceNotFoundException; Request ID: [-0-9a-f]{36}; Proxy: null\)$")
        self.assertIn("--function NAME=URL", self.server.errors())

    def test_throttled(self):
        self.start("--lambda-endpoint", self.api.url)
        error, cause = self.failure(invoke("Busy"))
        self.assertEqual(error, "Lambda.TooManyRequestsException")
        self.assertTrue(cause.startswith("Rate Exceeded. (Service: AWSLambda; Status Code: 429;"), cause)

    def test_a_url_comes_first_and_the_built_in_one_last(self):
        mine = self.serve(lambda request: (200, {}, {"mine": True}))
        self.start("--lambda-endpoint", self.api.url, "--function", "Known=" + mine.url, "--sample", "callback-sqs")
        self.assertEqual(self.output(invoke("Known"))["Payload"], {"mine": True})
        self.assertIsNone(self.output(invoke("CallbackWithTaskToken", Payload={"Records": []}))["Payload"])
        self.assertEqual(self.api.requests[0].path, INVOCATIONS % "CallbackWithTaskToken")

    def test_an_unreachable_api(self):
        self.start("--lambda-endpoint", "http://127.0.0.1:1")
        self.assertEqual(self.failure(invoke("Known"))[0], "Lambda.SdkClientException")

    def test_a_name_that_fits_no_path(self):
        self.start("--lambda-endpoint", self.api.url)
        self.assertEqual(self.failure(invoke("../../x"))[0], "Lambda.ResourceNotFoundException")
        self.assertEqual(self.api.requests, [])


class OtherServices(Endpoints):
    def test_sqs(self):
        queue = self.serve(lambda request: (200, {"Content-Type": "application/x-amz-json-1.0"},
                                            {"MessageId": "m-1", "MD5OfMessageBody": "abc"}))
        self.start("--sqs-endpoint", queue.url)
        parameters = {"QueueUrl": "http://q/1/n", "MessageBody": {"a": [1]}}
        result = self.output(task("arn:aws:states:::sqs:sendMessage", Parameters=parameters))
        self.assertEqual(list(result), ["MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"])
        self.assertEqual(result["SdkHttpMetadata"]["HttpStatusCode"], 200)
        request = queue.requests[0]
        self.assertEqual(request.headers["X-Amz-Target"], "AmazonSQS.SendMessage")
        self.assertEqual(request.headers["Content-Type"], "application/x-amz-json-1.0")
        self.assertRegex(request.headers["Authorization"], r"Credential=123456789012/\d{8}/us-east-1/sqs/aws4_request")
        self.assertEqual(request.json(), {"QueueUrl": "http://q/1/n", "MessageBody": '{"a":[1]}'})

    def test_sqs_errors(self):
        body = {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "Gone."}
        queue = self.serve(lambda request: (400, {"x-amzn-RequestId": "r-1"}, body))
        self.start("--sqs-endpoint", queue.url)
        parameters = {"QueueUrl": "http://q/1/n", "MessageBody": "x"}
        error, cause = self.failure(task("arn:aws:states:::sqs:sendMessage", Parameters=parameters))
        self.assertEqual(error, "SQS.QueueDoesNotExistException")
        self.assertEqual(cause, "Gone. (Service: AmazonSQS; Status Code: 400; Error Code: QueueDoesNotExist; "
                                "Request ID: r-1; Proxy: null)")

    def test_sns(self):
        xml = (b"<PublishResponse><PublishResult><MessageId>m-2</MessageId></PublishResult></PublishResponse>")
        topic = self.serve(lambda request: (200, {"Content-Type": "text/xml"}, xml))
        self.start("--sns-endpoint", topic.url)
        parameters = {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": {"a": 1}}
        result = self.output(task("arn:aws:states:::sns:publish", Parameters=parameters))
        self.assertEqual(result["MessageId"], "m-2")
        self.assertEqual(topic.requests[0].body, b"Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1"
                                                 b"%3A123456789012%3At&Message=%7B%22a%22%3A1%7D")

    def test_dynamodb(self):
        body = {"__type": "com.amazon.coral.validate#ValidationException", "message": "Bad."}
        table = self.serve(lambda request: (400, {}, body))
        self.start("--dynamodb-endpoint", table.url)
        parameters = {"TableName": "t", "Key": {"a": {"S": "x"}}}
        error, cause = self.failure(task("arn:aws:states:::dynamodb:getItem", Parameters=parameters))
        self.assertEqual(error, "DynamoDB.AmazonDynamoDBException")
        self.assertIn("Bad. (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException;", cause)
        self.assertEqual(table.requests[0].headers["X-Amz-Target"], "DynamoDB_20120810.GetItem")

    def test_ecs_members_change_their_case(self):
        body = {"tasks": [{"taskArn": "t", "lastStatus": "PENDING"}], "failures": []}
        cluster = self.serve(lambda request: (200, {}, body))
        self.start("--ecs-endpoint", cluster.url)
        parameters = {"Cluster": "c", "TaskDefinition": "d", "Overrides": {"ContainerOverrides": [{"Name": "n"}]}}
        result = self.output(task("arn:aws:states:::ecs:runTask", Parameters=parameters))
        self.assertEqual((result["Failures"], result["Tasks"]), ([], [{"TaskArn": "t", "LastStatus": "PENDING"}]))
        self.assertEqual(cluster.requests[0].json(), {
            "cluster": "c", "taskDefinition": "d", "overrides": {"containerOverrides": [{"name": "n"}]}})

    def test_a_token_travels(self):
        queue = self.serve(lambda request: (200, {}, {"MessageId": "m"}))
        self.start("--sqs-endpoint", queue.url)
        definition = task(flows.CALLBACK, Parameters={
            "QueueUrl": "http://q/1/n", "MessageBody": {"token.$": "$$.Task.Token"}})
        execution = self.flows.start(definition, "{}")
        self.flows.until(execution, "TaskSubmitted")
        token = json.loads(queue.requests[0].json()["MessageBody"])["token"]
        self.flows.sfn.send_task_success(taskToken=token, output="1")
        self.assertEqual(self.flows.end(execution)["output"], "1")

    def test_an_unreachable_service(self):
        self.start("--sqs-endpoint", "http://127.0.0.1:1")
        parameters = {"QueueUrl": "http://q/1/n", "MessageBody": "x"}
        error, cause = self.failure(task("arn:aws:states:::sqs:sendMessage", Parameters=parameters))
        self.assertEqual(error, "SQS.SdkClientException")
        self.assertTrue(cause.startswith("Unable to execute HTTP request: "), cause)


if __name__ == "__main__":
    unittest.main()
