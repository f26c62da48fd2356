#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nothing leaves: the demonstration and the server connect to nobody, a nightly run to what
# its settings name and nobody else; no name is looked up; and no log, however much it is
# told to say, has a text or a question in it.
. "$(dirname "$0")/lib.sh"

if ! strace -f -qq -o /dev/null true 2>/dev/null || ! command -v curl >/dev/null; then
    echo '1..0 # SKIP strace or curl does not work here'
    exit 0
fi
# leaks cannot be looked for under strace
export ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}"
seccomp=$(strace --seccomp-bpf -f -qq -o /dev/null true 2>/dev/null && echo --seccomp-bpf)
base=$scratch/base
docs=$scratch/docs
secret="Quintefeuille|Zwingelberg|brouillassement|carmagnole|passementerie"

# watch TRACE COMMAND...: replaces the shell that calls it.
watch() {
    local trace=$1
    shift
    # shellcheck disable=SC2086 # an option or none
    exec strace $seccomp -f -qq -s 200 -e trace=socket,connect,bind,sendto,sendmsg,sendmmsg,openat \
        -o "$trace" "$@"
}

# Nobody is connected to but 127.0.0.1 at the ports given; what the kernel tells of the
# machine's own addresses (netlink) and processes of this machine (unix) are not the network.
nobody() { # TRACE [PORT]
    local port=${2:-none}
    grep -qE 'openat\(' "$1" || { echo "$1: nothing was watched"; return 1; }
    grep -E 'sin6?_addr|sin6?_port|inet_' "$1" | grep -vE " bind\(" |
        grep -vE "connect\([0-9]+, \{sa_family=AF_INET, sin_port=htons\($port\), sin_addr=inet_addr\(\"127\.0\.0\.1\"\)\}" && return 1
    # a look-up of a name reads how names are looked up
    grep -E '"/etc/(resolv|host|gai)\.conf"|"/etc/hosts"|resolve/io' "$1" && return 1
    return 0
}

log_says_nothing() { # FILE...: neither a question nor three words of an act in a row
    grep -iE "$secret" "$@" && return 1
    local id
    "$index" export --acts --base "$base" | jq -r .id | while read -r id; do
        "$query" show --json --base "$base" "$id" || echo "$id is not there"
    done >"$scratch/acts.jsonl"
    perl -CSD -Mutf8 -e '
        my ($acts, @logs) = @ARGV;
        my %said;
        open my $f, "<", $acts or die; my $n = 0;
        while (<$f>) {
            while (/"text":"((?:[^"\\]|\\.)*)"/g) {
                my @w = map { lc } $1 =~ /\pL{3,}/g;
                $said{"$w[$_] $w[$_+1] $w[$_+2]"} = 1, $n++ for 0 .. $#w - 2;
            }
        }
        $n > 1000 or die "only $n\n";
        for my $l (@logs) {
            open my $g, "<", $l or die;
            while (my $line = <$g>) {
                my @w = map { lc } $line =~ /\pL{3,}/g;
                for (0 .. $#w - 2) { my $k = "$w[$_] $w[$_+1] $w[$_+2]"; die "$l: $k: $line" if $said{$k} }
            }
        }' "$scratch/acts.jsonl" "$@"
}

seen() { # that it would be seen
    (watch "$scratch/seen1" curl -s -o /dev/null --max-time 5 http://127.0.0.1:1/)
    (watch "$scratch/seen2" curl -s -o /dev/null --max-time 5 http://nulle-part.invalid/)
    nobody "$scratch/seen1" 1 || return 1
    ! nobody "$scratch/seen1" >/dev/null && ! nobody "$scratch/seen2" 1 >/dev/null
}

demo() {
    local n=0 q code=0
    mkdir -p "$docs"
    cp "$sample"/courvanne-les-tilleuls/202[1-4]*.pdf "$docs/"
    "$tools/mkpdf" text "$docs/secret.pdf" "Commune de Courvanne
Séance du 12 mars 2024
Délibération n° 2024-041
Objet : Secours à madame Quintefeuille
Le conseil décide : madame Zwingelbergère reçoit 431 euros pour des brouillassements." || return 1
    "$tools/mkpdf" image "$docs/scan.pdf" "Le conseil municipal decide la vente de la carmagnole" || return 1
    (watch "$scratch/add" "$index" add -v -v --base "$base" "$docs") >"$scratch/out" 2>"$scratch/add.log" || code=$?
    [ $code -eq 0 ] || [ $code -eq 3 ] || { cat "$scratch/add.log"; return 1; }
    nobody "$scratch/add" || return 1
    for q in "Éteint-on les lampadaires la nuit ?" "madame Quintefeuille et la passementerie" "carmagnole"; do
        n=$((n + 1))
        (watch "$scratch/ask" "$query" -v -v --base "$base" -n 2 "$q") >"$scratch/out" 2>"$scratch/ask$n.log" || return 1
        [ -s "$scratch/out" ] && nobody "$scratch/ask" || return 1
    done
    grep -qi "vente de la carmagnole" "$scratch/out" || { echo "the scan was not read"; cat "$scratch/out"; return 1; }
    log_says_nothing "$scratch/out" >/dev/null 2>&1 && { echo "an answer has no text?"; return 1; }
    log_says_nothing "$scratch"/add.log "$scratch"/ask?.log
}

night() {
    mkdir -p "$scratch/www/actes"
    mkfifo "$scratch/hold"
    : >"$scratch/rules"
    "$tools/mkpdf" text "$scratch/www/actes/a.pdf" "Délibération n° 2024-077
Objet : Prix de la passementerie
Le conseil fixe le prix de la passementerie à Zwingelbergère." || return 1
    echo 'pas un PDF : Zwingelbergère' >"$scratch/www/actes/b.pdf"
    printf '%s\n' '<a href="/actes/a.pdf">Zwingelbergère</a><a href="/actes/b.pdf">b</a>' \
        '<a href="http://192.0.2.1/x.pdf">x</a><iframe src="http://ailleurs.invalid/y.pdf"></iframe>' \
        '<link rel=next href="http://ailleurs.invalid/">' >"$scratch/www/index.html"
    "$tools/badserver" "$scratch/www" "$scratch/requests" "$scratch/rules" <"$scratch/hold" >"$scratch/port" &
    local server=$! code=0 port
    exec 9>"$scratch/hold"
    until [ -s "$scratch/port" ]; do kill -0 $server || return 1; sleep 0.02; done
    port=$(head -n 1 "$scratch/port")
    printf '%s\n' '[run]' 'delay = 0' 'retries = 0' '[source mairie]' 'kind = page' \
        "url = http://127.0.0.1:$port/index.html" '[source dossier]' 'kind = folder' "path = $docs" >"$scratch/conf"
    (watch "$scratch/run" "$index" run -v -v --base "$base" --config "$scratch/conf") >"$scratch/out" 2>"$scratch/run.log" 9>&- || code=$?
    exec 9>&-
    wait $server
    [ $code -eq 3 ] || { echo "exit $code"; cat "$scratch/out" "$scratch/run.log"; return 1; }
    grep -q 'a.pdf.*200' "$scratch/requests" || { cat "$scratch/requests"; return 1; }
    nobody "$scratch/run" "$port" && log_says_nothing "$scratch/run.log" "$scratch/out" "$base"/reports/*
}

# What a browser asks for: pages and all that they name, as far as it is here.
browse() { # ADDRESS
    local at
    curl -s -f -o "$scratch/page" --max-time 60 "$1$2" || { echo "$2"; return 1; }
    grep -oE '(src|href)="/[^"]*"' "$scratch/page" | sed 's/.*="//; s/"$//; s/&amp;/\&/g' | sort -u >"$scratch/links"
    grep -E '\.(css|js|svg|ico|woff2)|/image/|/fichier/|/acte/|/loi/|/atom' "$scratch/links" | head -n 12 | while read -r at; do
        curl -s -o /dev/null --max-time 60 "$1$at" || { echo "$at"; return 1; }
    done
}

serving() {
    local pid at url key q=madame+Quintefeuille+et+la+passementerie
    key=$("$query" --base "$base" --json -n 1 carmagnole | jq -r '.act.id // empty' | head -n 1)
    printf '{"code":"CGCT","article":"L2121-29","valid_from":"1996-02-24","valid_to":null,"state":"VIGUEUR","text":"Texte."}\n' \
        >"$scratch/law.jsonl"
    "$index" law import -q --base "$base" "$scratch/law.jsonl" >/dev/null || return 1
    : >"$scratch/serve"
    (watch "$scratch/web" "$query" serve -v -v --base "$base" --listen 127.0.0.1:0 >"$scratch/serve" 2>"$scratch/serve.log") &
    pid=$!
    until url=$(grep -o 'http://127.0.0.1:[0-9]*' "$scratch/serve"); do
        kill -0 $pid || { cat "$scratch/serve.log"; return 1; }
        sleep 0.05
    done
    for at in / "/?q=$q" "/?q=carmagnole&mode=vector" "/?q=texte&kind=law" "/acte/$key" /couverture "/loi/CGCT/L2121-29" /loi \
        /verifier "/dossier?q=carmagnole" "/atom?q=carmagnole" "/api/search?q=$q" "/api/act/$key" /openapi.json; do
        browse "$url" "$at" || { stop $pid; return 1; }
    done
    curl -s -f -o /dev/null -F "file=@$docs/secret.pdf" "$url/api/check" || { echo check; stop $pid; return 1; }
    stop $pid || { echo "ended with an error"; cat "$scratch/serve.log"; return 1; }
    grep -q 'GET / 200' "$scratch/serve.log" || { echo "no log"; cat "$scratch/serve.log"; return 1; }
    nobody "$scratch/web" && log_says_nothing "$scratch/serve.log" "$scratch/serve"
}

# strace passes no signal on: the program it watches is told. (A shell that was replaced
# by strace has it as its only child.)
stop() { # PID
    local child
    child=$(cat "/proc/$1/task/$1/children")
    [ -n "$child" ] && kill -TERM ${child%% *} || kill -KILL "$1"
    wait "$1"
}

test_case "a connection and a look-up would be seen" seen
test_case "the demonstration connects to nobody, its logs say nothing" demo
test_case "a nightly run connects to what is named" night
test_case "serving connects to nobody, its log says nothing" serving
finish
