#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every input that once broke a fuzz target, and a few of each kind, again.
. "$(dirname "$0")/lib.sh"

for replay in "$build"/fuzz/replay-*; do
    name=${replay##*/replay-}
    replays() { "$replay" "$top/tests/fuzz/seeds/$name" >"$scratch/out" 2>&1 || { cat "$scratch/out"; return 1; }; }
    test_case "inputs of $name" replays
done
finish
