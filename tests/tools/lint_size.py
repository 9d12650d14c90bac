#!/usr/bin/env python3
"""lint.size: a .c file has 600 lines at most, a header 250 lines of code (comments and blanks not counted), a function
80 lines. Parameters and nesting are clang-tidy's."""
import csource

SOURCE_LINES, HEADER_LINES, FUNCTION_LINES = 600, 250, 80


def functions(lines):
    """Yields (first line, number of lines) per function: its braces stand alone in the first column."""
    start = None
    for number, line in enumerate(lines, 1):
        if line.rstrip() == "{":
            start = number
        elif line.startswith("}") and start is not None:
            yield start, number - start - 1
            start = None


problems = []
for path in csource.files():
    code = csource.code_only(csource.read(path)).split("\n")
    if path.endswith(".h"):
        count = sum(1 for line in code if line.strip())
        if count > HEADER_LINES:
            problems.append("%s: %d lines of code, limit %d" % (path, count, HEADER_LINES))
    elif len(code) - 1 > SOURCE_LINES:
        problems.append("%s: %d lines, limit %d" % (path, len(code) - 1, SOURCE_LINES))
    for start, count in functions(code):
        if count > FUNCTION_LINES:
            problems.append("%s:%d: function of %d lines, limit %d" % (path, start, count, FUNCTION_LINES))
csource.finish("size", problems)
