"""Runs the commands of the documents, each from its first to its last, in one shell: what readers paste must work.

A block that begins with ```sh is run; its output must hold the given texts, in this order.
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import support

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLOSED = "Task Timed Out: 'Provided task does not exist anymore'"
FORGED = "Invalid Token: 'Invalid token'"

DOCUMENTS = {
    "docs/task-tokens.md": ([], [
        "TaskScheduled", "Shall we?", "SUCCEEDED", '{"answer": "yes"}', "FAILED", "Not Today", "It rains.",
        "InvalidOutput", "RUNNING", CLOSED, '"yes"', "FAILED", "States.Timeout", CLOSED, CLOSED, "RUNNING", CLOSED,
        "from the second attempt", FORGED, FORGED, "SUCCEEDED"]),
    "docs/time.md": (["--clock", "frozen", "--seed", "1"], [
        "frozen", "2026-01-01T00:00:00.000Z", "2026-01-30T23:59:59.000Z", "RUNNING", "2026-01-31T00:00:00.000Z",
        "SUCCEEDED"]),
    "samples/valuation/README.md": (["--sample", "valuation"], [
        "ValuationRequestFunction", "TaskTokenTable", "RUNNING", "SUCCEEDED", "666000", "TaskSubmitted", "TaskSucceeded",
        "FAILED", '{"propertyValue": 1}']),
    "samples/callback-sqs/README.md": (["--sample", "callback-sqs"], [
        "Callback received. Task started by Step Functions succeeded.", "TaskSubmitted",
        '"Callback task completed successfully."', "Task started by Step Functions failed."]),
    "samples/order-shipping/README.md": (["--sample", "order-shipping"], [
        "CREATED", "LambdaFunctionScheduled", "TaskSubmitted", "SUCCEEDED", "null", "1Z"]),
    "samples/payment/README.md": (["--sample", "payment"], [
        '"Type"', "TaskSubmitted", "ExecutionSucceeded", "Payment processed successfully.", "Invalid Credit Card"]),
}


def commands(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as document:
        return "\n".join(re.findall(r"^```sh\n(.*?)^```$", document.read(), re.M | re.S))


def run_document(path):
    """What the commands of the document say, in a copy of its directory."""
    with support.Stepd(args=DOCUMENTS[path][0]) as server, tempfile.TemporaryDirectory() as parent:
        directory = os.path.join(parent, "copy")
        shutil.copytree(os.path.join(ROOT, os.path.dirname(path)), directory)
        environment = support.clean_environment({
            "ENDPOINT": server.url, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull})
        done = subprocess.run(["sh", "-c", commands(path)], env=environment, cwd=directory, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


class Documents(unittest.TestCase):
    @unittest.skipUnless(shutil.which("aws"), "no AWS CLI")
    def test_their_commands_work(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            said = dict(zip(DOCUMENTS, pool.map(run_document, DOCUMENTS)))
        for path, (_, expected) in DOCUMENTS.items():
            with self.subTest(path):
                rest = said[path]
                for text in expected:
                    self.assertIn(text, rest, "in the rest of:\n" + said[path])
                    rest = rest[rest.index(text) + len(text):]


if __name__ == "__main__":
    unittest.main()
