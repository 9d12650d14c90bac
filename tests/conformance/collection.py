"""Validates the definitions of AWS's collection of workflows: stepd has to accept whatever AWS does.

    STEPD_WORKFLOWS_COLLECTION=<a clone of aws-samples/step-functions-workflows-collection> python3 collection.py
    STEPD_FETCH=1 python3 collection.py    clones it for this run

Definitions are *.asl.json, *.asl.yaml (where Python reads YAML) and other JSON files with StartAt and States. The
placeholders that a deployment replaces, ${Name}, become values of their kind. Status 0: all were accepted; 1: some
weren't, or there are none; 77: there is no collection here."""
import json
import os
import re
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    yaml = None

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("STEPD_BINARY") or os.path.join(ROOT, "build", "release", "stepd")
COLLECTION = "https://github.com/aws-samples/step-functions-workflows-collection"
FETCH_SECONDS = 60
AT_ONCE = 50
SKIPPED = 77
# "${...}" whole and outside of strings, where a number or a literal will stand.
BARE = re.compile(r'"(?:[^"\\]|\\.)*"|\$\{[\w.:-]+\}')
PLACEHOLDER = re.compile(r"\$\{([\w.:-]+)\}")
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "123456789012"}
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:substituted"
ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:substituted"
# A Resource that is a placeholder and an ending.
JOBS = {".sync": "arn:aws:states:::batch:submitJob.sync", ".sync:2": "arn:aws:states:::states:startExecution.sync:2",
        ".waitForTaskToken": "arn:aws:states:::ecs:runTask.waitForTaskToken"}


def placeholder(found):
    name = found.group(1)
    if name in PSEUDO:
        return PSEUDO[name]
    return FUNCTION if "arn" in name.lower() else "substituted"


def resource(text):
    begin = PLACEHOLDER.match(text)
    if begin is None or begin.group(1) in PSEUDO:
        return PLACEHOLDER.sub(placeholder, text)
    if begin.end() < len(text):
        return JOBS.get(text[begin.end():], PLACEHOLDER.sub(placeholder, text))
    return ACTIVITY if "activity" in text.lower() else FUNCTION


def substituted(value, key=""):
    """The value as a deployment would leave it."""
    if isinstance(value, dict):
        return {substituted(name): substituted(member, name) for name, member in value.items()}
    if isinstance(value, list):
        return [substituted(item) for item in value]
    if isinstance(value, str):
        return resource(value) if key == "Resource" else PLACEHOLDER.sub(placeholder, value)
    return value


def definition_in(path):
    """The text of the definition in the file, or None when it holds something else."""
    with open(path, encoding="utf-8-sig") as file:
        text = file.read()
    named = path.endswith((".asl.json", ".asl.yaml", ".asl.yml"))
    if path.endswith(".json"):
        text = BARE.sub(lambda found: found.group(0) if found.group(0)[0] == '"' else "1", text)
    try:
        value = json.loads(text) if path.endswith(".json") else yaml.safe_load(text)
    except (ValueError, RecursionError):
        return text if named else None
    if not named and not (isinstance(value, dict) and {"StartAt", "States"} <= value.keys()):
        return None
    return json.dumps(substituted(value))


def definitions_of(root):
    endings = (".json", ".asl.yaml", ".asl.yml") if yaml else (".json",)
    for directory, below, names in os.walk(root):
        below[:] = sorted(set(below) - {".git", "node_modules"})
        for name in sorted(names):
            path = os.path.join(directory, name)
            text = definition_in(path) if name.endswith(endings) else None
            if text is not None:
                yield os.path.relpath(path, root), text


def errors_of(texts, work):
    """The errors of each text."""
    names = ["%d.json" % i for i in range(len(texts))]
    for name, text in zip(names, texts):
        with open(os.path.join(work, name), "w", encoding="utf-8") as file:
            file.write(text)
    done = subprocess.run([BINARY, "validate", "--format", "json", *names], cwd=work, capture_output=True, text=True,
                          check=False)
    if done.returncode not in (0, 1):
        sys.exit("stepd validate: status %d: %s" % (done.returncode, done.stderr))
    said = {answer["file"]: answer["diagnostics"] for answer in json.loads(done.stdout)}
    return [[found for found in said[name] if found["severity"] == "ERROR"] for name in names]


def validate(root):
    found = list(definitions_of(root))
    refused = 0
    with tempfile.TemporaryDirectory() as work:
        for begin in range(0, len(found), AT_ONCE):
            part = found[begin:begin + AT_ONCE]
            for (path, _), errors in zip(part, errors_of([text for _, text in part], work)):
                refused += bool(errors)
                for error in errors:
                    print("%s: %s at %s: %s" % (path, error["code"], error.get("location", "/"), error["message"]))
    print("%d definitions, %d refused%s" % (len(found), refused, "" if yaml else "; YAML can't be read here"))
    return 0 if found and refused == 0 else 1


def fetch(directory):
    """Clones the collection. Returns why it couldn't, or None."""
    try:
        done = subprocess.run(["git", "clone", "--quiet", "--depth", "1", COLLECTION, directory], capture_output=True,
                              text=True, check=False, timeout=FETCH_SECONDS, stdin=subprocess.DEVNULL,
                              env=dict(os.environ, GIT_TERMINAL_PROMPT="0"))
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stderr.strip() or "git failed") if done.returncode != 0 else None


def main():
    root = os.environ.get("STEPD_WORKFLOWS_COLLECTION")
    if root:
        return validate(root)
    if os.environ.get("STEPD_FETCH") != "1":
        print("SKIPPED: STEPD_WORKFLOWS_COLLECTION names no collection, and STEPD_FETCH isn't 1")
        return SKIPPED
    with tempfile.TemporaryDirectory() as work:
        directory = os.path.join(work, "collection")
        why = fetch(directory)
        if why is not None:
            print("SKIPPED: the collection can't be fetched: " + why)
            return SKIPPED
        return validate(directory)


if __name__ == "__main__":
    sys.exit(main())
