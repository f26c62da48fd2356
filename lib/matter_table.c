/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nomenclature, compiled in: the rows of corpora/actes.tsv, written by
 * `matterscore --table corpora/actes.tsv`. A unit test compares them.
 */
#include "matter_priv.h"

static const struct grf_matter_code codes[] = {
    {"1", "Commande publique",
     "marchés publics, concessions, devis et contrats passés avec des entreprises",
     "3 commande publique | 2 choix entreprise | 3 choix prestataire | 2.5 devis "
     "| 2 mise en concurrence | 2.5 appel à concurrence"},
    {"1.1", "Marchés publics",
     "attribution d'un marché public de travaux, de fournitures ou de services "
     "à une entreprise, avenant, lots, groupement de commandes, appel d'offres",
     "6 marché + signer | 6 marché + signature | 6 marché + attribution | 6 "
     "marché + avenant | 6 marché + lot | 6 marché public | 6 marchés publics "
     "| 6 marché* travaux | 6 marché* de fourniture | 6 marché* de services "
     "| 6 marché de prestation | 6 marché à bons de commande | 9 groupement* "
     "de commande | 6 accord cadre | 7 appel d'offre - appel d'offre à projet "
     "| 6 attribution lot* | 5 lot + avenant | 6 lancement marché | 6 lancement "
     "consultation - appel à projet | 5 procédure adaptée | 6 marché + assurance* "
     "| 4 achat + fourniture | 4 centrale d'achat | 5 UGAP | 6 dossier de consultation "
     "des entreprises | 4 choix entreprise* + travaux | 4 choix du prestataire "
     "| 4 devis + travaux | 4 marché négocié | 5 marché subséquent | 5 relance "
     "marché | 5 déclaration sans suite | 5 pénalités + marché | 4 contrat "
     "+ entretien + espaces verts | 4 marché entretien | 5 marché + entretien "
     "| 3.5 contrat + dératisation | 3 contrat de maintenance | 3 contrat d'entretien "
     "| 3.5 achat + énergie* | 3.5 marché + énergie | 4 choix de l'entreprise "
     "| 3 travaux supplémentaires | 2 travaux complémentaires | 2.5 remplacement "
     "+ devis | 1 travaux | 1.5 réfection | 2 achat + mobilier | 2 achat + matériel "
     "| 1.2 remplacement - temporaire - personnel - agent - conseiller | 1.5 > "
     "code de la commande publique | 1.5 > code des marchés publics | 1.5 > marché "
     "à procédure adaptée | 1.5 > commission d'appel d'offre | 1.5 > devis "
     "| 1 > offre économiquement la plus avantageuse | 6 attribuer + marché* "
     "| 6 attribué* + marché* | 6 achat* + marché* - plein air | 4.5 marché* "
     "+ travaux - plein air | 3.5 marché* - plein air - forain* - noël - halle* "
     "- place du marché | 3.5 acquisition* + véhicule* | 3.5 acquisition* + "
     "matériel* | 3.5 acquisition* + tracteur* | 3.5 acquisition* + défibrillateur* "
     "| 3.5 acquisition* + logiciel* | 3 achat* + matériel* | 3 achat* + véhicule*"},
    {"1.2", "Délégation de service public",
     "délégation de service public ou concession : choix du délégataire, contrat, "
     "rapport du délégataire, avenant",
     "9 délégation* de service public | 8 choix du délégataire | 8 choix + "
     "délégataire | 8 DSP | 8 rapport + délégataire | 7 contrat de concession "
     "| 7 concession de service | 7 concession + exploitation - domaine public "
     "| 7 concession d'aménagement | 6 contrat d'affermage | 6 affermage | 5 "
     "concessionnaire + rapport | 4 régie intéressée | 5 commission de délégation "
     "| 5 commission concession | 2 > L 1411 | 2 > 1411 4"},
    {"1.3", "Conventions de mandat",
     "convention de mandat, maîtrise d'ouvrage déléguée ou unique, transfert "
     "temporaire de maîtrise d'ouvrage",
     "8 maîtrise d'ouvrage déléguée | 8 délégation de maîtrise d'ouvrage "
     "| 8 mandat de maîtrise d'ouvrage | 8 mandat + maîtrise d'ouvrage | 7 maîtrise "
     "d'ouvrage unique | 7 transfert* + maîtrise d'ouvrage | 7 co maîtrise d'ouvrage "
     "| 6 convention de mandat - subvention"},
    {"1.4", "Autres types de contrats",
     "contrat de prestation, de maintenance, d'assurance ou d'abonnement hors "
     "marché public, partenariat public-privé, convention avec un prestataire",
     "5 contrat + assurance - statutaire* - marché - dommage - sinistre - groupe "
     "- personnel* - agent* | 4 contrat de prestation | 4 convention de prestation "
     "| 4 contrat + logiciel* | 4 partenariat public privé | 4 contrat de partenariat "
     "| 4 contrat + maintenance | 3.5 contrat de service | 3.5 contrat de vérification "
     "| 3 contrat + fourrière | 3.5 contrat d'abonnement | 3 renouvellement contrat "
     "- agent - emploi - parcours - travail - enfance | 3.5 cession de droits "
     "d'auteur | 3.5 contrat de cession + spectacle | 3 convention + archivage "
     "| 3 archivage + centre de gestion | 3 contrat de fourniture"},
    {"1.5", "Transactions",
     "protocole transactionnel pour clore un litige, indemnisation, règlement "
     "amiable",
     "9 protocole transactionnel | 9 protocole d'accord transactionnel | 8 transaction "
     "+ litige | 8 transactionnel* | 6 règlement amiable | 6 accord amiable | "
     "4 indemnisation + sinistre | 3 indemnité + sinistre"},
    {"1.6", "Actes relatifs à la maîtrise d'œuvre",
     "marché de maîtrise d'œuvre, architecte, mission d'étude, programme, "
     "avant-projet, coordination sécurité",
     "9 maîtrise d'oeuvre - subvention* | 9 maître d'oeuvre | 6 avant projet "
     "| 6 concours d'architecte* | 6 mission + architecte | 5 coordination sécurité "
     "| 5 mission de coordination | 5 mission SPS | 5 mission CSPS | 5 coordonnateur "
     "SPS | 4 contrôle technique + travaux | 4 contrôleur technique | 4 jury "
     "de concours | 4 honoraires + architecte | 3 étude* de sol* | 3 étude de "
     "faisabilité | 4 relevé topographique"},
    {"1.7", "Actes spéciaux et divers",
     "commission d'appel d'offres, jury, règlement intérieur de la commande "
     "publique, carte d'achat",
     "6 règlement + commande publique | 6 règlement intérieur + marché* | "
     "6 guide + achat* | 5 carte d'achat | 5 carte achat | 4 politique d'achat "
     "| 4 nomenclature achat"},
    {"2", "Urbanisme",
     "documents et autorisations d'urbanisme, préemption",
     "3 urbanisme | 1 > code de l'urbanisme"},
    {"2.1", "Documents d'urbanisme",
     "plan local d'urbanisme, révision, modification simplifiée, schéma de "
     "cohérence territoriale, carte communale, zonage, débat sur le projet d'aménagement",
     "9 plan local d'urbanisme - préemption - permis - clôture* - déclaration* "
     "préalable* | 8 plan locaux d'urbanisme | 8 PLU - préemption - permis - "
     "clôture* - alignement - acquisition | 9 PLUI - préemption - permis | 9 "
     "PLUIH - préemption | 9 SCOT | 9 schéma de cohérence territoriale | 9 "
     "plan d'occupation des sols | 8 POS + modification | 8 POS + révision | "
     "9 carte communale | 8 PADD | 7 modification simplifiée | 7 règlement local "
     "de publicité | 7 RLP | 6 site patrimonial remarquable | 6 AVAP | 6 ZPPAUP "
     "| 6 plan de sauvegarde et de mise en valeur | 6 périmètre délimité des "
     "abords | 6 zonage d'assainissement | 6 zonage + assainissement | 6 zonage "
     "+ eaux pluviales | 4 déclaration de projet | 4 mise en compatibilité | "
     "6 plan d'alignement | 5 périmètre d'étude | 1.5 > L 153 | 1.5 > 123 13 "
     "+ code de l'urbanisme"},
    {"2.2", "Actes relatifs au droit d'occupation ou d'utilisation des sols",
     "permis de construire, de démolir ou d'aménager, déclaration préalable, "
     "certificat d'urbanisme, instruction des autorisations",
     "9 permis de construire | 9 permis de démolir | 9 permis d'aménager | 9 "
     "déclaration* préalable* | 8 certificat d'urbanisme | 8 autorisation* d'urbanisme "
     "| 8 droit des sols | 8 application du droit des sols | 7 instruction + urbanisme "
     "| 6 ravalement de façade* - subvention* | 6 projet urbain partenarial | "
     "7 PUP | 5 division foncière | 6 clôture + déclaration | 6 numérotage "
     "+ permis | 5 lotir | 5 changement d'usage + logement* | 5 meublé* de tourisme "
     "+ enregistrement | 5 cahier des charges + ZAC"},
    {"2.3", "Droit de préemption urbain",
     "droit de préemption urbain, déclaration d'intention d'aliéner, préemption "
     "d'un bien ou d'un fonds de commerce",
     "9 droit* de préemption | 9 préemption - acquisition* | 9 DPU | 9 déclaration* "
     "d'intention d'aliéner | 9 DIA | 2 > droit de préemption urbain | 9 droit "
     "de priorité"},
    {"3", "Domaine et patrimoine",
     "acquisition, vente, location et gestion des biens de la collectivité",
     "3 foncier | 2 domaine communal | 2 parcelle* | 2 patrimoine communal | 1 "
     "terrain* | 1 > code général de la propriété des personnes publiques"},
    {"3.1", "Acquisitions",
     "acquisition ou achat d'un terrain, d'une parcelle ou d'un immeuble, expropriation, "
     "donation acceptée, intégration de biens",
     "8 acquisition* + parcelle* - demande d'acquisition | 8 acquisition* + terrain* "
     "- demande d'acquisition | 8 acquisition + immeuble* | 8 acquisition + bâtiment* "
     "| 8 acquisition + maison* | 8 acquisition + bien* - cession | 8 acquisition "
     "foncière | 8 acquisition + appartement | 8 acquisition + local | 8 acquisition "
     "+ locaux | 8 acquisition + propriété | 7 acquisition + emprise* | 7 acquisition "
     "amiable | 7 acquisition à l'amiable | 7 acquisition + cadastré* | 8 achat "
     "terrain* | 8 achat + parcelle* - proposition d'achat d'une parcelle | 8 "
     "achat + immeuble | 8 achat + maison | 8 expropriation | 7 déclaration d'utilité "
     "publique | 6 cession gratuite + profit de la commune | 6 rétrocession + "
     "voirie | 6 rétrocession + commune | 7 intégration + domaine public | 7 "
     "classement + domaine public | 6 bien* sans maître | 6 biens vacants | 6 "
     "abandon manifeste | 6 legs | 5 donation | 4 portage foncier | 4 établissement "
     "public foncier | 4 EPF + convention | 3 emplacement réservé | 6 achat "
     "+ cadastré* | 6 achat + terrain* - vélo*"},
    {"3.2", "Aliénations",
     "vente ou cession d'un terrain, d'un immeuble, d'un chemin rural, d'un logement "
     "ou d'un bien communal, aliénation, déclassement en vue de la vente",
     "9 aliénation | 8 cession + parcelle* | 8 cession + terrain* | 8 cession "
     "+ immeuble | 8 cession + bâtiment | 8 cession + lot - avenant* - contrat "
     "- marché* | 8 cession + emprise | 8 cession + cadastré* | 7 cession foncière "
     "| 8 cession d'un bien | 8 cession + ancienne | 8 cession au profit - contrat "
     "- bail | 7 cession + euro symbolique | 8 vente + terrain* | 8 vente + parcelle* "
     "| 8 vente + immeuble | 8 vente + maison | 8 vente + logement* | 8 vente "
     "+ chemin* | 8 vente + presbytère | 8 vente + école | 8 vente + bâtiment "
     "| 8 vente + lot | 8 vente + bien | 8 vente + propriété | 8 vente + local "
     "| 8 vente + locaux | 8 vente + appartement | 7 prix de vente | 7 mise en "
     "vente | 6 vente + véhicule | 6 vente + matériel | 6 cession + véhicule "
     "| 6 cession + matériel | 6 cession d'une | 7 déclassement + cession | "
     "8 désaffectation + aliénation | 8 désaffectation + chemin | 6 déclassement "
     "+ domaine public | 6 proposition d'achat + parcelle* | 6 proposition d'achat "
     "+ terrain | 6 demande d'acquisition | 7 échange + parcelle* | 7 échange "
     "+ terrain* | 6 échange foncier | 6 bilan + cession* + acquisition* | 6 "
     "bilan + acquisition* foncière* | 6 sortie d'inventaire | 6 réforme + matériel* "
     "| 7 cession - marché* - spectacle* - droit* d'auteur* - contrat* - fonds "
     "de commerce - créance* - part* - action* | 2.5 compromis de vente | 2 vente "
     "- marché* - défilé - herbe - bois | 8 céder + parcelle* | 8 céder + "
     "terrain* | 8 céder + immeuble | 6 céder + bien"},
    {"3.3", "Locations",
     "bail, loyer, location d'un logement, d'une salle ou d'un local communal, "
     "mise à disposition de locaux, révision des loyers",
     "8 bail | 8 baux | 8 loyer* - remise* | 8 location* - tarif* - régie - véhicule* "
     "- matériel - copieur - photocopieur | 8 mise à disposition + locaux | "
     "8 mise à disposition + local | 8 mise à disposition + salle* | 7 mise "
     "à disposition + bâtiment* | 7 mise à disposition + atelier* | 7 mise "
     "à disposition + foyer | 7 mise à disposition + terrain* | 7 mise à disposition "
     "+ parcelle* | 6 mise à disposition + équipement* - service | 6 occupation "
     "+ salle* | 6 occupation + locaux | 6 occupation + local | 6 utilisation "
     "+ locaux | 6 utilisation + salle* - tarif* - candidat* | 6 convention d'occupation "
     "précaire | 6 occupation précaire | 7 locataire* | 6 charges locatives "
     "| 7 locatif + avis | 6 mise en location | 6 fermage* | 6 prêt à usage "
     "| 6 commodat | 3 tarif* + location* | 4 redevance minorée | 4 caution + "
     "logement"},
    {"3.4", "Limites territoriales",
     "modification des limites de la commune, nom de la commune, commune nouvelle, "
     "limites cantonales",
     "8 limite* territoriale* | 8 limites communales | 7 commune nouvelle + création "
     "| 7 création d'une commune nouvelle | 7 modification limites | 7 changement "
     "de nom + commune | 6 périmètre communal | 6 fusion de communes | 6 rattachement "
     "de la commune"},
    {"3.5", "Autres actes de gestion du domaine public",
     "occupation du domaine public, redevance d'occupation, convention avec un "
     "opérateur, classement et déclassement, servitude, permission de voirie",
     "8 occupation* du domaine public | 8 occupation temporaire | 8 RODP | 8 redevance "
     "d'occupation | 8 redevance* + domaine public | 7 domaine public | 7 AOT "
     "| 6 droit* de place | 6 terrasse* | 6 étalage* | 6 cimetière* - accessibilité "
     "- mur - travaux - tarif* | 6 concession* funéraire* | 6 reprise + concession* "
     "| 6 ossuaire | 5 columbarium | 3 tarif* + cimetière* | 3 tarif* + concession* "
     "| 5 antenne* relais | 5 infrastructure* + recharge | 5 borne* + recharge "
     "| 5 borne + véhicules électriques | 4 droits de voirie | 4 désaffectation "
     "+ école | 4 désaffectation | 7 occupation + domaine"},
    {"3.6", "Autres actes de gestion du domaine privé",
     "gestion du domaine privé : servitude, coupe de bois, forêt communale, "
     "chasse, pâturage, vente d'herbe, autorisation de passage",
     "8 servitude* | 8 coupe* de bois | 8 affouage | 8 forêt* communale* | 8 "
     "état d'assiette | 8 assiette des coupes | 7 coupe* + forêt | 6 vente de "
     "bois | 7 vente d'herbe | 7 droit de chasse | 6 droit de pêche | 6 pâturage* "
     "| 5 domaine privé | 5 office national des forêts | 5 ONF | 5 SAFER | 5 "
     "bornage | 4 régularisation cadastrale | 5 lotissement + règlement | 4 "
     "régime forestier | 3 convention + parcelle* | 3 droit de passage | 4 don "
     "+ oeuvre | 3 dépôt + musée"},
    {"4", "Fonction publique",
     "personnel de la collectivité",
     "4 personnel - restaurant - tarif* | 3 ressources humaines | 3 agent* + commun* "
     "| 2 > code général de la fonction publique | 2 > loi 84 53 | 2 > 84 53 "
     "26 janvier 1984"},
    {"4.1", "Personnels titulaires et stagiaires de la fonction publique territoriale",
     "création d'emploi permanent, tableau des effectifs, avancement de grade, "
     "temps de travail, formation, protection sociale et assurance du personnel",
     "9 tableau* des effectifs | 9 tableau des emplois | 8 création poste* - "
     "saisonnier* - contractuel* - vacataire* - maire - accroissement | 8 création "
     "+ emploi* - saisonnier* - contractuel* - vacataire* - insertion - accroissement "
     "| 8 suppression + poste* | 8 suppression + emploi* | 8 ouverture + poste "
     "| 8 avancement de grade | 8 ratio* + avancement | 8 promus promouvable* "
     "| 8 taux de promotion | 8 emploi* permanent* | 8 compte épargne temps | "
     "8 CET | 8 temps de travail | 8 1607 heures | 8 télétravail | 8 temps partiel "
     "| 8 lignes directrices de gestion | 8 rapport social unique | 8 bilan social "
     "| 8 protection sociale complémentaire | 8 participation + mutuelle* | 8 "
     "participation + prévoyance | 8 participation + santé + agent* | 8 prévoyance "
     "| 8 assurance* statutaire* | 8 risques statutaires | 8 règlement de formation "
     "| 8 plan de formation | 8 autorisation* spéciale* d'absence | 7 autorisation* "
     "d'absence | 8 mise à disposition + agent* | 8 mise à disposition + personnel "
     "| 7 contrat groupe + centre de gestion | 7 contrat groupe + assurance | "
     "6 centre de gestion + convention - archiv* | 6 médecine + prévention | "
     "7 médecine professionnelle | 7 médecine du travail | 7 entretien professionnel "
     "| 7 document unique | 7 comité social territorial | 7 comité technique "
     "- syndicat | 6 CHSCT | 6 CNAS | 6 comité national d'action sociale | 6 "
     "action sociale + personnel | 6 action sociale + agent* | 6 oeuvres sociales "
     "+ personnel | 7 détachement | 6 intégration + grade | 6 statut + agent* "
     "| 5 cadre* d'emploi* | 5 formation + agent* | 6 règlement + personnel | "
     "6 règlement intérieur + service* | 6 charte informatique | 4 modification "
     "+ durée hebdomadaire | 7 durée hebdomadaire | 5 égalité + professionnelle "
     "| 5 rapport + égalité + femmes | 5 adjoint* technique* | 5 adjoint* administratif* "
     "| 5 attaché + territorial | 5 agent de maîtrise | 5 rédacteur | 5 ingénieur "
     "territorial | 4 carte* cadeau* + agent* | 4 carte* cadeau* + personnel | "
     "4 bons + personnel* | 5 titre* restaurant | 5 ticket* restaurant | 4 sapeurs "
     "pompiers volontaires + convention | 5 véhicule* de service | 5 véhicule* "
     "de fonction | 5 logement* de fonction | 5 nécessité absolue de service "
     "| 5 apprenti* - subvention* | 5 période de préparation au reclassement "
     "| 5 psychologue du travail | 8 création deux poste* | 8 création trois "
     "poste* | 8 création plusieurs poste* | 8 création emploi* - saisonnier* "
     "- contractuel* - vacataire* - insertion - accroissement | 6 poste* + grade"},
    {"4.2", "Personnels contractuels",
     "recrutement d'agents contractuels, saisonniers, vacataires, contrats aidés, "
     "remplacement d'agents",
     "9 agent* contractuel* | 9 emploi* saisonnier* | 9 agent* saisonnier* | 9 "
     "saisonnier* + recrutement | 8 besoin* saisonnier* | 9 accroissement* temporaire* "
     "| 9 accroissement* saisonnier* | 9 vacataire* | 8 vacation* | 8 contrat* "
     "aidé* | 8 parcours emploi compétence* | 8 contrat unique d'insertion | "
     "8 contrat* d'accompagnement | 8 CUI | 8 CAE | 8 PEC | 8 emploi* d'avenir "
     "| 8 contrat d'apprentissage | 8 apprentissage | 8 contrat de projet | 8 "
     "service civique | 7 emploi* non permanent* | 7 non titulaire* | 7 CDI | "
     "7 CDD | 7 remplacement + agent* | 7 remplacement temporaire | 7 recrutement "
     "- commission | 6 agents recenseurs | 6 recenseur* | 6 collaborateur de cabinet "
     "| 5 emploi fonctionnel | 2 > L 332 23 | 2 > L 332 14 | 2 > L 332 8"},
    {"4.3", "Fonction publique hospitalière",
     "personnel de la fonction publique hospitalière",
     "7 fonction publique hospitalière | 6 praticien hospitalier"},
    {"4.4", "Autres catégories de personnels",
     "stagiaires des écoles, gratification de stage, bénévoles, intervenants",
     "7 gratification + stagiaire* | 7 gratification + stage* | 7 stagiaire* + "
     "école* | 5 stage* + indemnité | 5 intermittent* + recrutement | 6 assistantes "
     "maternelles + recrutement | 6 collaborateur occasionnel | 5 bénévoles "
     "+ personnel"},
    {"4.5", "Régime indemnitaire",
     "primes, indemnités et heures supplémentaires des agents, RIFSEEP, astreintes, "
     "frais de déplacement",
     "9 RIFSEEP | 9 régime indemnitaire | 9 IFSE | 9 complément indemnitaire "
     "| 9 CIA | 9 IAT | 9 heures supplémentaires | 9 IHTS | 9 heures complémentaires "
     "| 9 astreinte* | 8 prime* + agent* | 8 prime* + personnel | 8 prime + inflation "
     "| 8 prime + pouvoir d'achat | 8 prime* + fin d'année | 8 prime exceptionnelle "
     "| 8 indemnité + agent* - élus | 8 indemnité* + personnel | 8 indemnité* "
     "pour travaux dangereux | 8 frais de déplacement - élus | 8 frais de mission "
     "- élus | 8 monétisation | 8 indemnité* + régisseur* | 7 indemnité* "
     "+ élection* | 7 indemnité* horaire* | 7 indemnité* kilométrique* | 7 "
     "forfait mobilité* | 6 NBI | 6 bonification indiciaire | 6 indemnité* de "
     "gardiennage - église*"},
    {"5", "Institutions et vie politique",
     "vie de l'assemblée, élus, représentants, intercommunalité",
     "3 conseil municipal + fonctionnement | 2 élus | 2 conseillers municipaux"},
    {"5.1", "Élection exécutif",
     "élection du maire, des adjoints, du président et des vice-présidents, "
     "nombre d'adjoints",
     "9 élection + maire* | 9 élection + adjoint* - technique* - administratif* "
     "- emploi* - animation | 9 élection + président* | 9 élection + vice président* "
     "| 9 élection + bureau | 9 nombre + adjoint* - technique* - administratif* "
     "- emploi* - animation | 9 nombre + vice président* | 8 détermination + "
     "adjoint* - technique* - administratif* - emploi* - animation | 8 poste d'adjoint "
     "| 8 maires délégués | 8 maire délégué | 8 adjoint au maire + remplacement "
     "| 7 adjoints + création - technique* - administratif* - emploi* - animation "
     "| 7 composition du bureau"},
    {"5.2", "Fonctionnement des assemblées",
     "règlement intérieur du conseil, procès-verbal, installation d'un conseiller, "
     "commissions, compte rendu des décisions du maire, organisation des séances",
     "9 règlement intérieur + conseil | 9 règlement intérieur + assemblée "
     "| 8 procès verbal + séance | 8 procès verbal + approbation - mise à "
     "disposition | 8 approbation + compte rendu - activité* - collectivité "
     "- concession - ZAC | 8 compte rendu + conseil municipal | 7 compte rendu "
     "+ séance | 8 installation + conseiller* | 8 démission + conseiller* | "
     "8 secrétaire de séance | 8 lieu + réunion + conseil | 8 huis clos | 7 "
     "désignation + secrétaire | 8 création + commission* | 8 constitution "
     "+ commission* | 8 composition + commission* | 7 commissions municipales "
     "| 7 commissions communales - impôts | 7 commission + sécurité + création "
     "| 7 comité consultatif | 7 création des conseils communaux | 7 conseil "
     "municipal des jeunes | 7 conseil municipal + enfants | 7 conseil* de quartier "
     "| 7 conseil de développement | 7 conseil des sages | 6 charte de l'élu "
     "| 6 ordre du jour - ordre du jour + séance | 6 liste des décisions | 6 "
     "liste des délibérations | 6 décisions + prises + délégation | 6 décisions "
     "+ délégation + maire - donnée* - accordée* | 6 compte rendu + décisions "
     "| 6 compte rendu + délégation* | 6 communication + décisions | 6 relevé "
     "de décisions | 5 pacte de gouvernance | 6 modalités + dépôt + liste* "
     "| 6 conditions de dépôt + liste* | 6 vote électronique | 6 téléconférence "
     "| 6 visioconférence | 4 mission d'information"},
    {"5.3", "Désignation de représentants",
     "désignation de délégués ou de représentants du conseil dans des organismes, "
     "commissions, syndicats et conseils d'administration",
     "9 désignation* + représentant* | 9 désignation* + délégué* | 9 désignation* "
     "+ membre* | 9 désignation* + correspondant | 9 désignation* + référent* "
     "- déontologue | 9 désignation* + élu* | 9 désignation* + titulaire* "
     "| 9 désignation* + suppléant* | 8 désignation* - oeuvre - aménageur "
     "- délégataire - organismes - secrétaire | 9 élection + délégué* | "
     "9 élection + représentant* | 9 élection + membre* | 8 élection + commission "
     "d'appel d'offre* | 8 élection + CCAS | 8 commission communale des impôts "
     "| 8 commission intercommunale des impôts | 8 CCID | 8 CIID | 8 commission "
     "de contrôle + liste* | 8 représentant* + sein | 8 délégué* + sein | "
     "8 remplacement + délégué* | 7 remplacement + représentant* | 7 CLECT "
     "+ membre* | 7 correspondant défense | 7 correspondant incendie | 7 CNAS "
     "+ délégué* | 6 jury* d'assises | 7 sénatoriale* | 7 membre* + commission* "
     "- règlement | 7 renouvellement + membre*"},
    {"5.4", "Délégation de fonctions",
     "délégations consenties au maire ou au président par l'assemblée, délégation "
     "de fonctions aux adjoints",
     "9 délégation* + conseil municipal + maire - décisions prises - compte "
     "rendu - liste* | 9 délégation* donnée* au maire | 9 délégation* consentie* "
     "| 9 délégation* accordée* - liste* | 9 délégation* au maire - compte "
     "rendu - prises | 9 délégation* au président - liste* - prises | 9 délégation* "
     "au bureau - liste* - prises | 9 délégation* d'attribution* - liste* - "
     "décisions | 8 délégation* de fonction* | 8 délégation* de pouvoir* "
     "| 8 délégation* + présid* + accord* | 6 conseillers municipaux délégués "
     "- indemnité* | 6 liste des décisions prises + délégation* | 3 délégation "
     "à donner"},
    {"5.5", "Délégation de signature",
     "délégation de signature à un agent ou à un élu",
     "9 délégation* de signature*"},
    {"5.6", "Exercice des mandats locaux",
     "indemnités de fonction des élus, formation des élus, frais de mission, "
     "référent déontologue, protection fonctionnelle",
     "9 indemnité* + élus | 9 indemnité* + maire* - maison | 9 indemnité* "
     "+ adjoint* - technique* - administratif* | 9 indemnité* + conseiller* - "
     "numérique | 9 indemnité* + président* | 9 indemnité* de fonction* | "
     "9 formation + élus | 9 mandat spécial | 9 mandats spéciaux | 8 frais "
     "+ élus | 8 droit + formation + élu* | 8 protection fonctionnelle | 8 déontologue "
     "| 7 remboursement + frais + élu* | 7 remboursement + frais + maire | 5 "
     "honorariat"},
    {"5.7", "Intercommunalité",
     "statuts et compétences d'une communauté ou d'un syndicat, adhésion, retrait, "
     "transfert de compétence, rapport d'activité, mutualisation",
     "8 modification + statuts - société - SEM - SAEM* - SPL - association | "
     "8 statuts + communauté de communes | 8 statuts + communauté d'agglomération "
     "| 8 statuts + syndicat | 8 statuts + métropole | 8 révision statutaire "
     "| 8 transfert* + compétence* | 8 prise de compétence | 8 compétence* "
     "+ communauté | 8 adhésion + syndicat - groupement* - commande* | 8 adhésion "
     "+ communes | 8 adhésion + commune de + syndicat | 8 adhésion + EPCI | "
     "8 adhésions et retraits | 8 retrait + syndicat | 8 dissolution + syndicat "
     "| 8 fusion + syndicat* | 8 fusion + communauté* | 8 extension + périmètre "
     "| 8 rapport d'activité* - délégataire - SPL - société - SEM - SAEM* "
     "- concession - CCAS | 8 rapport annuel + communauté - délégataire - prix "
     "et la qualité | 7 rapport + activité + communauté | 8 schéma de mutualisation "
     "| 8 service* commun* | 8 mutualisation | 8 intérêt communautaire | 8 intérêt "
     "métropolitain | 8 répartition + sièges | 8 nombre + sièges + conseil "
     "communautaire | 8 accord local | 8 coopération intercommunale | 7 convention "
     "+ communauté de communes + service* | 7 création + syndicat | 6 entente "
     "intercommunale | 6 conseil communautaire - règlement | 6 pacte financier "
     "| 6 procès verbal de mise à disposition | 5 CLECT | 4 adhésion + SIAEP "
     "| 3 > L 5211 | 7 statuts - société* - association* - agent* - SEM* - SPL* "
     "- SAEM*"},
    {"5.8", "Décision d'ester en justice",
     "autorisation d'agir en justice ou de défendre la commune, choix d'un avocat, "
     "recours, contentieux",
     "9 ester en justice | 9 ester | 9 action en justice | 9 contentieux - provision* "
     "| 8 recours + tribunal | 8 tribunal administratif | 8 requête | 7 avocat* "
     "| 7 constitution de partie civile | 7 partie civile | 6 procédure judiciaire "
     "| 6 défense + commune + instance | 5 pourvoi"},
    {"6", "Libertés publiques et pouvoirs de police",
     "police municipale, règlements, pouvoirs de police du maire",
     "3 police | 3 arrêté portant réglementation | 2 > pouvoirs de police"},
    {"6.1", "Police municipale",
     "police municipale, circulation et stationnement, vidéoprotection, sécurité, "
     "fourrière, débits de boissons, animaux errants",
     "8 police municipale | 8 vidéo protection - subvention* - financement | "
     "8 vidéoprotection - subvention* | 8 vidéosurveillance - subvention* | "
     "8 fourrière* | 7 stationnement + interdi* | 7 stationnement + règlement* "
     "| 7 règlement intérieur + parc de stationnement | 7 circulation + réglement* "
     "| 7 réglementation + stationnement | 7 réglementation + circulation | "
     "7 arrêté + circulation | 7 arrêté + stationnement | 7 limitation de "
     "vitesse | 6 zone 30 | 6 agglomération + limites | 6 débit* de boisson* "
     "| 6 licence IV | 6 licence 4 | 6 chat* errant* | 6 chien* + divagation | "
     "6 stérilisation + chat* | 6 péril | 6 participation citoyenne | 6 voisins "
     "vigilants | 6 brûlage | 6 baignade - travaux | 6 conseil local de sécurité "
     "| 6 CLSPD | 6 forfait post stationnement | 6 ASVP | 5 plan communal de sauvegarde "
     "| 5 défense extérieure contre l'incendie | 5 DECI | 4 bruit | 4 sécurité "
     "routière"},
    {"6.2", "Pouvoirs du président du conseil départemental",
     "police du président du département sur ses routes et son domaine",
     "5 pouvoirs + conseil départemental | 5 police + route* départementale*"},
    {"6.3", "Pouvoirs du président du conseil régional",
     "pouvoirs du président de la région",
     "5 pouvoirs + conseil régional"},
    {"6.4", "Autres actes réglementaires",
     "règlement de service, repos dominical, ouverture des commerces, marché "
     "de plein air, règlement d'utilisation, cimetière",
     "7 repos dominical | 7 ouverture* + dominicale* | 7 ouverture* + dimanche* "
     "| 7 dimanche* du maire | 7 marché* de plein air | 7 règlement + marché* "
     "+ forain* | 6 règlement* intérieur* + cimetière* | 6 règlement + cimetière "
     "| 6 règlement d'utilisation | 5 règlement intérieur + salle* | 5 règlement "
     "intérieur - conseil - assemblée - service* - accueil - restauration - "
     "cantine - marché* - personnel | 4 règlement + service + eau | 4 règlement "
     "+ déchèterie | 1 > L 3132 26"},
    {"6.5", "Actes pris au nom de l'État et soumis au contrôle hiérarchique",
     "élections, état civil, recensement de la population, formalités accomplies "
     "au nom de l'État",
     "7 recensement + population | 6 bureaux de vote | 6 bureau de vote | 6 liste* "
     "électorale* | 5 état civil | 5 propagande électorale | 5 célébration "
     "+ mariage* | 4 passeport* | 4 cartes nationales d'identité"},
    {"7", "Finances locales",
     "budget, impôts, emprunts, subventions, tarifs",
     "3 finances | 2 financier* + participation | 2.5 budget*"},
    {"7.1", "Décisions budgétaires",
     "vote du budget, décision modificative, compte administratif, compte de "
     "gestion, affectation du résultat, orientations budgétaires, autorisation "
     "de programme",
     "9 budget* primitif* | 9 budget* supplémentaire* | 9 vote + budget* | 9 "
     "décision* modificative* | 9 décision* budgétaire* | 9 délibération "
     "modificative n - modificative à la délibération | 9 DM + budget | 9 DM "
     "| 9 virement* de crédits | 9 transfert* de crédits | 9 compte* de gestion "
     "| 9 compte* administratif* | 9 compte* financier* unique* | 9 CFU | 9 affectation "
     "+ résultat* | 9 reprise + résultat* | 9 débat + orientation* budgétaire* "
     "| 9 rapport + orientation* budgétaire* | 9 orientation* budgétaire* | "
     "9 DOB | 9 ROB | 9 autorisation* de programme* | 9 AP CP | 9 APCP | 9 dépenses "
     "d'investissement + avant | 9 dépenses d'investissement + engager | 9 dépense* "
     "+ engager + liquider | 9 liquider et mandater | 9 ouverture de crédits "
     "| 9 ouverture anticipée | 9 quart + investissement | 8 restes à réaliser "
     "| 8 nomenclature + M57 | 8 M57 | 8 nomenclature comptable | 8 nomenclature "
     "budgétaire | 8 référentiel budgétaire | 8 référentiel comptable | "
     "8 règlement budgétaire | 8 fongibilité | 8 amortissement* | 8 provision* "
     "+ risque* | 8 provision* + charge* | 8 provision* - juge | 8 provisionnement "
     "| 8 constitution + provision* | 8 clôture + budget* | 8 dissolution + budget* "
     "| 8 création + budget* annexe* | 7 budget* annexe* + création | 7 excédent* "
     "+ reversement | 7 budget* annexe* - tarif* - redevance* - admission - créance* "
     "| 6 budget - commune + travaux - indemnité | 5 budget participatif | 6 "
     "crédit* + augmentation | 2 > instruction budgétaire et comptable | 1 > "
     "L 1612 | 1 > L 2311 5"},
    {"7.2", "Fiscalité",
     "taux des impôts locaux, taxe foncière, taxe d'aménagement, taxe de séjour, "
     "exonération, taxe d'enlèvement des ordures ménagères, GEMAPI",
     "9 taux + imposition | 9 taux + taxe* | 9 taux + impôt* | 9 vote des taux "
     "| 9 fiscalité | 9 taxe* foncière* | 9 taxe* d'habitation | 9 taxe* d'aménagement "
     "| 9 taxe* de séjour | 9 taxe* locale* - logiciel | 9 taxes directes | 9 "
     "taxes communales | 9 cotisation foncière | 9 CFE | 9 contribution* directe* "
     "| 9 TEOM | 9 taxe d'enlèvement | 9 TLPE - logiciel | 9 TCCFE | 9 taxe + "
     "électricité | 9 taxe + GEMAPI | 9 produit + GEMAPI | 9 bases d'imposition "
     "| 8 exonération - redevance* - loyer* | 8 dégrèvement | 8 abattement* "
     "| 8 attribution* de compensation | 8 FPIC | 8 péréquation | 8 dotation "
     "de solidarité communautaire | 8 tascom | 8 logements vacants | 6 participation "
     "pour voirie et réseaux | 6 versement mobilité | 6 versement transport "
     "| 3 taxe* | 2 > code général des impôts | 1 > 1636 B | 1 > 1639 A"},
    {"7.3", "Emprunts",
     "contrat de prêt, emprunt, ligne de trésorerie, garantie d'emprunt, réaménagement "
     "de la dette",
     "7 emprunt* - compte - décision* modificative* - DM | 9 garantie* + emprunt* "
     "| 9 garantie* + prêt* | 9 garantie communale | 9 ligne* de trésorerie "
     "| 9 contrat de prêt | 9 prêt + caisse | 9 prêt* + banque | 9 prêt* relais "
     "| 8 réaménagement + dette | 8 renégociation + dette | 8 gestion de la "
     "dette | 8 caution bancaire | 8 cautionnement | 7 prêt + contracté | 7 "
     "caisse des dépôts | 7 refinancement | 9 réalisation + emprunt* | 9 souscription "
     "+ emprunt* | 9 contrat + emprunt*"},
    {"7.4", "Interventions économiques",
     "aides aux entreprises et aux commerces, immobilier d'entreprise, exonération "
     "économique, soutien au commerce",
     "9 aide* + entreprise* | 9 aide* économique* | 9 aide* + immobilier d'entreprise "
     "| 9 aide* + commerçant* | 9 aide* + commerce* | 8 aide* + artisan* | 8 "
     "fonds + commerce* + FISAC | 7 développement économique | 7 soutien + commerce* "
     "| 7 intervention* économique* | 6 plateforme + initiative | 6 partenariat "
     "+ initiative | 6 chambre des métiers | 6 chambre de commerce | 6 zones "
     "d'activité* + inventaire | 5 pépinière d'entreprise* | 5 zone* d'activité* "
     "économique* | 5 aide* directe* | 4 office du tourisme + objectif*"},
    {"7.5", "Subventions",
     "demande de subvention à l'État, au département ou à la région, plan "
     "de financement, attribution de subventions aux associations",
     "9 subvention* + association* | 9 demande + subvention* | 9 sollicitation "
     "+ subvention* | 9 attribution + subvention* | 9 vote + subvention* | 9 versement "
     "+ subvention* | 9 octroi + subvention* | 8 subvention* + exceptionnelle "
     "| 8 subvention* - remboursement - fonds de concours | 9 plan de financement "
     "| 9 DETR | 9 dotation d'équipement des territoires ruraux | 9 DSIL | 9 "
     "fonds vert | 9 dotation de soutien à l'investissement | 8 demande* de financement "
     "| 8 demande + aide* + financière | 8 sollicitation + aide* | 8 sollicitation "
     "+ financement* | 8 demande de fonds | 7 FEDER | 7 LEADER | 7 FEADER | 7 "
     "amendes de police | 7 FIPD | 7 appel à projet* | 7 appel à candidature* "
     "- poste | 7 appel à manifestation d'intérêt | 6 contrat rural | 6 contrat "
     "départemental | 6 contrat de ruralité | 6 convention de financement | "
     "6 convention financière - école* - scolaire | 6 convention d'objectifs "
     "- office | 6 convention* + association* - désignation - locaux - local "
     "- mise à disposition - école* | 6 soutien + association* | 6 don + association "
     "| 5 aide* + financière* | 5 soutien financier | 5 parrainage | 5 mécénat "
     "| 4 fondation du patrimoine | 1.5 > demande de subvention | 1.5 > sollicite "
     "une subvention | 1 > plan de financement"},
    {"7.6", "Contributions budgétaires",
     "participations et cotisations dues à un syndicat, au SDIS, à un organisme "
     "; contributions obligatoires",
     "8 contribution* + budget* | 8 contribution* + SDIS | 8 contribution* + syndicat* "
     "| 8 participation* + syndicat* | 8 participation financière + SIA* | 8 "
     "contribution* budgétaire* | 7 cotisation* - foncière - taux - URSSAF | "
     "7 adhésion + CAUE | 7 adhésion + conseil d'architecture | 6 adhésion "
     "+ association* | 6 participation* obligatoire* | 6 fonds de solidarité "
     "pour le logement | 6 FSL | 6 fonds d'aide aux jeunes | 6 contribution* + "
     "incendie | 5 adhésion + agence | 5 renouvellement + adhésion | 4 quote "
     "part | 6 adhésion + maires | 6 adhésion + AMF"},
    {"7.7", "Avances",
     "avance de trésorerie, avance remboursable à un budget annexe ou à un "
     "organisme",
     "9 avance* + trésorerie | 9 avance* remboursable* | 8 avance* + budget* "
     "| 7 avance* + remboursement"},
    {"7.8", "Fonds de concours",
     "fonds de concours versé à une commune, à une communauté ou à un syndicat, "
     "ou demandé",
     "9 fonds de concours"},
    {"7.9", "Prise de participation",
     "prise de participation dans une société d'économie mixte ou publique "
     "locale, capital, statuts, rapport des mandataires",
     "9 prise* de participation* | 9 augmentation + capital | 9 réduction + capital "
     "| 9 souscription + capital | 9 souscription + action* | 9 actionnaire* | "
     "8 capital social | 8 société publique locale - désignation | 8 sociétés "
     "publiques locales | 7 SPL - désignation | 7 SAEML | 7 SAEM | 7 SEML | 7 "
     "société d'économie mixte - désignation | 7 statuts + société | 7 rapport "
     "+ mandataire* | 6 parts sociales | 6 société coopérative | 6 SCIC | 9 "
     "cession + action*"},
    {"7.10", "Divers",
     "tarifs des services publics, admissions en non-valeur, régies de recettes, "
     "remises, redevances, indemnité du comptable",
     "9 non valeur* | 9 non valeurs | 9 créance* + éteinte* | 9 créance* + "
     "irrécouvrable* | 9 créance* | 8 fixation + tarif* | 8 tarification* | "
     "8 grille tarifaire | 8 régie + recette* | 8 régie + avance* | 5 régie* "
     "- délégation - intéressée | 8 remise gracieuse | 8 remise + dette | "
     "7 remise* + loyer* | 8 indemnité* + comptable* | 8 indemnité* + receveur* "
     "| 8 indemnité* + trésor* | 8 indemnité de conseil | 8 indemnité de budget "
     "| 8 paiement en ligne | 7 PAYFIP | 7 moyen* de paiement | 7 recouvrement "
     "| 7 poursuites | 6 redevance* - occupation - domaine public | 6 remboursement "
     "- emprunt* - élus - frais de déplacement | 6 gratuité | 6 participation "
     "+ famille* | 6 barème* | 6 prix + repas | 6 quotient* familia* | 5 acceptation "
     "+ chèque* | 5 acceptation + don | 6 encaissement | 6 attribution d'un don "
     "| 6 placement + fonds | 6 refacturation | 6 revalorisation + tarif* | 6 "
     "convention + trésor | 6 dépenses + fêtes et cérémonies | 6 6232 | 6 "
     "prix de l'eau | 6 dépôt* d'espèces | 5 participation + frais | 4 facturation "
     "| 8 création + régie* | 8 modification + régie* | 8 régisseur* | 4 chambre "
     "régionale des comptes | 8 tarif*"},
    {"8", "Domaines de compétences par thèmes",
     "enseignement, action sociale, voirie, aménagement, logement, transports, "
     "environnement, culture",
     "1 service public"},
    {"8.1", "Enseignement",
     "écoles, carte scolaire, cantine et périscolaire, frais de scolarité entre "
     "communes, rythmes scolaires, classes de découverte",
     "6 carte scolaire | 6 rythme* scolaire* | 6 frais de scolarité | 6 frais "
     "de scolarisation | 6 participation* + école* | 6 participation* + scolaire* "
     "| 6 participation* + enfant* + classe* | 6 forfait communal | 6 ULIS | 6 "
     "école* privée* - désignation | 6 contrat d'association | 6 scolarité "
     "| 6 classe* + découverte | 6 classe* + transplantée* | 6 sortie* scolaire* "
     "| 6 voyage* scolaire* | 6 fermeture + classe* | 6 sectorisation | 6 périmètre* "
     "scolaire* | 6 regroupement pédagogique | 6 RPI | 6 projet éducatif | 6 "
     "PEDT | 6 convention + école* - désignation | 6 convention + scolaire* "
     "- transport* | 6 règlement + cantine* | 6 règlement + restauration scolaire "
     "| 6 règlement + périscolaire | 6 règlement + accueil de loisirs | 5 accueil "
     "périscolaire - tarif* | 5 caisse des écoles | 4 restauration scolaire "
     "| 4 cantine* | 4 périscolaire | 3.5 accueil* de loisirs | 3 école* - musique "
     "- ancienne - conservatoire | 3 groupe scolaire | 3 scolaire* - mobilier "
     "| 3 collège | 3 lycée | 2 enfance - petite | 1 > code de l'éducation"},
    {"8.2", "Aide sociale",
     "CCAS, petite enfance, crèche, personnes âgées, handicap, solidarité, "
     "contrat enfance jeunesse, caisse d'allocations familiales, santé",
     "6 CCAS - groupement* | 6 centre communal d'action sociale | 6 centre intercommunal "
     "d'action sociale | 6 CIAS | 6 aide sociale | 6 action sociale - personnel "
     "- agent* | 6 convention territoriale globale | 6 CTG | 6 contrat enfance "
     "jeunesse | 6 caisse d'allocations familiales | 6 CAF | 6 petite enfance "
     "| 6 crèche* | 6 multi accueil | 6 halte garderie | 6 relais petite enfance "
     "| 6 relais + assistantes maternelles | 6 assistantes maternelles | 5 maison* "
     "de santé | 5 pôle de santé | 5 centre de santé | 5 personnes âgées "
     "| 5 repas des aînés | 5 repas des anciens | 5 colis + aînés | 5 colis "
     "de noël | 5 gens du voyage | 5 parentalité | 5 soutien à la parentalité "
     "| 5 handicap | 5 contrat local de santé | 5 désert médical | 5 banque "
     "alimentaire | 5 portage de repas | 5 aide alimentaire | 5 secours populaire "
     "| 5 accessibilité + commission | 5 gérontolog* | 5 seniors - logements "
     "| 4 EHPAD | 4 résidence autonomie | 4 centre social | 4 épicerie sociale "
     "| 4 jeunesse | 4 solidarité - rénovation - loi - dotation* - Ukraine | "
     "4 Ukraine | 4 insertion sociale | 4 > code de l'action sociale et des familles "
     "+ convention"},
    {"8.3", "Voirie",
     "voirie communale, dénomination des rues, adressage, classement des voies, "
     "éclairage public, aménagement de rues",
     "8 dénomination* + rue* | 8 dénomination* + voie* | 8 dénomination* + "
     "place* | 8 dénomination* - commune - école* - salle* | 8 adressage | 8 "
     "odonyme* | 8 numérotation | 7 voirie communale + longueur | 8 longueur* "
     "+ voirie | 8 classement + voirie | 8 classement + voie* | 8 tableau* + voirie "
     "| 8 tableau + voies | 6 voirie - marché* - subvention* - DETR | 6 éclairage "
     "public | 6 effacement* + réseau* | 6 enfouissement* + réseau* | 6 dissimulation "
     "+ réseau* | 6 renforcement* + réseau* | 5 extension + réseau* + électri* "
     "| 5 signalisation | 5 déneigement | 5 viabilité hivernale | 5 réfection "
     "+ rue* | 5 aménagement + rue* | 5 aménagement + carrefour | 5 aménagement "
     "+ bourg | 5 sécurisation + bourg | 5 travaux + rue* | 5 travaux + route "
     "| 5 travaux + chemin* | 5 aménagement + chemin* | 4 sécurité + rue* | "
     "5 piste* cyclable* | 5 voie* verte* | 5 élagage | 4 voie* communale* | "
     "4 chemin* rura* | 4 giratoire | 4 trottoir* | 4 parking* - budget - règlement "
     "| 3 itinéraire* | 4 PDIPR | 4 randonnée | 4 GR12"},
    {"8.4", "Aménagement du territoire",
     "zone d'aménagement concerté, opération d'aménagement, petites villes "
     "de demain, contrat de relance, revitalisation, numérique et fibre",
     "8 ZAC - marché* - avenant* - lot* + signer | 8 zone d'aménagement concerté "
     "| 8 zone d'aménagement différé | 7 opération d'aménagement | 8 opération "
     "de revitalisation | 8 revitalisation | 8 petites villes de demain | 8 coeur "
     "de ville | 7 CRTE | 7 contrat de relance | 7 contrat de transition | 7 contrat "
     "de territoire | 7 contrat territorial | 7 contrat de pays | 7 parc naturel "
     "régional | 7 charte + PNR | 7 aménagement du territoire | 6 France services "
     "| 6 aménagement numérique | 6 fibre optique | 6 très haut débit | 6 "
     "couverture numérique | 6 aménagement + concertation | 6 projet urbain "
     "| 6 projet de territoire | 6 périmètre + aménagement | 5 établissement "
     "public foncier + convention | 5 EPF + convention | 5 EPFN | 5 agrément "
     "de candidature | 4 agence d'urbanisme | 4 tourisme + office - désignation "
     "| 3 aménagement - marché* - travaux - forfait"},
    {"8.5", "Politique de la ville-habitat-logement",
     "logement social, programme local de l'habitat, OPAH, rénovation urbaine, "
     "aide à l'habitat, contrat de ville, copropriétés",
     "9 programme local de l'habitat - plan local d'urbanisme | 9 PLH - PLUI* "
     "- PLU | 9 OPAH - subvention* | 9 amélioration de l'habitat - subvention* "
     "| 8 contrat de ville | 8 politique de la ville | 8 rénovation urbaine | "
     "8 renouvellement urbain | 8 ANRU | 8 NPNRU | 8 ANAH | 8 PIG | 8 intérêt "
     "général + habitat | 8 pacte territorial + rénov* | 8 France rénov* | "
     "8 logement* socia* - subvention* | 7 logements locatifs | 7 copropriété* "
     "| 7 propriétaire* occupant* | 7 propriétaire + occupant | 7 propriétaire "
     "+ bailleur* | 7 propriétaire* bailleur* | 7 habitat indigne | 7 permis "
     "de louer | 7 rénovation énergétique + habitat | 7 rénovation énergétique "
     "+ logement* | 7 ADIL | 6 habitat + aide* | 6 bailleur* socia* | 6 gestion "
     "urbaine de proximité | 6 quartier* prioritaire* | 5 accession + propriété "
     "| 5 habitat - contribution* | 5 contingent + logement* | 5 peuplement | "
     "2 > code de la construction et de l'habitation"},
    {"8.6", "Emploi-formation professionnelle",
     "emploi, insertion, formation professionnelle, mission locale, chantier d'insertion, "
     "chômage",
     "7 chômeur* | 7 territoire zéro | 7 mission locale - désignation | 7 chantier* "
     "d'insertion | 7 insertion professionnelle | 7 formation professionnelle "
     "| 6 PLIE | 6 maison de l'emploi | 6 insertion par l'activité | 5 emploi* "
     "+ insertion - contrat | 5 bourse* + emploi"},
    {"8.7", "Transports",
     "transports publics, mobilité, transport scolaire, tramway, autopartage, "
     "bus",
     "8 transport* scolaire* | 8 transport* urbain* | 8 transport* public* | 8 "
     "transport* à la demande | 8 transport* en commun | 8 mobilité* - forfait "
     "- versement - ukraine | 8 tramway | 8 plan de déplacement* | 8 plan de "
     "mobilité | 7 autopartage | 7 covoiturage | 7 vélos en libre service | "
     "6 navette* | 6 train touristique | 5 gare - marché* | 5 transport* - forfait "
     "| 4 vélo* | 4 bus"},
    {"8.8", "Environnement",
     "eau, assainissement, déchets, énergie, milieux aquatiques, climat, éolien, "
     "rapport sur le prix et la qualité du service",
     "9 prix et la qualité + service | 9 prix + qualité + eau | 9 RPQS | 9 rapport "
     "+ qualité + assainissement | 9 rapport + qualité + déchet* | 8 PCAET "
     "- SCOT | 8 plan climat | 8 éolien* | 8 installation* classée* | 8 ICPE "
     "| 8 carrière* | 8 autorisation environnementale | 8 enquête publique + "
     "exploit* | 8 photovoltaïque* | 8 méthanis* | 8 SAGE | 8 agence de l'eau "
     "- subvention* | 8 GEMAPI - taxe - produit | 8 contrat de rivière | 8 rivière* "
     "| 7 développement durable - projet urbain - urbanisme | 7 transition énergétique "
     "| 7 conseil en énergie | 7 frelon* | 7 biodiversité | 7 zones d'accélération "
     "| 7 énergies renouvelables | 7 zone* humide* | 7 natura 2000 | 7 massif "
     "forestier | 7 forestier | 6 corbeille* | 6 tri | 6 déchet* | 6 déchèterie* "
     "| 6 ordures ménagères - taux - taxe* | 6 compost* | 6 SPANC - budget* "
     "- redevance* | 6 charte de l'arbre | 6 jardins partagés | 6 inondation* "
     "| 6 PAPI | 6 certificat* d'économie* d'énergie | 5 assainissement - budget* "
     "- compte* - tarif* - vote - DM - zonage | 5 eau potable - budget* - tarif* "
     "| 5 eaux pluviales | 5 eaux usées | 5 station d'épuration | 4 énergie* "
     "- achat - groupement* - syndicat | 4 frelons | 4 espaces verts - marché* "
     "- contrat - agent* | 4 climat | 4 déjections | 3 > code de l'environnement "
     "- subvention* | 1.5 > D 2224 | 1.5 > L 2224 5"},
    {"8.9", "Culture",
     "bibliothèque, musée, festival, école de musique, patrimoine historique, "
     "spectacle, archives, fêtes",
     "6 bibliothèque* - subvention* | 6 médiathèque* - subvention* | 6 musée* "
     "- subvention* | 6 festival* - subvention* - désignation | 6 école de musique "
     "| 6 conservatoire* - désignation | 6 politique culturelle | 6 théâtre* "
     "| 6 spectacle* | 6 culture* | 6 culturel* | 6 monument* historique* | 6 "
     "archéologi* | 6 exposition* | 6 cinéma* | 5 restauration + église* | "
     "5 restauration + tableau* | 5 restauration + oeuvre* | 5 journées du patrimoine "
     "| 5 concert* | 4 festivité* | 4 jumelage | 4 église* - marché* - subvention* "
     "- éclairage - mur | 4 désherbage | 4 pass culture | 4 tournage | 4 saison "
     "culturelle"},
    {"9", "Autres domaines de compétences",
     "vœux, motions, sports, cérémonies et autres sujets",
     "0.5 autres compétences"},
    {"9.1", "Autres domaines de compétences des communes",
     "sport, cérémonies, distinctions, coopération décentralisée, logo, charte, "
     "questions diverses",
     "5 coopération décentralisée | 5 manifestation* sportive* | 5 équipement* "
     "sportif* - subvention* | 4 médaille* | 4 citoyen d'honneur | 4 charte graphique "
     "| 4 logo | 4 label - subvention* | 4 logiciels libres | 4 open data | 4 "
     "protection des données | 4 RGPD | 4 téléprotection | 4 télétransmission "
     "| 4 dématérialisation + actes | 4 @ctes | 4 contrôle de légalité"},
    {"9.2", "Autres domaines de compétences des départements",
     "autres sujets d'un conseil départemental",
     "2 compétence* + conseil départemental"},
    {"9.3", "Autres domaines de compétences des régions",
     "autres sujets d'un conseil régional",
     "2 compétence* + conseil régional"},
    {"9.4", "Vœux et motions",
     "vœu, motion, prise de position ou soutien exprimé par l'assemblée",
     "9 voeu* - cérémonie | 9 motion* | 7 prise de position | 6 moratoire | "
     "6 soutien + maires | 5 pétition"},
};
_Static_assert(GRF_ARRAY_LEN(codes) <= MATTER_CODES_MAX, "more codes than scores");

const struct grf_matter_code *grf_matter_at(size_t k)
{
    return k < GRF_ARRAY_LEN(codes) ? &codes[k] : NULL;
}

size_t grf_matter_count(void)
{
    return GRF_ARRAY_LEN(codes);
}
