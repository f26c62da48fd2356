# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Sourced after tests/e2e/lib.sh: a small base with law and a page image, ways to damage one
# file of it, and what must hold then. The files are those found in the base, whatever their
# names: a file is named when what is said has its path below the base, or that of a
# directory it lies in ("fulltext.0").

docs=$scratch/docs
whole=$scratch/whole # the base before damage; $scratch/older: as it was before its last add
base=$scratch/base
questions=("tarifs de la cantine" "indemnités des élus" "délibération n° 2022/22"
    "taux d'imposition 2024" "avenants salle des fêtes" "règle par ses délibérations")
modes="hybrid lexical vector"
patience=60 # seconds after which a program hangs

law_line() { # CODE ARTICLE FROM TO TEXT
    printf '{"code":"%s","article":"%s","valid_from":"%s","valid_to":%s,"state":"VIGUEUR","text":"%s"}\n' "$@"
}

# One document that a nightly run fetched, kept in the base.
fetch_one() {
    local www=$scratch/www server
    mkdir -p "$www" && "$tools/mkpdf" text "$www/a.pdf" "Le lavoir du bourg est vendu." >/dev/null &&
        echo '<a href="a.pdf">Acte</a>' >"$www/index.html" && : >"$scratch/rules" && mkfifo "$scratch/hold" || return 1
    "$tools/badserver" "$www" "$scratch/requests" "$scratch/rules" <"$scratch/hold" >"$scratch/port" &
    server=$!
    exec 9>"$scratch/hold"
    while [ ! -s "$scratch/port" ] && kill -0 $server; do sleep 0.02; done
    printf '[run]\ndelay = 0\n[source mairie]\nkind = page\nurl = http://127.0.0.1:%s/index.html\nbody = Courvanne\n' \
        "$(head -n 1 "$scratch/port")" >"$scratch/run.conf"
    "$index" run -q --base "$whole" --config "$scratch/run.conf" && [ "$(ls "$whole/documents")" ]
    local code=$?
    exec 9>&-
    wait $server
    return $code
}

make_whole() { # FILES OF THE SAMPLE: all but the last two are in the older base already
    local s=$sample/courvanne-les-tilleuls f
    mkdir -p "$docs/courvanne"
    for f in "${@:1:$#-2}"; do cp "$s/$f" "$docs/courvanne/"; done
    law_line CGCT L2121-29 2000-01-01 null "Le conseil municipal règle par ses délibérations les affaires." \
        >"$scratch/law.jsonl"
    law_line CGCT L2121-10 2000-01-01 '"2010-01-01"' "Toute convocation est faite par le maire." \
        >>"$scratch/law.jsonl"
    "$index" add -q --base "$whole" "$docs" && "$index" law import -q --base "$whole" "$scratch/law.jsonl" ||
        return 1
    cp -a "$whole" "$scratch/older"
    for f in "${@:$#-1}"; do cp "$s/$f" "$docs/courvanne/"; done
    law_line CGCT L2121-10 2010-01-01 null "La convocation est adressée de manière dématérialisée." \
        >>"$scratch/law.jsonl"
    "$index" add -q --base "$whole" "$docs" && "$index" law import -q --base "$whole" "$scratch/law.jsonl" ||
        return 1
    f=$whole/images/$(sha256sum <"$docs/courvanne/$1" | cut -d' ' -f1)
    mkdir -p "$f" && cp "$top"/doc/screenshots/$(ls "$top/doc/screenshots" | head -n 1) "$f/1-1000"
    sha256sum "$docs"/*/* >"$scratch/originals"
}

# ---- damage

# damage FILE HOW: flip:OFFSET (negative: from the end), cut:BYTES that stay, zero:OFFSET
# (4 kB), older, gone. False when that would change nothing.
damage() {
    local f=$base/$1
    cp -p "$f" "$scratch/was"
    case $2 in
    older)
        [ -f "$scratch/older/$1" ] || return 1
        cp "$scratch/older/$1" "$f"
        ;;
    gone) rm "$f" && return 0 ;;
    *) perl -e 'my ($f, $how, $at) = @ARGV;
        open my $h, "+<", $f or die; binmode $h; my $n = -s $f;
        $at += $n if $at < 0; exit 0 if $at < 0 || $at >= $n;
        if ($how eq "cut") { truncate $h, $at or die; exit 0 }
        seek $h, $at, 0;
        if ($how eq "zero") { my $k = $n - $at < 4096 ? $n - $at : 4096; print $h "\0" x $k; exit 0 }
        read $h, my $c, 1; seek $h, $at, 0; print $h chr(ord($c) ^ 0x41)' "$f" "${2%:*}" "${2#*:}" ;;
    esac
    ! cmp -s "$f" "$scratch/was"
}

# Places: the first, middle and last byte, and MORE seeded random ones.
ways() { # FILE MORE
    local size
    size=$(stat -c %s "$whole/$1")
    printf '%s\n' flip:0 "flip:$((size / 2))" flip:-1 cut:0 "cut:$((size / 2))" cut:-1 \
        "zero:$((size / 2 / 4096 * 4096))" zero:0 older gone
    perl -e 'my ($n, $more, $seed) = @ARGV; srand $seed;
        print "flip:", int(rand $n), "\n" for 1 .. ($n ? $more : 0)' "$size" "$2" "$size"
}

files() { (cd "$whole" && find . -type f ! -name lock ! -path './reports/*' ! -path './listings/*' | sed 's,^\./,,' | sort); }

# ---- questions

sane() { # CODE: documented, and neither a signal nor a hang
    case $1 in 0 | 1 | 2 | 3 | 4 | 75) return 0 ;; 124) echo "hangs" ;; *) echo "exit $1" ;; esac
    return 1
}

named() { # TEXT FILE: is the file named in the text, or a directory of the base it lies in?
    local d=$2
    while [ "$d" != . ]; do
        case $d in */* | ocr | images) ;; *) d=${d%-wal} d=${d%-shm} ;; esac
        grep -qF -- "$d" "$1" && return 0
        d=$(dirname "$d")
    done
    return 1
}

# ask NAME COMMAND...: the answer, for the undamaged base into $scratch/right.NAME, else
# compared with it: equal, or another one of which a line on stderr names $file. A warning may
# stand before it: an older index is told before the block that does not belong to it.
ask() {
    local name=$1 code=0 out=$scratch/now
    shift
    [ "$file" ] || out=$scratch/right.$name
    timeout "$patience" "$@" >"$scratch/q.out" 2>"$scratch/q.err" </dev/null || code=$?
    sane $code || { echo "$*"; return 1; }
    { echo "exit $code" && sed -E 's/"ms":[0-9.]+//' "$scratch/q.out"; } >"$out"
    [ "$file" ] && ! cmp -s "$scratch/now" "$scratch/right.$name" || return 0
    [ "$(wc -l <"$scratch/q.err")" -eq 1 ] || sed -i '/ level=warning /d' "$scratch/q.err"
    [ "$(wc -l <"$scratch/q.err")" -eq 1 ] && named "$scratch/q.err" "$file" && return 0
    others=$((others + 1))
    [ $others -gt 1 ] && return 1
    echo "another answer, exit $code, without one line that names the file: $*"
    cat "$scratch/q.err"
    diff "$scratch/right.$name" "$scratch/now" | cut -c1-300 | head -n 6
    return 1
}

# All questions; FILE is the damaged one, "" before damage. Says what was wrong.
ask_all() { # FILE
    local file=$1 others=0 bad=0 q mode n=0 act
    act=$(sha256sum <"$docs/courvanne/$shown" | cut -c1-12).1
    for q in "${questions[@]}"; do
        n=$((n + 1))
        for mode in $modes; do
            ask "$n.$mode" "$query" --base "$base" --json --mode "$mode" "$q" || bad=1
        done
    done
    ask show "$query" show --base "$base" --json "$act" || bad=1
    ask article "$query" article --base "$base" --json CGCT/L2121-10 --at 2015-01-01 || bad=1
    ask citing "$query" citing --base "$base" --json CGCT/L2121-29 || bad=1
    [ $others -eq 0 ] || echo "$others answers are other ones in silence"
    return $bad
}

same_as_before() {
    local file='' bad=0 f
    mkdir "$scratch/kept" && mv "$scratch"/right.* "$scratch/kept/"
    ask_all '' || bad=1
    for f in "$scratch"/kept/right.*; do
        cmp -s "$f" "$scratch/$(basename "$f")" ||
            { bad=1; diff "$f" "$scratch/$(basename "$f")" | cut -c1-300 | head -n 4; }
    done
    mv "$scratch"/kept/right.* "$scratch/" && rmdir "$scratch/kept"
    return $bad
}

# ---- one damage, from beginning to end

# Rows, law and what was fetched lost: what says so is enough. Everything else comes back.
is_truth() { case $1 in greffier.db* | law.db* | documents/*) true ;; *) false ;; esac; }

verified() { # FILE: names it, or all is as before
    local code=0
    timeout "$patience" "$index" verify --base "$base" >"$scratch/v.out" 2>&1 || code=$?
    sane $code || { echo "verify"; return 1; }
    if [ $code -eq 0 ]; then
        [ ! -s "$scratch/loud" ] || { echo "verify is content, answers are not"; return 1; }
        same_as_before || { echo "(and verify finds nothing)"; return 1; }
    else
        named "$scratch/v.out" "$1" || { echo "verify, exit $code, does not name it:"; cat "$scratch/v.out"; return 1; }
    fi
}

repaired() { # FILE
    local code=0
    timeout "$patience" "$index" verify --repair --base "$base" >"$scratch/v.out" 2>&1 || code=$?
    sane $code || { echo "verify --repair"; return 1; }
    if [ $code -ne 0 ] && ! is_truth "$1"; then
        code=0
        timeout "$patience" "$index" rebuild -q --base "$base" >>"$scratch/v.out" 2>&1 || code=$?
        [ $code -eq 0 ] || { echo "rebuild: exit $code"; cat "$scratch/v.out"; return 1; }
        "$index" verify --base "$base" >>"$scratch/v.out" 2>&1 || { cat "$scratch/v.out"; return 1; }
    fi
    if [ $code -ne 0 ]; then # of the truth itself
        grep -qE "damaged|missing|older|not the bytes" "$scratch/v.out" && named "$scratch/v.out" "$1" && return 0
        echo "what is lost is not said, exit $code:"
        cat "$scratch/v.out"
        return 1
    fi
    same_as_before && return 0
    # rows put back from an older state: what is missing comes with the next add and import
    is_truth "$1" && [ "$2" = older ] && named "$scratch/v.out" "$1" && return 0
    echo "repaired, but other answers:"
    cat "$scratch/v.out"
    return 1
}

start() { rm -rf "$base" && cp -a "$whole" "$base"; }

# one_damage FILE HOW: true when all holds; 2 when that is no damage
one_damage() {
    local bad=0
    start
    damage "$1" "$2" || return 2
    ask_all "$1" >"$scratch/said" || bad=1
    verified "$1" >>"$scratch/said" || bad=1
    repaired "$1" "$2" >>"$scratch/said" || bad=1
    sha256sum --quiet -c "$scratch/originals" >>"$scratch/said" 2>&1 || bad=1
    [ $bad -eq 0 ] && return 0
    echo "== $1 $2"
    cat "$scratch/said"
    return 1
}
