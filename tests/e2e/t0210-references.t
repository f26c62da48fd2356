#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# References to law: which acts cite, and what a draft cites.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
"$index" add --base "$base" --no-ocr "$sample" >/dev/null 2>&1

# A law of four articles: one stays, one changed in 2020, one was repealed in 2019, one
# begins in 2030.
law() {
    row() { # ARTICLE FROM TO STATE
        printf '{"code":"CGCT","article":"%s","valid_from":"%s","valid_to":%s,"state":"%s","text":"Texte du %s."}\n' \
            "$1" "$2" "$3" "$4" "$2"
    }
    row L2121-29 1996-02-24 null VIGUEUR
    row L2122-22 2010-01-01 '"2020-05-01"' MODIFIE
    row L2122-22 2020-05-01 null VIGUEUR
    row L2122-23 2010-01-01 '"2019-06-01"' ABROGE
    row L2122-24 2030-01-01 null VIGUEUR
}

draft() {
    printf '%s\n' "Vu le code général des collectivités territoriales, et notamment ses articles" \
        "L. 2121-29 et L. 2122-22 à L. 2122-23 ;" \
        "Vu l'article L. 2122-24 du même code ; vu l'article L. 2121-299 de ce code ;" \
        "Vu la loi n° 84-53 du 26 janvier 1984 ; vu la délibération n° D2024-20 ;" \
        "Article 1 : le compte 6574 est doté de R 175 590,80 euros."
}

cites_in_order() {
    expect 0 "$query" citing --base "$base" --json -n 100 CGCT || return 1
    jq -se '
      (.[:-1] | length >= 10) and
      all(.[:-1][]; .type == "citing" and (.ref | startswith("CGCT/")) and
          (.string as $s | .quote | contains($s)) and (.string | test("[0-9]{4}")) and
          (.document.path | endswith(".pdf")) and .page >= 1 and
          (.span | length) == 2 and (.boxes | length) > 0 and
          (.ref as $r | .refs | index($r))) and
      ([.[:-1][].act.session_date | select(.)] | . == (sort | reverse)) and
      (.[-1] | .type == "summary" and .acts >= .results)' "$scratch/out" >/dev/null ||
        { head -n 3 "$scratch/out"; return 1; }
}

cites_as_the_list_says() {
    local want have
    want=$(jq -r 'select(.legal_refs | index("CGCT L2121-29")) | .file' \
        "$top/corpora/sample/acts.jsonl" | sort -u)
    have=$("$query" citing --base "$base" --json -n 1000 L2121-29 du CGCT |
        jq -r 'select(.type == "citing").document.path' | sort -u)
    [ -n "$want" ] && [ -z "$(comm -23 <(echo "$want") <(echo "$have"))" ] ||
        { diff <(echo "$want") <(echo "$have"); return 1; }
}

exported_refs() {
    "$index" export --acts --base "$base" >"$scratch/acts" || return 1
    "$tools/actscore" "$scratch/acts" "$top/corpora/sample/acts.jsonl" >"$scratch/score"
    grep refs "$scratch/score" | tail -n 1
    grep refs "$scratch/score" | tail -n 1 |
        awk '{exit !($3 >= 0.9 && $5 >= 0.9)}'
}

wider_questions() {
    local one chapter code range
    count() { "$query" citing --base "$base" --json -n 1 "$@" | jq 'select(.acts).acts'; }
    one=$(count CGCT/L2121-29)
    chapter=$(count CGCT/L2121)
    range=$(count "L2121-1 à L2121-35 du CGCT")
    code=$(count CGCT)
    echo "$one $chapter $range $code"
    [ "$one" -gt 0 ] && [ "$chapter" -ge "$one" ] && [ "$range" -ge "$one" ] &&
        [ "$range" -le "$chapter" ] && [ "$code" -ge "$chapter" ] &&
        [ "$(count --from 2099 CGCT)" = 0 ] && [ "$(count --body nowhere CGCT)" = 0 ]
}

filters_by_reference() {
    for mode in hybrid lexical vector; do
        expect 0 "$query" --base "$base" --json -n 100 --mode "$mode" --ref "L2121 CGCT" \
            "conseil municipal" || return 1
        jq -se '(length > 1) and all(.[:-1][]; .refs | any(startswith("CGCT/L2121-")))' \
            "$scratch/out" >/dev/null || { echo "$mode"; return 1; }
    done
    expect 0 "$index" rebuild --base "$base" || return 1
    expect 0 "$query" --base "$base" --json -n 100 --mode lexical --ref "L2121 CGCT" \
        "conseil municipal" || return 1
    jq -se 'length > 1' "$scratch/out" >/dev/null
}

no_reference() {
    for bad in bonjour "n° 2024-12" "" "article"; do
        expect 2 "$query" citing --base "$base" -- "$bad" || return 1
        one_line || return 1
        expect 2 "$query" --base "$base" --ref "$bad" budget || return 1
    done
    expect 4 "$query" citing --base "$scratch/absent" CGCT/L2121-29 || return 1
    expect 0 "$query" citing --base "$base" CGCT/L9999-99 || return 1
    says "$scratch/out" "No act cites this"
}

without_law() {
    draft >"$scratch/draft.txt"
    expect 0 "$query" check --base "$base" "$scratch/draft.txt" || return 1
    says "$scratch/out" "greffier-index law update" || return 1
    expect 3 "$query" check --strict --base "$base" "$scratch/draft.txt" || return 1
    expect 0 "$query" check --base "$base" --json "$scratch/draft.txt" || return 1
    jq -se 'length == 4 and all(.[]; .type == "reference" and .status == "unknown" and
        .page == null)' "$scratch/out" >/dev/null
}

with_law() {
    law >"$scratch/law.jsonl"
    expect 0 "$index" law import --base "$base" "$scratch/law.jsonl" || return 1
    expect 0 "$query" check --base "$base" --json --at 2018-03-01 "$scratch/draft.txt" ||
        return 1
    jq -se '
      ([.[] | .refs[]] == ["CGCT/L2121-29", "CGCT/L2122-22", "CGCT/L2122-23", "CGCT/L2122-24",
                           "CGCT/L2121-299", "loi/84-53"]) and
      (.[0].status == "repealed") and
      ([.[0].each[].status] == ["in_force", "modified", "repealed"]) and
      (.[0].each[1].valid_to == "2020-05-01") and
      (.[1].status == "not_yet") and (.[1].valid_from == "2030-01-01") and
      (.[2] | .status == "unknown" and .why == "no_such_article") and
      (.[3] | .status == "unknown" and .why == "not_imported") and
      (.[0].line == 1) and (.[0].offset > 0)' "$scratch/out" >/dev/null ||
        { cat "$scratch/out"; return 1; }
    expect 3 "$query" check --base "$base" --strict --at 2018-03-01 "$scratch/draft.txt" ||
        return 1
    says "$scratch/out" "To correct" && says "$scratch/out" "repealed on" || return 1
    echo "Vu l'article L. 2121-29 du CGCT" >"$scratch/good.txt"
    expect 0 "$query" check --base "$base" --strict "$scratch/good.txt"
}

# A text and the same text in a file of another kind give the same answer.
same_in() { # FILE
    "$query" check --base "$base" --json "$scratch/draft.txt" |
        jq -c '[.refs, .status]' >"$scratch/a"
    "$query" check --base "$base" --json "$1" | jq -c '[.refs, .status]' >"$scratch/b"
    [ -s "$scratch/a" ] && cmp "$scratch/a" "$scratch/b"
}

other_files() {
    local body
    iconv -f UTF-8 -t WINDOWS-1252 "$scratch/draft.txt" >"$scratch/latin.txt"
    same_in "$scratch/latin.txt" || return 1
    iconv -f UTF-8 -t UTF-16 "$scratch/draft.txt" >"$scratch/wide.txt"
    same_in "$scratch/wide.txt" || return 1
    "$query" check --base "$base" --json - <"$scratch/draft.txt" | jq -c '[.refs, .status]' |
        cmp - "$scratch/a" || return 1
    command -v zip >/dev/null || return 0
    mkdir -p "$scratch/odt" "$scratch/docx/word"
    body=$(sed 's/&/\&amp;/g; s/é/\&#233;/g; s|.*|<text:p text:style-name="a>b">&</text:p>|' \
        "$scratch/draft.txt")
    echo "<?xml version=\"1.0\"?><o><text:tracked-changes><text:p>article L8 du CGCT</text:p>\
</text:tracked-changes>$body</o>" >"$scratch/odt/content.xml"
    (cd "$scratch/odt" && zip -q ../draft.odt content.xml) || return 1
    same_in "$scratch/draft.odt" || return 1
    body=$(sed 's/é/\&#xE9;/g; s|.*|<w:p><w:r><w:t>&</w:t></w:r></w:p>|' "$scratch/draft.txt")
    echo "<w:document>$body<w:p><w:delText>article L8 du CGCT</w:delText></w:p></w:document>" \
        >"$scratch/docx/word/document.xml"
    (cd "$scratch/docx" && zip -q ../draft.docx word/document.xml) || return 1
    same_in "$scratch/draft.docx"
}

reads_pdf() {
    local pdf
    pdf=$(find "$sample" -name '2022-08_video*.pdf')
    expect 0 "$query" check --base "$base" --json "$pdf" || return 1
    jq -se '(map(.refs[]) | index("CSI/L251-1")) and all(.[]; .page >= 1 and
        (.string | length) > 3)' "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
    "$query" check --base "$base" --json - <"$pdf" | cmp - "$scratch/out"
}

bad_drafts() {
    local f
    refused() { # CODE FILE
        expect "$1" "$query" check --base "$base" "$2" && one_line
    }
    refused 4 "$scratch/absent.txt" || return 1
    refused 2 "$scratch" || return 1
    printf '%%PDF-1.4\nnothing' >"$scratch/bad.pdf"
    refused 1 "$scratch/bad.pdf" || return 1
    printf 'PK\003\004nothing' >"$scratch/bad.odt"
    refused 1 "$scratch/bad.odt" || return 1
    printf '\320\317\021\340\241\261\032\341' >"$scratch/old.doc"
    refused 1 "$scratch/old.doc" || return 1
    printf 'a\000b' >"$scratch/binary"
    refused 1 "$scratch/binary" || return 1
    expect 2 "$query" check --base "$base" --at hier "$scratch/draft.txt" || return 1
    : >"$scratch/empty"
    expect 0 "$query" check --base "$base" "$scratch/empty" || return 1
    says "$scratch/out" "no reference" || return 1
    if command -v zip >/dev/null; then
        for f in '<w:p><w:t>article' '<!DOCTYPE a [<!ENTITY b "c">]><w:p><w:t>&b;</w:t></w:p>' '' '<>'; do
            printf '%s' "$f" >"$scratch/docx/word/document.xml"
            (cd "$scratch/docx" && rm -f ../bad.docx && zip -q ../bad.docx word/document.xml)
            expect 1 "$query" check --base "$base" "$scratch/bad.docx" || {
                [ "$f" = '<w:p><w:t>article' ] || return 1
            }
        done
        (cd "$scratch" && zip -q other.zip draft.txt)
        refused 1 "$scratch/other.zip" || return 1
    fi
    "$query" check --base "$base" <(head -c 100000 /dev/urandom | tr -d '\000') >/dev/null 2>&1
    [ $? -lt 5 ]
}

# Half a megabyte of references, and one that never ends.
long_drafts() {
    for _ in $(seq 2000); do draft; done >"$scratch/long.txt"
    expect 0 "$query" check --base "$base" "$scratch/long.txt" || return 1
    says "$scratch/out" "8000 references" || return 1
    { printf 'Vu les articles L. 2121-29'; for i in $(seq 5000); do printf ', L. 2122-%d' "$i"; done
      echo " du CGCT"; } >"$scratch/list.txt"
    expect 0 "$query" check --base "$base" --json "$scratch/list.txt"
}

test_case "citing gives acts, newest first, with proven quotes" cites_in_order
test_case "citing finds the acts that the sample's list names" cites_as_the_list_says
test_case "exported references are those of the sample" exported_refs
test_case "ranges, chapters, codes, dates and bodies" wider_questions
test_case "search --ref in all modes, and after rebuild" filters_by_reference
test_case "what is no reference is refused" no_reference
test_case "check without law" without_law
test_case "check with law" with_law
test_case "check reads other encodings, ODT and DOCX" other_files
test_case "check reads PDF" reads_pdf
test_case "bad drafts are refused in one line" bad_drafts
test_case "long drafts" long_drafts
finish
