#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Clients and acts that mean harm: slow, many, malformed, from elsewhere, with a stolen or
# invented cookie, with markup in every text that a page shows. See also t0300-serve.t.
. "$(dirname "$0")/lib.sh"

command -v curl >/dev/null || { echo "1..0 # SKIP curl is not installed"; exit 0; }

base=$scratch/base
docs=$scratch/docs
# What must come back as text: every page is searched for it as markup.
bad='<zq onload=x>"zq='"'zq"
hostile_name="Délib ${bad//\//}"$'\r\n'"Set-Cookie: zq=1 & é.pdf"
mkdir -p "$docs"
cp "$sample"/courvanne-les-tilleuls/2022-2*.pdf "$docs/"
"$tools/mkpdf" text "$docs/$hostile_name" "COMMUNE DE <zq>\n\nDélibération n° 2024-77<zq>\n\nSéance du 12 mars 2024\n\nObjet : girouette $bad\n\nVu l'article L. 2121-29 du code général des collectivités territoriales <zq>,\n\nLe conseil municipal, après en avoir délibéré, décide de réparer la girouette <zq> du clocher </p><script>zq()</script> pour 1 200 euros."
"$index" add -q --no-ocr --base "$base" --body "Courvanne $bad" "$docs" >/dev/null 2>&1
printf '{"code":"CGCT","article":"L2121-29","valid_from":"1996-02-24","valid_to":null,"state":"VIGUEUR","text":"Le conseil <zq> règle <script>zq()</script>."}\n' \
    >"$scratch/law.jsonl"
"$index" law import --base "$base" "$scratch/law.jsonl" >/dev/null 2>&1

serve() { # NAME ARGS...: sets url, port
    local name=$1 pid
    shift
    "$query" serve -v -v --base "$base" --listen 127.0.0.1:0 "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" &
    pid=$!
    echo "$pid" >>"$scratch/pids"
    until grep -q http "$scratch/$name.out"; do
        kill -0 "$pid" 2>/dev/null || { cat "$scratch/$name.err"; return 1; }
        sleep 0.02
    done
    url=$(sed 's/.*\(http:[^ ]*\)\/$/\1/' "$scratch/$name.out")
    port=${url##*:}
}
# shellcheck disable=SC2046 # a list
trap 'kill $(cat "$scratch/pids") 2>/dev/null; rm -rf "$scratch"' EXIT
printf 'un long mot de passe\n' | "$query" passwd --iterations 100000 "$scratch/passwords" anne 2>/dev/null
serve locked --passwords "$scratch/passwords" || { echo "Bail out! no server"; exit 1; }
locked=$url
serve open || { echo "Bail out! no server"; exit 1; }
open=$url

clients() { "$top/tests/tools/hostile-clients" "$@"; }
code() { curl -sS -g --path-as-is --max-time 60 -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' "$@"; }
is() { [ "$1" = "$2" ] || { echo "$3: \"$2\", not \"$1\""; return 1; }; }
act=$("$query" show --base "$base" --json girouette 2>/dev/null | jq -r '.act.id // empty' | head -n 1)
[ -n "$act" ] || act=$("$query" --base "$base" --json girouette | jq -r '.act.id // empty' | head -n 1)
doc=${act%%.*}

byte_by_byte() {
    clients slow "$port" >"$scratch/said"
    is "200 200 others served" "$(paste -sd ' ' "$scratch/said")" "slow clients"
}

too_many_of_one() {
    clients crowd "$port" >"$scratch/said"
    is "another address 200;the same address closed;held 64;afterwards 200" \
        "$(paste -sd ';' "$scratch/said")" "a crowd"
}

# WANTED: a pattern for all statuses of the answers; what stands after a NUL is not read.
malformed() {
    local want request n=0
    while IFS='|' read -r want request; do
        n=$((n + 1))
        printf '%s\n' "$want" >>"$scratch/wanted"
        printf '%s\n' "$request" >>"$scratch/requests"
    done
    clients raw "$port" <"$scratch/requests" >"$scratch/said"
    paste -d '|' "$scratch/wanted" "$scratch/said" "$scratch/requests" | while IFS='|' read -r want said request; do
        [[ $said =~ ^($want)$ ]] || { echo "$said, not $want: ${request:0:200}"; touch "$scratch/wrong"; }
    done
    [ "$n" -gt 40 ] && [ ! -e "$scratch/wrong" ] && is 200 "$(code "$url/api/status")" "still there"
}
all_malformed() {
    malformed <<'END'
405|G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n
405|get / HTTP/1.1\r\nHost: localhost\r\n\r\n
405|OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n
405|CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n
405|PUT /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\ntext
505|GET /api/status HTTP/2.0\r\nHost: localhost\r\n\r\n
505|GET /api/status HTTP/0.9\r\nHost: localhost\r\n\r\n
400|GET /api/status HTTX/1.1\r\nHost: localhost\r\n\r\n
400|GET /api/status HTTP/1.1 x\r\nHost: localhost\r\n\r\n
400|GET /api/status\r\nHost: localhost\r\n\r\n
505|PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
closed|\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03
400(,400)?|GET /api/status HTTP/1.1\r\nHost : localhost\r\n\r\n
400(,400)?|GET /api/status HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n
400|GET /api/status HTTP/1.1\r\nHost: localhost\r\nNoColon\r\n\r\n
400|GET /api/status HTTP/1.1\r\nHost: localhost\r\nX Y: 1\r\n\r\n
403|GET /api/status HTTP/1.1\r\nHost: localhost\rX: 1\r\n\r\n
200|GET /api/status HTTP/1.1\nHost: localhost\n\n
400|POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 40\r\n\r\ntextGET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n
400|POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\nContent-Length: 4\r\n\r\ntextGET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n
400|GET /api/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n
400(,400)?|POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4, 40\r\n\r\ntext
400(,400)?|POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: +4\r\n\r\ntext
400(,400)?|POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x4\r\n\r\ntext
413(,413)?|POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18446744073709551620\r\n\r\ntext
400|POST /api/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-4\r\ntext\r\n0\r\n\r\n
413|POST /api/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\ntext\r\n0\r\n\r\n
400|POST /api/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntextextra\r\n0\r\n\r\n
400|POST /api/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4 \r\ntext\r\n0\r\n\r\n
closed|POST /api/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\ntext\r\n0\r\n\r\n
closed|POST /api/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n4\r\ntext\r\n0\r\n\r\n
400|POST /api/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n4\r\ntext\r\n0\r\n\r\n
400|POST /api/check HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\nContent-Length: 4\r\n\r\ntext
400|GET /api/status HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n
400|GET /api/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 45\r\n\r\nGET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n
403|POST /api/check HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nContent-Length: 45\r\n\r\nGET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n
404|POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntext\r\n0\r\n\r\nGET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n
200,403|GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\nGET /api/status HTTP/1.1\r\nHost: evil.example\r\n\r\n
403|GET /api/status HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n
403|GET /api/status HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n
403|GET /api/status HTTP/1.1\r\nHost: evil.example\0localhost\r\n\r\n
403|GET /api/status HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n\r\n
404|GET //evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n
400|GET * HTTP/1.1\r\nHost: localhost\r\n\r\n
404|GET /static/..\0/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n
400|GET /?q=%00 HTTP/1.1\r\nHost: localhost\r\n\r\n
400|GET /acte/a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n
400|GET /?q=\xc0\xaf HTTP/1.1\r\nHost: localhost\r\n\r\n
400|GET /?q=%c0%af HTTP/1.1\r\nHost: localhost\r\n\r\n
400|GET /?q=%ed%a0%80 HTTP/1.1\r\nHost: localhost\r\n\r\n
400|GET /static/%c0%ae%c0%ae/x HTTP/1.1\r\nHost: localhost\r\n\r\n
END
}

# Each route that takes a name or an id, with each way to mean another place.
no_way_out() {
    local route way got n=0
    for route in /acte/@ /fichier/@ /image/@/1-1000.png "/image/$doc/@" /loi/@ /loi/CGCT/@ /static/@ \
        /api/act/@ /api/article/@ /api/article/CGCT/@ /api/citing/@ "/dossier?c=@" "/loi?ref=@"; do
        for way in .. ../../greffier.db ..%2f..%2fgreffier.db %2e%2e%2fgreffier.db ..%5cgreffier.db \
            /etc/passwd %2fetc%2fpasswd ....//greffier.db greffier.db%00.pdf file:///etc/passwd \
            '%252e%252e%252fgreffier.db' '..;/greffier.db' "$doc/../../greffier.db" \
            "%27%20OR%201=1--" "*" "$(printf 'a%.0s' $(seq 2000))"; do
            way=${route/@/$way}
            printf 'url = "%s"\noutput = "%s/body.%d"\nmax-time = 60\npath-as-is\nglobloff\nsilent\n' \
                "$url$way" "$scratch" "$n"
            printf 'write-out = "%%{http_code} %s\\n"\nnext\n' "$(printf %.90s "${way//%/%%}")"
            n=$((n + 1))
        done
    done >"$scratch/curlrc"
    curl -K "$scratch/curlrc" >"$scratch/codes"
    [ "$(grep -c . "$scratch/codes")" -eq $((13 * 16)) ] || { wc -l "$scratch/codes"; return 1; }
    grep -v '^[234]0[0345] \|^413 \|^414 ' "$scratch/codes" && return 1
    # what is found is a page of words, never a file, never another's act
    grep '^200 ' "$scratch/codes" | grep -v ' /dossier\| /loi\| /api/citing' && return 1
    ! grep -lE '^root:|SQLite format|SPDX' "$scratch"/body.*
}

no_header_of_theirs() {
    local at n=0
    for at in "$open/login?next=/%0d%0aSet-Cookie:%20zq=1" "$open/loi?ref=CGCT%0d%0aSet-Cookie:%20zq=1" \
        "$open/loi?ref=L2121-29+CGCT&le=1%0d%0aSet-Cookie:%20zq=1" "$open/?q=a%0d%0aSet-Cookie:%20zq=1" \
        "$locked/acte/a%0d%0aSet-Cookie:%20zq=1" "$locked/?q=%0d%0a%0d%0aSet-Cookie:%20zq=1" \
        "$open/fichier/$doc" "$open/atom?q=%0d%0aSet-Cookie:%20zq=1" "$open/static/x%0d%0aSet-Cookie:%20zq=1" \
        "$open/image/$doc/1%0d%0aSet-Cookie:%20zq=1"; do
        code "$at" >/dev/null
        n=$((n + 1))
        tr -d '\r' <"$scratch/head" | grep -i '^set-cookie\|^zq' && { echo "$at"; return 1; }
        [ "$(grep -c '^HTTP/' "$scratch/head")" -eq 1 ] || { echo "$at: two heads"; return 1; }
    done
    is 200 "$(code "$open/fichier/$doc")" "the hostile file" || return 1
    grep -i '^content-disposition: attachment; filename\*=UTF-8.*%0D%0ASet-Cookie' "$scratch/head" >/dev/null ||
        { grep -i '^content-disposition' "$scratch/head"; return 1; }
    for at in "/%0d%0aSet-Cookie:zq" "//evil.example" "/\\evil.example" $'/a\r\nSet-Cookie: zq=1'; do
        code --data-urlencode "user=anne" --data-urlencode "password=un long mot de passe" \
            --data-urlencode "next=$at" "$locked/login" >/dev/null
        grep -i '^location:.*evil\|^set-cookie: zq\|zq=1' "$scratch/head" && { echo "next $at"; return 1; }
    done
    return 0
}

# What somebody put into the browser beforehand is not what the login makes valid.
no_fixed_session() {
    local theirs
    theirs=$(printf 'a%.0s' $(seq 64))
    is 303 "$(code -H "Cookie: greffier=$theirs" --data-urlencode 'user=anne' \
        --data-urlencode 'password=un long mot de passe' "$locked/login")" login || return 1
    mine=$(tr -d '\r' <"$scratch/head" | sed -n 's/^set-cookie: greffier=\([^;]*\);.*/\1/ip')
    [ ${#mine} -ge 32 ] && [ "$mine" != "$theirs" ] || { echo "token $mine"; return 1; }
    is 401 "$(code -H "Cookie: greffier=$theirs" "$locked/api/status")" "the cookie from before" || return 1
    is 401 "$(code "$locked/api/status?greffier=$mine")" "a token in the address" || return 1
    is 401 "$(code -H "Cookie: greffier=${mine^^}" "$locked/api/status")" "another case" || return 1
    is 401 "$(code -H "Cookie: greffier=${mine%?}" "$locked/api/status")" "one sign less" || return 1
    is 200 "$(code -H "Cookie: greffier=$mine" "$locked/api/status")" "the one that was given"
}

stolen_after_logout() {
    local at
    is 403 "$(code -H "Cookie: greffier=$mine" -H 'Origin: http://evil.example' -d x= "$locked/logout")" \
        "logout from elsewhere" || return 1
    is 200 "$(code -H "Cookie: greffier=$mine" "$locked/acte/$act")" before || return 1
    is 303 "$(code -H "Cookie: greffier=$mine" -d x= "$locked/logout")" logout || return 1
    for at in / "/acte/$act" "/fichier/$doc" "/image/$doc/1-1000.png" /couverture /dossier "/atom?q=girouette" /loi; do
        is 303 "$(code -H "Cookie: greffier=$mine" "$locked$at")" "$at" || return 1
        ! grep -qi 'girouette" *</\|clocher' "$scratch/body" || return 1
    done
    is 401 "$(code -H "Cookie: greffier=$mine" "$locked/api/act/$act")" "the API"
}

# On every page that shows titles, numbers, bodies, file names, quotes, articles of law.
markup_is_text() {
    local at n=0
    for at in "/?q=girouette" "/?q=girouette&body=Courvanne" "/?q=r%C3%A9parer+le+clocher&n=50" "/acte/$act" \
        "/acte/$act?q=girouette" "/dossier?c=$act.1.0.20" /couverture "/atom?q=girouette" \
        "/loi/CGCT/L2121-29" "/?q=conseil&kind=law" "/loi?ref=L2121-29+CGCT" "/?number=2024-77" \
        "/?q=%3Czq%20onload=x%3E%22zq=%27zq"; do
        is 200 "$(code -L "$open$at")" "$at" || return 1
        n=$((n + $(grep -o '&lt;zq' "$scratch/body" | wc -l)))
        case $at in /loi* | *law* | */couverture | *zq*) ;; *)
            grep -q '&lt;zq' "$scratch/body" || { echo "$at: nothing hostile on it"; return 1; } ;;
        esac
        grep -aoE '.{0,80}(<zq|<script>zq|"zq="|"zq=.zq|</p><script).{0,40}' "$scratch/body" && { echo "$at"; return 1; }
        grep -qi "^content-security-policy: default-src 'none'" "$scratch/head" || return 1
        is 0 "$(xmllint --html --xpath 'count(//zq | //@onload | //@zq | //script[not(@src)])' \
            "$scratch/body" 2>/dev/null)" "$at: made of markup" || return 1
    done
    code -F "texte=Vu l’article L. 2121-29 <zq> du CGCT" -F "fichier=@$scratch/law.jsonl;filename=\"<zq>.txt\"" \
        "$open/verifier" >/dev/null
    grep -a '<zq' "$scratch/body" && return 1
    # to programs it is as it stands, and cannot be taken for a page
    is 200 "$(code "$open/api/act/$act")" "the API" || return 1
    grep -qi '^content-type: application/json' "$scratch/head" && grep -qi '^x-content-type-options: nosniff' "$scratch/head" &&
        jq -e '[.. | strings | select(contains("<zq"))] | length > 0' "$scratch/body" >/dev/null || return 1
    [ "$n" -gt 10 ] || { echo "$n texts only"; return 1; }
}

# A header of one's own making gives no new address to guess from.
guessing_ends() {
    local i got=
    for i in $(seq 12); do
        got=$(code -H "X-Forwarded-For: 203.0.113.$i" -H "Forwarded: for=203.0.113.$i" -H "X-Real-IP: 203.0.113.$i" \
            --data-urlencode 'user=anne' --data-urlencode "password=faux numéro $i" "$locked/login")
        [ "$got" = 429 ] && break
    done
    is 429 "$got" "after $i guesses" || return 1
    is 200 "$(code "$locked/login")" "the form for all that" || return 1
    is 429 "$(code --data-urlencode 'user=anne' --data-urlencode 'password=un long mot de passe' "$locked/login")" \
        "the right one meanwhile"
}

# With -v -v, after all of the above: no question, text, name, password or cookie.
nothing_is_logged() {
    [ "$(wc -l <"$scratch/open.err")" -gt 50 ] || { wc -l "$scratch/open.err"; return 1; }
    ! grep -hiE "zq|girouette|clocher|cantine|mot de passe|faux num|evil|passwd|2121-29|203\.0|$act|${mine:-none}" \
        "$scratch"/{open,locked}.{err,out}
}

test_case "head and body byte by byte, others served" byte_by_byte
test_case "more connections than one may have" too_many_of_one
test_case "malformed requests, one answer each" all_malformed
test_case "no way out by any route" no_way_out
test_case "no header is theirs" no_header_of_theirs
mine=
# in this shell: what it finds is used below
no_fixed_session >"$scratch/fixed" 2>&1 && fixed() { true; } || fixed() { cat "$scratch/fixed"; false; }
test_case "no session is fixed beforehand" fixed
test_case "a cookie after logout is worth nothing" stolen_after_logout
test_case "markup in acts and law is text on every page" markup_is_text
test_case "guessing ends, whatever headers say" guessing_ends
test_case "nothing of it is in the log" nothing_is_logged
finish
