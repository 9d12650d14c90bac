"""The built-in valuation service by itself: what it answers, when and what it calls back. (How the loan application
deals with it is in test_systems.py.)"""
import json
import tempfile
import threading
import time
import unittest

import fake_http
import support

REFERENCE = r"^[A-Za-z0-9_-]{21}$"


class Valuation(unittest.TestCase):
    def setUp(self):
        self.webhook = self.enterContext(fake_http.FakeHttp(lambda request: (200, {}, b"")))

    def start(self, *more, delay="0.2"):
        return self.enterContext(support.Stepd(args=["--valuation-delay", delay, *more]))

    def ask(self, server, number="999", **changes):
        request = {"property": {"nameOrNumber": number, "postcode": "PO1 1CE"}, "callbackUrl": self.webhook.url + "/hook"}
        request.update(changes)
        text = json.dumps({name: value for name, value in request.items() if value is not None})
        status, _, body = server.request("POST", "/valuation-request", {"Content-Type": "application/json"}, text)
        return status, json.loads(body)

    def called(self, count, seconds=5):
        self.assertTrue(support.wait_for(lambda: len(self.webhook.requests) >= count, seconds))
        return [request.json() for request in self.webhook.requests]

    def test_it_answers_and_calls_back(self):
        status, answer = self.ask(self.start())
        self.assertEqual((status, list(answer)), (201, ["valuationReference"]))
        self.assertRegex(answer["valuationReference"], REFERENCE)
        self.assertEqual(self.webhook.requests, [])
        body = {"valuationReference": answer["valuationReference"], "propertyValue": 666000}
        self.assertEqual(self.called(1), [body])
        request = self.webhook.requests[0]
        self.assertEqual((request.method, request.path, request.headers["Content-Type"]),
                         ("POST", "/hook", "application/json"))

    def test_bad_requests(self):
        server = self.start(delay="0")
        for changes, word in (({"property": None}, "property"), ({"property": "x"}, "property"),
                              ({"callbackUrl": None}, "callbackUrl"), ({"callbackUrl": "x"}, "callbackUrl"),
                              ({"callbackUrl": "file:///etc/passwd"}, "callbackUrl")):
            with self.subTest(changes=changes):
                status, answer = self.ask(server, **changes)
                self.assertEqual(status, 400)
                self.assertIn(word, answer["message"])
        for body in (None, "", "{", "[]", "1"):
            self.assertEqual(server.request("POST", "/valuation-request", {}, body)[0], 400)
        self.assertEqual(self.webhook.requests, [])

    def test_error(self):
        self.assertEqual(self.ask(self.start(delay="0"), "mock-error")[0], 500)

    def test_unknown_reference(self):
        _, answer = self.ask(self.start(), "mock-unknown-reference")
        told = self.called(1)[0]["valuationReference"]
        self.assertRegex(told, REFERENCE)
        self.assertNotEqual(told, answer["valuationReference"])

    def test_twice(self):
        _, answer = self.ask(self.start(), "mock-twice")
        told = [body["valuationReference"] for body in self.called(2)]
        self.assertEqual(told, [answer["valuationReference"]] * 2)

    def test_before_it_answers(self):
        server = self.start(delay="3600")
        self.webhook.answer = lambda request: (500, {}, b"")
        _, answer = self.ask(server, "mock-before-stored")
        self.assertEqual(self.called(1)[0]["valuationReference"], answer["valuationReference"])

    def test_silence_and_late(self):
        server = self.start(delay="0.1")
        self.ask(server, "mock-no-answer")
        _, late = self.ask(server, "mock-late")
        _, normal = self.ask(server)
        told = [body["valuationReference"] for body in self.called(2)]
        self.assertEqual(told, [normal["valuationReference"], late["valuationReference"]])

    def test_a_host_that_isnt_allowed(self):
        server = self.start(delay="0")
        status, _ = self.ask(server, callbackUrl="http://valuation.example/hook")
        self.assertEqual(status, 201)
        self.assertTrue(support.wait_for(lambda: "--allow-host valuation.example" in server.errors()))

    def test_a_callback_that_a_crash_cut_off_is_made_again_soon(self):
        busy = threading.Event()
        self.addCleanup(busy.set)
        self.webhook.answer = lambda request: (busy.wait(30) and 200, {}, b"")
        with tempfile.TemporaryDirectory() as directory:
            first = self.start("--data", directory)
            _, answer = self.ask(first)
            self.called(1)
            # As long as the call is under way it isn't made twice.
            time.sleep(2.5)
            self.assertEqual(len(self.webhook.requests), 1)
            first.kill()
            busy.set()
            self.start("--data", directory)
            bodies = self.called(2, 20)
            self.assertEqual([body["valuationReference"] for body in bodies], [answer["valuationReference"]] * 2)

    def test_a_pending_answer_survives_a_crash(self):
        with tempfile.TemporaryDirectory() as data:
            first = self.start("--data", data, delay="1")
            _, answer = self.ask(first)
            first.kill()
            self.start("--data", data)
            self.assertEqual(self.called(1)[0]["valuationReference"], answer["valuationReference"])


if __name__ == "__main__":
    unittest.main()
