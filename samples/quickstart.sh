#!/bin/sh
# samples/quickstart.sh - from a fresh clone to a finished callback: installs what is missing, builds stepd, starts it
# on a free port, runs the valuation system through the AWS CLI, shows the execution's history and output, stops stepd.
# Exit status 0 only when the execution succeeded. Touches nothing outside this directory but packages.
set -eu
cd "$(dirname "$0")/.."
STEPD_ROOT=$PWD
. samples/lib.sh

step()
{
    printf '\n== %s\n' "$*"
}

# build - configures and builds; what was said is shown only when it fails.
build()
{
    build_log=$(mktemp)
    if cmake --preset release >"$build_log" 2>&1 && cmake --build --preset release >>"$build_log" 2>&1; then
        rm -f "$build_log"
        return 0
    fi
    cat "$build_log" >&2
    rm -f "$build_log"
    return 1
}

step "What is needed"
./samples/install_packages.sh build awscli
echo "All there: compiler, CMake, libraries, and the AWS CLI ($(aws_cli_path))."

step "Building build/release/stepd"
build
STEPD=$STEPD_ROOT/build/release/stepd
ls -l "$STEPD" | awk '{ printf "%s, %.1f MB\n", $NF, $5 / 1e6 }'

step "Starting stepd"
unset ENDPOINT
stepd_start --sample valuation
echo "stepd answers at $ENDPOINT (process $STEPD_PID)."

step "Running the valuation system: it asks for a valuation and waits for the callback, six seconds"
status=0
./samples/valuation/run.sh || status=$?

step "Stopping stepd"
stepd_stop
if [ "$status" -eq 0 ]; then
    echo "Done. Next: samples/valuation/README.md and docs/task-tokens.md."
else
    echo "The valuation system failed (status $status)." >&2
fi
exit "$status"
