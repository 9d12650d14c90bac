# match.awk - compares two JSON texts:  awk -f match.awk expected.json got.json
# The order of members doesn't matter. The string "<any>" in the expected text stands for any value.
# Says what differs and exits 1 when something does.

function skip_blanks()
{
    while (position <= size && index(" \t\r\n", substr(text, position, 1)) > 0)
        position++
}

function broken()
{
    printf "not JSON at character %d: %s\n", position, text > "/dev/stderr"
    failed = 1
    exit 1
}

# A string as it is written, with its quotes.
function string(    start)
{
    start = position++
    while (position <= size && substr(text, position, 1) != "\"") {
        if (substr(text, position, 1) == "\\")
            position++
        position++
    }
    position++
    return substr(text, start, position - start)
}

function keep(side, path, value)
{
    if (side == 1)
        expected[path] = value
    else
        got[path] = value
}

# Reads the members of an object or the items of an array that begins here.
function members(side, path, closing,    name, count)
{
    position++
    skip_blanks()
    while (position <= size && substr(text, position, 1) != closing) {
        if (closing == "}") {
            if (substr(text, position, 1) != "\"")
                broken()
            name = string()
            skip_blanks()
            if (substr(text, position++, 1) != ":")
                broken()
        } else
            name = count + 0
        value(side, path "[" name "]")
        count++
        skip_blanks()
        if (substr(text, position, 1) == ",") {
            position++
            skip_blanks()
        } else if (substr(text, position, 1) != closing)
            broken()
    }
    position++
    keep(side, path, closing == "}" ? "an object" : "an array of " (count + 0))
}

function value(side, path,    first, start)
{
    skip_blanks()
    first = substr(text, position, 1)
    start = position
    if (first == "{")
        members(side, path, "}")
    else if (first == "[")
        members(side, path, "]")
    else if (first == "\"")
        keep(side, path, string())
    else {
        while (position <= size && index(",]} \t\r\n", substr(text, position, 1)) == 0)
            position++
        if (position == start)
            broken()
        keep(side, path, substr(text, start, position - start))
    }
}

function read(side, all)
{
    text = all
    size = length(text)
    position = 1
    value(side, "$")
    skip_blanks()
    if (position <= size)
        broken()
}

function differs(path, wanted, found)
{
    printf "%s: expected %s, got %s\n", path, wanted, found > "/dev/stderr"
    failed = 1
}

# Is this path, or one that it lies under, free in the expected text?
function is_free(path,    free)
{
    for (free in any)
        if (path == free || substr(path, 1, length(free) + 1) == free "[")
            return 1
    return 0
}

FNR == 1 { file++ }
{ content[file] = content[file] $0 "\n" }

END {
    if (failed)
        exit 1
    read(1, content[1])
    read(2, content[2])
    for (path in expected)
        if (expected[path] == "\"<any>\"")
            any[path] = 1
    for (path in expected) {
        if (!(path in got))
            differs(path, expected[path], "nothing")
        else if (!(path in any) && expected[path] != got[path])
            differs(path, expected[path], got[path])
    }
    for (path in got)
        if (!(path in expected) && !is_free(path))
            differs(path, "nothing", got[path])
    exit failed
}
