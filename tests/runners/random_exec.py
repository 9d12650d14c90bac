#!/usr/bin/env python3
"""random_exec.py RUN_EXEC [--seed N] [--count N] [--keep FILE] - random state machines, run by run_exec in each of its
ways: in memory, stored, with a restart after every commit, as EXPRESS. The first three have to leave the same history,
times, random numbers and ids included.

The same seed gives the same cases; a case that fails is run alone with --filter after --keep has kept them."""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
INVOKE = "arn:aws:states:::lambda:invoke"
ERRORS = ("A", "B", "States.ALL", "States.TaskFailed", "States.Timeout", "States.QueryEvaluationError")
DEEPEST = 3


class Case:
    def __init__(self, seed, number):
        self.random = random.Random("%d %d" % (seed, number))
        self.names = 0
        self.tasks = []
        self.waiting = []  # tasks that wait for their token
        definition = self.machine(0)
        if self.chance(0.1):
            definition["TimeoutSeconds"] = self.one_of(3, 8)
        self.json = {"name": "random %d/%d" % (seed, number), "alike": True, "definition": definition,
                     "input": {"l": list(range(self.random.randint(0, 5)))}, "mocks": self.mocks(), "steps": self.steps()}

    def one_of(self, *choices):
        return self.random.choice(choices)

    def chance(self, part):
        return self.random.random() < part

    def name(self, letter):
        self.names += 1
        return "%s%d" % (letter, self.names)

    # ---- the world ----

    def mocks(self):
        answers = ({"Echo": True}, {"Echo": True}, {"Return": {"l": [1, 2]}}, {"Throw": {"Error": "A", "Cause": "c"}},
                   {"Throw": {"Error": "B"}})
        return {task: {str(attempt): self.one_of(*answers) for attempt in range(12)}
                for task in self.tasks if self.chance(0.85)}

    def steps(self):
        steps = [{"at": self.one_of(1, 2, 4, 6), "do": self.one_of("succeed", "succeed", "fail", "beat"), "state": task,
                  "output": {"l": [1]}, "error": "A", "refused": "any"} for task in self.waiting if self.chance(0.7)]
        if self.chance(0.1):
            steps.append({"at": 9, "do": "stop", "refused": "any"})
        return sorted(steps, key=lambda step: step["at"])

    # ---- states ----

    def machine(self, depth):
        names = [self.name("S") for _ in range(self.random.randint(1, 3))]
        end = self.name("Z")
        kinds = [self.result, self.variable, self.computed, self.task, self.task, self.computed_task, self.token, self.wait,
                 self.choice, self.failing]
        if depth < DEEPEST:
            kinds += [self.parallel, self.parallel, self.map, self.map, self.computed_map]
        states = {}
        for name, following in zip(names, names[1:] + [end]):
            state = self.random.choice(kinds)(name, following, depth)
            if state["Type"] in ("Task", "Parallel", "Map"):
                self.errors(state, end)
            if state["Type"] != "Choice":
                state["Next"] = following
            elif "F" in state.get("Comment", ""):
                states[name + "F"] = {"Type": "Fail", "Error": self.one_of("A", "B"), "Cause": "c"}
            states[name] = state
        states[end] = self.one_of({"Type": "Succeed"}, {"Type": "Pass", "End": True})
        return {"StartAt": names[0], "States": states}

    def errors(self, state, end):
        if self.chance(0.5):
            state["Retry"] = [{"ErrorEquals": [self.one_of(*ERRORS)], "MaxAttempts": self.one_of(0, 1, 2),
                               "IntervalSeconds": self.one_of(1, 3), "JitterStrategy": self.one_of("NONE", "NONE", "FULL")}]
        if self.chance(0.5):
            state["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": end}]

    def result(self, _name, _following, _depth):
        value = self.one_of("States.UUID()", "States.MathRandom(0, 100)", "$$.State.EnteredTime", "$$.State.Name")
        return {"Type": "Pass", "Parameters": {"a.$": "$", "u.$": value}, "ResultPath": self.one_of("$.p", None)}

    def variable(self, _name, _following, _depth):
        return {"Type": "Pass", "Assign": {self.name("v") + ".$": "States.UUID()"}}

    def computed(self, _name, _following, _depth):
        output = self.one_of("{% {'r': $random(), 'n': $now(), 'l': $states.input} %}", "{% $states.input %}",
                             "{% {'l': 1} %}", "{% $states.input.no %}")
        return {"Type": "Pass", "QueryLanguage": "JSONata", "Output": output}

    def task(self, name, _following, _depth):
        self.tasks.append(name)
        state = self.one_of({"Type": "Task", "Resource": FUNCTION},
                            {"Type": "Task", "Resource": INVOKE, "Parameters": {
                                "FunctionName": "f", "Payload": {"u.$": "States.UUID()", "t.$": "$$.State.EnteredTime"}}})
        if self.chance(0.3):
            state["TimeoutSeconds"] = 4
        return state

    def computed_task(self, name, _following, _depth):
        self.tasks.append(name)
        return {"Type": "Task", "QueryLanguage": "JSONata", "Resource": INVOKE,
                "Arguments": {"FunctionName": "f", "Payload": "{% {'r': $random(), 'u': $uuid(), 'n': $now()} %}"},
                "Output": self.one_of("{% {'l': [1, 2], 'x': $states.result, 'r': $random()} %}", "{% $states.result %}")}

    def token(self, name, _following, _depth):
        self.tasks.append(name)
        self.waiting.append(name)
        state = {"Type": "Task", "Resource": INVOKE + ".waitForTaskToken", "TimeoutSeconds": self.one_of(4, 5, 20),
                 "Parameters": {"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}}
        if self.chance(0.4):
            state["HeartbeatSeconds"] = 3
        return state

    def wait(self, _name, _following, _depth):
        return {"Type": "Wait", "Seconds": self.one_of(0, 1, 2, 7)}

    def choice(self, _name, following, _depth):
        return {"Type": "Choice", "Choices": [{"Variable": "$.l", "IsPresent": True, "Next": following}], "Default": following}

    def failing(self, name, following, _depth):
        rule = {"Variable": "$$.State.Name", "StringEquals": self.one_of(name, "x"), "Next": name + "F"}
        return {"Type": "Choice", "Comment": "to F", "Choices": [rule], "Default": following}

    def parallel(self, _name, _following, depth):
        state = {"Type": "Parallel", "Branches": [self.machine(depth + 1) for _ in range(self.random.randint(1, 3))]}
        if self.chance(0.4):
            state["Parameters"] = {"l.$": "States.ArrayRange(0, %d, 1)" % self.random.randint(0, 4), "u.$": "States.UUID()"}
        return state

    def map(self, _name, _following, depth):
        state = {"Type": "Map", "ItemsPath": "$$.Execution.Input.l", "MaxConcurrency": self.one_of(0, 1, 2),
                 "ItemProcessor": self.machine(depth + 1)}
        if self.chance(0.5):
            state["ItemSelector"] = {"v.$": "$$.Map.Item.Value", "u.$": "States.UUID()"}
        return state

    def computed_map(self, _name, _following, depth):
        state = {"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": self.machine(depth + 1),
                 "Items": self.one_of("{% [1..$floor($random() * 5) + 1] %}", "{% [1, $millis(), 3] %}",
                                      "{% $states.context.Execution.Input.l %}"),
                 "MaxConcurrency": self.one_of(0, 1, 2, "{% $floor($random() * 3) %}")}
        if self.chance(0.5):
            state["ItemSelector"] = {"r": "{% $random() %}", "v": "{% $states.context.Map.Item.Value %}"}
        return state


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runner")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--keep", help="where the cases are kept")
    options = parser.parse_args()
    cases = [Case(options.seed, number).json for number in range(options.count)]
    with tempfile.TemporaryDirectory(prefix="stepd-random-") as directory:
        path = options.keep or os.path.join(directory, "cases.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(cases, file)
        sys.exit(subprocess.run([options.runner, path], check=False).returncode)


if __name__ == "__main__":
    main()
