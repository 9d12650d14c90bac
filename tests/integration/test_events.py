"""EventBridge: buses, rules, targets, PutEvents, and Step Functions' putEvents."""
import json
import tempfile
import unittest

import fake_http
import flows
import support

MACHINE = flows.machine({"S": {"Type": "Pass", "End": True}})
PUT = "arn:aws:states:::events:putEvents"


def entry(**fields):
    return {"Source": "my.app", "DetailType": "Order", "Detail": '{"id": 1}', **fields}


class EventsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.functions = fake_http.FakeHttp(lambda request: (200, {}, b"null"))
        cls.functions.__enter__()
        cls.server = support.Stepd(args=["--function", "seen=%s" % cls.functions.url])
        cls.server.start()
        cls.clients()

    @classmethod
    def clients(cls):
        cls.events = cls.server.client("events")
        cls.sqs = cls.server.client("sqs")
        cls.sns = cls.server.client("sns")
        cls.sfn = cls.server.client("stepfunctions")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.functions.__exit__(None, None, None)

    def queue(self, **attributes):
        name = flows.unique("events") + (".fifo" if attributes else "")
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    def bodies(self, url, count=1):
        got = []

        def look():
            answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            got.extend(message["Body"] for message in answer.get("Messages", []))
            return len(got) >= count
        flows.poll(look, "%d messages" % count)
        return got

    def assert_empty(self, url):
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))

    def rule(self, pattern, *targets, **parameters):
        name = flows.unique("rule")
        self.events.put_rule(Name=name, EventPattern=json.dumps(pattern), **parameters)
        bus = {key: value for key, value in parameters.items() if key == "EventBusName"}
        if targets:
            answer = self.events.put_targets(Rule=name, Targets=list(targets), **bus)
            self.assertEqual(answer["FailedEntryCount"], 0)
        return name

    def put(self, *entries):
        answer = self.events.put_events(Entries=list(entries))
        self.assertEqual(answer["FailedEntryCount"], 0)
        return [one["EventId"] for one in answer["Entries"]]

    # ---- events and targets ----

    def test_the_event_in_a_queue(self):
        url, arn = self.queue()
        source = flows.unique("source")
        self.rule({"source": [source], "detail": {"id": [{"numeric": [">", 1]}]}}, {"Id": "q", "Arn": arn})
        ids = self.put(entry(Source=source), entry(Source=source, Detail='{"id": 2}', Resources=["r"], Time=1700000000))
        body = json.loads(self.bodies(url)[0])
        self.assertEqual(list(body), ["version", "id", "detail-type", "source", "account", "time", "region",
                                      "resources", "detail"])
        self.assertEqual(body, {"version": "0", "id": ids[1], "detail-type": "Order", "source": source,
                                "account": support.ACCOUNT, "time": "2023-11-14T22:13:20Z",
                                "region": support.REGION, "resources": ["r"], "detail": {"id": 2}})
        self.assert_empty(url)

    def test_inputs(self):
        url, arn = self.queue()
        source = flows.unique("source")
        pattern = {"source": [source]}
        self.rule(pattern, {"Id": "1", "Arn": arn, "Input": '{"constant": true}'})
        self.rule(pattern, {"Id": "1", "Arn": arn, "InputPath": "$.detail.id"})
        self.rule(pattern, {"Id": "1", "Arn": arn, "InputTransformer": {
            "InputPathsMap": {"id": "$.detail.id", "who": "$.detail.who", "gone": "$.detail.gone"},
            "InputTemplate": '{"id": <id>, "who": <who>, "text": "<who> has <id>, <gone>."}'}})
        self.rule(pattern, {"Id": "1", "Arn": arn, "InputTransformer": {
            "InputPathsMap": {"who": "$.detail.who"}, "InputTemplate": "plain <who>"}})
        self.put(entry(Source=source, Detail=json.dumps({"id": 7, "who": 'a "b"'})))
        self.assertEqual(sorted(self.bodies(url, 4)), sorted([
            '{"constant": true}', "7", '{"id": 7, "who": "a \\"b\\"", "text": "a \\"b\\" has 7, ."}',
            'plain "a \\"b\\""']))

    def test_topic_function_machine_and_fifo_queue(self):
        url, arn = self.queue()
        fifo, fifo_arn = self.queue(FifoQueue="true", ContentBasedDeduplication="true")
        topic = self.sns.create_topic(Name=flows.unique("topic"))["TopicArn"]
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        machine = self.sfn.create_state_machine(name=flows.unique("machine"), definition=MACHINE,
                                                roleArn=support.ROLE)["stateMachineArn"]
        source = flows.unique("source")
        function = "arn:aws:lambda:%s:%s:function:seen" % (support.REGION, support.ACCOUNT)
        self.rule({"source": [source]}, {"Id": "sns", "Arn": topic}, {"Id": "fn", "Arn": function},
                  {"Id": "sfn", "Arn": machine, "RoleArn": support.ROLE},
                  {"Id": "fifo", "Arn": fifo_arn, "SqsParameters": {"MessageGroupId": "g"}},
                  {"Id": "gone", "Arn": "arn:aws:sqs:us-east-1:%s:no-such-queue" % support.ACCOUNT})
        event_id = self.put(entry(Source=source))[0]
        self.assertEqual(json.loads(self.bodies(url)[0])["id"], event_id)
        self.assertEqual(json.loads(self.bodies(fifo)[0])["id"], event_id)
        flows.poll(lambda: any(event_id in str(request.body) for request in self.functions.requests), "the function")
        execution = flows.poll(lambda: self.sfn.list_executions(stateMachineArn=machine)["executions"], "a start")[0]
        self.assertTrue(execution["name"].startswith(event_id))
        described = self.sfn.describe_execution(executionArn=execution["executionArn"])
        self.assertEqual(json.loads(described["input"])["id"], event_id)

    def test_entries_that_fail(self):
        answer = self.events.put_events(Entries=[
            entry(), {"DetailType": "t", "Detail": "{}"}, {"Source": "s", "Detail": "{}"},
            {"Source": "s", "DetailType": "t"}, entry(Detail="[1]"), entry(Detail="{"), entry(Source="aws.s3")])
        self.assertEqual(answer["FailedEntryCount"], 6)
        self.assertEqual([one.get("ErrorCode") for one in answer["Entries"]],
                         [None, "InvalidArgument", "InvalidArgument", "InvalidArgument", "MalformedDetail",
                          "MalformedDetail", "NotAuthorizedForSourceException"])
        self.assertEqual([one["ErrorMessage"] for one in answer["Entries"][1:5]], [
            "Parameter Source is not valid. Reason: Source is a required argument.",
            "Parameter DetailType is not valid. Reason: DetailType is a required argument.",
            "Parameter Detail is not valid. Reason: Detail is a required argument.", "Detail is malformed."])
        self.assertEqual(flows.refusal(self.events.put_events, Entries=[entry()] * 11)[0], "ValidationException")
        self.put(entry(EventBusName="no-such-bus"))

    # ---- rules, targets, buses ----

    def test_a_rule_from_start_to_end(self):
        url, arn = self.queue()
        source = flows.unique("source")
        name = self.rule({"source": [source]}, {"Id": "q", "Arn": arn}, Description="d", Tags=[
            {"Key": "k", "Value": "v"}])
        rule_arn = "arn:aws:events:%s:%s:rule/%s" % (support.REGION, support.ACCOUNT, name)
        described = self.events.describe_rule(Name=name)
        described.pop("ResponseMetadata")
        self.assertEqual(described, {"Name": name, "Arn": rule_arn, "State": "ENABLED", "Description": "d",
                                     "EventPattern": json.dumps({"source": [source]}), "EventBusName": "default",
                                     "CreatedBy": support.ACCOUNT})
        self.assertEqual([rule["Arn"] for rule in self.events.list_rules(NamePrefix=name)["Rules"]], [rule_arn])
        self.assertEqual(self.events.list_rule_names_by_target(TargetArn=arn)["RuleNames"], [name])
        self.assertEqual(self.events.list_targets_by_rule(Rule=name)["Targets"], [{"Id": "q", "Arn": arn}])
        self.events.tag_resource(ResourceARN=rule_arn, Tags=[{"Key": "l", "Value": "w"}])
        self.events.untag_resource(ResourceARN=rule_arn, TagKeys=["k"])
        self.assertEqual(self.events.list_tags_for_resource(ResourceARN=rule_arn)["Tags"],
                         [{"Key": "l", "Value": "w"}])
        self.events.disable_rule(Name=name)
        self.put(entry(Source=source, Detail='{"n": 1}'))
        self.events.enable_rule(Name=name)
        self.put(entry(Source=source, Detail='{"n": 2}'))
        self.assertEqual(json.loads(self.bodies(url)[0])["detail"], {"n": 2})
        self.assert_empty(url)
        self.assertEqual(flows.refusal(self.events.delete_rule, Name=name),
                         ("ValidationException", "Rule can't be deleted since it has targets."))
        self.events.put_targets(Rule=name, Targets=[{"Id": "q", "Arn": arn, "Input": "1"}])
        self.assertEqual(self.events.list_targets_by_rule(Rule=name)["Targets"],
                         [{"Id": "q", "Arn": arn, "Input": "1"}])
        self.events.remove_targets(Rule=name, Ids=["q"])
        self.events.delete_rule(Name=name)
        self.events.delete_rule(Name=name)
        self.assertEqual(flows.refusal(self.events.describe_rule, Name=name), (
            "ResourceNotFoundException", "Rule %s does not exist on EventBus default." % name))

    def test_pages(self):
        prefix = flows.unique("page") + "-"
        for number in range(3):
            self.events.put_rule(Name="%s%d" % (prefix, number), EventPattern='{"source":["nobody"]}')
        first = self.events.list_rules(NamePrefix=prefix, Limit=2)
        rest = self.events.list_rules(NamePrefix=prefix, Limit=2, NextToken=first["NextToken"])
        self.assertEqual([rule["Name"][-1] for rule in first["Rules"] + rest["Rules"]], ["0", "1", "2"])
        self.assertNotIn("NextToken", rest)

    def test_buses(self):
        name = flows.unique("bus")
        arn = self.events.create_event_bus(Name=name, Description="mine")["EventBusArn"]
        self.assertEqual(arn, "arn:aws:events:%s:%s:event-bus/%s" % (support.REGION, support.ACCOUNT, name))
        self.assertEqual(self.events.describe_event_bus(Name=name)["Description"], "mine")
        self.assertEqual(self.events.describe_event_bus()["Name"], "default")
        self.assertEqual([bus["Name"] for bus in self.events.list_event_buses(NamePrefix=name)["EventBuses"]], [name])
        self.assertIn("default", [bus["Name"] for bus in self.events.list_event_buses()["EventBuses"]])
        self.assertEqual(flows.refusal(self.events.create_event_bus, Name=name), (
            "ResourceAlreadyExistsException", "Event bus %s already exists." % name))
        url, queue_arn = self.queue()
        source = flows.unique("source")
        rule = self.rule({"source": [source]}, {"Id": "q", "Arn": queue_arn}, EventBusName=name)
        self.assertTrue(self.events.describe_rule(Name=rule, EventBusName=name)["Arn"].endswith(
            ":rule/%s/%s" % (name, rule)))
        self.put(entry(Source=source, Detail='{"n": 1}'))
        self.put(entry(Source=source, Detail='{"n": 2}', EventBusName=name))
        self.put(entry(Source=source, Detail='{"n": 3}', EventBusName=arn))
        self.assertEqual([json.loads(body)["detail"]["n"] for body in self.bodies(url, 2)], [2, 3])
        self.assertEqual(flows.refusal(self.events.delete_event_bus, Name=name)[0], "ValidationException")
        self.events.remove_targets(Rule=rule, EventBusName=name, Ids=["q"])
        self.events.delete_rule(Name=rule, EventBusName=name)
        self.events.delete_event_bus(Name=name)
        self.assertEqual(flows.refusal(self.events.describe_event_bus, Name=name), (
            "ResourceNotFoundException", "Event bus %s does not exist." % name))
        self.assertEqual(flows.refusal(self.events.delete_event_bus, Name="default"),
                         ("ValidationException", "Cannot delete event bus default."))

    def test_refusals(self):
        put = self.events.put_rule
        self.assertEqual(flows.refusal(put, Name="r"), (
            "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified."))
        self.assertEqual(flows.refusal(put, Name="r", EventPattern='{"a":"b"}'), (
            "InvalidEventPatternException",
            'Event pattern is not valid. Reason: "a" must be an object or an array'))
        self.assertEqual(flows.refusal(put, Name="a b", EventPattern='{"a":["b"]}')[0], "ValidationException")
        self.assertIn("rate(1 minute)", flows.refusal(put, Name="r", ScheduleExpression="rate(1 minute)")[1])
        name = self.rule({"source": ["x"]})
        for target in ({"Id": "1", "Arn": "nonsense"}, {"Id": "1", "Arn": "arn:aws:sqs:a:b:c", "Input": "{"},
                       {"Id": "1", "Arn": "arn:aws:sqs:a:b:c", "Input": "1", "InputPath": "$.a"},
                       {"Id": "1", "Arn": "arn:aws:sqs:a:b:c", "InputPath": "a"}):
            self.assertEqual(flows.refusal(self.events.put_targets, Rule=name, Targets=[target])[0],
                             "ValidationException", target)

    def test_test_event_pattern(self):
        event = json.dumps({"source": "a", "detail": {"n": 1}})
        for pattern, fits in (('{"source":["a"]}', True), ('{"detail":{"n":[2]}}', False)):
            self.assertEqual(self.events.test_event_pattern(EventPattern=pattern, Event=event)["Result"], fits)

    # ---- Step Functions ----

    def run_task(self, resource, parameters, **fields):
        arn = self.sfn.create_state_machine(
            name=flows.unique("machine"), roleArn=support.ROLE, definition=flows.machine(
                {"Put": {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **fields}})
        )["stateMachineArn"]
        execution = self.sfn.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
        return arn, execution

    def ended(self, execution):
        def look():
            answer = self.sfn.describe_execution(executionArn=execution)
            return answer if answer["status"] != "RUNNING" else None
        return flows.poll(look, "the end")

    def test_a_task_puts_events(self):
        url, arn = self.queue()
        source = flows.unique("source")
        self.rule({"source": [source]}, {"Id": "q", "Arn": arn})
        machine, execution = self.run_task(PUT, {"Entries": [
            entry(Source=source, Detail={"n": [1, {"m": None}]}, Resources=["r"])]})
        answer = json.loads(self.ended(execution)["output"])
        body = json.loads(self.bodies(url)[0])
        self.assertEqual(answer, {"Entries": [{"EventId": body["id"]}], "FailedEntryCount": 0})
        self.assertEqual(body["detail"], {"n": [1, {"m": None}]})
        self.assertEqual(body["resources"], ["r", machine, execution])

    def test_a_task_with_entries_that_fail(self):
        _, execution = self.run_task(PUT, {"Entries": [entry(), {"DetailType": "t", "Detail": {}}]})
        ended = self.ended(execution)
        cause = json.loads(ended["cause"])
        self.assertEqual((ended["status"], ended["error"]), ("FAILED", "EventBridge.FailedEntry"))
        self.assertEqual(list(cause), ["Entries", "FailedEntryCount"])
        self.assertEqual(cause["Entries"][1]["ErrorCode"], "InvalidArgument")

    def test_a_task_waits_for_its_token(self):
        url, arn = self.queue()
        source = flows.unique("source")
        self.rule({"source": [source]}, {"Id": "q", "Arn": arn})
        _, execution = self.run_task(PUT + ".waitForTaskToken", {"Entries": [
            entry(Source=source, Detail={"token.$": "$$.Task.Token"})]})
        token = json.loads(self.bodies(url)[0])["detail"]["token"]
        self.sfn.send_task_success(taskToken=token, output='"done"')
        self.assertEqual(self.ended(execution)["output"], '"done"')

    def test_the_sdk_integration(self):
        url, arn = self.queue()
        source = flows.unique("source")
        name = self.rule({"source": [source]}, {"Id": "q", "Arn": arn})
        sdk = "arn:aws:states:::aws-sdk:eventbridge:"
        _, execution = self.run_task(sdk + "putEvents", {"Entries": [entry(Source=source, Detail={"n": 1}),
                                                                     {"Source": "s", "Detail": {}}]})
        answer = json.loads(self.ended(execution)["output"])
        self.assertEqual((answer["FailedEntryCount"], len(answer["Entries"])), (1, 2))
        self.assertEqual(json.loads(self.bodies(url)[0])["resources"], [])
        _, execution = self.run_task(sdk + "describeRule", {"Name": name + "x"})
        ended = self.ended(execution)
        self.assertEqual(ended["error"], "EventBridge.ResourceNotFoundException")
        self.assertIn("(Service: EventBridge, Status Code: 400, Request ID: ", ended["cause"])

    def test_executions_that_start_and_end_are_events(self):
        url, arn = self.queue()
        for states, ending, error, cause in (
                ({"S": {"Type": "Pass", "End": True}}, "SUCCEEDED", None, None),
                ({"S": {"Type": "Fail", "Error": "E", "Cause": "C"}}, "FAILED", "E", "C")):
            machine = self.sfn.create_state_machine(name=flows.unique("machine"), roleArn=support.ROLE,
                                                    definition=flows.machine(states))["stateMachineArn"]
            self.rule({"source": ["aws.states"], "detail": {"stateMachineArn": [machine]}}, {"Id": "q", "Arn": arn})
            execution = self.sfn.start_execution(stateMachineArn=machine, input='{"a": 1}')["executionArn"]
            started, ended = [json.loads(body) for body in self.bodies(url, 2)]
            self.assertEqual((started["detail-type"], started["resources"]),
                             ("Step Functions Execution Status Change", [execution]))
            stopped = ended["detail"].pop("stopDate")
            self.assertLessEqual(started["detail"]["startDate"], stopped)
            same = {"executionArn": execution, "stateMachineArn": machine, "name": execution.rsplit(":", 1)[1],
                    "startDate": started["detail"]["startDate"], "input": '{"a": 1}',
                    "inputDetails": {"included": True}, "stateMachineVersionArn": None,
                    "stateMachineAliasArn": None, "redriveCount": 0, "redriveDate": None}
            self.assertEqual(started["detail"], {
                **same, "status": "RUNNING", "stopDate": None, "output": None, "outputDetails": None, "error": None,
                "cause": None, "redriveStatus": "NOT_REDRIVABLE",
                "redriveStatusReason": "Execution is RUNNING and cannot be redriven"})
            good = error is None
            self.assertEqual(ended["detail"], {
                **same, "status": ending, "output": '{"a": 1}' if good else None,
                "outputDetails": {"included": True} if good else None, "error": error, "cause": cause,
                "redriveStatus": "NOT_REDRIVABLE" if good else "REDRIVABLE",
                "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven" if good else None})

    def test_an_endpoint_elsewhere(self):
        answer = {"Entries": [{"EventId": "1"}, {"ErrorCode": "c", "ErrorMessage": "m"}], "FailedEntryCount": 1}
        with fake_http.FakeHttp(lambda request: (200, {}, json.dumps(answer).encode())) as endpoint:
            with support.Stepd(args=["--endpoint", "events=" + endpoint.url]) as server:
                sfn = server.client("stepfunctions")
                arn = sfn.create_state_machine(
                    name="m", roleArn=support.ROLE, definition=flows.machine(
                        {"Put": {"Type": "Task", "Resource": PUT, "End": True,
                                 "Parameters": {"Entries": [entry(Detail={"n": 1})]}}}))["stateMachineArn"]
                execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]

                def look():
                    described = sfn.describe_execution(executionArn=execution)
                    return described if described["status"] != "RUNNING" else None
                ended = flows.poll(look, "the end")
                self.assertEqual((ended["error"], json.loads(ended["cause"])), ("EventBridge.FailedEntry", answer))
            sent = json.loads(endpoint.requests[0].body)["Entries"][0]
            self.assertEqual(json.loads(sent["Detail"]), {"n": 1})
            self.assertEqual(sent["Resources"], [arn, execution])


class KeptTest(unittest.TestCase):
    def test_rules_and_buses_survive(self):
        with tempfile.TemporaryDirectory() as directory:
            with support.Stepd(args=["--data", directory]) as server:
                events, sqs = server.client("events"), server.client("sqs")
                url = sqs.create_queue(QueueName="q")["QueueUrl"]
                arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
                events.create_event_bus(Name="b", Tags=[{"Key": "k", "Value": "v"}])
                events.put_rule(Name="r", EventBusName="b", EventPattern='{"source":["s"]}')
                events.put_targets(Rule="r", EventBusName="b", Targets=[{"Id": "1", "Arn": arn}])
                events.put_rule(Name="gone", EventPattern='{"source":["s"]}')
                events.delete_rule(Name="gone")
            with support.Stepd(args=["--data", directory]) as server:
                events, sqs = server.client("events"), server.client("sqs")
                bus = events.describe_event_bus(Name="b")["Arn"]
                self.assertEqual(events.list_tags_for_resource(ResourceARN=bus)["Tags"], [{"Key": "k", "Value": "v"}])
                self.assertEqual(events.list_rules()["Rules"], [])
                events.put_events(Entries=[entry(Source="s", EventBusName="b")])
                url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
                got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
                self.assertEqual(json.loads(got[0]["Body"])["source"], "s")


if __name__ == "__main__":
    unittest.main()
