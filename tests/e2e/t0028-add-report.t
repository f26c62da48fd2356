#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What add says it did is what it did: nothing counted twice, nothing passed over in
# silence, nothing called unchanged that is gone.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
docs=$scratch/docs
mkdir -p "$docs"

text() { "$tools/mkpdf" text "$@" >/dev/null; }

# status_is FIELD VALUE: what the base holds
status_is() {
    local got
    got=$("$index" status --json --base "$1" | jq -r "select(.type == \"status\") | .$2")
    [ "$got" = "$3" ] || { echo "$2: $got in the base, $3 in the report"; return 1; }
}

report_is_gain() { # BASE: the report in $scratch/out tells what an empty base gained
    local field
    for field in pages acts passages; do
        status_is "$1" $field "$(jq -r "select(.type == \"report\") | .$field" "$scratch/out")" ||
            return 1
    done
}

after_ocr() {
    text "$docs/words.pdf" "Le conseil fixe le prix de la cantine." || return 1
    "$tools/mkpdf" image "$docs/scan.pdf" "Le conseil fixe le tarif du lavoir." >/dev/null || return 1
    expect 0 "$index" add --json --base "$base" "$docs" || return 1
    jq -e 'select(.type == "report") | .documents == 2 and .indexed == 2 and .ocr_pages == 1' \
        "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
    report_is_gain "$base"
}

# What --no-ocr left for later adds to the base what OCR finds, and nothing else.
ocr_later() {
    local later=$scratch/later before
    expect 0 "$index" add --no-ocr --json --base "$later" "$docs" || return 1
    report_is_gain "$later" || return 1
    before=$(jq -r .passages "$scratch/out")
    expect 0 "$index" add --json --base "$later" "$docs" || return 1
    jq -e '.pages == 0 and .indexed == 0 and .unchanged == 2' "$scratch/out" >/dev/null ||
        { cat "$scratch/out"; return 1; }
    status_is "$later" passages $((before + $(jq -r .passages "$scratch/out")))
}

removed_by_act() {
    local one=$scratch/one
    mkdir -p "$scratch/single" && text "$scratch/single/only.pdf" "La halle est vendue." || return 1
    expect 0 "$index" add --base "$one" "$scratch/single" || return 1
    local id
    id=$("$query" --base "$one" --json halle | jq -r 'select(.act).act.id' | head -n 1)
    expect 0 "$index" remove "$id" --reason "demande" --base "$one" || return 1
    expect 3 "$index" add --json --base "$one" "$scratch/single" || return 1
    jq -se '(.[0].type == "failure") and (.[0].reason | contains("removed earlier")) and
            (.[1].unchanged == 0) and (.[1].failed == 1) and (.[1].documents == 1)' \
        "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
}

other_files() {
    local many=$scratch/many
    mkdir -p "$many/bourg" && text "$many/bourg/a.pdf" "Le pont est refait." || return 1
    : >"$many/bourg/acte.odt"
    : >"$many/note.docx"
    : >"$many/.hidden"
    expect 0 "$index" add --base "$scratch/manybase" "$many" || return 1
    one_line && says "$scratch/err" "2 files passed over" && says "$scratch/err" acte.odt &&
        says "$scratch/err" note.docx && says "$scratch/err" PDF || return 1
    grep -q hidden "$scratch/err" && return 1
    expect 0 "$index" add --json --base "$scratch/manybase" "$many" || return 1
    jq -se '([.[] | select(.type == "skipped").path] | length == 2) and
            (.[-1].type == "report") and (.[-1].skipped_files == 2) and
            (.[-1].skipped_links == 0)' "$scratch/out" >/dev/null ||
        { cat "$scratch/out"; return 1; }
    expect 0 "$index" add -q --base "$scratch/manybase" "$many" && [ ! -s "$scratch/err" ]
}

many_other_files() {
    mkdir -p "$scratch/heap" && text "$scratch/heap/a.pdf" "Le puits est comblé." || return 1
    touch "$scratch/heap/"f{01..30}.txt
    expect 0 "$index" add --base "$scratch/heapbase" "$scratch/heap" || return 1
    one_line && says "$scratch/err" "30 files" && says "$scratch/err" "f01.txt" || return 1
    ! grep -q f30.txt "$scratch/err"
}

# Links to folders, one of them a loop, one to a place outside, and one named like a PDF; a
# link to a PDF is a document.
linked_folders() {
    local many=$scratch/linked
    mkdir -p "$many/a" "$scratch/outside" && text "$scratch/outside/out.pdf" "La mairie." || return 1
    text "$many/a/in.pdf" "Le gymnase est chauffé." || return 1
    ln -s ../a "$many/a/loop" && ln -s "$scratch/outside" "$many/away" &&
        ln -s ../linked "$many/like.pdf" && ln -s "$scratch/outside/out.pdf" "$many/out.pdf" ||
        return 1
    expect 0 "$index" add --base "$scratch/linkbase" "$many" || return 1
    one_line && says "$scratch/err" "3 linked folders" && says "$scratch/err" away &&
        says "$scratch/out" "2 documents: 2 indexed" || return 1
    expect 0 "$index" add --base "$scratch/linkbase" "$many/away" || return 1
    says "$scratch/out" "1 document: 0 indexed, 1 unchanged"
}

# A body written in several ways is one: in the coverage, best written, and in filters.
one_body() {
    local towns=$scratch/towns i=0 name
    mkdir -p "$towns"
    for name in putanges-le-lac "Putanges le Lac" "PUTANGES-LE-LAC" "Sées" sees; do
        i=$((i + 1))
        text "$towns/$i.pdf" "Le gymnase numéro $i est repeint." || return 1
        expect 0 "$index" add --body "$name" --base "$scratch/bodies" "$towns/$i.pdf" || return 1
    done
    "$index" status --json --base "$scratch/bodies" | jq -c 'select(.type == "body") |
        [.body, .documents, .acts]' >"$scratch/out"
    [ "$(cat "$scratch/out")" = '["Putanges le Lac",3,3]
["Sées",2,2]' ] || { cat "$scratch/out"; return 1; }
    [ "$("$query" --base "$scratch/bodies" --json --body "putanges le lac" gymnase |
        grep -c '"type":"result"')" -eq 3 ]
}

in_french() {
    expect 0 env LANGUAGE=fr "$index" add --base "$scratch/linkbase" "$scratch/many" || return 1
    says "$scratch/out" "1 document : 1 indexé, 0 inchangé, 0 refusé ou en échec" &&
        says "$scratch/out" "1 page, 1 acte, 1 passage" &&
        says "$scratch/err" "2 fichiers laissés de côté"
}

if ls /usr/share/tesseract-ocr/*/tessdata/fra.traineddata >/dev/null 2>&1; then
    test_case "a scan counts once" after_ocr
    test_case "OCR later counts what it adds" ocr_later
else
    skip_case "a scan counts once" "no OCR here"
    skip_case "OCR later counts what it adds" "no OCR here"
fi
test_case "an act removed is not unchanged" removed_by_act
test_case "files that are no PDF are counted and named" other_files
test_case "many of them stay one line" many_other_files
test_case "linked folders are named, loops harmless" linked_folders
test_case "a body written in several ways is one" one_body
test_case "the report in French" in_french
finish
