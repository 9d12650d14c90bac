#!/usr/bin/env python3
"""JSONata beside its reference in Node: how often per second expressions are evaluated and compiled.

    STEPD_BINARY=build/release/stepd tests/bench/jsonata.py [--ms 300] [--rounds 3]

Cases and input are those of ../shared/jsonata-suite (perf-cases.json, perf-input.json), the reference is measured by its
perf.mjs, stepd's library (libasl.a beside STEPD_BINARY) by jsonata.c, in turns: what is told is the best of all rounds.
A line is {"bench": "jsonata", "case", "what", "rate", "reference", "ratio", "goal"?}; what is evaluate (compiled once),
both (compiled each time) or compile; rates are per second. A table follows on stderr. Status 1: a goal isn't reached;
77: the cases, node or npm aren't here."""
import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SUITE = os.path.join(os.path.dirname(ROOT), "shared", "jsonata-suite")
WORK = os.path.join(ROOT, "build", "jsonata")
REFERENCE = "jsonata@2.2.2"
BINARY = os.environ.get("STEPD_BINARY") or os.path.join(ROOT, "build", "release", "stepd")
CC = os.environ.get("CC", "cc")
FLAGS = ["-std=c17", "-D_POSIX_C_SOURCE=200809L", "-O2"]
FILES = ("perf.mjs", "perf-cases.json", "perf-input.json")
WHAT = ("evaluate", "both", "compile")

# Times the reference, but for field_rate, which is per second.
GOALS = {"field": 10, "choice_cond": 10, "sum10": 10, "sum10_expr": 10, "object": 10, "map1000": 30, "filter1000": 30,
         "sort1000": 50, "sortfn1000": 50}
COMPILE_GOAL = 15
FIELD_RATE_GOAL = 3e6


def skip(why):
    print("SKIPPED: " + why, file=sys.stderr)
    sys.exit(77)


def prepare():
    """The reference and its benchmark, below build/."""
    for tool in ("node", "npm"):
        if not shutil.which(tool):
            skip("the reference needs " + tool)
    for name in FILES:
        if not os.path.exists(os.path.join(SUITE, name)):
            skip("no %s in ../shared/jsonata-suite" % name)
    os.makedirs(os.path.join(WORK, "ref"), exist_ok=True)
    for name in FILES:
        target = os.path.join(WORK, name)
        shutil.copyfile(os.path.join(SUITE, name), target)
    if not os.path.isdir(os.path.join(WORK, "ref", "node_modules", "jsonata")):
        command = ["npm", "--prefix", os.path.join(WORK, "ref"), "install", "--no-audit", "--no-fund", "--loglevel=error", REFERENCE]
        if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            skip("npm couldn't install the reference")


def build(directory):
    library = os.path.join(os.path.dirname(os.path.abspath(BINARY)), "asl", "libasl.a")
    if not os.path.exists(library):
        sys.exit("jsonata.py: no library at " + library)
    libraries = subprocess.run(["pkg-config", "--cflags", "--libs", "libpcre2-8", "libcrypto"], check=True,
                               capture_output=True, text=True).stdout
    program = os.path.join(directory, "jsonata")
    subprocess.run([CC, *FLAGS, "-I", os.path.join(ROOT, "asl", "include"), os.path.join(HERE, "jsonata.c"), library,
                    "-o", program, *shlex.split(libraries), "-lm", "-lpthread"], check=True)
    return program


def measure_reference(ms):
    done = subprocess.run(["node", os.path.join(WORK, "perf.mjs"), "--ms", str(ms)], check=True, capture_output=True, text=True)
    rows = (line.split("\t") for line in done.stdout.splitlines()[1:])
    return {row[0]: dict(zip(WHAT, map(float, row[1:]))) for row in rows}


def measure_stepd(program, cases, ms):
    lines = "".join(json.dumps(case["expr"]) + "\n" for case in cases)
    done = subprocess.run([program, os.path.join(WORK, "perf-input.json"), str(ms)], input=lines, check=True,
                          stdout=subprocess.PIPE, text=True)
    return {case["name"]: json.loads(line) for case, line in zip(cases, done.stdout.splitlines())}


def keep_best(best, rates):
    for name, row in rates.items():
        for what, rate in row.items():
            best.setdefault(name, {})
            best[name][what] = max(best[name].get(what, 0), rate)


def short(rate):
    return "%.2f M" % (rate / 1e6) if rate >= 1e6 else "%.0f k" % (rate / 1e3) if rate >= 1e4 else "%.0f" % rate


def table(cases, ours, theirs):
    yield "| case | evaluations/s | reference | ratio | goal | compile ratio |"
    yield "|---|---|---|---|---|---|"
    for case in cases:
        name = case["name"]
        a, b = ours[name], theirs[name]
        goal = "%d ×" % GOALS[name] if name in GOALS else ""
        yield "| `%s` | %s | %s | %.1f × | %s | %.1f × |" % (
            name, short(a["evaluate"]), short(b["evaluate"]), a["evaluate"] / b["evaluate"], goal, a["compile"] / b["compile"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ms", type=int, default=300, help="milliseconds for one number")
    parser.add_argument("--rounds", type=int, default=3, help="turns of both sides; the best counts")
    options = parser.parse_args()
    prepare()
    with open(os.path.join(WORK, "perf-cases.json"), encoding="utf-8") as file:
        cases = json.load(file)
    ours, theirs = {}, {}
    with tempfile.TemporaryDirectory() as directory:
        program = build(directory)
        for _ in range(options.rounds):
            keep_best(theirs, measure_reference(options.ms))
            keep_best(ours, measure_stepd(program, cases, options.ms))
    missed = []
    for case in cases:
        name = case["name"]
        for what in WHAT:
            ratio = ours[name][what] / theirs[name][what]
            goal = {"evaluate": GOALS.get(name), "compile": COMPILE_GOAL}.get(what)
            line = {"bench": "jsonata", "case": name, "what": what, "rate": round(ours[name][what]),
                    "reference": round(theirs[name][what]), "ratio": round(ratio, 1)}
            if goal:
                line["goal"] = goal
            print(json.dumps(line), flush=True)
            if goal and ratio < goal:
                missed.append("%s %s: %.1f of %d times the reference" % (name, what, ratio, goal))
    if ours["field"]["evaluate"] < FIELD_RATE_GOAL:
        missed.append("field: %s of %s a second" % (short(ours["field"]["evaluate"]), short(FIELD_RATE_GOAL)))
    print("\n".join(table(cases, ours, theirs)), file=sys.stderr)
    for line in missed:
        print("MISSED: " + line, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
