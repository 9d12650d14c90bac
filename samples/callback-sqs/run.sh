#!/bin/sh
# Runs the callback over SQS on stepd with the AWS CLI; README.md explains each step.
# ENDPOINT names a stepd that runs with --sample callback-sqs; without it, one is started and stopped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
stepd_start --sample callback-sqs

machine=$(aws stepfunctions create-state-machine --name CallbackExample \
    --definition "file://$here/definition.asl.json" \
    --role-arn arn:aws:iam::123456789012:role/CallbackExample \
    --query stateMachineArn --output text)
execution=$(aws stepfunctions start-execution --state-machine-arn "$machine" \
    --input "file://$here/input.json" --query executionArn --output text)
say "Started $execution: it sends a message and waits."

stepd_report "$execution"
aws stepfunctions describe-execution --execution-arn "$execution" --query output --output text |
    awk -f "$here/../match.awk" "$here/expected.json" -

answer=$(aws stepfunctions get-execution-history --execution-arn "$execution" --output text \
    --query "events[?type=='TaskSucceeded'] | [0].taskSucceededEventDetails.output")
printf 'Callback: %s\n' "$answer"
[ "$answer" = '"Callback task completed successfully."' ]
say "The output is as expected."
