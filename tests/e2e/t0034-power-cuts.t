#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A sample of tests/full/f0015-power-cuts.t: a few of the states in which a power cut may
# leave the disk.
. "$(dirname "$0")/lib.sh"
. "$top/tests/full/faults.sh"
. "$top/tests/full/power.sh"

make_kit && serve_web && make_bases || { echo "Bail out! no bases to start from"; exit 1; }
for pair in init:nothing add:full; do
    one() { every_cut "${pair%:*}" "${pair#*:}" 1000 1 26; }
    test_case "the power goes in ${pair%:*} (from ${pair#*:})" one
done
finish
