#!/bin/sh
# spec_report.sh - the rules of cases/spec_ids_*.txt beside the cases that prove them: ids without a case, and ids in
# cases or in [SPEC ...] tags of the code that no list knows. Nothing is said when there is no gap.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

sed -n 's/^\([a-z][a-z0-9.-]*\) *|.*/\1/p' tests/cases/spec_ids_*.txt | sort -u >"$work/listed"
{
    grep -rhoE '"spec": *"[^"]*"' tests/cases --include='*.json' | sed 's/.*: *"\(.*\)"/\1/' | tr ' ' '\n'
    grep -rhoE '\[SPEC [^]]*\]' tests/cases tests/unit tests/integration | sed 's/\[SPEC \(.*\)\]/\1/' | tr ' ' '\n'
} | grep -E '^[a-z]' | sort -u >"$work/proved"
grep -rhoE '\[SPEC [^]]*\]' asl engine mockservices api --include='*.[ch]' |
    sed 's/\[SPEC \(.*\)\]/\1/' | tr ' ,' '\n\n' | grep -E '^[a-z]' | sort -u >"$work/coded"

status=0
report()
{
    if [ -s "$2" ]; then
        sed "s/^/$1: /" "$2"
        status=1
    fi
}
comm -23 "$work/listed" "$work/proved" >"$work/unproved"
comm -13 "$work/listed" "$work/proved" >"$work/unlisted_case"
comm -13 "$work/listed" "$work/coded" >"$work/unlisted_code"
report "no case" "$work/unproved"
report "a case's id that no list knows" "$work/unlisted_case"
report "the code's id that no list knows" "$work/unlisted_code"
exit $status
