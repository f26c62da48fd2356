#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installed, every part is there; uninstalled, nothing is left.
. "$(dirname "$0")/lib.sh"

into=$scratch/place
make=(make -s -C "$top" -o all DESTDIR="$into")

installed() {
    mkdir -p "$into"
    "${make[@]}" install >/dev/null || return 1
    local at
    at=$(find "$into" -name greffier-index -path '*/bin/*') && at=${at%/bin/greffier-index}
    for part in bin/greffier-query libexec/greffier/greffier-pdf-worker libexec/greffier/greffier-serve \
        share/greffier/thesaurus.tsv share/greffier/thesaurus.grft \
        share/greffier/models/greffier-fr.grfm share/man/man1/greffier-index.1 \
        share/locale/fr/LC_MESSAGES/greffier.mo lib/systemd/system/greffier-nightly.timer \
        lib/systemd/system/greffier-nightly.service lib/sysusers.d/greffier.conf \
        share/doc/greffier/crontab share/doc/greffier/greffier.conf.example; do
        [ -s "$at/$part" ] || { echo "$part is missing"; return 1; }
    done
    grep -rq "@PREFIX@" "$into" --include='*nightly*' --include=crontab && return 1
    expect 0 "$at/bin/greffier-index" --version || return 1
    # the settings to begin with are settings
    expect 0 "$at/bin/greffier-index" config --config "$at/share/doc/greffier/greffier.conf.example"
}

# The server is a helper: it finds the pages from where it stands, then wants a base.
serves() {
    local at
    at=$(find "$into" -name greffier-query -path '*/bin/*') && at=${at%/bin/greffier-query}
    expect 4 "$at/bin/greffier-query" serve --base "$scratch/none" --listen 127.0.0.1:0 || return 1
    grep -q "^greffier-query: pas de base dans $scratch/none" "$scratch/err" || { cat "$scratch/err"; return 1; }
    mv "$at/libexec/greffier/greffier-serve" "$scratch/served"
    expect 4 "$at/bin/greffier-query" serve --base "$scratch/none" --listen 127.0.0.1:0
    local code=$?
    mv "$scratch/served" "$at/libexec/greffier/greffier-serve"
    [ "$code" = 0 ] && grep -q 'greffier-serve: the web server cannot be started' "$scratch/err"
}

uninstalled() {
    local other
    other=$(find "$into" -type d -name share)/other
    : >"$other"
    "${make[@]}" uninstall >/dev/null || return 1
    [ "$(find "$into" -type f)" = "$other" ] && [ ! -e "${other%/*}/man" ] ||
        { find "$into"; return 1; }
    rm "$other"
    "${make[@]}" uninstall >/dev/null || return 1
    [ -z "$(find "$into" -mindepth 1)" ] || { find "$into"; return 1; }
}

case $build in
*/release)
    test_case "installed" installed
    test_case "the server, from where it was installed" serves
    test_case "uninstalled" uninstalled
    ;;
*) skip_case "installed, serves, uninstalled" "make install takes the release build" ;;
esac
finish
