"""What the fictional organisation offers: trainings, venues, and when its sessions and events are.

Days count from today; texts are in the languages of the house.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from registration.catalogue.rules import CertificateDesign, GradeScale
from registration.demo.kinds import EventOffer, MealOffer, SessionOffer, TrainingOffer
from registration.teaching.rules import Invitation

_TRACK = {"fi": "Rata", "sv": "Bana", "en": "Track"}
_ELECTRICITY = {"fi": "Sähkö", "sv": "El", "en": "Electricity"}
_FIRST_AID = {"fi": "Ensiapu", "sv": "Första hjälpen", "en": "First aid"}
_SAFETY = {"fi": "Turvallisuus", "sv": "Säkerhet", "en": "Safety"}


VENUES: Mapping[str, tuple[str, str, str, str]] = {
    "pasila": ("Koulutuskeskus Pasila", "Ratapihantie 6", "00520", "Helsinki"),
    "tampere": ("Veturitallit", "Veturitie 14", "33100", "Tampere"),
    "kouvola": ("Ratapihan harjoitusalue", "Kiskontie 2", "45100", "Kouvola"),
    "vaasa": ("Utbildningshuset Kajen", "Hamngatan 9", "65100", "Vaasa"),
    "oulu": ("Pohjoisen koulutustalo", "Asemakatu 20", "90100", "Oulu"),
}

TRAININGS: tuple[TrainingOffer, ...] = (
    TrainingOffer(
        "track",
        {
            "fi": "Ratatyöturvallisuus",
            "sv": "Säkerhet vid banarbete",
            "en": "Track work safety",
        },
        {
            "fi": "Kaikille, jotka työskentelevät radalla tai sen vaikutusalueella.",
            "sv": "För alla som arbetar på eller intill spåret.",
            "en": "For everyone who works on the track or beside it.",
        },
        {
            "fi": "Tunnistat radan vaarat, osaat suojautua niiltä ja tunnet ratatyön luvat.",
            "sv": "Du känner spårets faror, kan skydda dig och vet vilka tillstånd som behövs.",
            "en": "You know the dangers of the track, how to guard against them, and the permits.",
        },
        {
            "fi": "Oikeuttaa liikkumaan ja työskentelemään rata-alueella.",
            "sv": "Ger rätt att vistas och arbeta på spårområdet.",
            "en": "Allows you to move and work in the track area.",
        },
        _TRACK,
        8,
        GradeScale.PASS_FAIL,
        60,
    ),
    TrainingOffer(
        "electric",
        {
            "fi": "Sähkötyöturvallisuus SFS 6002",
            "sv": "Elarbetssäkerhet SFS 6002",
            "en": "Electrical work safety SFS 6002",
        },
        {
            "fi": "Sähköalan töitä tekeville ja niitä valvoville.",
            "sv": "För dem som utför eller övervakar elarbeten.",
            "en": "For those who do electrical work or supervise it.",
        },
        {
            "fi": "Osaat tehdä kohteen jännitteettömäksi ja työskennellä turvallisesti.",
            "sv": "Du kan göra en anläggning spänningslös och arbeta säkert.",
            "en": "You can make an installation dead and work on it safely.",
        },
        {
            "fi": "Täyttää sähkötyöturvallisuuden koulutusvaatimuksen viideksi vuodeksi.",
            "sv": "Uppfyller utbildningskravet för elarbetssäkerhet i fem år.",
            "en": "Meets the training requirement for electrical work safety for five years.",
        },
        _ELECTRICITY,
        8,
        GradeScale.ZERO_TO_FIVE,
        60,
        attendance_percent=100,
        lowest_grade="2",
    ),
    TrainingOffer(
        "firstaid",
        {"fi": "Ensiapu EA 1", "sv": "Första hjälpen FHJ 1", "en": "First aid, basic course"},
        {
            "fi": "Kaksi päivää käytännön harjoituksia pienessä ryhmässä.",
            "sv": "Två dagar praktiska övningar i en liten grupp.",
            "en": "Two days of practice in a small group.",
        },
        {
            "fi": "Osaat toimia onnettomuuspaikalla ja antaa henkeä pelastavaa ensiapua.",
            "sv": "Du kan handla på en olycksplats och ge livräddande första hjälp.",
            "en": "You can act at the scene of an accident and give first aid that saves lives.",
        },
        {
            "fi": "Työpaikan ensiapuvalmius kolmeksi vuodeksi.",
            "sv": "Förstahjälpberedskap på arbetsplatsen i tre år.",
            "en": "First-aid readiness at the workplace for three years.",
        },
        _FIRST_AID,
        16,
        GradeScale.PASS_FAIL,
        36,
        attendance_percent=100,
        design=CertificateDesign.MODERN,
    ),
    TrainingOffer(
        "hotwork",
        {"fi": "Tulityöt", "sv": "Heta arbeten", "en": "Hot work"},
        {
            "fi": "Tulitöitä tekeville, vartioiville ja niistä vastaaville.",
            "sv": "För dem som utför, bevakar och ansvarar för heta arbeten.",
            "en": "For those who do, guard and answer for hot work.",
        },
        {
            "fi": "Tunnet tulitöiden vaarat ja osaat sammuttaa alkavan palon.",
            "sv": "Du känner riskerna och kan släcka en begynnande brand.",
            "en": "You know the risks and can put out a fire that starts.",
        },
        {
            "fi": "Oikeuttaa tekemään tulitöitä tilapäisellä tulityöpaikalla.",
            "sv": "Ger rätt att utföra heta arbeten på tillfälliga arbetsplatser.",
            "en": "Allows hot work at temporary sites.",
        },
        _SAFETY,
        7,
        GradeScale.PERCENT,
        60,
        attendance_percent=100,
        lowest_grade="60",
        design=CertificateDesign.CARD,
    ),
    TrainingOffer(
        "height",
        {"fi": "Työskentely korkealla", "sv": "Arbete på hög höjd", "en": "Working at height"},
        {
            "fi": "Putoamissuojaus ja pelastaminen mastoissa ja ratajohtopylväissä.",
            "sv": "Fallskydd och räddning i master och kontaktledningsstolpar.",
            "en": "Fall protection and rescue in masts and catenary poles.",
        },
        {
            "fi": "Osaat tarkastaa ja käyttää putoamissuojaimia ja pelastaa työparin.",
            "sv": "Du kan granska och använda fallskydd och rädda din kollega.",
            "en": "You can check and use fall protection and rescue your partner.",
        },
        {
            "fi": "Oikeuttaa työskentelemään valjaissa yli kahden metrin korkeudessa.",
            "sv": "Ger rätt att arbeta i sele på över två meters höjd.",
            "en": "Allows work in a harness above two metres.",
        },
        _SAFETY,
        8,
        GradeScale.PASS_FAIL,
        24,
    ),
    TrainingOffer(
        "card",
        {
            "fi": "Työturvallisuuskortti",
            "sv": "Arbetarskyddskort",
            "en": "Occupational safety card",
        },
        {
            "fi": "Yhteisen työpaikan vaarat ja hyvät tavat yhdessä päivässä.",
            "sv": "Farorna på en gemensam arbetsplats, på en dag.",
            "en": "The dangers of a shared workplace, in one day.",
        },
        {
            "fi": "Tunnet työpaikan vaarat ja osaat toimia niin, ettei kenellekään käy huonosti.",
            "sv": "Du känner farorna och kan arbeta så att ingen skadas.",
            "en": "You know the dangers and how to work so that nobody gets hurt.",
        },
        {
            "fi": "Useimpien tilaajien vaatima kortti viideksi vuodeksi.",
            "sv": "Kortet som de flesta beställare kräver, i fem år.",
            "en": "The card that most clients require, for five years.",
        },
        _SAFETY,
        8,
        GradeScale.PERCENT,
        60,
        attendance_percent=100,
        lowest_grade="65",
        design=CertificateDesign.CARD,
    ),
    TrainingOffer(
        "lead",
        {"fi": "Ratatyöstä vastaava", "sv": "Ansvarig för banarbete", "en": "Person in charge"},
        {
            "fi": "Kolmen päivän koulutus niille, jotka johtavat ratatyötä.",
            "sv": "Tre dagar för dem som leder banarbete.",
            "en": "Three days for those who lead work on the track.",
        },
        {
            "fi": "Osaat suunnitella ratatyön, hakea luvat ja johtaa ryhmän turvallisesti.",
            "sv": "Du kan planera banarbete, söka tillstånd och leda gruppen säkert.",
            "en": "You can plan work on the track, apply for permits and lead the group safely.",
        },
        {
            "fi": "Pätevyys toimia ratatyöstä vastaavana.",
            "sv": "Behörighet att vara ansvarig för banarbete.",
            "en": "Qualifies you to be in charge of work on the track.",
        },
        _TRACK,
        24,
        GradeScale.ZERO_TO_FIVE,
        36,
    ),
)

SESSIONS: tuple[SessionOffer, ...] = (
    SessionOffer("track", -45, 1, "kouvola", 16, 290, fill=6, crew=8, trainer=1),
    SessionOffer("firstaid", -30, 2, "pasila", 12, 320, fill=7, crew=4, trainer=2),
    SessionOffer("hotwork", -12, 1, "tampere", 14, 180, fill=5, crew=6, trainer=1),
    SessionOffer("electric", 0, 1, "pasila", 16, 340, fill=7, crew=6, trainer=1),
    SessionOffer("track", 6, 1, "kouvola", 12, 290, fill=9, crew=6, trainer=1),
    SessionOffer("card", 9, 1, "tampere", 20, 160, fill=5, crew=3, trainer=2),
    SessionOffer(
        "height", 13, 1, "kouvola", 8, 390, fill=4, crew=2, trainer=1, answer=Invitation.INVITED
    ),
    SessionOffer(
        "firstaid", 17, 2, "vaasa", 12, 320, "sv", fill=3, trainer=2, answer=Invitation.INVITED
    ),
    SessionOffer("hotwork", 20, 1, "oulu", 14, 180, fill=2, crew=2),
    SessionOffer(
        "electric",
        24,
        1,
        "vaasa",
        16,
        340,
        "sv",
        fill=2,
        crew=4,
        trainer=2,
        answer=Invitation.DECLINED,
    ),
    SessionOffer(
        "lead", 31, 3, "tampere", 10, 980, fill=3, crew=3, trainer=1, cancel_days=7, checked=1
    ),
    SessionOffer("track", 38, 1, "pasila", 20, 290, "en", fill=2),
    SessionOffer("card", 45, 1, "oulu", 20, 160),
    SessionOffer("firstaid", 58, 2, "tampere", 12, 320, fill=1),
)

# Told last, when it is known who came to what.
LATER: tuple[SessionOffer, ...] = (
    SessionOffer("card", 33, 1, "oulu", 20, 160, fill=4, minimum=8, decide_days=7),
    SessionOffer(
        "height", 27, 1, "kouvola", 6, 390, fill=9, cancel_days=5, offer_hours=48, leaves=True
    ),
    SessionOffer(
        "electric", 40, 1, "pasila", 16, 340, fill=3, crew=6, quota=4, offer_hours=24, unnamed=3
    ),
)
# Who wants to take the first must have taken the second; True: it must still be valid.
NEEDS: tuple[tuple[str, str, bool], ...] = (("lead", "track", True), ("lead", "firstaid", False))
REMIND_HOURS = 48

EVENTS: tuple[EventOffer, ...] = (
    EventOffer(
        {"fi": "Syysseminaari", "sv": "Höstseminarium", "en": "Autumn seminar"},
        {
            "fi": "Vuoden turvallisuushavainnot ja keskustelua lounaan ääressä.",
            "sv": "Årets säkerhetsiakttagelser och samtal över en lunch.",
            "en": "The year's safety findings, and talk over lunch.",
        },
        -9,
        (9, 15),
        "pasila",
        60,
        18,
        (MealOffer("lunch"),),
    ),
    EventOffer(
        {"fi": "Asiakaspäivät", "sv": "Kunddagar", "en": "Customer days"},
        {
            "fi": "Kaksi päivää uutta raidetekniikkaa, työpajoja ja yhteinen illallinen.",
            "sv": "Två dagar ny spårteknik, verkstäder och gemensam middag.",
            "en": "Two days of new track technology, workshops and dinner together.",
        },
        12,
        (10, 15),
        "tampere",
        80,
        42,
        (
            MealOffer("lunch"),
            MealOffer(
                "dinner",
                name={
                    "fi": "Illallinen veturitallissa",
                    "sv": "Middag i lokstallet",
                    "en": "Dinner in the roundhouse",
                },
            ),
            MealOffer("breakfast", 1),
            MealOffer("lunch", 1),
        ),
        days=2,
        kitchen_days=5,
        late=6,
    ),
    EventOffer(
        {"fi": "Turvallisuusaamiainen", "sv": "Säkerhetsfrukost", "en": "Safety breakfast"},
        {
            "fi": "Tunti hyvää kahvia ja yksi opittu asia.",
            "sv": "En timme gott kaffe och en lärdom.",
            "en": "An hour of good coffee and one thing learnt.",
        },
        19,
        (8, 10),
        "pasila",
        24,
        9,
        (MealOffer("breakfast"),),
        timedelta(0),
    ),
    EventOffer(
        {
            "fi": "Verkkotapaaminen: uudet ratatyöohjeet",
            "sv": "Webbträff: nya anvisningar för banarbete",
            "en": "Online meeting: the new rules for track work",
        },
        {
            "fi": "Mitä muuttuu ja milloin. Kysy asiantuntijoilta.",
            "sv": "Vad ändras och när. Fråga experterna.",
            "en": "What changes and when. Ask the experts.",
        },
        26,
        (13, 15),
        "",
        200,
        14,
    ),
)
