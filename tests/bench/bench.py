#!/usr/bin/env python3
"""stepd's own measurements; see run.sh. Each scenario has a fresh stepd; the load comes from load.c.

A line is {"bench": scenario, ...}: rates are per second, *_us microseconds, cpu_us the server's CPU time for one
request (or transition, event), others the part of the machine's CPUs that went to neither side meanwhile: where that
is not small, only CPU times and ratios within one run mean anything."""
import argparse
import http.client
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAST = os.path.join(HERE, "last.jsonl")
BINARY = os.environ.get("STEPD_BINARY") or os.path.join(HERE, "..", "..", "build", "release", "stepd")
CC = os.environ.get("CC", "cc")
FLAGS = ["-std=c17", "-D_POSIX_C_SOURCE=200809L", "-O2"]
ARN = "arn:aws:states:us-east-1:123456789012:%s:%s"
ROLE = "arn:aws:iam::123456789012:role/bench"
COMPARED = ("rate", "cpu_us", "p50_us", "settle_p99_us", "rss_each", "ready_ms", "of_echo", "growth")
LARGER_IS_BETTER = {"rate", "of_echo"}
NOISE = 0.15
TICK = os.sysconf("SC_CLK_TCK")

PASSES = {"StartAt": "S", "States": {"S": {"Type": "Pass", "End": True}}}
WAITS = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400, "End": True}}}
ORDER = json.dumps({"order": "o-{n}", "items": [{"sku": "A-1", "quantity": 2}], "note": "leave at the door please",
                    "total": 12.5, "pad": "x" * 60})
PAD = json.dumps({"n": "{n}", "pad": "x" * 370})


def chain(length):
    states = {"S%d" % n: {"Type": "Pass", "Next": "S%d" % (n + 1)} for n in range(length - 1)}
    states["S%d" % (length - 1)] = {"Type": "Pass", "End": True}
    return {"StartAt": "S0", "States": states}


def callback(function):
    return {"StartAt": "T", "States": {"T": {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "End": True,
        "Parameters": {"FunctionName": function, "Payload": {"token.$": "$$.Task.Token"}}}}}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_body(machine, text):
    return json.dumps({"stateMachineArn": ARN % ("stateMachine", machine), "input": text})


def named_body(machine, text):
    return json.dumps({"stateMachineArn": ARN % ("stateMachine", machine), "name": "n{n}", "input": text})


class Process:
    """A server that prints its port and "Ready."."""

    def __init__(self, command):
        began = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.pid = self.process.pid
        self.port = 0
        for line in self.process.stdout:
            found = re.search(r"Starting server on port (\d+)", line)
            self.port = int(found.group(1)) if found else self.port
            if line.startswith("Ready."):
                break
        else:
            raise RuntimeError("it ended before it was ready: " + " ".join(command))
        self.ready_ms = (time.perf_counter() - began) * 1000

    def __enter__(self):
        return self

    def __exit__(self, *details):
        self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """Milliseconds from SIGTERM to the end."""
        began = time.perf_counter()
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        return (time.perf_counter() - began) * 1000

    def rss(self):
        with open("/proc/%d/status" % self.pid, encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) * 1024

    def cpu(self):
        with open("/proc/%d/stat" % self.pid, encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def cpu_ns(self):
        """The threads' CPU time, in nanoseconds; of threads that are over nothing."""
        total = 0
        for task in os.listdir("/proc/%d/task" % self.pid):
            with open("/proc/%d/task/%s/schedstat" % (self.pid, task), encoding="ascii") as stat:
                total += int(stat.read().split()[0])
        return total

    def call(self, operation, **arguments):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", "/", json.dumps(arguments), {
                "X-Amz-Target": "AWSStepFunctions." + operation, "Content-Type": "application/x-amz-json-1.0"})
            reply = connection.getresponse()
            body = reply.read()
            if reply.status != 200:
                raise RuntimeError("%s: %s" % (operation, body[:300]))
            return json.loads(body)
        finally:
            connection.close()

    def create(self, name, definition):
        self.call("CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE)


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.results = []
        self.load_program = self.build("load", ["load.c", "load_report.c"])
        self.echo_program = self.build("echo", ["echo.c"], "libmicrohttpd")
        self.directories = 0

    def build(self, name, sources, *packages):
        program = os.path.join(self.directory, name)
        libraries = subprocess.run(["pkg-config", "--cflags", "--libs", *packages], check=True, capture_output=True,
                                   text=True).stdout if packages else ""
        files = [os.path.join(HERE, source) for source in sources]
        subprocess.run([CC, *FLAGS, *files, "-o", program, *shlex.split(libraries)], check=True)
        return program

    def count(self, number):
        return max(1, int(number * self.options.scale))

    def data(self, durable):
        if not durable:
            return []
        self.directories += 1
        return ["--data", os.path.join(self.directory, "data-%d" % self.directories)]

    def stepd(self, durable=False, *more):
        return Process([BINARY, "--port", "0", "--log", "error", *self.data(durable), *more])

    def load(self, server, **options):
        words = ["--port", str(server.port), "--pid", str(server.pid)]
        for name, value in options.items():
            words += ["--" + name] if value is True else ["--" + name, str(value)]
        busy, own, began = machine_busy(), server.cpu(), time.perf_counter()
        done = subprocess.run([self.load_program, *words], stdout=subprocess.PIPE, text=True, check=True)
        seconds = time.perf_counter() - began
        result = json.loads(done.stdout)
        used = server.cpu() - own + result["client_cpu_us"] * result["count"] / 1e6
        result["others"] = round(max(0, machine_busy() - busy - used) / (seconds * os.cpu_count()), 2)
        return result

    def tell(self, scenario, result, **more):
        line = {"bench": scenario, **more}
        line.update({key: value for key, value in result.items() if key not in ("errors", "max_us", "p90_us")})
        self.results.append(line)
        print(json.dumps(line), flush=True)


def machine_busy():
    with open("/proc/stat", encoding="ascii") as stat:
        fields = [int(field) for field in stat.readline().split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / TICK


def store(durable):
    return "data" if durable else "memory"


def wait_for_end(server, machine):
    while server.call("ListExecutions", stateMachineArn=ARN % ("stateMachine", machine), statusFilter="RUNNING",
                      maxResults=1)["executions"]:
        time.sleep(0.002)


# ---- scenarios ----

def start(bench):
    """StartExecution of one Pass state, beside the bare HTTP server."""
    echo = {}
    body = start_body("passes", ORDER)
    with Process([bench.echo_program]) as server:
        for clients in (1, 16, 64):
            result = bench.load(server, connections=clients, count=bench.count(60000), body=body)
            echo[clients] = result["rate"]
            bench.tell("echo", result)
    for durable in (False, True):
        with bench.stepd(durable) as server:
            server.create("passes", PASSES)
            bench.load(server, connections=4, count=bench.count(5000), target="StartExecution", body=body)
            for clients in (1, 16, 64):
                result = bench.load(server, connections=clients, count=bench.count(40000), target="StartExecution", body=body)
                bench.tell("start", result, store=store(durable), of_echo=round(result["rate"] / echo[clients], 2))


def transitions(bench):
    """A chain of 500 Pass states with a payload of 300 bytes, many executions side by side."""
    payload = json.dumps({"n": "{n}", "pad": "x" * 280})
    for durable in (False, True):
        with bench.stepd(durable) as server:
            server.create("chain", chain(500))
            executions = bench.count(1000)
            cpu, began = server.cpu(), time.perf_counter()
            bench.load(server, connections=16, count=executions, target="StartExecution", body=start_body("chain", payload))
            wait_for_end(server, "chain")
            seconds = time.perf_counter() - began
            bench.tell("transitions", {"rate": round(executions * 500 / seconds),
                                       "cpu_us": round((server.cpu() - cpu) * 1e6 / executions / 500, 2)}, store=store(durable))


def loop(bench):
    """200 rounds of a Choice and a Pass that counts with States.MathAdd, many executions side by side."""
    definition = {"StartAt": "C", "States": {
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.i", "NumericLessThan": 200, "Next": "P"}], "Default": "S"},
        "P": {"Type": "Pass", "Parameters": {"i.$": "States.MathAdd($.i, 1)"}, "Next": "C"}, "S": {"Type": "Succeed"}}}
    for durable in (False, True):
        with bench.stepd(durable) as server:
            server.create("loop", definition)
            executions = bench.count(2000)
            cpu, began = server.cpu(), time.perf_counter()
            bench.load(server, connections=16, count=executions, target="StartExecution", body=start_body("loop", '{"i":0}'))
            wait_for_end(server, "loop")
            seconds = time.perf_counter() - began
            bench.tell("loop", {"rate": round(executions * 402 / seconds),
                                "cpu_us": round((server.cpu() - cpu) * 1e6 / executions / 402, 2)}, store=store(durable))


def round_trip(bench):
    """Start, the function gets the token, SendTaskSuccess; and from the answer to SUCCEEDED."""
    for durable in (False, True):
        port = free_port()
        with bench.stepd(durable, "--function", "Ask=http://127.0.0.1:%d/" % port) as server:
            server.create("asks", callback("Ask"))
            common = {"target": "StartExecution", "body": start_body("asks", "{}"), "callback": port,
                      "answer": '{"taskToken":"{token}","output":"{}"}'}
            bench.load(server, connections=4, count=bench.count(500), **common)
            result = bench.load(server, connections=1, count=bench.count(3000),
                                describe='{"executionArn":"{arn}"}', **common)
            bench.tell("callback", result, store=store(durable))
            for clients in (16, 64):
                result = bench.load(server, connections=clients, count=bench.count(10000), **common)
                bench.tell("callback", result, store=store(durable))


def parked(bench):
    """Waiting executions with 400 bytes of payload: memory, others' speed, restart, stop."""
    executions = bench.count(100000)
    for durable in (False, True):
        arguments = bench.data(durable)
        command = [BINARY, "--port", "0", "--log", "error", *arguments]
        server = Process(command)
        server.create("waits", WAITS)
        server.create("passes", PASSES)
        body = start_body("passes", ORDER)
        before = bench.load(server, count=bench.count(2000), target="StartExecution", body=body)
        rss = server.rss()
        result = bench.load(server, connections=32, count=executions, target="StartExecution", body=start_body("waits", PAD))
        after = bench.load(server, count=bench.count(2000), target="StartExecution", body=body)
        bench.tell("park", {**result, "rss_each": round((server.rss() - rss) / executions), "rss_mb": server.rss() >> 20,
                            "growth": round(after["p50_us"] / before["p50_us"], 2)}, store=store(durable), parked=executions)
        if not durable:
            bench.tell("stop", {"ready_ms": round(server.stop(), 1)}, store=store(durable), parked=executions)
            continue
        server.kill()
        server = Process(command)
        bench.tell("restart", {"ready_ms": round(server.ready_ms, 1), "rss_each": round((server.rss() - rss) / executions),
                               "rss_mb": server.rss() >> 20}, parked=executions)
        bench.tell("stop", {"ready_ms": round(server.stop(), 1)}, store=store(durable), parked=executions)


def history(bench):
    """GetExecutionHistory of 5,000 events, all pages."""
    with bench.stepd(True) as server:
        server.create("chain", chain(2499))
        arn = server.call("StartExecution", stateMachineArn=ARN % ("stateMachine", "chain"), name="long",
                          input='{"a":1}')["executionArn"]
        wait_for_end(server, "chain")
        for page in (1000, 100):
            result = bench.load(server, count=bench.count(100), target="GetExecutionHistory", pages=True,
                                body=json.dumps({"executionArn": arn, "maxResults": page}))
            bench.tell("history", {**result, "rate": round(result["rate"] * 5000),
                                   "cpu_us": round(result["cpu_us"] / 5000, 2)}, page=page)


def growth(bench):
    """The p50 of look-ups as executions gather; growth is measured against the first row."""
    first = {}
    sizes = [bench.count(size) for size in (1000, 10000, 100000, *((1000000,) if bench.options.million else ()))]
    with bench.stepd(True) as server:
        server.create("passes", PASSES)
        done = 0
        for size in sizes:
            bench.load(server, connections=32, count=size - done, first=done, target="StartExecution",
                       body=named_body("passes", ORDER))
            done = size
            arn = ARN % ("execution", "passes:n{r}")
            for name, target, body in (
                    ("describe", "DescribeExecution", {"executionArn": arn}),
                    ("history", "GetExecutionHistory", {"executionArn": arn}),
                    ("list", "ListExecutions", {"stateMachineArn": ARN % ("stateMachine", "passes"), "maxResults": 10}),
                    ("start", "StartExecution", {"stateMachineArn": ARN % ("stateMachine", "passes"), "input": "{}"})):
                result = bench.load(server, count=bench.count(2000), target=target, body=json.dumps(body), range=size)
                first.setdefault(name, result["p50_us"])
                bench.tell("growth", {**result, "growth": round(result["p50_us"] / first[name], 2)}, executions=size, call=name)


def best(server, work, rounds=7):
    """The least wall and CPU milliseconds that the server took for it."""
    walls, cpus = [], []
    for _ in range(rounds):
        cpu, began = server.cpu_ns(), time.perf_counter()
        work()
        walls.append((time.perf_counter() - began) * 1000)
        cpus.append((server.cpu_ns() - cpu) / 1e6)
    return min(walls), min(cpus)


def definition_of(shape, count):
    """A definition of that shape with so many states (rules, branches, fields)."""
    last = {"Z": {"Type": "Succeed"}}
    following = ["S%d" % n for n in range(1, count)] + ["Z"]
    states = {}
    if shape == "tasks":
        for n, name in enumerate(following):
            states["S%d" % n] = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": name, "ResultPath": "$.r",
                                 "Parameters": {"FunctionName": "f", "Payload": {"n.$": "States.MathAdd($.n, 1)"}},
                                 "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
                                 "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Z"}]}
        return {"StartAt": "S0", "States": {**states, **last}}
    if shape == "rules":
        rules = [{"Variable": "$.order.n", "NumericEquals": n, "Next": "Z"} for n in range(count)]
        return {"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": rules, "Default": "Z"}, **last}}
    if shape == "branches":
        branches = [{"StartAt": "P%d" % n, "States": {"P%d" % n: {"Type": "Pass", "End": True}}} for n in range(count)]
        return {"StartAt": "R", "States": {"R": {"Type": "Parallel", "Branches": branches, "Next": "Z"}, **last}}
    if shape == "template":
        fields = {"field%d.$" % n: "$.order.items[%d]" % n for n in range(count)}
        return {"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": fields, "Next": "Z"}, **last}}
    if shape == "one expression":
        items = ", ".join("$states.input.n%d" % n for n in range(count))
        return {"QueryLanguage": "JSONata", "StartAt": "P", "States": {
            "P": {"Type": "Pass", "Output": "{%% [%s] %%}" % items, "Next": "Z"}, **last}}
    for n, name in enumerate(following):
        states["S%d" % n] = {"Type": "Pass", "Assign": {"v%d" % n: "{%% $states.input.n + %d %%}" % n}, "Next": name}
    return {"QueryLanguage": "JSONata", "StartAt": "S0", "States": {**states, **last}}


def sized_definition(shape, size):
    """The text of a definition of that shape that has nearly that many bytes."""
    sample = len(json.dumps(definition_of(shape, 4000))) / 4000
    count = int(size / sample)
    return json.dumps(definition_of(shape, int(count * size / len(json.dumps(definition_of(shape, count))) * 0.99)))


def linear(bench):
    """What has to cost linear time: growth is the CPU time divided by that of half the size (2 is linear)."""
    rounds = max(3, bench.count(7))

    def pair(name, server, works, **more):
        half, whole = (best(server, work, rounds) for work in works)
        bench.tell("linear", {"ms": round(whole[0], 1), "cpu_ms": round(whole[1], 1), "growth": round(whole[1] / half[1], 2)},
                   call=name, **more)

    with bench.stepd() as server:
        two = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}}}
        machines = {
            "map of 10,000": {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": two, "End": True}}},
            "map of 10,000, selected": {"StartAt": "M", "States": {"M": {
                "Type": "Map", "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"},
                "ItemProcessor": two, "ResultPath": None, "End": True}}}}
        for name, definition in machines.items():
            arn = server.call("CreateStateMachine", name="m%d" % len(name), definition=json.dumps(definition), roleArn=ROLE,
                              type="EXPRESS")["stateMachineArn"]

            def run(count, arn=arn):
                reply = server.call("StartSyncExecution", stateMachineArn=arn, input=json.dumps(list(range(count))))
                assert reply["status"] == "SUCCEEDED", reply

            pair(name, server, [lambda count=count: run(count) for count in (5000, 10000)])
        for shape in ("tasks", "rules", "branches", "template", "jsonata", "one expression"):
            texts = [sized_definition(shape, size) for size in (1 << 19, 1 << 20)]

            def validate(text):
                reply = server.call("ValidateStateMachineDefinition", definition=text)
                assert reply["result"] == "OK", reply["diagnostics"][:2]

            pair("definition of 1 MiB: " + shape, server, [lambda text=text: validate(text) for text in texts], bytes=len(texts[1]))
        adding = chain(100)
        for number, state in enumerate(adding["States"].values()):
            state.update(Parameters={"n.$": "$.n"}, ResultPath="$.s%d" % number)
        for name, definition in (("passed on", chain(100)), ("added to", adding)):
            for durable in (False, True):
                with bench.stepd(durable) as other:
                    other.create("m", definition)

                    def pass_on(size, other=other):
                        other.call("StartExecution", stateMachineArn=ARN % ("stateMachine", "m"),
                                   input=json.dumps({"n": 1, "items": ["x" * 90] * (size // 94)}))
                        wait_for_end(other, "m")

                    pair("250 KiB through 100 states, " + name, other, [lambda size=size: pass_on(size) for size in (125000, 250000)],
                         store=store(durable))


SCENARIOS = {function.__name__: function for function in (start, transitions, loop, round_trip, parked, history, growth, linear)}


# ---- comparing ----

def key(line):
    return tuple((name, line.get(name)) for name in ("bench", "store", "connections", "parked", "page", "executions", "call"))


def compare(results):
    if not os.path.exists(LAST):
        return
    with open(LAST, encoding="ascii") as lines:
        last = {key(line): line for line in map(json.loads, lines)}
    for line in results:
        before = last.get(key(line), {})
        for name in COMPARED:
            if not line.get(name) or not before.get(name):
                continue
            ratio = line[name] / before[name]
            worse = 1 / ratio if name in LARGER_IS_BETTER else ratio
            if worse > 1 + NOISE or worse < 1 / (1 + NOISE):
                what = {word: value for word, value in key(line) if value is not None}
                print(json.dumps({"changed": name, **what, "was": before[name], "is": line[name],
                                  "verdict": "worse" if worse > 1 else "better"}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", nargs="*", help="all without any")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument("--record", action="store_true", help="keep the result as the one to compare with")
    parser.add_argument("--scale", type=float, default=1, help="0.1: a tenth of the work")
    parser.add_argument("--million", action="store_true", help="let the growth curve go to 1,000,000 executions")
    options = parser.parse_args()
    if options.list:
        print("\n".join("%-12s %s" % (name, function.__doc__) for name, function in SCENARIOS.items()))
        return
    unknown = set(options.scenario) - set(SCENARIOS)
    if unknown:
        sys.exit("run.sh: no scenario is called %s" % ", ".join(sorted(unknown)))
    with tempfile.TemporaryDirectory(prefix="stepd-bench-") as directory:
        bench = Bench(options, directory)
        for name in options.scenario or SCENARIOS:
            SCENARIOS[name](bench)
    if not options.scenario:
        subprocess.run([sys.executable, "-B", os.path.join(HERE, "startup.py")], check=True)
    compare(bench.results)
    if options.record:
        with open(LAST, "w", encoding="ascii") as lines:
            lines.writelines(json.dumps(line) + "\n" for line in bench.results)


main()
