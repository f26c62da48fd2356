#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Two at once: a writer that meets another gets one line and exit code 75 and changes
# nothing, readers are served; and whatever a writer does to a base, whoever asks meanwhile
# gets a whole answer, of before or of after.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
docs=$scratch/docs
conf=$scratch/greffier.conf
mkdir "$docs"
law() { # TEXT
    printf '{"code":"CGCT","article":"L2121-29","valid_from":"2000-01-01","valid_to":null,"state":"VIGUEUR","text":"%s"}\n' "$1"
}

make_all() {
    local i
    for i in 1 2 3; do
        "$tools/mkpdf" text "$docs/doc$i.pdf" "Le conseil fixe le prix de la cantine à $i euros." >/dev/null || return 1
    done
    "$tools/mkpdf" text "$scratch/new.pdf" "Le prix de la cantine de la maternelle." >/dev/null || return 1
    law "Le conseil municipal règle par ses délibérations les affaires." >"$scratch/law1.jsonl"
    law "Le conseil règle les affaires de la commune." >"$scratch/law2.jsonl"
    printf '[source mairie]\nkind = folder\npath = %s\nbody = Courvanne\n' "$docs" >"$conf"
    expect 0 "$index" add --base "$base" "$docs" &&
        expect 0 "$index" law import --base "$base" "$scratch/law1.jsonl"
}

# ---- a writer at work, held in the middle of it

# Looked up, not tried: who tries to lock would be in the writer's way.
holds_lock() { grep -q " $1 [0-9a-f:]*:$(stat -c %i "$base/lock") " /proc/locks; }
stopped() { case $(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) in T) ;; *) false ;; esac; }

# Stopped while it holds the lock of the base; a machine that is done before tries again.
hold_writer() { # its id in $writer
    local try
    for try in $(seq 50); do
        "$index" rebuild -q --base "$base" >"$scratch/writer.out" 2>&1 &
        writer=$!
        until holds_lock $writer || ! kill -0 $writer 2>/dev/null; do :; done
        kill -STOP $writer 2>/dev/null
        until stopped $writer || ! kill -0 $writer 2>/dev/null || grep -q ') Z' /proc/$writer/stat; do :; done
        ! stopped $writer || ! holds_lock $writer || return 0
        kill -CONT $writer 2>/dev/null
        wait $writer
    done
    return 1
}

sums() { (cd "$base" && find . -type f ! -name '*-shm' ! -name '*-wal' -exec sha256sum {} + | sort -k2); }

second() { # COMMAND...: meets the one that is held
    expect 75 timeout 60 "$@" && one_line && grep -q "writing" "$scratch/err" || { echo "$*"; cat "$scratch/err"; return 1; }
}

second_writer() {
    make_all && hold_writer || { echo "no writer was held"; return 1; }
    local code=0 before
    before=$(sums)
    cp "$scratch/new.pdf" "$docs/"
    second "$index" add --base "$base" "$docs" && second "$index" rebuild --base "$base" &&
        second "$index" remove --base "$base" --reason essai doc1.pdf &&
        second "$index" law import --base "$base" "$scratch/law2.jsonl" &&
        second "$index" run --base "$base" --config "$conf" && second "$index" init --base "$base" || code=1
    [ $code -ne 0 ] || [ "$before" = "$(sums)" ] || { echo "the base was changed"; code=1; }
    # who only reads is not kept waiting
    [ $code -ne 0 ] || { expect 0 timeout 60 "$query" --base "$base" --json cantine && says "$scratch/out" '"results":3' &&
        expect 0 timeout 60 "$query" article --base "$base" CGCT/L2121-29 &&
        expect 0 timeout 60 "$index" export --acts --base "$base" &&
        expect 0 timeout 60 "$index" status --base "$base" &&
        :; } || code=1
    kill -CONT $writer
    wait $writer || { cat "$scratch/writer.out"; code=1; }
    rm "$docs/new.pdf"
    [ $code -eq 0 ] && expect 0 "$index" verify --base "$base" && expect 0 "$index" add --base "$base" "$docs"
}

# ---- readers of a base that changes all the time

# What is found, without what differs from one copy of a file to the next. A line each.
ask() { # FILE
    local mode
    : >"$1"
    for mode in hybrid lexical vector; do
        "$query" --base "$base" --json --mode $mode -n 20 "prix de la cantine" >"$1.raw" 2>"$1.err" || return 1
        jq -rs '"found " + (map(select(.type == "result") | .document.path | sub(".*/"; "")) | unique | join(" "))' \
            "$1.raw" >>"$1"
    done
    "$query" article --base "$base" --json CGCT/L2121-29 >"$1.raw" 2>"$1.err" || return 1
    jq -r '"law " + .text' "$1.raw" >>"$1"
    "$index" export --acts --base "$base" >"$1.raw" 2>"$1.err" || return 1
    jq -rs '"acts " + (map(.file) | sort | join(" "))' "$1.raw" >>"$1"
}

reader() { # NUMBER: until the file stop is there
    local n=0
    while [ ! -e "$scratch/stop" ] || [ $n -lt 2 ]; do
        if ! ask "$scratch/r$1"; then
            { echo "reader $1:"; cat "$scratch/r$1.err"; } >>"$scratch/faults"
            return
        fi
        cat "$scratch/r$1" >>"$scratch/seen.$1"
        n=$((n + 1))
    done
}

change() { # the base from one state to the other and back, in all the ways there are
    local i
    for i in 1 2 3; do
        { cat "$scratch/new.pdf"; printf '%% %s\n' "$i"; } >"$docs/new.pdf"
        "$index" add -q --base "$base" "$docs" >"$scratch/w.out" 2>&1 || [ $? -eq 3 ] || return 1
        "$index" law import -q --base "$base" "$scratch/law2.jsonl" >"$scratch/w.out" 2>&1 || return 1
        "$index" rebuild -q --base "$base" >"$scratch/w.out" 2>&1 || return 1
        rm "$docs/new.pdf"
        "$index" remove --base "$base" --reason essai new.pdf >"$scratch/w.out" 2>&1 || return 1
        "$index" law import -q --base "$base" "$scratch/law1.jsonl" >"$scratch/w.out" 2>&1 || return 1
    done
}

readers() {
    local code=0
    rm -rf "$base" "$docs"/* && make_all && ask "$scratch/one" || return 1
    cp "$scratch/new.pdf" "$docs/" && cp -a "$base" "$scratch/other" || return 1
    expect 0 "$index" add --base "$scratch/other" "$docs" &&
        expect 0 "$index" law import --base "$scratch/other" "$scratch/law2.jsonl" || return 1
    base=$scratch/other ask "$scratch/two" || return 1
    ! cmp -s "$scratch/one" "$scratch/two" || return 1
    reader 1 &
    local one=$!
    reader 2 &
    local two=$!
    change || { cat "$scratch/w.out"; code=1; }
    touch "$scratch/stop"
    wait $one $two
    [ ! -s "$scratch/faults" ] || { cat "$scratch/faults"; return 1; }
    sort "$scratch"/seen.* | uniq -c
    sort -u "$scratch"/seen.* | grep -vxF -f <(cat "$scratch/one" "$scratch/two") &&
        { echo "(of neither state)"; code=1; }
    # each state was met, or nothing was tried
    grep -qxF -f <(comm -13 <(sort "$scratch/one") <(sort "$scratch/two")) "$scratch"/seen.* || code=1
    return $code
}

test_case "a second writer: one line, exit code 75, nothing changed" second_writer
test_case "readers of a base that changes" readers
finish
