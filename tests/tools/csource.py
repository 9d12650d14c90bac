"""What the lint scripts share: the list of our C files, and C text without its comments and strings."""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODULES = ("asl", "engine", "mockservices", "api")


def files(folders=MODULES + ("tests",), endings=(".c", ".h")):
    """Yields the paths, relative to the root, of the files below the folders, in order."""
    for folder in folders:
        for where, folders_below, names in os.walk(os.path.join(ROOT, folder)):
            folders_below.sort()
            for name in sorted(names):
                if name.endswith(endings):
                    yield os.path.relpath(os.path.join(where, name), ROOT)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as source:
        return source.read()


TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)


def code_only(text, keep_strings=False):
    """The text with comments (and strings) blanked out; every line keeps its number and every column its place."""

    def blank(match):
        token = match.group(0)
        if keep_strings and token[0] in "\"'":
            return token
        if token[0] in "\"'":
            return token[0] + " " * (len(token) - 2) + token[0]
        return re.sub(r"[^\n]", " ", token)

    return TOKEN.sub(blank, text)


def comments(text):
    """Yields (line number, comment)."""
    for match in TOKEN.finditer(text):
        if match.group(0)[0] == "/":
            yield text.count("\n", 0, match.start()) + 1, match.group(0)


def finish(rule, problems):
    """Prints the problems, one per line, and ends with the exit status that they deserve."""
    for problem in problems:
        print(problem)
    print("lint.%s: %s" % (rule, "%d problem(s)" % len(problems) if problems else "ok"))
    raise SystemExit(1 if problems else 0)
