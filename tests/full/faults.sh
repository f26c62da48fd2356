# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Sourced after tests/e2e/lib.sh: small bases, the commands that write, and what must hold
# after a fault at one of their calls. A scenario is COMMAND:FROM, where FROM names the base
# it starts from: nothing, full (three acts, a scan, law) or web (three acts fetched).

calls=write,pwrite64,pwritev,writev,fsync,fdatasync,rename,renameat,renameat2
calls=$calls,truncate,ftruncate,unlink,unlinkat,rmdir,link,linkat,mkdir,mkdirat
scenarios="init:nothing add:nothing add:full scan:nothing remove:full act:full again:full
    law:nothing law:full rebuild:full run:nothing run:full web:nothing web:web
    remove:web"
kit=$scratch/kit
mine=$scratch # where a run writes what it says; a folder of its own for each that runs beside others
inject=()

# ---- what there is to read

one_doc() { # FILE NUMBER SUBJECT TEXT
    "$tools/mkpdf" text "$1" "COMMUNE DE COURVANNE" "EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS" \
        "Séance du $2 mars 2021" "Délibération n° 2021-0$2" "Objet : $3" \
        "Le conseil municipal, vu l'article L. 2121-29 du CGCT," "DÉCIDE : $4" >/dev/null
}

law_line() { # CODE ARTICLE FROM TO TEXT
    printf '{"code":"%s","article":"%s","valid_from":"%s","valid_to":%s,"state":"VIGUEUR","text":"%s"}\n' "$@"
}

make_kit() {
    mkdir -p "$kit/docs" "$kit/later" "$kit/scan" "$kit/www/actes"
    one_doc "$kit/docs/a.pdf" 1 "tarif de la cantine" "le prix du repas est de 3 euros." &&
        one_doc "$kit/docs/b.pdf" 2 "voirie" "la rue des Tilleuls est refaite." &&
        one_doc "$kit/docs/c.pdf" 3 "stationnement" "le prix du stationnement est de 2 euros." ||
        return 1
    cp "$kit/docs"/*.pdf "$kit/www/actes/"
    # the same folder later: one act changed, one moved, one new
    one_doc "$kit/later/a.pdf" 1 "tarif de la cantine" "le prix du repas est de 4 euros." &&
        one_doc "$kit/later/d.pdf" 4 "lavoir" "le lavoir du bourg est vendu." || return 1
    cp "$kit/docs/b.pdf" "$kit/later/moved.pdf"
    cp "$kit/docs/c.pdf" "$kit/later/c.pdf"
    # a page that is a picture, of few words: it is read at every point
    "$tools/mkpdf" image "$kit/scan/s.pdf" "COMMUNE DE COURVANNE
Délibération n° 2021-05
Objet : toiture de l'école
DÉCIDE : la toiture est refaite." >/dev/null || return 1
    {
        law_line CGCT L2121-29 2000-01-01 null "Le conseil municipal règle par ses délibérations."
        law_line CGCT L2121-10 2000-01-01 '"2010-01-01"' "Toute convocation est faite par le maire."
    } >"$kit/law.jsonl"
    {
        law_line CGCT L2121-29 2000-01-01 null "Le conseil municipal règle par ses délibérations."
        law_line CGCT L2121-10 2010-01-01 null "La convocation est adressée de manière dématérialisée."
    } >"$kit/law2.jsonl"
    printf '[source mairie]\nkind = folder\npath = %s\nbody = Courvanne\n' "$scratch/place" >"$kit/run.conf"
}

www_index() {
    { echo '<html><body>'; (cd "$kit/www" && for f in actes/*.pdf; do echo "<a href=\"$f\">$f</a>"; done); } \
        >"$kit/www/index.html"
}

serve_web() {
    mkfifo "$scratch/hold"
    : >"$scratch/rules"
    "$tools/badserver" "$kit/www" "$scratch/requests" "$scratch/rules" <"$scratch/hold" >"$scratch/port" &
    exec 9>"$scratch/hold"
    while [ ! -s "$scratch/port" ]; do sleep 0.02; done
    url=http://127.0.0.1:$(head -n 1 "$scratch/port")
    printf '[run]\ndelay = 0\nretries = 0\n[source mairie]\nkind = page\nurl = %s/index.html\nbody = Courvanne\nrecheck = 0\n' \
        "$url" >"$kit/web.conf"
    www_index
}

# The folder that the commands read, as it is for a scenario.
place() { # docs|later
    rm -rf "$scratch/place"
    cp -a "$kit/$1" "$scratch/place"
}

make_bases() {
    place docs
    "$index" add -q --base "$kit/from.full" "$scratch/place" "$kit/scan" >/dev/null 2>&1 &&
        "$index" law import -q --base "$kit/from.full" "$kit/law.jsonl" >/dev/null 2>&1 &&
        "$index" run -q --base "$kit/from.web" --config "$kit/web.conf" >/dev/null 2>&1 || return 1
    mkdir -p "$kit/from.full/images/$(sha256sum <"$kit/docs/b.pdf" | cut -d' ' -f1)"
    : >"$kit/from.full/images/$(sha256sum <"$kit/docs/b.pdf" | cut -d' ' -f1)/1-800.png"
    # the web later
    one_doc "$kit/www/actes/b.pdf" 2 "fontaine" "la fontaine du bourg est réparée." &&
        one_doc "$kit/www/actes/d.pdf" 4 "lavoir" "le lavoir du bourg est vendu."
    www_index
}

start_from() { # BASE FROM
    rm -rf "$1"
    [ "$2" = nothing ] || cp -a "$kit/from.$2" "$1"
}

# ---- the commands

prepare() { # COMMAND FROM: the folder as this command finds it
    case $1:$2 in
    add:full | run:full) place later ;;
    *) place docs ;;
    esac
}

run() { # COMMAND BASE
    local base=$2
    case $1 in
    init) "${inject[@]}" "$index" init --base "$base" ;;
    add) "${inject[@]}" "$index" add -q --jobs 1 --base "$base" "$scratch/place" ;;
    again) "${inject[@]}" "$index" add -q --again --jobs 1 --base "$base" "$scratch/place" ;;
    scan) "${inject[@]}" "$index" add -q --jobs 1 --base "$base" "$kit/scan" ;;
    remove) "${inject[@]}" "$index" remove --base "$base" --reason essai \
        "$(sha256sum <"$kit/docs/a.pdf" | cut -c1-12)" ;;
    act) "${inject[@]}" "$index" remove --base "$base" --reason essai \
        "$(sha256sum <"$kit/scan/s.pdf" | cut -c1-12).1" ;;
    law) "${inject[@]}" "$index" law import -q --base "$base" "$kit/$law_file" ;;
    rebuild) "${inject[@]}" "$index" rebuild -q --base "$base" ;;
    run) "${inject[@]}" "$index" run -q --base "$base" --config "$kit/run.conf" ;;
    web) "${inject[@]}" "$index" run -q --base "$base" --config "$kit/web.conf" ;;
    esac >"$mine/run.out" 2>"$mine/run.err"
}

# ---- what a base answers: acts, words, vectors, law; nothing where there is nothing

asked="acts words vectors law"

answer() { # WHAT BASE
    case $1 in
    acts) "$index" export --acts --base "$2" ;;
    words) "$query" --base "$2" --json -n 200 --mode lexical "prix du repas rue" ;;
    vectors) "$query" --base "$2" --json -n 200 "rue des Tilleuls" ;;
    law) "$query" article --base "$2" --json CGCT/L2121-10 --at 2015-01-01 ;;
    esac >"$mine/q.$1" 2>"$mine/q.err"
}

# Of what is found its acts, not scores and best passages: those shift a little while an
# index holds more than is shown.
answers_to() { # BASE FILE: one file for each of what is asked
    local what code
    for what in $asked; do
        : >"$mine/q.$what"
        [ -d "$1" ] || continue
        code=0
        answer "$what" "$1" || code=$?
        [ $code -eq 0 ] || [ $code -eq 4 ] || { echo "$what: exit $code"; cat "$mine/q.err"; return 1; }
    done
    # shellcheck disable=SC2086
    perl -e 'my ($from, $to, @asked) = @ARGV;
        for my $what (@asked) {
            open my $in, "<", "$from.$what" or die; open my $out, ">", "$to.$what" or die;
            my %seen;
            while (<$in>) {
                next if /"type":"summary"|"state":"unknown"/;
                s/.*"type":"(?:result|nearest)".*"id":"([0-9a-f]+\.[0-9]+)\.[0-9]+".*"path":"([^"]*)".*/$1 $2/;
                $seen{$_} = 1;
            }
            print $out sort keys %seen;
        }' "$mine/q" "$2" $asked
}

same() { # FILE FILE
    local a b
    IFS= read -rd '' a <"$1"
    IFS= read -rd '' b <"$2"
    [ "$a" = "$b" ]
}

# Each answer is that of one of the states, given by the names of their files.
answers_as() { # FILE STATE...
    local what state
    for what in $asked; do
        for state in "${@:2}"; do
            same "$1.$what" "$state.$what" && continue 2
        done
        echo "other $what than in ${*:2}:"
        diff "$2.$what" "$1.$what" | cut -c1-200 | head -n 8
        return 1
    done
}

# Names of what lies in a base, but for what lists and reports and locks come and go.
names_in() ( # BASE
    shopt -s globstar dotglob nullglob
    cd "$1" || exit
    for f in **; do
        case $f in reports* | listings* | *-wal | *-shm | *fulltext.*/*) continue ;; esac
        [[ ! $f =~ ^([^/]*)\.[0-9]+(/.*)?$ ]] || f=${BASH_REMATCH[1]}.N${BASH_REMATCH[2]}
        [[ ! $f =~ ^(.*)\.[0-9]+$ ]] || f=${BASH_REMATCH[1]}.N
        echo "$f"
    done
)

# ---- before, undisturbed, and at each point

expectations() { # COMMAND FROM: $scratch/before, after, names, points
    local base=$scratch/whole
    mine=$scratch
    scenario=$1:$2
    law_file=law.jsonl
    [ "$1:$2" != law:full ] || law_file=law2.jsonl
    inject=()
    prepare "$1" "$2"
    start_from "$base" "$2"
    answers_to "$base" "$scratch/before" || return 1
    run "$1" "$base" || { cat "$mine/run.out" "$mine/run.err"; return 1; }
    answers_to "$base" "$scratch/after" || return 1
    names_in "$base" >"$scratch/names"
    start_from "$base" "$2"
    inject=(strace -qq -o "$mine/trace" -e "trace=$calls")
    run "$1" "$base"
    inject=()
    # strace counts each call by itself: "rename 3" is a point
    sed -n 's/^\([a-z0-9]*\)(.*/\1/p' "$mine/trace" | awk '{print $1, ++n[$1]}' >"$scratch/points"
}

# What is found and was fetched has its file.
has_files() { # BASE, whose acts are in $mine/now.acts; in scenarios of the web
    local sha
    case $scenario in web:* | *:web) ;; *) return 0 ;; esac
    for sha in $(sed -E 's/.*"sha256":"([0-9a-f]+)".*/\1/' "$mine/now.acts" | sort -u); do
        [ -s "$1/documents/$sha.pdf" ] || { echo "found, but its file is gone: $sha"; return 1; }
    done
}

as_before_or_after() { # BASE
    answers_to "$1" "$mine/now" && has_files "$1" &&
        answers_as "$mine/now" "$scratch/before" "$scratch/after"
}

# Clean, or a copy is made clean by --repair (counted) and answers as before or after.
verified() { # BASE
    local copy=$mine/copy code=0
    [ -d "$1" ] || return 0
    "$index" verify --base "$1" >"$mine/v.out" 2>&1 || code=$?
    [ $code -ne 0 ] || return 0
    [ $code -ne 4 ] || [ -s "$scratch/before.acts" ] || return 0 # before there was a base
    echo >>"$mine/repairs"
    rm -rf "$copy"
    cp -a "$1" "$copy"
    "$index" verify --repair --base "$copy" >"$mine/v.out" 2>&1 ||
        { echo "not repaired:"; cat "$mine/v.out"; return 1; }
    as_before_or_after "$copy" || { echo "(after repair)"; return 1; }
}

# The same command once more ends where an undisturbed run ends.
finished() { # COMMAND BASE
    local code=0
    run "$1" "$2" || code=$?
    # what was removed before the fault is not there to be removed again
    case $1:$code in
    *:0 | remove:4 | act:4) ;;
    *)
        echo "again: exit $code"
        cat "$mine/run.out" "$mine/run.err"
        return 1
        ;;
    esac
    answers_to "$2" "$mine/now" || return 1
    answers_as "$mine/now" "$scratch/after" || { echo "(in the end)"; return 1; }
    "$index" verify --base "$2" >"$mine/v.out" 2>&1 ||
        { echo "not clean in the end"; cat "$mine/v.out"; return 1; }
    names_in "$2" >"$mine/names.now"
    same "$scratch/names" "$mine/names.now" ||
        { echo "other files in the end:"; diff "$scratch/names" "$mine/names.now"; return 1; }
}

# fault_at COMMAND FROM ACTION CHECK CALL NUMBER: one run with one fault; CHECK is called with the
# exit code of the run.
fault_at() {
    local base=$mine/base code=0
    echo >>"$mine/met"
    start_from "$base" "$2"
    inject=(strace -qq -o "$mine/trace" -e "trace=$calls" -e "inject=$5:$3:when=$6")
    run "$1" "$base" || code=$?
    inject=()
    "$4" $code && as_before_or_after "$base" && verified "$base" && finished "$1" "$base" && return
    echo "at $5 $6 of $1 from $2 (exit $code): $(grep "^$5(" "$mine/trace" | sed -n "$6p" | cut -c1-200)"
    return 1
}

# Every JOBS-th line of the chosen ones, in a folder of its own. Goes on after a failure, so
# that all are seen.
some_of() { # KTH COMMAND...: called with the words of the line at its end
    local words at=0 failed=0 kth=$1
    shift
    mine=$scratch/part.$kth
    rm -rf "$mine"
    mkdir "$mine"
    while read -r -a words <&8; do
        [ $((at++ % jobs)) -eq "$kth" ] || continue
        "$@" "${words[@]}" >>"$mine/log" 2>&1 || failed=$((failed + 1))
        [ $failed -lt 5 ] || break
    done 8<"$scratch/chosen"
    [ $failed -eq 0 ]
}

# COMMAND for each line of the chosen ones, JOBS of them at a time. Says how many were met.
side_by_side() { # WHAT OF-HOW-MANY COMMAND...
    local k pids=() failed=0 jobs=${JOBS:-$(nproc)} what=$1 all=$2
    shift 2
    for ((k = 0; k < jobs; k++)); do
        some_of $k "$@" &
        pids+=($!)
    done
    for k in "${pids[@]}"; do wait "$k" || failed=1; done
    cat "$scratch"/part.*/log 2>/dev/null
    echo "$what: $(cat "$scratch"/part.*/met | wc -l) points of $all," \
        "$(cat "$scratch"/part.*/repairs 2>/dev/null | wc -l) repaired" >>"$scratch/met"
    rm -rf "$scratch"/part.*
    [ $failed -eq 0 ] && [ -s "$scratch/chosen" ]
}

# every_point COMMAND FROM ACTION CHECK STEP: all points, or one in STEP.
every_point() {
    expectations "$1" "$2" || return 1
    awk -v step="$5" -v first="${FIRST:-0}" '(NR - 1) % step == first % step' "$scratch/points" >"$scratch/chosen"
    side_by_side "$1:$2 $3" "$(wc -l <"$scratch/points")" fault_at "$1" "$2" "$3" "$4"
}

# Each scenario of ONLY (default: all) is a test: COMMAND, called with its command and what it
# begins from before the other words. Those that the file MEMORY tells of passed before, in
# a run that did not come to its end, and are left out.
every_scenario() { # WHAT COMMAND...
    local what=$1 pair key
    local command=("${@:2}")
    for pair in ${ONLY:-$scenarios}; do
        key="$pair ${command[*]} ${FIRST:-0}:"
        one() {
            [ -z "${MEMORY:-}" ] || ! grep -sF "$key" "$MEMORY" >>"$scratch/met" || return 0
            "${command[0]}" "${pair%:*}" "${pair#*:}" "${command[@]:1}" || return 1
            [ -z "${MEMORY:-}" ] || echo "$key $(tail -n 1 "$scratch/met")" >>"$MEMORY"
        }
        test_case "$what ${pair%:*} (from ${pair#*:})" one
    done
}

points_met() { sed -nE 's/.* ([0-9]+) points of .*/\1/p' "$scratch/met" | awk '{n += $1} END {print n + 0}'; }

# What each fault test begins with; ends it where strace may not be used.
begin_faults() { # NAME
    exec 3>&1
    if ! strace -qq -o /dev/null true 2>/dev/null; then
        skip_case "$1" "strace does not work here"
        finish
        exit
    fi
    : >"$scratch/met"
    make_kit && serve_web && make_bases || { echo "Bail out! no bases to start from"; exit 1; }
}
