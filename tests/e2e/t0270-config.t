#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# config: every setting with its value, and the line it comes from.
. "$(dirname "$0")/lib.sh"

conf=$scratch/greffier.conf
printf '%s\n' '[run]' 'delay = 3' '' '[source mairie]' 'kind = folder' 'path = /srv/actes' \
    'body = Courvanne' 'exclude = *brouillon* *.tmp' '[source loi]' 'kind = legi' 'url = https://example.invalid/LEGI/' >"$conf"

values() {
    expect 0 "$index" config --config "$conf" || return 1
    grep -qxF '[run] delay = 3' "$scratch/out" && grep -qxF '[source mairie] body = Courvanne' "$scratch/out" &&
        grep -qxF '[source loi] kind = legi' "$scratch/out" &&
        grep -qF '[model] timeout = 30' "$scratch/out" || { cat "$scratch/out"; return 1; }
    # what was given is not there twice
    [ "$(grep -c '^\[run\] delay' "$scratch/out")" -eq 1 ]
}

origins() {
    expect 0 "$index" config --config "$conf" --show-origin || return 1
    grep -qxF "$conf:2	[run] delay = 3" "$scratch/out" &&
        grep -qxF "$conf:6	[source mairie] path = /srv/actes" "$scratch/out" &&
        grep -qF 'default	[model] timeout = 30' "$scratch/out" || { cat "$scratch/out"; return 1; }
}

as_json() {
    expect 0 "$index" config --config "$conf" --json || return 1
    jq -es --arg f "$conf" 'all(.format == 1 and .type == "setting")
        and (map(select(.key == "delay"))[0] | .value == "3" and .file == $f and .line == 2 and .source == null)
        and (map(select(.key == "body"))[0] | .source == "mairie" and .line == 7)
        and (map(select(.key == "timeout" and .section == "model"))[0] | .file == null and .line == null)' \
        "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
}

# What is printed without a file are the defaults; what is printed can be given again.
no_file() {
    expect 0 "$index" config --show-origin || return 1
    ! grep -v '^default' "$scratch/out" && [ -s "$scratch/out" ]
}

refused() {
    expect 4 "$index" config --config "$scratch/none" && one_line || return 1
    echo 'nonsense = 1' >>"$conf"
    expect 2 "$index" config --config "$conf" && says "$scratch/err" "line 12" && one_line || return 1
    printf '[run]\ndelay = soon\n' >"$conf"
    expect 2 "$index" config --config "$conf" && says "$scratch/err" "delay" && one_line
}

test_case "every setting with its value" values
test_case "where each comes from" origins
test_case "as JSON" as_json
test_case "without a file" no_file
test_case "what it refuses" refused
finish
