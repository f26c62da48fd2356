#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The pages in a real browser: tests/browser/pages.mjs, on the sample acts, a small invented
# law and an act that tries to be code. SCREENSHOTS=DIR also takes pictures of each page.
. "$(dirname "$0")/lib.sh"

modules=${GREFFIER_BROWSER:-build/browser}
chromium=$(command -v chromium || command -v chromium-browser)
if ! command -v node >/dev/null || [ -z "$chromium" ] || [ ! -d "$modules/node_modules/playwright-core" ]; then
    echo '1..0 # SKIP no browser: scripts/install-deps test-browser installs it'
    exit 0
fi

base=$scratch/base
law() { # ARTICLE FROM TO STATE TEXT
    printf '{"code":"CGCT","article":"%s","valid_from":"%s","valid_to":%s,"state":"%s","text":"%s"}\n' "$@"
}
{
    law L2121-29 1996-02-24 null VIGUEUR 'Le conseil municipal règle par ses délibérations les affaires de la commune.'
    law L2122-99 1996-02-24 '"2014-03-30"' ABROGE 'Ce que plus personne ne doit citer.'
    law L2212-2 1996-02-24 '"2020-01-01"' MODIFIE 'La police municipale assure le bon ordre par les anciens moyens.'
    law L2212-2 2020-01-01 null VIGUEUR 'La police municipale assure le bon ordre et la tranquillité par les nouveaux moyens.'
} >"$scratch/versions.jsonl"
mkdir "$scratch/mean"
"$tools/mkpdf" text "$scratch/mean/x'\"><img src=x onerror=alert(2)>.pdf" \
    "COMMUNE DE COURVANNE-LES-TILLEULS\n\nDélibération n° 2024-66\nSéance du 5 mars 2024\n\nObjet : lavoir \"><script>alert(1)</script><img src=x onerror=alert(1)>\n\nLe conseil municipal, après en avoir délibéré, DÉCIDE de restaurer le lavoir <script>alert(3)</script> de la rue Basse." \
    || exit 1
{
    "$index" add -q --base "$base" --body Courvanne-les-Tilleuls "$sample/courvanne-les-tilleuls" "$scratch/mean" &&
        "$index" add -q --base "$base" --body "CC du Pays d’Aubrelle" "$sample/cc-pays-d-aubrelle" &&
        "$index" law import -q --base "$base" "$scratch/versions.jsonl"
} >"$scratch/out" 2>&1 || { sed 's/^/# /' "$scratch/out"; echo 'Bail out! no base'; exit 1; }

"$query" serve --base "$base" --listen 127.0.0.1:0 >"$scratch/serve" 2>"$scratch/serve.err" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$scratch"' EXIT
address=
for _ in $(seq 200); do
    address=$(sed -n 's/.*\(http:[^ ]*[0-9]\)\/.*/\1/p' "$scratch/serve")
    [ -n "$address" ] && break
    sleep 0.05
done
node tests/browser/pages.mjs "$address" "$modules" "$chromium" ${SCREENSHOTS:+"$SCREENSHOTS"}
