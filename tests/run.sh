#!/bin/sh
# tests/run.sh - installs what is missing, builds, and runs everything that must hold before a merge:
#
#   lint      layout, clang-tidy, cppcheck, the rules of the house
#   asan      quick tests and the fuzz drivers, 30 seconds each, under address and undefined behaviour sanitizers
#   tsan      tests labelled "threads" under the thread sanitizer
#   release   quick and full tests, against the program that users run
#
#   tests/run.sh [PART...]     only these parts; without any, all of them
#
# Soak tests and benchmarks never run here. Each part's time is printed; the last lines are ctest's summary over all
# parts. Exit status 0 only when nothing failed. JUnit files: build/results/.
set -u
cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc 2>/dev/null || echo 2)
results=$PWD/build/results
rm -rf "$results"
mkdir -p "$results"
times=$results/times
failures=$results/failures
: >"$times"
: >"$failures"
if [ -z "${LC_ALL:-}" ]; then
    export LC_ALL=C.UTF-8
fi

# part NAME COMMAND... - runs one part, notes its time, and its failure when no test of its own says it.
part()
{
    part_name=$1
    shift
    part_start=$(date +%s)
    printf '\n==== %s\n' "$part_name"
    "$@"
    part_status=$?
    part_seconds=$(($(date +%s) - part_start))
    part_word=ok
    [ "$part_status" -eq 0 ] || part_word=FAILED
    printf '%-24s %5d s  %s\n' "$part_name" "$part_seconds" "$part_word" >>"$times"
    printf '==== %s: %s after %d s\n' "$part_name" "$part_word" "$part_seconds"
    return "$part_status"
}

# step NAME COMMAND... - a part without tests of its own: it counts as one test.
step()
{
    step_name=$1
    if part "$@"; then
        steps_passed=$((steps_passed + 1))
    else
        steps_failed=$((steps_failed + 1))
        echo "$step_name" >>"$failures"
        return 1
    fi
}

# quietly COMMAND... - its output only when it fails; otherwise its warnings.
quietly()
{
    quietly_log=$results/command.log
    if ! "$@" >"$quietly_log" 2>&1; then
        grep -v '^\[[0-9]*/[0-9]*\] ' "$quietly_log" | tail -n 200
        return 1
    fi
    grep -A 4 'warning:' "$quietly_log" || :
}

# build PRESET - configures and builds.
build()
{
    quietly cmake --preset "$1" -DSTEPD_PYTHON="$python" -DSTEPD_FUZZ_SECONDS=30 &&
        quietly cmake --build --preset "$1"
}

# run_tests PRESET LABELS [COMMAND...] - runs the tests of that build, through the command, and files their results.
run_tests()
{
    tests_preset=$1
    tests_labels=$2
    shift 2
    "$@" ctest --preset "$tests_preset" -L "$tests_labels" -j "$jobs" --output-on-failure --no-tests=ignore \
        --output-junit "$results/$tests_preset.xml" </dev/null
}

# tests PRESET LABELS [COMMAND...] - the part of that build; it must fail even where ctest left no results.
tests()
{
    if part "tests $1" run_tests "$@"; then
        return 0
    fi
    if ! grep -q 'status="fail"' "$results/$1.xml" 2>/dev/null; then
        steps_failed=$((steps_failed + 1))
        echo "tests $1" >>"$failures"
    fi
    return 1
}

# sanitized COMMAND... - without address space randomisation where that can be: the sanitizers of older compilers
# can't stand that of newer kernels.
sanitized()
{
    if setarch -R true 2>/dev/null; then
        setarch -R "$@"
    else
        "$@"
    fi
}

packages()
{
    ./samples/install_packages.sh build || return 1
    ./samples/install_packages.sh tests || echo "NOTE: some tests will be skipped (see above)"
    ./samples/install_packages.sh lint || echo "NOTE: some checks will be skipped (see above)"
    ./samples/install_packages.sh awscli || echo "NOTE: the tests that need the AWS CLI will be skipped"
    return 0
}

# A Python that has boto3, if there is one.
find_python()
{
    python=$(command -v python3)
    if ! "$python" -c 'import boto3' 2>/dev/null && [ -x build/venv/bin/python ]; then
        python=$PWD/build/venv/bin/python
    fi
    "$python" -c 'import boto3' 2>/dev/null || echo "SKIPPED: tests through boto3; it is not installed"
}

# attribute NAME - the sum of that number over the result files' test suites.
attribute()
{
    sed -n '/<testsuite/,/>/s/.*[[:space:]]'"$1"'="\([0-9]*\)".*/\1/p' "$results"/*.xml 2>/dev/null |
        awk '{ sum += $1 } END { print sum + 0 }'
}

# summary - each part's time, then ctest's summary over all parts.
summary()
{
    total=$(($(attribute tests) + steps_passed + steps_failed))
    failed=$(($(attribute failures) + steps_failed))
    skipped=$(($(attribute skipped) + $(attribute disabled)))
    printf '\n'
    cat "$times"
    printf '%-24s %5d s\n\n' total $(($(date +%s) - start))
    for file in "$results"/*.xml; do
        [ -e "$file" ] || continue
        sed -n 's/.*<testcase name="\([^"]*\)".*status="fail".*/\1/p' "$file" |
            sed "s/^/$(basename "$file" .xml): /" >>"$failures"
    done
    [ "$skipped" -eq 0 ] || echo "$skipped tests skipped"
    if [ -s "$failures" ]; then
        echo "The following tests FAILED:"
        sed 's/^/    /' "$failures"
    fi
    [ "$total" -gt 0 ] || total=1
    echo "$(((total - failed) * 100 / total))% tests passed, $failed tests failed out of $total"
    [ "$failed" -eq 0 ]
}

wanted()
{
    [ -z "$parts" ] && return 0
    case " $parts " in *" $1 "*) return 0 ;; esac
    return 1
}

parts=$*
steps_passed=0
steps_failed=0
start=$(date +%s)
step packages packages || {
    summary
    exit 1
}
find_python
if step 'build release' build release; then
    ! wanted lint || step lint tests/tools/lint.sh build/release
    if wanted asan && step 'build asan' build asan; then
        tests asan '^(quick|fuzz)$' sanitized
    fi
    if wanted tsan && step 'build tsan' build tsan; then
        tests tsan '^threads$' sanitized
    fi
    ! wanted release || tests release '^(quick|full)$'
fi
summary
