"""Starts and stops stepd for the tests.

    with support.Stepd(args=["--wait-time-scale", "0"]) as server:
        server.url, server.port, server.process
        server.client("stepfunctions").list_state_machines()
        server.request("POST", "/", headers={...}, body=b"{}")

The program is the one that STEPD_BINARY names, else build/release/stepd of this tree."""
import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("STEPD_BINARY") or os.path.join(ROOT, "build", "release", "stepd")
REGION = "us-east-1"
ACCOUNT = "123456789012"
ROLE = "arn:aws:iam::%s:role/DummyRole" % ACCOUNT
PASS = json.dumps({"StartAt": "S", "States": {"S": {"Type": "Pass", "End": True}}})
READY_SECONDS = 15
STOP_SECONDS = 15


def clean_environment(more=None):
    """The environment without what would lead stepd or a client elsewhere."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("AWS_", "SFN_", "STEPD_")) and not name.endswith("_ENDPOINT")
            and name not in ("PORT", "WAIT_TIME_SCALE") and not name.lower().endswith("_proxy")}
    kept.update(more or {})
    return kept


class Stepd:
    """One stepd on a free port. check_end: it must end with status 0 and without a sanitizer's report."""

    def __init__(self, args=(), env=None, check_end=True):
        self.args = list(args)
        self.env = env
        self.check_end = check_end
        self.process = None
        self.port = None
        self.url = None
        self.lines = []
        self._errors = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, traceback):
        if kind is not None:
            print(self.errors())
        self.stop(check=self.check_end and kind is None)

    def start(self):
        self._errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [BINARY, "--port", "0"] + self.args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=self._errors, env=clean_environment(self.env), text=True, bufsize=1)
        ready = threading.Event()
        threading.Thread(target=self._read, args=(ready,), daemon=True).start()
        if not ready.wait(READY_SECONDS) or self.port is None:
            self.process.kill()
            raise RuntimeError("stepd did not become ready: %s%s" % ("".join(self.lines), self.errors()))
        self.url = "http://127.0.0.1:%d" % self.port

    def _read(self, ready):
        for line in self.process.stdout:
            self.lines.append(line)
            match = re.search(r"Starting server on port (\d+) ", line)
            if match:
                self.port = int(match.group(1))
            if line.startswith("Ready."):
                ready.set()
        ready.set()

    def errors(self):
        """What stepd has written to standard error so far."""
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")

    def stop(self, check=True):
        if self.process is None:
            return
        process, self.process = self.process, None
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError("stepd did not end: %s" % self.errors()) from None
        errors = self.errors()
        process.stdout.close()
        self._errors.close()
        if check and (status != 0 or "Sanitizer" in errors or "runtime error" in errors):
            raise RuntimeError("stepd ended with %d: %s" % (status, errors))

    def kill(self):
        """Ends it as a crash would."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None

    def client(self, service="stepfunctions", region=REGION, access_key="test", **config):
        """A boto3 client without retries."""
        import boto3
        from botocore.config import Config
        settings = {"retries": {"max_attempts": 0}, "inject_host_prefix": False, "max_pool_connections": 100,
                    "read_timeout": 90}
        settings.update(config)
        return boto3.session.Session().client(
            service, endpoint_url=self.url, region_name=region, aws_access_key_id=access_key,
            aws_secret_access_key="test", config=Config(**settings))

    def request(self, method, path, headers=None, body=None, timeout=30):
        """A raw HTTP exchange: (status, headers, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def call(self, operation, arguments=None, headers=None, body=None):
        """An operation of Step Functions as raw HTTP: (status, decoded answer)."""
        said = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AWSStepFunctions." + operation}
        said.update(headers or {})
        text = body if body is not None else json.dumps(arguments or {}).encode()
        status, _, answer = self.request("POST", "/", said, text)
        return status, json.loads(answer)

    def create(self, name, definition=PASS, **more):
        """Creates a state machine and returns its ARN."""
        text = definition if isinstance(definition, str) else json.dumps(definition)
        return self.client().create_state_machine(
            name=name, definition=text, roleArn=ROLE, **more)["stateMachineArn"]


def wait_for(condition, seconds=15):
    """The first true answer of condition(), asked again and again until the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(0.01)


def finished(client, execution_arn, seconds=15):
    """The description of an execution once it runs no more."""
    def closed():
        description = client.describe_execution(executionArn=execution_arn)
        return description if description["status"] != "RUNNING" else None
    return wait_for(closed, seconds)
