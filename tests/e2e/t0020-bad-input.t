#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Bad input: one clear line that names the thing, a documented exit code, nothing lost.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
docs=$scratch/docs
mkdir -p "$docs"
"$tools/mkpdf" text "$docs/good.pdf" "Le conseil fixe le prix de la cantine." >/dev/null

start() { expect 0 "$index" add --base "$base" "$docs/good.pdf"; }
still_answers() {
    "$query" --base "$base" cantine >"$scratch/answer" && says "$scratch/answer" "good.pdf"
}

# refused FILE TEXT: the file is named with its reason, code 3, the base still answers
refused() {
    expect 3 "$index" add --base "$base" "$1" || return 1
    one_line && says "$scratch/err" "$(basename "$1")" && says "$scratch/err" "$2" &&
        still_answers
}

encrypted() { "$tools/mkpdf" encrypted "$docs/encrypted.pdf" && refused "$docs/encrypted.pdf" "password"; }
not_pdf() { "$tools/mkpdf" notpdf "$docs/notpdf.pdf" && refused "$docs/notpdf.pdf" "PDF"; }
empty_file() { : >"$docs/void.pdf" && refused "$docs/void.pdf" "empty"; }
zero_pages() { "$tools/mkpdf" zeropages "$docs/zero.pdf" && refused "$docs/zero.pdf" "page"; }
truncated() {
    "$tools/mkpdf" truncate "$docs/cut.pdf" || return 1
    local code=0
    "$index" add --base "$base" "$docs/cut.pdf" >"$scratch/out" 2>"$scratch/err" || code=$?
    [ $code -eq 0 ] || [ $code -eq 3 ] || return 1 # repaired by the reader, or refused
    still_answers
}
unreadable() {
    [ "$(id -u)" -eq 0 ] && return 0 # root reads everything
    cp "$docs/good.pdf" "$docs/secret.pdf" && chmod 0 "$docs/secret.pdf" &&
        refused "$docs/secret.pdf" "secret.pdf"
}
a_fifo() { mkfifo "$docs/pipe.pdf" && refused "$docs/pipe.pdf" "regular"; }
image_only() {
    "$tools/mkpdf" image "$docs/image.pdf" || return 1
    expect 0 "$index" add --base "$base" --no-ocr "$docs/image.pdf" || return 1
    says "$scratch/out" "1 page is an image without text" && still_answers
}
too_many_pages() {
    "$tools/mkpdf" long "$docs/long.pdf" 30 >/dev/null || return 1
    printf '[worker]\npages = 10\n' >"$scratch/few.conf"
    expect 3 "$index" add --base "$base" --config "$scratch/few.conf" "$docs/long.pdf" &&
        one_line && says "$scratch/err" "long.pdf" && says "$scratch/err" "the limit is 10" &&
        says "$scratch/err" "[worker]" && still_answers
}
# Damage is named together with what helps against it.
damaged_rows() {
    rm -rf "$scratch/torn" && cp -r "$base" "$scratch/torn" && rm -f "$scratch"/torn/*-wal
    truncate -s 20000 "$scratch/torn/greffier.db"
    expect 1 "$query" --base "$scratch/torn" cantine || return 1
    one_line && says "$scratch/err" "greffier.db" && says "$scratch/err" "backup" || return 1
    expect 1 "$index" verify --base "$scratch/torn" && says "$scratch/out" "backup"
}
# Pages torn out of the middle: every command says what helps, none what does not.
damaged_middle() {
    local torn=$scratch/torn
    rm -rf "$torn" && cp -r "$base" "$torn" && rm -f "$torn"/*-wal "$torn"/*-shm
    local pages=$(($(stat -c %s "$torn/greffier.db") / 4096))
    dd if=/dev/zero of="$torn/greffier.db" bs=4096 seek=2 count=$((pages - 3)) conv=notrunc \
        2>/dev/null || return 1
    expect 1 "$query" --base "$torn" cantine || return 1
    one_line && says "$scratch/err" "backup" || return 1
    expect 1 "$index" rebuild --base "$torn" || return 1
    one_line && says "$scratch/err" "backup" && says "$scratch/err" "folder ocr" || return 1
    expect 1 "$index" add --base "$torn" "$docs/good.pdf" || return 1
    one_line && says "$scratch/err" "backup" || return 1
    expect 1 "$index" verify --base "$torn" || return 1
    says "$scratch/out" "which nothing can repair" || return 1
    grep -qF -e '***' -e '--repair' "$scratch/out" && { cat "$scratch/out"; return 1; }
    expect 1 "$index" verify --repair --base "$torn" || return 1
    one_line && says "$scratch/err" "backup"
}
damaged_law() {
    expect 0 "$index" init --base "$scratch/lawless" || return 1
    head -c 9000 /dev/urandom >"$scratch/lawless/law.db"
    expect 1 "$query" article CGCT/L2121-29 --base "$scratch/lawless" || return 1
    one_line && says "$scratch/err" "law.db" && says "$scratch/err" "import the law again"
}
missing_part() { # NAME
    rm -rf "$scratch/torn" && cp -r "$base" "$scratch/torn" || return 1
    rm -rf "$scratch/torn/$1".[0-9]*
    expect 1 "$query" --base "$scratch/torn" cantine || return 1
    one_line && says "$scratch/err" "$1" && says "$scratch/err" "rebuild" || return 1
    expect 1 "$index" verify --base "$scratch/torn" || return 1
    expect 0 "$index" verify --repair --base "$scratch/torn" &&
        expect 0 "$query" --base "$scratch/torn" cantine
}
missing_fulltext() { missing_part fulltext; }
missing_vectors() { missing_part vectors; }
forbidden_base() {
    [ "$(id -u)" -eq 0 ] || return 0 # setpriv is root's
    rm -rf "$scratch/closed" && cp -r "$base" "$scratch/closed" && chmod 755 "$scratch" || return 1
    chmod 700 "$scratch/closed"
    local as="setpriv --reuid=65534 --regid=65534 --clear-groups"
    $as test -x "$query" || return 0
    # shellcheck disable=SC2086
    expect 1 $as "$query" --base "$scratch/closed" cantine || return 1
    one_line && says "$scratch/err" "ermission denied"
}
missing_path() {
    expect 4 "$index" add --base "$base" "$docs/nowhere.pdf" && one_line &&
        says "$scratch/err" "nowhere.pdf"
}
one_bad_of_many() {
    mkdir -p "$scratch/many" && cp "$docs/good.pdf" "$scratch/many/b.pdf"
    cp "$docs/notpdf.pdf" "$scratch/many/a.pdf"
    "$tools/mkpdf" text "$scratch/many/c.pdf" "Le lavoir est rénové." || return 1
    expect 3 "$index" add --json --base "$base" "$scratch/many" || return 1
    jq -se '(.[0].type == "failure") and (.[0].path | endswith("a.pdf")) and
            (.[-1] | .type == "report" and .documents == 3 and .indexed == 1 and
                     .unchanged == 1 and .failed == 1)' "$scratch/out" >/dev/null ||
        { cat "$scratch/out"; return 1; }
    "$query" --base "$base" lavoir | grep -q c.pdf
}
failure_is_remembered_then_forgotten() {
    expect 0 "$index" status --base "$base" || return 1
    says "$scratch/out" "many/a.pdf" || return 1
    "$tools/mkpdf" text "$scratch/many/a.pdf" "Un texte enfin lisible." || return 1
    expect 0 "$index" add --base "$base" "$scratch/many" || return 1
    expect 0 "$index" status --base "$base" || return 1
    ! grep -q "many/a.pdf" "$scratch/out"
}
no_base() {
    expect 4 "$query" --base "$scratch/absent" cantine && one_line &&
        says "$scratch/err" "$scratch/absent" && [ ! -e "$scratch/absent" ]
}
base_is_a_file() {
    : >"$scratch/file"
    expect 1 "$index" init --base "$scratch/file" && one_line && says "$scratch/err" "file"
}
unwritable_base() {
    expect 1 "$index" init --base /proc/greffier && one_line && says "$scratch/err" "/proc"
}
second_writer() {
    exec 9>>"$base/lock" && flock -n 9 || return 1
    expect 75 "$index" add --base "$base" "$docs/good.pdf" || return 1
    exec 9>&-
    one_line && says "$scratch/err" "writing" && still_answers
}
unknown_option() { expect 2 "$index" add --colour "$docs" && one_line && says "$scratch/err" "--help"; }
unknown_option_alone() {
    expect 2 "$index" --colour && one_line && says "$scratch/err" "--colour" || return 1
    expect 2 "$index" --colour add "$docs" && one_line && says "$scratch/err" "--colour" ||
        return 1
    expect 2 "$index" -v && one_line && says "$scratch/err" "which command?"
}
# A colon in French has a space before it, and what libraries say is not left in English.
french() { # CODE TEXT COMMAND...
    local code=$1 text=$2
    shift 2
    expect "$code" env LANGUAGE=fr "$@" || return 1
    one_line && says "$scratch/err" "$text" || return 1
    sed 's/^greffier-[a-z]*: //' "$scratch/err" | grep -E '[^ ]: |Failed|damaged|cannot' && return 1
    return 0
}
french_is_french() {
    printf '%%PDF-1.4 cut' >"$docs/french.pdf"
    french 4 "introuvable" "$index" add --base "$base" "$docs/nowhere.pdf" || return 1
    french 1 "impossible de créer la base : " "$index" init --base /proc/greffier || return 1
    french 3 "PDF abîmé" "$index" add --base "$base" "$docs/french.pdf" || return 1
    french 4 "introuvable" "$index" train --data "$scratch/none" --out "$scratch/m" || return 1
    french 4 "introuvable" "$index" law import --base "$base" "$scratch/none" || return 1
    french 2 "option --colour inconnue" "$index" --colour || return 1
    french 4 "pas de base" "$query" --base "$scratch/absent" cantine || return 1
    french 4 "dossier introuvable" "$query" eval --base "$base" "$scratch/none" || return 1
}
help_tells() {
    expect 0 "$index" --help && says "$scratch/out" "--version" &&
        says "$scratch/out" ".local/share/greffier" || return 1
    expect 0 "$index" remove --help && says "$scratch/out" "required" || return 1
    expect 0 env LANGUAGE=fr "$query" check --help && says "$scratch/out" "FICHIER|-"
}
unknown_command() { expect 2 "$index" frobnicate && one_line && says "$scratch/err" "frobnicate"; }
bad_values() {
    expect 2 "$query" --base "$base" --mode fast cantine && one_line || return 1
    expect 2 "$query" --base "$base" --from hier cantine && one_line || return 1
    expect 2 "$query" --base "$base" --from 2023 --to 2020 cantine && one_line || return 1
    expect 2 "$query" citing --base "$base" --from 2023 --to 2020 CGCT && one_line || return 1
    expect 0 "$query" --base "$base" --from 2023-02 --to 2023 cantine || return 1
    expect 2 "$query" --base "$base" -n 0 cantine && one_line || return 1
    expect 2 "$query" --base "$base" --kind loi cantine && one_line || return 1
    expect 2 "$query" --base "$base" "???" && one_line || return 1
    expect 2 "$query" --base "$base" "$(printf 'caf\351')" && one_line
}
bad_config() {
    printf '[model]\ncolour = red\n' >"$scratch/bad.conf"
    expect 2 "$query" --base "$base" --config "$scratch/bad.conf" cantine && one_line &&
        says "$scratch/err" "bad.conf" && says "$scratch/err" "2" || return 1
    expect 4 "$query" --base "$base" --config "$scratch/none.conf" cantine && one_line
}
damaged_model() {
    head -c 5000 /dev/urandom >"$scratch/x.grfm"
    printf '[model]\npath = %s\n' "$scratch/x.grfm" >"$scratch/m.conf"
    expect 1 "$query" --base "$base" --config "$scratch/m.conf" cantine && one_line &&
        says "$scratch/err" "x.grfm" || return 1
    expect 1 "$index" verify --base "$base" --config "$scratch/m.conf" &&
        says "$scratch/out" "x.grfm"
}
full_output() {
    "$query" --base "$base" cantine >/dev/full 2>"$scratch/err" && return 1
    one_line
}
full_disk() {
    unshare -rm bash -c '
        set -e
        mkdir -p "$1/small" && mount -t tmpfs -o size=500k none "$1/small"
        code=0
        "$2" add --base "$1/small/base" "$3" >"$1/out" 2>"$1/err" || code=$?
        [ $code -eq 1 ] || { echo "exit $code"; cat "$1/err"; exit 1; }
        code=0
        "$4" --base "$1/small/base" cantine >/dev/null 2>"$1/err2" || code=$?
        [ $code -eq 0 ] || [ $code -eq 4 ] || { echo "query: exit $code"; cat "$1/err2"; exit 1; }
    ' - "$scratch" "$index" "$sample" "$query" || return 1
    one_line
}

test_case "the base is made" start
test_case "encrypted PDF" encrypted
test_case "not a PDF" not_pdf
test_case "empty file" empty_file
test_case "PDF without pages" zero_pages
test_case "truncated PDF" truncated
test_case "unreadable file" unreadable
test_case "not a regular file" a_fifo
test_case "image without text is reported" image_only
test_case "too many pages" too_many_pages
test_case "missing path" missing_path
test_case "one bad file never stops the others" one_bad_of_many
test_case "a failure is remembered, then forgotten" failure_is_remembered_then_forgotten
test_case "no base" no_base
test_case "base is a file" base_is_a_file
test_case "unwritable base" unwritable_base
test_case "second writer" second_writer
test_case "unknown option" unknown_option
test_case "unknown option before any command" unknown_option_alone
test_case "French is French" french_is_french
test_case "help tells what is needed" help_tells
test_case "unknown command" unknown_command
test_case "bad values" bad_values
test_case "bad configuration" bad_config
test_case "damaged model" damaged_model
test_case "full output" full_output
if unshare -rm true 2>/dev/null; then
    test_case "full disk" full_disk
else
    skip_case "full disk" "no user namespaces here"
fi
test_case "damaged rows: what helps is said" damaged_rows
test_case "damaged pages: what helps is said" damaged_middle
test_case "damaged law: what helps is said" damaged_law
test_case "full text is missing" missing_fulltext
test_case "vectors are missing" missing_vectors
test_case "a base that may not be read" forbidden_base
finish
