#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# train, on made-up texts: people and acts call each of forty things by words that have
# nothing in common; what is learned of them finds acts that were not learned from. Then
# eval --qa by itself, and what train refuses.
. "$(dirname "$0")/lib.sh"

data=$scratch/data
qa=$scratch/qa
model=$scratch/model.grfm

# Forty things of two names each, among words that say nothing; texts to learn from, and
# others (queries.jsonl, corpus.jsonl) to be measured on.
make_data() {
    mkdir -p "$data/train" "$data/law" "$qa"
    perl -e 'use strict; my ($data, $qa) = @ARGV; srand 7;
        my @c = split //, "bdfglmnprstv"; my @v = qw(a e i o u);
        my %taken;
        sub word { for (;;) { my $w = join "", map { $c[rand @c] . $v[rand @v] } 1 .. 4;
            return $w unless $taken{substr $w, 0, 4}++ } }
        my @dull = map { word() } 1 .. 60;
        my @said = map { word() } 1 .. 40; my @written = map { word() } 1 .. 40;
        sub dull { join " ", map { $dull[rand @dull] } 1 .. $_[0] }
        sub act { my $k = shift; join " ", map { dull(7) . " $written[$k]" } 1 .. 3 }
        sub asked { my $k = shift; dull(1) . " $said[$k] " . dull(1) }
        sub out { my $name = shift; open my $h, ">", $name or die "$name: $!"; print $h @_; close $h }
        my (@q, @cards, @syn, @pages, @law, @more, @corpus, @queries, @qrels, @left);
        for my $k (0 .. 39) {
            for my $i (1 .. 6) {
                push @q, sprintf qq({"source":"%s/x%d.pdf","passage":"%s","questions":["%s","%s"]}\n),
                    $i == 6 ? "Ailleurs" : "Courvanne", $k, act($k), asked($k), asked($k);
            }
            push @cards, sprintf qq({"passage":"%s","q":["%s"]}\n), act($k), asked($k);
            push @syn, "$written[$k] | ". dull(1) . "\t$said[$k]\tx$k\n" if $k % 2;
            push @pages, sprintf qq({"body":"%s","file":"f%d.pdf","page":1,"text":"%s"}\n),
                $k == 39 ? "Ailleurs" : "Courvanne", $k, join " ", map { act($k) } 1 .. 3;
            push @law, sprintf qq({"code":"Code %d","short":"C","article":"L%d","section_path":["Titre Ier : %s","Section %d : %s"],"text":"%s"}\n),
                $k % 3, $k, dull(2), $k, "$said[$k] " . dull(1), act($k);
            push @corpus, sprintf qq({"_id":"d%d","title":"","text":"%s"}\n), $k, act($k);
            push @queries, sprintf qq({"_id":"q%d","text":"%s"}\n), $k, asked($k);
            push @qrels, "q$k\td$k\t1\n";
        }
        my $words = ($pages[3] =~ /"text":"(\S+ \S+ \S+)/)[0];
        push @more, qq({"source":"Courvanne/f3.pdf","page":1,"starts":"$words","questions":["$said[3]"]}\n),
            qq({"source":"Courvanne/f3.pdf","page":9,"starts":"$words","questions":["$said[3]"]}\n),
            sprintf qq({"passage":"%s","q":["%s"]}\n), act(3), asked(3);
        push @left, sprintf qq({"code":"C","text":"%s"}\n), ($law[5] =~ /Section 5 : ([a-z ]+)/)[0];
        out("$data/train/questions.jsonl", @q); out("$data/train/cards.jsonl", @cards);
        out("$data/train/thesaurus.tsv", @syn); out("$data/train/municipal.jsonl", @pages);
        out("$data/law/codes.jsonl", @law); out("$data/more.jsonl", @more); out("$data/left.jsonl", @left);
        out("$qa/corpus.jsonl", @corpus); out("$qa/queries.jsonl", @queries);
        out("$qa/qrels.tsv", "query-id\tcorpus-id\tscore\n", @qrels)' "$data" "$qa" &&
        xz "$data/train/municipal.jsonl"
}

train() { "$index" train --data "$data" --dim 64 --batch 64 --min-count 1 "$@"; }

# Of the vectors alone: the share of queries whose act comes first, in thousandths.
first_of() { # MODEL
    printf '[model]\npath = %s\n' "$1" >"$scratch/greffier.conf"
    expect 0 "$query" eval --config "$scratch/greffier.conf" --qa "$qa" || return 1
    first=$(awk -F'|' '$2 ~ /vector/ {printf "%d", $5 * 1000}' "$scratch/out")
    echo "first: $first of 1000"
    [ -n "$first" ]
}

learns() {
    make_data || return 1
    expect 0 train --steps 1 --out "$scratch/new.grfm" && first_of "$scratch/new.grfm" || return 1
    local before=$first
    expect 0 train -v --steps 300 --questions "$data/more.jsonl" --leave-out "$data/left.jsonl" \
        --exclude-body Ailleurs --out "$model" || return 1
    cp "$scratch/err" "$scratch/log"
    says "$scratch/out" "$model" && first_of "$model" || return 1
    [ "$first" -ge 800 ] && [ "$before" -le 300 ]
}

loss_falls() {
    sed -n 's/.*step \([0-9]*\): loss \([0-9.]*\).*/\1 \2/p' "$scratch/log" >"$scratch/losses"
    cat "$scratch/losses"
    awk 'NR == 1 {first = $2} {last = $2; n++} END {exit !(n == 3 && last < first * 0.8)}' \
        "$scratch/losses"
}

# Forty pages and six questions of forty things less one page and forty questions.
leaves_out() {
    grep -o '[0-9]* articles.*lines' "$scratch/log"
    says "$scratch/log" '40 articles, 39 pages' && says "$scratch/log" 'left out: 1 titles, 41 pages and passages' &&
        says "$scratch/log" 'passages of 1 lines'
}

same_again() {
    expect 0 train --steps 20 --threads 1 --out "$scratch/a.grfm" &&
        expect 0 train --steps 20 --threads 1 --out "$scratch/b.grfm" &&
        expect 0 train --steps 20 --threads 1 --seed 2 --out "$scratch/c.grfm" || return 1
    cmp "$scratch/a.grfm" "$scratch/b.grfm" && ! cmp -s "$scratch/a.grfm" "$scratch/c.grfm"
}

serves_a_base() {
    local base=$scratch/base
    printf '[model]\npath = %s\n' "$model" >"$scratch/greffier.conf"
    mkdir "$scratch/acts"
    "$tools/mkpdf" text "$scratch/acts/a.pdf" "Le conseil fixe le prix de la cantine." >/dev/null
    expect 0 "$index" add --base "$base" --config "$scratch/greffier.conf" "$scratch/acts" &&
        expect 0 "$index" verify --base "$base" --config "$scratch/greffier.conf" || return 1
    # a base never mixes models
    expect 1 "$query" --base "$base" cantine || return 1
    one_line
}

refused() {
    expect 2 "$index" train --data "$data" && says "$scratch/err" "--out" &&
        expect 2 train --dim 33 --out "$scratch/x" && says "$scratch/err" "multiple of 32" &&
        expect 2 train --title 90 --out "$scratch/x" && says "$scratch/err" "100" &&
        expect 4 "$index" train --data "$scratch/none" --out "$scratch/x" && one_line || return 1
    cp -a "$data" "$scratch/bad"
    echo '{"passage": ' >>"$scratch/bad/train/cards.jsonl"
    expect 1 "$index" train --data "$scratch/bad" --out "$scratch/x" &&
        says "$scratch/err" "cards.jsonl:41" && one_line || return 1
    cp "$data/train/cards.jsonl" "$scratch/bad/train/"
    : >"$scratch/bad/train/thesaurus.tsv"
    expect 2 "$index" train --data "$scratch/bad" --out "$scratch/x" &&
        says "$scratch/err" "too little to train on" || return 1
    echo '{"source": "x"}' >"$scratch/bad/more.jsonl"
    expect 2 train --questions "$scratch/bad/more.jsonl" --out "$scratch/x" &&
        says "$scratch/err" "more.jsonl:1" && one_line && [ ! -e "$scratch/x" ]
}

qa_refuses() {
    expect 0 "$query" eval --qa "$qa" --sample 5 && says "$scratch/out" "| hybrid | 5 |" || return 1
    expect 4 "$query" eval --qa "$scratch/none" && one_line || return 1
    cp -a "$qa" "$scratch/badqa"
    echo "q1 d1" >"$scratch/badqa/qrels.tsv"
    expect 1 "$query" eval --qa "$scratch/badqa" && says "$scratch/err" "three columns" || return 1
    cp "$qa/qrels.tsv" "$scratch/badqa/"
    echo '{"text": "x"}' >>"$scratch/badqa/corpus.jsonl"
    expect 1 "$query" eval --qa "$scratch/badqa" && says "$scratch/err" "corpus.jsonl:41" || return 1
    cp "$qa/corpus.jsonl" "$scratch/badqa/"
    echo '{"text": "x"}' >>"$scratch/badqa/queries.jsonl"
    expect 1 "$query" eval --qa "$scratch/badqa" && says "$scratch/err" "queries.jsonl:41" &&
        ! ls -d "$scratch"/greffier-eval-* 2>/dev/null
}

export TMPDIR=$scratch # what eval --qa leaves would be seen
test_case "what it learned finds acts it did not learn from" learns
test_case "the loss falls" loss_falls
test_case "what is to be left out is" leaves_out
test_case "same texts and seed, same model" same_again
test_case "a base of its own model, not mixed with another" serves_a_base
test_case "what it refuses" refused
test_case "eval --qa: a sample, and what it refuses" qa_refuses
finish
