#!/bin/sh
# Runs the valuation system on stepd with the AWS CLI; README.md explains each step.
# ENDPOINT names a stepd that runs with --sample valuation; without it, one is started and stopped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"
stepd_start --sample valuation

machine=$(aws stepfunctions create-state-machine --name LoanProcessor \
    --definition "file://$here/definition.asl.json" \
    --role-arn arn:aws:iam::123456789012:role/LoanProcessor \
    --query stateMachineArn --output text)
execution=$(aws stepfunctions start-execution --state-machine-arn "$machine" \
    --input "file://$here/input.json" --query executionArn --output text)
say "Started $execution: it asks for a valuation and waits."

stepd_report "$execution"
aws stepfunctions describe-execution --execution-arn "$execution" --query output --output text |
    awk -f "$here/../match.awk" "$here/expected.json" -
say "The output is as expected."
