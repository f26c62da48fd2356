#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The web server: the API gives what the commands give; hostile requests get nothing.
. "$(dirname "$0")/lib.sh"

command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 0; }

base=$scratch/base
"$index" add --base "$base" --no-ocr "$sample" >/dev/null 2>&1
row() { # ARTICLE FROM TO
    printf '{"code":"CGCT","article":"%s","valid_from":"%s","valid_to":%s,"state":"VIGUEUR","text":"Texte <b>&."}\n' \
        "$1" "$2" "$3"
}
{ row L2121-29 1996-02-24 null; row L2122-22 2010-01-01 '"2020-05-01"'; row L2122-22 2020-05-01 null; } \
    >"$scratch/law.jsonl"
"$index" law import --base "$base" "$scratch/law.jsonl" >/dev/null 2>&1

# serve NAME ARGS...: starts one on a free port, sets $url when it answers.
serve() {
    local name=$1 pid
    shift
    "$query" serve --base "$base" --listen 127.0.0.1:0 "$@" \
        >"$scratch/$name.out" 2>"$scratch/$name.err" &
    pid=$!
    echo "$pid" | tee -a "$scratch/pids" >"$scratch/$name.pid"
    while ! grep -q http "$scratch/$name.out"; do
        kill -0 "$pid" 2>/dev/null || { cat "$scratch/$name.err"; return 1; }
        sleep 0.05
    done
    url=$(sed 's/.*\(http:[^ ]*\)\/$/\1/' "$scratch/$name.out")
}
# shellcheck disable=SC2046 # a list
trap 'kill $(cat "$scratch/pids") 2>/dev/null; rm -rf "$scratch"' EXIT

printf '%s\n' 'un long mot de passe' |
    "$query" passwd --iterations 100000 "$scratch/passwords" anne 2>"$scratch/passwd.err"
serve open || { echo "Bail out! $(cat "$scratch/open.err")"; exit 1; }
open=$url
serve locked --passwords "$scratch/passwords" || exit 1
locked=$url

get() { curl -sS --max-time 20 "$@"; }
code() { get -o "$scratch/body" -w '%{http_code}' "$@"; }
is() { # WANT GOT WHAT
    [ "$1" = "$2" ] || { echo "$3: \"$2\", not \"$1\""; return 1; }
}
# raw PORT: sends stdin as it is, prints the first line of the answer
raw() {
    perl -MIO::Socket::INET -e '
        my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0], Timeout => 10)
            or die "connect: $!";
        local $SIG{PIPE} = "IGNORE";
        binmode $s; local $/; my $all = <STDIN>;
        print $s $all; $s->flush; shutdown($s, 1) if $ARGV[1];
        local $SIG{ALRM} = sub { print "no answer\n"; exit };
        alarm 60; local $/ = "\n"; my $line = <$s>; $line =~ s/\s+$// if defined $line;
        print defined $line ? "$line\n" : "closed\n";' "${1##*:}" "${2:-}"
}

same() { # PATH COMMAND...: the API gives the command's objects
    local path=$1
    shift
    "$query" "$@" --base "$base" --json 2>/dev/null |
        LANGUAGE=fr jq -c 'del(.ms, .document.file)' >"$scratch/cli"
    get "$open$path" | jq -c '(.results[], .summary // empty) | del(.ms)' >"$scratch/api"
    [ -s "$scratch/cli" ] && cmp "$scratch/cli" "$scratch/api" ||
        { diff "$scratch/cli" "$scratch/api" | cut -c1-400 | head -8; return 1; }
}

api_is_the_command() {
    local id
    id=$("$query" search --base "$base" --json -n 1 cantine | jq -r 'select(.act).act.id')
    export LANGUAGE=fr
    same "/api/search?q=tarif+de+la+cantine" search "tarif de la cantine" || return 1
    same "/api/search?q=texte+de+loi&kind=law" search --kind law "texte de loi" || return 1
    same "/api/search?q=texte&kind=law&kind=act&ref=CGCT%2FL2122-22" \
        search --kind law --kind act --ref CGCT/L2122-22 texte || return 1
    is 400 "$(code "$open/api/search?q=texte&kind=law&body=x")" "the law of a body" || return 1
    is 400 "$(code "$open/atom?q=texte&kind=law")" "a feed of law" || return 1
    get "$open/?q=le+la+les" >"$scratch/page"
    says "$scratch/page" "que des mots trop courants" || return 1
    get "$open/?q=texte&kind=law" >"$scratch/page"
    says "$scratch/page" 'href="/loi/CGCT/L2122-22' || return 1
    says "$scratch/page" ' &lt;b&gt;&amp;.' || return 1
    same "/api/search?q=budget&n=3&from=2024&kind=deliberation&matter=7&mode=lexical" \
        search budget -n 3 --from 2024 --kind deliberation --matter 7 --mode lexical || return 1
    same "/api/search?body=&q=cantine&ref=CGCT/L2121-29" \
        search cantine --ref CGCT/L2121-29 || return 1
    same "/api/act/$id" show "$id" || return 1
    same "/api/article/CGCT/L2122-22?at=2014-05-22" article CGCT/L2122-22 --at 2014-05-22 || return 1
    same "/api/citing/CGCT/L2121-29?n=5" citing CGCT/L2121-29 -n 5
}

# Whatever the server keeps between questions: asked again, in another order, also where
# nothing is found and the nearest are shown.
server_ranks_as_the_command() {
    local question turn
    for turn in 1 2; do
        for question in 'tarif de la cantine en 2012' 'délibération 1999/777 sur la voirie' \
            'budget de la commune' 'qui a voté contre la cantine en 2031 ?' 'tarif cantine'; do
            "$query" search --base "$base" --json "$question" 2>/dev/null |
                jq -c 'select(.quote) | [.id, .score, .span, .quote]' >"$scratch/cli"
            get -G --data-urlencode "q=$question" "$open/api/search" |
                jq -c '.results[] | select(.quote) | [.id, .score, .span, .quote]' >"$scratch/api"
            [ -s "$scratch/cli" ] && cmp "$scratch/cli" "$scratch/api" ||
                { echo "turn $turn: $question"; return 1; }
        done
    done
}

check_takes_all_kinds() {
    local pdf draft="Vu l'article L. 2121-29 du CGCT" n
    pdf=$(find "$sample" -name 'DEL2024-07*.pdf')
    "$query" check --base "$base" --json "$pdf" >"$scratch/cli"
    get --data-binary "@$pdf" -H 'Content-Type: application/pdf' "$open/api/check" |
        jq -c '.results[]' | cmp - "$scratch/cli" || return 1
    get -F "file=@$pdf" "$open/api/check" | jq -c '.results[]' | cmp - "$scratch/cli" || return 1
    for n in 1 2 3; do
        case $n in
        1) get -d "$draft" -H 'Content-Type: text/plain' "$open/api/check" ;;
        2) get --data-urlencode "text=$draft" "$open/api/check" ;;
        3) get -F "text=$draft" "$open/api/check" ;;
        esac | jq -e '.results[0].refs == ["CGCT/L2121-29"]' >/dev/null ||
            { echo "kind $n"; return 1; }
    done
    is 400 "$(code -F "text=" "$open/api/check")" "nothing sent" || return 1
    is 415 "$(printf 'a\0b' | code --data-binary @- -H 'Content-Type: x/y' "$open/api/check")" binary
}

errors_are_json() {
    local at
    for at in "/api/nothing 404" "/api/act/nope 404" "/api/act/..%2f..%2fetc 404" \
        "/api/article/zzz 400" "/api/search?n=0&q=a 400" "/api/search?q= 400" \
        "/api/search?q=a&kind=x 400" "/api/search?q=%FF 400" "/api/search?q=%00 400" \
        "/api/search?q=%0 400" "/api/search?q=a&from=hier 400" "/api/search?q=a&from=2023&to=2020 400"\
        "/api/citing/CGCT?from=2023&to=2020 400" "/api/check 405"; do
        is "${at##* }" "$(code "$open${at% *}")" "${at% *}" || return 1
        jq -e --argjson code "${at##* }" '.format == 1 and .type == "error" and
            .code == $code and (.message | length > 5)' "$scratch/body" >/dev/null ||
            { echo "$at:"; cat "$scratch/body"; return 1; }
    done
    is 405 "$(code -X DELETE "$open/")" DELETE && is 405 "$(code -X TRACE "$open/")" TRACE
}

# What is wrong is called what the reader calls it.
errors_name_the_parameter() {
    local at
    for at in "/api/article/CGCT?at=hier at=hier" "/api/article/CGCT?changes_from=x changes_from=x" \
        "/api/search?q=a&mode=x mode=x" "/api/search?q=a&from=hier from"; do
        is 400 "$(code "$open${at% *}")" "${at% *}" && jq -r .message "$scratch/body" >"$scratch/said" || return 1
        says "$scratch/said" "${at##* }" && ! grep -e -- '--[a-z]' "$scratch/said" || return 1
    done
    is 400 "$(code -d "text=a" "$open/api/check?at=hier")" "the day of a draft" && says "$scratch/body" "at=hier" || return 1
    # what curl -d sends is a form, whatever is in it
    is 400 "$(code -d "Vu l'article L. 2121-29 du CGCT" "$open/api/check")" "text as a form" || return 1
    says "$scratch/body" text/plain
}

past_the_last_page() {
    local last
    get "$open/?from=2017&p=2" >"$scratch/page"
    last=$(grep -o 'Page 2 sur [0-9]*' "$scratch/page" | sed 's/.* //')
    [ "${last:-0}" -ge 2 ] || { echo "one page only"; return 1; }
    for at in $((last + 1)) 900; do
        is 200 "$(code "$open/?from=2017&p=$at")" "page $at" || return 1
        says "$scratch/body" "plus de réponses" && says "$scratch/body" "p=$last\"" || return 1
        ! grep -q 'class="result"' "$scratch/body" || { echo "results on page $at"; return 1; }
    done
    get "$open/?from=2017&p=$last" | grep -q 'class="result"'
}

# Each line of the table of routes is described, and nothing else is.
openapi_is_complete() {
    grep -o 'WEB_\(GET\|POST\), "[^"]*"' "$top/query/web_api.c" |
        sed 's/WEB_\(GET\|POST\), "\(.*\)"/\1 \2/; s/\*\*$/{}/; s/\*/{}/' | sort >"$scratch/table"
    get "$open/openapi.json" | jq -r '.openapi as $v | .paths | to_entries[] | .key as $p |
        .value | keys[] | "\(ascii_upcase) \($p | gsub("{[^}]*}"; "{}"))"' | sort >"$scratch/described"
    [ -s "$scratch/table" ] && diff "$scratch/table" "$scratch/described" || return 1
    # every $ref leads somewhere
    get "$open/openapi.json" | jq -e '. as $all | [.. | objects | .["$ref"]? | strings |
        ltrimstr("#/") / "/"] | length > 20 and all(.[]; . as $p | $all | getpath($p) != null)' \
        >/dev/null
}

# What the description says is required is there.
answers_are_as_described() {
    get "$open/openapi.json" >"$scratch/openapi"
    get "$open/api/search?q=cantine" >"$scratch/answer"
    jq -e --slurpfile d "$scratch/openapi" '
        $d[0].components.schemas as $s |
        all(.results[]; (. as $o | all($s.result.required[]; . as $k | $o | has($k))) and
            (.document as $o | all($s.document.required[]; . as $k | $o | has($k))) and
            (.act as $o | all($s.act.required[]; . as $k | $o | has($k)))) and
        (.summary as $o | all($s.summary.required[]; . as $k | $o | has($k)))' \
        "$scratch/answer" >/dev/null
}

feed_is_sound() {
    get "$open/atom?q=cantine" >"$scratch/1.xml"
    get "$open/atom?q=cantine&n=3" >"$scratch/2.xml"
    get "$open/atom?q=%3Cscript%3E%22%26%27" >"$scratch/3.xml"
    get "$open/atom?body=Courvanne-les-Tilleuls" >"$scratch/4.xml"
    xmllint --noout "$scratch"/[1-4].xml || return 1
    grep -q '<script>' "$scratch/3.xml" && { echo "not escaped"; return 1; }
    [ "$(grep -c '<entry>' "$scratch/1.xml")" -ge 2 ] &&
        [ "$(grep -c '<entry>' "$scratch/4.xml")" -ge 10 ] || { grep -c '<entry>' "$scratch"/*.xml; return 1; }
    # ids do not change, are each there once, and the newest comes first
    diff <(grep '<id>' "$scratch/1.xml") <(grep '<id>' "$scratch/2.xml") || return 1
    [ -z "$(grep '<id>' "$scratch/1.xml" | sort | uniq -d)" ] || return 1
    grep -q 'Content-Type: application/atom+xml' <(get -i "$open/atom?q=cantine") || return 1
    is 400 "$(code "$open/atom?q=a&from=x")" "a wrong date"
}

unchanged_is_not_sent_again() {
    local etag
    rm -f "$scratch/body"
    etag=$(get -i "$open/openapi.json" | tr -d '\r' | sed -n 's/^ETag: //p')
    is 304 "$(code -H "If-None-Match: $etag" "$open/openapi.json")" "the same etag" &&
        [ ! -s "$scratch/body" ] && is 200 "$(code -H 'If-None-Match: "x"' "$open/openapi.json")" other
}

headers_protect() {
    local page
    for page in "/" "/?q=cantine" "/nothing" "/api/search?q=cantine" "/openapi.json" "/login"; do
        get -i "$open$page" | tr -d '\r' >"$scratch/head"
        says "$scratch/head" "Content-Security-Policy: default-src 'none'" &&
            says "$scratch/head" "frame-ancestors 'none'" &&
            says "$scratch/head" "X-Content-Type-Options: nosniff" &&
            says "$scratch/head" "Referrer-Policy: same-origin" &&
            says "$scratch/head" "Cross-Origin-Resource-Policy: same-origin" ||
            { echo "$page"; return 1; }
        grep -i 'unsafe\|Access-Control' "$scratch/head" && return 1
    done
    is 200 "$(code -I "$open/")" HEAD
}

# A page of another site that points a name of its own here must not be answered.
only_known_hosts() {
    local host
    for host in evil.example evil.example:80 localhost.evil.example 127.0.0.1.evil.example \
        127.0.0.1@evil "a b" "" "[::1" ; do
        is 403 "$(code -H "Host: $host" "$open/api/status")" "Host: $host" || return 1
    done
    for host in localhost localhost:99 127.0.0.1 "[::1]:8017" LOCALHOST; do
        is 200 "$(code -H "Host: $host" "$open/api/status")" "Host: $host" || return 1
    done
    printf 'GET /api/status HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n' |
        raw "$open" | grep -qE '^HTTP/1.1 4' || return 1
    printf 'GET /api/status HTTP/1.0\r\n\r\n' | raw "$open" | grep -qE '^HTTP/1.[01] 4' || return 1
    printf 'GET http://evil.example/api/status HTTP/1.1\r\nHost: localhost\r\n\r\n' | raw "$open" |
        grep -qE '^HTTP/1.1 4'
}

only_forms_of_the_page() {
    local post="$open/api/check"
    is 403 "$(code -d x -H 'Origin: http://evil.example' "$post")" "another origin" &&
        is 403 "$(code -d x -H 'Origin: null' "$post")" "origin null" &&
        is 403 "$(code -d x -H 'Sec-Fetch-Site: cross-site' "$post")" "cross-site" &&
        is 403 "$(code -d x -H 'Sec-Fetch-Site: same-site' "$post")" "same-site" &&
        is 403 "$(code -d x -H "Origin: https://${open#http://}" "$post")" "another scheme" &&
        is 400 "$(code -d x= -H "Origin: $open" -H 'Sec-Fetch-Site: same-origin' "$post")" "its own"
}

no_way_out_of_the_folder() {
    local at
    for at in /static/../page_routes.c /static/..%2fpage_routes.c /static/%2e%2e/serve.h \
        /static//etc/passwd /static/%2Fetc%2Fpasswd /static/..%5c..%5c /static/. /static/.. \
        /static/openapi.json%00.css /../../etc/passwd /static/a%0d%0aX-Evil:1; do
        case $(code --path-as-is "$open$at") in
        400 | 404) ;;
        *) echo "$at: $(cat "$scratch/body")"; return 1 ;;
        esac
        grep -q 'root:\|SPDX' "$scratch/body" && { echo "$at"; return 1; }
    done
    is 404 "$(code "$open/static/nothing.css")" nothing
}

headers_cannot_be_injected() {
    get -i "$open/login?next=/%0d%0aSet-Cookie:evil=1" | tr -d '\r' | sed '/^$/q' >"$scratch/head"
    grep -i evil "$scratch/head" && return 1
    get -i "$locked/?q=%0d%0aSet-Cookie:%20evil=1" | tr -d '\r' | sed '/^$/q' >"$scratch/head"
    grep -i '^set-cookie' "$scratch/head" && return 1
    return 0
}

# A login must not be a way to send people elsewhere.
next_stays_here() {
    local next
    for next in //evil.example http://evil.example '/\evil.example' "javascript:alert(1)"; do
        get -i -d 'user=anne' --data-urlencode 'password=un long mot de passe' \
            --data-urlencode "next=$next" "$locked/login" | tr -d '\r' >"$scratch/head"
        says "$scratch/head" "Location: /" || return 1
        grep -i '^Location:.*evil' "$scratch/head" && return 1
    done
    return 0
}

text_stays_text() {
    local q='%3Cscript%3Ealert(1)%3C/script%3E%22%20onload=%22x'
    for page in "/?q=$q" "/?q=cantine&body=$q" "/acte/$q" "/nothing$q" "/login?next=$q" "/loi/$q"; do
        get "$open$page" >"$scratch/page"
        grep -F '<script>alert' "$scratch/page" && { echo "$page"; return 1; }
        grep -F '" onload="x' "$scratch/page" && { echo "$page"; return 1; }
    done
    return 0
}

too_large_is_refused() {
    local long
    long=$(head -c 9000 /dev/zero | tr '\0' a)
    is 414 "$(code "$open/?q=$long")" "a long address" || return 1
    printf 'GET / HTTP/1.1\r\nHost: localhost\r\nX: %070000d\r\n\r\n' 1 | raw "$open" |
        grep -qE '^HTTP/1.1 4(13|31|00)|closed' || { echo "long header"; return 1; }
    head -c 70000 /dev/zero | tr '\0' a >"$scratch/big"
    is 413 "$(code --data-binary "@$scratch/big" "$open/login")" "a large form" || return 1
    is 413 "$(code -H 'Transfer-Encoding: chunked' --data-binary "@$scratch/big" "$open/login")" chunks || return 1
    printf 'POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n' |
        raw "$open" | grep -q '^HTTP/1.1 413' || { echo "announced"; return 1; }
    long=$(for i in $(seq 300); do printf 'a=%s&' "$i"; done)
    is 413 "$(code "$open/api/search?$long")" "many parameters" || return 1
    long=$(for i in $(seq 100); do printf 'number=%s&' "$i"; done)
    is 413 "$(code "$open/api/search?q=a&$long")" "many filters"
}

malformed_is_refused() {
    local n=0 request
    while IFS= read -r request; do
        n=$((n + 1))
        printf "$request" | raw "$open" 1 >"$scratch/line"
        grep -qE '^HTTP/1.[01] [45]|^closed' "$scratch/line" ||
            { echo "$request: $(cat "$scratch/line")"; return 1; }
    done <<'END'
GET\r\n\r\n
GET / HTTP/9.9\r\nHost: localhost\r\n\r\n
 / HTTP/1.1\r\nHost: localhost\r\n\r\n
GET  HTTP/1.1\r\nHost: localhost\r\n\r\n
GET /%%zz HTTP/1.1\r\nHost: localhost\r\n\r\n
GET /\377\376 HTTP/1.1\r\nHost: localhost\r\n\r\n
GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello
POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n
POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n
POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n
POST /api/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n
POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc
POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n--x\r\n\r\nab
END
    [ "$n" -eq 13 ] && is 200 "$(code "$open/api/status")" "still there"
}

# Clients that send nothing, or slowly, must not keep others out.
slow_clients_wait_alone() {
    perl -MIO::Socket::INET -e '
        my @s = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) } 1 .. 40;
        for (@s) { print $_ "GET / HTTP/1.1\r\nHost: loc"; $_->flush }
        print "ready\n"; STDOUT->flush; <STDIN>;' "${open##*:}" < <(sleep 30) >"$scratch/slow" &
    local slow=$!
    until [ -s "$scratch/slow" ]; do kill -0 $slow || return 1; sleep 0.05; done
    local got
    got=$(code "$open/api/search?q=cantine")
    kill $slow
    is 200 "$got" "a search beside 40 slow clients"
}

many_at_once() {
    local i pids=""
    get "$open/api/search?q=cantine" | jq -c '.results' >"$scratch/one"
    for i in 1 2 3 4 5 6 7 8; do
        (for k in 1 2 3 4 5; do
            get "$open/api/search?q=cantine" | jq -c '.results' | cmp - "$scratch/one" || exit 1
        done) >"$scratch/many.$i" 2>&1 &
        pids="$pids $!"
    done
    for i in $pids; do wait "$i" || { cat "$scratch"/many.*; return 1; }; done
}

nothing_of_it_is_logged() {
    local pid
    get "$open/api/search?q=motsecretdelaquestion" >/dev/null
    get -d 'text=textesecretduprojet' "$open/api/check" >/dev/null
    ! grep -i "secret" "$scratch/open.err" "$scratch/open.out"
}

# ---- logging in

login() { # USER PASSWORD [CURL OPTIONS]
    local user=$1 password=$2
    shift 2
    code "$@" --data-urlencode "user=$user" --data-urlencode "password=$password" "$locked/login"
}

locked_without_login() {
    local at
    for at in / "/?q=cantine" /acte/abc /couverture /atom?q=cantine; do
        is 303 "$(code "$locked$at")" "$at" || return 1
        grep -qi cantine "$scratch/body" && return 1
    done
    for at in "/api/search?q=cantine" /api/status /api/act/abc /api/article/CGCT/L2121-29; do
        is 401 "$(code "$locked$at")" "$at" || return 1
    done
    is 401 "$(code -d x "$locked/api/check")" check && is 200 "$(code "$locked/login")" "the form"
}

session_lives_and_ends() {
    local jar=$scratch/jar kept=$scratch/kept
    is 303 "$(login anne 'un long mot de passe' -c "$jar" -D "$scratch/head")" login || return 1
    grep -i '^set-cookie:.*HttpOnly; SameSite=Strict' "$scratch/head" >/dev/null || return 1
    cp "$jar" "$kept"
    is 200 "$(code -b "$jar" "$locked/api/search?q=cantine")" "with the cookie" || return 1
    is 303 "$(code -b "$jar" -c "$jar" -d x= "$locked/logout")" logout || return 1
    is 401 "$(code -b "$kept" "$locked/api/search?q=cantine")" "the old cookie"
}

cookies_cannot_be_made_up() {
    local c
    for c in "greffier=" "greffier=x" "greffier=$(printf '%064d' 0)" "greffier=$(head -c 3000 /dev/zero | tr '\0' a)" \
        "greffier; greffier=x; =; ;;" "GREFFIER=x"; do
        is 401 "$(code -H "Cookie: $c" "$locked/api/status")" "Cookie: ${c:0:40}" || return 1
    done
}

changed_password_ends_sessions() {
    local jar=$scratch/jar2 i
    is 303 "$(login anne 'un long mot de passe' -c "$jar")" login || return 1
    is 200 "$(code -b "$jar" "$locked/api/status")" before || return 1
    printf 'un autre mot de passe\n' |
        expect_in "$query" passwd --iterations 100000 "$scratch/passwords" anne || return 1
    for i in $(seq 200); do
        [ "$(code -b "$jar" "$locked/api/status")" = 401 ] && break
        sleep 0.1
    done
    is 401 "$(code -b "$jar" "$locked/api/status")" after || return 1
    is 303 "$(login anne 'un autre mot de passe')" "the new one"
}
expect_in() { "$@" >/dev/null 2>"$scratch/err" || { cat "$scratch/err"; return 1; }; }

# Runs last: the address must wait afterwards.
guessing_has_an_end() {
    local i got=
    for i in $(seq 12); do
        got=$(login anne "faux $i" -D "$scratch/head")
        [ "$got" = 429 ] && break
        is 403 "$got" "guess $i" || return 1
    done
    is 429 "$got" "after $i guesses" || return 1
    grep -qi '^retry-after: [1-9]' "$scratch/head" || return 1
    # the right one does not help now
    is 429 "$(login anne 'un autre mot de passe')" "the right one"
}

passwords_are_kept_well() {
    expect 2 "$query" passwd "$scratch/p" 'a:b' || return 1
    printf 'court\n' | "$query" passwd "$scratch/p" anne >"$scratch/out" 2>"$scratch/err" && return 1
    one_line && says "$scratch/err" 12 || return 1
    [ ! -e "$scratch/p" ] || return 1
    grep -q 'mot de passe' "$scratch/passwords" && return 1
    is 600 "$(stat -c %a "$scratch/passwords")" rights || return 1
    cp "$scratch/passwords" "$scratch/loose"
    chmod 644 "$scratch/loose"
    expect 2 "$query" serve --base "$base" --listen 127.0.0.1:0 --passwords "$scratch/loose" &&
        says "$scratch/err" chmod || return 1
    echo 'anne:x' >"$scratch/bad"
    chmod 600 "$scratch/bad"
    expect 1 "$query" serve --base "$base" --listen 127.0.0.1:0 --passwords "$scratch/bad" &&
        says "$scratch/err" "line 1"
}

network_needs_passwords() {
    expect 2 "$query" serve --base "$base" --listen 0.0.0.0:0 && one_line &&
        says "$scratch/err" --passwords || return 1
    printf '[serve]\nhosts = mairie.example\n' >"$scratch/hosts.ini"
    expect 2 "$query" serve --base "$base" --config "$scratch/hosts.ini" --listen 127.0.0.1:0 || return 1
    expect 2 "$query" serve --base "$base" --listen nonsense || return 1
    expect 75 "$query" serve --base "$base" --listen "${open#http://}" && one_line || return 1
    expect 4 "$query" serve --base "$scratch/none" --listen 127.0.0.1:0
}

behind_a_proxy() {
    printf '[serve]\nhosts = mairie.example\nproxy = yes\nhttps = yes\npasswords = passwords\nrate = 2\n' \
        >"$scratch/proxy.ini"
    serve proxy --config "$scratch/proxy.ini" || return 1
    local h=(-H 'Host: mairie.example' -H 'X-Forwarded-For: 9.9.9.9, 203.0.113.7')
    is 200 "$(code "${h[@]}" "$url/login")" "its name" || return 1
    get -i "${h[@]}" -H 'Origin: https://mairie.example' -d user=anne \
        --data-urlencode 'password=un autre mot de passe' "$url/login" >"$scratch/head"
    grep -qi '^set-cookie: __Host-greffier=.*; Secure' "$scratch/head" || { cat "$scratch/head"; return 1; }
    local i got=
    for i in $(seq 40); do
        got=$(code "${h[@]}" "$url/login")
        [ "$got" = 429 ] && break
    done
    is 429 "$got" "the rate of one address" || return 1
    is 200 "$(code -H 'Host: mairie.example' -H 'X-Forwarded-For: 203.0.113.8' "$url/login")" "another address"
}

new_law_is_seen() {
    get "$open/api/search?q=zorglub&kind=law" | jq -e '.summary.verdict == "not_found"' \
        >/dev/null || return 1
    printf '{"code":"CGCT","article":"L9999-1","valid_from":"2001-01-01","valid_to":null,%s}\n' \
        '"state":"VIGUEUR","text":"Le zorglub est interdit."' >"$scratch/law2.jsonl"
    expect 0 "$index" law import --base "$base" "$scratch/law2.jsonl" || return 1
    get "$open/api/search?q=zorglub&kind=law" | jq -e '.results[0].law.ref == "CGCT/L9999-1"'
}

# What a run adds or removes is seen without a restart.
new_state_is_seen() {
    local id before
    before=$(get "$open/api/status" | jq '.results[0].acts')
    id=$(get "$open/api/search?q=columbarium&n=1" | jq -r '.results[0].act.id')
    expect 0 "$index" remove --base "$base" --reason essai "$id" || return 1
    get "$open/api/search?q=columbarium&n=50" | jq -e --arg id "$id" \
        'all(.results[]; .act.id != $id)' >/dev/null || return 1
    is 404 "$(code "$open/api/act/$id")" "the act" || return 1
    get "$open/atom?q=columbarium" | grep -q "$id" && return 1
    mkdir -p "$scratch/more"
    "$tools/mkpdf" 2>/dev/null
    cp "$(find "$sample" -name 'Delib_2018-41*.pdf')" "$scratch/more/autre.pdf"
    printf '%% plus\n' >>"$scratch/more/autre.pdf"
    expect 0 "$index" add --base "$base" --no-ocr "$scratch/more" || return 1
    [ "$(get "$open/api/status" | jq '.results[0].acts')" -ge "$before" ] || return 1
    get "$open/api/search?q=jumelage&n=50" | jq -e \
        'any(.results[]; .document.path == "autre.pdf")' >/dev/null
}

internal_is_not_there() {
    printf '[serve]\npublic = yes\npasswords = passwords\n' >"$scratch/public.ini"
    serve public --config "$scratch/public.ini" || return 1
    local id doc word=videoprotection file at q
    file=$(cd "$sample" && find . -name '2022-08_*.pdf')
    id=$(get "$open/api/search?q=vid%C3%A9oprotection&n=100" | jq -r --arg f "${file#./}" \
        '[.results[] | select(.document.path == $f)][0].act.id')
    doc=${id%.*}
    is 200 "$(code "$url/api/act/$id")" "while it is public" || return 1
    expect 0 "$index" add --base "$base" --no-ocr --internal "$sample/${file#./}" || return 1
    for at in "/api/act/$id" "/api/act/$id.1" "/api/act/$doc" "/acte/$id" "/fichier/$doc" "/image/$doc/1" \
        "/api/act/$(get "$open/api/act/$id" | jq -r '.results[0].document.sha256')" \
        "/api/act/$(basename "$file")"; do
        is 404 "$(code "$url$at")" "$at" || return 1
    done
    for q in "q=vid%C3%A9oprotection" "q=vid%C3%A9oprotection&mode=lexical" \
        "q=vid%C3%A9oprotection&mode=vector" "q=cam%C3%A9ras+de+surveillance&n=100" "number=2022-08"; do
        get "$url/api/search?n=100&$q" | grep -q "$doc" && { echo "found by $q"; return 1; }
        get "$url/atom?$q" | grep -q "$doc" && { echo "in the feed of $q"; return 1; }
        get "$url/?n=100&$q" | grep -q "$doc" && { echo "on the page of $q"; return 1; }
    done
    get "$url/api/citing/CGCT?n=100" | grep -q "$doc" && return 1
    get "$url/api/status" | jq -e '.results[0].documents' >"$scratch/n1"
    get "$open/api/status" | jq -e '.results[0].documents' >"$scratch/n2"
    [ "$(cat "$scratch/n1")" -lt "$(cat "$scratch/n2")" ] || return 1
    # who has logged in sees it, and so does who sits at the machine
    code -c "$scratch/jar3" -d user=anne --data-urlencode 'password=un autre mot de passe' "$url/login" >/dev/null
    is 200 "$(code -b "$scratch/jar3" "$url/api/act/$id")" "after login" || return 1
    is 404 "$(code "$url/api/act/$id")" "without it still" || return 1
    # read again it stays internal; said so, it is public again
    expect 0 "$index" add --base "$base" --no-ocr --again "$sample/${file#./}" || return 1
    is 404 "$(code "$url/api/act/$id")" "read again" || return 1
    expect 0 "$index" add --base "$base" --no-ocr --public "$sample/${file#./}" || return 1
    is 200 "$(code "$url/api/act/$id")" "public again"
}

stops_when_told() {
    local pid
    serve stopping || return 1
    pid=$(cat "$scratch/stopping.pid")
    get "$url/api/status" >/dev/null
    kill -TERM "$pid"
    for _ in $(seq 200); do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
    ! kill -0 "$pid" 2>/dev/null || { echo "still there"; return 1; }
    [ ! -s "$scratch/stopping.err" ] || { cat "$scratch/stopping.err"; return 1; }
}

test_case "the API gives what the commands give" api_is_the_command
test_case "the server ranks and quotes as the command" server_ranks_as_the_command
test_case "a draft comes as text, file or form" check_takes_all_kinds
test_case "errors are JSON with a message" errors_are_json
test_case "errors name the parameter" errors_name_the_parameter
test_case "a page past the last says so" past_the_last_page
test_case "every route is described, and nothing else" openapi_is_complete
test_case "answers have what the description requires" answers_are_as_described
test_case "a search is a feed" feed_is_sound
test_case "what has not changed is not sent again" unchanged_is_not_sent_again
test_case "every answer carries its headers" headers_protect
test_case "only known names are answered" only_known_hosts
test_case "only forms of the page itself" only_forms_of_the_page
test_case "no way out of the folder" no_way_out_of_the_folder
test_case "headers cannot be injected" headers_cannot_be_injected
test_case "a login leads nowhere else" next_stays_here
test_case "text stays text" text_stays_text
test_case "what is too large is refused" too_large_is_refused
test_case "what is malformed is refused" malformed_is_refused
test_case "slow clients wait alone" slow_clients_wait_alone
test_case "eight clients get the same answer" many_at_once
test_case "no question and no text in the log" nothing_of_it_is_logged
test_case "without login a locked server gives nothing" locked_without_login
test_case "a session lives and ends" session_lives_and_ends
test_case "cookies cannot be made up" cookies_cannot_be_made_up
test_case "another password ends the sessions" changed_password_ends_sessions
test_case "guessing has an end" guessing_has_an_end
test_case "passwords are kept well" passwords_are_kept_well
test_case "the network needs passwords" network_needs_passwords
test_case "behind a proxy" behind_a_proxy
test_case "an internal document is not there" internal_is_not_there
test_case "a new state of the base is seen" new_state_is_seen
test_case "a new state of the law is seen" new_law_is_seen
test_case "stops when told" stops_when_told
finish
