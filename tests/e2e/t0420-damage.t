#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One damage of each kind, for each kind of file of a base (all of them: tests/full/f0030):
# verify names the file, answers are as before or fail with one line that names it, and
# what is intact brings the rest back.
. "$(dirname "$0")/lib.sh"
. "$top/tests/full/damage.sh"

shown=Delib_2018-21_tarifs-cantine-2018-2019.pdf
questions=("tarifs de la cantine" "règle par ses délibérations")
modes=hybrid

sound() { start && ask_all '' && same_as_before && "$index" verify --base "$base"; }

# one WORD HOW...: the largest file whose path begins so, whatever the format calls it
one() {
    local f how bad=0 code
    f=$(cd "$whole" && find . -type f -path "./$1*" -printf '%s %P\n' | sort -n | tail -n 1 | cut -d' ' -f2)
    [ "$f" ] || { echo "no $1 in the base"; return 1; }
    shift
    for how in "$@"; do
        code=0
        one_damage "$f" "$how" || code=$?
        [ $code -ne 1 ] || bad=1
    done
    return $bad
}

rows() { one greffier.db flip:-1 zero:8192 gone; }
older_rows() { one greffier.db older; }
law() { one law.db flip:20000 cut:0 older; }
text() { one fulltext. zero:8192 gone; }
older_text() { one fulltext.0/iam older; }
vectors() { one vectors. flip:-1 cut:0 older; }
tables() { one fulltext.0/postlist gone && one fulltext.0/docdata gone; }
law_text() { one law.fulltext.0/postlist gone && one law.fulltext.0/docdata gone && one law.fulltext.0/iam gone older; }
law_vectors() { one law.vectors flip:-1; }
caches() { one ocr/ flip:-1 && one images/ cut:0; }

# The web page answers from the acts, and says what it cannot.
served() {
    local act address server bad=0
    start && printf 'damage' | dd of="$base/law.db" bs=1 seek=20000 conv=notrunc status=none
    act=$(sha256sum <"$docs/courvanne/$shown" | cut -c1-12).1
    "$query" serve --base "$base" --listen 127.0.0.1:0 >"$scratch/serve" 2>"$scratch/serve.err" &
    server=$!
    until address=$(grep -o '127.0.0.1:[0-9]*' "$scratch/serve") || ! kill -0 $server 2>/dev/null; do sleep 0.05; done
    curl -s "http://$address/?q=tarifs+de+la+cantine" >"$scratch/page"
    says "$scratch/page" "/acte/$act" && says "$scratch/page" "n’a pas pu être cherchée" || bad=1
    curl -s "http://$address/acte/$act" >"$scratch/page"
    says "$scratch/page" "Restauration scolaire" || bad=1
    [ "$(curl -s -o /dev/null -w '%{http_code}' "http://$address/loi/CGCT/L2121-10")" = 500 ] || bad=1
    kill $server
    wait $server 2>/dev/null
    says "$scratch/serve.err" "law.db" && return $bad
}

make_whole "$shown" D2020-14-indemnites-de-fonction.pdf scan_delib_avenants_salle_des_fetes.pdf \
    DEL2024-31-Tarifs-columbarium.pdf 2022-22_cantine-a-un-euro.pdf >"$scratch/made" 2>&1 ||
    { echo "Bail out! no base"; cat "$scratch/made"; exit 1; }
test_case "undamaged: sound, and the same answers twice" sound
test_case "rows: flipped, zeroed, gone" rows
test_case "rows of an older state" older_rows
test_case "law: flipped, emptied, of an older state" law
test_case "full text: zeroed, gone" text
test_case "full text: each of its tables gone" tables
test_case "full text of an older state" older_text
test_case "vectors: flipped, emptied, of an older state" vectors
test_case "full text of the law: tables gone" law_text
test_case "vectors of the law: flipped" law_vectors
test_case "what can be made again (pages read, images): no answer changes" caches
if command -v curl >/dev/null; then
    test_case "the web page with a damaged law" served
else
    skip_case "the web page with a damaged law" "no curl here"
fi
finish
