"""DynamoDB: tables, items, expressions, Query and Scan."""
import decimal
import json
import tempfile
import unittest

import boto3
from botocore.exceptions import ClientError

import aws_cli
import support


def create(client, name, **keys):
    """A table whose keys are given as hash="S", range="N"."""
    kinds = {"hash": ("id", "HASH"), "range": ("sort", "RANGE")}
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": kinds[k][0], "KeyType": kinds[k][1]} for k in keys],
        AttributeDefinitions=[{"AttributeName": kinds[k][0], "AttributeType": t} for k, t in keys.items()])
    return name


class DynamoDbTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = support.Stepd()
        cls.server.start()
        cls.db = cls.server.client("dynamodb")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def table(self, **keys):
        return create(self.db, self.id().rsplit(".", 1)[1], **(keys or {"hash": "S"}))

    def refusal(self, call, **parameters):
        with self.assertRaises(ClientError) as caught:
            call(**parameters)
        error = caught.exception.response["Error"]
        return error["Code"], error["Message"]

    def get(self, table, **key):
        return self.db.get_item(TableName=table, Key=key or {"id": {"S": "1"}}).get("Item")

    def update(self, table, expression, values=None, **more):
        parameters = {"ExpressionAttributeValues": values} if values else {}
        return self.db.update_item(TableName=table, Key={"id": {"S": "1"}}, UpdateExpression=expression,
                                   **parameters, **more)

    def test_a_table_is_active_at_once(self):
        name = self.table(hash="S", range="N")
        said = self.db.describe_table(TableName=name)["Table"]
        self.assertEqual((said["TableStatus"], said["TableArn"], said["ItemCount"]),
                         ("ACTIVE", "arn:aws:dynamodb:us-east-1:123456789012:table/" + name, 0))
        self.db.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 1})
        self.assertEqual(self.refusal(create, client=self.db, name=name, hash="S"),
                         ("ResourceInUseException", "Table already exists: " + name))
        self.assertIn(name, self.db.list_tables()["TableNames"])
        self.assertEqual(self.db.delete_table(TableName=name)["TableDescription"]["TableStatus"], "DELETING")
        self.assertEqual(self.refusal(self.db.describe_table, TableName=name),
                         ("ResourceNotFoundException", "Requested resource not found: Table: %s not found" % name))

    def test_tables_are_listed_in_pages(self):
        for i in range(3):
            create(self.db, "page-%d" % i, hash="S")
        first = self.db.list_tables(ExclusiveStartTableName="page-", Limit=2)
        self.assertEqual((first["TableNames"], first["LastEvaluatedTableName"]), (["page-0", "page-1"], "page-1"))

    def test_items_of_every_type(self):
        table = self.table()
        item = {"id": {"S": "1"}, "n": {"N": "-1.50"}, "b": {"B": b"\x00\x01"}, "t": {"BOOL": True},
                "z": {"NULL": True}, "l": {"L": [{"S": ""}, {"N": "1e3"}]}, "m": {"M": {"ä": {"S": "ö"}}},
                "ss": {"SS": ["b", "a"]}, "ns": {"NS": ["2", "1.0"]}}
        self.db.put_item(TableName=table, Item=item)
        got = self.get(table)
        self.assertEqual((got["n"], got["l"]["L"][1], got["ss"], got["ns"]),
                         ({"N": "-1.5"}, {"N": "1000"}, {"SS": ["a", "b"]}, {"NS": ["1", "2"]}))
        self.assertEqual((got["b"], got["m"], got["z"]), (item["b"], item["m"], item["z"]))
        self.assertEqual(self.db.delete_item(TableName=table, Key={"id": {"S": "1"}}, ReturnValues="ALL_OLD")
                         ["Attributes"]["n"], {"N": "-1.5"})
        self.assertIsNone(self.get(table))

    def test_numbers_are_exact(self):
        table = self.table()
        resource = boto3.resource("dynamodb", endpoint_url=self.server.url, region_name=support.REGION,
                                  aws_access_key_id="test", aws_secret_access_key="test").Table(table)
        number = "12345678901234567890123456789012345678"
        resource.put_item(Item={"id": "1", "n": decimal.Decimal(number)})
        resource.update_item(Key={"id": "1"}, UpdateExpression="SET n = n + :one",
                             ExpressionAttributeValues={":one": 1})
        self.assertEqual(str(resource.get_item(Key={"id": "1"})["Item"]["n"]), number[:-1] + "9")
        self.assertEqual(self.update(table, "SET n = :a - :b", {":a": {"N": "0.1"}, ":b": {"N": "0.3"}},
                                     ReturnValues="UPDATED_NEW")["Attributes"], {"n": {"N": "-0.2"}})

    def test_update_expressions(self):
        table = self.table()
        self.update(table, "SET a = :m, l = :l", {":m": {"M": {"x": {"N": "1"}}},
                                                  ":l": {"L": [{"S": "0"}, {"S": "1"}, {"S": "2"}]}})
        self.update(table, "SET a.x = a.x + :two, a.#y = if_not_exists(a.#y, :two), l = list_append(l, :l), n = :two",
                    {":two": {"N": "2"}, ":l": {"L": [{"S": "3"}]}}, ExpressionAttributeNames={"#y": "y.z"})
        self.assertEqual(self.get(table), {
            "id": {"S": "1"}, "n": {"N": "2"}, "a": {"M": {"x": {"N": "3"}, "y.z": {"N": "2"}}},
            "l": {"L": [{"S": s} for s in "0123"]}})
        self.update(table, "REMOVE l[0], l[2], a.x ADD n :one, s :s", {":one": {"N": "1"}, ":s": {"SS": ["b", "a"]}})
        self.update(table, "DELETE s :s", {":s": {"SS": ["b", "c"]}})
        self.assertEqual(self.get(table), {
            "id": {"S": "1"}, "n": {"N": "3"}, "a": {"M": {"y.z": {"N": "2"}}}, "s": {"SS": ["a"]},
            "l": {"L": [{"S": "1"}, {"S": "3"}]}})

    def test_return_values(self):
        table = self.table()
        self.update(table, "SET a = :v, b = :v", {":v": {"S": "1"}})
        expected = {"NONE": None, "ALL_OLD": {"id": "1", "a": "1", "b": "1"}, "UPDATED_OLD": {"a": "2"},
                    "ALL_NEW": {"id": "1", "a": "4", "b": "1"}, "UPDATED_NEW": {"a": "5"}}
        for number, (what, wanted) in enumerate(expected.items()):
            got = self.update(table, "SET a = :v", {":v": {"S": str(number + 1)}}, ReturnValues=what).get("Attributes")
            self.assertEqual(got and {k: v["S"] for k, v in got.items()}, wanted, what)

    def test_conditions(self):
        table = self.table()
        self.db.put_item(TableName=table, Item={"id": {"S": "1"}, "n": {"N": "5"}, "s": {"S": "hello"},
                                                "l": {"L": [{"S": "x"}]}, "t": {"SS": ["a"]}})
        values = {":n": {"N": "5.0"}, ":h": {"S": "hel"}, ":x": {"S": "x"}, ":a": {"S": "a"}, ":t": {"S": "N"},
                  ":one": {"N": "1"}, ":ten": {"N": "10"}}
        holds = ["n = :n", "n <> :one", "NOT n < :one", "n BETWEEN :one AND :ten", "n IN (:one, :n)",
                 "attribute_exists(s) AND attribute_not_exists(q)", "begins_with(s, :h)", "contains(l, :x)",
                 "contains(t, :a)", "attribute_type(n, :t)", "size(s) = :n", "(n = :one OR n = :n) and s > :h",
                 "l[0] = :x", "missing <> :n"]
        fails = ["n = :one", "s < :h", "n = :h", "missing = :n", "size(l) > :n", "contains(s, :x)"]
        for text, expected in [(t, True) for t in holds] + [(t, False) for t in fails]:
            used = {k: v for k, v in values.items() if k in text.replace("(", " ").replace(")", " ")
                    .replace(",", " ").split()}
            with self.subTest(condition=text):
                call = {"TableName": table, "Key": {"id": {"S": "1"}}, "UpdateExpression": "SET m = :m",
                        "ConditionExpression": text, "ExpressionAttributeValues": {**used, ":m": {"S": "m"}}}
                if expected:
                    self.db.update_item(**call)
                else:
                    self.assertEqual(self.refusal(self.db.update_item, **call),
                                     ("ConditionalCheckFailedException", "The conditional request failed"))

    def test_query(self):
        table = self.table(hash="S", range="N")
        for number in ("10", "9", "-1", "2.5", "100"):
            self.db.put_item(TableName=table, Item={"id": {"S": "a"}, "sort": {"N": number}, "v": {"S": number}})
        self.db.put_item(TableName=table, Item={"id": {"S": "ab"}, "sort": {"N": "1"}})

        def query(condition, values, **more):
            got = self.db.query(TableName=table, KeyConditionExpression=condition,
                                ExpressionAttributeValues={":a": {"S": "a"}, **values}, **more)
            return [item["sort"]["N"] for item in got["Items"]], got
        self.assertEqual(query("id = :a", {})[0], ["-1", "2.5", "9", "10", "100"])
        self.assertEqual(query("id = :a", {}, ScanIndexForward=False)[0], ["100", "10", "9", "2.5", "-1"])
        self.assertEqual(query("id = :a AND sort BETWEEN :x AND :y", {":x": {"N": "2"}, ":y": {"N": "10"}})[0],
                         ["2.5", "9", "10"])
        self.assertEqual(query("sort >= :x AND id = :a", {":x": {"N": "10"}})[0], ["10", "100"])
        page, got = query("id = :a", {}, Limit=2)
        self.assertEqual((page, got["LastEvaluatedKey"]), (["-1", "2.5"], {"id": {"S": "a"}, "sort": {"N": "2.5"}}))
        page, got = query("id = :a", {}, ExclusiveStartKey=got["LastEvaluatedKey"])
        self.assertEqual(page, ["9", "10", "100"])
        _, got = query("id = :a", {":v": {"S": "9"}}, FilterExpression="v = :v", ProjectionExpression="v, sort")
        self.assertEqual((got["Items"], got["Count"], got["ScannedCount"]),
                         ([{"v": {"S": "9"}, "sort": {"N": "9"}}], 1, 5))
        self.assertEqual(self.db.query(TableName=table, KeyConditionExpression="id = :a", Select="COUNT",
                                       ExpressionAttributeValues={":a": {"S": "a"}})["Count"], 5)

    def test_query_by_text_prefix(self):
        table = self.table(hash="S", range="S")
        for text in ("2024-01", "2024-02", "2025-01", "ä"):
            self.db.put_item(TableName=table, Item={"id": {"S": "a"}, "sort": {"S": text}})
        got = self.db.query(TableName=table, KeyConditionExpression="id = :a AND begins_with(sort, :p)",
                            ExpressionAttributeValues={":a": {"S": "a"}, ":p": {"S": "2024"}})
        self.assertEqual([i["sort"]["S"] for i in got["Items"]], ["2024-01", "2024-02"])

    def test_scan_pages_and_filters(self):
        table = self.table()
        for i in range(25):
            self.db.put_item(TableName=table, Item={"id": {"S": str(i)}, "n": {"N": str(i)}})
        seen, start = [], {}
        while True:
            page = self.db.scan(TableName=table, Limit=10, **start)
            seen += [i["id"]["S"] for i in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        self.assertEqual(sorted(seen, key=int), [str(i) for i in range(25)])
        got = self.db.scan(TableName=table, FilterExpression="n > :n", ExpressionAttributeValues={":n": {"N": "20"}})
        self.assertEqual((got["Count"], got["ScannedCount"]), (4, 25))

    def test_faults(self):
        table = self.table()
        key = {"TableName": table, "Key": {"id": {"S": "1"}}}
        ghost = {"TableName": "ghost", "Key": {"id": {"S": "1"}}}
        cases = [
            (self.db.get_item, ghost, "ResourceNotFoundException", "Requested resource not found"),
            (self.db.get_item, {"TableName": table, "Key": {"x": {"S": "1"}}}, "ValidationException",
             "The provided key element does not match the schema"),
            (self.db.put_item, {"TableName": table, "Item": {"id": {"N": "1"}}}, "ValidationException",
             "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N"),
            (self.db.put_item, {"TableName": table, "Item": {"x": {"N": "1"}}}, "ValidationException",
             "One or more parameter values were invalid: Missing the key id in the item"),
            (self.db.put_item, {"TableName": table, "Item": {"id": {"S": "1"}, "n": {"N": "abc"}}},
             "ValidationException", "The parameter cannot be converted to a numeric value: abc"),
            (self.db.update_item, {**key, "UpdateExpression": "SET id = :v",
                                   "ExpressionAttributeValues": {":v": {"S": "2"}}}, "ValidationException",
             "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"),
            (self.db.update_item, {**key, "UpdateExpression": "SET a = :v"}, "ValidationException",
             "Invalid UpdateExpression: An expression attribute value used in expression is not defined; "
             "attribute value: :v"),
            (self.db.update_item, {**key, "UpdateExpression": "SET a.b = :v",
                                   "ExpressionAttributeValues": {":v": {"S": "2"}}}, "ValidationException",
             "The document path provided in the update expression is invalid for update"),
            (self.db.update_item, {**key, "UpdateExpression": "SET #a = :v",
                                   "ExpressionAttributeValues": {":v": {"S": "2"}}}, "ValidationException",
             "Invalid UpdateExpression: An expression attribute name used in the document path is not defined; "
             "attribute name: #a"),
            (self.db.update_item, {**key, "UpdateExpression": "SET a = b + :v",
                                   "ExpressionAttributeValues": {":v": {"N": "2"}}}, "ValidationException",
             "The provided expression refers to an attribute that does not exist in the item"),
            (self.db.update_item, {**key, "UpdateExpression": "SET a = :v",
                                   "ExpressionAttributeValues": {":v": {"N": "2"}, ":w": {"N": "2"}}},
             "ValidationException",
             "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}"),
            (self.db.query, {"TableName": table, "KeyConditionExpression": "x = :v",
                             "ExpressionAttributeValues": {":v": {"S": "1"}}}, "ValidationException",
             "Query key condition not supported"),
        ]
        for call, parameters, code, message in cases:
            with self.subTest(message=message):
                self.assertEqual(self.refusal(call, **parameters), (code, message))
        code, message = self.refusal(self.db.put_item, TableName=table, Item={"id": {"S": "1"}},
                                     ConditionExpression="id = = id")
        self.assertEqual(code, "ValidationException")
        self.assertIn('Invalid ConditionExpression: Syntax error; token: "="', message)
        self.assertEqual(self.refusal(self.db.batch_get_item, RequestItems={table: {"Keys": [{"id": {"S": "1"}}]}})[0],
                         "UnknownOperationException")

    def test_deep_and_wide_expressions_are_refused(self):
        table = self.table()
        for text in ("(" * 500 + "id = id" + ")" * 500, "NOT " * 500 + "id = id", " OR ".join(["id = id"] * 400)):
            with self.subTest(text=text[:20]):
                self.assertEqual(self.refusal(self.db.put_item, TableName=table, Item={"id": {"S": "1"}},
                                              ConditionExpression=text)[0], "ValidationException")

    def test_command_line_tools(self):
        for number, tool in enumerate(aws_cli.tools()):
            with self.subTest(tool=tool):
                name = "cli-%d" % number
                aws_cli.run(tool, self.server, "dynamodb", "create-table", "--table-name", name, "--key-schema",
                            "AttributeName=id,KeyType=HASH", "--attribute-definitions",
                            "AttributeName=id,AttributeType=S", "--billing-mode", "PAY_PER_REQUEST")
                aws_cli.run(tool, self.server, "dynamodb", "put-item", "--table-name", name, "--item",
                            json.dumps({"id": {"S": "1"}, "n": {"N": "1"}}))
                got = aws_cli.run(tool, self.server, "dynamodb", "get-item", "--table-name", name, "--key",
                                  json.dumps({"id": {"S": "1"}}))
                self.assertEqual(got["Item"]["n"], {"N": "1"})
                failed = aws_cli.run(tool, self.server, "dynamodb", "get-item", "--table-name", "ghost", "--key",
                                     "{}", check=False)
                self.assertIn("(ResourceNotFoundException)", failed.stderr)


class DynamoDbRestartTest(unittest.TestCase):
    def test_items_survive_a_crash(self):
        with tempfile.TemporaryDirectory() as directory:
            server = support.Stepd(args=["--data", directory])
            server.start()
            db = server.client("dynamodb")
            create(db, "kept", hash="S", range="N")
            for i in range(20):
                db.put_item(TableName="kept", Item={"id": {"S": "a\0b"}, "sort": {"N": str(i)}})
            db.delete_item(TableName="kept", Key={"id": {"S": "a\0b"}, "sort": {"N": "3"}})
            server.kill()
            with support.Stepd(args=["--data", directory]) as again:
                got = again.client("dynamodb").query(
                    TableName="kept", KeyConditionExpression="id = :a", ExpressionAttributeValues={":a": {"S": "a\0b"}})
                self.assertEqual([i["sort"]["N"] for i in got["Items"]], [str(i) for i in range(20) if i != 3])


if __name__ == "__main__":
    unittest.main()
