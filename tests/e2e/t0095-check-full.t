#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/check-full on invented long tests: what passed is not run again for the same
# commit and the same settings, what failed or was interrupted is, what was skipped is said.
. "$(dirname "$0")/lib.sh"

house=$scratch/house
mkdir -p "$house/scripts" "$house/tests/full" "$house/tests/unit"
cp "$top/scripts/check-full" "$house/scripts/"
printf 'all unit tools sample:\n\t@:\n' >"$house/Makefile"
for s in run-tests coverage fuzz; do printf '#!/bin/sh\necho "%s $*" >>"%s/ran"\n' $s "$scratch" >"$house/scripts/$s"; done
echo '/build/' >"$house/.gitignore"
chmod +x "$house"/scripts/*

long() { # NAME BODY...: a long test that says that it ran
    { printf '#!/bin/sh\n# What it is.\n#\n#   STEP=N      one point in N\necho %s >>%s/ran\n' "$1" "$scratch"; printf '%s\n' "${@:2}"; } >"$house/tests/full/$1.t"
    chmod +x "$house/tests/full/$1.t"
}
commit() { (cd "$house" && git add -A && git -c user.name=a -c user.email=a@b.c commit -qm "$1"); }
full() { : >"$scratch/ran" && expect "$1" "$house/scripts/check-full" "${@:2}"; }
ran() { [ "$(tr '\n' ' ' <"$scratch/ran")" = "$*${*:+ }" ] || { echo "ran: $(cat "$scratch/ran")"; cat "$scratch/out"; return 1; }; }

remembers() {
    (cd "$house" && git init -q) || return 1
    long f1 'echo "ok 1 - a"; echo 1..1'
    long f2 "[ -e $scratch/mended ] || echo 'not ok 1 - b'; [ ! -e $scratch/mended ] || echo 'ok 1 - b'; echo 1..1"
    long f3 'echo "ok 1 - c # SKIP no strace"; echo "ok 2 - d"; echo 1..2'
    commit first && full 1 f || return 1
    ran f1 f2 f3 'fuzz 60' && says "$scratch/out" 'f1: passed (1,' && says "$scratch/out" 'f2: FAILED' &&
        says "$scratch/out" 'f3: passed (2, 1 skipped: no strace,' &&
        says "$scratch/out" '3 passed (1 with parts skipped), 1 failed, 0 passed before' || return 1
    touch "$scratch/mended"
    full 0 f && ran f2 && says "$scratch/out" '1 passed (0 with parts skipped), 0 failed, 3 passed before' || return 1
    full 0 f && ran
}

all_steps() {
    full 0 run-everything && ran || return 1 # no step of that name
    expect 0 "$house/scripts/check-full" -l && says "$scratch/out" 'f2: passed before' && says "$scratch/out" 'sanitizers' &&
        full 0 quick coverage sanitizers && ran 'run-tests ' 'coverage ' 'run-tests '
}

# A coarser pass is another one; a new commit is tested anew.
apart() {
    STEP=7 full 0 f1 && ran f1 && says "$scratch/out" 'f1@STEP=7: passed' || return 1
    STEP=7 full 0 f1 && ran || return 1
    echo >>"$house/Makefile"
    full 0 f1 && ran f1 && full 0 f1 && ran f1 || return 1 # not committed: nothing is remembered
    commit second && full 0 f1 && ran f1 && full 0 f1 && ran
}

# No plan, a wrong one, a bail-out, an exit status: none passes.
no_result() {
    long g1 'echo "ok 1 - a"'
    long g2 'echo "ok 1 - a"; echo 1..2'
    long g3 'echo "Bail out! no base"; exit 1'
    long g4 'echo "ok 1 - a"; echo 1..1; exit 3'
    commit third && full 1 g1 g2 g3 g4 && ran g1 g2 g3 g4 && says "$scratch/out" ' 4 failed'
}

# Stopped in the middle: it and the test end, the next call goes on with that one, which
# finds its memory.
interrupted() {
    local pid code=0
    rm "$house"/tests/full/g*.t
    long h1 'echo "ok 1 - a"; echo 1..1'
    long h2 'if [ -e "$MEMORY" ]; then echo "ok 1 - again"; echo 1..1; exit; fi' 'touch "$MEMORY"' \
        "echo \$\$ >$scratch/pid" 'sleep 600'
    commit fourth && : >"$scratch/ran"
    "$house/scripts/check-full" h1 h2 >"$scratch/out" 2>&1 &
    pid=$!
    until [ -s "$scratch/pid" ]; do sleep 0.05; done
    kill -TERM $pid
    wait $pid || code=$?
    [ $code -eq 130 ] && says "$scratch/out" 'interrupted: 1 passed' || return 1
    while kill -0 "$(cat "$scratch/pid")" 2>/dev/null; do sleep 0.05; done
    full 0 h1 h2 && ran h2 && says "$scratch/out" '1 passed (0 with parts skipped), 0 failed, 1 passed before'
}

test_case "what passed is remembered" remembers
test_case "all its steps" all_steps
test_case "other settings, another commit, changed files" apart
test_case "what gives no result fails" no_result
test_case "interrupted, it goes on" interrupted
finish
