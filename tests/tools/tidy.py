#!/usr/bin/env python3
"""tidy.py CLANG_TIDY BUILD_DIRECTORY CLANG - clang-tidy over the compile commands of a build made with that clang.

A file whose text, headers and rules are as they were when it was last found clean isn't read again."""
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys

import csource

tool, build, clang = sys.argv[1], os.path.abspath(sys.argv[2]), sys.argv[3]
options = ["-p", build, "--quiet"]
if "/build/" in tool:
    # The Python package of clang-tidy comes without the compiler's own headers (stddef.h): take clang's.
    resources = subprocess.run([clang, "-print-resource-dir"], capture_output=True, text=True, check=True).stdout.strip()
    options.append("--extra-arg=-isystem%s/include" % resources)
cache = os.path.join(build, "tidy-clean")
os.makedirs(cache, exist_ok=True)


def digest(*texts):
    total = hashlib.sha256()
    for text in texts:
        total.update(text.encode() + b"\0")
    return total.hexdigest()


headers = digest(tool, csource.read(".clang-tidy"), *(csource.read(path) for path in csource.files(endings=(".h",))))


def check(entry):
    """Returns what clang-tidy says about the file; nothing when it is clean."""
    mark = os.path.join(cache, digest(headers, entry["command"], csource.read(entry["file"])))
    if os.path.exists(mark):
        return ""
    result = subprocess.run([tool, *options, entry["file"]], capture_output=True, text=True, check=False)
    if result.returncode == 0:
        open(mark, "w", encoding="utf-8").close()
        return ""
    return result.stdout + result.stderr


with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as commands:
    entries = [entry for entry in json.load(commands)
               if entry["file"].startswith(csource.ROOT + os.sep) and not entry["file"].startswith(build)]
with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
    findings = [text for text in pool.map(check, entries) if text]
print("\n".join(findings) + "clang-tidy: %d files, %d with findings" % (len(entries), len(findings)))
sys.exit(1 if findings else 0)
