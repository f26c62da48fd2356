#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Each file of a base damaged: bytes flipped, cut off, 4 kB zeroed, put back from an older
# state, removed. `verify` names the file or nothing changes; every question is answered as
# before or fails with one line that names the file; what is intact brings the rest back;
# originals are never touched.
#
#   MORE=N      flips at random places of each file (default 6)
#   ONLY=WORDS  only files whose path contains one of these
. "$(dirname "$0")/../e2e/lib.sh"
. "$top/tests/full/damage.sh"

met=0
shown=Delib_2018-21_tarifs-cantine-2018-2019.pdf

wanted() {
    local w
    [ "${ONLY:-}" ] || return 0
    for w in $ONLY; do case $1 in *"$w"*) return 0 ;; esac; done
    return 1
}

every_way() { # FILE; counts into $scratch/met
    local how code failed=0
    while read -r how <&8; do
        code=0
        one_damage "$1" "$how" || code=$?
        [ $code -eq 2 ] || echo "$1 $how" >>"$scratch/met"
        [ $code -ne 1 ] || failed=$((failed + 1))
    done 8< <(ways "$1" "${MORE:-6}")
    [ $failed -eq 0 ] || { echo "$failed damages of $1 not met well"; return 1; }
}

sound() { cp -a "$whole" "$base" && ask_all '' && same_as_before && "$index" verify --base "$base"; }
enough() { sort -u "$scratch/met" | wc -l | sed 's/^/# damages met: /' >&3 && [ -s "$scratch/met" ]; }

exec 3>&1
: >"$scratch/met"
make_whole "$shown" 2022-22_cantine-a-un-euro.pdf D2020-14-indemnites-de-fonction.pdf \
    DEL2024-07-Taux-2024.pdf scan_delib_avenants_salle_des_fetes.pdf \
    Delib_2017-09_indemnites-elus.pdf DEL2024-31-Tarifs-columbarium.pdf >"$scratch/made" 2>&1 ||
    { echo "Bail out! no base"; cat "$scratch/made"; exit 1; }
fetch_one >"$scratch/made" 2>&1 || { echo "Bail out! nothing fetched"; cat "$scratch/made"; exit 1; }
test_case "undamaged: sound, and the same answers twice" sound
while read -r file <&7; do
    wanted "$file" || continue
    one() { every_way "$file"; }
    test_case "damage of $file" one
done 7< <(files)
test_case "damages were met" enough
finish
