#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a newcomer does: index the sample acts, ask, look, remove.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
add() { expect 0 "$index" add --base "$base" "$sample"; }

empty_base_says_so() {
    expect 0 "$index" init --base "$scratch/none" || return 1
    expect 0 "$query" --base "$scratch/none" cantine || return 1
    says "$scratch/out" "The base is empty" || return 1
    expect 0 "$query" --base "$scratch/none" --json cantine || return 1
    jq -se 'length == 1 and .[0].verdict == "not_found" and .[0].reason == "empty_base"' \
        "$scratch/out" >/dev/null
}

refuses_in_plain_words() {
    expect 0 "$query" --base "$base" "le la les" || return 1
    says "$scratch/out" "no word that tells" || return 1
    expect 0 "$query" --base "$base" "délibération n° 1999-777" || return 1
    says "$scratch/out" "No act has the number" || return 1
    expect 0 "$query" --base "$base" --json "qu'a-t-on voté pour la cantine en 1987 ?" || return 1
    jq -se '.[-1].verdict == "not_found" and .[-1].reason == "not_of_that_time" and
            all(.[:-1][]; .type == "nearest")' "$scratch/out" >/dev/null
}

indexes_all() {
    add || return 1
    says "$scratch/out" " 0 refused or failed" || return 1
    expect 0 "$index" verify --base "$base" || return 1
    says "$scratch/out" "the base is sound"
}

answers() {
    expect 0 "$query" --base "$base" "Combien coûte un repas à la cantine ?" || return 1
    says "$scratch/out" "#page=" || return 1
    says "$scratch/out" "courvanne-les-tilleuls/" || return 1
    ! grep -q "$(printf '\033')" "$scratch/out" # no colours outside a terminal
}

words_without_quotes() {
    expect 0 "$query" --base "$base" tilleuls de la place || return 1
    says "$scratch/out" "tilleuls"
}

json_fields() {
    expect 0 "$query" search --base "$base" --json --explain -n 3 "prix de la cantine" || return 1
    jq -se '
      (.[:-1] | length >= 1) and
      all(.[:-1][]; .format == 1 and .type == "result" and (.score | type) == "number" and
          (.id | test("^[0-9a-f]{12}\\.[0-9]+\\.[0-9]+$")) and
          (.document.path | endswith(".pdf")) and (.document.sha256 | length) == 64 and
          .document.url == null and .page >= 1 and (.quote | length) > 0 and
          (.span | length) == 2 and .span[0] < .span[1] and (.boxes | length) > 0 and
          all(.boxes[]; length == 4 and .[0] < .[2] and .[1] < .[3]) and
          (.act | has("id") and has("body") and has("kind") and has("number") and
                  has("subject") and has("session_date") and has("matter") and
                  has("votes")) and
          (.refs | type) == "array" and (.why | type) == "object") and
      ([.[:-1][].rank] == [range(1; length)]) and
      (.[-1] | .type == "summary" and .verdict == "found" and (.ms | type) == "number")' \
        "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
}

modes_and_filters() {
    for mode in hybrid lexical vector; do
        expect 0 "$query" --base "$base" --mode "$mode" --json --from 2019 --to 2019-12 \
            --body courvanne-les-tilleuls "budget" || return 1
        jq -se 'all(.[:-1][]; .act.session_date | startswith("2019"))' \
            "$scratch/out" >/dev/null || return 1
        expect 0 "$query" --base "$base" --mode "$mode" --json --body nowhere budget || return 1
        jq -se 'length == 1 and .[0].verdict == "not_found"' "$scratch/out" >/dev/null ||
            return 1
    done
}

# A town that is not there, and an option named as it was given.
unknown_body() {
    expect 0 "$query" --base "$base" --body courvane cantine && one_line &&
        says "$scratch/err" "it has: courvanne-les-tilleuls" || return 1
    expect 0 "$query" citing --base "$base" --body ici CGCT && one_line && says "$scratch/err" "--body ici" || return 1
    expect 0 "$query" --base "$base" --body COURVANNE-LES-TILLEULS zorglubzz && [ ! -s "$scratch/err" ] || return 1
    expect 2 "$query" --base "$base" -n 0 cantine && says "$scratch/err" "option -n:" || return 1
    expect 2 "$query" --base "$base" --limit 0 cantine && says "$scratch/err" "option --limit:"
}

matters() {
    for mode in hybrid lexical vector; do
        for asked in 7 7.5 finances; do
            expect 0 "$query" --base "$base" --mode "$mode" --json --matter "$asked" \
                subventions aux associations || return 1
            jq -se --arg at "${asked/finances/7}" '
              (length > 1) and
              all(.[:-1][]; .act.matter | . == $at or startswith($at + "."))' \
                "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
        done
    done
    expect 2 "$query" --base "$base" --matter jardinage place || return 1
    says "$scratch/err" "jardinage" || return 1
    expect 0 "$index" export --scdl --base "$base" || return 1
    says "$scratch/out" ",7.5,Finances locales/Subventions,"
}

same_answer_twice() {
    "$query" --base "$base" --json "école et cantine" | sed 's/"ms":.*//' >"$scratch/a"
    "$query" --base "$base" --json "école et cantine" | sed 's/"ms":.*//' >"$scratch/b"
    cmp "$scratch/a" "$scratch/b"
}

same_base_whatever_jobs() {
    expect 0 "$index" add --base "$scratch/one" --jobs 1 "$sample" || return 1
    expect 0 "$index" add --base "$scratch/four" --jobs 4 "$sample" || return 1
    for q in "cantine" "qui a voté contre" "tilleuls"; do
        "$query" --base "$scratch/one" --json "$q" | sed 's/"ms":.*//' >"$scratch/a"
        "$query" --base "$scratch/four" --json "$q" | sed 's/"ms":.*//' >"$scratch/b"
        cmp "$scratch/a" "$scratch/b" || return 1
    done
}

second_run_changes_nothing() {
    sum() { (cd "$base" && find . -type f ! -name lock ! -name "*-shm" -exec sha256sum {} + | sort); }
    sum >"$scratch/before"
    add || return 1
    says "$scratch/out" " 0 indexed" || return 1
    sum >"$scratch/after"
    cmp "$scratch/before" "$scratch/after"
}

show_whole() {
    id=$("$query" --base "$base" --json -n 1 tilleuls | jq -r 'select(.rank==1).act.id')
    expect 0 "$query" show --base "$base" "$id" || return 1
    says "$scratch/out" "SHA-256:" || return 1
    expect 0 "$query" show --base "$base" --json "$id" || return 1
    jq -e '.act.id == "'"$id"'" and (.text | length) > 100' "$scratch/out" >/dev/null ||
        return 1
    expect 4 "$query" show --base "$base" 000000000000.9 && one_line
}

removed_stays_removed() {
    phrase="abattage"
    path=$("$query" --base "$base" --json -n 1 "$phrase tilleuls place" |
        jq -r 'select(.rank==1).document.path')
    expect 2 "$index" remove --base "$base" "$path" || return 1
    expect 0 "$index" remove --base "$base" --reason "essai" "$path" || return 1
    for mode in hybrid lexical vector; do
        "$query" --base "$base" --mode $mode --json -n 100 "$phrase tilleuls place" |
            grep -F "$path" && return 1
    done
    expect 3 "$index" add --base "$base" "$sample/$path" || return 1
    says "$scratch/err" "not taken again" || return 1
    expect 4 "$index" remove --base "$base" --reason encore "$path" || return 1
    expect 0 "$index" verify --base "$base"
}

status_says() {
    expect 0 "$index" status --base "$base" || return 1
    says "$scratch/out" "courvanne-les-tilleuls" || return 1
    expect 0 "$query" status --base "$base" --json || return 1
    jq -se '.[0].type == "status" and .[0].documents > 20 and .[0].removed == 1' \
        "$scratch/out" >/dev/null
}

rebuild_answers_the_same() {
    "$query" --base "$base" --json "cantine" | sed 's/"ms":.*//' >"$scratch/a"
    expect 0 "$index" rebuild --base "$base" || return 1
    "$query" --base "$base" --json "cantine" | sed 's/"ms":.*//' >"$scratch/b"
    cmp "$scratch/a" "$scratch/b" && expect 0 "$index" verify --base "$base"
}

measures_itself() {
    expect 0 "$query" eval --base "$base" "$top/corpora/sample/questions.jsonl" || return 1
    says "$scratch/out" "| all |" || return 1
    awk -F'|' '/\| all \|/ {exit !($6 > 0.4)}' "$scratch/out" || { cat "$scratch/out"; false; }
}

test_case "an empty base says so" empty_base_says_so
test_case "indexes every sample act" indexes_all
test_case "says why it has no answer" refuses_in_plain_words
test_case "answers with page and file" answers
test_case "takes words without quotes" words_without_quotes
test_case "JSON has the fields of the contract" json_fields
test_case "modes and filters" modes_and_filters
test_case "an unknown town is said, with those there are" unknown_body
test_case "matters" matters
test_case "same question, same answer" same_answer_twice
test_case "same base whatever the number of jobs" same_base_whatever_jobs
test_case "a second run changes nothing" second_run_changes_nothing
test_case "shows an act whole" show_whole
test_case "eval on the sample questions" measures_itself
test_case "rebuild answers the same" rebuild_answers_the_same
test_case "what is removed stays removed" removed_stays_removed
test_case "status says what there is" status_says
finish
