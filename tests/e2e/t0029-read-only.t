#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A base that may be read but not written: a backup put back, a medium that is not
# writable, another user's base. Reading it works, checking it invents nothing.
. "$(dirname "$0")/lib.sh"

docs=$scratch/docs
mkdir -p "$docs"
"$tools/mkpdf" text "$docs/a.pdf" "Le conseil fixe le prix de la cantine." >/dev/null
cat >"$scratch/law.jsonl" <<'EOF'
{"code":"CGCT","article":"L2121-29","id":"LEGIARTI000006390218","valid_from":"1996-02-24","valid_to":"2999-01-01","state":"VIGUEUR","text":"Le conseil municipal règle par ses délibérations les affaires de la commune."}
EOF
chmod 755 "$scratch"

# Root may write anywhere: the reader is another.
as=()
[ "$(id -u)" -ne 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)

made() {
    expect 0 "$index" add --base "$scratch/made" "$docs" || return 1
    expect 0 "$index" law import --base "$scratch/made" "$scratch/law.jsonl"
}

copy() { # NAME: a copy of the base, still writable
    rm -rf "${scratch:?}/$1" && cp -r "$scratch/made" "$scratch/$1"
}
close_it() { chmod -R a-w,a+rX "$scratch/$1"; }

reads() { # NAME
    local base=$scratch/$1
    expect 0 "${as[@]}" "$query" --base "$base" cantine || return 1
    says "$scratch/out" "a.pdf" && [ ! -s "$scratch/err" ] || return 1
    expect 0 "${as[@]}" "$query" article CGCT/L2121-29 --base "$base" || return 1
    expect 0 "${as[@]}" "$index" status --base "$base" || return 1
    expect 0 "${as[@]}" "$index" verify --base "$base" || return 1
    says "$scratch/out" "sound"
}

backup() {
    copy backup && rm -f "$scratch"/backup/*.db-* && close_it backup && reads backup
}
backup_with_empty_log() {
    copy log && rm -f "$scratch"/log/*.db-shm && : >"$scratch/log/greffier.db-wal" &&
        close_it log && reads log
}
backup_of_odd_name() {
    copy 'odd%20?na#me' && rm -f "$scratch/odd%20?na#me/"*.db-* &&
        close_it 'odd%20?na#me' && reads 'odd%20?na#me'
}

# What only the log holds cannot be read without writing: said, with what helps.
unfinished_log() {
    copy torn && for i in 1 2 3 4 5 6 7 8; do
        "$tools/mkpdf" text "$docs/more$i.pdf" "Le lavoir numéro $i est vendu." >/dev/null
    done
    "$index" add --jobs 1 --base "$scratch/torn" "$docs" >/dev/null 2>&1 &
    local pid=$!
    until [ -s "$scratch/torn/greffier.db-wal" ] || ! kill -0 $pid 2>/dev/null; do :; done
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ -s "$scratch/torn/greffier.db-wal" ] || return 0 # too quick: nothing to see
    rm -f "$scratch/torn/greffier.db-shm"
    close_it torn
    expect 1 "${as[@]}" "$query" --base "$scratch/torn" cantine || return 1
    one_line && says "$scratch/err" "greffier.db-wal" && says "$scratch/err" "init" || return 1
    chmod -R u+w "$scratch/torn"
    expect 0 "$index" init --base "$scratch/torn" || return 1
    close_it torn
    expect 0 "${as[@]}" "$query" --base "$scratch/torn" cantine && says "$scratch/out" a.pdf
}

writing_is_refused() {
    copy shut && rm -f "$scratch"/shut/*.db-* && close_it shut
    local base=$scratch/shut
    expect 1 "${as[@]}" "$index" add --base "$base" "$docs" || return 1
    one_line && says "$scratch/err" "$base" || return 1
    expect 1 "${as[@]}" "$index" rebuild --base "$base" || return 1
    one_line && says "$scratch/err" "$base" && says "$scratch/err" "ermission denied"
}

# Damage is damage there too.
damaged_full_text() {
    copy bad && rm -f "$scratch"/bad/*.db-* || return 1
    local file
    file=$(ls "$scratch"/bad/fulltext.*/postlist.glass)
    head -c "$(stat -c %s "$file")" /dev/urandom >"$file"
    close_it bad
    expect 1 "${as[@]}" "$index" verify --base "$scratch/bad" && says "$scratch/out" "fulltext"
}

if [ ${#as[@]} -eq 0 ] || "${as[@]}" test -x "$query"; then
    test_case "a base with law" made
    test_case "a backup put back" backup
    test_case "a backup with an empty log" backup_with_empty_log
    test_case "in a folder of an odd name" backup_of_odd_name
    test_case "a log that is not taken over" unfinished_log
    test_case "writing is refused in one line" writing_is_refused
    test_case "a damaged full text is still found" damaged_full_text
else
    skip_case "a base that may not be written" "the programs are closed to other users"
fi
finish
