#!/usr/bin/env python3
"""lint.words: no unfinished business and no path of somebody's machine in what is published."""
import re
import subprocess

import csource

FORBIDDEN = [
    (re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b"), "unfinished"),
    (re.compile(r"(?<![\w.$}/])/(?:home|work|root|Users|mnt|srv)/[\w.-]+"), "a path of one machine"),
    (re.compile(r"[ \t]+$"), "blanks at the end of the line"),
]
ENDINGS = (".c", ".h", ".py", ".sh", ".md", ".txt", ".json", ".yml", ".cmake")

listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=csource.ROOT,
                        capture_output=True, text=True, check=False)
paths = sorted(listed.stdout.splitlines()) if listed.returncode == 0 else list(csource.files())
problems = []
for path in paths:
    if not path.endswith(ENDINGS) or path.startswith("tests/cases/") or path.startswith("tests/fuzz/seeds/"):
        continue
    try:
        lines = csource.read(path).split("\n")
    except (FileNotFoundError, UnicodeDecodeError):
        continue
    for number, line in enumerate(lines, 1):
        for pattern, why in FORBIDDEN:
            match = pattern.search(line)
            if match:
                problems.append("%s:%d: %s: %r" % (path, number, why, match.group(0)))
csource.finish("words", problems)
