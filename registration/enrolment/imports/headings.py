"""What a heading means, in the languages of the lists that companies send."""

from __future__ import annotations

import re
from collections.abc import Mapping

from registration.enrolment.imports.fields import Field
from registration.enrolment.imports.texts import key, plain

_HEADINGS: Mapping[Field, str] = {
    Field.FIRST_NAME: "etunimi etunimet kutsumanimi förnamn tilltalsnamn firstname firstnames "
    "givenname givennames forename vorname eesnimi",
    Field.LAST_NAME: "sukunimi sukunimet efternamn släktnamn tillnamn lastname lastnames surname "
    "familyname nachname perekonnanimi perenimi",
    Field.NAME: "nimi kokonimi osallistuja osallistujat osallistujannimi työntekijä työntekijät "
    "työntekijännimi henkilö henkilönnimi namn helanamnet fullständigtnamn deltagare "
    "deltagarensnamn anställd anställda person name names fullname participant participants "
    "participantname employee employees employeename nimet namnen",
    Field.NAME_FIRST_LAST: "etunimisukunimi etunimijasukunimi etujasukunimi förnamnefternamn "
    "förnamnochefternamn förochefternamn firstnamelastname firstandlastname etunimetjasukunimi "
    "firstnameandlastname etunimetsukunimi",
    Field.NAME_LAST_FIRST: "sukunimietunimi sukunimijaetunimi sukujaetunimi sukunimietunimet "
    "efternamnförnamn efternamnochförnamn efterochförnamn lastnamefirstname "
    "sukunimijaetunimet lastnameandfirstname surnamefirstname",
    Field.EMAIL: "sähköposti sähköpostiosoite sähköpostit sposti spostiosoite meili maili email "
    "emailaddress emailosoite emails epost epostadress epostaddress mail mailaddress mailadress "
    "mejl mejladress työsähköposti sahkoposti sahkopostiosoite emailadresse epostiaadress",
    Field.PHONE: "puhelin puhelinnumero puhelinnro puh puhnro puhno puhelinnumerot gsm gsmnumero "
    "matkapuhelin matkapuhelinnumero kännykkä kännykkänumero telefon telefonnummer telefonnr tel "
    "tfn telnr mobil mobilnummer mobiltelefon mobiltelefonnummer mobilnr phone phonenumber "
    "phoneno telephone telephonenumber mobile mobilephone mobilenumber mobilephonenumber mobileno "
    "cell cellphone työpuhelin puhelinumero",
    Field.STREET: "lähiosoite katuosoite osoite postiosoite kotiosoite adress gatuadress "
    "näradress postadress hemadress gata address streetaddress street addressline postaladdress "
    "homeaddress strasse aadress",
    Field.POSTAL_CODE: "postinumero postinro postino postnro pnro postnummer postnr postalcode "
    "postcode zip zipcode zippostalcode postinumerojapostitoimipaikka postinumerojapaikkakunta "
    "postnummerochort postnummerochpostort plz postalcodeandcity",
    Field.CITY: "paikkakunta kunta kaupunki postitoimipaikka postitmp ptp kotikunta kotipaikka "
    "kotipaikkakunta ort postort postanstalt stad kommun hemort hemkommun city town municipality",
    Field.COUNTRY: "maa kotimaa maakoodi land hemland landskod country countrycode",
    Field.LANGUAGE: "kieli asiointikieli äidinkieli kurssikieli koulutuskieli språk modersmål "
    "kontaktspråk kursspråk language preferredlanguage languagecode kielikoodi",
    Field.COMPANY: "yritys yhtiö työnantaja organisaatio yrityksennimi firma företag bolag "
    "arbetsgivare organisation företagetsnamn company companyname employer organization "
    "työnantajannimi",
}
_EXACT = {heading: known for known, words in _HEADINGS.items() for heading in words.split()}
_PARTS: tuple[tuple[str, Field], ...] = (
    ("etunim", Field.FIRST_NAME), ("förnamn", Field.FIRST_NAME), ("firstname", Field.FIRST_NAME),
    ("sukunim", Field.LAST_NAME), ("efternamn", Field.LAST_NAME), ("lastname", Field.LAST_NAME),
    ("surname", Field.LAST_NAME), ("sähköposti", Field.EMAIL), ("email", Field.EMAIL),
    ("epost", Field.EMAIL), ("puhelin", Field.PHONE), ("telefon", Field.PHONE),
    ("phone", Field.PHONE), ("mobil", Field.PHONE), ("postinumero", Field.POSTAL_CODE),
    ("postnummer", Field.POSTAL_CODE), ("postalcode", Field.POSTAL_CODE),
    ("katuosoite", Field.STREET), ("lähiosoite", Field.STREET), ("gatuadress", Field.STREET),
    ("postitoimipaikka", Field.CITY), ("postort", Field.CITY),
)  # fmt: skip
_OTHERS = re.compile(
    r"esimie|esihenkil|päällik|yhteyshenk|yhdyshenk|lasku|lähiomai|yrityk|yhtiö|chef|förman|"
    r"kontaktperson|faktura|anhörig|företag|manager|supervisor|contactperson|invoice|billing|"
    r"nextofkin|emergency|company|fax|orderer|tilaaj|beställ"
)
_OTHERS_ASIDE = re.compile(
    r"esimie|esihenk|päällik|lasku|lähiomai|chef|förman|manager|supervisor|faktura|invoice|"
    r"anhörig|emergency|next of kin",
    re.IGNORECASE,
)


def field_of(heading: str) -> tuple[Field | None, int]:
    """What a heading means, and how sure that is: 2 known word, 1 part of a longer one, 0 not."""
    word = key(heading)
    if _OTHERS_ASIDE.search(plain(heading[:120])):
        return None, 0
    if known := _EXACT.get(word):
        return known, 2
    if _OTHERS.search(word):
        return None, 0
    for part, meant in _PARTS:
        if part in word:
            return meant, 1
    return None, 0
