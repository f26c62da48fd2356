# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Sourced by tests/e2e/*.t: TAP, a scratch directory, the programs under test.
# Each test is a function given to `test_case NAME FUNCTION`; it fails when the function
# returns other than 0. `finish` prints the plan.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
top=$PWD
build=${BUILD:-build/release}
case $build in /*) ;; *) build=$top/$build ;; esac
index=$build/greffier-index
query=$build/greffier-query
tools=$build/tools
sample=$top/build/sample
shared=${GREFFIER_SHARED:-$top/../shared}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/grf-e2e-XXXXXX")
export LC_ALL=C.UTF-8 LANGUAGE=en HOME=$scratch
unset GREFFIER_BASE GREFFIER_CONFIG NO_COLOR
trap 'chmod -R u+w "$scratch" 2>/dev/null; rm -rf "$scratch"' EXIT

number=0

test_case() {
    number=$((number + 1))
    local log=$scratch/log.$number
    if ("$2") >"$log" 2>&1; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/# /' "$log" | tail -n ${LOG_LINES:-40}
    fi
    rm -f "$log"
}

skip_case() { # NAME WHY
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

finish() { echo "1..$number"; }

# expect CODE COMMAND...: runs it, output in $scratch/out and $scratch/err, and fails
# unless it exits with CODE. Death by a signal is never expected.
expect() {
    local want=$1 got=0
    shift
    "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || got=$?
    if [ "$got" -ne "$want" ]; then
        echo "exit $got, not $want: $*"
        head -n 20 "$scratch/out" "$scratch/err"
        return 1
    fi
}

# Lines of stderr, so that "one clear line" can be checked.
one_line() {
    [ "$(wc -l <"$scratch/err")" -eq 1 ] || {
        echo "not one line:"
        cat "$scratch/err"
        return 1
    }
}

says() { # FILE TEXT
    grep -qF -- "$2" "$1" || {
        echo "\"$2\" is not in:"
        head -n 30 "$1"
        return 1
    }
}
