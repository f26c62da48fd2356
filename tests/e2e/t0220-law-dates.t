#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The law of an act, on its day and today: shown with the act, followed through changes of
# number, and as new as the last import, without a row of the acts being written.
. "$(dirname "$0")/lib.sh"

base=$scratch/base
courvanne=$sample/courvanne-les-tilleuls
root=legi/global/code_et_TNC_en_vigueur/code_en_vigueur/LEGI/TEXT/00/00/06/07/06
cid=LEGITEXT000006070633

id() { printf 'LEGIARTI%012d' "$1"; }

# article FOLDER N NUM ETAT FROM TO TEXT [VERSIONS [LINKS]]
article() {
    local d=$1/$root/$cid/article/LEGI/ARTI
    mkdir -p "$d"
    cat >"$d/$(id "$2").xml" <<-XML
	<?xml version="1.0" encoding="UTF-8"?>
	<ARTICLE><META><META_COMMUN><ID>$(id "$2")</ID></META_COMMUN><META_SPEC><META_ARTICLE>
	<NUM>$3</NUM><ETAT>$4</ETAT><DATE_DEBUT>$5</DATE_DEBUT><DATE_FIN>$6</DATE_FIN>
	</META_ARTICLE></META_SPEC></META><CONTEXTE><TEXTE cid="$cid" nature="CODE" num="">
	<TITRE_TXT debut="1996-02-24" fin="2999-01-01">Code d'essai</TITRE_TXT></TEXTE></CONTEXTE>
	<VERSIONS><VERSION><LIEN_ART debut="$5" fin="$6" id="$(id "$2")" num="$3"/></VERSION>
	${8-}</VERSIONS><NOTA><CONTENU/></NOTA><BLOC_TEXTUEL><CONTENU>$7</CONTENU></BLOC_TEXTUEL>
	<LIENS>${9-}</LIENS></ARTICLE>
	XML
}
follows() { # N NUM FROM
    printf '<VERSION><LIEN_ART debut="%s" fin="2999-01-01" id="%s" num="%s"/></VERSION>' "$3" "$(id "$1")" "$2"
}
linked() { # TYPE N NUM
    printf '<LIEN cidtexte="%s" id="%s" naturetexte="CODE" num="%s" sens="source" typelien="%s">Code</LIEN>' \
        "$cid" "$(id "$2")" "$3" "$1"
}

# Of the four articles that the act cites, one changes, one is transferred, one goes on
# under another number, one stays; a fifth is none of its business.
make_law() {
    local d=$scratch/20240101-140000
    article "$d" 1 L2223-17 MODIFIE 1996-02-24 2020-01-01 \
        "Lorsque, après une période de trente ans, une concession a cessé d'être entretenue" \
        "$(follows 2 L2223-17 2020-01-01)"
    article "$d" 2 L2223-17 VIGUEUR 2020-01-01 2999-01-01 \
        "Lorsque, après une période de quinze ans, une concession funéraire a cessé d’être entretenue"
    article "$d" 3 L2223-18 TRANSFERE 1996-02-24 2019-01-01 'Un décret en fixe les conditions' '' \
        "$(linked TRANSFERT 4 L2223-99)$(linked CITATION 2 L2223-17)"
    article "$d" 4 L2223-99 VIGUEUR 2019-01-01 2999-01-01 'Un décret en Conseil d’État en fixe les conditions'
    article "$d" 5 R2223-12 MODIFIE 2000-04-09 2021-01-01 'La reprise est faite' \
        "$(follows 6 R2223-112 2021-01-01)"
    article "$d" 6 R2223-112 VIGUEUR 2021-01-01 2999-01-01 'La reprise est faite dans l’année'
    article "$d" 7 R2223-23 VIGUEUR 2000-04-09 2999-01-01 'Restée la même'
    article "$d" 8 L1 VIGUEUR 2000-01-01 2999-01-01 'Autre chose'
    tar -C "$d" -czf "$scratch/Freemium_legi_global_20240101-140000.tar.gz" legi
    d=$scratch/inc
    article "$d/20240202-210000" 7 R2223-23 MODIFIE 2000-04-09 2024-02-01 'Restée la même' \
        "$(follows 9 R2223-23 2024-02-01)"
    article "$d/20240202-210000" 9 R2223-23 VIGUEUR 2024-02-01 2999-01-01 'Plus la même'
    tar -C "$d" -czf "$scratch/LEGI_20240202-210000.tar.gz" 20240202-210000
}

acts() {
    expect 0 "$index" add --base "$base" --no-ocr "$courvanne/Delib_2017-18_cimetiere-reprise-concessions.pdf" \
        "$courvanne/2023-12-14-PV-signe.pdf" || return 1
    "$query" citing --base "$base" --json L2223-17 >"$scratch/citing" || return 1
    jq -r 'select(.type == "citing").act.id' "$scratch/citing" | head -n 1 >"$scratch/id"
    [ -s "$scratch/id" ]
}

show() { "$query" show --base "$base" "$@" "$(cat "$scratch/id")" </dev/null; }
law_is() { # FILTER: of the act's references by their names
    show --json --changes >"$scratch/out" 2>"$scratch/err" || { cat "$scratch/err"; return 1; }
    jq -e '.act.session_date as $day | [.law[] | {(.ref): .}] | add |'" $1" "$scratch/out" >/dev/null ||
        { echo "not $1"; jq -c '.law[]' "$scratch/out"; return 1; }
}

without_law() {
    law_is 'length == 4 and all(.[]; .verdict == "unknown" and .why == "not_imported" and .at.day == $day)' &&
        show >"$scratch/out" && says "$scratch/out" 'No law is imported' &&
        says "$scratch/out" 'Not checked (4)'
}

on_both_days() {
    make_law
    expect 0 "$index" law import --base "$base" "$scratch/Freemium_legi_global_20240101-140000.tar.gz" ||
        return 1
    law_is '.["CGCT/L2223-17"] | .verdict == "modified" and .known_until == "2024-01-01" and
        (.as_printed | test("2223")) and .page == 1 and .span[1] - .span[0] == (.as_printed | length) and
        .at.state == "in_force" and .at.valid_to == "2020-01-01" and .at.legi_id == "LEGIARTI000000000001" and
        .at.url == "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000001/" + $day and
        .today.legi_id == "LEGIARTI000000000002" and .today.valid_from == "2020-01-01" and
        ([.changes[] | select(.op != "same") | [.op, (.text | gsub(" +$"; ""))]] ==
         [["del", "trente"], ["ins", "quinze"], ["ins", "funéraire"]])' &&
        law_is '.["CGCT/R2223-23"] | .verdict == "same" and .known_until == "2024-01-01" and .changes == null'
}

renumbered() {
    law_is '.["CGCT/L2223-18"] | .verdict == "renumbered" and .gone_on == "2019-01-01" and
        .renumbered_to == [{"ref": "CGCT/L2223-99", "on": "2019-01-01", "by": "legi", "state": "in_force",
            "url": ("https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000004/" + .today.day)}]' &&
        law_is '.["CGCT/R2223-12"] | .verdict == "renumbered" and .today.state == "repealed" and
        (.renumbered_to | length == 1) and .renumbered_to[0].ref == "CGCT/R2223-112"' || return 1
    expect 0 "$query" article --base "$base" CGCT/R2223-12 --at 2022-01-01 --json &&
        jq -e '.state == "repealed" and .renumbered_to[0].ref == "CGCT/R2223-112" and
            .versions[0].url == "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000005/2000-04-09"' \
            "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
    echo "Vu l'article L. 2223-18 du CGCT" >"$scratch/draft.txt"
    expect 0 "$query" check --base "$base" --json "$scratch/draft.txt" &&
        jq -e '.status == "repealed" and .renumbered_to[0].ref == "CGCT/L2223-99" and (.url | contains("LEGIARTI"))' \
            "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
    expect 0 "$query" check --base "$base" "$scratch/draft.txt" && says "$scratch/out" 'L. 2223-99'
}

in_words() {
    show --changes >"$scratch/out" || return 1
    says "$scratch/out" '[-trente-] {+quinze+} ans' && says "$scratch/out" '; changed on 1er janvier 2020' &&
        says "$scratch/out" '; renumbered, now article L. 2223-99 du CGCT (since 1er janvier 2019)' &&
        says "$scratch/out" 'The same today, as far as is known (1)' &&
        says "$scratch/out" 'CGCT is known until 1er janvier 2024' &&
        says "$scratch/out" 'https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000000000002/'
}

citing_links() {
    expect 0 "$query" citing --base "$base" --json L2223-17 &&
        head -n 1 "$scratch/out" | jq -e '.law.verdict == "modified" and
            (.law.at | .url | endswith("LEGIARTI000000000001/2017-06-26")) and .act.session_date == .law.at.day' \
            >/dev/null || { cat "$scratch/out"; return 1; }
    expect 0 "$query" citing --base "$base" L2223-17 && says "$scratch/out" 'article_lc/LEGIARTI000000000001/'
}

article_changes() {
    expect 0 "$query" article --base "$base" CGCT/L2223-17 --changes-from 2019-01-01 --at 2020-01-01 &&
        says "$scratch/out" '[-trente-] {+quinze+} ans' || return 1
    expect 0 "$query" article --base "$base" --json CGCT/L2223-17 --changes-from 2019-01-01 --at 2020-01-01 &&
        jq -e '. as $a | ([.changes[] | select(.op != "del").text] | add) == $a.text and
            .changes_from.valid_from == "1996-02-24" and (.changes | map(.op) | unique == ["del", "ins", "same"])' \
            "$scratch/out" >/dev/null || { cat "$scratch/out"; return 1; }
    expect 0 "$query" article --base "$base" --json CGCT/L2223-17 --changes-from 2018-01-01 --at 2019-01-01 &&
        jq -e '.changes | length == 1 and .[0].op == "same"' "$scratch/out" >/dev/null || return 1
    expect 0 "$query" article --base "$base" --json CGCT/L2223-17 --changes-from 1990-01-01 --at 2019-01-01 &&
        jq -e '.changes == null and .changes_from.state == "not_yet"' "$scratch/out" >/dev/null || return 1
    expect 2 "$query" article --base "$base" CGCT/L2223-17 --changes-from 2019-13-01 && one_line
}

# Nothing about the law is kept with the acts: an import changes what is said of them, and
# not a byte of their rows.
as_new_as_the_law() {
    local before
    before=$(cat "$base"/greffier.db "$base"/fulltext.*/* "$base"/vectors.*/* 2>/dev/null | sha256sum)
    expect 0 "$index" law import --base "$base" "$scratch/LEGI_20240202-210000.tar.gz" || return 1
    law_is '.["CGCT/R2223-23"] | .verdict == "modified" and .today.legi_id == "LEGIARTI000000000009" and
        .known_until == "2024-02-02"' || return 1
    [ "$before" = "$(cat "$base"/greffier.db "$base"/fulltext.*/* "$base"/vectors.*/* 2>/dev/null | sha256sum)" ] ||
        { echo "the rows of the acts changed"; return 1; }
}

# A document of several acts has no one day.
several_acts() {
    local doc
    doc=$("$query" citing --base "$base" --json loi/2018-702 | head -n 1 | jq -r .act.id)
    doc=${doc%.*}
    expect 0 "$query" show --base "$base" --json "$doc" && jq -e '.law == null' "$scratch/out" >/dev/null &&
        expect 0 "$query" show --base "$base" "$doc" && says "$scratch/out" 'holds several acts'
}

coverage() {
    expect 0 "$query" status --base "$base" && says "$scratch/out" 'CGCT: 7 articles, 9 versions, known until' &&
        expect 0 "$index" status --base "$base" --json || return 1
    jq -se 'map(select(.type == "law")) | length == 1 and (.[0] | .code == "CGCT" and .articles == 7 and
        .versions == 9 and .known_until == "2024-02-02" and (.loading | not))' "$scratch/out" >/dev/null ||
        { cat "$scratch/out"; return 1; }
    expect 0 "$index" verify --base "$base"
}

damaged_law() {
    cp -a "$base" "$scratch/damaged" && rm -f "$scratch/damaged"/law.db-* || return 1
    echo 'no database at all' >"$scratch/damaged/law.db"
    expect 1 "$index" verify --base "$scratch/damaged" && says "$scratch/out" law.db || return 1
    expect 0 "$query" show --base "$scratch/damaged" "$(cat "$scratch/id")" && says "$scratch/err" law.db &&
        says "$scratch/out" 2223 && expect 0 "$query" status --base "$scratch/damaged" &&
        says "$scratch/out" law.db
}

nothing_imported() {
    expect 4 "$index" law import --base "$scratch/none" "$scratch/absent.tar.gz" && one_line &&
        [ ! -e "$scratch/none" ] && expect 0 "$index" init --base "$scratch/none" || return 1
    mkdir "$scratch/empty"
    "$index" law import --base "$scratch/none" "$scratch/empty" >/dev/null 2>&1
    [ ! -e "$scratch/none/law.db" ] || { echo "a law.db was left behind"; ls "$scratch/none"; return 1; }
    expect 0 "$query" status --base "$scratch/none" && says "$scratch/out" 'law: none'
}

test_case "two documents are indexed" acts
test_case "without law each reference is unknown, and says so" without_law
test_case "each reference on the act's day and today, with what changed" on_both_days
test_case "where renumbered articles went" renumbered
test_case "the same in words" in_words
test_case "citing gives the version of each act's day" citing_links
test_case "article: changes between two days" article_changes
test_case "an import changes the answers and no row of the acts" as_new_as_the_law
test_case "a document of several acts" several_acts
test_case "status and verify know the law" coverage
test_case "a damaged law.db is found, and stops nothing else" damaged_law
test_case "an import of nothing leaves nothing" nothing_imported
finish
