#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs that are interrupted or killed: what was done is kept, the next run goes on and ends
# with the base of an undisturbed run; readers are served throughout.
. "$(dirname "$0")/lib.sh"

docs=$scratch/docs
mkdir -p "$docs"
for i in $(seq 1 60); do
    "$tools/mkpdf" text "$docs/doc$i.pdf" \
        "Délibération numéro $i du conseil : le prix de la cantine est de $i euros." \
        "Deuxième page du document $i : la voirie de la rue numéro $i est refaite." >/dev/null
done

answers() { # BASE
    for q in "cantine 17 euros" "voirie de la rue 42" "délibération"; do
        "$query" --base "$1" --json -n 20 "$q" | sed 's/"ms":.*//'
    done
}

undisturbed() {
    expect 0 "$index" add --base "$scratch/whole" "$docs" || return 1
    answers "$scratch/whole" >"$scratch/want"
    [ "$(wc -l <"$scratch/want")" -gt 20 ]
}

# Stops the process $1 once it has begun to write the base $2, so that a signal sent next
# meets it at work; fails when it was done before.
caught_at_work() {
    local state
    until [ -s "$2/greffier.db-wal" ]; do
        kill -0 "$1" 2>/dev/null || return 1
    done
    kill -STOP "$1" 2>/dev/null || return 1
    until state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) && [ "$state" = T ]; do
        [ "$state" != Z ] && [ -e "/proc/$1" ] || return 1
    done
}

# A machine that is done before it can be stopped tries again.
interrupted_goes_on() {
    local base=$scratch/int code=0 try pid
    for try in 1 2 3 4 5 6 7 8 9 10; do
        rm -rf "$base"
        "$index" add --jobs 1 --base "$base" "$docs" >"$scratch/out" 2>"$scratch/err" &
        pid=$!
        caught_at_work $pid "$base" && kill -INT $pid && kill -CONT $pid
        code=0
        wait $pid || code=$?
        [ $code -eq 0 ] || break
    done
    echo "try $try: exit $code"
    [ $code -eq 130 ] || { cat "$scratch/err"; return 1; }
    says "$scratch/err" "run the same command again" || return 1
    expect 0 "$index" verify --base "$base" || return 1
    expect 0 "$index" add --base "$base" "$docs" || return 1
    answers "$base" | cmp - "$scratch/want"
}

# Killed at ten moments spread over the time that a whole run takes here; a run that ends
# before its signal starts over, so that machines of any speed meet the middle of runs. At
# each moment the base opens, and the final answers are the same.
killed_goes_on() {
    local base=$scratch/kill killed=0 from=$EPOCHREALTIME whole tenth code
    "$index" add --jobs 1 --base "$scratch/timed" "$docs" >/dev/null 2>&1 || return 1
    whole=$(((${EPOCHREALTIME/[.,]/} - ${from/[.,]/}) / 1000))
    for tenth in 1 2 3 4 5 6 7 8 9 10; do
        "$index" add --jobs 1 --base "$base" "$docs" >/dev/null 2>&1 &
        local pid=$!
        sleep "$(printf '%d.%03d' $((whole * tenth / 11 / 1000)) $((whole * tenth / 11 % 1000)))"
        kill -KILL $pid 2>/dev/null
        code=0
        wait $pid 2>/dev/null || code=$?
        [ $code -ne 137 ] || killed=$((killed + 1))
        [ -d "$base" ] || continue # killed before its first step
        [ $code -ne 0 ] || { rm -rf "$base"; continue; }
        code=0
        "$query" --base "$base" --json -n 200 cantine >"$scratch/out" 2>"$scratch/err" || code=$?
        [ $code -eq 0 ] || [ $code -eq 4 ] || { cat "$scratch/err"; return 1; }
    done
    [ $killed -ge 3 ] || { echo "killed $killed of 10"; return 1; }
    expect 0 "$index" add --base "$base" "$docs" || return 1
    expect 0 "$index" verify --base "$base" || return 1
    answers "$base" | cmp - "$scratch/want"
}

# Killed at every rename, fsync and fdatasync in turn: each a step of a commit.
killed_at_each_commit_step() {
    local n=1 met=0 base=$scratch/step code
    mkdir -p "$scratch/few"
    cp "$docs"/doc1.pdf "$docs"/doc2.pdf "$scratch/few/"
    "$index" add --base "$scratch/fewwhole" "$scratch/few" >/dev/null || return 1
    answers "$scratch/fewwhole" >"$scratch/fewwant"
    while [ $n -le 40 ]; do
        rm -rf "$base"
        code=0
        strace -f -qq -o /dev/null \
            -e "inject=rename,fsync,fdatasync:signal=SIGKILL:when=$n" -e trace=rename,fsync,fdatasync \
            "$index" add --jobs 1 --base "$base" "$scratch/few" >/dev/null 2>&1 || code=$?
        [ $code -eq 0 ] && break
        met=$((met + 1))
        code=0
        "$query" --base "$base" --json cantine >/dev/null 2>"$scratch/err" || code=$?
        [ $code -eq 0 ] || [ $code -eq 4 ] || { echo "step $n: exit $code"; cat "$scratch/err"; return 1; }
        expect 0 "$index" add --base "$base" "$scratch/few" || { echo "step $n"; return 1; }
        expect 0 "$index" verify --base "$base" || { echo "step $n"; return 1; }
        answers "$base" | cmp - "$scratch/fewwant" || { echo "step $n"; return 1; }
        n=$((n + 1))
    done
    echo "$met points"
    [ $met -ge 5 ]
}

readers_undisturbed() {
    local base=$scratch/read
    expect 0 "$index" add --base "$base" "$docs/doc1.pdf" || return 1
    "$index" add --jobs 1 --base "$base" "$docs" >/dev/null 2>&1 &
    local pid=$! n=0
    while kill -0 $pid 2>/dev/null; do
        "$query" --base "$base" --json -n 200 cantine >"$scratch/out" 2>"$scratch/err" ||
            { cat "$scratch/err"; kill $pid; return 1; }
        grep -q doc1.pdf "$scratch/out" || { echo "lost the first document"; kill $pid; return 1; }
        n=$((n + 1))
    done
    wait $pid || return 1
    echo "$n searches"
    [ $n -ge 1 ]
}

test_case "undisturbed run" undisturbed
test_case "interrupted, then run again" interrupted_goes_on
test_case "killed at ten moments, then run again" killed_goes_on
if strace -qq -o /dev/null true 2>/dev/null; then
    test_case "killed at each step of a commit" killed_at_each_commit_step
else
    skip_case "killed at each step of a commit" "strace does not work here"
fi
test_case "readers are served during a run" readers_undisturbed
finish
