#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What comes and goes leaves nothing behind: a base in which acts are added, replaced and
# removed again and again keeps its number of files and its size, and so does what a writer
# holds while a reader stays open; what a reader kept from being cleared goes with the next
# command.
#
#   CYCLES=N   how often (default 300, each with 12 operations and more)
. "$(dirname "$0")/../e2e/lib.sh"

base=$scratch/base
docs=$scratch/docs
mkdir -p "$docs"
cycles=${CYCLES:-300}

text() { # FILE TEXT
    "$tools/mkpdf" text "$docs/$1.pdf" "Délibération n° 2024-$1
Objet : Entretien du chemin $1
Le conseil municipal décide : $2" >/dev/null
}

# Ten files of other words each time, of the same size.
cycle() { # NUMBER
    local i
    for i in 1 2 3 4 5 6 7 8 9 10; do text "20$i" "la voirie du lot $((100000 + $1 * 10 + i)) est refaite." || return 1; done
    text 100 "le lavoir $((100000 + $1)) est loué."
    "$index" add -q --base "$base" "$docs" >"$scratch/out" 2>&1 || { cat "$scratch/out"; return 1; }
    (cd "$docs" && "$index" remove --base "$base" --reason essai 20?.pdf 2010.pdf >"$scratch/out" 2>&1) || { cat "$scratch/out"; return 1; }
}
size() { echo "$(find "$base" -type f | wc -l) $(find "$base" -type f -printf '%s\n' | awk '{n += $1} END {print n}')"; }

flat() {
    local i files bytes files2 bytes2
    for i in $(seq 20); do cycle "$i" || return 1; done
    read -r files bytes < <(size)
    for i in $(seq 21 $((20 + cycles))); do cycle "$i" || return 1; done
    read -r files2 bytes2 < <(size)
    # each removal leaves its trace, so that the file is not taken again: some 200 bytes
    echo "# $((cycles * 21)) operations: files $files, then $files2; bytes $bytes, then $bytes2" >&3
    [ "$files2" -le $((files + 1)) ] && [ "$bytes2" -le $((bytes + bytes / 10 + cycles * 11 * 300 + 65536)) ] &&
        expect 0 "$index" verify --base "$base"
}

# A reader that stays (its output is not read) keeps the state that it began with.
held() {
    local reader
    "$tools/mkpdf" long "$docs/300.pdf" 4000 Lavoir >/dev/null && text zwingelberg "madame Zwingelberg reçoit une aide." || return 1
    mkfifo "$scratch/pipe"
    "$index" add -q --base "$base" "$docs" >/dev/null 2>&1 || return 1
    "$query" show --base "$base" 300.pdf >"$scratch/pipe" 2>/dev/null &
    reader=$!
    exec 7<"$scratch/pipe"
    head -c 10 <&7 >/dev/null
    expect 0 "$index" remove --base "$base" --reason essai zwingelberg.pdf || { exec 7<&-; return 1; }
    cp "$scratch/err" "$scratch/warned"
    expect 0 "$query" --base "$base" --json "une aide" && ! grep -qi zwingelberg "$scratch/out" || { exec 7<&-; return 1; }
    kill -0 $reader || { echo "the reader did not stay"; exec 7<&-; return 1; }
    grep -q 'still reading' "$scratch/warned" || { echo "no warning"; cat "$scratch/warned"; return 1; }
    grep -qai zwingelberg "$base/greffier.db" || { echo "nothing was held: proves nothing"; return 1; }
    exec 7<&-
    wait $reader
    rm "$docs/300.pdf" "$docs/zwingelberg.pdf"
    expect 0 "$index" init --base "$base" && [ ! -s "$scratch/err" ] || return 1
    grep -rlai zwingelberg "$base" && return 1
    [ ! -s "$base/greffier.db-wal" ]
}

exec 3>&1
test_case "what a reader kept goes with the next command" held
test_case "files and bytes stay flat" flat
finish
