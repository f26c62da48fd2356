#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The law: an invented delivery of LEGI with its known faults, then the real samples:
# stock, increment and suppression lists give the expected rows, the gold cases of what an
# article was on a day are right, a killed import goes on, a second one changes nothing.
. "$(dirname "$0")/lib.sh"

law=$shared/law
base=$scratch/base
root=legi/global/code_et_TNC_en_vigueur/code_en_vigueur/LEGI/TEXT/00/00/06/07/06
cid=LEGITEXT000006070633

# article DIRECTORY ID NUM ETAT FROM TO TEXT
article() {
    mkdir -p "$1/article/LEGI/ARTI"
    cat >"$1/article/LEGI/ARTI/$2.xml" <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<ARTICLE><META><META_COMMUN><ID>$2</ID></META_COMMUN><META_SPEC><META_ARTICLE>
	<NUM>$3</NUM><ETAT>$4</ETAT><DATE_DEBUT>$5</DATE_DEBUT><DATE_FIN>$6</DATE_FIN>
	</META_ARTICLE></META_SPEC></META><CONTEXTE><TEXTE cid="$cid" nature="CODE" num="">
	<TITRE_TXT debut="1996-02-24" fin="2999-01-01">Code d'essai</TITRE_TXT>
	<TM><TITRE_TM debut="1996-02-24" fin="2005-01-01">Ancien titre</TITRE_TM>
	<TITRE_TM debut="2005-01-01" fin="2999-01-01">Titre Ier</TITRE_TM></TM></TEXTE></CONTEXTE>
	<VERSIONS><VERSION><LIEN_ART debut="$5" fin="$6" id="$2"/></VERSION></VERSIONS>
	<NOTA><CONTENU/></NOTA><BLOC_TEXTUEL><CONTENU>$7</CONTENU></BLOC_TEXTUEL></ARTICLE>
	XML
}
id() { printf 'LEGIARTI%012d' "$1"; }

make_stock() {
    local d=$scratch/stock/$root/$cid
    article "$d" "$(id 1)" L1 MODIFIE 2000-01-01 2010-01-01 '<p>Un &amp; deux</p><p>trois</p>'
    article "$d" "$(id 2)" L1 VIGUEUR 2010-01-01 2999-01-01 \
        'A<br/>B &lt;br/&gt; C<table><tr><td>x</td><td>y</td></tr></table>l’<a href="z">article</a>, dit'
    article "$d" "$(id 3)" 'R*2-1.' VIGUEUR 2000-01-01 2020-01-01 'finit'
    article "$d" "$(id 4)" L4 MODIFIE_MORT_NE 2016-01-01 2015-12-24 'jamais'
    article "$d" "$(id 5)" L5 VIGUEUR_DIFF 2222-02-22 2999-01-01 'un jour'
    article "$d" "$(id 6)" '' VIGUEUR 2000-01-01 2999-01-01 'annexe'
    article "$d" "$(id 7)" L7 VIGUEUR 2000-01-01 2999-01-01 'ici'
    echo '<ARTICLE><META>' >"$d/article/LEGI/ARTI/$(id 8).xml"
    article "$scratch/stock/${root/TNC_en/TNC_nouveau}/$cid" "$(id 9)" L9 VIGUEUR 2000-01-01 \
        2999-01-01 'ailleurs'
    article "$scratch/stock/${root//06\/07\/06/06\/07\/07}/LEGITEXT000006070721" "$(id 10)" 1 \
        VIGUEUR 1804-03-15 2999-01-01 'autre code'
    mkdir -p "$d/section_ta"
    echo "<SECTION_TA><ID>LEGISCTA000000000001</ID><STRUCTURE_TA><LIEN_ART id=\"$(id 1)\"/>\
<LIEN_ART id=\"$(id 77)\"/></STRUCTURE_TA></SECTION_TA>" >"$d/section_ta/LEGISCTA000000000001.xml"
    tar -C "$scratch/stock" -czf "$scratch/Freemium_legi_global_20230101-140000.tar.gz" legi
}

make_increment() {
    local top=$scratch/inc/20230202-210000 d
    d=$top/$root/$cid
    article "$d" "$(id 1)" L1 MODIFIE 2000-01-01 2010-01-01 '<p>Un &amp; deux</p><p>trois</p>'
    article "$d" "$(id 11)" L11 VIGUEUR 2023-02-01 2999-01-01 'nouveau'
    # the lists stand after the files, with a flag, a lost slash and what is not there
    cat >"$top/liste_suppression_legi.dat" <<-LIST
	$root/$cid/article/LEGI/ARTI/00/00/00/00/00/$(id 7)
	$root/$cid/article/LEGI/ARTI/00/00/00/00/00/$(id 99)
	LIST
    printf '%s/%s/articleLEGI/ARTI/00/00/00/00/00/%s D\r\n' "$root" "$cid" "$(id 5)" \
        >"$top/liste_suppression_legi_dossier.dat"
    tar -C "$scratch/inc" -czf "$scratch/LEGI_20230202-210000.tar.gz" 20230202-210000/legi \
        20230202-210000/liste_suppression_legi.dat \
        20230202-210000/liste_suppression_legi_dossier.dat
}

ask() { "$query" article --base "$base" --json "$@"; }
is() { # FILTER ARTICLE DATE: the answer fulfils the filter
    ask "$2" --at "$3" >"$scratch/out" 2>"$scratch/err" || true
    jq -e "$1" "$scratch/out" >/dev/null || { echo "$2 on $3: not $1"; cat "$scratch/out"; return 1; }
}

invented_stock() {
    make_stock && make_increment || return 1
    expect 3 "$index" law import --json --base "$base" \
        "$scratch/Freemium_legi_global_20230101-140000.tar.gz" || return 1
    tail -n 1 "$scratch/out" | jq -e '.versions == 7 and .added == 7 and .unreadable == 1
        and .unknown_places == 1 and .other_texts == 1 and .never == 1 and .no_begin == 1
        and .no_number == 1 and .stale_state == 1 and .not_delivered == 1' >/dev/null ||
        { cat "$scratch/out"; return 1; }
    head -n 1 "$scratch/out" | jq -e '.type == "failure" and (.path | contains("00008"))' >/dev/null
}

invented_answers() {
    is '.state == "in_force" and .text == "Un & deux\ntrois" and .valid_to == "2010-01-01"
        and .changed_since and .section == "Ancien titre"' CGCT/L1 2009-12-31 &&
        is '.text == "A\nB\nC\nx | y\nl’article, dit" and .section == "Titre Ier"
            and .url == "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000002/2010-01-01"
            and .known_until == null' CGCT/L1 2010-01-01 &&
        is '.state == "in_force" and .known_until == "2023-01-01"' CGCT/L1 2023-01-02 &&
        is '.state == "repealed" and .valid_to == "2020-01-01"' 'CGCT/R*2-1' 2021-01-01 &&
        is '.state == "unknown" and .why == "gap"' CGCT/L4 2016-01-01 &&
        is '.state == "not_yet" and .valid_from == null' CGCT/L5 2022-01-01 &&
        is '.state == "unknown" and .why == "no_such_article"' CGCT/L9 2022-01-01 &&
        is '.state == "unknown" and .why == "not_imported"' CC/1 2022-01-01
}

invented_increment() {
    expect 0 "$index" law import --json --base "$base" "$scratch/LEGI_20230202-210000.tar.gz" ||
        return 1
    jq -e '.versions == 2 and .same == 1 and .added == 1 and .removed == 2 and .deletions == 3
        and .deletions_absent == 1' "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
    is '.why == "no_such_article"' CGCT/L7 2022-01-01 &&
        is '.why == "no_such_article"' CGCT/L5 2022-01-01 &&
        is '.state == "in_force" and .known_until == null' CGCT/L11 2023-02-02 &&
        is '.state == "in_force" and .known_until == "2023-02-02"' CGCT/L1 2023-02-03
}

twice() {
    local before
    before=$(sha256sum <"$base/law.db")
    expect 0 "$index" law import --base "$base" "$scratch" || return 1
    [ "$before" = "$(sha256sum <"$base/law.db")" ] || { echo "law.db changed"; return 1; }
}

same_from_folders() {
    local other=$scratch/folders
    mv "$scratch/stock" "$scratch/Freemium_legi_global_20230101-140000"
    expect 3 "$index" law import --base "$other" \
        "$scratch/Freemium_legi_global_20230101-140000" "$scratch/inc/20230202-210000" || return 1
    "$query" article --base "$base" CGCT/L1 --at 2010-01-01 --json >"$scratch/a"
    "$query" article --base "$other" CGCT/L1 --at 2010-01-01 --json >"$scratch/b"
    cmp "$scratch/a" "$scratch/b"
    [ "$("$index" law list --base "$base")" = "$("$index" law list --base "$other")" ]
}

increment_alone() {
    expect 3 "$index" law import --json --base "$scratch/alone" \
        "$scratch/LEGI_20230202-210000.tar.gz" || return 1
    jq -e '.versions == 0 and .without_stock == 1' "$scratch/out" >/dev/null
}

all_texts() {
    expect 3 "$index" law import --all --json --base "$scratch/every" \
        "$scratch/Freemium_legi_global_20230101-140000.tar.gz" || return 1
    expect 0 "$query" article --base "$scratch/every" 'art 1 code civil' --at 1900-01-01 &&
        says "$scratch/out" 'autre code'
    expect 2 "$index" law import --codes NOSUCH --base "$scratch/none" "$scratch" && one_line
}

wrong_use() {
    expect 4 "$query" article CGCT/L1 --base "$scratch/nothing" && one_line &&
        says "$scratch/err" 'greffier-index law import' &&
        expect 2 "$query" article 'no reference' --base "$base" && one_line &&
        expect 2 "$query" article CGCT/L1 --at 2020-02-30 --base "$base" && one_line &&
        expect 4 "$query" article CGCT/L999 --base "$base" && one_line &&
        expect 4 "$index" law import "$scratch/absent.tar.gz" --base "$base" && one_line &&
        expect 2 "$index" law import --base "$base" && expect 2 "$index" law frob --base "$base" &&
        expect 2 "$index" law update --base "$base" && one_line
}

damaged_archive() {
    head -c 700 "$scratch/Freemium_legi_global_20230101-140000.tar.gz" \
        >"$scratch/cut_legi_global_20240101-000000.tar.gz"
    expect 1 "$index" law import --base "$scratch/cut" \
        "$scratch/cut_legi_global_20240101-000000.tar.gz" && one_line &&
        rm "$scratch/cut_legi_global_20240101-000000.tar.gz"
}

bad_lines() {
    printf '%s\n' '{"code":"CU","article":"L1","valid_from":"2000-01-01","valid_to":null,"state":"VIGUEUR","text":"un"}' \
        '{"code":"CU","article":"L2"}' 'no json' \
        '{"code":"CU","article":"L3","valid_from":"soon","valid_to":null,"state":"VIGUEUR","text":"x"}' \
        >"$scratch/few.jsonl"
    expect 3 "$index" law import --json --base "$scratch/few" "$scratch/few.jsonl" || return 1
    tail -n 1 "$scratch/out" | jq -e '.versions == 3 and .added == 1 and .unreadable == 3' >/dev/null ||
        { cat "$scratch/out"; return 1; }
    base=$scratch/few is '.state == "in_force" and .text == "un" and .known_until == "2000-01-01"' \
        CU/L1 2001-01-01
}

# A stock of 6,000 articles, killed as soon as a part is committed.
killed_stock() {
    local d=$scratch/many/$root/$cid/article/LEGI/ARTI archive k
    archive=$scratch/many_legi_global_20230101-140000.tar.gz
    article "$scratch/one" ID_HERE NUM_HERE VIGUEUR 2000-01-01 2999-01-01 'texte NUM_HERE'
    mkdir -p "$d"
    perl -e 'undef $/; open F, shift; my $t = <F>; my $d = shift;
        for my $i (1 .. 6000) {
            my ($id, $x) = (sprintf("LEGIARTI%012d", $i), $t);
            $x =~ s/ID_HERE/$id/g; $x =~ s/NUM_HERE/L$i/g;
            open O, ">", "$d/$id.xml"; print O $x; close O;
        }' "$scratch/one/article/LEGI/ARTI/ID_HERE.xml" "$d"
    tar -C "$scratch/many" -czf "$archive" legi && rm -rf "$scratch/many"
    expect 0 "$index" law import --base "$scratch/undisturbed" "$archive" || return 1
    "$index" law import -q --base "$scratch/killed" "$archive" &
    for ((k = 0; k < 2000; k++)); do
        "$index" law list --base "$scratch/killed" 2>/dev/null | grep -q unfinished && break
        sleep 0.005
    done
    kill -KILL $! || { echo "ended too soon"; return 1; }
    wait
    expect 0 "$query" article --json --base "$scratch/killed" CGCT/L1 --at 2020-01-01 &&
        jq -e '.state == "unknown" and .why == "loading"' "$scratch/out" >/dev/null ||
        { cat "$scratch/out"; return 1; }
    expect 0 "$index" law import --json --base "$scratch/killed" "$archive" || return 1
    jq -e '.versions > 0 and .versions < 6000 and .same == 0' "$scratch/out" >/dev/null ||
        { cat "$scratch/out"; return 1; }
    rm "$archive"
    [ "$("$index" law list --json --base "$scratch/killed")" = \
        "$("$index" law list --json --base "$scratch/undisturbed")" ] &&
        expect 0 "$query" article --json --base "$scratch/killed" CGCT/L5999 --at 2020-01-01 &&
        jq -e '.text == "texte L5999"' "$scratch/out" >/dev/null
}

test_case "an invented stock: what it holds, and each anomaly counted" invented_stock
test_case "its articles on chosen days" invented_answers
test_case "an increment with both suppression lists" invented_increment
test_case "the same archives again change nothing" twice
test_case "unpacked folders give the same" same_from_folders
test_case "an increment needs its stock" increment_alone
test_case "a killed stock answers unknown, then goes on" killed_stock
test_case "--all and --codes" all_texts
test_case "wrong use: one line and the right exit code" wrong_use
test_case "a damaged archive: one line, nothing lost" damaged_archive
test_case "lines that cannot be read are named" bad_lines

# ---- real law

# all_of EXPECTED DAY: article --json of every article of the expected rows, a process for
# each code and letter
all_of() {
    jq -r '"\(.code)/\(.article)"' "$1" | sort -u >"$scratch/refs"
    sed -nE 's,^(.*)/([LRD])[0-9].*,\1 \2,p' "$scratch/refs" | sort -u | while read -r code letter; do
        "$query" article --at "$2" --json --base "$scratch/sample" \
            "articles $letter. 1 à $letter. 99999 $code" </dev/null
    done
    grep -vE '/[LRD][0-9]' "$scratch/refs" | while IFS= read -r ref; do
        "$query" article "$ref" --at "$2" --json --base "$scratch/sample" </dev/null
    done
}

sample_rows() { # EXPECTED: all versions of the two codes, as article --json tells them
    all_of "$1" 2020-01-01 | jq -c '.ref as $r | .versions[] | [$r, .legi_id, .etat,
        .valid_from // "-", .valid_to // "-"]' | sort >"$scratch/have"
    jq -c '["\(.code)/\(.article)", .id, .etat,
        (.date_debut | if . > "2222" then "-" else . end),
        (.date_fin | if . > "2222" then "-" else . end)]' "$1" | sort >"$scratch/want"
    diff "$scratch/have" "$scratch/want" | head -n 20
    [ -s "$scratch/want" ] && cmp "$scratch/have" "$scratch/want"
}

# The words of what was in force on some days. The expected files put a blank where a tag
# stood; greffier does not.
sample_texts() {
    local day
    for day in 2005-03-01 2013-01-01 2017-01-01 2023-12-01; do
        all_of "$1" "$day" | jq -r 'select(.state == "in_force") |
            [.legi_id, (.text | gsub("[\\s\u00a0]+"; "") | .[0:50])] | @tsv'
    done | sort -u >"$scratch/have"
    jq -r '[.id, (.text80 | gsub("[\\s\u00a0]+"; "") | .[0:50])] | @tsv' "$1" | sort -u >"$scratch/want"
    comm -23 "$scratch/have" "$scratch/want" | head -n 20
    [ "$(wc -l <"$scratch/have")" -gt 700 ] || { wc -l "$scratch/have"; return 1; }
    [ -z "$(comm -23 "$scratch/have" "$scratch/want")" ]
}

sample_stock() {
    tar -C "$scratch" -xzf "$law/legi-sample.tar.gz" &&
        expect 0 "$index" law import --base "$scratch/sample" \
            "$scratch"/legi-sample/Freemium_*.tar.gz &&
        sample_rows "$scratch/legi-sample/expected-after-stock.jsonl" &&
        sample_texts "$scratch/legi-sample/expected-after-stock.jsonl"
}

sample_increment() {
    expect 0 "$index" law import --base "$scratch/sample" "$scratch"/legi-sample/LEGI_*.tar.gz &&
        sample_rows "$scratch/legi-sample/expected-after-increment.jsonl"
}

# The articles of the gold cases, a chapter, and one article in ten of every code; all of
# them with GREFFIER_TEST_ALL set (a minute and a half more).
some_versions() {
    xz -dc "$law/versions.jsonl.xz" | if [ -n "${GREFFIER_TEST_ALL:-}" ]; then cat; else
        perl -ne 'BEGIN { open F, shift; while (<F>) {
                $gold{"$1/$2"} = 1 if /"code": ?"([^"]+)", ?"article": ?"([^"]+)"/ } }
            next unless /"code": ?"([^"]+)", ?"article": ?"([^"]+)"/;
            print if $gold{"$1/$2"} || "$1/$2" =~ m{^CGCT/L2121-} ||
                unpack("%32C*", "$1/$2") % 10 == 0' "$law/asof-gold.jsonl"
    fi >"$scratch/versions.jsonl"
    cp "$law/codes.tsv" "$scratch"
}

whole_import() { # under 500 MB of memory, killed in the middle
    local pid most=500000 all k
    case $build in *asan* | *tsan*) most=unlimited ;; esac # they reserve address space
    some_versions
    all=$(wc -l <"$scratch/versions.jsonl")
    (ulimit -v "$most" && exec "$index" law import -q --base "$scratch/whole" \
        "$scratch/versions.jsonl") >/dev/null 2>&1 &
    pid=$!
    for ((k = 0; k < 3000; k++)); do # until some codes are there
        [ "$("$index" law list --json --base "$scratch/whole" 2>/dev/null | wc -l)" -ge 2 ] && break
        sleep 0.02
    done
    kill -KILL "$pid" || { echo "ended too soon"; return 1; }
    wait "$pid" 2>/dev/null
    (ulimit -v "$most" && exec "$index" law import --json --base "$scratch/whole" \
        "$scratch/versions.jsonl") >"$scratch/report" || return 1
    jq -e --argjson n "$all" '.versions > 0 and .versions <= $n and .unreadable == 0' \
        "$scratch/report" >/dev/null || { cat "$scratch/report"; return 1; }
    "$index" law list --json --base "$scratch/whole" | jq -s -e --argjson n "$all" \
        'length == 32 and (map(.versions) | add) == $n and (map(.loading) | any | not)' >/dev/null &&
        expect 0 "$index" verify --base "$scratch/whole"
}

whole_again() {
    local before
    before=$(stat -c '%y %s' "$scratch/whole/law.db")
    expect 0 "$index" law import --base "$scratch/whole" "$scratch/versions.jsonl" || return 1
    [ "$before" = "$(stat -c '%y %s' "$scratch/whole/law.db")" ]
}

gold() { "$top/tests/tools/asofscore" "$query" "$scratch/whole" "$law/asof-gold.jsonl"; }

range() {
    expect 0 "$query" article --base "$scratch/whole" --json --at 2020-01-01 \
        'articles L. 2121-1 à L. 2121-4 du CGCT' || return 1
    [ "$(jq -r .ref "$scratch/out" | tr '\n' ' ')" = \
        "CGCT/L2121-1 CGCT/L2121-2 CGCT/L2121-2-1 CGCT/L2121-3 CGCT/L2121-4 " ]
}

if [ -d "$law" ]; then
    test_case "the sample stock gives the expected versions" sample_stock
    test_case "its increment and lists give the expected versions" sample_increment
    test_case "versions of all codes: killed, gone on with, in bounded memory" whole_import
    test_case "the same versions again change nothing" whole_again
    test_case "what an article was on a day: all gold cases" gold
    test_case "a range is given by its articles" range
else
    skip_case "real law" "no $law here"
fi
finish
