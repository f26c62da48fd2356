#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Passages are put into the full-text index by a thread of its own: each of its writes to the
# tables fails once, or kills the program. A failure is told in one line that names the index,
# with exit code 1; answers are as before, verify is clean, and the same command once more
# ends as an undisturbed run does. Xapian is made to write after each passage, not after many.
# (f0010 and f0020 look at the calls of the main thread alone.)
#
#   POINTS=WORDS   which writes (default "1 2 3 5 8 13 21 34 55 89")
#   ACTIONS=WORDS  error=ENOSPC, error=EIO, signal=SIGKILL
. "$(dirname "$0")/../e2e/lib.sh"

said() { grep -v '"type":"summary"' | jq -c '[.type, .id, .path]'; }

ask() { # BASE: into $scratch/now
    expect 0 "$query" --base "$1" --json -n 50 --mode lexical "conseil municipal" || return 1
    said <"$scratch/out" >"$scratch/now"
}

add() { "$index" add -q --no-ocr --base "$1" "$sample"; }

make_bases() {
    mkdir "$scratch/one" && cp "$(find "$sample" -name '*.pdf' | LC_ALL=C sort | head -n 1)" "$scratch/one" &&
        expect 0 "$index" add -q --no-ocr --base "$scratch/from" "$scratch/one" &&
        ask "$scratch/from" && mv "$scratch/now" "$scratch/before" &&
        cp -a "$scratch/from" "$scratch/whole" && expect 0 add "$scratch/whole" &&
        ask "$scratch/whole" && mv "$scratch/now" "$scratch/after" &&
        ! cmp -s "$scratch/before" "$scratch/after"
}

# The fault was met by another thread than the main one.
beside() { grep INJECTED "$scratch/trace" | head -n 1 | grep -qv "^$(cat "$scratch/pid") "; }

told() { # ACTION CODE
    case $1 in
    signal=*) [ "$2" -eq 137 ] || { echo "exit $2, not killed"; return 1; } ;;
    *)
        [ "$2" -eq 1 ] && one_line && grep -q "full-text index '.*/base/" "$scratch/err" && beside ||
            { echo "exit $2"; cat "$scratch/err" "$scratch/trace"; return 1; }
        ;;
    esac
}

fault_at() { # ACTION WRITE
    local base=$scratch/base code=0 at
    rm -rf "$base"
    cp -a "$scratch/from" "$base"
    at=$(dirname "$(find "$base" -path "$base/fulltext.*/postlist.glass")")
    XAPIAN_FLUSH_THRESHOLD=1 strace -f -qq -o "$scratch/trace" -P "$at/postlist.glass" \
        -P "$at/docdata.glass" -e trace=pwrite64 -e "inject=pwrite64:$1:when=$2" \
        sh -c 'echo $$ >"$1"; shift; exec "$@"' sh "$scratch/pid" \
        "$index" add -q --no-ocr --base "$base" "$sample" >"$scratch/out" 2>"$scratch/err" || code=$?
    told "$1" $code && ask "$base" && cmp "$scratch/now" "$scratch/before" &&
        expect 0 "$index" verify --base "$base" && expect 0 add "$base" && ask "$base" &&
        cmp "$scratch/now" "$scratch/after" && expect 0 "$index" verify --base "$base" ||
        { echo "at write $2, $1"; return 1; }
}

if ! strace -qq -o /dev/null true 2>/dev/null || ! command -v jq >/dev/null; then
    skip_case "failures beside the main thread" "needs strace and jq"
    finish
    exit
fi
test_case "bases to begin with" make_bases
for action in ${ACTIONS:-error=ENOSPC error=EIO signal=SIGKILL}; do
    all() { for n in ${POINTS:-1 2 3 5 8 13 21 34 55 89}; do fault_at $action $n || return 1; done; }
    test_case "$action at writes of the writer's thread" all
done
finish
