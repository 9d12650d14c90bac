#!/bin/sh
# tests/jsonata/differential.sh [STEPD] [--cases N] [--seeds N] [--first-seed N] [--profiles "full sfn text call path syntax"]
#
# Random expressions, answered by the reference implementation in Node and by `stepd jsonata --batch`, must have the same
# answers. Profiles: full and sfn are made by ../shared/jsonata-suite/gen.mjs; the others by the generators here: text
# (pictures, dates, regular expressions, URLs), call (every built-in function with arguments of every kind), path (paths
# without regard to types), syntax (tokens, damaged expressions, signatures); there an error's message, position and token
# must be the same too. Prints each difference, and ends with "N passed, N failed". What the reference itself gets wrong is
# counted apart: mended.mjs says what that is.
# Status 77: node, npm or the generator isn't here. The reference is installed below build/ once.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
stepd=$root/build/release/stepd
cases=1000
seeds=2
first=1
profiles="full sfn text call path syntax"
while [ $# -gt 0 ]; do
    case $1 in
    --cases) cases=$2 && shift 2 ;;
    --seeds) seeds=$2 && shift 2 ;;
    --first-seed) first=$2 && shift 2 ;;
    --profiles) profiles=$2 && shift 2 ;;
    -*) echo "differential.sh: no such option: $1" >&2 && exit 2 ;;
    *) stepd=$1 && shift ;;
    esac
done
for tool in node npm; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "SKIPPED: the reference needs $tool"
        exit 77
    fi
done
generator=$root/../shared/jsonata-suite/gen.mjs
if [ ! -f "$generator" ]; then
    echo "NOTE: no generator at ../shared/jsonata-suite; the profiles full and sfn are left out"
    profiles="text call path syntax"
fi
if [ ! -x "$stepd" ]; then
    echo "differential.sh: no program at $stepd" >&2
    exit 2
fi

# The generator looks for the reference beside itself.
work=$root/build/jsonata
mkdir -p "$work/ref" || exit 1
if [ ! -d "$work/ref/node_modules/jsonata" ] &&
    ! npm --prefix "$work/ref" install --no-audit --no-fund --loglevel=error jsonata@2.2.2 >"$work/npm.log" 2>&1; then
    tail -n 5 "$work/npm.log"
    echo "SKIPPED: npm couldn't install the reference"
    exit 77
fi
[ ! -f "$generator" ] || cp "$generator" "$work/gen.mjs" || exit 1

run=$(mktemp -d) || exit 1
trap 'rm -rf "$run"' EXIT
for profile in $profiles; do
    seed=$first
    while [ "$seed" -lt $((first + seeds)) ]; do
        out=$run/$profile-$seed.jsonl
        if [ -f "$here/${profile}_cases.mjs" ]; then
            node "$here/${profile}_cases.mjs" --reference "$work/ref" --seed "$seed" --count "$cases" --out "$out"
        else
            TZ=UTC node "$work/gen.mjs" --seed "$seed" --count "$cases" --profile "$profile" --no206 --out "$out"
        fi >"$run/log" 2>&1
        if [ ! -s "$out" ]; then
            tail -n 20 "$run/log"
            echo "differential.sh: no cases for profile $profile, seed $seed" >&2
            exit 1
        fi
        seed=$((seed + 1))
    done
done
node "$here/compare.mjs" "$stepd" "$work/ref" "$run"/*.jsonl
