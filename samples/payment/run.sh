#!/bin/sh
# Runs the payment system on stepd with the AWS CLI; README.md explains each step. The payment succeeds or fails at
# random, so executions are started until both have been seen.
# ENDPOINT names a stepd that runs with --sample payment; without it, one is started and stopped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
stepd_start --sample payment
tab=$(printf '\t')

machine=$(aws stepfunctions create-state-machine --name StateMachineWaitForCallback \
    --definition "file://$here/definition.asl.json" \
    --logging-configuration "file://$here/logging.json" \
    --role-arn arn:aws:iam::123456789012:role/StateMachineWaitForCallback \
    --query stateMachineArn --output text)
queue=$(aws sqs get-queue-url --queue-name WaitForCallbackDemoNotificationTestQueue --query QueueUrl --output text)

# notification - takes the next message off the queue and prints what was published.
notification()
{
    received=$(aws sqs receive-message --queue-url "$queue" --wait-time-seconds 10 \
        --query 'Messages[0].[ReceiptHandle,Body]' --output text)
    aws sqs delete-message --queue-url "$queue" --receipt-handle "${received%%"$tab"*}"
    printf '%s\n' "${received#*"$tab"}" |
        sed -n -E 's/.*"Message" *: *"(([^"\\]|\\.)*)".*/\1/p' | sed 's/\\\(["\\]\)/\1/g'
}

succeeded=
failed=
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    execution=$(aws stepfunctions start-execution --state-machine-arn "$machine" \
        --input "file://$here/input.json" --query executionArn --output text)
    [ "$(stepd_await "$execution")" = SUCCEEDED ]
    message=$(notification)
    case $message in
        \{*) outcome=failure; seen=$failed; failed=yes ;;
        *) outcome=success; seen=$succeeded; succeeded=yes ;;
    esac
    say "Execution $try ends with a $outcome of the payment."
    if [ -z "$seen" ]; then
        printf '\nNotification: %s\n' "$message"
        stepd_report "$execution"
        if [ "$outcome" = failure ]; then
            printf '%s\n' "$message" | awk -f "$here/../match.awk" "$here/expected-failure.json" -
        else
            printf '"%s"\n' "$message" | awk -f "$here/../match.awk" "$here/expected.json" -
        fi
    fi
    if [ -n "$succeeded" ] && [ -n "$failed" ]; then
        say "Both notifications are as expected."
        exit 0
    fi
done
say "Twenty payments with the same outcome: that isn't chance."
exit 1
