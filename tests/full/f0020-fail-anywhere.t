#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Each call that writes fails once with ENOSPC, EIO and EDQUOT, in each command that writes:
# a documented exit code and a message, no death by a signal, answers as before or as after;
# the same command once more ends as an undisturbed run does. Then a full file system.
#
#   STEP=N      only one point in N (default 1: all), FIRST=K from the Kth on
#   ACTIONS=WORDS  ENOSPC, EIO, EDQUOT (of this one point in 10 of those)
#   ONLY=WORDS, JOBS=N, MEMORY=FILE, TMPDIR=DIR   as in f0010-kill-anywhere.t
. "$(dirname "$0")/../e2e/lib.sh"
. "$top/tests/full/faults.sh"

step=${STEP:-1}

# A fault that harms nothing (a file of no use that stays) may pass in silence.
failed_well() {
    case $1 in
    0) ;;
    1 | 75)
        [ "$(wc -l <"$mine/run.err")" -eq 1 ] && grep -q '/\|standard output' "$mine/run.err" || {
            echo "exit $1, not with one line that names a file:"
            head -n 5 "$mine/run.err"
            return 1
        }
        ;;
    3)
        [ -s "$mine/run.err" ] || [ -s "$mine/run.out" ] || { echo "exit $1 without a word"; return 1; }
        ;;
    *)
        echo "exit $1"
        head -n 5 "$mine/run.err"
        return 1
        ;;
    esac
}

# As a full disk, and it says what is full: a quota is raised elsewhere than a disk.
over_quota() {
    failed_well "$1" && { [ "$1" -eq 0 ] || grep -qi quota "$mine/run.err" "$mine/run.out"; } || {
        echo "exit $1, without the word quota:"
        head -n 5 "$mine/run.err"
        return 1
    }
}

enough_points() { sed 's/^/# /' "$scratch/met" >&3; [ "$(points_met)" -gt 0 ]; }

full_disk() {
    unshare -rm sh -c '
        mkdir -p "$1/disk" && mount -t tmpfs -o size=2m none "$1/disk" || exit 77
        "$2" add -q --base "$1/disk/base" "$3" >/dev/null 2>&1 || exit 78
        # a little room is left, less than the acts need
        dd if=/dev/zero of="$1/disk/other" bs=1k count="$(($(df -k --output=avail "$1/disk" | tail -n 1) - 100))" 2>/dev/null
        for i in 1 2 3 4 5 6 7 8; do
            "$2" add --jobs 1 --base "$1/disk/base" "$4" >"$1/out" 2>"$1/err"
            code=$?
            [ $code -eq 0 ] || break
        done
        echo "add: exit $code: $(tail -n 1 "$1/err")"
        "$5" --base "$1/disk/base" --json cantine >"$1/q.out" 2>&1 || exit 79
        [ $code -eq 1 ] && [ "$(wc -l <"$1/err")" -ge 1 ]
    ' sh "$scratch" "$index" "$kit/docs" "$sample" "$query" && grep -q '"type":"result"' "$scratch/q.out"
}

begin_faults "failures at every call"
for action in ${ACTIONS:-ENOSPC EIO EDQUOT}; do
    case $action in
    EDQUOT) every_scenario "$action at every call of" every_point "error=$action" over_quota $((step * 10)) ;;
    *) every_scenario "$action at every call of" every_point "error=$action" failed_well "$step" ;;
    esac
done
test_case "points were met" enough_points
if unshare -rm true 2>/dev/null; then
    test_case "a full file system of 2 MB" full_disk
else
    skip_case "a full file system of 2 MB" "unshare does not work here"
fi
finish
