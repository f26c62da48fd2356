#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A sample of tests/full/f0010-kill-anywhere.t: a few of the calls that write, each killed
# once.
. "$(dirname "$0")/lib.sh"
. "$top/tests/full/faults.sh"

was_killed() { [ "$1" -eq 137 ] || { echo "exit $1, not killed"; return 1; }; }

if ! strace -qq -o /dev/null true 2>/dev/null; then
    skip_case "killed at a few calls" "strace does not work here"
    finish
    exit
fi
make_kit && serve_web && make_bases || { echo "Bail out! no bases to start from"; exit 1; }
for pair in add:full remove:web law:full; do
    one() { FIRST=17 every_point "${pair%:*}" "${pair#*:}" signal=SIGKILL was_killed 40; }
    test_case "killed at a few calls of ${pair%:*} (from ${pair#*:})" one
done
finish
