# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Sourced after faults.sh: a command runs once with all its writes and syncs logged; from the
# log the states are made that a disk may be in when the power goes (tools/diskstate.c says
# by which rules), and in each of them must hold what holds after a kill.

met=0 repairs=0 doubles=0

# The log of the run, and of what it did the numbers of its syncs.
logged_run() { # COMMAND FROM
    local base=$scratch/disk/base code=0
    rm -rf "$scratch/disk" "$scratch/seen"
    mkdir "$scratch/disk"
    start_from "$base" "$2"
    inject=(env WRITELOG_PROGRAM=greffier-index WRITELOG_ROOT="$scratch/disk"
        WRITELOG_TO="$scratch/writes" LD_PRELOAD="$tools/writelog.so")
    run "$1" "$base" || code=$?
    inject=()
    [ $code -eq 0 ] || { cat "$scratch/run.out" "$scratch/run.err"; return 1; }
    "$tools/diskstate" "$scratch/writes" >"$scratch/ops" || return 1
    last=$(wc -l <"$scratch/ops")
    : >"$scratch/seen"
}

# Nothing was missed: all of the log is what is there. SQLite's -shm is written through a
# shared map; nothing of it is needed after a cut.
log_is_whole() {
    rm -rf "$scratch/cut"
    "$tools/diskstate" "$scratch/writes" "$scratch/cut" "$last" all 0 >/dev/null &&
        diff -r -x '*-shm' "$scratch/disk" "$scratch/cut"
}

# What was reported as done is there after a cut.
kept_if_done() { # CUT BASE
    [ "$1" -eq "$last" ] || return 0
    answers_to "$2" "$scratch/now" || return 1
    same_answers "$scratch/after" "$scratch/now" || { echo "(reported as done)"; return 1; }
}

cut_at() { # COMMAND CUT MODEL SEED
    local base=$scratch/cut/base sum
    rm -rf "$scratch/cut"
    sum=$("$tools/diskstate" "$scratch/writes" "$scratch/cut" "$2" "$3" "$4") || return 1
    if grep -qx "$sum" "$scratch/seen" && [ "$2" -ne "$last" ]; then
        doubles=$((doubles + 1))
        return 0
    fi
    echo "$sum" >>"$scratch/seen"
    met=$((met + 1))
    as_before_or_after "$base" && kept_if_done "$2" "$base" && verified "$base" && finished "$1" "$base" && return
    echo "cut after $2 of $last ($3, seed $4) of $scenario: $(sed -n "$2p" "$scratch/ops")"
    return 1
}

# Before each sync what it is to save hangs in the air: SEEDS draws. After it what is sure
# has grown: that alone. And one operation in STEP, wherever it falls.
cuts() { # STEP SEEDS
    awk -v step="$1" -v seeds="$2" -v first="${FIRST:-0}" -v last="$last" '
        $2 == "sync" {
            print $1, "none", 0
            for (s = 1; s <= seeds; s++) print $1 - 1, "mixed", $1 * 16 + s
        }
        $1 % step == first % step { print $1, "mixed", $1 }
        END {
            print last, "none", 0
            for (s = 1; s <= seeds; s++) print last, "mixed", s
        }' "$scratch/ops"
}

# every_cut COMMAND FROM STEP SEEDS [ONE]: all of them, or one in ONE. Goes on after a
# failure, so that all are seen.
every_cut() {
    local cut model seed failed=0
    met=0 repairs=0 doubles=0
    expectations "$1" "$2" && logged_run "$1" "$2" && log_is_whole || return 1
    cuts "$3" "$4" | awk -v one="${5:-1}" '(NR - 1) % one == 0' >"$scratch/chosen"
    while read -r cut model seed <&8; do
        cut_at "$1" "$cut" "$model" "$seed" || failed=$((failed + 1))
        [ $failed -lt 5 ] || break
    done 8<"$scratch/chosen"
    echo "$1:$2 cut: $met states of $last operations, $doubles met before, $repairs repaired, $failed failed" \
        >>"$scratch/met"
    [ $failed -eq 0 ] && [ $met -gt 0 ]
}
