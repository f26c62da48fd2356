# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Sourced after faults.sh: a command runs once with all its writes and syncs logged; from the
# log the states are made that a disk may be in when the power goes (tools/diskstate.c says
# by which rules), and in each of them must hold what holds after a kill.

# The log of the run ($scratch/writes), and its operations, one a line ($scratch/ops).
logged_run() { # COMMAND FROM
    local base=$scratch/disk/base code=0
    rm -rf "$scratch/disk" "$scratch/seen"
    mkdir "$scratch/disk"
    start_from "$base" "$2"
    inject=(env WRITELOG_PROGRAM=greffier-index WRITELOG_ROOT="$scratch/disk"
        WRITELOG_TO="$scratch/writes" LD_PRELOAD="$tools/writelog.so")
    run "$1" "$base" || code=$?
    inject=()
    [ $code -eq 0 ] || { cat "$mine/run.out" "$mine/run.err"; return 1; }
    "$tools/diskstate" "$scratch/writes" >"$scratch/ops" || return 1
    last=$(wc -l <"$scratch/ops")
}

# Nothing was missed: all of the log is what is there. SQLite's -shm is written through a
# shared map; nothing of it is needed after a cut.
log_is_whole() {
    rm -rf "$scratch/cut"
    "$tools/diskstate" "$scratch/writes" "$scratch/cut" "$last" all 0 >/dev/null &&
        diff -r -x '*-shm' "$scratch/disk" "$scratch/cut"
}

# What was reported as done is there after a cut.
kept_if_done() { # CUT
    [ "$1" -ne "$last" ] || answers_as "$mine/now" "$scratch/after" || { echo "(reported as done)"; return 1; }
}

# A power cut ends a boot: what downloads say of the one they were written in is of another.
after_boot() { # BASE
    [ ! -d "$1/downloads" ] || sed -i '3s/ .*/ another-boot/' "$1"/downloads/*.info 2>/dev/null || true
}

cut_at() { # COMMAND CUT MODEL SEED
    local base=$mine/cut/base sum
    rm -rf "$mine/cut"
    sum=$("$tools/diskstate" "$scratch/writes" "$mine/cut" "$2" "$3" "$4") || return 1
    [ "$2" -eq "$last" ] || ! grep -qsx "$sum" "$scratch/seen" || return 0
    echo "$sum" >>"$scratch/seen"
    after_boot "$base"
    echo >>"$mine/met"
    as_before_or_after "$base" && kept_if_done "$2" && verified "$base" && finished "$1" "$base" && return
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

# every_cut COMMAND FROM STEP SEEDS [ONE]: all of them, or one in ONE.
every_cut() {
    expectations "$1" "$2" && logged_run "$1" "$2" && log_is_whole || return 1
    cuts "$3" "$4" | awk -v one="${5:-1}" '(NR - 1) % one == 0' >"$scratch/chosen"
    side_by_side "$1:$2 cut" "$last operations" cut_at "$1"
}
