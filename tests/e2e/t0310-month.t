#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A month of nights: acts appear, change, vanish and come back, servers fail, runs are
# killed; somebody reads all the while. The base at the end is the one that a single run
# makes of the last state.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
www=$scratch/www
conf=$scratch/greffier.conf
mkdir -p "$www/actes"
: >"$scratch/rules"
mkfifo "$scratch/hold"
"$tools/badserver" "$www" "$scratch/requests" "$scratch/rules" <"$scratch/hold" >"$scratch/port" &
exec 9>"$scratch/hold"
while [ ! -s "$scratch/port" ]; do sleep 0.02; done
url=http://127.0.0.1:$(head -n 1 "$scratch/port")
cat >"$conf" <<EOT
[run]
delay = 0
retries = 0
absent-after = 3
[source mairie]
kind = page
url = $url/index.html
body = Courvanne
recheck = 0
[source dossier]
kind = folder
path = $scratch/dossier
EOT
mkdir -p "$scratch/dossier/Ville"

act() { # FILE NUMBER WORDS: a deliberation
    "$tools/mkpdf" text "$1" "Délibération n° 2024-$2\nSéance du $((1 + $2 % 28)) mars 2024\nObjet : $3\nLe conseil décide : $3." >/dev/null
}
page() {
    { echo '<html><body>'; (cd "$www" && for f in actes/*.pdf; do echo "<a href=\"$f\">$f</a>"; done); } \
        >"$www/index.html"
}
names=(cantine lavoir école marché fontaine pont cimetière crèche stade gare forêt voirie)

# What the town does on day N: each day an act more, some days a correction or a removal.
day() {
    local n=$1
    act "$www/actes/$n.pdf" "$n" "${names[n % 12]} numéro $n"
    [ $((n % 4)) -eq 0 ] && act "$www/actes/$((n / 2)).pdf" "$((n / 2))" "${names[n % 12]} rectifiée au jour $n"
    [ $((n % 7)) -eq 0 ] && rm -f "$www/actes/$((n - 3)).pdf"
    [ $((n % 5)) -eq 0 ] && act "$scratch/dossier/Ville/$n.pdf" "$((100 + n))" "dossier ${names[n % 12]} $n"
    [ "$n" -eq 20 ] && act "$scratch/dossier/Ville/5.pdf" 105 "dossier corrigé"
    [ "$n" -eq 12 ] && mv "$www/actes/9.pdf" "$www/actes/neuf.pdf"
    case $n in
    6) echo "/actes/* status=500" >"$scratch/rules" ;;
    10) echo "/index.html status=404" >"$scratch/rules" ;;
    15) echo "/actes/* cut=700" >"$scratch/rules" ;;
    22) echo "/index.html drop" >"$scratch/rules" ;;
    *) : >"$scratch/rules" ;;
    esac
    page
}

reader() { # searches without end; every answer is whole and no error comes
    until [ -e "$base/vectors.0" ]; do sleep 0.02; done
    while [ ! -e "$scratch/stop" ]; do
        "$query" --base "$base" --json conseil >"$scratch/read" 2>"$scratch/read.err" ||
            { echo "exit $?: $(cat "$scratch/read.err")" >>"$scratch/read.bad"; }
        tail -n 1 "$scratch/read" | grep -q '"type":"summary"' || echo "half" >>"$scratch/read.bad"
        echo 1 >>"$scratch/read.count"
        sleep 0.05
    done
}

month() {
    reader &
    local watch=$! n code
    for n in $(seq 30); do
        day "$n"
        if [ $((n % 9)) -eq 0 ]; then # this night somebody pulls the plug
            "$index" run --base "$base" --config "$conf" >/dev/null 2>&1 &
            local victim=$!
            until [ -s "$base/lock" ] || [ -e "$base/lock" ]; do sleep 0.01; done
            sleep 0.0$n
            kill -9 $victim 2>/dev/null
            wait $victim 2>/dev/null
        fi
        code=0
        "$index" run --base "$base" --config "$conf" >"$scratch/out" 2>"$scratch/err" || code=$?
        case $code in 0 | 3) ;; *) echo "night $n: exit $code"; cat "$scratch/err"; return 1 ;; esac
    done
    touch "$scratch/stop"
    wait $watch
    [ ! -e "$scratch/read.bad" ] || { sort "$scratch/read.bad" | uniq -c | head; return 1; }
    [ "$(wc -l <"$scratch/read.count")" -gt 10 ]
}

# What is away has been reported by now; a person takes it out.
decide() {
    jq -r '.sources[].notes[] | select(.what == "away") | .address' "$base/reports/latest.json" >"$scratch/away"
    [ "$(wc -l <"$scratch/away")" -ge 3 ] || { cat "$scratch/away"; return 1; }
    while read -r address; do
        [ ! -e "$www/${address#"$url"/}" ] || { echo "$address is there"; return 1; }
        expect 0 "$index" remove --base "$base" "$address" --reason "retiré du site" || return 1
    done <"$scratch/away"
    expect 0 "$index" verify --base "$base"
}

acts() { "$index" export --acts --base "$1" | sort; }
answers() {
    local q
    for q in cantine "école rectifiée" "numéro 17" fontaine "dossier corrigé" "2024-23" lavoir; do
        "$query" --base "$1" --json -n 5 "$q" | jq -c 'del(.ms, .score)'
    done
}

same_as_at_once() {
    local once=$scratch/once
    expect 0 "$index" run --base "$once" --config "$conf" || return 1
    acts "$base" >"$scratch/a" && acts "$once" >"$scratch/b"
    [ "$(wc -l <"$scratch/a")" -ge 30 ] || { wc -l "$scratch/a"; return 1; }
    diff "$scratch/a" "$scratch/b" | head -n 10
    cmp -s "$scratch/a" "$scratch/b" || return 1
    answers "$base" >"$scratch/a" && answers "$once" >"$scratch/b"
    diff "$scratch/a" "$scratch/b" | head -n 10
    cmp -s "$scratch/a" "$scratch/b"
}

# The versions that were replaced, and where they came from, are still known.
kept() {
    "$index" status --json --base "$base" | jq -se '[.[] | select(.type == "status")][0].superseded >= 5' >/dev/null || return 1
    ls "$base/documents" >"$scratch/files"
    [ "$(wc -l <"$scratch/files")" -gt "$(ls "$www/actes" | wc -l)" ]
}

test_case "thirty nights, with failures, kills and a reader" month
test_case "what vanished is decided by a person" decide
test_case "the same as at once" same_as_at_once
test_case "what was replaced is kept" kept
finish
