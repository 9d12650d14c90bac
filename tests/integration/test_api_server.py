"""The program around the API: ready lines, flags and variables, env, health, the request log, ending."""
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import unittest

import support

STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}: "


def run(*args, env=None):
    done = subprocess.run([support.BINARY, *args], capture_output=True, text=True, timeout=15,
                          env=support.clean_environment(env), check=False)
    return done.returncode, done.stdout, done.stderr


class Program(unittest.TestCase):
    def test_ready_lines(self):
        with support.Stepd(args=["--account", "000000000000"], env={"AWS_DEFAULT_REGION": "eu-west-1"}) as server:
            self.assertRegex(server.lines[0], "^" + STAMP + "Starting server on port %d with account 000000000000, "
                             "region eu-west-1\n$" % server.port)
            self.assertIn("memory", server.lines[1])
            self.assertEqual(server.lines[-1], "Ready.\n")
            self.assertEqual(server.create("a"), "arn:aws:states:us-east-1:000000000000:stateMachine:a")
        with tempfile.TemporaryDirectory() as folder, support.Stepd(args=["--data", folder]) as server:
            self.assertIn(folder, server.lines[1])

    def test_health(self):
        with support.Stepd() as server:
            for path in ("/health", "/_localstack/health"):
                status, headers, body = server.request("GET", path)
                answer = json.loads(body)
                self.assertEqual((status, answer["services"]["stepfunctions"]), (200, "available"))
                self.assertTrue(answer["version"])
                status, headers, body = server.request("HEAD", path)
                self.assertEqual((status, body), (200, b""))
                self.assertGreater(int(headers["Content-Length"]), 0)
            self.assertEqual(run("health", "--port", str(server.port))[0], 0)
        status, _, errors = run("health", "--port", str(server.port))
        self.assertEqual(status, 1)
        self.assertIn(str(server.port), errors)

    def test_env(self):
        status, output, _ = run("env", "--port", "1234", "--region", "eu-west-1")
        self.assertEqual(status, 0)
        lines = dict(re.fullmatch(r"export (\w+)=(.*)", line).groups() for line in output.splitlines())
        self.assertEqual(lines, {
            "AWS_ENDPOINT_URL": "http://127.0.0.1:1234", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true", "AWS_PAGER": ""})

    def test_help_and_version(self):
        for flag in ("help", "--help", "-h"):
            status, output, _ = run(flag)
            self.assertEqual(status, 0)
            for word in ("--port", "-lambdaEndpoint", "LAMBDA_ENDPOINT", "WAIT_TIME_SCALE", "serve", "default 8083"):
                self.assertIn(word, output)
        for flag in ("version", "--version", "-v"):
            self.assertRegex(run(flag)[1], r"^stepd \d+\.\d+\.\d+\n$")

    def test_bad_options(self):
        for args, env, words in (
                (["--nonsense"], {}, ["--nonsense", "--help"]), (["nonsense"], {}, ["nonsense", "--help"]),
                (["--port"], {}, ["--port"]), (["--port", "70000"], {}, ["--port", "70000", "65535"]),
                (["--port=x"], {}, ["--port", "'x'"]), ([], {"PORT": "abc"}, ["PORT", "abc"]),
                (["--account", "12"], {}, ["--account", "12 digits"]), (["--function", "name"], {}, ["NAME=URL"]),
                (["--lambda-endpoint", "localhost:3001"], {}, ["--lambda-endpoint", "http://"]),
                ([], {"WAIT_TIME_SCALE": "-1"}, ["WAIT_TIME_SCALE", "-1"]), (["--log", "loud"], {}, ["requests"]),
                (["--task-token-format", "long"], {}, ["aws or uuid"]), (["serve", "env"], {}, ["env"]),
                (["--valuation-delay", "1e99"], {}, ["--valuation-delay"])):
            with self.subTest(args=args, env=env):
                status, output, errors = run(*args, env=env)
                self.assertEqual((status, output), (2, ""))
                self.assertEqual(errors.count("\n"), 1)
                for word in words:
                    self.assertIn(word, errors)

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = str(other.getsockname()[1])
            status, _, errors = run("--port", port)
        self.assertEqual(status, 2)
        self.assertIn(port, errors)
        self.assertIn("--port", errors)

    def test_directory_in_use(self):
        with tempfile.TemporaryDirectory() as folder, support.Stepd(args=["--data", folder]):
            status, _, errors = run("--port", "0", "--data", folder)
            self.assertEqual(status, 2)
            self.assertIn(folder, errors)

    def test_data_survives(self):
        with tempfile.TemporaryDirectory() as folder:
            with support.Stepd(args=["--data", folder]) as server:
                arn = server.create("a")
                said = server.client().describe_state_machine(stateMachineArn=arn)
            with support.Stepd(args=["--data", folder]) as server:
                again = server.client().describe_state_machine(stateMachineArn=arn)
        for answer in (said, again):
            answer.pop("ResponseMetadata")
        self.assertEqual(said, again)

    def test_request_log(self):
        with support.Stepd(args=["--log", "requests"]) as server:
            server.call("ListStateMachines", {"maxResults": 1})
            support.wait_for(lambda: any("ListStateMachines <=" in line for line in server.lines))
            text = "".join(server.lines)
            self.assertRegex(text, "(?m)^" + STAMP + r'ListStateMachines => \{"maxResults": 1\}$')
            self.assertRegex(text, "(?m)^" + STAMP + r'\[200\] ListStateMachines <= \{"stateMachines":\[\]\}$')
        with support.Stepd() as server:
            server.call("ListStateMachines")
            self.assertNotIn("ListStateMachines", "".join(server.lines))

    def test_ends_at_once(self):
        with support.Stepd() as server:
            idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
            idle[0].sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
            time.sleep(0.1)
            begun = time.monotonic()
            server.stop()
            self.assertLess(time.monotonic() - begun, 5)
            for connection in idle:
                connection.close()

    def test_unsupported_mock_file_is_said(self):
        with support.Stepd(env={"SFN_MOCK_CONFIG": os.devnull}) as server:
            self.assertIn("SFN_MOCK_CONFIG", server.errors())


if __name__ == "__main__":
    unittest.main()
