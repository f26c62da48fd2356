#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Articles of law found by a search: apart from the acts, as they stand today, with proven
# quotes; only what changed is indexed again; kills, damage and other commands leave a base
# that answers.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
law=$scratch/law.jsonl

# line CODE ARTICLE FROM TO STATE SECTION TEXT
line() {
    jq -nc --arg c "$1" --arg a "$2" --arg f "$3" --arg t "$4" --arg s "$5" --arg p "$6" \
        --arg x "$7" '{code: $c, article: $a, valid_from: $f,
            valid_to: (if $t == "" then null else $t end), state: $s,
            section_path: ($p / " > "), text: $x}'
}

make_law() {
    line CGCT L1 2000-01-01 2010-01-01 MODIFIE "Partie > Les ruches" \
        "L'apiculteur communal compte ses ruches chaque automne."
    line CGCT L1 2010-01-01 "" VIGUEUR "Partie > Les ruches" \
        "L'apiculteur communal compte ses ruches chaque printemps. Il en rend compte au conseil."
    line CGCT L2 2000-01-01 2020-01-01 ABROGE "Partie > Les moulins" \
        "Le meunier communal graisse la roue du moulin avant la moisson."
    line CGCT L3 2000-01-01 2099-01-01 MODIFIE "Partie > Les fours" \
        "Le four banal est allumé le samedi par le boulanger désigné."
    line CGCT L3 2099-01-01 "" VIGUEUR "Partie > Les fours" \
        "Le four banal est allumé le mardi par la sémaphoriste désignée."
    line CU L4 2000-01-01 "" VIGUEUR "Partie > Les girouettes" \
        "La girouette du clocher indique le vent aux passants de la place."
    line CU L5 2098-01-01 "" VIGUEUR "Partie > Les cadrans" \
        "Le cadran solaire est restauré par le gnomoniste municipal."
    perl -CS -e 'my @w = qw(lavoir pressoir halle fontaine calvaire abreuvoir passerelle kiosque
            verger remise); for my $i (1 .. 150) { my $w = $w[$i % 10];
        print qq({"code":"CG3P","article":"R$i","valid_from":"2001-01-01","valid_to":null,),
            qq("state":"VIGUEUR","section_path":["Livre","Les biens"],"text":"Le $w numéro $i ),
            qq(est entretenu par le cantonnier. ) . ("Le $w reste ouvert à tous. " x 30), qq("}\n) }'
}

import() { # BASE FILE
    expect 0 "$index" law import --json --base "$1" "$2"
}

ask() { # ARGS... -> $scratch/out
    expect 0 "$query" search --base "$base" --json "$@"
}

is() { # JQ over the array of lines
    jq -s -e "$1" "$scratch/out" >/dev/null || { echo "not: $1"; cat "$scratch/out"; return 1; }
}

imported() {
    make_law >"$law"
    import "$base" "$law" && is '.[0].passages > 155 and .[0].passages_removed == 0' &&
        expect 0 "$index" verify --base "$base"
}

fields() {
    ask --kind law 'quand compter les ruches' &&
        is '.[0] | .type == "result" and .rank == 1 and .id == "CGCT/L1#1" and .act == null
            and .document == null and .page == null and .refs == [] and .boxes == []
            and .law.ref == "CGCT/L1" and .law.code == "CGCT" and .law.article == "L1"
            and .law.section == "Partie > Les ruches" and .law.state == "in_force"
            and .law.valid_from == "2010-01-01" and .law.valid_to == null
            and .law.legi_id == null and (.law | has("url") and has("known_until"))' &&
        is '.[-1] | .type == "summary" and .verdict == "found"' &&
        is '[.[] | .quote // "" | contains("automne")] | any | not' &&
        expect 0 "$query" show --base "$base" --json 'CGCT/L1#1' &&
        is '.[0].type == "article" and .[0].ref == "CGCT/L1"'
}

proven() { # every quote stands at its span in the article's text
    local q
    for q in 'ruches printemps' 'le lavoir reste ouvert' 'pressoir numéro 41' 'girouette du clocher'; do
        ask --kind law "$q" || return 1
        jq -c 'select(.quote) | [.law.ref, .quote, .span[0], .span[1]]' "$scratch/out"
    done >"$scratch/quotes"
    [ "$(wc -l <"$scratch/quotes")" -gt 15 ] || return 1
    while IFS= read -r line; do
        "$query" article --base "$base" --json "$(jq -r '.[0]' <<<"$line")" </dev/null |
            jq -e --argjson l "$line" '.text[$l[2]:$l[3]] | gsub("[ \n]+"; " ") == $l[1]' \
                >/dev/null || { echo "not proven: $line"; return 1; }
    done <"$scratch/quotes"
}

as_of_today() {
    ask --kind law 'graisser la roue du moulin' && is '.[0].law.ref == "CGCT/L2" and
            .[0].law.state == "repealed" and .[0].law.valid_to == "2020-01-01"' &&
        ask --kind law 'allumer le four banal' &&
        is '.[0].law.ref == "CGCT/L3" and (.[0].quote | contains("samedi"))' &&
        ask --kind law --mode lexical 'sémaphoriste' && is 'all(.[]; .law.ref != "CGCT/L3")' &&
        ask --kind law 'gnomoniste municipal' && is '.[0].law.ref == "CU/L5" and
            .[0].law.state == "not_yet"'
}

named_first() {
    ask --kind law 'lavoir, article L4 du code de l’urbanisme' -n 3 &&
        is '.[0].law.ref == "CU/L4" and .[-1].verdict == "found"' &&
        ask --kind law 'art L1 cgct' -n 1 && is '.[0].law.ref == "CGCT/L1"'
}

chosen() {
    ask --kind law --ref 'CGCT/L1' 'le four' && is 'length == 2 and .[0].law.ref == "CGCT/L1"' &&
        ask --kind law --ref CU 'le vent' &&
        is 'length == 3 and all(.[:-1][]; .law.code == "CU")' &&
        ask --kind law --ref 'CGCT/L999' 'le vent' && is 'length == 1' &&
        expect 2 "$query" search --base "$base" --kind law --body X 'le vent' && one_line &&
        expect 2 "$query" search --base "$base" --kind nothing 'le vent' && one_line &&
        ask --kind law --mode lexical 'girouette' && is '.[0].law.ref == "CU/L4"' &&
        ask --kind law --mode vector 'girouette du clocher' && is 'length > 1'
}

not_found() {
    ask --kind law 'prix des croissants au beurre à la kermesse' &&
        is '.[-1].verdict == "not_found" and all(.[:-1][]; .type == "nearest")' &&
        expect 0 "$query" search --base "$base" --kind law 'prix des croissants au beurre' &&
        says "$scratch/out" 'Not found in the law.'
}

apart() {
    expect 0 "$index" add --no-ocr --base "$base" "$sample" || return 1
    ask 'la girouette du clocher indique le vent' &&
        is '[.[] | .type] | .[-2:] == ["law", "summary"] and index("law") > 0' &&
        is '.[-1].law >= 1 and .[-1].law <= 3 and (.[-2].act == null)' &&
        is '[.[] | select(.type == "result" or .type == "nearest") | .act.id] | all' || return 1
    cp "$scratch/out" "$scratch/both"
    ask --kind act 'la girouette du clocher indique le vent' &&
        is 'all(.[]; .type != "law") and (.[-1] | has("law") | not)' || return 1
    # the acts are what they are without the law
    diff <(jq -c 'select(.type == "result" or .type == "nearest")' "$scratch/both") \
        <(jq -c 'select(.type == "result" or .type == "nearest")' "$scratch/out") || return 1
    ask --kind deliberation 'la girouette du clocher' && is 'all(.[]; .type != "law")' &&
        ask --from 2001 'la girouette du clocher' && is 'all(.[]; .type != "law")' &&
        ask --kind law --kind deliberation 'la girouette du clocher' &&
        is '.[-2].type == "law"' &&
        expect 0 "$query" search --base "$base" 'la girouette du clocher indique le vent' &&
        says "$scratch/out" 'Texts of law:' && says "$scratch/out" 'Article L. 4 du code de l'
}

again() {
    local before
    before=$(cd "$base" && sha256sum law.db law.vectors.*/* law.fulltext.*/*.glass)
    import "$base" "$law" && is '.[0].passages == 0 and .[0].passages_removed == 0' || return 1
    [ "$before" = "$(cd "$base" && sha256sum law.db law.vectors.*/* law.fulltext.*/*.glass)" ]
}

only_what_changed() {
    sed 's/chaque printemps/chaque équinoxe/; /girouette/d' "$law" >"$scratch/law2.jsonl"
    import "$base" "$scratch/law2.jsonl" &&
        is '.[0].passages == 1 and .[0].passages_removed == 2' || return 1
    for mode in hybrid lexical vector; do
        ask --kind law --mode $mode -n 100 'ruches printemps girouette du clocher' || return 1
        is 'all(.[]; (.quote // "") | contains("printemps") or contains("girouette") | not)' ||
            return 1
    done
    ask --kind law 'compter les ruches' && is '.[0].quote | contains("équinoxe")' &&
        expect 0 "$index" verify --base "$base"
}

same_after_rebuild() {
    local q
    for q in 'ruches' 'four banal' 'le kiosque numéro 57'; do
        ask --kind law "$q" && sed 's/"ms":.*//' "$scratch/out"
    done >"$scratch/before"
    expect 0 "$index" rebuild --base "$base" || return 1
    for q in 'ruches' 'four banal' 'le kiosque numéro 57'; do
        ask --kind law "$q" && sed 's/"ms":.*//' "$scratch/out"
    done | cmp - "$scratch/before" && expect 0 "$index" verify --base "$base"
}

damaged() {
    local vectors text
    vectors=$(echo "$base"/law.vectors.*/blocks.*)
    printf 'x' | dd of="$vectors" bs=1 seek=700 conv=notrunc 2>/dev/null
    expect 1 "$query" search --base "$base" --kind law 'ruches' && one_line &&
        says "$scratch/err" 'greffier-index rebuild' &&
        expect 0 "$query" search --base "$base" 'cantine' && says "$scratch/err" 'law' &&
        expect 1 "$index" verify --base "$base" && expect 0 "$index" verify --repair --base "$base" &&
        ask --kind law 'ruches' && is '.[0].law.ref == "CGCT/L1"' || return 1
    rm -rf "$base"/law.fulltext.*
    expect 1 "$query" search --base "$base" --kind law 'ruches' && one_line &&
        expect 1 "$index" verify --base "$base" && expect 0 "$index" verify --repair --base "$base" &&
        ask --kind law 'ruches' && is '.[0].law.ref == "CGCT/L1"'
}

without_law() {
    expect 0 "$index" init --base "$scratch/none" &&
        expect 4 "$query" search --base "$scratch/none" --kind law 'ruches' && one_line &&
        says "$scratch/err" 'greffier-index law import' &&
        expect 0 "$query" search --base "$scratch/none" --json 'ruches' && is '.[-1] | has("law") | not'
}

# Killed at every sync that reaches the disk: the base answers, and the next run ends with
# the articles and indexes of an undisturbed one.
killed_everywhere() {
    local n code killed=0 other=$scratch/killed
    for n in $(seq 1 6 200); do
        rm -rf "$other"
        code=0
        strace -f -qq -o /dev/null -e trace=fsync,fdatasync,rename \
            -e inject=fsync,fdatasync,rename:signal=SIGKILL:when="$n" \
            "$index" law import -q --base "$other" "$law" >/dev/null 2>&1 || code=$?
        [ $code -ne 0 ] || break
        killed=$((killed + 1))
        code=0
        "$query" search --base "$other" --json --kind law 'ruches' >"$scratch/out" 2>"$scratch/err" ||
            code=$?
        [ $code -eq 0 ] || [ $code -eq 4 ] || { echo "at $n: $code"; cat "$scratch/err"; return 1; }
        if [ $((killed % 2)) -eq 0 ]; then # any writer goes on
            expect 0 "$index" law import --base "$other" "$law" || return 1
        elif [ -e "$other/law.db" ]; then
            expect 0 "$index" add --base "$other" "$scratch/no-acts" || return 1
            expect 0 "$index" law import --base "$other" "$law" || return 1
        fi
        [ -e "$other/law.db" ] || continue
        expect 0 "$index" verify --base "$other" || { cat "$scratch/out"; return 1; }
        base=$other ask --kind law 'le kiosque numéro 57' || return 1
        sed 's/"ms":.*//' "$scratch/out" | cmp - "$scratch/undisturbed" || { echo "at $n"; return 1; }
    done
    echo "killed $killed times"
    [ $killed -ge 5 ]
}

undisturbed() {
    mkdir "$scratch/no-acts"
    import "$scratch/first" "$law" || return 1
    base=$scratch/first ask --kind law 'le kiosque numéro 57' &&
        sed 's/"ms":.*//' "$scratch/out" >"$scratch/undisturbed"
}

test_case "an invented law: imported and indexed" imported
test_case "an article found: its fields" fields
test_case "every quote stands in its article" proven
test_case "as the law stands today: repealed, to come, replaced" as_of_today
test_case "an article that is named comes first" named_first
test_case "--ref, --mode, and options that are of acts" chosen
test_case "not found in the law" not_found
test_case "below the acts, never among them" apart
test_case "the same again changes no byte" again
test_case "only what changed is indexed; what is gone is gone" only_what_changed
test_case "a rebuild gives the same answers" same_after_rebuild
test_case "damage: said, acts go on, repaired" damaged
test_case "without law" without_law
test_case "an undisturbed import" undisturbed
if command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null; then
    test_case "killed at syncs and renames: answers, and goes on" killed_everywhere
else
    skip_case "killed at syncs and renames" "no strace here"
fi
finish
