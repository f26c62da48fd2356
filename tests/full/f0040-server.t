#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The server under 32 clients: while acts are added, removed, fetched by a nightly run and
# the base rebuilt, each answer is complete and of one state; over 10,000 requests
# descriptors and memory stay flat, also while nightly runs take place; all places taken,
# it serves again by itself.
#
#   BUILD=build/tsan   the same with ThreadSanitizer, which must report nothing
#   ROUNDS=N           how often acts come and go (default 5), REQUESTS=N (default 10000), WARM=N
#                      requests before memory is measured (default 2000)
#   NO_FLOOD=1         without the half minute of taken places
. "$(dirname "$0")/../e2e/lib.sh"

export OMP_NUM_THREADS=1
export TSAN_OPTIONS="exitcode=66 ${TSAN_OPTIONS:-}"
requests=${REQUESTS:-10000}
base=$scratch/base
acts=$build
[ -x "$top/build/release/greffier-index" ] && acts=$top/build/release
ask="/api/search?q=cantine&n=100"
other="/api/search?q=%C3%A9clairage+public&n=100"
mkdir -p "$scratch/docs"
cp "$sample"/courvanne-les-tilleuls/*.pdf "$scratch/docs/"
"$acts/greffier-index" add -q --no-ocr --base "$base" "$scratch/docs" >/dev/null 2>&1
: >"$scratch/out"
"$query" serve --base "$base" --listen 127.0.0.1:0 >"$scratch/out" 2>"$scratch/err" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$scratch"' EXIT
until grep -q http "$scratch/out"; do kill -0 $server || { echo "Bail out!"; exit 1; }; sleep 0.05; done
port=$(sed -n 's/.*:\([0-9]*\)\/$/\1/p' "$scratch/out")
many() { "$top/tests/tools/ask-many" "$port" "$@"; }
quiet() { many 1 2 "$ask" "$other" | sed 's/^[0-9]* //' | sort; }

# A file that comes, each time another, and goes. Between two commands the base is in one
# of the known states.
come() {
    printf '%% %s\n' "$RANDOM$RANDOM" >>"$scratch/docs/autre.pdf"
    "$acts/greffier-index" add -q --no-ocr --base "$base" "$scratch/docs" >"$scratch/add.out" 2>&1 ||
        [ $? -eq 3 ] || { cat "$scratch/add.out"; return 1; }
}
go() { "$acts/greffier-index" remove --base "$base" --reason essai autre.pdf >"$scratch/remove.out" 2>&1 || { cat "$scratch/remove.out"; return 1; }; }
# The same by a nightly run, which reads the folder and reports.
printf '[run]\nretries = 0\ndelay = 0\n[source actes]\nkind = folder\npath = %s\n' "$scratch/docs" >"$scratch/conf"
night() {
    printf '%% %s\n' "$RANDOM$RANDOM" >>"$scratch/docs/autre.pdf"
    local code=0
    "$acts/greffier-index" run --base "$base" --config "$scratch/conf" >"$scratch/run.out" 2>&1 || code=$?
    [ $code -eq 0 ] || [ $code -eq 3 ] || { echo "run: exit $code"; tail -n 20 "$scratch/run.out"; return 1; }
    grep -q . "$base/reports/latest.txt"
}
churn() {
    local i
    for i in $(seq "${ROUNDS:-5}"); do
        come && go && night && go && "$acts/greffier-index" rebuild -q --base "$base" >/dev/null 2>&1 || return 1
    done
}

one_state() {
    local code=0
    "$acts/tools/mkpdf" text "$scratch/docs/autre.pdf" "Le conseil fixe le prix de la cantine." || return 1
    # a run names files after its source: the states of all commands, in their order, twice
    quiet >"$scratch/known"
    local step
    for step in come go night go "$acts/greffier-index rebuild -q --base $base" come go night go; do
        $step >/dev/null 2>"$scratch/step.err" && quiet >>"$scratch/known" || { echo "$step"; cat "$scratch/step.err" "$scratch/run.out"; return 1; }
    done
    many 32 "$scratch/stop" "$ask" "$other" >"$scratch/seen" &
    local clients=$!
    churn || code=1
    touch "$scratch/stop"
    wait $clients || code=1
    sed 's/^[0-9]* //' "$scratch/seen" | sort -u >"$scratch/states"
    sort -u "$scratch/known" | comm -13 - "$scratch/states" >"$scratch/strange"
    awk '{n += $1} END {print "# answers meanwhile: " n}' "$scratch/seen" >&3
    [ ! -s "$scratch/strange" ] || { cat "$scratch/strange"; echo known:; sort -u "$scratch/known"; return 1; }
    grep -q "^0 200.*autre.pdf" "$scratch/states" && grep "^0 200" "$scratch/states" | grep -qv autre.pdf || { echo "one state only, known:"; cut -c1-2000 "$scratch/known"; cat "$scratch/add.out" "$scratch/remove.out"; return 1; }
    return $code
}

measure() { echo "$(find "/proc/$server/fd" -mindepth 1 | wc -l) $(awk '/^Rss/ {print $2}' "/proc/$server/smaps_rollup")"; }

# Runs, one after the other, for as long as the requests last; at least one.
nights() {
    local n=0
    until [ $n -gt 0 ] && [ -e "$scratch/dawn" ]; do
        night && go || return 1
        n=$((n + 1))
    done
    echo "# nightly runs meanwhile: $n" >&3
}

flat() {
    local fds kb fds2 kb2
    many 32 "${WARM:-2000}" "$ask" "$other" / /couverture /openapi.json /nothing >/dev/null || return 1
    read -r fds kb < <(measure)
    nights &
    local runs=$!
    many 32 "$requests" "$ask" "$other" / /couverture /openapi.json /nothing >"$scratch/seen" || return 1
    touch "$scratch/dawn"
    wait $runs || { cat "$scratch/run.out" "$scratch/remove.out"; return 1; }
    read -r fds2 kb2 < <(measure)
    echo "# $requests requests: descriptors $fds, then $fds2; memory $kb kB, then $kb2 kB" >&3
    awk '$3 != 200 && $3 != 404 {print; bad = 1} END {exit bad}' "$scratch/seen" || return 1
    [ "$fds2" -le $((fds + 40)) ] && [ "$kb2" -le $((kb + kb / 10 + 8192)) ]
}

flooded() {
    "$top/tests/tools/hostile-clients" flood "$port" >"$scratch/said"
    [ "$(paste -sd ';' "$scratch/said")" = "at last 200;tardy ended" ] || { cat "$scratch/said"; return 1; }
}

ends_well() {
    [ $ended -eq 0 ] && ! grep -A20 'WARNING: ThreadSanitizer' "$scratch/err" || { echo "exit $ended"; head -c 3000 "$scratch/err"; return 1; }
}

exec 3>&1
test_case "each answer is complete and of one state" one_state
test_case "descriptors and memory stay flat" flat
[ -n "${NO_FLOOD:-}" ] || test_case "all places taken, it serves again" flooded
kill $server
ended=0
wait $server || ended=$?
test_case "ends well" ends_well
finish
