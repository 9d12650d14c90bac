# samples/lib.sh - shell functions that the samples and the quick start share. Source it; it runs nothing.
#
#   . "$(dirname "$0")/../lib.sh"
#   stepd_start --sample valuation      # starts stepd on a free port, unless ENDPOINT names a running one
#   aws stepfunctions list-state-machines --query 'stateMachines[].name'
#   stepd_report "$execution_arn"       # waits, prints the history as a table and the output
#
# Needs the AWS CLI (version 1 or 2), sh and awk; nothing else.
#   STEPD     the program to start; without it build/release/stepd of this tree, else the one on PATH
#   ENDPOINT  URL of a stepd that runs already, such as http://127.0.0.1:8083; set by stepd_start
#   AWS_CLI   the AWS CLI to call; without it the one on PATH, else the one that the quick start installed

STEPD_ROOT=${STEPD_ROOT:-$(cd "$(dirname "$0")" && while [ ! -f CMakePresets.json ] && [ "$PWD" != / ]; do cd ..; done && pwd)}
STEPD_PID=
STEPD_LOG_DIR=

# say TEXT... - a line for the reader, apart from the data on standard output.
say()
{
    printf '%s\n' "$*" >&2
}

# aws_cli_path - prints the AWS CLI to call; fails when there is none.
aws_cli_path()
(
    unset -f aws
    if [ -n "${AWS_CLI:-}" ]; then
        printf '%s\n' "$AWS_CLI"
    elif command -v aws; then
        :
    elif [ -x "$STEPD_ROOT/build/awscli/bin/aws" ]; then
        printf '%s\n' "$STEPD_ROOT/build/awscli/bin/aws"
    else
        say "no AWS CLI found: run samples/install_packages.sh awscli"
        return 1
    fi
)

# aws ARGUMENTS... - the AWS CLI, talking to stepd at ENDPOINT with dummy keys. It neither reads nor writes ~/.aws,
# and takes no profile, session, endpoint or proxy from the caller's environment.
aws()
(
    cli=$(aws_cli_path) || exit 127
    unset -f aws
    unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN AWS_SECURITY_TOKEN AWS_ENDPOINT_URL \
        AWS_CA_BUNDLE AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE HTTP_PROXY http_proxy ALL_PROXY all_proxy
    export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
    export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
    export AWS_REGION="${STEPD_REGION:-us-east-1}" AWS_DEFAULT_REGION="${STEPD_REGION:-us-east-1}"
    export AWS_PAGER='' AWS_EC2_METADATA_DISABLED=true AWS_DISABLE_HOST_PREFIX_INJECTION=true
    export AWS_MAX_ATTEMPTS=1 NO_PROXY='*' no_proxy='*'
    exec "$cli" --endpoint-url "${ENDPOINT:?no stepd to talk to: call stepd_start or set ENDPOINT}" "$@"
)

# stepd_program - prints the stepd to start; fails when there is none.
stepd_program()
{
    if [ -n "${STEPD:-}" ]; then
        printf '%s\n' "$STEPD"
    elif [ -x "$STEPD_ROOT/build/release/stepd" ]; then
        printf '%s\n' "$STEPD_ROOT/build/release/stepd"
    elif command -v stepd; then
        :
    else
        say "no stepd found: run cmake --preset release && cmake --build --preset release"
        return 1
    fi
}

# stepd_start OPTIONS... - starts stepd on a free port, waits until it is ready and sets ENDPOINT.
# It is stopped when the script ends. When ENDPOINT is set already, that stepd is used and nothing is started.
stepd_start()
{
    [ -z "${ENDPOINT:-}" ] || return 0
    stepd_path=$(stepd_program) || return 1
    STEPD_LOG_DIR=$(mktemp -d) || return 1
    trap stepd_stop EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    "$stepd_path" --port 0 "$@" >"$STEPD_LOG_DIR/out" 2>"$STEPD_LOG_DIR/err" </dev/null &
    STEPD_PID=$!
    stepd_tries=0
    until grep -q '^Ready\.' "$STEPD_LOG_DIR/out"; do
        stepd_tries=$((stepd_tries + 1))
        if [ "$stepd_tries" -gt 200 ] || ! kill -0 "$STEPD_PID" 2>/dev/null; then
            say "stepd did not become ready; it said:"
            cat "$STEPD_LOG_DIR/out" "$STEPD_LOG_DIR/err" >&2
            return 1
        fi
        sleep 0.05
    done
    stepd_port=$(sed -n 's/.*Starting server on port \([0-9][0-9]*\) .*/\1/p' "$STEPD_LOG_DIR/out" | head -n 1)
    if [ -z "$stepd_port" ]; then
        say "stepd did not say its port; it said:"
        cat "$STEPD_LOG_DIR/out" >&2
        return 1
    fi
    ENDPOINT=http://127.0.0.1:$stepd_port
    export ENDPOINT
}

# stepd_stop - ends the stepd that stepd_start started; harmless when there is none.
stepd_stop()
{
    if [ -n "$STEPD_PID" ]; then
        kill "$STEPD_PID" 2>/dev/null || :
        wait "$STEPD_PID" 2>/dev/null || :
        STEPD_PID=
    fi
    if [ -n "$STEPD_LOG_DIR" ]; then
        rm -rf "$STEPD_LOG_DIR"
        STEPD_LOG_DIR=
    fi
}

# stepd_await EXECUTION_ARN [SECONDS] - waits until the execution has ended (60 s at most) and prints its status.
stepd_await()
{
    stepd_deadline=$(($(date +%s) + ${2:-60}))
    while :; do
        stepd_status=$(aws stepfunctions describe-execution --execution-arn "$1" --query status --output text) || return 1
        if [ "$stepd_status" != RUNNING ]; then
            printf '%s\n' "$stepd_status"
            return 0
        fi
        if [ "$(date +%s)" -ge "$stepd_deadline" ]; then
            say "the execution still runs after ${2:-60} seconds: $1"
            return 1
        fi
        sleep 0.3
    done
}

# stepd_history EXECUTION_ARN - prints one line per event, separated by tabs:
# id, previous event id, type, timestamp, state name, resource type, resource ("None" where an event has none).
stepd_history()
{
    stepd_task='taskScheduledEventDetails || taskStartedEventDetails || taskSubmittedEventDetails
        || taskSucceededEventDetails || taskFailedEventDetails || taskTimedOutEventDetails
        || taskStartFailedEventDetails || taskSubmitFailedEventDetails'
    stepd_function='lambdaFunctionScheduledEventDetails || activityScheduledEventDetails'
    aws stepfunctions get-execution-history --execution-arn "$1" --output text --query "events[].[id, previousEventId,
        type, timestamp, (stateEnteredEventDetails || stateExitedEventDetails).name,
        ($stepd_task).resourceType, ($stepd_task || $stepd_function).resource]"
}

# stepd_history_table EXECUTION_ARN - prints the history as people read it: id, type, step, resource and the
# milliseconds since the execution started. An event without a name belongs to the step of the event before it.
stepd_history_table()
{
    stepd_history "$1" | awk -F '\t' '
        # The CLI writes a timestamp as seconds (version 1) or as ISO 8601 (version 2).
        function milliseconds(text,    part, day, clock, offset, sign, year, month, era, of_year, zone) {
            if (text !~ /T/)
                return text * 1000
            split(text, part, "T")
            split(part[1], day, "-")
            clock = part[2]
            offset = 0
            if (match(clock, /[+-][0-9][0-9]:?[0-9][0-9]$/)) {
                sign = substr(clock, RSTART, 1) == "-" ? -1 : 1
                zone = substr(clock, RSTART + 1)
                gsub(/:/, "", zone)
                offset = sign * (substr(zone, 1, 2) * 60 + substr(zone, 3, 2))
                clock = substr(clock, 1, RSTART - 1)
            }
            sub(/Z$/, "", clock)
            split(clock, part, ":")
            year = day[1] - (day[2] <= 2)
            month = (day[2] + 9) % 12
            era = int(year / 400)
            of_year = year - era * 400
            day[0] = era * 146097 + of_year * 365 + int(of_year / 4) - int(of_year / 100) \
                + int((153 * month + 2) / 5) + day[3] - 719469
            return ((day[0] * 1440 + part[1] * 60 + part[2] - offset) * 60 + part[3]) * 1000
        }
        function dash(text) { return text == "" || text == "None" ? "-" : text }
        BEGIN { head[1] = "ID"; head[2] = "Type"; head[3] = "Step"; head[4] = "Resource"; head[5] = "ms"
                for (c = 1; c <= 5; c++) width[c] = length(head[c]) }
        {
            sub(/\r$/, "")
            at = milliseconds($4)
            if (NR == 1)
                start = at
            step = dash($5)
            if (step == "-" && $3 !~ /^Execution/ && $2 in step_of)
                step = step_of[$2]
            step_of[$1] = step
            resource = dash($7)
            if (dash($6) != "-")
                resource = $6 ":" resource
            cell[NR, 1] = $1; cell[NR, 2] = $3; cell[NR, 3] = step; cell[NR, 4] = resource
            cell[NR, 5] = sprintf("%.0f", at - start)
            for (c = 1; c <= 5; c++)
                if (length(cell[NR, c]) > width[c])
                    width[c] = length(cell[NR, c])
        }
        function row(a, b, c, d, e) {
            printf "%*s  %-*s  %-*s  %-*s  %*s\n", width[1], a, width[2], b, width[3], c, width[4], d, width[5], e
        }
        function line(n,    text) { while (n-- > 0) text = text "-"; return text }
        END {
            row(head[1], head[2], head[3], head[4], head[5])
            row(line(width[1]), line(width[2]), line(width[3]), line(width[4]), line(width[5]))
            for (n = 1; n <= NR; n++)
                row(cell[n, 1], cell[n, 2], cell[n, 3], cell[n, 4], cell[n, 5])
        }'
}

# stepd_report EXECUTION_ARN [SECONDS] - waits for the end, prints history, status and output (or error and cause).
# Succeeds only when the execution did.
stepd_report()
{
    stepd_end=$(stepd_await "$@") || return 1
    stepd_history_table "$1"
    printf '\nStatus: %s\n' "$stepd_end"
    if [ "$stepd_end" = SUCCEEDED ]; then
        printf 'Output: '
        aws stepfunctions describe-execution --execution-arn "$1" --query output --output text
        return
    fi
    aws stepfunctions describe-execution --execution-arn "$1" --query '[error, cause]' --output text
    return 1
}
