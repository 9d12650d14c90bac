#!/bin/sh
# run.sh [SCENARIO...] - measures stepd: one JSON line for each number that matters, compared with
# the last recorded run (last.jsonl beside this file).
#
#   STEPD_BINARY=build/release/stepd tests/bench/run.sh            all scenarios
#   tests/bench/run.sh --list                                      their names
#   tests/bench/run.sh --record                                    and keep the result as last.jsonl
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec "${STEPD_PYTHON:-python3}" -B "$here/bench.py" "$@"
