#!/bin/sh
# tests/conformance/run.sh STEPD [--update] - runs the recorded cases of ../shared/conformance against a fresh stepd and
# compares with the baseline tests/conformance/recorded.known: the cases that are known to fail. A new failure and an
# unexpected pass both fail. --update writes the baseline anew, keeping the reasons. Status 77: the cases aren't here.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cases=$root/../shared/conformance
python=${STEPD_PYTHON:-python3}
export STEPD="${1:-$root/build/release/stepd}"
if [ ! -f "$cases/run_case.py" ]; then
    echo "SKIPPED: no recorded cases at ../shared/conformance"
    exit 77
fi
if ! "$python" -c 'import boto3' 2>/dev/null; then
    echo "SKIPPED: the recorded cases are run through boto3, which is not installed"
    exit 77
fi
# What stepd is meant to run. Left out: those that need another configuration (mock), a log service, or TestState.
kinds=execution,api,callback,activity,express
STEPD_ROOT=$root
. "$root/samples/lib.sh"
work=$(mktemp -d) || exit 1
unset ENDPOINT
lambda_port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
stepd_start --lambda-endpoint "http://127.0.0.1:$lambda_port" || exit 1
trap 'stepd_stop; rm -rf "$work"' EXIT
"$python" -B "$cases/run_case.py" --quiet --endpoint "$ENDPOINT" --lambda "port:$lambda_port" --kind "$kinds" \
    --services sqs,sns,dynamodb,events --ignore-sdk-metadata --json "$work/results.json" >"$work/output" 2>&1
tail -n 1 "$work/output"
if [ ! -s "$work/results.json" ]; then
    tail -n 30 "$work/output"
    exit 1
fi
if ! kill -0 "$STEPD_PID" 2>/dev/null; then
    echo "stepd died; it said:"
    tail -n 50 "$STEPD_LOG_DIR/err"
    exit 1
fi
"$python" -B "$here/compare.py" "$here/recorded.known" "$work/results.json" "${2:-}"
