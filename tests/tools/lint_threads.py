#!/usr/bin/env python3
"""lint.threads: threads and atomics are used in the files of threads_allowed.txt only; a file that is listed there and
doesn't use them is a problem too."""
import re

import csource

LIST = "tests/tools/threads_allowed.txt"
USE = re.compile(r"\bpthread_\w+|\b_Atomic\b|\batomic_\w+\s*\(|#\s*include\s*<(?:pthread|stdatomic|threads)\.h>")

allowed = {line.split("#")[0].strip(): False for line in csource.read(LIST).splitlines()}
allowed.pop("", None)
problems = []
for path in csource.files(csource.MODULES):
    code = csource.code_only(csource.read(path))
    match = USE.search(code)
    if not match:
        continue
    if path in allowed:
        allowed[path] = True
        continue
    line = code.count("\n", 0, match.start()) + 1
    problems.append("%s:%d: %s: not in %s" % (path, line, match.group(0), LIST))
problems += ["%s: %s uses no thread and no atomic" % (LIST, path) for path, used in allowed.items() if not used]
csource.finish("threads", problems)
