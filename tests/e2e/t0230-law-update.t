#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# law update, against a server that misbehaves on command: what is needed is fetched in
# order and once, cut and killed downloads go on where they were, nothing is asked of a
# server that the settings do not name. The archives are invented, tiny, in LEGI's form.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
www=$scratch/www
rules=$scratch/rules
requests=$scratch/requests
legi=$www/OPENDATA/LEGI
root=legi/global/code_et_TNC_en_vigueur/code_en_vigueur/LEGI/TEXT/00/00/06/07/06
cid=LEGITEXT000006070633
stock=Freemium_legi_global_20230101-140000.tar.gz

# article DIRECTORY NUMBER FROM TEXT: article L<NUMBER> in force since FROM
article() {
    local id
    id=$(printf 'LEGIARTI%012d' "$2")
    mkdir -p "$1/$root/$cid/article"
    cat >"$1/$root/$cid/article/$id.xml" <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<ARTICLE><META><META_COMMUN><ID>$id</ID></META_COMMUN><META_SPEC><META_ARTICLE>
	<NUM>L$2</NUM><ETAT>VIGUEUR</ETAT><DATE_DEBUT>$3</DATE_DEBUT>
	<DATE_FIN>2999-01-01</DATE_FIN></META_ARTICLE></META_SPEC></META>
	<CONTEXTE><TEXTE cid="$cid" nature="CODE"><TITRE_TXT debut="1996-02-24"
	fin="2999-01-01">Code d'essai</TITRE_TXT></TEXTE></CONTEXTE>
	<BLOC_TEXTUEL><CONTENU>$4</CONTENU></BLOC_TEXTUEL></ARTICLE>
	XML
}

# increment STAMP NUMBER TEXT
increment() {
    article "$scratch/i/$1" "$2" 2023-02-01 "$3"
    tar -C "$scratch/i" -czf "$legi/LEGI_$1.tar.gz" "$1"
}

make_site() {
    mkdir -p "$legi"
    article "$scratch/s" 1 2000-01-01 'un' && article "$scratch/s" 2 2000-01-01 'deux' || return 1
    # bytes that do not shrink, so that there is something to cut off
    head -c 60000 /dev/urandom >"$scratch/s/legi/filler"
    tar -C "$scratch/s" -czf "$legi/$stock" legi
    cp "$legi/$stock" "$legi/Freemium_legi_global_20220101-140000.tar.gz"
    increment 20221231-210000 9 'trop ancien'
    increment 20230203-210000 3 'trois, bis'
    increment 20230202-210000 3 'trois'
    echo '<a href="https://example.invalid/LEGI_20290101-210000.tar.gz">ailleurs</a>' \
        >"$legi/autre.html"
    : >"$legi/JORF_20230301-210000.tar.gz"
    : >"$legi/LEGI_20230301-210000.tar.gz.md5"
}

start_server() {
    mkfifo "$scratch/hold" && : >"$rules"
    "$tools/badserver" "$www" "$requests" "$rules" <"$scratch/hold" >"$scratch/port" &
    exec 9>"$scratch/hold"
    until [ -s "$scratch/port" ]; do sleep 0.02; done
    address=http://127.0.0.1:$(cat "$scratch/port")/OPENDATA/LEGI/
}

settings() { # LINE...: the settings, the requests forgotten
    printf '%s\n' '[run]' 'delay = 0' '[law]' "$@" >"$scratch/greffier.conf"
    : >"$requests"
}
rule() { printf '%s\n' "# $RANDOM$RANDOM" "$@" >"$rules" && : >"$requests"; }
update() { "$index" law update --base "$base" --config "$scratch/greffier.conf" "$@"; }
paths() { cut -f 2 "$requests" | sed 's,.*/,,'; } # names asked for, in order
asked_for() { # NAME...: exactly these archives, in this order
    local got
    got=$(paths | grep 'tar.gz' | tr '\n' ' ')
    [ "$got" = "$*${*:+ }" ] || { echo "asked for: $got"; return 1; }
}
is() { # FILTER ARTICLE
    "$query" article --base "$base" --json "$2" --at 2023-06-01 >"$scratch/out" 2>/dev/null
    jq -e "$1" "$scratch/out" >/dev/null || { echo "$2: not $1"; cat "$scratch/out"; return 1; }
}
last_is() { tail -n 1 "$scratch/out" | jq -e "$1" >/dev/null || { cat "$scratch/out"; return 1; }; }

without_an_address() {
    settings '# none'
    expect 2 update && one_line && says "$scratch/err" 'greffier.conf' &&
        says "$scratch/err" 'address = https://echanges.dila.gouv.fr/OPENDATA/LEGI/' &&
        [ ! -s "$requests" ]
}

only_looking() {
    settings "address = $address"
    expect 0 update --dry-run && says "$scratch/out" "$stock: would be fetched" &&
        says "$scratch/out" '5 archives listed, 3 would be fetched' &&
        asked_for && [ ! -e "$base/law.db" ] && [ ! -e "$base/downloads" ] || return 1
    expect 0 update --dry-run --json && [ "$(jq -r 'select(.type == "archive") | .name' \
        "$scratch/out" | tr '\n' ' ')" = \
        "$stock LEGI_20230202-210000.tar.gz LEGI_20230203-210000.tar.gz " ]
}

# Killed while the stock comes in, cut off once more, then whole: no byte comes twice.
killed_and_cut() {
    local pid part=$base/downloads/$stock.part
    settings "address = $address"
    rule '*Freemium* stall=20000'
    (exec "$index" law update --base "$base" --config "$scratch/greffier.conf" >/dev/null 2>&1) &
    pid=$!
    until [ "$(stat -c %s "$part" 2>/dev/null || echo 0)" -ge 20000 ]; do sleep 0.02; done
    kill -9 $pid
    wait $pid 2>/dev/null
    [ ! -e "$base/law.db" ] || { echo 'law before its time'; return 1; }
    rule '*Freemium* cut=15000 times=1'
    expect 0 update --json || return 1
    asked_for "$stock" "$stock" LEGI_20230202-210000.tar.gz LEGI_20230203-210000.tar.gz &&
        says "$requests" 'Range=bytes=20000-' && says "$requests" 'Range=bytes=35000-' || return 1
    last_is '.type == "law_update" and .imported == 3 and .needed == 3 and .listed == 5
        and .last == "20230203-210000"' || return 1
    jq -es --argjson n "$(stat -c %s "$legi/$stock")" 'map(select(.kind == "stock"))[0]
        | .bytes == $n and .resumed_at == 20000' "$scratch/out" >/dev/null &&
        is '.text == "un"' CGCT/L1 && is '.text == "trois, bis"' CGCT/L3 &&
        is '.why == "no_such_article"' CGCT/L9 &&
        [ -z "$(ls "$base/downloads" | grep -v '^lock$')" ]
}

nothing_new() {
    local before
    before=$(sha256sum <"$base/law.db")
    rule
    expect 0 update && says "$scratch/out" '0 needed' && says "$scratch/out" 'is of 2023-02-03' &&
        asked_for && [ "$before" = "$(sha256sum <"$base/law.db")" ]
}

# A second of three increments does not come: the first stays, the rest follows later.
in_the_middle() {
    increment 20230204-210000 4 'quatre'
    increment 20230205-210000 5 'cinq'
    increment 20230206-210000 6 'six'
    rule '*LEGI_20230205* status=503 retry=99999'
    expect 75 update --json && says "$scratch/err" 'LEGI_20230205-210000.tar.gz' && one_line &&
        last_is '.type == "law_update" and .imported == 1 and .last == "20230204-210000"' &&
        is '.text == "quatre"' CGCT/L4 && is '.why == "no_such_article"' CGCT/L6 || return 1
    rule
    expect 0 update && asked_for LEGI_20230205-210000.tar.gz LEGI_20230206-210000.tar.gz &&
        is '.text == "six"' CGCT/L6
}

no_archive() {
    local file=$legi/LEGI_20230207-210000.tar.gz
    increment 20230207-210000 7 'sept'
    cp "$file" "$scratch/good"
    echo '<html>Connectez-vous</html>' >"$file"
    rule
    expect 1 update && says "$scratch/err" 'is no archive' && one_line || return 1
    head -c 200 "$scratch/good" >"$file"
    expect 1 update && says "$scratch/err" 'the next run fetches it again' || return 1
    [ -z "$(ls "$base/downloads" | grep -v '^lock$')" ] || { ls "$base/downloads"; return 1; }
    is '.why == "no_such_article"' CGCT/L7 || return 1
    cp "$scratch/good" "$file"
    expect 0 update && is '.text == "sept"' CGCT/L7
}

# Fetched by a run that died before it could import it: not fetched again.
fetched_already() {
    increment 20230208-210000 8 'huit'
    cp "$legi/LEGI_20230208-210000.tar.gz" "$base/downloads/"
    echo 'left over' >"$base/downloads/LEGI_20230101-000000.tar.gz.part"
    rule
    expect 0 update && asked_for && is '.text == "huit"' CGCT/L8 &&
        [ -z "$(ls "$base/downloads" | grep -v '^lock$')" ]
}

newer_stock() {
    article "$scratch/s" 10 2000-01-01 'dix'
    tar -C "$scratch/s" -czf "$legi/Freemium_legi_global_20230301-140000.tar.gz" legi
    increment 20230301-210000 11 'onze'
    rule
    expect 0 update && asked_for Freemium_legi_global_20230301-140000.tar.gz \
        LEGI_20230301-210000.tar.gz && is '.text == "dix"' CGCT/L10 &&
        is '.text == "onze"' CGCT/L11 || return 1
    rule
    expect 0 update && asked_for
}

servers_that_fail() {
    increment 20230302-210000 12 'douze'
    rule '* status=503 retry=99999'
    expect 75 update && one_line || return 1
    rule '*/LEGI/ status=404'
    expect 4 update && one_line || return 1
    rule '*/LEGI/ redirect=http://10.1.2.3/LEGI/'
    expect 2 update && says "$scratch/err" '10.1.2.3' || return 1
    rule '*/LEGI/ redirect=/empty.html'
    echo '<p>Rien</p>' >"$www/empty.html"
    expect 1 update && says "$scratch/err" 'no archive of LEGI is listed there' || return 1
    rule
    printf 'User-agent: *\nDisallow: /OPENDATA\n' >"$www/robots.txt"
    expect 2 update && says "$scratch/err" 'robots.txt' && asked_for || return 1
    rm "$www/robots.txt"
    is '.why == "no_such_article"' CGCT/L12
}

too_big() {
    settings "address = $address" 'archive-size = 1'
    rule '*LEGI_20230302* endless'
    expect 1 update && says "$scratch/err" 'over 1024 kB' &&
        [ -z "$(ls "$base/downloads" | grep -v '^lock$')" ] || return 1
    settings "address = $address"
    rule
    expect 0 update && is '.text == "douze"' CGCT/L12
}

two_at_once() {
    local got=0
    increment 20230303-210000 13 'treize'
    rule
    exec 8>"$base/downloads/lock"
    flock 8
    update >"$scratch/out" 2>"$scratch/err" 8>&- || got=$?
    exec 8>&-
    [ $got -eq 75 ] && one_line && asked_for || { cat "$scratch/err"; return 1; }
    expect 0 update
}

# The nightly run brings the law in, and what came can be searched and cited.
by_night() {
    increment 20230304-210000 14 'Le maire peut autoriser les ruches sur le toit de la mairie.'
    rule
    expect 0 "$index" run --base "$base" --config "$scratch/greffier.conf" &&
        asked_for LEGI_20230304-210000.tar.gz && says "$scratch/out" '1 brought in' &&
        is '.text | startswith("Le maire")' CGCT/L14 || return 1
    expect 0 "$query" --base "$base" --kind law --json 'ruches sur le toit de la mairie' &&
        jq -es 'map(select(.type == "result" and .law.article == "L14")) | length == 1' \
            "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
}

# As a source of its own: counted in the report, at its days, looked at without being
# taken, and named when its server fails or an archive cannot be read; the acts come in
# nevertheless.
as_a_source() {
    local of='.sources[] | select(.name == "loi") |'
    settings '# none' '[source loi]' 'kind = legi' "url = $address" 'schedule = 7' \
        '[source mairie]' 'kind = folder' "path = $scratch/acts" 'body = Courvanne'
    mkdir -p "$scratch/acts"
    "$tools/mkpdf" text "$scratch/acts/a.pdf" 'Le conseil fixe le tarif de la cantine.' >/dev/null
    night() { expect "$1" "$index" run --json --base "$base" --config "$scratch/greffier.conf" "${@:2}"; }
    increment 20230305-210000 15 'quinze'
    night 0 --dry-run && last_is "$of .new == 1 and .expected >= 5" && asked_for || return 1
    rule '*LEGI_20230305* status=503 retry=99999'
    night 3 && last_is "$of .new == 0 and .waiting == 1 and .status == \"network\"" || return 1
    rule
    night 0 && last_is "$of .new == 1 and .waiting == 0" && is '.text == "quinze"' CGCT/L15 || return 1
    increment 20230306-210000 16 'seize'
    rule
    night 0 && last_is "$of .visited == false" && [ ! -s "$requests" ] || { cat "$requests"; return 1; }
    expect 0 "$query" --base "$base" cantine && says "$scratch/out" 'a.pdf'
}

# Killed at many moments, in whatever it was doing: the next call goes on and ends with the
# same law, and nothing is left over.
killed_anywhere() {
    local met=0 n want got
    mkdir -p "$scratch/early" && : >"$scratch/early/law.db"
    expect 4 "$index" law list --base "$scratch/early" && one_line &&
        says "$scratch/err" 'no law in the base' || return 1
    base=$scratch/undisturbed
    rule
    settings "address = $address"
    expect 0 update || return 1
    want=$("$index" law list --base "$base" --json)
    for n in 1 10 20 30 40 50 60; do
        base=$scratch/killed.$n
        strace -f -qq -o /dev/null -e "inject=pwrite64,rename,unlink:signal=SIGKILL:when=$n" \
            "$index" law update --base "$base" --config "$scratch/greffier.conf" \
            >/dev/null 2>&1 && break
        met=$((met + 1))
        expect 0 update || return 1
        got=$("$index" law list --base "$base" --json)
        [ "$got" = "$want" ] || { echo "killed at $n: $got, not $want"; return 1; }
        [ -z "$(ls "$base/downloads" | grep -v '^lock$')" ] || { ls "$base/downloads"; return 1; }
    done
    [ "$met" -ge 4 ] || { echo "only $met moments met"; return 1; }
}

# Connections are made to the address of the settings and nowhere else.
only_there() {
    # leaks cannot be looked for under strace
    export ASAN_OPTIONS=detect_leaks=0
    base=$scratch/watched
    rule '*/LEGI/ redirect=https://example.invalid/LEGI/ times=1'
    strace -f -qq -o "$scratch/calls" -e trace=connect,sendto "$index" law update \
        --base "$base" --config "$scratch/greffier.conf" >/dev/null 2>&1
    strace -f -qq -A -o "$scratch/calls" -e trace=connect,sendto "$index" law update \
        --base "$base" --config "$scratch/greffier.conf" >/dev/null 2>&1 || return 1
    grep -q 'sin_addr=inet_addr("127.0.0.1")' "$scratch/calls" || return 1
    ! grep 'connect.*AF_INET' "$scratch/calls" | grep -v 'sin_addr=inet_addr("127.0.0.1")' |
        grep -v ECONN || return 1
    ! grep -E 'connect\(.*htons\(53\)|AF_UNIX' "$scratch/calls"
}

real_sample() {
    local www2=$scratch/www/reel
    base=$scratch/real
    mkdir -p "$www2"
    tar -C "$scratch" -xzf "$shared/law/legi-sample.tar.gz" || return 1
    for d in "$scratch"/legi-sample/*.tar.gz; do
        if [ -d "$d" ]; then tar -C "$d" -czf "$www2/$(basename "$d")" .; else cp "$d" "$www2/"; fi
    done
    settings "address = ${address%/OPENDATA/LEGI/}/reel/"
    expect 0 update --all --json && last_is '.imported == 2 and .last == "20240102-210000"' &&
        "$index" law list --base "$base" --json >"$scratch/out" && [ -s "$scratch/out" ]
}

command -v jq >/dev/null || { skip_case 'law update' 'no jq'; finish; exit; }
make_site
start_server
test_case 'no address: the lines to write, no connection' without_an_address
test_case '--dry-run: the list only' only_looking
test_case 'a killed and a cut download go on where they were' killed_and_cut
test_case 'a second run fetches nothing' nothing_new
test_case 'a failure in the middle keeps what came before' in_the_middle
test_case 'what is no archive is not kept' no_archive
test_case 'what was fetched already is not fetched again' fetched_already
test_case 'a newer stock, then what came after it' newer_stock
test_case 'servers that fail, refuse, lead away or forbid' servers_that_fail
test_case 'an archive without end' too_big
test_case 'two at once' two_at_once
test_case 'the nightly run, and a search for what it brought' by_night
test_case "as a source of the nightly run" as_a_source
if command -v strace >/dev/null && strace -qq true 2>/dev/null; then
    test_case 'killed anywhere' killed_anywhere
    test_case 'no connection but to the address of the settings' only_there
else
    skip_case 'killed anywhere' 'no strace'
    skip_case 'no connection but to the address of the settings' 'no strace'
fi
if [ -f "$shared/law/legi-sample.tar.gz" ]; then
    test_case 'the real sample' real_sample
else
    skip_case 'the real sample' 'not there'
fi
finish
exec 9>&-
wait
