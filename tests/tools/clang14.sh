# clang14.sh - sourced: clang14 NAME prints the path of version 14 of a clang tool, or fails.
# Exactly version 14, so that layout and findings don't depend on the machine; samples/install_packages.sh gets it.

clang14()
{
    for candidate in "$1-14" "$1" "build/lint-tools/bin/$1"; do
        if "$candidate" --version 2>/dev/null | grep -q 'version 14\.'; then
            command -v "$candidate"
            return 0
        fi
    done
    echo "$1 version 14 not found: run samples/install_packages.sh lint" >&2
    return 1
}
