#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The nightly run against a server that misbehaves on command: what is new comes in, what
# is wrong is named, nothing is lost, one source never harms another.
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
port=$(head -n 1 "$scratch/port")
url=http://127.0.0.1:$port

text() { "$tools/mkpdf" text "$@" >/dev/null; }
rules() { printf '%s\n' "$@" >"$scratch/rules"; }
settings() { # LINES: the sources; of [run] what makes tests quick
    { printf '[run]\ndelay = 0\nretries = 0\nabsent-after = 2\n'; printf '%s\n' "$@"; } >"$conf"
}
run() { # CODE: a run, its report in out; requests holds only its requests
    local code=$1
    shift
    : >"$scratch/requests"
    expect "$code" "$index" run --json --base "$base" --config "$conf" "$@"
}
report() { tail -n 1 "$scratch/out" | jq -r "$1"; }
of() { report ".sources[] | select(.name == \"$1\") | .$2"; }
same() { [ "$1" = "$2" ] || { echo "'$1', not '$2'"; tail -n 20 "$scratch/out"; return 1; }; }
said() { jq -r 'select(.type == "failure") | .path + " " + .reason' "$scratch/out"; }
asked() { awk '$2 != "/robots.txt" {print $2, $3}' "$scratch/requests" | sort | tr '\n' ' '; }
answer() { "$query" --base "$base" --json "$@" | jq -r 'select(.document) | .document.url' | head -n 1; }

page() { # every PDF of actes/ in a page
    { echo '<html><body>'; (cd "$www" && for f in actes/*.pdf; do echo "<a href=\"$f\">$f</a>"; done); } \
        >"$www/index.html"
}

text "$www/actes/a.pdf" "Le conseil fixe le prix de la cantine."
text "$www/actes/b.pdf" "Le lavoir du bourg est vendu."
page
mairie="[source mairie]
kind = page
url = $url/index.html
body = Courvanne
recheck = 0"

first() {
    settings "$mairie"
    run 0 --dry-run || return 1
    same "$(of mairie new)" 2 && [ ! -e "$base" ] || return 1
    run 0 || return 1
    same "$(of mairie new)" 2 && same "$(report .indexed)" 2 || return 1
    same "$(answer cantine)" "$url/actes/a.pdf" || return 1
    grep -q 'User-Agent=greffier/' "$scratch/requests" || return 1
    [ -s "$base/reports/latest.html" ] && jq -e .sources "$base/reports/latest.json" >/dev/null &&
        expect 0 "$index" verify --base "$base"
}

nothing_new() {
    run 0 || return 1
    same "$(of mairie unchanged)" 2 || return 1
    same "$(asked)" "/actes/a.pdf 304 /actes/b.pdf 304 /index.html 304 " || return 1
    settings "${mairie/recheck = 0/recheck = 30}"
    run 0 || return 1
    same "$(asked)" "/index.html 304 "
}

changed() {
    text "$www/actes/b.pdf" "La fontaine du bourg est réparée."
    text "$www/actes/c.pdf" "Le marché se tient le jeudi." && page
    settings "$mairie"
    run 0 || return 1
    same "$(of mairie changed)" 1 && same "$(of mairie new)" 1 || return 1
    same "$(answer fontaine)" "$url/actes/b.pdf" || return 1
    "$query" --base "$base" --json lavoir | grep -q "est vendu" && return 1
    same "$(ls "$base/documents" | wc -l)" 4 || return 1
    "$index" status --json --base "$base" | jq -se '.[] | select(.type == "status") | .superseded == 1' >/dev/null
}

# Where a document came from, in search, show and status.
provenance() {
    local old
    "$query" --base "$base" --json fontaine | grep -q '"path":"mairie/actes/b.pdf"' || return 1
    old=$(sqlite3 "$base/greffier.db" "SELECT substr(lower(hex(sha256)),1,digits) FROM document WHERE state=2" 2>/dev/null)
    if [ -n "$old" ]; then
        expect 0 "$query" show --base "$base" "$old" && says "$scratch/out" "replaced by a newer version" &&
            says "$scratch/out" "from $url/actes/b.pdf" && says "$scratch/out" "est vendu" || return 1
    fi
    expect 0 "$index" status --base "$base" || return 1
    says "$scratch/out" "last run:" && says "$scratch/out" "mairie (page), visited" || return 1
    expect 0 "$index" status --json --base "$base" || return 1
    jq -se '[.[] | select(.type == "source")] | length == 1 and .[0].changed == 1' "$scratch/out" >/dev/null
}

# What was fetched is compared with its hash; lost, it is fetched again though its server says
# that nothing is new.
kept_files() {
    local f
    f=$base/documents/$(sha256sum <"$www/actes/b.pdf" | cut -d' ' -f1).pdf
    printf x | dd of="$f" bs=1 seek=100 conv=notrunc status=none
    expect 1 "$index" verify --base "$base" && says "$scratch/out" "$f: not the bytes" || return 1
    cp "$f" "$scratch/damaged"
    expect 1 "$index" verify --repair --base "$base" && cmp "$f" "$scratch/damaged" || return 1
    rm "$f"
    expect 1 "$index" verify --base "$base" && says "$scratch/out" "$f: missing" || return 1
    run 0 && same "$(of mairie unchanged)" 3 && cmp "$f" "$www/actes/b.pdf" &&
        expect 0 "$index" verify --base "$base"
}

# The web page gives out what was fetched, though its place is an address.
original() {
    local key port2
    key=$("$query" --base "$base" --json fontaine | jq -r 'select(.document) | .document.sha256' | head -n 1 | cut -c 1-12)
    "$query" serve --base "$base" --listen 127.0.0.1:0 >"$scratch/serve" 2>&1 &
    local server=$!
    until port2=$(grep -o '127.0.0.1:[0-9]*' "$scratch/serve") || ! kill -0 $server 2>/dev/null; do sleep 0.05; done
    curl -s -o "$scratch/got.pdf" "http://$port2/fichier/$key"
    kill $server
    wait $server
    cmp "$scratch/got.pdf" "$www/actes/b.pdf"
}

# Whatever documents and pages say, only the host of the settings is connected to.
watched() {
    echo '<a href="http://192.0.2.1/x.pdf">x</a><link rel=next href="http://192.0.2.2/">
        <iframe src="http://192.0.2.3/y.pdf"></iframe>' >>"$www/index.html"
    rules "/actes/a.pdf redirect=http://192.0.2.4/z.pdf"
    strace -f -qq -e trace=connect,sendto -o "$scratch/trace" "$index" run --json --base "$base" --config "$conf" \
        >"$scratch/out" 2>"$scratch/err"
    rules "" && page
    grep -q 'sin_addr=inet_addr("127.0.0.1")' "$scratch/trace" || { head "$scratch/trace"; return 1; }
    grep 'inet_addr\|inet_pton\|AF_INET6' "$scratch/trace" | grep -v '"127.0.0.1"' && return 1
    return 0
}

gone_then_back() {
    rules "/actes/c.pdf status=404"
    run 3 || return 1
    same "$(of mairie failed)" 1 && said | grep -q "c.pdf.*404" || return 1
    same "$(answer marché)" "$url/actes/c.pdf" || return 1
    rules ""
    run 0 || return 1
    same "$(of mairie unchanged)" 3
}

# Off the list: nothing is deleted; after two runs a person is told, and decides.
away() {
    mv "$www/actes/c.pdf" "$www/c.kept" && page
    run 0 && same "$(of mairie away)" 0 || return 1
    run 0 && same "$(of mairie away)" 1 || return 1
    says "$base/reports/latest.txt" "$url/actes/c.pdf" || return 1
    same "$(answer marché)" "$url/actes/c.pdf" || return 1
    expect 4 "$index" keep --base "$base" "$url/actes/none.pdf" || return 1
    expect 0 "$index" keep --base "$base" "$url/actes/c.pdf" || return 1
    run 0 && same "$(of mairie away)" 0 || return 1
    mv "$www/c.kept" "$www/actes/c.pdf" && page
    run 0 && same "$(of mairie unchanged)" 3
}

removed() {
    expect 0 "$index" remove --base "$base" "$url/actes/c.pdf" --reason test || return 1
    run 3 || return 1
    said | grep -q "c.pdf removed earlier" || return 1
    grep -q c.pdf "$scratch/requests" && return 1
    text "$www/actes/c.pdf" "Le marché se tient le vendredi."
    run 3 || return 1
    "$query" --base "$base" --json marché | grep -q "se tient" && return 1
    same "$(ls "$base/documents" | wc -l)" 3
}

moved() {
    mv "$www/actes/a.pdf" "$www/actes/cantine.pdf" && rm "$www/actes/c.pdf" && page
    run 0 || return 1
    same "$(answer cantine)" "$url/actes/cantine.pdf" || return 1
    run 0 && run 0 && same "$(of mairie away)" 0
}

# Every way to be refused or to fail, side by side; what is good comes in all the same.
misbehaviour() {
    rm -rf "$base"
    settings "$mairie" "file-size = 1"
    local n
    for n in 500 slow cut longer loop private bomb huge html drop garbage; do
        text "$www/actes/$n.pdf" "Document $n." || return 1
    done
    page
    rules "/actes/500.pdf status=500" "/actes/cut.pdf cut=900" "/actes/longer.pdf longer=5000" \
        "/actes/loop.pdf redirect=$url/actes/loop.pdf" "/actes/private.pdf redirect=http://10.0.0.1/x.pdf" \
        "/actes/bomb.pdf bomb=60" "/actes/huge.pdf declare=2147483648" \
        "/actes/drop.pdf drop" "/actes/garbage.pdf garbage" "/actes/slow.pdf slow=1"
    echo "<html><body>déplacé</body></html>" >"$www/actes/html.pdf"
    run 3 || return 1
    said >"$scratch/said"
    for n in 500 cut longer loop private bomb huge html drop garbage; do
        grep -q "/$n.pdf " "$scratch/said" || { echo "$n is not named"; cat "$scratch/said"; return 1; }
    done
    same "$(wc -l <"$scratch/said")" 10 && same "$(of mairie new)" 3 || return 1
    grep -q "html.pdf not a PDF: a web page" "$scratch/said" || return 1
    same "$(ls "$base/documents" | wc -l)" 3
}

resumed() {
    rules ""
    run 3 || return 1 # the page that is no PDF, the others come
    grep "cut.pdf" "$scratch/requests" | grep -q "Range=bytes=" || return 1
    same "$(of mairie refused)" 1 && same "$(of mairie failed)" 0 || return 1
    rm "$www/actes/html.pdf" && page
    expect 0 "$index" verify --base "$base"
}

changing_content() {
    rm "$www"/actes/*.pdf && text "$www/actes/a.pdf" "Le conseil fixe le prix de la cantine." && page
    rules "/index.html changing"
    run 0 || return 1
    same "$(of mairie status)" ok
}

robots() {
    rules ""
    rm -rf "$base"
    printf 'User-agent: *\nDisallow: /actes/\n' >"$www/robots.txt"
    settings "$mairie"
    run 3 || return 1
    said | grep -q "a.pdf.*robots.txt" || return 1
    grep -q "/actes/" "$scratch/requests" && return 1
    printf 'User-agent: *\nDisallow: /\n' >"$www/robots.txt"
    run 3 && same "$(of mairie whole)" false || return 1
    rm "$www/robots.txt"
}

# A broken source costs itself; when everything is down, the run is to be tried again.
one_down() {
    rm -rf "$base"
    settings "$mairie" "[source morte]" "kind = page" "url = http://127.0.0.1:1/" \
        "[source flux]" "kind = feed" "url = $url/flux.xml" "[source absent]" "kind = folder" \
        "path = $scratch/no-such-folder"
    echo '<rss><item><link>'"$url"'/actes/a.pdf</link></item><item><title>a & b' >"$www/flux.xml"
    run 3 || return 1
    same "$(of mairie new)" 1 && same "$(of mairie status)" ok || return 1
    [ "$(of morte status)" != ok ] && [ "$(of flux status)" != ok ] && [ "$(of absent status)" != ok ] || return 1
    same "$(of flux expected)" 1 || return 1
    settings "[source morte]" "kind = page" "url = http://127.0.0.1:1/"
    run 75
}

outside() {
    rm -rf "$base"
    cat >"$www/index.html" <<EOT
<a href="actes/a.pdf">a</a><a href="http://ailleurs.example/x.pdf">x</a><a href="mailto:x@y.fr">m</a>
<a href="javascript:x.pdf">j</a><a href="http://192.168.1.1/x.pdf">p</a>
EOT
    settings "$mairie"
    run 3 || return 1
    same "$(said | wc -l)" 2 && said | grep -q "hosts = ailleurs.example" && same "$(of mairie new)" 1
}

pages() {
    rm -rf "$base" "$www/actes" && mkdir -p "$www/actes"
    local i
    for i in 1 2 3; do
        text "$www/actes/$i.pdf" "Acte numéro $i."
        echo "<a href=actes/$i.pdf>$i</a> <a href=p$((i + 1)).html>Page suivante</a> <a href=p1.html>1</a>" >"$www/p$i.html"
    done
    settings "[source mairie]" "kind = page" "url = $url/p1.html" "pages = 3"
    run 3 || return 1 # the fourth page is beyond the limit, and said so
    same "$(of mairie new)" 3 && same "$(of mairie whole)" false || return 1
    echo '<a href=actes/3.pdf>3</a>' >"$www/p3.html"
    run 0 && same "$(of mairie whole)" true
}

formats() {
    rm -rf "$base"
    cat >"$www/plan.xml" <<EOT
<urlset><url><loc>$url/actes/1.pdf</loc><lastmod>2024-01-01</lastmod></url></urlset>
EOT
    cat >"$www/delib.csv" <<EOT
DELIB_ID;DELIB_DATE;DELIB_OBJET;DELIB_URL
2024-1;2024-01-02;Acte;$url/actes/2.pdf
2024-9;2024-01-02;Perdu;
EOT
    cat >"$www/oai.xml" <<EOT
<OAI-PMH><ListRecords><record><header><datestamp>2024-01-01</datestamp></header><metadata><dc>
<identifier>$url/actes/3.pdf</identifier></dc></metadata></record></ListRecords></OAI-PMH>
EOT
    echo '{"resources":[{"url":"'"$url"'/actes/1.pdf","format":"pdf"}]}' >"$www/jeu.json"
    mkdir -p "$scratch/dossier/Ville" && text "$scratch/dossier/Ville/d.pdf" "Le pont est refait."
    settings "[source plan]" "kind = sitemap" "url = $url/plan.xml" \
        "[source scdl]" "kind = scdl" "url = $url/delib.csv" \
        "[source oai]" "kind = oai" "url = $url/oai.xml?verb=ListRecords" \
        "[source jeu]" "kind = datagouv" "url = $url/jeu.json" \
        "[source dossier]" "kind = folder" "path = $scratch/dossier"
    rules "/oai.xml* type=text/xml"
    run 0 || return 1
    same "$(of plan new)$(of scdl new)$(of oai new)$(of jeu unchanged)$(of dossier new)" 11111 || return 1
    same "$(of scdl acts_expected)$(of scdl acts_missing)" 21 || return 1
    says "$base/reports/latest.txt" "act 2024-9 of 2024-01-02" || return 1
    run 0 && same "$(of dossier unchanged)$(of plan unchanged)" 11 || return 1
    text "$scratch/dossier/Ville/d.pdf" "Le pont est démoli."
    sed -i s/2024-01-01/2024-02-01/ "$www/plan.xml" && text "$www/actes/1.pdf" "Acte premier corrigé."
    run 0 && same "$(of dossier changed)$(of plan changed)" 11
}

# A scan at two addresses: read by OCR from the copy in the base, and still at both.
scans() {
    rm -rf "$base" "$www/actes" && mkdir -p "$www/actes"
    "$tools/mkpdf" image "$www/actes/s.pdf" "Le conseil municipal decide la vente du presbytere" >/dev/null
    cp "$www/actes/s.pdf" "$www/actes/t.pdf" && page
    settings "$mairie"
    run 0 && same "$(of mairie new)" 2 && same "$(report .ocr_pages)" 1 || return 1
    run 0 && same "$(of mairie unchanged)" 2 && same "$(answer presbytere)" "$url/actes/s.pdf" || return 1
    expect 0 "$index" remove --base "$base" "$url/actes/t.pdf" --reason test # the same document
    "$query" --base "$base" --json presbytere | grep -q "vente du" && return 1
    [ -z "$(ls "$base/documents")" ]
}

hostile_names() {
    rm -rf "$base" "$www/actes" && mkdir -p "$www/actes"
    text "$www/actes/x.pdf" "Le puits est comblé."
    echo '<a href="/actes/%1b%5b31m%3cscript%3ealert(1)%3c/script%3e.pdf">x</a>
        <a href="/actes/../../../../etc/x.pdf?a=1">y</a>' >"$www/index.html"
    rules "*script* status=404" "*a=1 status=200 type=text/html"
    settings "$mairie"
    run 3 || return 1
    expect 3 "$index" run --base "$base" --config "$conf" || return 1
    grep -q $'\e' "$scratch/out" && return 1
    grep -q "<script>" "$base/reports/latest.html" && return 1
    rules ""
}

mailed() {
    cat >"$scratch/sendmail" <<EOT
#!/bin/sh
printf '%s ' "\$@" >"$scratch/mail"
cat >>"$scratch/mail"
EOT
    chmod +x "$scratch/sendmail"
    rm -rf "$base"
    echo '<a href=actes/x.pdf>x</a>' >"$www/index.html"
    { settings "$mairie"; sed -i "s|^delay = 0|delay = 0\nmail = dgs@mairie.example\nsendmail = $scratch/sendmail|" "$conf"; }
    run 0 || return 1
    says "$scratch/mail" "-i -t To: dgs@mairie.example" && says "$scratch/mail" "actes/x.pdf" || return 1
    printf '#!/bin/sh\nexit 7\n' >"$scratch/sendmail"
    run 0 && says "$scratch/err" "ended with 7"
}

locked() {
    exec 8>"$base/lock" && flock 8
    run 75 || return 1
    exec 8>&-
    settings
    expect 1 "$index" run --base "$base" --config "$conf" && one_line
    printf '[source x]\ncolour = red\n' >"$conf"
    expect 2 "$index" run --base "$base" --config "$conf" || expect 1 "$index" run --base "$base" --config "$conf"
    one_line && says "$scratch/err" "line 2"
}

test_case "the first night" first
test_case "nothing new: only conditional requests" nothing_new
test_case "a changed file is a new version" changed
test_case "where documents come from" provenance
test_case "a fetched file that is damaged or lost" kept_files
if command -v curl >/dev/null; then
    test_case "the original from the web page" original
else
    skip_case "the original from the web page" "no curl here"
fi
if strace -f -o /dev/null true 2>/dev/null; then
    test_case "no connection but to the hosts of the settings" watched
else
    skip_case "no connection but to the hosts of the settings" "no strace here"
fi
test_case "404, then back" gone_then_back
test_case "what stays away is reported, a person decides" away
test_case "removed is not taken again" removed
test_case "a document that moved" moved
test_case "each misbehaviour is named, the rest comes in" misbehaviour
test_case "the next night goes on where it was cut" resumed
test_case "a page that never is the same" changing_content
test_case "robots.txt" robots
test_case "one source down" one_down
test_case "addresses outside" outside
test_case "page by page" pages
test_case "every form of list" formats
test_case "scans at two addresses" scans
test_case "hostile addresses" hostile_names
test_case "the report by mail" mailed
test_case "busy, and wrong settings" locked
finish
