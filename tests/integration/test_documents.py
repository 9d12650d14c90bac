"""Runs the commands of the documents, each from its first to its last, in one shell: what readers paste must work.

A block that begins with ```sh is run; its output must hold the given texts, in this order.
"""
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


class Documents(unittest.TestCase):
    def run_document(self, path):
        arguments, expected = DOCUMENTS[path]
        if not shutil.which("aws"):
            self.skipTest("no AWS CLI")
        with support.Stepd(args=arguments) as server, tempfile.TemporaryDirectory() as parent:
            directory = os.path.join(parent, "copy")
            shutil.copytree(os.path.join(ROOT, os.path.dirname(path)), directory)
            environment = support.clean_environment({
                "ENDPOINT": server.url, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull})
            done = subprocess.run(["sh", "-c", commands(path)], env=environment, cwd=directory, text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        rest = done.stdout
        for text in expected:
            self.assertIn(text, rest, "in the rest of:\n" + done.stdout)
            rest = rest[rest.index(text) + len(text):]

    def test_task_tokens(self):
        self.run_document("docs/task-tokens.md")

    def test_valuation(self):
        self.run_document("samples/valuation/README.md")

    def test_callback_sqs(self):
        self.run_document("samples/callback-sqs/README.md")

    def test_order_shipping(self):
        self.run_document("samples/order-shipping/README.md")

    def test_payment(self):
        self.run_document("samples/payment/README.md")


if __name__ == "__main__":
    unittest.main()
