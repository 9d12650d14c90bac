"""Databases that stepd must not start over: each is refused with one line that names the file and the way out."""
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import support  # noqa: E402

USAGE = 2
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:kept"
KEPT = 400  # executions in the database that is damaged


def make_store(directory):
    """A database with executions, and its name."""
    with support.Stepd(args=["--data", directory]) as server:
        server.call("CreateStateMachine", {"name": "kept", "definition": support.PASS, "roleArn": support.ROLE})
        for number in range(KEPT):
            server.call("StartExecution", {"stateMachineArn": MACHINE, "name": "run-%d" % number,
                                           "input": '{"pad":"%s"}' % ("x" * 500)})
    return os.path.join(directory, "stepd.db")


class BadStore(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.master = tempfile.mkdtemp(prefix="stepd-store-")
        make_store(cls.master)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.master)

    def setUp(self):
        self.directory = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "data")
        shutil.copytree(self.master, self.directory)
        self.file = os.path.join(self.directory, "stepd.db")

    def refused(self, *words, file=None):
        """stepd ends with status 2 after one line, and the file is as it was."""
        file = file or self.file
        before = self.bytes_of(file)
        ended = subprocess.run([support.BINARY, "--port", "0", "--data", self.directory], capture_output=True, text=True,
                               timeout=5, env=support.clean_environment())
        self.assertEqual(ended.returncode, USAGE, ended)
        lines = ended.stderr.splitlines()
        self.assertEqual(len(lines), 1, lines)
        for word in (file,) + words:
            self.assertIn(word, lines[0])
        self.assertNotIn("Ready", ended.stdout)
        self.assertEqual(self.bytes_of(file), before)

    @staticmethod
    def bytes_of(file):
        if not os.path.isfile(file):
            return None
        with open(file, "rb") as content:
            return content.read()

    def execute(self, statement):
        with contextlib.closing(sqlite3.connect(self.file)) as database:
            database.execute(statement)
            database.commit()

    def rewrite(self, change):
        content = bytearray(self.bytes_of(self.file))
        with open(self.file, "wb") as out:
            out.write(change(content))

    def test_it_opens_when_it_is_whole(self):
        with support.Stepd(args=["--data", self.directory]) as server:
            _, listed = server.call("ListExecutions", {"stateMachineArn": MACHINE, "maxResults": 1000})
            self.assertEqual(len(listed["executions"]), KEPT)

    def test_truncated(self):
        size = os.path.getsize(self.file)
        for kept in (size // 2, size - 4096, 5000, 100):
            with self.subTest(kept=kept):
                self.setUp()
                self.rewrite(lambda content: content[:kept])
                self.refused("restore", "move it away")

    def test_emptied(self):
        self.rewrite(lambda content: b"")
        self.refused("empty", "restore", "remove it")

    def test_not_a_database(self):
        self.rewrite(lambda content: b"Dear diary, " * 1000)
        self.refused("restore", "move it away")

    def test_header_damaged(self):
        self.rewrite(lambda content: b"\0" * 100 + content[100:])
        self.refused("restore", "move it away")

    def test_first_page_damaged(self):
        self.rewrite(lambda content: content[:100] + b"\xa5" * 3996 + content[4096:])
        self.refused("restore", "move it away")

    def test_table_gone(self):
        self.execute("DROP TABLE frame")
        self.refused("restore", "move it away")

    def test_written_by_a_newer_version(self):
        self.execute("PRAGMA user_version = 999")
        self.refused("newer", "999")

    def test_of_another_program(self):
        os.remove(self.file)
        self.execute("CREATE TABLE address(name TEXT)")
        self.refused("stepd")

    def test_second_stepd(self):
        with support.Stepd(args=["--data", self.directory]):
            self.refused("another stepd", "--data", file=self.directory)

    def test_a_lock_left_behind_by_a_crash_is_no_lock(self):
        with support.Stepd(args=["--data", self.directory], check_end=False) as server:
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
        self.test_it_opens_when_it_is_whole()

    def test_directory_that_is_a_file(self):
        shutil.rmtree(self.directory)
        with open(self.directory, "w", encoding="ascii") as file:
            file.write("x")
        self.refused("directory", file=self.directory)

    def test_directory_without_a_parent(self):
        self.directory = os.path.join(self.directory, "not", "there")
        self.refused("No such file or directory", file=self.directory)


if __name__ == "__main__":
    unittest.main()
