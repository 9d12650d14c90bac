#!/usr/bin/env python3
"""lint.banned: functions that must not be called. An exception stands on the line of the call or on the line before it,

    /* lint: allow NAME - reason */

and an exception that nothing uses is a problem too."""
import re

import csource

BANNED = {
    "strcpy": "asl_buf", "strcat": "asl_buf", "sprintf": "snprintf or asl_buf", "vsprintf": "vsnprintf",
    "strtok": "asl_str", "atoi": "asl_num_parse", "atol": "asl_num_parse", "atof": "asl_num_parse",
    "strtol": "asl_num_parse", "gets": "fgets", "localtime": "asl_rfc3339", "gmtime": "asl_rfc3339",
    "rand": "derived ids", "srand": "derived ids", "setlocale": "nothing", "alloca": "asl_alloc",
    "strerror": "eng_errno_text", "getenv": "the options table",
}
# Read before any thread starts.
ALLOWED_IN = {"getenv": {"api/src/options.c"}}

CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))
ALLOW = re.compile(r"lint: allow (\w+) - \S")

problems = []
for path in csource.files():
    text = csource.read(path)
    allowed = {}
    for number, comment in csource.comments(text):
        match = ALLOW.search(comment)
        if match:
            allowed[number + comment.count("\n"), match.group(1)] = False
        elif "lint: allow" in comment:
            problems.append("%s:%d: write /* lint: allow NAME - reason */" % (path, number))
    for number, line in enumerate(csource.code_only(text).split("\n"), 1):
        for name in CALL.findall(line):
            if path in ALLOWED_IN.get(name, ()):
                continue
            place = next((p for p in ((number, name), (number - 1, name)) if p in allowed), None)
            if place:
                allowed[place] = True
            else:
                problems.append("%s:%d: %s is banned; use %s" % (path, number, name, BANNED[name]))
    problems += ["%s:%d: nothing uses 'lint: allow %s'" % (path, number, name)
                 for (number, name), used in allowed.items() if not used]
csource.finish("banned", problems)
