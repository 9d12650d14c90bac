"""Runs the scripts of the samples, as a reader would, with each AWS CLI that is installed."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import support

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SAMPLES = os.path.join(ROOT, "samples")
NAMES = sorted(name for name in os.listdir(SAMPLES) if os.path.exists(os.path.join(SAMPLES, name, "run.sh")))
DISTRIBUTION_CLI = "/usr/bin/aws"


def version(cli):
    said = subprocess.run([cli, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"aws-cli/(\S+)", said.stdout + said.stderr)
    return found.group(1) if found else None


def clients():
    """The AWS CLIs to run with: the one on PATH, and the distribution's when that is another and a version 2."""
    found = {}
    for cli in (shutil.which("aws"), DISTRIBUTION_CLI):
        number = cli and os.path.exists(cli) and version(cli)
        if number and number not in found and (not found or number.startswith("2.")):
            found[number] = cli
    return found


class Samples(unittest.TestCase):
    def run_all(self, names, cli):
        environment = support.clean_environment({"AWS_CLI": cli, "STEPD": support.BINARY})
        environment.pop("ENDPOINT", None)
        running = [(name, subprocess.Popen(["sh", os.path.join(SAMPLES, name, "run.sh")], env=environment, text=True,
                                           cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)) for name in names]
        return [(name, process.communicate()[0], process.returncode) for name, process in running]

    def test_they_run(self):
        found = clients()
        if not found:
            self.skipTest("no AWS CLI")
        self.assertEqual(len(NAMES), 4)
        for number, cli in found.items():
            for pair in (NAMES[:2], NAMES[2:]):
                for name, said, status in self.run_all(pair, cli):
                    with self.subTest(sample=name, cli=number):
                        self.assertEqual(status, 0, said)
                        self.assertIn("ExecutionSucceeded", said)
                        self.assertIn("TaskSubmitted", said)

    def test_a_running_stepd_is_used(self):
        cli = next(iter(clients().values()), None)
        if not cli:
            self.skipTest("no AWS CLI")
        with support.Stepd(args=["--sample", "callback-sqs"]) as server:
            environment = support.clean_environment({"AWS_CLI": cli, "ENDPOINT": server.url, "STEPD": "/nonexistent"})
            for _ in range(2):
                done = subprocess.run(["sh", os.path.join(SAMPLES, "callback-sqs", "run.sh")], env=environment, check=False,
                                      capture_output=True, text=True, cwd="/")
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            machines = server.client("stepfunctions").list_state_machines()["stateMachines"]
            self.assertEqual(len(machines), 1)

    def test_a_wrong_output_is_told(self):
        directory = self.enterContext(tempfile.TemporaryDirectory())
        files = [os.path.join(directory, name) for name in ("wanted", "got")]
        for wanted, got, same in (
                ('{"a":1,"b":[1,"x"]}', '{ "b": [ 1, "x" ], "a": 1 }', True), ('{"a":"<any>"}', '{"a":{"b":[1]}}', True),
                ('{"a":1}', '{"a":2}', False), ('{"a":1}', '{}', False), ('{}', '{"a":1}', False), ('[1]', '[1,2]', False),
                ('{"a":"<any>"}', '{}', False), ("null", "null", True), ("null", "{}", False), ("1", "not json", False),
                ('"a\\"}"', '"a\\"}"', True), ('{"a":[]}', '{"a":{}}', False)):
            with self.subTest(wanted=wanted, got=got):
                for file, text in zip(files, (wanted, got)):
                    with open(file, "w", encoding="utf-8") as out:
                        out.write(text)
                done = subprocess.run(["awk", "-f", os.path.join(SAMPLES, "match.awk"), *files], check=False,
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode == 0, same, done.stderr)


if __name__ == "__main__":
    unittest.main()
