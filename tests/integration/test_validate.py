"""What is wrong with a definition: ValidateStateMachineDefinition, variableReferences, and the command stepd validate."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

from botocore.exceptions import ClientError

import support

SCHEMA = "SCHEMA_VALIDATION_FAILED"
CALLBACK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
NO_DOLLAR = "No .$ on a field that appears to be a JSONPath or Intrinsic Function"
NO_TOKEN = "The task waits for its token, and no parameter takes $$.Task.Token"
BROKEN = '{\n  "StartAt": "P",\n  "States": }\n'


def setUpModule():
    global SERVER, SFN
    SERVER = unittest.enterModuleContext(support.Stepd())
    SFN = SERVER.client()


def one(kind, **fields):
    return json.dumps({"StartAt": "S", "States": {"S": dict({"Type": kind, "End": True}, **fields)}})


def error(code, message, location=None, severity="ERROR"):
    found = {"severity": severity, "code": code, "message": message}
    return dict(found, location=location) if location is not None else found


def many(count):
    """A definition with this many errors."""
    states = {"W%d" % i: {"Type": "Wait", "Seconds": -1, "Next": "W%d" % (i + 1)} for i in range(count)}
    states["W%d" % count] = {"Type": "Succeed"}
    return json.dumps({"StartAt": "W0", "States": states})


WAITS = one("Task", Resource=CALLBACK, Parameters={"QueueUrl": "q", "MessageBody": {"n.$": "$.n"}})
WARNED = one("Pass", Parameters={"a": "$.x"})
COLLECTION = os.path.join(support.ROOT, "tests", "conformance", "collection.py")
PLACE = '[Source: (String)"not a definition"; line: 1, column: 4]'
# definition, further arguments, result, diagnostics
ANSWERS = [
    ("good", support.PASS, {}, "OK", []),
    ("empty", " ", {}, "FAIL", [error(SCHEMA, "Definition must be a valid JSON object")]),
    ("not JSON", "not a definition", {}, "FAIL", [error(
        "INVALID_JSON_DESCRIPTION", "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token "
        "'null', 'true' or 'false')\n at " + PLACE, PLACE)]),
    ("empty object", "{}", {}, "FAIL", [error(SCHEMA, "These fields are required: [States, StartAt]", "/")]),
    ("several faults, in their order",
     json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "X"}, "B": {"Type": "Wait", "End": True}}}),
     {}, "FAIL", [error("MISSING_TRANSITION_TARGET", "Missing 'Next' target: X", "/States/A/Next"),
                  error("MISSING_TRANSITION_TARGET", 'State "B" is not reachable.', "/States/B"),
                  error(SCHEMA, "This object should have only one of the following fields: [SecondsPath, Seconds, "
                        "TimestampPath, Timestamp]", "/States/B")]),
    ("good for STANDARD", WAITS, {"type": "STANDARD"}, "OK", []),
    ("not for EXPRESS", WAITS, {"type": "EXPRESS"}, "FAIL", [error(
        SCHEMA, "Express state machine does not support '.waitForTaskToken' service integration ", "/States/S/Resource")]),
    ("warnings stay out", WARNED, {}, "OK", []),
    ("here too", WARNED, {"severity": "ERROR"}, "OK", []),
    ("unless they're asked for", WARNED, {"severity": "WARNING"}, "OK",
     [error("NO_DOLLAR", NO_DOLLAR, "/States/S/Parameters/a", "WARNING")]),
    ("stepd's own advice isn't AWS's", WAITS, {"severity": "WARNING"}, "OK", []),
]


class Operation(unittest.TestCase):
    def validate(self, definition, **more):
        answer = SFN.validate_state_machine_definition(definition=definition, **more)
        answer.pop("ResponseMetadata")
        self.assertEqual(set(answer), {"result", "diagnostics", "truncated"})
        return answer

    def test_answers(self):
        for name, definition, more, result, diagnostics in ANSWERS:
            with self.subTest(name):
                answer = self.validate(definition, **more)
                self.assertEqual((answer["result"], answer["truncated"]), (result, False))
                self.assertEqual(answer["diagnostics"], diagnostics)

    def test_max_results(self):
        for definition, most, count, truncated in (
                (many(3), 2, 2, True), (many(3), 3, 3, False), (many(3), 100, 3, False), (many(100), 0, 100, False),
                (many(101), 0, 100, True), (many(101), None, 100, True), (support.PASS, 1, 0, False)):
            with self.subTest(most=most, count=count):
                answer = self.validate(definition, **({} if most is None else {"maxResults": most}))
                self.assertEqual((len(answer["diagnostics"]), answer["truncated"]), (count, truncated))
                self.assertEqual([said["location"] for said in answer["diagnostics"]],
                                 ["/States/W%d/Seconds" % i for i in range(count)])

    def test_refusals(self):
        for arguments, reason in (
                ({"severity": "INFO"}, "Value 'INFO' at 'severity' failed to satisfy constraint: "
                                       "Member must satisfy enum value set: [ERROR, WARNING]"),
                ({"type": "standard"}, "Value 'standard' at 'type' failed to satisfy constraint: "
                                       "Member must satisfy enum value set: [STANDARD, EXPRESS]"),
                ({"maxResults": 101}, "Value '101' at 'maxResults' failed to satisfy constraint: "
                                      "Member must have value less than or equal to 100")):
            with self.subTest(**arguments), self.assertRaises(ClientError) as caught:
                SFN.validate_state_machine_definition(definition=support.PASS, **arguments)
            self.assertEqual(caught.exception.response["Error"],
                             {"Code": "ValidationException", "Message": "1 validation error detected: " + reason})

    def test_creation_says_the_same(self):
        for name, definition, more, result, diagnostics in ANSWERS:
            if result != "FAIL" or more:
                continue
            with self.subTest(name), self.assertRaises(ClientError) as caught:
                SFN.create_state_machine(name="refused", definition=definition, roleArn=support.ROLE)
            for said in diagnostics:
                self.assertIn("%s: %s" % (said["code"], said["message"]), caught.exception.response["Error"]["Message"])


class VariableReferences(unittest.TestCase):
    def test_of_machine_and_execution(self):
        text = json.dumps({"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Assign": {"x": 1, "y": 2}, "Next": "B"},
            "B": {"Type": "Pass", "Parameters": {"a.$": "$y", "b.$": "States.Format('{}', $x)", "c": "$x"}, "End": True}}})
        machine = SERVER.create("references", text)
        execution = SFN.start_execution(stateMachineArn=machine)["executionArn"]
        support.finished(SFN, execution)
        expected = {"B": ["x", "y"]}
        self.assertEqual(SFN.describe_state_machine(stateMachineArn=machine)["variableReferences"], expected)
        # The execution keeps the definition that it began with.
        SFN.update_state_machine(stateMachineArn=machine, definition=support.PASS)
        self.assertNotIn("variableReferences", SFN.describe_state_machine(stateMachineArn=machine))
        said = SFN.describe_state_machine_for_execution(executionArn=execution)
        self.assertEqual((said["variableReferences"], said["definition"]), (expected, text))
        later = SFN.start_execution(stateMachineArn=machine)["executionArn"]
        self.assertNotIn("variableReferences", SFN.describe_state_machine_for_execution(executionArn=later))


class Command(unittest.TestCase):
    def run_in(self, files, *words, text=""):
        """Exit status, standard output and error of the command in a directory with these files."""
        with tempfile.TemporaryDirectory() as directory:
            for name, content in files.items():
                with open(os.path.join(directory, name), "wb") as out:
                    out.write(content if isinstance(content, bytes) else content.encode())
            done = subprocess.run([support.BINARY, *words], cwd=directory, input=text, text=True, check=False,
                                  capture_output=True, env=support.clean_environment())
        self.assertNotIn("Sanitizer", done.stderr)
        return done.returncode, done.stdout, done.stderr

    def test_text(self):
        missing = "%s: error %s at /: These fields are required: [States, StartAt]\n"
        for name, content, words, status, out in (
                ("good", support.PASS, (), 0, "a.json: OK\n"),
                ("a warning", WARNED, (), 0,
                 "a.json: warning NO_DOLLAR at /States/S/Parameters/a: %s\na.json: OK\n" % NO_DOLLAR),
                ("faults", "{}", (), 1, missing % ("a.json", SCHEMA)),
                ("no JSON", BROKEN, (), 1,
                 "a.json:3:14: error INVALID_JSON_DESCRIPTION: Unexpected character ('}' (code 125)): expected a value\n"),
                ("no JSON object", "[]", (), 1, "a.json: error %s: Definition must be a valid JSON object\n" % SCHEMA),
                ("a token for nobody", WAITS, (), 0,
                 "a.json: warning NO_TASK_TOKEN at /States/S/Parameters: %s\na.json: OK\n" % NO_TOKEN),
                ("Express", WAITS, ("--type", "EXPRESS"), 1, None)):
            with self.subTest(name):
                found = self.run_in({"a.json": content}, "validate", *words, "a.json")
                self.assertEqual((found[0], found[2]), (status, ""))
                if out is not None:
                    self.assertEqual(found[1], out)

    def test_names_of_states_stay_on_their_line(self):
        text = one("No").replace('"S"', json.dumps("a\n\u001bb"))
        status, out, _ = self.run_in({"a.json": text}, "validate", "a.json")
        self.assertEqual(status, 1)
        for line in out.splitlines():
            self.assertRegex(line, "^a.json: error [A-Z_]+ at /States/a  b")

    def test_files(self):
        files = {"good.json": support.PASS, "bad.json": "{}", "env": support.PASS, "-good.json": support.PASS, "empty": "",
                 "binary": b"\x7fELF\x02\x01\xff\xfe", "zero": support.PASS + "\0"}
        for words, status, shown in (
                (("good.json", "bad.json"), 1, ("good.json: OK", "bad.json: error")),
                (("bad.json", "good.json"), 1, ("bad.json: error", "good.json: OK")),
                (("none.json", "good.json"), 2, ("good.json: OK",)),
                (("bad.json", "none.json"), 2, ("bad.json: error",)),
                (("env",), 0, ("env: OK",)),
                (("-", "good.json"), 0, ("-: OK", "good.json: OK")),
                (("-", "-"), 1, ("-: OK", "-: error")),
                (("./-good.json",), 0, ("./-good.json: OK",)),
                (("empty",), 1, ("empty: error",)),
                (("binary",), 1, ("binary:1",)),
                (("zero",), 1, ("zero:1",)),
                (("good.json",) * 300, 0, ("good.json: OK",) * 300),
                (("good.json/x", "good.json"), 2, ("good.json: OK",)),
                ((".",), 2, ())):
            with self.subTest(words):
                found = self.run_in(files, "validate", *words, text=support.PASS)
                self.assertEqual(found[0], status)
                self.assertEqual(tuple(":".join(line.split(":")[:2])[:len(begin)]
                                       for line, begin in zip(found[1].splitlines(), shown)), shown)
                self.assertEqual(len(found[1].splitlines()), len(shown))
        self.assertEqual(self.run_in(files, "validate", "none.json")[2],
                         "stepd validate: none.json: No such file or directory\n")

    def test_usage(self):
        for words, message in (
                ((), "stepd validate: name a file, or - for standard input\n"),
                (("--format", "xml", "a"), "stepd: --format: 'xml' is not text or json\n"),
                (("--type", "express", "a"), "stepd: --type: 'express' is not STANDARD or EXPRESS\n"),
                (("--nope", "a"), "stepd: unknown option '--nope'; stepd --help lists them\n")):
            with self.subTest(words):
                self.assertEqual(self.run_in({}, "validate", *words), (2, "", message))

    def test_json(self):
        files = {"a.json": support.PASS, "b.json": WAITS, "c.json": BROKEN}
        status, out, _ = self.run_in(files, "validate", "--format", "json", *files)
        good, warned, broken = json.loads(out)
        self.assertEqual(status, 1)
        self.assertEqual(good, {"file": "a.json", "result": "OK", "diagnostics": []})
        self.assertEqual(warned, {"file": "b.json", "result": "OK", "diagnostics": [
            error("NO_TASK_TOKEN", NO_TOKEN, "/States/S/Parameters", "WARNING")]})
        self.assertEqual((broken["file"], broken["result"], len(broken["diagnostics"])), ("c.json", "FAIL", 1))
        said = broken["diagnostics"][0]
        self.assertEqual((said["code"], said["line"], said["column"]), ("INVALID_JSON_DESCRIPTION", 3, 14))
        self.assertTrue(said["location"].endswith("; line: 3, column: 14]"), said)
        self.assertEqual(self.run_in({}, "validate", "--format", "json", "none.json")[:2], (2, "[]\n"))

    def test_the_longest_definition(self):
        for size, status in ((1 << 20, 0), ((1 << 20) + 1, 1), (3 << 20, 1)):
            with self.subTest(size):
                text = support.PASS + " " * (size - len(support.PASS))
                self.assertEqual(self.run_in({"a.json": text}, "validate", "a.json")[0], status)


class Collection(unittest.TestCase):
    """The script that validates AWS's collection of workflows, over a small one."""

    def run_over(self, files):
        with tempfile.TemporaryDirectory() as root:
            for name, content in files.items():
                os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
                with open(os.path.join(root, name), "w", encoding="utf-8") as out:
                    out.write(content)
            return self.run_script({"STEPD_WORKFLOWS_COLLECTION": root})

    def run_script(self, environment):
        done = subprocess.run([sys.executable, "-B", COLLECTION], text=True, check=False, capture_output=True,
                              env=support.clean_environment(dict(environment, STEPD_BINARY=support.BINARY)))
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def test_what_it_validates(self):
        waits = one("Wait", Seconds=7).replace("7", "${Seconds}")
        good = {
            "a/function.asl.json": one("Task", Resource="${LambdaFunction}"),
            "a/activity.asl.json": one("Task", Resource="${MyActivity}", HeartbeatSeconds=3),
            "a/partition.asl.json": one("Task", Resource="arn:${AWS::Partition}:states:::sqs:sendMessage",
                                        Parameters={"QueueUrl": "${Queue}", "MessageBody": "${a.b}-x"}),
            "a/job.asl.json": one("Task", Resource="${Job}.sync", Parameters={}),
            "b/number.asl.json": waits,
            "b/text.asl.json": "\ufeff" + one("Pass", Parameters={"x.$": "States.Format('${X} {}', $.a)"}),
            "b/other-name.json": support.PASS,
            "b/package.json": "{}",
            "b/notes.json": "no JSON",
            ".git/x.asl.json": "{}"}
        status, said = self.run_over(good)
        self.assertEqual((status, said.split(" definitions, ")[0]), (0, "7"), said)
        bad = dict(good, **{"c/end.asl.json": one("No"), "c/syntax.asl.json": '{"StartAt": ', "c/x.json": '{"StartAt": 1}'})
        status, said = self.run_over(bad)
        self.assertEqual(status, 1)
        self.assertIn("9 definitions, 2 refused", said)
        self.assertRegex(said, "(?m)^c/end.asl.json: %s at /States/S" % SCHEMA)
        self.assertRegex(said, "(?m)^c/syntax.asl.json: INVALID_JSON_DESCRIPTION at ")

    def test_without_one(self):
        self.assertEqual(self.run_over({"a/b.json": "{}"})[0], 1)
        status, said = self.run_script({})
        self.assertEqual((status, said[:8]), (77, "SKIPPED:"))


if __name__ == "__main__":
    unittest.main()
