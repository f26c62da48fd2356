#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The pages as a program sees them: pictures of pages, the file itself, what is gone is gone,
# addresses that try, searches that hold their whole question.
. "$(dirname "$0")/lib.sh"

if ! command -v curl >/dev/null; then
    echo '1..0 # SKIP no curl: scripts/install-deps test installs it'
    exit 0
fi

base=$scratch/base
cp -r "$sample/courvanne-les-tilleuls" "$scratch/acts"
"$index" add -q --no-ocr --base "$base" --body Courvanne "$scratch/acts" >/dev/null 2>&1
"$query" serve --base "$base" --listen 127.0.0.1:0 >"$scratch/serve" 2>"$scratch/serve.err" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$scratch"' EXIT
for _ in $(seq 200); do
    address=$(sed -n 's/.*\(http:[^ ]*[0-9]\)\/.*/\1/p' "$scratch/serve")
    [ -n "$address" ] && break
    sleep 0.05
done

# get WANTED-STATUS PATH [CURL OPTION...]: body in $scratch/body, head in $scratch/head
get() {
    local want=$1 path=$2 got
    shift 2
    got=$(curl -s -g --path-as-is -o "$scratch/body" -D "$scratch/head" -w '%{http_code}' "$@" \
        "$address$path")
    [ "$got" = "$want" ] || { echo "$path: $got, not $want"; head -c 600 "$scratch/body"; return 1; }
}
# The act whose file has that name, and its document.
act_of() {
    "$query" show --base "$base" --json "$1" | sed -n 's/.*"act":{"id":"\([^"]*\)".*/\1/p'
}
lines=$(act_of 2022-37_extinction-eclairage-public.pdf)
doc=${lines%%.*}

pictures() {
    get 200 "/image/$doc/1-1000.png" && says "$scratch/head" 'image/png' || return 1
    [ "$(head -c 8 "$scratch/body" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || return 1
    local etag kept
    kept=$(echo "$base"/images/"$doc"*/1-1000)
    [ -s "$kept" ] || { echo 'not kept'; return 1; }
    cmp "$scratch/body" <(tail -c "$(stat -c %s "$scratch/body")" "$kept") || return 1
    etag=$(sed -n 's/^etag: \(.*\)\r$/\1/ip' "$scratch/head")
    echo "etag $etag"
    get 304 "/image/$doc/1-1000.png" -H "If-None-Match: $etag" -o "$scratch/none" || return 1
    [ ! -s "$scratch/none" ]
}
test_case 'a page is drawn, kept, and not sent twice' pictures

# What is kept of it is never shown damaged, nor for another page.
pictures_damaged() {
    local kept other how
    get 200 "/image/$doc/1-1000.png" && cp "$scratch/body" "$scratch/right" || return 1
    get 200 "/image/$doc/1-400.png" || return 1
    kept=$(echo "$base"/images/"$doc"*/1-1000) other=$(echo "$base"/images/"$doc"*/1-400)
    for how in 'printf x | dd of="$kept" bs=1 seek=5000 conv=notrunc status=none' \
        'truncate -s 3000 "$kept"' ': >"$kept"' 'cp "$other" "$kept"'; do
        eval "$how"
        get 200 "/image/$doc/1-1000.png" && cmp "$scratch/body" "$scratch/right" ||
            { echo "$how"; return 1; }
        [ "$(stat -c %s "$kept")" -gt "$(stat -c %s "$scratch/right")" ] ||
            { echo "not made again: $how"; return 1; }
    done
}
test_case 'a kept page that is damaged is drawn again' pictures_damaged

refused() {
    local p
    for p in "/image/$doc/1-999.png" "/image/$doc/0-1000.png" "/image/$doc/99-1000.png" \
        "/image/$doc/1-1000.png/x" "/image/$doc/-1-1000.png" "/image/$doc/1-1000.PNG" \
        "/image/$doc/1-1000.png%00" "/image/..%2f..%2f/1-1000.png" "/image/000000000000/1-1000.png" \
        "/image/$lines/1-1000.png" "/image/2022-37_extinction-eclairage-public.pdf/1-1000.png" \
        "/image/$doc/1%20-1000.png" "/fichier/..%2fgreffier.db" "/fichier/$lines" "/fichier/x" \
        '/acte/..%2f..' '/acte/%3Cscript%3E' "/acte/$doc.999" '/acte/greffier.db'; do
        local got
        got=$(curl -s -g --path-as-is -o "$scratch/body" -w '%{http_code}' "$address$p")
        case $got in 400 | 404) ;; *) echo "$p: $got"; return 1 ;; esac
        ! grep -q '<script>alert\|<script%3E' "$scratch/body" || return 1
    done
}
test_case 'addresses that name no picture, file or act are refused' refused

download() {
    get 200 "/fichier/$doc" || return 1
    says "$scratch/head" "2022-37_extinction-eclairage-public.pdf" || return 1
    grep -qi '^content-disposition: attachment' "$scratch/head" || return 1
    cmp "$scratch/body" "$scratch/acts/2022-37_extinction-eclairage-public.pdf"
}
test_case 'the file comes as it was indexed' download

changed() {
    local file=$scratch/acts/2022-25_denomination-des-rues.pdf other
    other=$(act_of 2022-25_denomination-des-rues.pdf)
    get 200 "/fichier/${other%%.*}" || return 1
    cp "$file" "$scratch/kept.pdf"
    printf 'x' | dd of="$file" bs=1 seek=100 conv=notrunc 2>/dev/null
    get 404 "/fichier/${other%%.*}" && says "$scratch/body" 'a changé ou a disparu' || return 1
    get 404 "/image/${other%%.*}/1-400.png" || return 1
    get 200 "/acte/$other" || return 1
    rm "$file"
    get 404 "/fichier/${other%%.*}" || return 1
    cp "$scratch/kept.pdf" "$file"
    get 200 "/fichier/${other%%.*}" && get 200 "/image/${other%%.*}/1-400.png"
}
test_case 'a file that changed or went is not shown as the act' changed

removed() {
    local act=$lines
    get 200 "/acte/$act" || return 1
    "$index" remove --base "$base" "$act" --reason essai >/dev/null || return 1
    [ ! -e "$(echo "$base"/images/"$doc"*)" ] || { echo 'picture left'; return 1; }
    get 404 "/image/$doc/1-1000.png" && get 404 "/acte/$act" && get 404 "/fichier/$doc" || return 1
    get 200 '/?q=extinction+de+l%27%C3%A9clairage+public' || return 1
    ! grep -q "$doc" "$scratch/body" || return 1
    get 200 "/dossier?c=$act.1.0.20" && says "$scratch/body" 'n’est plus dans la base'
}
test_case 'what is removed is gone from every page, at once' removed

searches() {
    get 200 '/?q=cantine&from=2020&to=2023&tri=date&kind=deliberation' || return 1
    says "$scratch/body" 'value="cantine"' || return 1
    says "$scratch/body" '<option value="deliberation" selected>' || return 1
    grep -o 'datetime="[^"]*"' "$scratch/body" | grep -v '"202[0123]-' && return 1
    get 200 '/?q=cantine' || return 1
    says "$scratch/body" 'comptés sur les' || return 1
    get 400 '/?q=cantine&from=hier' && says "$scratch/body" 'role="alert"' || return 1
    get 400 '/?q=cantine&kind=%3Cb%3E' && ! grep -q '<b>' "$scratch/body" || return 1
    get 400 '/?q=cantine&from=2023&to=2020' && says "$scratch/body" 'Depuis 2023' || return 1
    get 400 '/?q=girouette&kind=law&from=2020' && says "$scratch/body" 'retirez ces' || return 1
    says "$scratch/body" '/atom?' && return 1
    get 200 '/?q=girouette&from=2020' && says "$scratch/body" '/atom?' || return 1
    get 200 '/?ref=CGCT&tri=date' || return 1
    ! says "$scratch/body" 'proches de la question' || return 1
    get 200 '/?kind=deliberation' && says "$scratch/body" 'qui répondent aux critères' || return 1
    get 400 "/?q=$(printf 'a%.0s' $(seq 4200))" || return 1
    get 200 '/?q=%20%20'
}
test_case 'a search is its address, and says what it cannot take' searches

hardened() {
    get 200 / || return 1
    grep -qi "^content-security-policy: default-src 'none'" "$scratch/head" || return 1
    ! grep -q ' style=\| on[a-z]*=\|javascript:\|<style' "$scratch/body" || return 1
    ! grep -o 'src="[^"]*"\|href="http[^"]*"' "$scratch/body" | grep -v '^src="/static/'
}
test_case 'the page holds nothing that the policy forbids, or from elsewhere' hardened

weight() {
    local sum=0 p
    for p in / /static/style.css /static/app.js /static/icon.svg; do
        get 200 "$p" || return 1
        sum=$((sum + $(wc -c <"$scratch/body")))
    done
    echo "$sum bytes"
    [ "$sum" -lt 102400 ]
}
test_case 'a first visit weighs less than 100 kB' weight

no_law() {
    get 200 /loi && says "$scratch/body" 'La loi n’est pas encore dans la base' || return 1
    get 200 /loi/CGCT/L2121-29 && says "$scratch/body" 'ne peuvent être montrés' || return 1
    get 404 /loi/rien || return 1
    get 303 '/loi?ref=L2121-29+CGCT&le=31%2F12%2F2015' || return 1
    says "$scratch/head" '/loi/CGCT/L2121-29?le=31%2F12%2F2015' || return 1
    get 400 '/loi/CGCT/L2121-29?le=31%2F12%2F2015' || return 1
    says "$scratch/body" 'n’est pas une date' || return 1
    curl -s -F 'texte=Vu l’article L. 2121-29 du CGCT' "$address/verifier" >"$scratch/body"
    says "$scratch/body" 'aucune ne peut être vérifiée' || return 1
    get 400 /verifier -F 'texte=  ' || return 1
    get 400 /verifier -F 'texte=' -F "fichier=@$base/greffier.db" &&
        says "$scratch/body" 'greffier.db' || return 1
    get 400 /verifier -F 'texte=x' -F 'le=demain'
}
test_case 'without law the pages say so; drafts that cannot be read too' no_law

kill "$server"
wait "$server"
ended=$?
in_the_log() {
    [ "$ended" = 0 ] || { echo "exit $ended"; tail -n 30 "$scratch/serve.err"; return 1; }
    ! grep -i 'cantine\|clairage\|2121-29' "$scratch/serve.err"
}
test_case 'the server ends well, and nothing of what was asked is in its log' in_the_log
finish
