#!/usr/bin/env python3
"""lint.layers: who may include whom. asl <- engine <- mockservices, api; inside asl: base <- json <- path <- machine <-
step; outside libraries only where they belong. Tests may include anything."""
import re

import csource

# Module: the modules whose headers it may include.
MODULES = {
    "asl": {"asl"},
    "engine": {"asl", "engine"},
    "mockservices": {"asl", "engine", "mockservices"},
    "api": {"asl", "engine", "api"},
}
# File: what it may include beyond its module's. main.c puts the program together.
MORE_MODULES = {
    "api/src/main.c": {"mockservices"},
}
# Outside header (a prefix): the files or folders that may include it.
LIBRARIES = {
    "pcre2": ("asl/src/jsonata/", "asl/src/path/"),
    "openssl/": ("asl/src/base/",),
    "sqlite3": ("engine/src/",),
    "curl/": ("mockservices/src/",),
    "microhttpd": ("api/src/",),
    "cjson/": ("mockservices/src/", "api/src/"),
    "cJSON": ("mockservices/src/", "api/src/"),
}
# Area of asl: those whose private headers it may include.
AREAS = {
    "base": {"base"},
    "json": {"base", "json"},
    "path": {"base", "json", "path"},
    "jsonata": {"base", "json", "jsonata"},
    "machine": {"base", "json", "path", "jsonata", "machine"},
    "step": {"base", "json", "path", "jsonata", "machine", "step"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)


def problem_of(path, quote, header):
    """Why this file may not include this header, or None."""
    parts, module = path.split("/"), path.split("/")[0]
    first = header.split("/")[0]
    allowed = MODULES[module] | MORE_MODULES.get(path, set())
    if first in MODULES and "/" in header and first not in allowed:
        return "%s must not see %s" % (module, first)
    if quote == '"' and ".." in header.split("/"):
        return "no .. in an include"
    for prefix, places in LIBRARIES.items():
        if quote == "<" and header.startswith(prefix) and not path.startswith(places):
            return "%s is not for this file" % header
    if module == "asl" and parts[1] == "src" and quote == '"':
        area = re.match(r"(?:.*/)?(\w+?)_int\.h$", header)
        if area and area.group(1) in AREAS and area.group(1) not in AREAS[parts[2]]:
            return "%s must not see the inside of %s" % (parts[2], area.group(1))
    return None


problems = []
for path in csource.files(csource.MODULES):
    text = csource.code_only(csource.read(path), keep_strings=True)
    for match in INCLUDE.finditer(text):
        why = problem_of(path, match.group(1), match.group(2))
        if why:
            line = text.count("\n", 0, match.start(2)) + 1
            problems.append("%s:%d: #include %s: %s" % (path, line, match.group(2), why))
csource.finish("layers", problems)
