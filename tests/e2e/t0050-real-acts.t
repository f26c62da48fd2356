#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The real acts: none lost, and every quote of fifty searches stands on the page it names,
# as pdftotext reads it, which shares no code with greffier's own proof.
. "$(dirname "$0")/lib.sh"

acts=$shared/acts
base=$scratch/base
if [ ! -d "$acts" ]; then
    skip_case "real acts" "no $acts here"
    finish
    exit 0
fi

none_lost() {
    local files named
    files=$(find "$acts" -name '*.pdf' | wc -l)
    "$index" add --no-ocr --json --base "$base" "$acts" >"$scratch/report" || [ $? -eq 3 ] ||
        return 1
    named=$(tail -n 1 "$scratch/report" | jq '.indexed + .failed')
    [ "$named" -eq "$files" ] || { echo "$named of $files"; return 1; }
    tail -n 1 "$scratch/report" | jq -e '.failed == 0 and .pages > 1000' >/dev/null
}

sound() { expect 0 "$index" verify --base "$base"; }

second_run() {
    local before after
    before=$(tail -n 1 "$scratch/report" | jq .seconds)
    expect 0 "$index" add --no-ocr --json --base "$base" "$acts" || return 1
    jq -e '.indexed == 0' "$scratch/out" >/dev/null
}

quotes_proven() {
    head -n 50 "$acts/gold/questions.jsonl" | jq -r .question |
        while IFS= read -r q; do
            "$query" --base "$base" --json -- "$q" </dev/null || exit 1
        done >"$scratch/results" || return 1
    "$top/tests/tools/prove-quotes" "$acts" "$scratch/results"
}

test_case "all real acts are indexed or named" none_lost
test_case "the base is sound" sound
test_case "a second run indexes nothing" second_run
test_case "every quote of 50 searches stands on its page" quotes_proven
finish
