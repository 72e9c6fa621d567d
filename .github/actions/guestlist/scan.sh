#!/usr/bin/env bash
# The second step of the action: one scan, whose annotations go to the log, whose summary goes to the page of the run, and whose files are
# named in the outputs. It ends as guestlist does.
set -euo pipefail

reports=$RUNNER_TEMP/guestlist/reports
mkdir -p "$reports"
sarif=$reports/guestlist.sarif report=$reports/guestlist.json summary=$reports/summary.md
rm -f "$sarif" "$report" "$summary"

# Words between spaces and line ends; nothing in them is expanded or taken for a quote.
read -r -d '' -a args <<<"$INPUT_ARGS" || true
[ -z "$INPUT_CONFIG" ] || args+=(--config "$INPUT_CONFIG")
[ -z "$INPUT_ALLOWLIST" ] || args+=(--allowlist "$INPUT_ALLOWLIST")

code=0
"$PROGRAM" scan "${args[@]+"${args[@]}"}" --fail-on "$INPUT_FAIL_ON" \
  --output github --output markdown="$summary" --output sarif="$sarif" --output json="$report" || code=$?

[ ! -f "$summary" ] || cat "$summary" >>"$GITHUB_STEP_SUMMARY"
{
  echo "exit-code=$code"
  [ ! -f "$sarif" ] || echo "sarif=$sarif"
  [ ! -f "$report" ] || echo "report=$report"
} >>"$GITHUB_OUTPUT"
exit "$code"
