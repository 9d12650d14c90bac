#!/usr/bin/env python3
"""Time from exec to ready and idle memory of stepd, beside an empty program linked with the same libraries.

    STEPD_BINARY=build/release/stepd tests/bench/startup.py [RUNS]

stepd is ready when it has answered a request to /health, the empty program when it has written a line. The two take
turns; medians are printed as JSON lines, the last line is stepd divided by the empty program. Needs cc and pkg-config.
"""
import http.client
import json
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = ["libmicrohttpd", "sqlite3", "libcurl", "libcrypto", "libcjson", "libpcre2-8"]


def build_empty(directory):
    flags = subprocess.run(["pkg-config", "--cflags", "--libs"] + PACKAGES, check=True, capture_output=True, text=True)
    program = os.path.join(directory, "empty")
    compile_it = [os.environ.get("CC", "cc"), "-O2", os.path.join(HERE, "empty.c"), "-o", program]
    subprocess.run(compile_it + shlex.split(flags.stdout) + ["-pthread"], check=True)
    return program


def memory(pid):
    """Resident memory in KiB: all of it, and the part that is not a file's."""
    with open("/proc/%d/status" % pid, encoding="ascii") as status:
        found = dict(re.findall(r"^(VmRSS|RssAnon):\s+(\d+) kB$", status.read(), re.M))
    return int(found["VmRSS"]), int(found["RssAnon"])


def measure(command, asks):
    """(milliseconds to ready, resident KiB, anonymous KiB) of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = None
        for line in process.stdout:
            port = port or re.search(r"Starting server on port (\d+)", line)
            if line.startswith("Ready."):
                break
        else:
            raise RuntimeError("it ended before it was ready: " + " ".join(command))
        if asks:
            connection = http.client.HTTPConnection("127.0.0.1", int(port.group(1)), timeout=10)
            connection.request("GET", "/health")
            if connection.getresponse().status != 200:
                raise RuntimeError("/health is not well")
        return ((time.perf_counter() - start) * 1000, *memory(process.pid))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def medians(name, runs):
    ready, resident, anonymous = (statistics.median(column) for column in zip(*runs))
    result = {"bench": "startup", "program": name, "runs": len(runs), "ready_ms": round(ready, 2),
              "rss_kib": int(resident), "rss_anonymous_kib": int(anonymous)}
    print(json.dumps(result), flush=True)
    return result


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    stepd = os.environ.get("STEPD_BINARY", os.path.join(HERE, "..", "..", "build", "release", "stepd"))
    results = {"empty": [], "stepd": []}
    with tempfile.TemporaryDirectory() as directory:
        empty = build_empty(directory)
        for number in range(runs + 1):
            for name, command in (("empty", [empty]), ("stepd", [stepd, "--port", "0"])):
                result = measure(command, name == "stepd")
                if number > 0:  # the first run of each warms the file cache
                    results[name].append(result)
    base, own = (medians(name, results[name]) for name in ("empty", "stepd"))
    ratios = {key: round(own[key] / max(base[key], 0.01), 2) for key in ("ready_ms", "rss_kib", "rss_anonymous_kib")}
    print(json.dumps({"bench": "startup", "program": "stepd/empty", **ratios}))


main()
