"""What tells a first name from a last name where no heading does: common names and endings."""

from __future__ import annotations

import re

# The names that most people in Finland have, in Finnish and Swedish.
_COMMON = """
aada aarne aaro aatu ahti aino aki aleksi alina alisa anders andreas anette ann anna anne anneli
anni anniina annika antero anton antti anu ari arja arto arttu arvo asko asta atte auli bengt
birgit bo camilla carina carl charlotta christer christian christina daniel david ebba eero eeva
eija eila eino elias elina elisa elisabet elisabeth ella elli emil emilia emma emmi erik erika
erkki ernst esa esko essi eva fanny filip fredrik frida george gunilla göran hanna hannele hannu
hans harri heidi heikki helena heli helmi hely henna henri henrik henry iida iiris ilkka ilmari
ilona inga ingrid inka irja irma irmeli jaakko jaana jan jani janne jari jarkko jarmo jarno
jenna jenni jenny jere jesse joakim joel johan johanna john jonas joni joonas jorma jouko jouni
juha juhana juhani juho jukka julia juri jussi jutta jyrki kaarina kaisa kalevi kalle kari karin
karita karl karoliina katariina katja katri kauko kerttu kim kimmo kirsi kirsti kristian
kristiina kurt kyösti lars lasse laura lauri leena leif lena leo liisa lilli linda lotta maarit
magnus maija maiju maj malin marcus mari maria marianne marika marita marja marjatta marjo
marjut markku marko markus martin martti marttiina mary matias mats matti meri merja mia michael
mika mikael mikaela mikko milla minna mira mirja mirjami mirka mona nea nelli niclas niilo niina
niklas nina noora olavi oliver olli onni oona oskar ossi otto outi paavo paula pauli pauliina
pekka pentti per pertti peter petra petri petteri pia piia pirjo pirkko raija raili raimo rainer
ralf rami rasmus rauno reijo reino riikka riina risto ritva robert robin roger roosa saana
sakari salla sami samu samuel samuli sanna sanni sara sari satu sebastian seija senja seppo sini
sinikka sirkka sirpa sofia sonja stefan stig sture susanna susanne suvi sven taina taisto tanja
tapani tapio tarja taru teemu teija teppo terhi terttu thomas tiia tiina timo toini tom tomi
tommi tuija tuomas tuomo tuula tytti ulf ulla ulrika unto urho vappu veera veijo veikko venla
vera vesa victor viivi viljami ville vilma virpi virva väinö walter william åke
"""
_FIRST_NAMES = frozenset(_COMMON.split())
_LAST_ENDING = re.compile(
    r"\w(?:nen|ström|berg|lund|q?vist|kvist|sson|sen|gren|roos|mäki|maki|niemi|järvi|jarvi|koski|"
    r"ranta|saari|lahti|holm|blom|bäck|stedt|feldt|virta|suo|vaara|kangas|harju|salo|korpi|pelto|"
    r"niitty|luoma|joki|oja|aho|la|lä)$"
)


def is_first_name(word: str) -> bool:
    """True for a name that many people have as their first; hyphened ones by their first part."""
    return word.casefold().partition("-")[0] in _FIRST_NAMES


def is_last_name(word: str) -> bool:
    """True for a word that ends as last names do and is no common first name."""
    return not is_first_name(word) and _LAST_ENDING.search(word.casefold()) is not None


def order_by_names(name: str) -> int:
    """1 for first name first, -1 for last name first, 0 if the words do not tell."""
    words = name.split()
    if len(words) < 2:
        return 0
    loud = [len(word) > 2 and word.isupper() for word in words]
    if loud[0] != loud[-1]:
        return -1 if loud[0] else 1
    one, other = is_first_name(words[0]), is_first_name(words[-1])
    if one != other:
        return 1 if one else -1
    one, other = is_last_name(words[0]), is_last_name(words[-1])
    if one != other:
        return -1 if one else 1
    return 0
