#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Gone is gone for a server that has stood since before: after remove no route gives the
# act, its words, number, file, town, matter or article, nor what was made of it before.
. "$(dirname "$0")/lib.sh"

command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 0; }

base=$scratch/base
docs=$scratch/docs
mkdir -p "$docs/Courvanne" "$docs/Quintefeuille-les-Bains"
# what stands in that act or is said of it alone; no question below holds one of these
secret='quintefeuille|zwingelberg(è|e|%C3%A8)re|brouillassement|2024-0417|secours-exceptionnel|4321-7|ausculte'

act() { # FILE N SUBJECT TEXT
    "$tools/mkpdf" text "$docs/$1.pdf" "Commune de ${1%%/*}
Séance du 12 mars 2024
Délibération n° $2
Objet : $3
Vu le code général des collectivités territoriales, notamment l'article L. 2121-29 ;
Vu l'article L. ${5:-2121-12} du code de l'environnement ;
Le conseil municipal, après en avoir délibéré, décide : $3. $4" >/dev/null
}

fill() {
    local i
    for i in $(seq 10 21); do
        act "Courvanne/d$i" "2024-00$i" "Entretien du chemin numéro $i" "La voirie du lot $i est refaite."
    done
    act "Quintefeuille-les-Bains/secours-exceptionnel" 2024-0417 "Aide accordée à madame Quintefeuille" \
        "Madame Zwingelbergère reçoit une aide de 431 euros pour des brouillassements et ausculte la toiture." 4321-7
    printf '{"code":"CENV","article":"L4321-7","valid_from":"2001-01-01","valid_to":null,"state":"VIGUEUR","text":"Des toitures."}\n' \
        >"$scratch/law.jsonl"
    expect 0 "$index" add --base "$base" "$docs" && expect 0 "$index" law import --base "$base" "$scratch/law.jsonl"
}

serve() {
    : >"$scratch/serve"
    "$query" serve --base "$base" --listen 127.0.0.1:0 >"$scratch/serve" 2>"$scratch/serve.err" &
    server=$!
    until url=$(grep -o 'http://127.0.0.1:[0-9]*' "$scratch/serve"); do kill -0 $server || return 1; sleep 0.05; done
}
trap '[ -n "${server:-}" ] && kill "$server" 2>/dev/null; rm -rf "$scratch"' EXIT
get() { curl -sS --max-time 60 -o "$scratch/body" -w '%{http_code}' "$@"; }

# Questions whose own words are no secret, and what one sees of the act in the answer.
asking() {
    local m q
    for m in lexical vector hybrid; do
        for q in "aide+accord%C3%A9e+pour+la+toiture+431+euros" "Zwingelberg%C3%A8e" "accord%C3%A9e"; do
            printf '%s\n' "/?q=$q&mode=$m" "/api/search?q=$q&mode=$m&n=50" "/atom?q=$q&mode=$m"
        done
    done
    printf '%s\n' / "/?q=aide&tri=date" "/?matter=8" "/?from=2024-01-01" "/?kind=deliberation&p=1" "/api/search?q=aide&from=2024-03-12&to=2024-03-12&n=100" \
        "/api/citing/CENV?n=100" "/api/citing/CGCT/L2121-29?n=100" "/loi" "/loi/CENV" "/loi/CGCT/L2121-29" /couverture /api/status /verifier \
        "/dossier?c=$1" "/acte/$other"
}
# Addresses that name it: they must answer 404, or show nothing of it.
naming() {
    printf '%s\n' "/acte/$key" "/acte/$key?page=1&de=0&a=9" "/acte/$doc" "/api/act/$key" "/api/act/$key.1" "/api/act/$doc" "/api/act/$sha" \
        "/api/act/secours-exceptionnel.pdf" "/fichier/$doc" "/image/$doc/1-1000.png" "/image/$doc/1-500.png"
}

before() {
    fill && serve || return 1
    local at n=0
    key=$("$query" --base "$base" --json -n 1 "Zwingelbergère" | jq -r '.act.id // empty' | head -n 1)
    sha=$("$query" --base "$base" --json -n 1 "Zwingelbergère" | jq -r '.document.sha256 // empty' | head -n 1)
    other=$("$query" --base "$base" --json -n 1 "chemin numéro 17" | jq -r '.act.id // empty' | head -n 1)
    [ -n "$key" ] && [ -n "$other" ] || return 1
    doc=${key%%.*}
    place=$(curl -sS "$url/?q=toiture" | grep -o "name=\"c\" value=\"$key[^\"]*" | sed 's/.*value="//' | head -n 1)
    declare -p url server key sha other doc place >"$scratch/names"
    asking "${place:-$key}" | while read -r at; do
        get "$url$at" >"$scratch/code"
        grep -qiE "$secret|$doc" "$scratch/body" && echo "$at"
    done >"$scratch/showed"
    naming | while read -r at; do [ "$(get "$url$at")" = 200 ] && echo "$at"; done >"$scratch/named"
    curl -sS -D "$scratch/head" -o /dev/null "$url/image/$doc/1-1000.png"
    n=$(wc -l <"$scratch/showed")
    [ "$n" -ge 20 ] && [ "$(wc -l <"$scratch/named")" -ge 7 ] || { echo "too little shows it:"; cat "$scratch/showed" "$scratch/named"; return 1; }
    for at in '?q=Zwingelberg%C3%A8e&mode=lexical' /couverture /api/citing/CENV "/image/$doc/1-1000.png" "/dossier"; do
        cat "$scratch/showed" "$scratch/named" | grep -qF "$at" || { echo "$at showed nothing before"; return 1; }
    done
    [ -n "$(find "$base" -name '1-1000')" ]
}

gone() {
    # shellcheck source=/dev/null
    . "$scratch/names"
    local at code etag
    expect 0 "$index" remove --base "$base" --reason essai "$doc" || return 1
    asking "${place:-$key}" | while read -r at; do
        code=$(get "$url$at")
        sed "s/${place:-$key}//g" "$scratch/body" | grep -iE "$secret|$doc|$sha" && echo "$at still shows it"
        case $code in 200 | 404) ;; *) echo "$at: $code" ;; esac
    done >"$scratch/wrong"
    naming | while read -r at; do
        code=$(get "$url$at")
        [ "$code" = 404 ] || echo "$at: $code"
        sed 's/secours-exceptionnel.pdf//g' "$scratch/body" | grep -iE "$secret" && echo "$at still shows it"
    done >>"$scratch/wrong"
    etag=$(sed -n 's/\r$//; s/^[Ee][Tt]ag: //p' "$scratch/head")
    [ -n "$etag" ] && [ "$(get -H "If-None-Match: $etag" "$url/image/$doc/1-1000.png")" = 404 ] || echo "the image is still what the browser has" >>"$scratch/wrong"
    [ ! -s "$scratch/wrong" ] || { cut -c1-300 "$scratch/wrong"; return 1; }
    [ "$(get "$url/acte/$other")" = 200 ] || return 1
}

commands() {
    # shellcheck source=/dev/null
    . "$scratch/names"
    local c
    for c in "similar $other" "citing CENV -n 50" "citing CGCT/L2121-29 -n 50" "search --mode lexical Zwingelbergèe" \
        "search --mode vector toiture" "status" "article CENV/L4321-7"; do
        # shellcheck disable=SC2086 # words
        "$query" $c --base "$base" >"$scratch/out" 2>&1
        sed 's/CENV\/L4321-7\|L\. 4321-7//' "$scratch/out" | grep -iE "$secret|$doc" && { echo "$c"; return 1; }
    done
    for c in "export --acts" "export --scdl --siret 21960128300017" status; do
        # shellcheck disable=SC2086 # words
        "$index" $c --base "$base" >"$scratch/out" 2>&1
        grep -iE "$secret|$doc" "$scratch/out" && { echo "$c"; return 1; }
    done
    return 0
}

files() {
    grep -rlaiE 'zwingelberg|brouillassement|secours-exceptionnel' "$base" && return 1
    [ -z "$(find "$base" -name '1-1000')" ] && [ ! -s "$base/greffier.db-wal" ]
}

server=
test_case "the routes show the act before" before
# shellcheck source=/dev/null
[ -e "$scratch/names" ] && . "$scratch/names"
test_case "no route gives it after" gone
test_case "no command does" commands
test_case "no file does, with the server at work" files
finish
