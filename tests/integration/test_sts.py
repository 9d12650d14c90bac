"""STS: who am I?"""
import unittest

import aws_cli
import support


class StsTest(unittest.TestCase):
    def test_account_is_the_access_keys_or_the_servers(self):
        with support.Stepd() as server:
            self.assertEqual(server.client("sts").get_caller_identity()["Account"], "123456789012")
            other = server.client("sts", access_key="111122223333").get_caller_identity()
            self.assertEqual((other["Account"], other["Arn"]), ("111122223333", "arn:aws:iam::111122223333:root"))
            for tool in aws_cli.tools():
                with self.subTest(tool=tool):
                    said = aws_cli.run(tool, server, "sts", "get-caller-identity")
                    self.assertEqual(said["Account"], "123456789012")


if __name__ == "__main__":
    unittest.main()
