#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Memory as valgrind sees it: the programs over a short add, run, question and serve read
# nothing that is not theirs or was never written, and lose nothing. The helpers that read
# documents under seccomp are not followed (its calls are not valgrind's).
. "$(dirname "$0")/../e2e/lib.sh"

if ! command -v valgrind >/dev/null || ! command -v curl >/dev/null; then
    echo '1..0 # SKIP valgrind or curl is not installed'
    exit 0
fi
case $build in *asan* | *tsan*) echo '1..0 # SKIP not with sanitizers'; exit 0 ;; esac
base=$scratch/base
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 TSAN_OPTIONS=
# watched CODE COMMAND...
watched() {
    local want=$1 got=0
    shift
    valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --log-file="$scratch/vg.%p" \
        ${SUPPRESSIONS:+--suppressions=$SUPPRESSIONS} "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || got=$?
    [ "$got" -eq "$want" ] && clean || { echo "exit $got, not $want: $*"; head -n 5 "$scratch/err"; return 1; }
}
clean() {
    local bad
    bad=$(find "$scratch" -maxdepth 1 -name 'vg.*' -size +0)
    [ -z "$bad" ] || { head -n 40 $bad; rm -f "$scratch"/vg.*; return 1; }
    rm -f "$scratch"/vg.*
}

adding() {
    mkdir -p "$scratch/docs"
    cp "$sample"/courvanne-les-tilleuls/{2022-08*,2022-22*,D2020-12*,scan*}.pdf "$scratch/docs/"
    echo 'pas un PDF' >"$scratch/docs/faux.pdf"
    watched 3 "$index" add --base "$base" "$scratch/docs" || return 1
    printf '{"code":"CGCT","article":"L2121-29","valid_from":"1996-02-24","valid_to":null,"state":"VIGUEUR","text":"Le conseil règle par ses délibérations les affaires."}\n' \
        >"$scratch/law.jsonl"
    watched 0 "$index" law import --base "$base" "$scratch/law.jsonl"
}

running() {
    printf '[source dossier]\nkind = folder\npath = %s\n[source morte]\nkind = page\nurl = http://127.0.0.1:1/\n[run]\nretries = 0\ndelay = 0\n' \
        "$scratch/docs" >"$scratch/conf"
    rm "$scratch/docs/faux.pdf"
    "$tools/mkpdf" text "$scratch/docs/neuf.pdf" "Le lavoir est loué." || return 1
    watched 3 "$index" run --base "$base" --config "$scratch/conf" && watched 0 "$index" remove --base "$base" --reason essai neuf.pdf &&
        watched 0 "$index" verify --base "$base" && watched 0 "$index" export --acts --base "$base"
}

asking() {
    local key
    watched 0 "$query" --base "$base" --json "Combien coûte la cantine ?" || return 1
    key=$(jq -r '.act.id // empty' "$scratch/out" | head -n 1)
    watched 0 "$query" --base "$base" --explain "caméras" && watched 0 "$query" --base "$base" zorglub && watched 0 "$query" show --base "$base" "$key" &&
        watched 0 "$query" similar --base "$base" "$key" && watched 0 "$query" article --base "$base" CGCT/L2121-29 &&
        watched 0 "$query" citing --base "$base" CGCT/L2121-29 && watched 0 "$query" check --base "$base" "$scratch/docs/"2022-08*.pdf &&
        watched 4 "$query" show --base "$base" 000000000000
}

serving() {
    local pid url at key got=0
    key=$("$query" --base "$base" --json -n 1 cantine | jq -r '.act.id // empty' | head -n 1)
    : >"$scratch/serve"
    valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --log-file="$scratch/vg.%p" \
        ${SUPPRESSIONS:+--suppressions=$SUPPRESSIONS} "$build/greffier-serve" --base "$base" --listen 127.0.0.1:0 >"$scratch/serve" 2>"$scratch/serve.err" &
    pid=$!
    until url=$(grep -o 'http://127.0.0.1:[0-9]*' "$scratch/serve"); do kill -0 $pid || { cat "$scratch/serve.err"; clean; return 1; }; sleep 0.1; done
    for at in / "/?q=cantine" "/?q=zorglub" "/?q=texte&kind=law" "/?q=%FF" "/acte/$key" "/image/${key%%.*}/1-1000.png" "/fichier/${key%%.*}" /couverture /loi \
        "/loi/CGCT/L2121-29" /verifier "/dossier?c=$key" "/atom?q=cantine" "/api/search?q=cantine" "/api/act/$key" /openapi.json /nothing; do
        curl -s -o /dev/null --max-time 120 "$url$at" || { echo "$at"; kill $pid; return 1; }
    done
    curl -s -o /dev/null --max-time 120 -F "file=@$(find "$scratch/docs" -name '2022-08*')" "$url/api/check"
    "$index" remove --base "$base" --reason essai "${key%%.*}" >/dev/null && curl -s -o /dev/null --max-time 120 "$url/?q=cantine"
    kill $pid
    wait $pid || got=$?
    [ $got -eq 0 ] || { echo "exit $got"; cat "$scratch/serve.err"; }
    clean && [ $got -eq 0 ]
}

test_case "adding and importing" adding
test_case "a nightly run, removing, verifying" running
test_case "questions" asking
test_case "serving" serving
finish
