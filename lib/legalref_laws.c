/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Laws and decrees that acts cite by name or by date alone. Where two texts bear the
 * same date the one that communes mean stands here; the other is found by number.
 */
#include "legalref_priv.h"

const char *const lr_type_names[LR_TYPES] = {"loi", "decret", "ordonnance", "arrete", "ue"};

/* Names are folded; one word alone must be printed with a capital. */
const struct lr_law lr_laws[] = {
    {LR_LOI, 19750103, "75-3", NULL},
    {LR_LOI, 19750715, "75-633", NULL},
    {LR_LOI, 19751231, "75-1334", "relative a la sous traitance"},
    {LR_LOI, 19770103, "77-2", NULL},
    {LR_LOI, 19780106, "78-17", "informatique et libertes|informatique et liberte"},
    {LR_LOI, 19780717, "78-753", "cada"},
    {LR_LOI, 19790711, "79-587", NULL},
    {LR_LOI, 19800110, "80-10", NULL},
    {LR_LOI, 19820302, "82-213", "defferre"},
    {LR_LOI, 19820628, "82-540", NULL},
    {LR_LOI, 19821231, "82-1169", "plm"},
    {LR_LOI, 19830107, "83-8", NULL},
    {LR_LOI, 19830713, "83-634", "le pors"},
    {LR_LOI, 19830722, "83-663", NULL},
    {LR_LOI, 19840111, "84-16", NULL},
    {LR_LOI, 19840126, "84-53", NULL},
    {LR_LOI, 19840712, "84-594", NULL},
    {LR_LOI, 19850109, "85-30", "montagne|montagne 1|montagne i"},
    {LR_LOI, 19850712, "85-704", "mop|maitrise d ouvrage publique"},
    {LR_LOI, 19850718, "85-729", NULL},
    {LR_LOI, 19860103, "86-2", "littoral"},
    {LR_LOI, 19860109, "86-33", NULL},
    {LR_LOI, 19860930, "86-1067", "leotard"},
    {LR_LOI, 19870713, "87-529", NULL},
    {LR_LOI, 19880105, "88-13", NULL},
    {LR_LOI, 19890706, "89-462", "mermaz"},
    {LR_LOI, 19900531, "90-449", "besson"},
    {LR_LOI, 19910710, "91-647", NULL},
    {LR_LOI, 19910103, "91-2", NULL},
    {LR_LOI, 19920103, "92-3", "sur l eau"},
    {LR_LOI, 19920203, "92-108", NULL},
    {LR_LOI, 19920206, "92-125", "atr|administration territoriale de la republique|joxe"},
    {LR_LOI, 19930129, "93-122", "sapin|sapin 1|sapin i"},
    {LR_LOI, 19930108, "93-24", "paysage|paysages"},
    {LR_LOI, 19940628, "94-504", NULL},
    {LR_LOI, 19941227, "94-1134", "hoeffel"},
    {LR_LOI, 19950202, "95-101", "barnier"},
    {LR_LOI, 19960412, "96-314", NULL},
    {LR_LOI, 19961230, "96-1236", "laure|sur l air"},
    {LR_LOI, 19990625, "99-533", "voynet|loaddt"},
    {LR_LOI, 19990712, "99-586", "chevenement"},
    {LR_LOI, 20000412, "2000-321", "dcra"},
    {LR_LOI, 20000705, "2000-614", "besson 2|besson ii"},
    {LR_LOI, 20001213, "2000-1208",
     "sru|solidarite et renouvellement urbain|solidarite renouvellement urbain|"
     "solidarite et au renouvellement urbain|"
     "solidarite au renouvellement urbain|solidarite et renouvellement urbains|"
     "solidarite et au renouvellement urbains"},
    {LR_LOI, 20010103, "2001-2", "sapin emploi precaire"},
    {LR_LOI, 20010719, "2001-624", NULL},
    {LR_LOI, 20020102, "2002-2", NULL},
    {LR_LOI, 20020117, "2002-73", NULL},
    {LR_LOI, 20020227, "2002-276", "vaillant|democratie de proximite"},
    {LR_LOI, 20020304, "2002-303", "kouchner"},
    {LR_LOI, 20030117, "2003-47", NULL},
    {LR_LOI, 20030702, "2003-590", "urbanisme et habitat"},
    {LR_LOI, 20030730, "2003-699", "bachelot"},
    {LR_LOI, 20030801, "2003-710", "borloo"},
    {LR_LOI, 20030821, "2003-775", "fillon"},
    {LR_LOI, 20040809, "2004-803", NULL},
    {LR_LOI, 20040813, "2004-809", "libertes et responsabilites locales|lrl"},
    {LR_LOI, 20050118, "2005-32", "cohesion sociale"},
    {LR_LOI, 20050211, "2005-102", "handicap"},
    {LR_LOI, 20050223, "2005-157", "dtr"},
    {LR_LOI, 20060713, "2006-872", "enl|engagement national pour le logement"},
    {LR_LOI, 20061230, "2006-1772", "lema|eau et les milieux aquatiques|"
                                    "eau et milieux aquatiques"},
    {LR_LOI, 20070219, "2007-209", NULL},
    {LR_LOI, 20070305, "2007-297", "prevention de la delinquance"},
    {LR_LOI, 20081201, "2008-1249", "rsa"},
    {LR_LOI, 20080715, "2008-696", NULL},
    {LR_LOI, 20080804, "2008-776", "lme|modernisation de l economie"},
    {LR_LOI, 20090325, "2009-323", "molle|boutin"},
    {LR_LOI, 20090512, "2009-526", NULL},
    {LR_LOI, 20090803, "2009-967", "grenelle 1|grenelle i"},
    {LR_LOI, 20090803, "2009-972", "mobilite et parcours professionnels"},
    {LR_LOI, 20091028, "2009-1312", "carle"},
    {LR_LOI, 20100310, "2010-241", "service civique"},
    {LR_LOI, 20100705, "2010-751", NULL},
    {LR_LOI, 20100712, "2010-788",
     "grenelle 2|grenelle ii|grenelle ll|ene|engagement national pour l environnement"},
    {LR_LOI, 20100727, "2010-874", "lma"},
    {LR_LOI, 20101207, "2010-1488", "nome|nouvelle organisation du marche de l electricite"},
    {LR_LOI, 20101216, "2010-1563", "rct|reforme des collectivites territoriales"},
    {LR_LOI, 20110317, "2011-267", "loppsi 2|loppsi ii"},
    {LR_LOI, 20120312, "2012-347", "sauvadet"},
    {LR_LOI, 20121231, "2012-1510", NULL},
    {LR_LOI, 20130117, "2013-61", NULL},
    {LR_LOI, 20130415, "2013-312", "brottes"},
    {LR_LOI, 20130517, "2013-403", "valls"},
    {LR_LOI, 20130708, "2013-595", "peillon|refondation de l ecole"},
    {LR_LOI, 20131011, "2013-907", "transparence de la vie publique"},
    {LR_LOI, 20140127, "2014-58", "maptam|maptan|mapam|maptaam"},
    {LR_LOI, 20140206, "2014-110", "labbe"},
    {LR_LOI, 20140221, "2014-173", "lamy"},
    {LR_LOI, 20140324, "2014-366",
     "alur|acces au logement et un urbanisme renove|acces au logement et a un urbanisme renove|"
     "duflot"},
    {LR_LOI, 20140618, "2014-626", "pinel"},
    {LR_LOI, 20140731, "2014-856", "ess|economie sociale et solidaire|hamon"},
    {LR_LOI, 20141013, "2014-1170", "laaaf"},
    {LR_LOI, 20150116, "2015-29", NULL},
    {LR_LOI, 20150316, "2015-292", NULL},
    {LR_LOI, 20150331, "2015-366", NULL},
    {LR_LOI, 20150806, "2015-990", "macron"},
    {LR_LOI, 20150807, "2015-991",
     "notre|nouvelle organisation territoriale de la republique"},
    {LR_LOI, 20150817, "2015-992",
     "tecv|ltecv|transition energetique|transition energetique pour la croissance verte"},
    {LR_LOI, 20151228, "2015-1776", "asv"},
    {LR_LOI, 20160126, "2016-41", "touraine"},
    {LR_LOI, 20160420, "2016-483", "deontologie"},
    {LR_LOI, 20160707, "2016-925", "lcap|cap|liberte de la creation"},
    {LR_LOI, 20160808, "2016-1087", "biodiversite"},
    {LR_LOI, 20161007, "2016-1321", "lemaire|republique numerique|"
                                    "pour une republique numerique"},
    {LR_LOI, 20161209, "2016-1691", "sapin 2|sapin ii"},
    {LR_LOI, 20161228, "2016-1888", "montagne 2|montagne ii"},
    {LR_LOI, 20170127, "2017-86", "egalite et citoyennete|egalite citoyennete|lec"},
    {LR_LOI, 20170228, "2017-257", NULL},
    {LR_LOI, 20180803, "2018-702", "ferrand"},
    {LR_LOI, 20180810, "2018-727", "essoc"},
    {LR_LOI, 20181030, "2018-938", "egalim|egalim 1|egalim i"},
    {LR_LOI, 20181123, "2018-1021",
     "elan|evolution du logement de l amenagement et du numerique"},
    {LR_LOI, 20190522, "2019-486", "pacte"},
    {LR_LOI, 20190726, "2019-791", "blanquer|ecole de la confiance|"
                                   "pour une ecole de la confiance"},
    {LR_LOI, 20190806, "2019-828",
     "tfp|transformation de la fonction publique|de transformation de la fonction publique"},
    {LR_LOI, 20191108, "2019-1147", "energie climat|energie et climat"},
    {LR_LOI, 20191224, "2019-1428", "lom|orientation des mobilites"},
    {LR_LOI, 20191227, "2019-1461",
     "engagement et proximite|engagement proximite|engagement dans la vie locale|lecornu"},
    {LR_LOI, 20200210, "2020-105",
     "agec|anti gaspillage|anti gaspillage pour une economie circulaire|"
     "anti gaspillage et economie circulaire|"
     "lutte contre le gaspillage et a l economie circulaire"},
    {LR_LOI, 20200323, "2020-290", NULL},
    {LR_LOI, 20201207, "2020-1525", "asap"},
    {LR_LOI, 20210524, "2021-646", "pour une securite globale|securite globale"},
    {LR_LOI, 20210822, "2021-1104", "climat et resilience|climat resilience|"
                                    "climat et de resilience"},
    {LR_LOI, 20210824, "2021-1109", "separatisme|respect des principes de la republique|"
                                    "confortant le respect des principes de la republique"},
    {LR_LOI, 20211115, "2021-1485", "reen"},
    {LR_LOI, 20211125, "2021-1520", "matras"},
    {LR_LOI, 20211221, "2021-1754", "rist"},
    {LR_LOI, 20220221, "2022-217", "3ds|differenciation decentralisation"},
    {LR_LOI, 20230310, "2023-175", "aper|acceleration de la production d energies renouvelables"},
    {LR_LOI, 20230720, "2023-630", "zan"},
    {LR_LOI, 20231218, "2023-1196", "plein emploi|pour le plein emploi"},
    {LR_LOI, 20240409, "2024-322", NULL},
    {LR_DECRET, 19860114, "86-68", NULL},
    {LR_DECRET, 19860113, "86-68", NULL},
    {LR_DECRET, 19860314, "86-552", NULL},
    {LR_DECRET, 19880215, "88-145", NULL},
    {LR_DECRET, 19910320, "91-298", NULL},
    {LR_DECRET, 19910906, "91-875", NULL},
    {LR_DECRET, 20010712, "2001-623", NULL},
    {LR_DECRET, 20020114, "2002-60", NULL},
    {LR_DECRET, 20040826, "2004-878", NULL},
    {LR_DECRET, 20121107, "2012-1246", NULL},
    {LR_DECRET, 20140520, "2014-513", NULL},
    {LR_DECRET, 20160325, "2016-360", NULL},
    {LR_DECRET, 20190723, "2019-771", "tertiaire"},
    {LR_ORDONNANCE, 19581213, "58-1210", NULL},
    {LR_ORDONNANCE, 20150723, "2015-899", NULL},
    {LR_ORDONNANCE, 20160129, "2016-65", NULL},
};
const size_t lr_n_laws = GRF_ARRAY_LEN(lr_laws);

const char *lr_finance_law(int year)
{
    static const char *const numbers[] = {
        "99-1172",   "2000-1352", "2001-1275", "2002-1575", "2003-1311", "2004-1484",
        "2005-1719", "2006-1666", "2007-1822", "2008-1425", "2009-1673", "2010-1657",
        "2011-1977", "2012-1509", "2013-1278", "2014-1654", "2015-1785", "2016-1917",
        "2017-1837", "2018-1317", "2019-1479", "2020-1721", "2021-1900", "2022-1726",
        "2023-1322", "2025-127"};
    int k = year - 2000;
    return k >= 0 && k < (int)GRF_ARRAY_LEN(numbers) ? numbers[k] : NULL;
}

const char *lr_law_by_date(enum lr_type type, uint32_t date)
{
    for (size_t k = 0; k < lr_n_laws; k++)
        if (lr_laws[k].type == type && lr_laws[k].date == date)
            return lr_laws[k].number;
    return NULL;
}

static size_t match_one(const struct lr_text *t, size_t i, const char *name, size_t n)
{
    char pat[80];
    if (n >= sizeof pat || (t->f[i] != (unsigned char)*name))
        return 0;
    memcpy(pat, name, n);
    pat[n] = 0;
    size_t end = lr_match_name(t, i, pat);
    bool word = !memchr(name, ' ', n);
    // one lower-case word is no name: "la loi montagne" is, "une loi notre" is not
    if (word && !lr_upper(t, i) && !lr_digit(t->f[i]) && n < 6)
        return 0;
    return end;
}

const struct lr_law *lr_law_by_name(const struct lr_text *t, size_t i, size_t *end)
{
    const struct lr_law *best = NULL;
    *end = i;
    for (size_t k = 0; k < lr_n_laws; k++) {
        const char *z = lr_laws[k].names;
        while (z && *z) {
            const char *bar = strchr(z, '|');
            size_t n = bar ? (size_t)(bar - z) : strlen(z);
            size_t e = match_one(t, i, z, n);
            if (e > *end) {
                *end = e;
                best = &lr_laws[k];
            }
            z = bar ? bar + 1 : NULL;
        }
    }
    return best;
}
