#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The power goes: of each command that writes the states are made in which a disk may be at
# any moment, with what was not synced lost, kept or torn. The base opens and answers as
# before or as after, what was reported as done is there, verify is clean or repairs, and
# the same command once more ends as an undisturbed run does.
#
#   STEP=N      beside the syncs one operation in N (default 20), FIRST=K from the Kth on
#   SEEDS=N     states drawn before each sync (default 3)
#   ONE=N       only one state in N (default 1)
#   ONLY=WORDS, JOBS=N, MEMORY=FILE, TMPDIR=DIR   as in f0010-kill-anywhere.t
. "$(dirname "$0")/../e2e/lib.sh"
. "$top/tests/full/faults.sh"
. "$top/tests/full/power.sh"

enough() {
    sed 's/^/# /' "$scratch/met" >&3
    [ "$(points_met)" -ge $((300 / ${ONE:-1})) ]
}

begin_faults "the power goes"
every_scenario "the power goes in" every_cut "${STEP:-20}" "${SEEDS:-3}" "${ONE:-1}"
[ -n "${ONLY:-}" ] || test_case "enough states were met" enough
finish
