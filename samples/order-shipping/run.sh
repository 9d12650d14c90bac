#!/bin/sh
# Runs the order shipping system on stepd with the AWS CLI; README.md explains each step.
# ENDPOINT names a stepd that runs with --sample order-shipping; without it, one is started and stopped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
stepd_start --sample order-shipping

aws dynamodb put-item --table-name OrderTable --item "file://$here/order.json"
machine=$(aws stepfunctions create-state-machine --name ProcessOrder \
    --definition "file://$here/definition.asl.json" \
    --role-arn arn:aws:iam::123456789012:role/ProcessOrder \
    --query stateMachineArn --output text)
execution=$(aws stepfunctions start-execution --state-machine-arn "$machine" \
    --input "file://$here/input.json" --query executionArn --output text)
say "Started $execution: it hands the order to the shipping service and waits."

stepd_report "$execution"
aws stepfunctions describe-execution --execution-arn "$execution" --query output --output text |
    awk -f "$here/../match.awk" "$here/expected.json" -

number=$(aws dynamodb get-item --table-name OrderTable --key "file://$here/key.json" \
    --query Item.tracking_number.S --output text)
printf 'Tracking number of the order: %s\n' "$number"
[ -n "$number" ] && [ "$number" != None ]
say "The output is as expected."
