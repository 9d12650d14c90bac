"""What isn't a good request: an AWS-shaped 4xx each, and the server lives."""
import json
import socket
import threading
import unittest

import support

TARGET = "AWSStepFunctions."
JSON = "application/x-amz-json-1.0"


def raw(server, data, family=socket.AF_INET):
    """Sends bytes as they are and reads until the server closes or stays silent; (status, body)."""
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        connection.connect((host, server.port))
        connection.sendall(data)
        answer = b""
        try:
            while b"\r\n\r\n" not in answer or len(answer) < length_of(answer):
                more = connection.recv(65536)
                if not more:
                    break
                answer += more
        except (socket.timeout, ConnectionResetError):
            pass
    status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else None
    return status, answer.partition(b"\r\n\r\n")[2]


def length_of(answer):
    head, _, _ = answer.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return len(head) + 4 + int(line.split(b":")[1])
    return len(head) + 4


class BadRequests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = support.Stepd()
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def tearDown(self):
        status, answer = self.server.call("ListStateMachines")
        self.assertEqual((status, answer), (200, {"stateMachines": []}), "the server lives, nothing was written")

    def refused(self, status, body, name, expected_status=400):
        self.assertEqual(status, expected_status, body)
        answer = json.loads(body)
        self.assertEqual(answer["__type"], name)
        self.assertTrue(answer["message"])
        return answer["message"]

    def post(self, body, target="CreateStateMachine", content_type=JSON, **headers):
        said = {"Content-Type": content_type, "X-Amz-Target": TARGET + target}
        said.update({name.replace("_", "-"): value for name, value in headers.items()})
        status, _, answer = self.server.request("POST", "/", said, body)
        return status, answer

    def test_broken_http(self):
        for data in (b"garbage\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"POST\r\n\r\n", b"POST /\r\n\r\n",
                     b"POST / HTTP/9.9\r\n\r\n", b"POST / FTP/1.1\r\n\r\n", b"{\"a\": 1}\r\n\r\n",
                     b"POST / HTTP/1.1\r\nno colon here\r\n\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n"):
            with self.subTest(data=data):
                status, body = raw(self.server, data)
                self.refused(status, body, "SerializationException")

    def test_long_request_line(self):
        status, body = raw(self.server, b"POST /" + b"a" * 10000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        self.refused(status, body, "RequestUriTooLongException", 414)

    def test_long_url_on_a_used_connection(self):
        status, _, body = self.server.request("POST", "/?" + "a" * 8200)
        self.refused(status, body, "RequestUriTooLongException", 414)

    def test_long_headers(self):
        head = b"POST / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"v" * 1000) for i in range(200))
        status, _ = raw(self.server, head + b"\r\n")
        self.assertIn(status, (400, 413, 431))

    def test_half_a_request_then_gone(self):
        for data in (b"", b"PO", b"POST / HTTP/1.1\r\nHost: a\r\n",
                     b"POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\n"
                     b"Content-Length: 100\r\n\r\n{"):
            with self.subTest(data=data):
                with socket.create_connection(("127.0.0.1", self.server.port), 5) as connection:
                    connection.sendall(data)

    def test_content_type(self):
        for content_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense"):
            status, body = self.post(b"{}", "ListStateMachines", content_type)
            self.assertIn(content_type, self.refused(status, body, "UnsupportedMediaTypeException", 415))
        for content_type in ("application/x-amz-json-1.1", "application/json; charset=utf-8", "APPLICATION/JSON"):
            self.assertEqual(self.post(b"{}", "ListStateMachines", content_type)[0], 200)

    def test_bad_json(self):
        for body in (b"{", b"nope", b'{"name": }', b"[]", b'"text"', b"1", b"null", b'{"a": 1} x', b'{"a": 01}',
                     b"{'a': 1}", b'{"a": "\x01"}', b'{"a": "\xff"}', b'{"a": "\\ud800"} "', b"\xef\xbb\xbf{}"):
            with self.subTest(body=body):
                self.refused(*self.post(body), name="SerializationException")

    def test_deep_json(self):
        for body in (b"[" * 100000, b'{"a":' * 100000, b'{"tags":' + b"[" * 5000 + b"]" * 5000 + b"}"):
            self.refused(*self.post(body), name="SerializationException")

    def test_wrong_types(self):
        good = {"name": "a", "definition": "{}", "roleArn": support.ROLE}
        for member, value, text in (
                ("name", 1, "NUMBER_VALUE can not be converted to a String"),
                ("name", True, "TRUE_VALUE can not be converted to a String"),
                ("definition", {"StartAt": "S"}, "START_OBJECT can not be converted to a String"),
                ("roleArn", [], "START_ARRAY can not be converted to a String"),
                ("publish", "yes", "STRING_VALUE can not be converted to a Boolean"),
                ("tags", {}, "START_OBJECT can not be converted to a list"),
                ("tags", [1], "NUMBER_VALUE can not be converted to a structure"),
                ("tags", [None], "NULL_VALUE can not be converted to a structure"),
                ("tags", [{"key": 1}], "NUMBER_VALUE can not be converted to a String"),
                ("loggingConfiguration", "OFF", "STRING_VALUE can not be converted to a structure"),
                ("tracingConfiguration", {"enabled": "true"}, "STRING_VALUE can not be converted to a Boolean")):
            with self.subTest(member=member, value=value):
                status, body = self.post(json.dumps(dict(good, **{member: value})).encode())
                self.assertIn(text, self.refused(status, body, "SerializationException"))

    def test_body_over_the_limit(self):
        body = json.dumps({"name": "a", "definition": "x" * 3000000, "roleArn": support.ROLE}).encode()
        self.refused(*self.post(body), name="RequestEntityTooLargeException", expected_status=413)
        status, _, answer = self.server.request("POST", "/", {"X-Amz-Target": "Nobody.Asks"}, b"x" * 9000000)
        self.refused(status, answer, "RequestEntityTooLargeException", 413)

    def test_definition_over_the_limit_is_the_operations_own_refusal(self):
        body = json.dumps({"name": "a", "definition": "x" * 1048577, "roleArn": support.ROLE}).encode()
        self.assertEqual(
            self.refused(*self.post(body), name="ValidationException"),
            "1 validation error detected: Value at 'definition' failed to satisfy constraint: "
            "Member must have length less than or equal to 1048576")

    def test_unknown_targets(self):
        self.refused(*self.post(b"{}", "NoSuchOperation"), name="UnknownOperationException")
        self.refused(*self.post(b"{}", ""), name="UnknownOperationException")
        self.refused(*self.post(b"{}", "createStateMachine"), name="UnknownOperationException")
        for headers in ({"X-Amz-Target": "Nobody.Asks"}, {"X-Amz-Target": "AWSStepFunctions"}, {},
                        {"Authorization": "AWS4-HMAC-SHA256 Credential=a/b/us-east-1/nosuch/aws4_request"}):
            status, _, body = self.server.request("POST", "/", headers, b"{}")
            self.refused(status, body, "UnknownOperationException")

    def test_paths_and_methods(self):
        status, _, body = self.server.request("GET", "/nothing/here")
        self.refused(status, body, "ResourceNotFoundException", 404)
        status, _, body = self.server.request("GET", "/_stepd/nothing")
        self.refused(status, body, "ResourceNotFoundException", 404)
        status, _, body = self.server.request("GET", "/", {"X-Amz-Target": TARGET + "ListStateMachines"})
        self.refused(status, body, "MethodNotAllowedException", 405)
        status, _, body = self.server.request("POST", "/health")
        self.refused(status, body, "MethodNotAllowedException", 405)

    def test_not_built_yet(self):
        for operation in ("TestState", "RedriveExecution"):
            self.assertEqual(self.server.call(operation), (400, {
                "__type": "UnsupportedOperation",
                "message": "Unsupported Operation: '%s'. stepd does not implement it yet." % operation}))
        self.assertIn("TestState", self.server.errors())

    def test_pages_in_a_browser(self):
        host = "127.0.0.1:%d" % self.server.port
        for headers, expected in (({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
                                  ({"Origin": "http://localhost:3000"}, 200),
                                  ({"Origin": "http://localhost:3000", "Host": "evil.example"}, 403),
                                  ({"Sec-Fetch-Site": "same-origin", "Host": "127.0.0.1.evil.example"}, 403),
                                  ({"Host": "anything.example"}, 200), ({"Host": host}, 200)):
            with self.subTest(headers=headers):
                status, _, body = self.server.request("GET", "/health", headers)
                self.assertEqual(status, expected)
                if expected == 403:
                    self.refused(status, body, "AccessDeniedException", 403)

    def test_pipelined_requests_and_slow_senders(self):
        head = (b"POST / HTTP/1.1\r\nHost: a\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\n"
                b"Content-Length: 2\r\n\r\n{}")
        status, body = raw(self.server, head + head)
        self.assertEqual(status, 200)
        self.assertTrue(body.startswith(b'{"stateMachines":[]}'))
        with socket.create_connection(("127.0.0.1", self.server.port), 5) as connection:
            for byte in head:
                connection.sendall(bytes([byte]))
            self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 200"))

    def test_both_loopbacks(self):
        request = b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        for family in (socket.AF_INET, socket.AF_INET6):
            self.assertEqual(raw(self.server, request, family)[0], 200)

    def test_many_connections_at_once(self):
        statuses = []

        def ask():
            statuses.append(self.server.call("ListStateMachines")[0])

        threads = [threading.Thread(target=ask) for _ in range(200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200] * 200)


if __name__ == "__main__":
    unittest.main()
