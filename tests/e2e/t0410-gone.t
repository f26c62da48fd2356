#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Gone is gone: after remove no branch gives the act, and no file of the base holds a word
# of it, neither as it was written nor folded nor as a stem.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
docs=$scratch/docs
mkdir -p "$docs"

# Words that stand in one act only; the last three are the forms that indexes keep. Pages
# are stored squeezed: of them bytes are looked for.
secret=(Quintefeuille "Zwingelbergère" brouillassements zwingelberger brouillass quintefeuill)

act() { # FILE N TEXT
    "$tools/mkpdf" text "$docs/$1.pdf" "Commune de Courvanne
Séance du 12 mars 2024
Délibération n° 2024-$2
Objet : $3
Le conseil municipal, après en avoir délibéré, décide : $3 $4" >/dev/null
}

fill() {
    local i
    for i in $(seq 10 40); do
        act "d$i" "0$i" "Entretien du chemin numéro $i" "La voirie du lot $i est refaite."
    done
    act secret 041 "Secours à madame Quintefeuille" \
        "Madame Zwingelbergère reçoit 431 euros pour des brouillassements."
    # versions of two files that are replaced, one of them twice
    act old 042 "Location du pavillon Quintefeuille" "Zwingelbergère loue, brouillassements."
    act other 043 "Location du kiosque" "Zwingelbergère, brouillassements, Quintefeuille."
    expect 0 "$index" add --base "$base" "$docs" || return 1
    act old 042 "Location du pavillon Quintefeuille" "Zwingelbergère paie, brouillassements."
    expect 0 "$index" add --base "$base" "$docs" || return 1
    act old 042 "Location du pavillon" "Il est loué."
    act other 043 "Location du kiosque" "Il est loué."
    expect 0 "$index" add --base "$base" "$docs"
}

traces() { # every file of the base that has one of the words
    local w
    for w in "$@"; do
        grep -rlaiF -- "$w" "$base" | sed "s|^|$w: |"
    done
}

page_traces() { # every file of the base that has a piece of one of the pages
    local hex
    while read -r hex; do
        LC_ALL=C grep -rlaP -- "$(sed 's/../\\x&/g' <<<"$hex")" "$base" | sed "s|^|$hex: |"
    done <"$scratch/blobs"
}

key_of() { # WORDS
    "$query" --base "$base" --json -n 1 "$1" | jq -r 'select(.type=="result").act.id'
}

filled() {
    fill || return 1
    key_of "secours à madame Quintefeuille" >"$scratch/key"
    [ -s "$scratch/key" ] || { echo "not found before"; return 1; }
    local w
    for w in Quintefeuille "${secret[@]: -3}"; do
        [ -n "$(traces "$w")" ] || { echo "$w: not there before: proves nothing"; return 1; }
    done
    local key
    for key in "$(cat "$scratch/key")" "$(key_of "location du pavillon")"; do
        "$tools/pageblob" "$base" "${key%%.*}" || return 1
    done >"$scratch/blobs"
    [ "$(wc -l <"$scratch/blobs")" -ge 4 ] && [ -n "$(page_traces)" ] ||
        { echo "pages not there before: proves nothing"; return 1; }
}

no_trace() {
    traces "${secret[@]}" >"$scratch/traces"
    page_traces >>"$scratch/traces"
    [ ! -s "$scratch/traces" ] || { cat "$scratch/traces"; return 1; }
}

not_answered() {
    local mode q
    for mode in lexical vector hybrid; do
        for q in "madame Quintefeuille" "Zwingelbergère" "brouillassements"; do
            expect 0 "$query" --base "$base" --mode $mode --json -n 50 "$q" || return 1
            grep -i 'quintefeuille\|zwingelberg' "$scratch/out" && return 1
        done
    done
    expect 4 "$query" show --base "$base" "$(cat "$scratch/key")"
    expect 0 "$index" export --acts --base "$base" || return 1
    ! grep -i 'quintefeuille\|zwingelberg' "$scratch/out"
}

removed() {
    local key old other
    key=$(cat "$scratch/key")
    old=$(key_of "location du pavillon")
    other=$(key_of "location du kiosque")
    [ -n "$old" ] && [ -n "$other" ] || return 1
    expect 0 "$index" remove --base "$base" --reason essai "$key" "${old%%.*}" "$other" || return 1
    no_trace || return 1
    not_answered
}

still_whole() {
    expect 0 "$index" verify --base "$base" || return 1
    [ -n "$(key_of "chemin numéro 17")" ] || return 1
    "$index" add --base "$base" "$docs" >/dev/null 2>&1 # refused or left as it is
    no_trace
}

# The version that is named beside the one that replaced it goes with it.
both_named() {
    local b=$scratch/both old new
    mkdir -p "$scratch/two"
    "$tools/mkpdf" text "$scratch/two/x.pdf" "Le lavoir est loué." && expect 0 "$index" add --base "$b" "$scratch/two" || return 1
    old=$("$query" --base "$b" --json -n 1 lavoir | jq -r '.act.id // empty' | head -n 1)
    "$tools/mkpdf" text "$scratch/two/x.pdf" "Le lavoir est vendu." && expect 0 "$index" add --base "$b" "$scratch/two" || return 1
    new=$("$query" --base "$b" --json -n 1 lavoir | jq -r '.act.id // empty' | head -n 1)
    [ -n "$old" ] && [ "$old" != "$new" ] || return 1
    expect 4 "$index" remove --base "$b" --reason essai "${new%.*}" "${old%.*}" 000000000000 &&
        expect 0 "$query" show --base "$b" "$new" || return 1
    expect 0 "$index" remove --base "$b" --reason essai "${new%.*}" "${old%.*}" || return 1
    expect 4 "$query" show --base "$b" "$new" && expect 4 "$query" show --base "$b" "$old"
}

test_case "the words are in the base before" filled
test_case "remove leaves no word of the act, nor of the versions it replaced" removed
test_case "the rest is sound, and adding the folder again brings nothing back" still_whole
test_case "a version may be named beside the one that replaced it" both_named
finish
