#!/usr/bin/env python3
"""Kills stepd at random moments and checks that it keeps every promise.

    STEPD_BINARY=build/release/stepd tests/crash/crash.py [--kills 20] [--seed N] [--keep]

Clients start workflows of many kinds on one stepd with --data, answer its tokens, serve its functions, and keep a
record of their own of everything that was acknowledged. stepd is killed (SIGKILL), also while it starts, and started
again on the same directory, until there have been enough kills. After each start, what was seen before must still be
there: executions, their ends, their histories event by event. At last every execution must reach its right end, the
queues, topics and tables must hold each effect exactly once, and every history must be well-formed. The seed is
printed; what the clients do is random, so it narrows a failure down without repeating it exactly.
"""
import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time

import checks
import driver
import workflows

START_KILL_PART = 0.2  # of the kills that come while stepd starts
DRAIN_SECONDS = 60


def compare_with_record(record, api, everything):
    """What was acknowledged before must be so now."""
    for run in record.sample(everything):
        described = api.must("DescribeExecution", executionArn=run.arn)
        if run.closed is not None:
            checks.equal(described, run.closed, "the end of " + run.name)
        elif run.stop_acknowledged:
            checks.equal(described["status"], "ABORTED", "the status of the stopped " + run.name)
        if run.history:
            events = api.history(run.arn)
            checks.prefix(run.history, events, run.name)
            checks.well_formed(events, run.kind.linear, run.name)
        else:
            events = api.history(run.arn) if everything or random.random() < 0.3 else []
        run.seen(described, events)


def compare_machine(record, api, kind):
    """The last change that was acknowledged, or the one that was under way."""
    with record.lock:
        kept = record.kept_version
    described = api.must("DescribeStateMachine", stateMachineArn=kind.machine_arn)
    tags = api.must("ListTagsForResource", resourceArn=kind.machine_arn)["tags"]
    with record.lock:
        tried = record.tried_version
    for what, text in (("definition", json.loads(described["definition"]).get("Comment", "0")),
                       ("tag", next((tag["value"] for tag in tags if tag["key"] == "version"), "0"))):
        if not kept <= int(text) <= tried:
            raise checks.Broken("the %s is of version %s, kept was %d, tried %d" % (what, text, kept, tried))


def killing(options, server, record, clients):
    chance = random.Random(options.seed)
    api = driver.Api(server)
    for number in range(1, options.kills + 1):
        if chance.random() < START_KILL_PART:
            server.kill()
            server.spawn()
            time.sleep(chance.uniform(0, 0.05))
        else:
            time.sleep(chance.uniform(0.05, 1.2))
        server.kill()
        server.start()
        compare_with_record(record, api, False)
        compare_machine(record, api, clients.kinds[0])
        clients.check()
        print("kill %d of %d: %s; ready after %.0f ms" % (number, options.kills, record.summary(), server.ready_ms),
              flush=True)


def drain(record, api, clients):
    deadline = time.monotonic() + DRAIN_SECONDS
    left = record.open()
    while left and time.monotonic() < deadline:
        for run in left:
            described = api.must("DescribeExecution", executionArn=run.arn)
            if described["status"] != "RUNNING":
                run.seen(described, [])
        clients.check()
        left = record.open()
        time.sleep(0.1)
    if left:
        run = left[0]
        raise checks.Broken("%d executions do not end; %s: %s" % (len(left), run.name, api.history(run.arn)[-3:]))


def check_ends(record, api):
    for run in record.runs():
        events = api.history(run.arn)
        if run.history:
            checks.prefix(run.history, events, run.name)
        checks.well_formed(events, run.kind.linear, run.name)
        run.kind.check_end(run, run.closed, events)
        run.history = events
    workflows.check_effects(record, api)


def crash(options, directory):
    record = driver.Record()
    functions = driver.Functions(record)
    server = driver.Server(directory, functions.port)
    server.start()
    kinds = workflows.create(driver.Api(server), functions)
    print("seed %d, kinds: %s" % (options.seed, " ".join(kind.name for kind in kinds)), flush=True)
    clients = driver.Clients(server, record, functions, kinds, options.seed)
    try:
        clients.start()
        killing(options, server, record, clients)
        clients.stop_starting()
        drain(record, driver.Api(server), clients)
        clients.stop()
        check_ends(record, driver.Api(server))
        server.end()
        server.start()
        compare_with_record(record, driver.Api(server), True)
        print("%s: nothing lost, nothing twice" % record.summary())
    finally:
        clients.stop()
        server.end(signal.SIGKILL)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", action="store_true", help="keep the directory of a run that failed")
    options = parser.parse_args()
    random.seed(options.seed)
    directory = tempfile.mkdtemp(prefix="stepd-crash-")
    try:
        crash(options, directory)
    except (checks.Broken, driver.Failed) as broken:
        print("seed %d: %s" % (options.seed, broken), file=sys.stderr)
        print("database: %s" % directory if options.keep else "--keep keeps the database", file=sys.stderr)
        if not options.keep:
            shutil.rmtree(directory)
        sys.stdout.flush()
        os._exit(1)
    shutil.rmtree(directory)


main()
