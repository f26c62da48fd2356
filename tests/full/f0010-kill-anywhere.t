#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# SIGKILL at every write, sync, rename, truncation, removal and new folder of each command
# that writes. Afterwards the base opens and answers as before or as after, verify is clean
# or repairs, and the same command once more ends as an undisturbed run does. Then kills at
# random moments, one after the other on the same base.
#
#   STEP=N      only one point in N (default 1: all), FIRST=K from the Kth on
#   ONLY=WORDS  only these scenarios ("add:full law:nothing")
#   JOBS=N      points met at the same time (default: processors)
#   MEMORY=FILE scenarios that passed are kept here, and left out when run again
#   TMPDIR=DIR  where it writes: quickest in memory (/dev/shm)
#   RANDOM_SECONDS=N  how long the random kills go on (default 600)
. "$(dirname "$0")/../e2e/lib.sh"
. "$top/tests/full/faults.sh"

step=${STEP:-1}
random_seconds=${RANDOM_SECONDS:-600}

was_killed() { # the strace that ran it dies of the same signal
    [ "$1" -eq 137 ] || { echo "exit $1, not killed"; return 1; }
}

enough_points() {
    cat "$scratch/met"
    sed 's/^/# /' "$scratch/met" >&3
    [ "$(points_met)" -ge $((300 / step)) ]
}

# The base grows and shrinks under kills: the folder changes between two states, and the
# answers are always those of one of them.
random_kills() {
    local base=$scratch/long end=$((SECONDS + random_seconds)) killed=0 runs=0 whole from pid code
    rm -rf "$base"
    place docs
    from=$EPOCHREALTIME
    "$index" add -q --jobs 1 --base "$base" "$scratch/place" >/dev/null 2>&1 || return 1
    whole=$(((${EPOCHREALTIME/[.,]/} - ${from/[.,]/}) / 1000 + 1))
    answers_to "$base" "$scratch/before" || return 1
    while [ $SECONDS -lt $end ]; do
        case $((RANDOM % 5)) in
        0) set -- rebuild -q --base "$base" ;;
        1) set -- law import -q --base "$base" "$kit/law.jsonl" ;;
        2) set -- run -q --base "$base" --config "$kit/run.conf" ;;
        *) set -- add -q --again --jobs 1 --base "$base" "$scratch/place" ;;
        esac
        "$index" "$@" >"$scratch/run.out" 2>&1 &
        pid=$!
        sleep "$(printf '0.%03d' $((RANDOM % (whole < 900 ? whole : 900))))"
        kill -KILL $pid 2>/dev/null
        code=0
        wait $pid 2>/dev/null || code=$?
        runs=$((runs + 1))
        case $code in
        137) killed=$((killed + 1)) ;;
        0) ;;
        *) echo "run $runs, $*: exit $code"; cat "$scratch/run.out"; return 1 ;;
        esac
        "$query" --base "$base" --json -n 20 cantine >"$scratch/q.out" 2>"$scratch/q.err" ||
            { echo "run $runs, $*:"; cat "$scratch/q.err"; return 1; }
        grep -q '"type":"result"' "$scratch/q.out" || { echo "run $runs, $*: nothing found"; return 1; }
    done
    "$index" add -q --again --base "$base" "$scratch/place" >/dev/null 2>&1 &&
        "$index" law import -q --base "$base" "$kit/law.jsonl" >/dev/null 2>&1 &&
        "$index" verify --base "$base" || return 1
    echo "# random kills: $killed of $runs runs" >&3
    [ $killed -ge $((random_seconds / 10)) ]
}

begin_faults "killed at every call"
every_scenario "killed at every call of" every_point signal=SIGKILL was_killed "$step"
[ -n "${ONLY:-}" ] || test_case "enough points were met" enough_points
[ "$random_seconds" -eq 0 ] || test_case "killed at random moments" random_kills
finish
