#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Samples of tests/full: a few of the calls that write, each killed once (f0010); a few of
# the states in which a power cut may leave the disk (f0015).
. "$(dirname "$0")/lib.sh"
. "$top/tests/full/faults.sh"
. "$top/tests/full/power.sh"

was_killed() { [ "$1" -eq 137 ] || { echo "exit $1, not killed"; return 1; }; }

begin_faults "killed at a few calls"
FIRST=17 ONLY="add:full remove:web law:full" every_scenario "killed at every call of" every_point signal=SIGKILL was_killed 40
power() { every_cut add full 1000 1 40; }
test_case "the power goes in add (from full)" power
finish
