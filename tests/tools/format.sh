#!/bin/sh
# format.sh [--fix] - is the C code laid out as .clang-format says? With --fix, lays it out. Status 77: no clang-format 14.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tools/clang14.sh
tool=$(clang14 clang-format) || exit 77
mode='--dry-run -Werror'
[ "${1:-}" != --fix ] || mode=-i
# shellcheck disable=SC2086 # the mode is two words
find asl engine mockservices api tests -name '*.[ch]' -print0 | xargs -0 -r -n 40 "$tool" $mode
