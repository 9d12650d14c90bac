#!/bin/sh
# lint.sh BUILD_DIRECTORY - every rule: layout, clang-tidy, cppcheck, and the lint.* tests of that build.
# A tool that isn't there is skipped aloud. The last line is "N checks passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tools/clang14.sh
build=${1:?usage: lint.sh BUILD_DIRECTORY}
passed=0
failed=0
skipped=0

check()
{
    name=$1
    shift
    "$@"
    code=$?
    case $code in
    0) passed=$((passed + 1)) ;;
    77)
        skipped=$((skipped + 1))
        echo "$name: SKIPPED"
        return
        ;;
    *)
        failed=$((failed + 1))
        echo "$name: FAILED"
        return
        ;;
    esac
    echo "$name: ok"
}

tidy()
{
    tool=$(clang14 clang-tidy) || return 77
    compiler=$(command -v clang-14 || command -v clang) || {
        echo "no clang" >&2
        return 77
    }
    cmake --preset clang -DCMAKE_C_COMPILER="$compiler" >build/clang.log 2>&1 || {
        cat build/clang.log
        return 1
    }
    python3 -B tests/tools/tidy.py "$tool" build/clang "$compiler"
}

static_check()
{
    command -v cppcheck >/dev/null 2>&1 || return 77
    mkdir -p build/cppcheck
    # missingReturn is the compiler's: cppcheck doesn't know ASL_UNREACHABLE.
    cppcheck --quiet --std=c11 --library=gnu --enable=warning,performance,portability --inline-suppr \
        --error-exitcode=1 -j "$(nproc)" --cppcheck-build-dir=build/cppcheck \
        --suppressions-list=tests/tools/cppcheck.txt -D_POSIX_C_SOURCE=200809L \
        -Iasl/include -Iengine/include -Imockservices/include -Iapi/include \
        -Iasl/src -Iengine/src -Imockservices/src -Iapi/src asl engine mockservices api
}

house_rules()
{
    ctest --test-dir "$build" -L '^lint$' --output-on-failure -j "$(nproc)"
}

mkdir -p build
check format tests/tools/format.sh
check clang-tidy tidy
check cppcheck static_check
check rules house_rules
echo "$passed checks passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
