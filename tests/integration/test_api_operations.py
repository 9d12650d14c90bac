"""Step Functions' operations through boto3: answers, idempotency, revisions, pages, tags, refusals."""
import json
import unittest

from botocore.exceptions import ClientError

import support

WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1000, "End": True}}}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "C"}}}
UNKNOWN = "arn:aws:states:us-east-1:123456789012:stateMachine:unknown"
UNKNOWN_EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:unknown:unknown"


class Operations(unittest.TestCase):
    def setUp(self):
        self.server = support.Stepd()
        self.server.start()
        self.addCleanup(self.server.stop)
        self.client = self.server.client()

    def refused(self, code, message, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        response = caught.exception.response
        self.assertEqual(response["Error"]["Code"], code, response)
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 400)
        if message is not None:
            self.assertEqual(response["Error"]["Message"], message)
        return response["Error"]["Message"]

    def answer(self, call, **arguments):
        answer = call(**arguments)
        answer.pop("ResponseMetadata")
        return answer

    # ---- state machines ----

    def test_create_and_describe(self):
        created = self.answer(self.client.create_state_machine, name="a", definition=support.PASS, roleArn=support.ROLE)
        arn = "arn:aws:states:us-east-1:123456789012:stateMachine:a"
        self.assertEqual(set(created), {"stateMachineArn", "creationDate"})
        self.assertEqual(created["stateMachineArn"], arn)
        self.assertEqual(self.answer(self.client.describe_state_machine, stateMachineArn=arn), {
            "stateMachineArn": arn, "name": "a", "status": "ACTIVE", "definition": support.PASS, "roleArn": support.ROLE,
            "type": "STANDARD", "creationDate": created["creationDate"],
            "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
            "tracingConfiguration": {"enabled": False}, "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}})
        self.assertEqual(self.client.describe_state_machine(
            stateMachineArn=arn, includedData="METADATA_ONLY")["definition"], "{}")

    def test_create_again(self):
        first = self.client.create_state_machine(name="a", definition=support.PASS, roleArn=support.ROLE)
        again = self.client.create_state_machine(name="a", definition=support.PASS, roleArn=support.ROLE + "2",
                                                 tags=[{"key": "k", "value": "v"}])
        self.assertEqual((again["stateMachineArn"], again["creationDate"]),
                         (first["stateMachineArn"], first["creationDate"]))
        self.assertEqual(self.client.list_tags_for_resource(resourceArn=first["stateMachineArn"])["tags"], [])
        for changed in ({"definition": support.PASS + " "}, {"tracingConfiguration": {"enabled": True}},
                        {"type": "EXPRESS"}):
            arguments = dict({"name": "a", "definition": support.PASS, "roleArn": support.ROLE}, **changed)
            self.refused("StateMachineAlreadyExists", "State Machine Already Exists: '%s'" % first["stateMachineArn"],
                         self.client.create_state_machine, **arguments)

    def test_create_refusals(self):
        good = {"name": "a", "definition": support.PASS, "roleArn": support.ROLE}
        create = self.client.create_state_machine
        for name in ("a b", "a<", "a:b", "a/b", "a\u0085", "a?", "tab\t"):
            self.refused("InvalidName", "Invalid Name: '%s'" % name, create, **dict(good, name=name))
        self.refused("InvalidArn", "Invalid Role Arn: 'role'", create, **dict(good, roleArn="role"))
        self.refused("UnsupportedOperation", "Unsupported Operation: 'publish'. stepd does not implement it yet.",
                     create, **dict(good, publish=True))
        self.refused("ValidationException", "Version description can only be set when publish is true",
                     create, **dict(good, versionDescription="v"))
        self.refused("InvalidDefinition", None, create, **dict(good, definition="{}"))
        self.refused("InvalidDefinition", None, create, **dict(good, definition="no json"))
        self.refused("InvalidLoggingConfiguration",
                     "Invalid Logging Configuration: Must specify exactly one Log Destination.",
                     create, **dict(good, loggingConfiguration={"level": "ALL"}))
        self.refused("InvalidEncryptionConfiguration", None, create,
                     **dict(good, encryptionConfiguration={"type": "CUSTOMER_MANAGED_KMS_KEY"}))
        self.refused("ValidationException", "1 validation error detected: Value 'standard' at 'type' failed to satisfy "
                     "constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]",
                     create, **dict(good, type="standard"))
        self.assertEqual(self.client.list_state_machines()["stateMachines"], [])

    def test_configurations(self):
        destination = {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:g:*"}}
        key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "k"}
        arn = self.server.create("a", loggingConfiguration={"level": "ALL", "destinations": [destination]},
                                 tracingConfiguration={"enabled": True}, encryptionConfiguration=key)
        said = self.client.describe_state_machine(stateMachineArn=arn)
        self.assertEqual(said["loggingConfiguration"],
                         {"level": "ALL", "includeExecutionData": False, "destinations": [destination]})
        self.assertEqual(said["tracingConfiguration"], {"enabled": True})
        self.assertEqual(said["encryptionConfiguration"], dict(key, kmsDataKeyReusePeriodSeconds=300))
        bare = self.server.create("b", loggingConfiguration={"destinations": []})
        self.assertEqual(self.client.describe_state_machine(stateMachineArn=bare)["loggingConfiguration"],
                         {"level": "OFF", "includeExecutionData": False, "destinations": []})

    def test_update_and_revisions(self):
        arn = self.server.create("a")
        update = self.client.update_state_machine
        self.refused("MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the "
                     "TracingConfiguration must be specified", update, stateMachineArn=arn)
        self.assertNotIn("revisionId", update(stateMachineArn=arn, definition=support.PASS, roleArn=support.ROLE))
        self.assertNotIn("revisionId", self.client.describe_state_machine(stateMachineArn=arn))
        first = update(stateMachineArn=arn, roleArn=support.ROLE + "2")["revisionId"]
        self.assertEqual(update(stateMachineArn=arn, roleArn=support.ROLE + "2")["revisionId"], first)
        second = update(stateMachineArn=arn, tracingConfiguration={"enabled": True})["revisionId"]
        self.assertNotEqual(first, second)
        third = update(stateMachineArn=arn, definition=json.dumps(FAIL))["revisionId"]
        said = self.client.describe_state_machine(stateMachineArn=arn)
        self.assertEqual((said["revisionId"], said["roleArn"], said["tracingConfiguration"], said["definition"]),
                         (third, support.ROLE + "2", {"enabled": True}, json.dumps(FAIL)))
        self.refused("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s:2'" % arn,
                     update, stateMachineArn=arn + ":2", roleArn=support.ROLE)

    def test_running_executions_keep_their_definition(self):
        arn = self.server.create("a", WAIT)
        execution = self.client.start_execution(stateMachineArn=arn)["executionArn"]
        self.client.update_state_machine(stateMachineArn=arn, definition=support.PASS, roleArn=support.ROLE + "2")
        said = self.client.describe_state_machine_for_execution(executionArn=execution)
        self.assertEqual((said["definition"], said["roleArn"], said["name"], said["stateMachineArn"]),
                         (json.dumps(WAIT), support.ROLE, "a", arn))

    def test_delete(self):
        arn = self.server.create("a", WAIT)
        execution = self.client.start_execution(stateMachineArn=arn)["executionArn"]
        self.refused("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s:1'" % arn,
                     self.client.delete_state_machine, stateMachineArn=arn + ":1")
        self.assertEqual(self.answer(self.client.delete_state_machine, stateMachineArn=arn), {})
        self.assertEqual(self.answer(self.client.delete_state_machine, stateMachineArn=arn), {})
        missing = "State Machine Does Not Exist: '%s'" % arn
        self.refused("StateMachineDoesNotExist", missing, self.client.describe_state_machine, stateMachineArn=arn)
        self.refused("StateMachineDoesNotExist", missing, self.client.start_execution, stateMachineArn=arn)
        self.assertEqual(support.finished(self.client, execution)["status"], "ABORTED")

    def test_arns(self):
        describe = self.client.describe_state_machine
        arn = self.server.create("a")
        self.refused("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: nonsense'", describe, stateMachineArn="nonsense")
        for suffix in (":1", ":PROD", "#TestCase"):
            for call in (describe, self.client.start_execution):
                self.refused("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s%s'" % (arn, suffix),
                             call, stateMachineArn=arn + suffix)
        self.assertEqual(self.client.list_state_machine_versions(stateMachineArn=arn)["stateMachineVersions"], [])
        self.refused("InvalidArn", None, self.client.list_state_machine_versions, stateMachineArn=UNKNOWN)

    def test_list_state_machines_in_pages(self):
        names = ["m_%d_" % i for i in range(13)]
        for name in names:
            self.server.create(name)
        pages = list(self.client.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 5}))
        self.assertEqual([len(page["stateMachines"]) for page in pages], [5, 5, 3])
        self.assertEqual([m["name"] for page in pages for m in page["stateMachines"]], sorted(names))
        self.assertNotIn("nextToken", pages[-1])
        self.assertEqual(len(self.client.list_state_machines(maxResults=0)["stateMachines"]), 13)
        self.assertNotIn("nextToken", self.client.list_state_machines(maxResults=13))

    def test_bad_page_tokens(self):
        for name in ("a", "b"):
            self.server.create(name)
        token = self.client.list_state_machines(maxResults=1)["nextToken"]
        text = "Invalid Token: 'Invalid token'"
        for bad in ("x", "!!!!", token[:-4], token + "AAAA", "A" * 1024):
            self.refused("InvalidToken", text, self.client.list_state_machines, nextToken=bad)
        arn = self.server.create("c")
        self.refused("InvalidToken", text, self.client.list_executions, stateMachineArn=arn, nextToken=token)
        other = self.server.client(access_key="111111111111")
        self.refused("InvalidToken", text, other.list_state_machines, nextToken=token)
        self.refused("ValidationException", "1 validation error detected: Value '%s' at 'nextToken' failed to satisfy "
                     "constraint: Member must have length less than or equal to 1024" % ("A" * 1025),
                     self.client.list_state_machines, nextToken="A" * 1025)

    def test_accounts_and_regions(self):
        arn = self.server.create("a")
        other = self.server.client(access_key="111111111111", region="eu-west-1")
        created = other.create_state_machine(name="a", definition=support.PASS, roleArn=support.ROLE)
        self.assertEqual(created["stateMachineArn"], "arn:aws:states:eu-west-1:111111111111:stateMachine:a")
        self.assertEqual(len(other.list_state_machines()["stateMachines"]), 1)
        self.refused("StateMachineDoesNotExist", None, other.describe_state_machine, stateMachineArn=arn)

    # ---- tags ----

    def test_tags(self):
        arn = self.server.create("a", tags=[{"key": "one", "value": "1"}])
        tags = lambda: self.client.list_tags_for_resource(resourceArn=arn)["tags"]
        self.assertEqual(tags(), [{"key": "one", "value": "1"}])
        self.client.tag_resource(resourceArn=arn, tags=[{"key": "two", "value": ""}, {"key": "one", "value": "I"}])
        self.assertEqual(tags(), [{"key": "one", "value": "I"}, {"key": "two", "value": ""}])
        self.client.tag_resource(resourceArn=arn, tags=[])
        self.client.untag_resource(resourceArn=arn, tagKeys=["one", "never"])
        self.assertEqual(tags(), [{"key": "two", "value": ""}])
        many = [{"key": "k%d" % i, "value": "v"} for i in range(50)]
        self.refused("TooManyTags", None, self.client.tag_resource, resourceArn=arn, tags=many)
        self.assertEqual(tags(), [{"key": "two", "value": ""}])
        for call, more in ((self.client.tag_resource, {"tags": []}), (self.client.untag_resource, {"tagKeys": []}),
                           (self.client.list_tags_for_resource, {})):
            for missing in (UNKNOWN, arn + ":1"):
                self.refused("ResourceNotFound", "Resource not found: '%s'" % missing, call, resourceArn=missing, **more)

    # ---- executions ----

    def test_execution(self):
        arn = self.server.create("a")
        started = self.answer(self.client.start_execution, stateMachineArn=arn, name="n", input='{"b" : [1,  2]}',
                              traceHeader="Root=1")
        self.assertEqual(set(started), {"executionArn", "startDate"})
        self.assertEqual(started["executionArn"], "arn:aws:states:us-east-1:123456789012:execution:a:n")
        said = support.finished(self.client, started["executionArn"])
        said.pop("ResponseMetadata")
        stopped = said.pop("stopDate")
        self.assertGreaterEqual(stopped, started["startDate"])
        self.assertEqual(said, {
            "executionArn": started["executionArn"], "stateMachineArn": arn, "name": "n", "status": "SUCCEEDED",
            "startDate": started["startDate"], "input": '{"b" : [1,  2]}', "inputDetails": {"included": True},
            "output": '{"b" : [1,  2]}', "outputDetails": {"included": True}, "traceHeader": "Root=1", "redriveCount": 0,
            "redriveStatus": "NOT_REDRIVABLE",
            "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven"})
        bare = self.client.describe_execution(executionArn=started["executionArn"], includedData="METADATA_ONLY")
        self.assertEqual((bare.get("input"), bare["inputDetails"]), (None, {"included": False}))

    def test_failed_execution(self):
        arn = self.server.create("a", FAIL)
        said = support.finished(self.client, self.client.start_execution(stateMachineArn=arn)["executionArn"])
        self.assertEqual((said["status"], said["error"], said["cause"], said["redriveStatus"], said["input"]),
                         ("FAILED", "E", "C", "REDRIVABLE", "{}"))
        self.assertNotIn("output", said)
        self.assertNotIn("redriveStatusReason", said)

    def test_start_again(self):
        arn = self.server.create("a", WAIT)
        start = self.client.start_execution
        first = self.answer(start, stateMachineArn=arn, name="n", input='{"a":1}')
        self.assertEqual(self.answer(start, stateMachineArn=arn, name="n", input='{"a":1}'), first)
        exists = "Execution Already Exists: '%s'" % first["executionArn"]
        self.refused("ExecutionAlreadyExists", exists, start, stateMachineArn=arn, name="n", input='{"a":2}')
        self.client.stop_execution(executionArn=first["executionArn"])
        self.refused("ExecutionAlreadyExists", exists, start, stateMachineArn=arn, name="n", input='{"a":1}')

    def test_start_refusals(self):
        arn = self.server.create("a")
        start = self.client.start_execution
        wrong = "Invalid State Machine Execution Input: '%s'"
        for text, reason in (("not some json", "Unrecognized token 'not': was expecting (JSON String, Number, Array, "
                                               "Object or token 'null', 'true' or 'false')"),
                             ("{'not': 'json'", "Unexpected character (''' (code 39)): was expecting double-quote to "
                                                "start field name"),
                             ("", "Invalid execution input.")):
            self.refused("InvalidExecutionInput", wrong % reason, start, stateMachineArn=arn, input=text)
        for text in ("2", '"some text"', "null", "[]", "true"):
            start(stateMachineArn=arn, input=text)
        self.refused("InvalidName", "Invalid Name: 'a b'", start, stateMachineArn=arn, name="a b")
        self.refused("ValidationException", "1 validation error detected: Value at 'input' failed to satisfy constraint: "
                     "Member must have length less than or equal to 262144",
                     start, stateMachineArn=arn, input='"%s"' % ("\u00e9" * 131072))
        self.refused("StateMachineDoesNotExist", None, start, stateMachineArn=UNKNOWN)
        self.refused("ValidationException", None, start, stateMachineArn=arn, traceHeader="\u00e9")

    def test_stop(self):
        arn = self.server.create("a", WAIT)
        execution = self.client.start_execution(stateMachineArn=arn)["executionArn"]
        stopped = self.answer(self.client.stop_execution, executionArn=execution, error="E", cause="C")
        self.assertEqual(self.answer(self.client.stop_execution, executionArn=execution), stopped)
        said = self.client.describe_execution(executionArn=execution)
        self.assertEqual((said["status"], said["error"], said["cause"], said["stopDate"]),
                         ("ABORTED", "E", "C", stopped["stopDate"]))
        self.refused("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'" % UNKNOWN_EXECUTION,
                     self.client.stop_execution, executionArn=UNKNOWN_EXECUTION)
        express = "arn:aws:states:us-east-1:123456789012:express:a:b:c"
        for call in (self.client.stop_execution, self.client.describe_execution, self.client.get_execution_history):
            self.refused("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'",
                         call, executionArn=express)

    def test_list_executions(self):
        arn, other = self.server.create("a"), self.server.create("b", WAIT)
        names = ["n%d" % i for i in range(7)]
        for name in names:
            support.finished(self.client, self.client.start_execution(stateMachineArn=arn, name=name)["executionArn"])
        self.client.start_execution(stateMachineArn=other, name="other")
        pages = list(self.client.get_paginator("list_executions").paginate(
            stateMachineArn=arn, PaginationConfig={"PageSize": 3}))
        self.assertEqual([[e["name"] for e in page["executions"]] for page in pages],
                         [["n6", "n5", "n4"], ["n3", "n2", "n1"], ["n0"]])
        self.assertEqual(set(pages[0]["executions"][0]), {"executionArn", "stateMachineArn", "name", "status",
                                                          "startDate", "stopDate", "redriveCount"})
        listed = lambda **more: [e["name"] for e in self.client.list_executions(**more)["executions"]]
        self.assertEqual(listed(stateMachineArn=arn, statusFilter="RUNNING"), [])
        self.assertEqual(listed(stateMachineArn=other, statusFilter="RUNNING"), ["other"])
        self.assertEqual(listed(stateMachineArn=arn, redriveFilter="REDRIVEN"), [])
        self.refused("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'" % UNKNOWN,
                     self.client.list_executions, stateMachineArn=UNKNOWN)
        self.refused("ValidationException", None, self.client.list_executions)
        self.refused("ValidationException", "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to "
                     "satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, "
                     "ABORTED, FAILED, RUNNING]", self.client.list_executions, stateMachineArn=arn,
                     statusFilter="succeeded")
        self.refused("ValidationException", "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy "
                     "constraint: Member must have value less than or equal to 1000",
                     self.client.list_executions, stateMachineArn=arn, maxResults=1001)

    def test_history(self):
        arn = self.server.create("a")
        execution = self.client.start_execution(stateMachineArn=arn, input="[1, 2]")["executionArn"]
        support.finished(self.client, execution)
        history = lambda **more: self.client.get_execution_history(executionArn=execution, **more)
        events = history()["events"]
        self.assertEqual([(e["id"], e["previousEventId"], e["type"]) for e in events],
                         [(1, 0, "ExecutionStarted"), (2, 0, "PassStateEntered"), (3, 2, "PassStateExited"),
                          (4, 3, "ExecutionSucceeded")])
        self.assertEqual(events[0]["executionStartedEventDetails"],
                         {"input": "[1, 2]", "inputDetails": {"truncated": False}, "roleArn": support.ROLE})
        self.assertEqual(history(reverseOrder=True)["events"], events[::-1])
        paged = [page["events"] for page in self.client.get_paginator("get_execution_history").paginate(
            executionArn=execution, reverseOrder=True, PaginationConfig={"PageSize": 3})]
        self.assertEqual(paged, [events[::-1][:3], events[::-1][3:]])
        bare = history(includeExecutionData=False)["events"]
        self.assertEqual(bare[0]["executionStartedEventDetails"], {"roleArn": support.ROLE})
        self.assertEqual(bare[1]["stateEnteredEventDetails"], {"name": "S"})
        self.assertEqual(bare[3]["executionSucceededEventDetails"], {})
        token = history(maxResults=2)["nextToken"]
        self.assertEqual(history(nextToken=token)["events"], events[2:])
        self.refused("InvalidToken", None, history, nextToken=token, reverseOrder=True)
        self.refused("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'" % UNKNOWN_EXECUTION,
                     self.client.get_execution_history, executionArn=UNKNOWN_EXECUTION)

    def test_wire(self):
        arn = self.server.create("a")
        status, headers, body = self.server.request(
            "POST", "/", {"X-Amz-Target": "AWSStepFunctions.DescribeStateMachine"},
            json.dumps({"stateMachineArn": arn, "includedData": None, "unknown": {"deep": [1]}}))
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "application/x-amz-json-1.0")
        self.assertRegex(headers["x-amzn-RequestId"], r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertRegex(body.decode(), r'"creationDate":\d{10}\.\d{3},')
        status, answer = self.server.call("ListStateMachines", body=b"")
        self.assertEqual((status, len(answer["stateMachines"])), (200, 1))

    def test_validation_names_everything(self):
        self.assertEqual(self.server.call("CreateStateMachine", {"name": "", "roleArn": "r" * 257, "tags": [
            {"key": "k"}, {"key": ""}]}), (400, {
                "__type": "ValidationException",
                "message": "4 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must "
                           "have length greater than or equal to 1; Value null at 'definition' failed to satisfy "
                           "constraint: Member must not be null; Value '%s' at 'roleArn' failed to satisfy constraint: "
                           "Member must have length less than or equal to 256; Value '' at 'tags.2.member.key' failed to "
                           "satisfy constraint: Member must have length greater than or equal to 1" % ("r" * 257)}))


if __name__ == "__main__":
    unittest.main()
