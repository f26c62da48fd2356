#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# eval on questions whose figures are known: what is right, on another page, in vain.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
gold=$scratch/gold.jsonl

one_act() { # FILE TEXT PAGES AFTER
    "$tools/mkpdf" text "$scratch/acts/$1" "${@:2}" >/dev/null
}

judged() { # ID TYPE QUESTION FILE PAGE QUOTE
    printf '{"id":"%s","type":"%s","question":"%s","answerable":true,"relevant":[{"file":"%s","page":%d,"quote":"%s","grade":1},{"file":"%s","page":%d,"quote":"%s","grade":2}]}\n' \
        "$@" "${@:4}"
}

make_all() {
    mkdir "$scratch/acts"
    one_act cantine.pdf "Le conseil fixe le prix du repas de la cantine à trois euros." &&
        one_act lavoir.pdf "Le lavoir du bourg est vendu à la famille Morel pour le jardin." &&
        one_act voirie.pdf "La rue des Tilleuls est refaite et le trottoir élargi cet automne." || return 1
    expect 0 "$index" add --base "$base" "$scratch/acts" || return 1
    {
        judged q1 fact "prix du repas de la cantine" cantine.pdf 1 "prix du repas de la cantine"
        judged q2 fact "lavoir du bourg vendu" lavoir.pdf 1 "lavoir du bourg est vendu"
        judged q3 near_twin "trottoir de la rue des Tilleuls" voirie.pdf 9 "le trottoir élargi"
        judged q4 near_twin "jardin de la famille Morel" cantine.pdf 1 "prix du repas"
        echo '{"id":"q5","type":"void","question":"subvention au club de plongée sous-marine","answerable":false}'
    } >"$gold"
}

table() { # TYPE COLUMN: a figure of the table
    awk -F'|' -v t="$1" -v c="$2" '$2 == " " t " " {gsub(/ /, "", $c); print $c}' "$scratch/out"
}
is() { # TYPE COLUMN VALUE
    [ "$(table "$1" "$2")" = "$3" ] || { echo "$1 $2: $(table "$1" "$2"), not $3"; cat "$scratch/out"; return 1; }
}

# n, page success at 1; the act and the document of q3 are right though its page is not.
figures() {
    make_all && expect 0 "$query" eval --base "$base" --mode lexical "$gold" || return 1
    is fact 3 2 && is fact 4 1.000 && is fact 7 1.000 && is fact 8 1.000 && is fact 13 1.000 &&
        is near_twin 3 2 && is near_twin 4 0.000 && is near_twin 11 0.500 &&
        is all 4 0.500 && says "$scratch/out" "near twins: another act first in 1.000" &&
        says "$scratch/out" "unanswerable: 1, refused 1 (recall 1.000)" &&
        says "$scratch/out" "search time: median"
}

as_json() {
    expect 0 "$query" eval --base "$base" --mode lexical --json "$gold" || return 1
    jq -es '(map(.questions) | sort) == ["all", "fact", "near_twin", "void"]
        and (map(select(.questions == "fact"))[0] | .n == 2 and .page_success_1 == 1 and .refused == 0)
        and (map(select(.questions == "all"))[0] | .unanswerable == 1 and .unanswerable_refused == 1)' \
        "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
}

# Each question by itself, what was shown with -v -v, and the ranked pages in TREC's form.
each_question() {
    expect 0 "$query" eval --base "$base" -v -v --mode lexical --run "$scratch/run" "$gold" || return 1
    grep -q $'^q1\tfact\tfound\t1\t.*cantine.pdf p.1.*\tcited$' "$scratch/out" &&
        grep -q $'^q5\tvoid\tnot_found\t0\t' "$scratch/out" &&
        grep -q $'^\t1\tcantine.pdf p.1\t.*repas' "$scratch/out" &&
        grep -qE '^q1 Q0 cantine.pdf#page=1 1 [0-9.]+ greffier$' "$scratch/run" || { cat "$scratch/out" "$scratch/run"; return 1; }
}

# Scores kept before a change, compared after it: the same, then worse in one question.
compared() {
    expect 0 "$query" eval --base "$base" --mode lexical --save "$scratch/before" "$gold" || return 1
    expect 0 "$query" eval --base "$base" --mode lexical --against "$scratch/before" "$gold" || return 1
    grep -F '| all | page_success_1 | 4 | 0.500 | 0.500 | +0.000 | 0 | 0 | 1.0000 |' "$scratch/out" || { cat "$scratch/out"; return 1; }
    sed 's/lavoir.pdf/voirie.pdf/g' "$gold" >"$scratch/worse.jsonl"
    expect 0 "$query" eval --base "$base" --mode lexical --against "$scratch/before" "$scratch/worse.jsonl" || return 1
    grep -F '| all | page_success_1 | 4 | 0.500 | 0.250 | -0.250 | 0 | 1 |' "$scratch/out" || { cat "$scratch/out"; return 1; }
}

refused() {
    expect 2 "$query" eval --base "$base" && one_line &&
        expect 4 "$query" eval --base "$base" "$scratch/none" && one_line &&
        expect 2 "$query" eval --base "$base" --mode best "$gold" && one_line &&
        expect 2 "$query" eval --base "$base" --vector-weight 3 "$gold" && says "$scratch/err" "0 to 1" &&
        expect 4 "$query" eval --base "$base" --run "$scratch/none/x" "$gold" || return 1
    { cat "$gold"; echo '{"id": "q6"}'; } >"$scratch/bad"
    expect 1 "$query" eval --base "$base" "$scratch/bad" && says "$scratch/err" "bad:6" && one_line || return 1
    echo '{"type": "x"}' >"$scratch/bad"
    expect 1 "$query" eval --base "$base" --against "$scratch/bad" "$gold" && says "$scratch/err" "bad:1" || return 1
    expect 0 "$query" eval --base "$base" --vector-weight 0.2 "$gold"
}

test_case "figures known beforehand" figures
test_case "as JSON" as_json
test_case "each question, and a TREC run" each_question
test_case "compared with scores saved before" compared
test_case "what it refuses" refused
finish
