#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Thousands of damaged PDF files (tools/mutate.c), made of real acts where they are at hand
# and of the sample, each also as qpdf writes it without compression, so that what pages say
# is damaged too. Added 500 at a time: every run comes to its end with a documented exit code
# and tells of each file that it has acts, no text, or why it was refused; no process
# survives, memory stays bounded, the base is sound and answers.
#
#   COUNT=N     how many (default 10000), FROM=N from this seed on (default 0)
#   BATCH=N     how many in one run (default 500)
#   OCR=N       one run in N reads pages without text by OCR (default 10)
#   MEMORY=FILE batches that passed are kept here, and left out when run again
#   TMPDIR=DIR  where it writes: quickest in memory (/dev/shm)
. "$(dirname "$0")/../e2e/lib.sh"

count=${COUNT:-10000} first=${FROM:-0} batch=${BATCH:-500}
base=$scratch/base
main_most=600 # MB that the main program may hold; workers have limits of their own

make_seeds() {
    local f n=0
    mkdir -p "$scratch/seeds"
    find "$sample" "$shared/acts" -name '*.pdf' -size -100k 2>/dev/null | LC_ALL=C sort >"$scratch/list"
    while read -r f; do
        n=$((n + 1))
        cp "$f" "$scratch/seeds/$(printf %03d $n)a.pdf"
        qpdf --qdf --object-streams=disable "$f" "$scratch/seeds/$(printf %03d $n)b.pdf" 2>/dev/null
    done <"$scratch/list"
    find "$scratch/seeds" -size +400k -delete
    printf '[worker]\ntime = 30\n' >"$scratch/m.conf"
    echo "# $(find "$scratch/seeds" -type f | wc -l) files to begin with" >&3
    [ $n -gt 0 ]
}

# add_watched ARGUMENTS: exit code in $code, most memory of the main program in $most (kB).
# In a session of its own: who is left in it a moment afterwards has survived.
add_watched() {
    local pid kb left
    most=0 code=0
    setsid "$index" add --json --base "$base" --config "$scratch/m.conf" "$@" \
        >"$scratch/add.out" 2>"$scratch/err" </dev/null &
    pid=$!
    while kb=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status" 2>/dev/null) && [ "$kb" ]; do
        most=$((kb > most ? kb : most))
        sleep 0.1
    done
    wait $pid || code=$?
    for left in 1 2 3 4 5 6 7 8 9 10; do
        survivors=$(ps -o pid= -o args= --sid $pid)
        [ "$survivors" ] || break
        sleep 0.2
    done
}

ended_well() {
    [ $code -eq 0 ] || [ $code -eq 3 ] || { echo "exit $code"; tail -n 5 "$scratch/err"; return 1; }
    [ -z "$survivors" ] || { echo "survived: $survivors"; return 1; }
    [[ $build = *asan* ]] || [ $most -le $((main_most * 1024)) ] || { echo "$most kB"; return 1; }
    ! grep -q 'Sanitizer\|runtime error' "$scratch/err" || { head -n 40 "$scratch/err"; return 1; }
}

# The report counts each file once; what failed has a reason.
tells_of_all() { # HOW MANY
    jq -es --argjson n "$1" '(.[-1] | .type == "report" and .documents == $n and
            .indexed + .unchanged + .failed == $n) and
        ([.[] | select(.type == "failure")] | all(.path != "" and .reason != "")) and
        ([.[] | select(.type == "failure")] | length) == .[-1].failed' "$scratch/add.out" >/dev/null ||
        { echo "not told of all:"; tail -n 3 "$scratch/add.out"; return 1; }
}

still_answers() {
    expect 0 "$query" --base "$base" --json "prix de la cantine" && "$index" verify --base "$base"
}

one_batch() { # FROM
    local to=$(($1 + batch)) ocr=--no-ocr k=$((($1 - first) / batch)) failed
    [ $to -le $((first + count)) ] || to=$((first + count))
    [ $((k % ${OCR:-10})) -ne 0 ] || ocr=
    [ $((k % 10)) -ne 0 ] || rm -rf "$base"
    rm -rf "$scratch/in" && mkdir "$scratch/in"
    "$tools/mutate" "$scratch/in" "$1" $to "$scratch"/seeds/*.pdf || return 1
    # shellcheck disable=SC2086
    add_watched $ocr "$scratch/in" && ended_well && tells_of_all $((to - $1)) && still_answers || return 1
    failed=$(jq -s '.[-1].failed' "$scratch/add.out")
    echo "$1 $((to - $1)) $failed $most" >>"$scratch/met"
    [ $((k % 5)) -eq 0 ] || return 0
    # once more: what has a row has not changed, the others fail again
    # shellcheck disable=SC2086
    add_watched $ocr "$scratch/in" && ended_well && tells_of_all $((to - $1)) || return 1
    jq -es --argjson n "$failed" '.[-1] | .indexed == 0 and .failed == $n' "$scratch/add.out" >/dev/null ||
        { echo "otherwise the second time:"; tail -n 1 "$scratch/add.out"; return 1; }
}

kept_or_tried() { # FROM
    local key="batch $1 $batch $build:"
    [ -z "${MEMORY:-}" ] || ! grep -qsF "$key" "$MEMORY" || return 0
    one_batch "$1" || { cp -a "$scratch/in" "${KEEP:-$scratch/kept}" 2>/dev/null; return 1; }
    [ -z "${MEMORY:-}" ] || echo "$key" >>"$MEMORY"
}

exec 3>&1
: >"$scratch/met"
if ! command -v qpdf >/dev/null || ! command -v jq >/dev/null; then
    skip_case "mutated PDF files" "needs qpdf and jq"
    finish
    exit
fi
test_case "files to begin with" make_seeds
for ((at = first; at < first + count; at += batch)); do
    one() { kept_or_tried $at; }
    test_case "mutated files from $at on" one
done
awk '{n += $2; f += $3; m = $4 > m ? $4 : m} END {printf "# %d files, %d refused, main program at most %d MB\n", n, f, m / 1024}' \
    "$scratch/met"
finish
