#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Files that are renamed, moved, changed or doubled between two runs; names and folders
# that nobody would choose.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
docs=$scratch/docs
mkdir -p "$docs"

text() { "$tools/mkpdf" text "$@" >/dev/null; }
cited() { "$query" --base "$base" --json "$@" | jq -r 'select(.document).document.path'; }

renamed() {
    text "$docs/a.pdf" "Le conseil fixe le prix de la cantine." || return 1
    expect 0 "$index" add --base "$base" "$docs" || return 1
    [ "$(cited cantine)" = a.pdf ] || return 1
    mv "$docs/a.pdf" "$docs/renamed.pdf"
    expect 0 "$index" add --base "$base" "$docs" || return 1
    [ "$(cited cantine)" = renamed.pdf ] && expect 0 "$index" verify --base "$base"
}

in_two_places() {
    mkdir -p "$docs/archives" && cp "$docs/renamed.pdf" "$docs/archives/same.pdf"
    expect 0 "$index" add --base "$base" "$docs" || return 1
    [ "$(cited cantine | wc -l)" -eq 1 ] || return 1
    rm "$docs/renamed.pdf"
    expect 0 "$index" add --base "$base" "$docs" || return 1
    [ "$(cited cantine)" = archives/same.pdf ]
}

# The file is gone and stands nowhere else: what was indexed stays.
gone() {
    rm -r "$docs/archives"
    expect 0 "$index" add --base "$base" "$docs" || return 1
    [ "$(cited cantine)" = archives/same.pdf ]
}

changed_in_place() {
    text "$docs/c.pdf" "Le lavoir du bourg est vendu." || return 1
    expect 0 "$index" add --base "$base" "$docs" || return 1
    text "$docs/c.pdf" "La fontaine du bourg est réparée." || return 1
    expect 0 "$index" add --base "$base" "$docs" || return 1
    "$query" --base "$base" --json lavoir >"$scratch/out"
    grep -q "est vendu" "$scratch/out" && { cat "$scratch/out"; return 1; }
    [ "$(cited fontaine | head -n 1)" = c.pdf ]
}

# A name may hold what a terminal takes for orders; one line a failure all the same.
hostile_names() {
    local bad=$docs/$'red\e[31m\nline \xff.pdf'
    echo no >"$bad"
    expect 3 "$index" add --base "$base" "$docs" || return 1
    one_line || return 1
    grep -q $'\e' "$scratch/err" && return 1
    expect 3 "$index" add --json --base "$base" "$docs" || return 1
    iconv -f UTF-8 -t UTF-8 "$scratch/out" >/dev/null && jq -e . "$scratch/out" >/dev/null ||
        return 1
    expect 0 "$index" status --base "$base" || return 1
    grep -q $'\e' "$scratch/out" && return 1
    text "$bad" "Le moulin du bourg est classé." || return 1
    expect 0 "$index" add --base "$base" "$docs" || return 1
    expect 0 "$query" --base "$base" moulin || return 1
    grep -q $'\e' "$scratch/out" && return 1
    expect 0 "$query" --base "$base" --json moulin && iconv -f UTF-8 -t UTF-8 "$scratch/out" >/dev/null
}

# One folder too deep costs itself, not the run.
too_deep() {
    local deep=$scratch/deep/$(printf 'd/%.0s' $(seq 70))
    mkdir -p "$deep" && text "$deep/x.pdf" "Trop loin." || return 1
    text "$scratch/deep/near.pdf" "Le pont du bourg est refait." || return 1
    expect 3 "$index" add --base "$base" "$scratch/deep" || return 1
    one_line && says "$scratch/err" "folders deep" && [ "$(cited pont | head -n 1)" = near.pdf ]
}

test_case "a renamed file is cited where it is" renamed
test_case "a file in two places, then in one" in_two_places
test_case "a file that is gone stays indexed" gone
test_case "a changed file is cited as it is" changed_in_place
test_case "hostile names" hostile_names
test_case "a folder too deep costs itself" too_deep
finish
