"""stepd under test, the clients that use it, the functions it calls, and the record of what was acknowledged."""
import http.client
import http.server
import json
import os
import queue
import random
import re
import signal
import socket
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BINARY = os.environ.get("STEPD_BINARY") or os.path.join(HERE, "..", "..", "build", "release", "stepd")
FUNCTIONS = ("Answer", "Later", "Beating", "Silent", "Flaky", "Double")
STARTERS = 3
REQUEST_SECONDS = 20
POLL_SECONDS = 80  # GetActivityTask answers after 60 at the latest
DOWN_SECONDS = 60
TYPE = {"AWSStepFunctions": "1.0", "AmazonSQS": "1.0", "DynamoDB_20120810": "1.0"}


class Failed(Exception):
    """The test itself can't go on, or stepd didn't do what nothing may prevent."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """stepd on one directory and one port, killed and started again."""

    def __init__(self, directory, function_port):
        self.port = free_port()
        self.directory = directory
        self.function_port = function_port
        self.process = None
        self.ready_ms = 0
        self.log = open(os.path.join(directory, "log"), "ab")

    def command(self):
        functions = [word for name in FUNCTIONS
                     for word in ("--function", "%s=http://127.0.0.1:%d/%s" % (name, self.function_port, name))]
        return [BINARY, "--port", str(self.port), "--data", os.path.join(self.directory, "data"), "--sample", "valuation",
                "--valuation-delay", "0.4", *functions]

    def spawn(self):
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)

    def start(self):
        began = time.monotonic()
        self.spawn()
        for line in self.process.stdout:
            if line.startswith("Ready."):
                self.ready_ms = (time.monotonic() - began) * 1000
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return
        raise Failed("stepd does not start again (status %s); its log: %s" % (self.process.wait(), self.tail()))

    def kill(self):
        if self.process.poll() is not None:
            raise Failed("stepd ended by itself with %s; its log: %s" % (self.process.returncode, self.tail()))
        self.process.kill()
        self.process.wait()

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            status = self.process.wait(20)
            if how == signal.SIGTERM and status != 0:
                raise Failed("stepd ended with %d; its log: %s" % (status, self.tail()))

    def tail(self):
        self.log.flush()
        with open(self.log.name, "rb") as log:
            return log.read()[-2000:].decode("utf-8", "replace")


class Refused(Exception):
    def __init__(self, operation, status, answer):
        super().__init__("%s: %d %s" % (operation, status, answer))
        self.status = status
        self.code = re.sub(r"^.*#", "", str(answer.get("__type", "")))


class Api:
    """One client's connection. A request that got no answer is sent again until stepd is back: so each request here
    must be one that may be repeated."""

    def __init__(self, server, seconds=REQUEST_SECONDS):
        self.server = server
        self.seconds = seconds
        self.connection = None

    def once(self, target, arguments):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=self.seconds)
        service = {"AmazonSQS": "sqs", "DynamoDB_20120810": "dynamodb"}.get(target.split(".")[0], "states")
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0",
                   "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/%s/aws4_request, "
                                    "SignedHeaders=host, Signature=0" % service}
        self.connection.request("POST", "/", json.dumps(arguments), headers)
        reply = self.connection.getresponse()
        return reply.status, json.loads(reply.read() or b"{}")

    def send(self, target, arguments):
        deadline = time.monotonic() + DOWN_SECONDS
        while True:
            try:
                return self.once(target, arguments)
            except socket.timeout as slow:
                raise Failed("%s: no answer in %d s" % (target, self.seconds)) from slow
            except (OSError, http.client.HTTPException, ValueError):
                self.connection = None
                if time.monotonic() > deadline:
                    raise Failed("%s: stepd does not come back" % target) from None
                time.sleep(0.01)

    def service(self, target, **arguments):
        status, answer = self.send(target, arguments)
        if status >= 500:
            raise Failed("%s: %d %s" % (target, status, answer))
        if status != 200:
            raise Refused(target, status, answer)
        return answer

    def must(self, operation, **arguments):
        return self.service("AWSStepFunctions." + operation, **arguments)

    def sqs(self, operation, **arguments):
        return self.service("AmazonSQS." + operation, **arguments)

    def dynamodb(self, operation, **arguments):
        return self.service("DynamoDB_20120810." + operation, **arguments)

    def history(self, arn):
        events, token = [], {}
        while True:
            page = self.must("GetExecutionHistory", executionArn=arn, maxResults=1000, **token)
            events += page["events"]
            if "nextToken" not in page:
                return events
            token = {"nextToken": page["nextToken"]}

    def sns(self, action, **parameters):
        """The query protocol; the reply is XML."""
        import urllib.parse
        body = urllib.parse.urlencode({"Action": action, "Version": "2010-03-31", **parameters})
        self.connection = None
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=REQUEST_SECONDS)
        connection.request("POST", "/", body, {"Content-Type": "application/x-www-form-urlencoded"})
        reply = connection.getresponse()
        text = reply.read().decode()
        if reply.status != 200:
            raise Failed("%s: %d %s" % (action, reply.status, text))
        return text


class Run:
    """One execution: what was acknowledged of it."""

    def __init__(self, kind, number, arn, name, given):
        self.kind = kind
        self.number = number
        self.arn = arn
        self.name = name
        self.input = given
        self.closed = None
        self.history = []
        self.stop_acknowledged = False
        self.answered = None  # what a token's acknowledged answer was

    def seen(self, described, events):
        if described["status"] != "RUNNING":
            self.closed = described
        if len(events) > len(self.history):
            self.history = events


class Record:
    def __init__(self):
        self.lock = threading.Lock()
        self.by_name = {}
        self.acknowledged_answers = {}  # token: what was answered
        self.deleted_messages = set()
        self.tried_version = 0  # of the machine that is changed all the time
        self.kept_version = 0

    def add(self, run):
        with self.lock:
            self.by_name[run.name] = run

    def runs(self):
        with self.lock:
            return list(self.by_name.values())

    def open(self):
        return [run for run in self.runs() if run.closed is None]

    def sample(self, everything):
        runs = self.runs()
        if everything:
            return runs
        closed = [run for run in runs if run.closed is not None]
        running = [run for run in runs if run.closed is None]
        return random.sample(closed, min(15, len(closed))) + random.sample(running, min(60, len(running)))

    def summary(self):
        runs = self.runs()
        return "%d executions, %d seen closed, %d answers" % (
            len(runs), sum(run.closed is not None for run in runs), len(self.acknowledged_answers))


class Functions:
    """The functions that stepd calls. A call may come twice: what was on its way when stepd died is sent again."""

    def __init__(self, record):
        self.record = record
        self.answers = queue.PriorityQueue()
        self.calls = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                event = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                headers, body = outer.call(self.path.rsplit("/", 1)[-1], event)
                data = json.dumps(body).encode()
                self.send_response(200)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            request_queue_size = 256

            def handle_error(self, request, client_address):
                pass  # stepd was killed in the middle of a call

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def call(self, name, event):
        self.calls += 1
        now = time.monotonic()
        if name == "Later":
            self.answers.put((now + random.uniform(0, 1), self.calls, "success", event))
        elif name == "Answer":
            self.answers.put((now, self.calls, "success", event))
        elif name == "Beating":
            for beat in range(1, 5):
                self.answers.put((now + 0.5 * beat, self.calls, "success" if beat == 4 else "beat", event))
        elif name == "Flaky" and event["attempt"] < 2:
            return {"X-Amz-Function-Error": "Unhandled"}, {"errorType": "Flaky", "errorMessage": "not yet"}
        elif name == "Double":
            return {}, {"doubled": event["number"] * 2}
        return {}, {"took": name}


class Clients:
    """Threads that start executions, answer tokens and stop some."""

    def __init__(self, server, record, functions, kinds, seed):
        self.server = server
        self.record = record
        self.functions = functions
        self.kinds = kinds
        self.seed = seed
        self.starting = True
        self.running = True
        self.failure = None
        self.numbers = iter(range(1, 10 ** 9))
        self.lock = threading.Lock()
        self.threads = []

    def start(self):
        work = [self.starter] * STARTERS + [self.answerer] * 2 + [self.queue_answerer, self.keeper]
        if any(kind.name == "worked" for kind in self.kinds):
            work.append(self.worker)
        for number, target in enumerate(work):
            thread = threading.Thread(target=self.guarded, args=(target, random.Random(self.seed + number)), daemon=True)
            thread.start()
            self.threads.append(thread)

    def guarded(self, target, chance):
        try:
            target(Api(self.server), chance)
        except BaseException as failure:  # carried over to the main thread
            self.failure = failure
            self.running = False

    def check(self):
        if self.failure is not None:
            raise Failed("a client failed: %r" % self.failure) from self.failure

    def stop_starting(self):
        self.starting = False

    def stop(self):
        self.running = self.starting = False

    # ---- starting and stopping executions ----

    def starter(self, api, chance):
        while self.starting:
            kind = chance.choice(self.kinds)
            with self.lock:
                number = next(self.numbers)
            name = "%s-%d" % (kind.name, number)
            given = kind.make_input(number, chance)
            arn = kind.machine_arn.replace(":stateMachine:", ":execution:") + ":" + name
            try:
                answer = api.must("StartExecution", stateMachineArn=kind.machine_arn, name=name, input=json.dumps(given))
                if answer["executionArn"] != arn:
                    raise Failed("StartExecution answered %s" % answer)
            except Refused as refused:
                # The first try was committed, its answer was lost, and the execution has ended since.
                if refused.code != "ExecutionAlreadyExists":
                    raise
            run = Run(kind, number, arn, name, given)
            self.record.add(run)
            if kind.name == "stopped":
                api.must("StopExecution", executionArn=arn, error="Stopped", cause="by the test")
                run.stop_acknowledged = True
            time.sleep(chance.uniform(0, 0.03))

    # ---- tokens ----

    def answer(self, api, token, output):
        """An answer that was acknowledged once must be taken as given for ever."""
        known = self.record.acknowledged_answers.get(token)
        try:
            api.must("SendTaskSuccess", taskToken=token, output=json.dumps(output))
        except Refused as refused:
            if refused.code != "TaskTimedOut":
                raise
        else:
            if known is not None:
                raise Failed("a token was answered twice: %s, %s" % (known, output))
        self.record.acknowledged_answers[token] = output

    def answerer(self, api, chance):
        while self.running:
            try:
                due, _, what, event = self.functions.answers.get(timeout=0.2)
            except queue.Empty:
                continue
            time.sleep(max(0, due - time.monotonic()))
            if what == "beat":
                try:
                    api.must("SendTaskHeartbeat", taskToken=event["token"])
                except Refused as refused:
                    if refused.code != "TaskTimedOut":
                        raise
            elif event["token"] not in self.record.acknowledged_answers:
                self.answer(api, event["token"], {"answer": event["number"]})

    def worker(self, api, chance):
        """A task whose hand-over was lost with stepd comes again after its time-out, as another attempt."""
        activity = next(kind.activity for kind in self.kinds if kind.name == "worked")
        polling = Api(self.server, POLL_SECONDS)
        while self.running:
            task = polling.must("GetActivityTask", activityArn=activity)
            if not task.get("taskToken"):
                continue
            self.answer(api, task["taskToken"], {"answer": json.loads(task["input"])["number"]})

    def keeper(self, api, chance):
        """Changes a machine and its tags, one number after the other."""
        arn = self.kinds[0].machine_arn
        version = 0
        while self.running:
            version += 1
            with self.record.lock:
                self.record.tried_version = version
            definition = dict(self.kinds[0].definition, Comment=str(version))
            api.must("UpdateStateMachine", stateMachineArn=arn, definition=json.dumps(definition))
            api.must("TagResource", resourceArn=arn, tags=[{"key": "version", "value": str(version)}])
            with self.record.lock:
                self.record.kept_version = version
            time.sleep(chance.uniform(0, 0.1))

    def queue_answerer(self, api, chance):
        url = next(kind.queue for kind in self.kinds if kind.name == "queued")
        while self.running:
            for message in api.sqs("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1,
                                   VisibilityTimeout=3).get("Messages", []):
                if message["MessageId"] in self.record.deleted_messages:
                    raise Failed("message %s comes again after its deletion" % message["MessageId"])
                event = json.loads(message["Body"])
                if event["token"] not in self.record.acknowledged_answers:
                    self.answer(api, event["token"], {"answer": event["number"]})
                api.sqs("DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                self.record.deleted_messages.add(message["MessageId"])
