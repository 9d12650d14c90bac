#!/bin/sh
# samples/install_packages.sh GROUP... - makes sure that the programs and libraries of each group are there.
#
#   build    what compiles stepd
#   awscli   the AWS CLI, for the samples
#   tests    what the tests need beside that
#   lint     the checkers; version 14 of the clang tools, from the distribution or in a Python environment
#   fuzz     clang with its fuzzing runtime
#
# Says what is missing, installs it with apt-get (through sudo when not root) and is silent when all is there: then
# it needs no network. Without apt-get it names what to install and fails. This file is the one place that knows
# the names of packages.
set -u
cd "$(dirname "$0")/.." || exit 1

# probe, package. A probe is a command, a pkg-config module ("pc:") or a file ("file:").
packages_of()
{
    case $1 in
    build)
        cat <<'LIST'
cc                      gcc
file:/usr/include/stdio.h libc6-dev
cmake                   cmake
ninja                   ninja-build
pkg-config              pkg-config
pc:libmicrohttpd        libmicrohttpd-dev
pc:sqlite3              libsqlite3-dev
pc:libcjson             libcjson-dev
pc:libpcre2-8           libpcre2-dev
pc:libcurl              libcurl4-openssl-dev
pc:libcrypto            libssl-dev
LIST
        ;;
    tests)
        cat <<'LIST'
pc:cmocka               libcmocka-dev
python3                 python3
nm                      binutils
LIST
        ;;
    lint)
        cat <<'LIST'
clang                   clang
cppcheck                cppcheck
LIST
        ;;
    fuzz)
        cat <<'LIST'
clang                   clang
LIST
        ;;
    awscli) ;;
    *)
        echo "unknown group: $1 (build, awscli, tests, lint, fuzz)" >&2
        return 1
        ;;
    esac
}

have()
{
    case $1 in
    pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null ;;
    file:*) [ -e "${1#file:}" ] ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# missing GROUP - the packages of the group whose probe fails, one per line.
missing()
{
    packages_of "$1" | while read -r probe package; do
        have "$probe" || echo "$package"
    done
}

as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        echo "neither root nor sudo: run as root: $*" >&2
        return 1
    fi
}

apt_updated=

# apt_install PACKAGE... - one update per run at most; standard input is never read. Quiet unless it fails.
apt_install()
{
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "no apt-get here: install what matches these Debian packages: $*" >&2
        return 1
    fi
    echo "Installing: $*" >&2
    apt_log=$(mktemp) || return 1
    if [ -z "$apt_updated" ]; then
        as_root apt-get -q update </dev/null >"$apt_log" 2>&1 || tail -n 3 "$apt_log" >&2
        apt_updated=yes
    fi
    if as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@" \
        </dev/null >"$apt_log" 2>&1; then
        rm -f "$apt_log"
        return 0
    fi
    tail -n 15 "$apt_log" >&2
    rm -f "$apt_log"
    return 1
}

# python_install DIRECTORY REQUIREMENT... - into a virtual environment of its own under build/.
python_install()
{
    python_env=$1
    shift
    if [ ! -x "$python_env/bin/python" ] || ! "$python_env/bin/python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$python_env"
        if ! python3 -m venv "$python_env" >/dev/null 2>&1; then
            rm -rf "$python_env"
            apt_install python3-venv || return 1
            python3 -m venv "$python_env" || return 1
        fi
    fi
    echo "Installing into $python_env: $*" >&2
    "$python_env/bin/python" -m pip install -q --disable-pip-version-check "$@" </dev/null
}

# The AWS CLI: the one on PATH, else the distribution's, else from the Python package index.
install_awscli()
{
    if command -v aws >/dev/null 2>&1 || [ -x build/awscli/bin/aws ]; then
        return 0
    fi
    echo "Missing: the AWS CLI" >&2
    if apt_install awscli && command -v aws >/dev/null 2>&1; then
        return 0
    fi
    have python3 || apt_install python3 || return 1
    python_install build/awscli awscli
}

# clang_14 NAME - is exactly version 14 of the tool there, from the distribution or the Python environment?
clang_14()
{
    for candidate in "$1-14" "$1" "build/lint-tools/bin/$1"; do
        if "$candidate" --version 2>/dev/null | grep -q 'version 14\.'; then
            return 0
        fi
    done
    return 1
}

# The layout of the code must not depend on the machine, hence exactly version 14.
install_clang_14()
{
    for tool in clang-format clang-tidy; do
        clang_14 "$tool" && continue
        echo "Missing: $tool 14" >&2
        apt_install "$tool-14" 2>/dev/null && clang_14 "$tool" && continue
        python_install build/lint-tools "$tool==14.0.6" || return 1
    done
}

# boto3 for the tests that speak through a real client: the system's, else in a Python environment.
install_boto3()
{
    if python3 -c 'import boto3' 2>/dev/null || build/venv/bin/python -c 'import boto3' 2>/dev/null; then
        return 0
    fi
    echo "Missing: boto3" >&2
    python_install build/venv boto3
}

status=0
for group in "$@"; do
    lacking=$(missing "$group") || exit 1
    # shellcheck disable=SC2086 # one word per package
    if [ -n "$lacking" ]; then
        echo "Missing for $group:" $lacking >&2
        apt_install $lacking || status=1
        # pkg-config itself may have been missing, and then every module looked missing.
        lacking=$(missing "$group")
        if [ -n "$lacking" ]; then
            echo "Still missing for $group:" $lacking >&2
            status=1
        fi
    fi
    case $group in
    awscli) install_awscli || status=1 ;;
    tests) install_boto3 || status=1 ;;
    lint) install_clang_14 || status=1 ;;
    esac
done
exit "$status"
