"""The kinds of workflows: definition, input, and what must have become of an execution."""
import collections
import json

import checks
from driver import Refused

ROLE = "arn:aws:iam::123456789012:role/crash"
INVOKE = "arn:aws:states:::lambda:invoke"


def call(function, **fields):
    return {"Type": "Task", "Resource": INVOKE + ".waitForTaskToken",
            "Parameters": {"FunctionName": function, "Payload": {"token.$": "$$.Task.Token", "number.$": "$.number"}},
            "End": True, **fields}


class Kind:
    """A linear workflow that ends with the output that expect says."""

    linear = True
    status = "SUCCEEDED"

    def __init__(self, name, states, expect=None, check=None, make_input=None, **fields):
        self.name = name
        self.definition = {"StartAt": next(iter(states)), "States": states, **fields}
        self.expect = expect or (lambda run: run.input)
        self.check = check or (lambda run, events: None)
        self.make_input = make_input or (lambda number, chance: {"number": number})
        self.machine_arn = None
        self.queue = None

    def check_end(self, run, described, events):
        checks.equal(described["status"], self.status, "the status of " + run.name)
        if self.status == "SUCCEEDED":
            checks.equal(json.loads(described["output"]), self.expect(run), "the output of " + run.name)
            checks.equal(json.loads(events[-1]["executionSucceededEventDetails"]["output"]),
                         self.expect(run), "the last event of " + run.name)
        checks.equal(described["stopDate"], events[-1]["timestamp"], "stopDate of " + run.name)
        self.check(run, events)


class Ends(Kind):
    def __init__(self, status, *arguments, **more):
        super().__init__(*arguments, **more)
        self.status = status


class Fans(Kind):
    linear = False


def times(events, kind):
    return [event["timestamp"] for event in events if event["type"] == kind]


def waited(run, events):
    """Not before its time, whatever happened meanwhile."""
    passed = times(events, "WaitStateExited")[0] - times(events, "WaitStateEntered")[0]
    if passed < run.input["seconds"] - 0.001:
        raise checks.Broken("%s waited %.3f s of %d" % (run.name, passed, run.input["seconds"]))


def retried(run, events):
    kinds = checks.types(events)
    checks.equal((kinds.count("TaskScheduled"), kinds.count("TaskFailed"), kinds.count("TaskSucceeded")), (3, 2, 1),
                 "scheduled, failed, succeeded of " + run.name)


def timed_out_after(seconds, start):
    def check(run, events):
        passed = events[-1]["timestamp"] - times(events, start)[0]
        if passed < seconds - 0.001:
            raise checks.Broken("%s timed out after %.3f s of %d" % (run.name, passed, seconds))
    return check


def answer(run):
    return {"answer": run.number}


def linear_kinds():
    passing = {"A": {"Type": "Pass", "Result": [1, "ü"], "ResultPath": "$.made", "Next": "B"},
               "B": {"Type": "Choice", "Choices": [{"Variable": "$.number", "NumericLessThan": 0, "Next": "A"}],
                     "Default": "C"},
               "C": {"Type": "Succeed"}}
    wait = {"W": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "P"}, "P": {"Type": "Pass", "End": True}}
    flaky = {"F": {"Type": "Task", "Resource": INVOKE, "End": True, "OutputPath": "$.Payload",
                   "Parameters": {"FunctionName": "Flaky", "Payload": {"attempt.$": "$$.State.RetryCount"}},
                   "Retry": [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 4}]}}
    double = {"D": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:Double", "End": True}}
    hour = {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}
    return [
        Kind("passing", passing, expect=lambda run: {"number": run.number, "made": [1, "ü"]}),
        Kind("waiting", wait, check=waited, make_input=lambda number, chance: {"number": number, "seconds": chance.randint(1, 3)}),
        Kind("called", {"T": call("Later")}, expect=answer),
        Kind("quick", {"T": call("Answer")}, expect=answer),
        Kind("beating", {"T": call("Beating", HeartbeatSeconds=15)}, expect=answer),
        Ends("FAILED", "silent", {"T": call("Silent", HeartbeatSeconds=2)}, check=timed_out_after(2, "TaskScheduled")),
        Ends("FAILED", "late", {"T": call("Silent", TimeoutSeconds=1)}, check=timed_out_after(1, "TaskScheduled")),
        Ends("TIMED_OUT", "overdue", hour, TimeoutSeconds=2, check=timed_out_after(2, "ExecutionStarted")),
        Ends("ABORTED", "stopped", hour),
        Kind("retried", flaky, expect=lambda run: {"took": "Flaky"}, check=retried),
        Kind("doubled", double, expect=lambda run: {"doubled": 2 * run.number}),
    ]


def service_kinds(api):
    """Each effect of a built-in service belongs to the transaction of its event: exactly once."""
    url = {name: api.sqs("CreateQueue", QueueName=name)["QueueUrl"] for name in ("tokens", "effects", "topic")}
    topic = "arn:aws:sns:us-east-1:123456789012:crash"
    api.sns("CreateTopic", Name="crash")
    api.sns("Subscribe", TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:topic",
            **{"Attributes.entry.1.key": "RawMessageDelivery", "Attributes.entry.1.value": "true"})
    api.dynamodb("CreateTable", TableName="effects", BillingMode="PAY_PER_REQUEST",
                 AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                 KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    queued = Kind("queued", {"T": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                                   "Parameters": {"QueueUrl": url["tokens"], "MessageBody": {
                                       "token.$": "$$.Task.Token", "number.$": "$.number"}}, "End": True}}, expect=answer)
    queued.queue = url["tokens"]
    states = {
        "S": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "ResultPath": None, "Next": "N",
              "Parameters": {"QueueUrl": url["effects"], "MessageBody.$": "States.Format('{}', $.number)"}},
        "N": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "ResultPath": None, "Next": "D",
              "Parameters": {"TopicArn": topic, "Message.$": "States.Format('{}', $.number)"}},
        "D": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem", "ResultPath": None, "End": True,
              "Parameters": {"TableName": "effects", "Key": {"id": {"S.$": "States.Format('{}', $.number)"}},
                             "UpdateExpression": "ADD hits :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}}}
    effects = Kind("effects", states)
    effects.queue = url["effects"]
    effects.topic_queue = url["topic"]
    valuation = Kind("valuation", {"V": {
        "Type": "Task", "Resource": INVOKE + ".waitForTaskToken", "End": True, "TimeoutSeconds": 300,
        "Parameters": {"FunctionName": "ValuationRequestFunction",
                       "Payload": {"taskToken.$": "$$.Task.Token", "loanApplication.$": "$"}}}},
        expect=lambda run: None,
        make_input=lambda number, chance: {"number": number, "property": {"nameOrNumber": "999", "postcode": "PO1 1CE"}})
    valuation.check_end = lambda run, described, events: (
        checks.equal(described["status"], "SUCCEEDED", "the status of " + run.name),
        checks.equal(json.loads(described["output"])["propertyValue"], 666000, "the output of " + run.name))
    return [queued, effects, valuation]


def fan_kinds():
    branch = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "P"}, "P": {"Type": "Pass", "End": True}}}
    asking = {"StartAt": "T", "States": {"T": call("Later")}}
    parallel = {"All": {"Type": "Parallel", "Branches": [branch, asking], "End": True}}
    each = {"Each": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": True, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "D", "States": {"D": {
            "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:Double", "End": True}}}}}
    return [
        Fans("parallel", parallel, expect=lambda run: [run.input, answer(run)]),
        Fans("mapped", each, expect=lambda run: [{"doubled": 2 * item["number"]} for item in run.input["items"]],
             make_input=lambda number, chance: {"items": [{"number": n} for n in range(chance.randint(0, 6))]}),
    ]


def other_kinds(api):
    """What is left out where this stepd doesn't accept it."""
    try:
        activity = api.must("CreateActivity", name="crash")["activityArn"]
    except Refused:
        activity = "arn:aws:states:us-east-1:123456789012:activity:crash"
    worked = Fans("worked", {"T": {"Type": "Task", "Resource": activity, "TimeoutSeconds": 4, "End": True, "Retry": [
        {"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 50}]}}, expect=answer)
    worked.activity = activity
    child = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "P"},
                                        "P": {"Type": "Pass", "Result": "child", "End": True}}}
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:crash-child"
    api.must("CreateStateMachine", name="crash-child", roleArn=ROLE, definition=json.dumps(child))
    nested = Fans("nested", {"N": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
                                   "Parameters": {"StateMachineArn": arn, "Input": {"number.$": "$.number"}},
                                   "OutputPath": "$.Output", "End": True}}, expect=lambda run: "child")
    counted = Kind("counted", {"C": {"Type": "Pass", "Output": "{% $states.input.number * 2 %}", "End": True}},
                   expect=lambda run: run.number * 2, QueryLanguage="JSONata")
    counted.linear = False
    return [worked, nested, counted]


def create(api, functions):
    """All kinds whose definitions this stepd accepts."""
    kinds = []
    for kind in linear_kinds() + service_kinds(api) + fan_kinds() + other_kinds(api):
        try:
            kind.machine_arn = api.must("CreateStateMachine", name="crash-" + kind.name, roleArn=ROLE,
                                        definition=json.dumps(kind.definition))["stateMachineArn"]
        except Refused as refused:
            if kind.linear:
                raise
            print("left out: %s" % refused)
            continue
        if kind.name == "nested" and not provided(api, kind):
            print("left out: nested executions")
            continue
        kinds.append(kind)
    return kinds


def provided(api, kind):
    """Creation accepts every service's name; only a run tells whether this stepd has it."""
    arn = api.must("StartExecution", stateMachineArn=kind.machine_arn, input='{"number":0}')["executionArn"]
    described = api.must("DescribeExecution", executionArn=arn)
    return "does not provide" not in described.get("cause", "")


def all_bodies(api, url):
    found = collections.Counter()
    while True:
        messages = api.sqs("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages", [])
        if not messages:
            return found
        found.update(message["Body"] for message in messages)


def check_effects(record, api):
    expected = collections.Counter(str(run.number) for run in record.runs() if run.kind.name == "effects")
    kind = next((run.kind for run in record.runs() if run.kind.name == "effects"), None)
    if kind is None:
        return
    checks.equal(all_bodies(api, kind.queue), expected, "the messages of the queue")
    checks.equal(all_bodies(api, kind.topic_queue), expected, "the messages of the topic's queue")
    items, start = {}, {}
    while True:
        page = api.dynamodb("Scan", TableName="effects", **start)
        items.update({item["id"]["S"]: int(item["hits"]["N"]) for item in page["Items"]})
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    checks.equal(items, dict(expected), "the hits of the items")
