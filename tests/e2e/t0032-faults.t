#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A sample of tests/full/f0010-kill-anywhere.t: a few of the calls that write, each killed
# once.
. "$(dirname "$0")/lib.sh"
. "$top/tests/full/faults.sh"

was_killed() { [ "$1" -eq 137 ] || { echo "exit $1, not killed"; return 1; }; }

begin_faults "killed at a few calls"
FIRST=17 ONLY="add:full remove:web law:full" every_scenario "killed" signal=SIGKILL was_killed 40
finish
