#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What programs rely on: each object's type and fields, the summary last, exit codes.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
doc=$sample/courvanne-les-tilleuls/2022-08_videoprotection.pdf

holds() { # FILTER: true of all objects in $scratch/out, read as one array
    jq -se "$1" "$scratch/out" >/dev/null || { echo "not so: $1"; head -n 5 "$scratch/out"; return 1; }
}

adds() {
    expect 0 "$index" init --json --base "$base" && holds 'length == 1 and .[0].format == 1' || return 1
    expect 0 "$index" add --json --base "$base" "$doc" || return 1
    holds '.[-1] | .type == "report" and .format == 1 and ([.documents, .indexed, .unchanged,
        .failed, .pages, .ocr_pages, .acts, .passages, .seconds] | all(type == "number"))'
}

says_json() {
    expect 0 "$index" verify --json --base "$base" &&
        holds '.[-1] | .type == "summary" and .findings == 0' || return 1
    expect 0 "$index" rebuild --json --base "$base" && holds '.[-1].type == "summary"' || return 1
    expect 0 "$index" status --json --base "$base" && holds '.[0].type == "status"'
}

exports() {
    expect 0 "$index" export --acts --base "$base" || return 1
    holds 'length > 0 and all(.format == 1 and .type == "act" and .ordinal >= 1 and
        (.sha256 | length) == 64 and .first_page >= 1 and .last_page >= .first_page and
        (.refs | type) == "array" and
        ([has("id", "file", "body", "kind", "number", "subject", "session_date",
          "convocation_date", "received_date", "published_date", "receipt_id", "matter")] | all)
        and ([.votes.for, .votes.against, .votes.abstention] |
             all(type == "number" or type == "null")))'
}

answers() {
    expect 0 "$query" --json --explain --base "$base" caméras || return 1
    holds '.[-1].type == "summary" and .[-1].verdict == "found" and (.[-1].results == length - 1)
        and (.[-1].ms | type) == "number" and (.[:-1] | all(.type == "result" and .page >= 1 and
        (.span | length) == 2 and (.boxes[0] | length) == 4 and (.why | type) == "object" and
        (.document | has("path", "sha256", "url")) and (.act | has("votes", "session_date"))))' ||
        return 1
    expect 0 "$query" --json --base "$base" zorglub || return 1
    holds '.[-1].verdict == "not_found" and (.[:-1] | all(.type == "nearest"))'
}

without_law() {
    expect 4 "$query" article CGCT/L2121-29 --json --base "$base" || return 1
    holds '.[0] | .type == "article" and .state == "unknown" and .text == null' || return 1
    says "$scratch/err" "not imported" || return 1
    echo "Vu l'article L. 2121-29 du CGCT" >"$scratch/draft.txt"
    expect 0 "$query" check --json --base "$base" "$scratch/draft.txt" || return 1
    holds '.[0] | .type == "reference" and .refs == ["CGCT/L2121-29"] and .status == "unknown"
        and .page == null and .valid_from == null and (.offset | type) == "number"' || return 1
    expect 0 "$query" citing --json --base "$base" CGCT/L9999-1 || return 1
    holds 'length == 1 and .[0].type == "summary" and .[0].results == 0'
}

# A range written with its code must not shrink to its last article.
ranges() {
    expect 0 "$query" citing --json --base "$base" "CGCT/L2121-1 à L2121-4" &&
        holds '.[-1].asked[0] | contains("L2121-1")'
}

codes() {
    expect 4 "$query" show --base "$base" nope && expect 4 "$query" similar --base "$base" 0.1 &&
        expect 4 "$index" add --base "$base" "$scratch/none" &&
        expect 4 "$index" remove --reason x --base "$base" nope &&
        expect 4 "$query" --base "$scratch/none" cantine &&
        expect 2 "$query" citing --base "$base" XX/1 && expect 2 "$index" frob &&
        expect 2 "$query" -n 0 --base "$base" x &&
        expect 2 "$index" export --acts --scdl --base "$base"
}

test_case "init and add report" adds
test_case "status, verify and rebuild speak JSON" says_json
test_case "export gives whole acts" exports
test_case "answers, then their summary" answers
test_case "without law nothing is claimed" without_law
test_case "a canonical range has both ends" ranges
test_case "exit codes" codes
finish
