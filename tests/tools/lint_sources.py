#!/usr/bin/env python3
"""lint.sources: files are listed in CMake, not globbed; so each file that is there must be in its list, and the reverse.

lint_sources.py --fix brings the lists of the modules in step; tests are listed by hand, because they need a label."""
import os
import re
import sys

import csource

BLOCK = {"SOURCES": "src/", "HEADERS": "include/"}


def exists(path):
    return os.path.exists(os.path.join(csource.ROOT, path))


def wanted(module, folder):
    """The files that the list must hold; main.c is the program's, not the library's."""
    ending = ".c" if folder == "src/" else ".h"
    names = (path[len(module) + 1:] for path in csource.files((module,), (ending,)))
    return [name for name in names if name.startswith(folder) and name != "src/main.c"]


def fix(module):
    path = module + "/CMakeLists.txt"
    text = csource.read(path)
    for keyword, folder in BLOCK.items():
        lines = "".join("        %s\n" % name for name in wanted(module, folder))
        text = re.sub(r"(?m)^(    %s\n)(?:        %s\S+\n)*" % (keyword, folder), lambda m: m.group(1) + lines, text)
    with open(os.path.join(csource.ROOT, path), "w", encoding="utf-8") as out:
        out.write(text)


def words(path):
    return set(re.split(r"[\s()]+", csource.read(path)))


def module_problems(module):
    path = module + "/CMakeLists.txt"
    listed = words(path)
    for folder in BLOCK.values():
        for name in wanted(module, folder):
            if name not in listed:
                yield "%s/%s: not listed in %s" % (module, name, path)
    for name in sorted(listed):
        if name.startswith(tuple(BLOCK.values())) and not exists(module + "/" + name):
            yield "%s: lists %s, which isn't there" % (path, name)


def name_of_test(path):
    """How tests/CMakeLists.txt names the file; None for a file that isn't a test."""
    for folder, prefix in (("unit/", ""), ("fuzz/", "fuzz_"), ("runners/", "run_"), ("integration/", "")):
        start = "tests/" + folder
        name = path[len(start):]
        kept = prefix or ("test_" if folder != "unit/" else "")
        if path.startswith(start) and os.path.basename(name).startswith(kept):
            return os.path.splitext(name)[0][len(prefix):]
    return None


def test_problems():
    cmake = "tests/CMakeLists.txt"
    listed = words(cmake)
    for path in csource.files(("tests",), (".c", ".py")):
        name = name_of_test(path)
        if name is not None and name not in listed:
            yield "%s: not listed in %s" % (path, cmake)
    unit_tests = "".join(csource.read(path) for path in csource.files(("tests/unit",)))
    for path in csource.files(("tests/cases",), ("",)):
        if os.path.dirname(path) == "tests/cases":
            continue  # lists of requirement ids
        if os.path.basename(path) not in listed and path[len("tests/cases/"):] not in unit_tests:
            yield "%s: no test reads it" % path


if "--fix" in sys.argv[1:]:
    for each in csource.MODULES:
        fix(each)
found = [problem for each in csource.MODULES for problem in module_problems(each)]
csource.finish("sources", found + list(test_problems()))
