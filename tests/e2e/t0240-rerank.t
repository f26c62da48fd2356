#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2154
# Reranking through an endpoint of the settings: it moves results and nothing else, fails
# without harm, and nobody is asked when the settings do not say so.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
question="tarif de la cantine"
"$index" add --no-ocr --base "$base" "$sample" >/dev/null 2>&1 || exit 1

# The server ends with its stdin, which this shell holds.
mkfifo "$scratch/hold"
exec 9<>"$scratch/hold"
"$tools/embedserver" -v <"$scratch/hold" >"$scratch/port" 2>"$scratch/requests" 9>&- &
server=$!
for _ in $(seq 200); do
    [ -s "$scratch/port" ] && break
    sleep 0.05
done
port=$(cat "$scratch/port")

settings() { # NAME PATH [LINE...]
    local name=$1 path=$2
    shift 2
    { printf '[rerank]\nendpoint = http://127.0.0.1:%s/%s\nname = test\n' "$port" "$path"
      [ $# -eq 0 ] || printf '%s\n' "$@"; } >"$scratch/$name.conf"
}

ask() { # OUTPUT [OPTION...]: JSON Lines without the time it took
    local out=$1
    shift
    expect 0 "$query" --base "$base" --kind act --json "$@" "$question" || return 1
    grep -v '"type":"summary"' "$scratch/out" >"$out"
    jq -c 'select(.type == "summary") | .verdict' "$scratch/out" >"$out.verdict"
}

asked() { wc -l <"$scratch/requests"; }

nobody_is_asked() {
    local before
    before=$(asked)
    ask "$scratch/plain" && [ -s "$scratch/plain" ] && [ "$(asked)" -eq "$before" ] &&
        ! grep -q rerank "$scratch/plain"
}

# What holds "garderie" is put first, wherever it was.
moves() { # PATH
    settings moves "$1" "weight = 100"
    ask "$scratch/plain" || return 1
    ask "$scratch/moved" --explain --config "$scratch/moves.conf" || return 1
    [ ! -s "$scratch/err" ] || { cat "$scratch/err"; return 1; }
    cmp "$scratch/plain.verdict" "$scratch/moved.verdict" || return 1
    ! jq -se '.[0].act.subject | test("arderie")' "$scratch/plain" >/dev/null &&
        jq -se '.[0].act.subject | test("arderie")' "$scratch/moved" >/dev/null &&
        jq -se '.[0].why | .rerank > 0.99 and .rerank_from > 1 and .rerank_to == 1' \
            "$scratch/moved" >/dev/null || { cat "$scratch/plain" "$scratch/moved"; return 1; }
}

scores_move() {
    moves "rankword/rerank?word=arderie" &&
        tail -n 1 "$scratch/requests" | grep -q '^POST /rankword/rerank'
}

vectors_move() { moves "vecword/v1/embeddings?word=arderie"; }

people_are_told() {
    settings told "rankword/rerank?word=arderie" "weight = 100"
    expect 0 "$query" --base "$base" --kind act --explain --config "$scratch/told.conf" \
        "$question" &&
        grep -q 'the second model moved it from passage no. [0-9]* to no. 1 ' "$scratch/out"
}

# Scores that say nothing leave the order alone.
equal_scores() {
    settings equal "rankword/rerank?word=xyzzy"
    ask "$scratch/plain" && ask "$scratch/equal" --config "$scratch/equal.conf" &&
        cmp "$scratch/plain" "$scratch/equal"
}

# One request of so many texts, for a whole search.
one_request() {
    local before
    settings few "rerank/rerank" "top = 3"
    before=$(asked)
    ask "$scratch/few" --explain --config "$scratch/few.conf" || return 1
    [ "$(asked)" -eq $((before + 1)) ] || return 1
    jq -se '[.[] | select(.why.rerank_from)] | length <= 3 and length > 0' \
        "$scratch/few" >/dev/null
}

# The same results, and one line that says why.
fails() { # PATH [LINE...]
    settings fails "$@"
    ask "$scratch/plain" && ask "$scratch/failed" --config "$scratch/fails.conf" &&
        one_line && says "$scratch/err" "not reranked" &&
        cmp "$scratch/plain" "$scratch/failed" &&
        cmp "$scratch/plain.verdict" "$scratch/failed.verdict"
}

failures() {
    fails "500always" && fails "garbage" && fails "ranknan" && fails "rankfewer" &&
        fails "cut/v1/embeddings" && fails "nan/v1/embeddings" && fails "redirect" &&
        fails "slow" "timeout = 1"
}

elsewhere() { # only with leave
    local before
    before=$(asked)
    printf '[rerank]\nendpoint = http://192.0.2.1/rerank\nname = m\n' >"$scratch/far.conf"
    ask "$scratch/plain" && ask "$scratch/far" --config "$scratch/far.conf" &&
        one_line && says "$scratch/err" "allow-remote" &&
        cmp "$scratch/plain" "$scratch/far" && [ "$(asked)" -eq "$before" ]
}

# A branch alone is what it says.
other_modes() {
    local before mode
    settings modes "rankword/rerank?word=arderie" "weight = 100"
    before=$(asked)
    for mode in lexical vector; do
        ask "$scratch/plain" --mode $mode &&
            ask "$scratch/same" --mode $mode --config "$scratch/modes.conf" &&
            cmp "$scratch/plain" "$scratch/same" || return 1
    done
    [ "$(asked)" -eq "$before" ]
}

# What is not found stays so, whatever the model thinks of it.
verdict_stays() {
    question="lancement d'un satellite en orbite"
    settings verdict "rerank/rerank" "weight = 100"
    ask "$scratch/plain" && ask "$scratch/ranked" --config "$scratch/verdict.conf" &&
        grep -q not_found "$scratch/plain.verdict" &&
        cmp "$scratch/plain.verdict" "$scratch/ranked.verdict"
}

bad_settings() {
    printf '[rerank]\nendpoint = http://127.0.0.1:1/rerank\n' >"$scratch/bad.conf"
    expect 2 "$query" --base "$base" --config "$scratch/bad.conf" cantine && one_line &&
        says "$scratch/err" "[rerank]" || return 1
    printf '[rerank]\ntop = 1\n' >"$scratch/bad.conf"
    expect 2 "$query" --base "$base" --config "$scratch/bad.conf" cantine && one_line
}

test_case "without settings nobody is asked" nobody_is_asked
test_case "scores move results, and why says so" scores_move
test_case "cosines of a second model move results" vectors_move
test_case "people are told what moved" people_are_told
test_case "equal scores leave the order" equal_scores
test_case "one request for a search, of the best passages" one_request
test_case "an endpoint that fails costs one line" failures
test_case "another machine is asked only with leave" elsewhere
test_case "full text or vectors alone are not reranked" other_modes
test_case "found or not found stays as it was" verdict_stays
test_case "bad settings are named" bad_settings
exec 9>&-
kill $server 2>/dev/null
wait $server 2>/dev/null
finish
