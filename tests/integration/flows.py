"""What the tests of executions share: create a machine, start it, wait for what it waits for, compare histories."""
import http.server
import itertools
import json
import threading
import time

ROLE = "arn:aws:iam::123456789012:role/stepd"
CALLBACK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
INVOKE = "arn:aws:states:::lambda:invoke"
TIMED_OUT = ("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
FORGED = ("InvalidToken", "Invalid Token: 'Invalid token'")
ANY = object()  # in an expectation: a member that must be there, whatever its value

_numbers = itertools.count(1)


def unique(stem):
    return "%s-%d" % (stem, next(_numbers))


def poll(look, what, seconds=15, pause=0.02):
    """The first true value of look(); an AssertionError naming what when it doesn't come in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("not within %s s: %s" % (seconds, what))
        time.sleep(pause)


def machine(states, start=None, **fields):
    """A definition as text; it starts at the first of the states unless told otherwise."""
    return json.dumps({"StartAt": start or next(iter(states)), "States": states, **fields})


def refusal(call, **parameters):
    """(code, message) of the error that a boto3 call ends with, None when it succeeds."""
    try:
        call(**parameters)
    except Exception as error:  # boto3 makes its classes at run time
        answer = getattr(error, "response", None)
        if answer is None:
            raise
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400, answer
        return answer["Error"]["Code"], answer["Error"]["Message"]
    return None


class Flows:
    """Executions on one stepd."""

    def __init__(self, server):
        self.server = server
        self.sfn = server.client("stepfunctions")
        self.sqs = server.client("sqs")

    # ---- executions ----

    def create(self, definition, name=None, **options):
        text = definition if isinstance(definition, str) else json.dumps(definition)
        answer = self.sfn.create_state_machine(name=name or unique("machine"), definition=text, roleArn=ROLE, **options)
        return answer["stateMachineArn"]

    def start(self, definition, text="{}"):
        """Creates the machine, starts it with this input text, gives the execution's ARN."""
        arn = self.create(definition)
        return self.sfn.start_execution(stateMachineArn=arn, input=text)["executionArn"]

    def status(self, execution):
        return self.sfn.describe_execution(executionArn=execution)["status"]

    def end(self, execution, seconds=15):
        """The description of the execution once it has ended."""
        def look():
            found = self.sfn.describe_execution(executionArn=execution)
            return found if found["status"] != "RUNNING" else None
        return poll(look, "the end of " + execution, seconds)

    def run(self, definition, text="{}"):
        return self.end(self.start(definition, text))

    def output(self, definition, text="{}"):
        """The output, as a Python value, of an execution that must succeed."""
        ended = self.run(definition, text)
        assert ended["status"] == "SUCCEEDED", ended
        return json.loads(ended["output"])

    def history(self, execution, **options):
        pages = self.sfn.get_paginator("get_execution_history").paginate(executionArn=execution, **options)
        return [event for page in pages for event in page["events"]]

    def types(self, execution):
        return [event["type"] for event in self.history(execution)]

    def until(self, execution, event_type, count=1):
        """Waits until the history holds this many events of the type; it must before the execution ends."""
        def look():
            kinds = self.types(execution)
            if kinds.count(event_type) >= count:
                return True
            assert not kinds[-1].startswith("Execution") or len(kinds) == 1, kinds
            return False
        return poll(look, "%d %s" % (count, event_type))

    # ---- task tokens, handed out by a queue ----

    def queue(self):
        return self.sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]

    def callback(self, queue, **fields):
        """A Task that sends its token to the queue."""
        return {"Type": "Task", "Resource": CALLBACK,
                "Parameters": {"QueueUrl": queue, "MessageBody": {"TaskToken.$": "$$.Task.Token"}},
                **({} if "Next" in fields else {"End": True}), **fields}

    def tokens(self, queue, count=1):
        """The tokens of the next messages of the queue; received messages stay hidden for half a minute."""
        found = []

        def look():
            answer = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=min(10, count - len(found)))
            found.extend(json.loads(message["Body"])["TaskToken"] for message in answer.get("Messages", []))
            return len(found) == count
        poll(look, "%d messages" % count)
        return found

    def token(self, queue):
        return self.tokens(queue)[0]

    def waiting(self, **fields):
        """Starts an execution that waits for a token: (execution, token). Its fields are the Task's."""
        queue = self.queue()
        execution = self.start(machine({"Ask": self.callback(queue, **fields)}))
        token = self.token(queue)
        self.until(execution, "TaskSubmitted")
        return execution, token

    def answer(self, token, output="{}"):
        return refusal(self.sfn.send_task_success, taskToken=token, output=output)

    def fail(self, token, **fields):
        return refusal(self.sfn.send_task_failure, taskToken=token, **fields)

    def beat(self, token):
        return refusal(self.sfn.send_task_heartbeat, taskToken=token)


# ---- histories ----

JSON_MEMBERS = ("input", "output", "parameters", "cause")


def details(event):
    """The details of an event with the JSON texts inside them read; None when it has none."""
    for member, value in event.items():
        if member.endswith("EventDetails"):
            read = {}
            for name, item in value.items():
                if name in ("inputDetails", "outputDetails"):
                    assert item == {"truncated": False}, event
                    assert name[:-len("Details")] in value, event
                    continue
                if name in JSON_MEMBERS:
                    try:
                        item = json.loads(item)
                    except ValueError:
                        pass
                read[name] = item
            return read
    return None


def matches(expected, got):
    if expected is ANY:
        return True
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(matches(expected[key], got[key]) for key in expected)
    if isinstance(expected, list) and isinstance(got, list):
        return len(expected) == len(got) and all(map(matches, expected, got))
    return type(expected) is type(got) and expected == got


def show(value):
    return json.dumps(value, default=lambda item: "<any>" if item is ANY else str(item))


def assert_history(test, events, expected):
    """expected: [(previousEventId, type, details or None)]; ids count from 1."""
    lines = ["%d<-%d %s %s" % (event["id"], event["previousEventId"], event["type"], show(details(event)))
             for event in events]
    seen = "\nhistory:\n" + "\n".join(lines)
    for number, (event, want) in enumerate(zip(events, expected), 1):
        previous, kind, members = want
        test.assertEqual((event["id"], event["previousEventId"], event["type"]), (number, previous, kind), seen)
        test.assertTrue(matches(members, details(event)), "event %d: wanted %s%s" % (number, show(members), seen))
    test.assertEqual(len(events), len(expected), seen)


# ---- functions ----

class FunctionError(Exception):
    """Raised in a handler: the function ends with this payload as its error."""

    def __init__(self, payload):
        super().__init__(payload)
        self.payload = payload


class Functions:
    """An HTTP server for stepd's --function NAME=URL: each name is a path, answered by a Python handler.

    handlers[name] gets the event as a Python value and returns one, or bytes to be sent as they are.
    """

    def __init__(self, names):
        self.handlers = dict.fromkeys(names, lambda event: event)
        functions = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {"Content-Type": "application/json"}
                try:
                    answer = functions.handlers[self.path.strip("/")](json.loads(text))
                except FunctionError as error:
                    answer = error.payload
                    headers["X-Amz-Function-Error"] = "Unhandled"
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(200)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def arguments(self):
        """The options that make stepd call these functions."""
        base = "http://127.0.0.1:%d/" % self.http.server_address[1]
        return [word for name in self.handlers for word in ("--function", "%s=%s%s" % (name, base, name))]

    def close(self):
        self.http.shutdown()
        self.http.server_close()
