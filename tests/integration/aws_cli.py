"""The AWS command line tools that this machine has, old and new."""
import json
import os
import shutil
import subprocess

import support

# Debian 12's speaks SQS's query protocol; newer ones speak its JSON protocol.
CANDIDATES = ("/usr/bin/aws", shutil.which("aws"))


def tools():
    """Paths of the different command line tools, each once."""
    found = []
    for path in CANDIDATES:
        if path and os.path.exists(path) and path not in found:
            found.append(path)
    return found


def run(tool, server, *words, check=True):
    """The parsed output of `aws WORDS` against the server; with check=False the finished process."""
    environment = support.clean_environment({
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PAGER": "",
        "AWS_DEFAULT_REGION": support.REGION, "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true"})
    done = subprocess.run([tool, "--endpoint-url", server.url, "--output", "json", *words], env=environment,
                          capture_output=True, text=True, timeout=60, check=False)
    if not check:
        return done
    if done.returncode != 0:
        raise AssertionError("%s %s: %s" % (tool, " ".join(words), done.stderr))
    return json.loads(done.stdout) if done.stdout.strip() else None
