#!/usr/bin/env python3
"""compare.py BASELINE RESULTS [--update] - compares the results of a suite with the cases that are known to fail.

A baseline has one case a line; after two blanks and '# ' a reason may follow. RESULTS is JSON:
{"results": [{"id": string, "status": "PASS" | "FAIL" | "SKIP"}]}. Skipped cases are not in a baseline."""
import json
import os
import sys

SEPARATOR = "  # "


def read_baseline(path):
    """Case id -> reason."""
    known = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                case, _, reason = line.rstrip("\n").partition(SEPARATOR)
                if case and not case.startswith("# "):
                    known[case] = reason
    return known


def write_baseline(path, failed, known):
    with open(path, "w", encoding="utf-8") as out:
        out.write("# Cases that are known to fail; written by run.sh --update.\n")
        for case in sorted(failed):
            out.write(case + (SEPARATOR + known[case] if known.get(case) else "") + "\n")


def main(baseline, results, update):
    with open(results, encoding="utf-8") as text:
        status = {result["id"]: result["status"] for result in json.load(text)["results"]}
    failed = {case for case, word in status.items() if word == "FAIL"}
    known = read_baseline(baseline)
    if update:
        write_baseline(baseline, failed, known)
        print("%d known failures written" % len(failed))
        return 0
    wrong = [("new failure", case) for case in sorted(failed - set(known))]
    wrong += [("unexpected pass", case) for case in sorted(known) if status.get(case) == "PASS"]
    wrong += [("not run any more", case) for case in sorted(known) if status.get(case, "SKIP") == "SKIP"]
    for what, case in wrong:
        print("%s: %s" % (what, case))
    print("%d cases run, %d known failures, %d differences from the baseline"
          % (sum(word != "SKIP" for word in status.values()), len(known), len(wrong)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], "--update" in sys.argv[3:]))
