"""How the demo's year went so far, told through the same services that people use."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

from registration.accounts.grants import grant
from registration.accounts.rules import Held, Identity, Role
from registration.accounts.service import add_account, participant_account
from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.lines import EventLine
from registration.catalogue.rules import (
    Day,
    EventGiven,
    MealGiven,
    MealKind,
    NeedGiven,
    Offering,
    SessionGiven,
    TrainingGiven,
    VenueGiven,
)
from registration.catering.deletion import delete_due
from registration.catering.links import LinkGiven, make_link
from registration.catering.rules import Diet, DietGiven
from registration.catering.service import register_guest
from registration.catering.sheets import Road, hand_out
from registration.companies.applications import apply
from registration.companies.rules import ApplicationGiven, CompanyGiven
from registration.companies.service import add_company, employ, verify_company
from registration.db import transaction
from registration.demo.asked import ask_desk
from registration.demo.billing import invoice_oldest
from registration.demo.consents import confirm_ticks, write_news
from registration.demo.days import business_id, local_hour, working_day
from registration.demo.feedback import give_feedback
from registration.demo.kinds import EventOffer, SessionOffer
from registration.demo.names import CITIES, COMPANIES, FIRST, LAST, RECIPIENTS, STREETS
from registration.demo.objecting import object_in_time
from registration.demo.offer import (
    EVENTS,
    LATER,
    NEEDS,
    REMIND_HOURS,
    SESSIONS,
    TRAININGS,
    VENUES,
)
from registration.demo.packs import renew_late, take_packs
from registration.demo.results import ask_trainer, record_results
from registration.demo.retention import hold_and_let_go
from registration.enrolment.groups import Group, enrol_group
from registration.enrolment.holds import hold_seats
from registration.enrolment.interests import tell_me
from registration.enrolment.rules import Taken, Why
from registration.enrolment.service import SignUp, cancel, sign_up
from registration.mail.rules import Addressee
from registration.people.rules import Contact, Purpose, Source
from registration.people.service import know
from registration.qualifications import admission
from registration.settings import Settings
from registration.teaching.rules import RecipientGiven
from registration.teaching.service import add_recipient

TRAINER_EMAILS = ("tarja.taito@taito.example", "nils.ek@rskola.example")
DIETS: tuple[dict[str, object], ...] = (
    {"needs": ["gluten-free"]},
    {"needs": ["vegetarian"]},
    {"needs": ["lactose-free"]},
    {"needs": ["vegan"]},
    {"allergies": ["nuts"], "serious": True, "contact_consent": True},
    {"needs": ["vegetarian"]},
    {"needs": ["gluten-free"], "allergies": ["fish"]},
    {"needs": ["lactose-free"]},
    {"needs": ["gluten-free"]},
    {"needs": ["vegan"], "other": "Ei korianteria, kiitos."},
    {"needs": ["vegetarian"]},
    {"needs": ["lactose-free"]},
    {"needs": ["gluten-free"]},
    {"needs": ["vegetarian"]},
)


class Story:
    """Who and what there is. ``accounts`` are (role, e-mail, account id) of those who log in."""

    staff_email = "sirpa.asema@pohjanraide.example"
    organiser_email = "olavi.juhla@pohjanraide.example"
    coordinator_emails = tuple(f"koulutus@{domain}" for _name, domain, _city in COMPANIES)

    def __init__(self, settings: Settings, now: datetime) -> None:
        self.settings, self.now = settings, now
        self.accounts: list[tuple[str, str, UUID]] = []
        self._chance = random.Random(20180528)  # noqa: S311 -- a story, no secret
        names = list(product(FIRST, LAST))
        self._chance.shuffle(names)
        self._names: Iterator[tuple[str, str]] = iter(names)
        self._trainings: dict[str, UUID] = {}
        self._venues: dict[str, UUID] = {}
        self._companies: list[tuple[UUID, str, str, UUID]] = []
        self._crews: dict[UUID, list[Contact]] = {}
        self._trainers: list[tuple[UUID, UUID]] = []
        self._public: list[Contact] = []
        self._places: dict[str, list[UUID]] = {}

    async def tell(self) -> None:
        admission.begin()
        await self._staff()
        await self._companies_and_trainers()
        await self._offer()
        for session in SESSIONS:
            await self._session(session)
        await renew_late(self._trainers[1][1], staff_id=self.staff_id, now=self.now)
        await invoice_oldest(self.settings, staff_id=self.staff_id, now=self.now)
        for event in EVENTS:
            await self._event(event)
        self._star = max(self._public, key=lambda each: len(self._places.get(each.email, [])))
        for session in LATER:
            await self._session(session)
        await confirm_ticks(self.settings)
        writer = Addressee(self.staff_email, "Sirpa Asema", "fi", account_id=self.staff_id)
        await write_news(writer, staff_id=self.staff_id, settings=self.settings, now=self.now)
        await self._interests()
        await self._participant()
        await ask_desk(
            self._public[1:6], staff_id=self.staff_id, settings=self.settings, now=self.now
        )
        await object_in_time(self._public[6], now=self.now)
        await hold_and_let_go(staff_id=self.staff_id, settings=self.settings, now=self.now)
        await give_feedback(
            self.settings,
            quiet=self._star.email,
            staff_id=self.staff_id,
            chance=random.Random(18),  # noqa: S311 -- a story, no secret
            now=self.now,
        )

    async def _staff(self) -> None:
        long_ago = self.now - timedelta(days=310)
        self.staff_id = await add_account(
            self.staff_email, "Sirpa Asema", Role.STAFF, nda_on=long_ago.date(), now=long_ago
        )
        self.organiser_id = await add_account(
            self.organiser_email,
            "Olavi Juhla",
            Role.ORGANISER,
            nda_on=long_ago.date(),
            now=long_ago,
        )
        self.accounts += [
            ("staff", self.staff_email, self.staff_id),
            ("organiser", self.organiser_email, self.organiser_id),
        ]

    async def _companies_and_trainers(self) -> None:
        long_ago = self.now - timedelta(days=300)
        for number, (name, domain, city) in enumerate(COMPANIES):
            given = CompanyGiven(name=name, city=city, business_id=business_id(2_345_670 + number))
            company_id = await add_company(given, actor_id=self.staff_id, now=long_ago)
            first, last = next(self._names)
            account = await add_account(
                self.coordinator_emails[number],
                f"{first} {last}",
                Role.COORDINATOR,
                company_id=company_id,
                language="sv" if number == 1 else "fi",
                now=long_ago,
            )
            self.accounts.append(("coordinator", self.coordinator_emails[number], account))
            self._companies.append((company_id, name, domain, account))
            self._crews[company_id] = crew = [self._person(domain) for _each in range(24)]
            async with transaction():
                known = [await know(each, source=Source.COMPANY, now=long_ago) for each in crew]
                ids = [person.id for person, _is_new in known]
                await employ(company_id, ids, source=Source.COMPANY, now=long_ago)
            if number:
                await verify_company(company_id, actor_id=self.staff_id, now=long_ago)
        asking = {"company": "Ratahuolto Uusi Oy", "business_id": business_id(2_345_690)}
        who = {"name": "Essi Esimerkki", "email": "essi@ratahuolto.example"}
        await apply(ApplicationGiven.model_validate(asking | who), now=self.now)
        for (name, country), email, person in zip(
            RECIPIENTS, TRAINER_EMAILS, ("Tarja Taito", "Nils Ek"), strict=True
        ):
            recipient = await add_recipient(
                RecipientGiven(name=name, country=country, agreement_on=long_ago.date()),
                actor_id=self.staff_id,
                now=long_ago,
            )
            trainer = await add_account(email, person, Role.TRAINER, now=long_ago)
            self._trainers.append((trainer, recipient))
            self.accounts.append(("trainer", email, trainer))

    async def _offer(self) -> None:
        long_ago = self.now - timedelta(days=200)
        for key, (name, street, postal_code, city) in VENUES.items():
            venue = VenueGiven(name=name, street=street, postal_code=postal_code, city=city)
            self._venues[key] = await catalogue_service.add_venue(
                venue, actor_id=self.staff_id, now=long_ago
            )
        for each in TRAININGS:
            needs = [(needed, valid) for key, needed, valid in NEEDS if key == each.key]
            training = TrainingGiven(
                title=dict(each.title),
                summary=dict(each.summary),
                aims=dict(each.aims),
                qualifies_for=dict(each.qualifies_for),
                topic=dict(each.topic),
                length_minutes=each.hours * 60,
                grade_scale=each.scale,
                valid_months=each.valid_months,
                attendance_percent=each.attendance_percent,
                lowest_grade=each.lowest_grade,
                certificate_design=each.design,
                prerequisites=tuple(
                    NeedGiven(training=self._trainings[needed], valid=valid)
                    for needed, valid in needs
                ),
            )
            self._trainings[each.key] = await catalogue_service.add_training(
                training, actor_id=self.staff_id, now=long_ago
            )
        self._public = [self._person("posti.example") for _each in range(60)]

    async def _session(self, offer: SessionOffer) -> None:
        first = self._working_day(offer.day, offer.days)
        days = tuple(
            Day(starts_at=self._at(first + n, 9), ends_at=self._at(first + n, 16))
            for n in range(offer.days)
        )
        before = min(self.now, days[0].starts_at) - timedelta(days=25)
        given = self._given(offer, days)
        session_id = await catalogue_service.add_session(given, actor_id=self.staff_id, now=before)
        offering = catalogue.session_offering(await catalogue.session(session_id))
        await self._sign_ups(offering, offer, before)
        if offer.trainer:
            trainer, recipient = self._trainers[offer.trainer - 1]
            await ask_trainer(
                session_id,
                trainer,
                recipient,
                offer.answer,
                staff_id=self.staff_id,
                settings=self.settings,
                now=before,
            )
            if days[-1].ends_at + timedelta(days=1) < self.now:
                await record_results(
                    session_id, trainer, chance=self._chance, settings=self.settings
                )
                await take_packs(session_id, trainer, settings=self.settings)

    def _given(self, offer: SessionOffer, days: tuple[Day, ...]) -> SessionGiven:
        starts_at = days[0].starts_at
        return SessionGiven(
            training=self._trainings[offer.training],
            days=days,
            capacity=offer.seats,
            language=offer.language,
            venue=self._venues[offer.venue],
            price_cents=offer.euros * 100,
            minimum=offer.minimum,
            decide_by=_back(starts_at, offer.decide_days),
            cancels_until=_back(starts_at, offer.cancel_days),
            company_quota=offer.quota,
            offer_hours=offer.offer_hours,
            remind_hours=REMIND_HOURS,
        )

    async def _sign_ups(self, offering: Offering, offer: SessionOffer, before: datetime) -> None:
        if offer.crew:
            company_id, name, _domain, account = self._chance.choice(self._companies)
            crew = tuple(self._chance.sample(self._crews[company_id], offer.crew))
            group = Group(company_id, name, account, Source.COMPANY, crew)
            await enrol_group(offering, group, settings=self.settings, now=before)
        people = self._chance.sample(self._public, offer.fill)
        if offer.leaves:  # the first who waits is somebody to log in as
            people = [each for each in people if each != self._star][: offer.fill - 1]
            people.insert(offer.seats, self._star)
        taken: list[Taken] = []
        for number, contact in enumerate(people):
            checked = number >= offer.fill - offer.checked
            moment = before + timedelta(hours=55 * number + 1)
            if checked:
                moment = self.now - timedelta(hours=3)
            wish = SignUp(
                contact,
                Source.SELF,
                consents=self._consents(),
                waived=Why.SHOWN if offer.checked and not checked else None,
            )
            taken.append(await sign_up(offering, wish, settings=self.settings, now=moment))
            self._places.setdefault(contact.email, []).append(taken[-1].person_id)
        if offer.leaves:
            yesterday = self.now - timedelta(hours=20)
            await cancel(taken[0].id, actor_id=None, settings=self.settings, now=yesterday)
        if offer.unnamed:
            company_id, _name, _domain, account = self._companies[0]
            await hold_seats(
                offering,
                company_id=company_id,
                actor_id=account,
                number=offer.unnamed,
                order_number="4500017",
                settings=self.settings,
                now=self.now - timedelta(days=2),
            )

    async def _interests(self) -> None:
        """Two want to hear of new dates: who can log in, and somebody else."""
        moment = self.now - timedelta(days=3)
        for contact, key in ((self._star, "firstaid"), (self._public[0], "lead")):
            await tell_me(
                contact,
                self._trainings[key],
                source=Source.SELF,
                settings=self.settings,
                now=moment,
            )

    async def _event(self, offer: EventOffer) -> None:
        day = self._working_day(offer.day, offer.days)
        starts_at = self._at(day, offer.hours[0])
        ends_at = self._at(day + offer.days - 1, offer.hours[1])
        before = min(self.now, starts_at) - timedelta(days=20)
        on = starts_at.astimezone(self.settings.time_zone).date()
        given = EventGiven(
            title=dict(offer.title),
            summary=dict(offer.summary),
            starts_at=starts_at,
            ends_at=ends_at,
            capacity=offer.seats,
            venue=self._venues.get(offer.venue),
            link="" if offer.venue else "https://tapaaminen.pohjanraide.example/ratatyo",
            catered=bool(offer.meals),
            meals=tuple(
                MealGiven(
                    on=on + timedelta(days=meal.day), kind=MealKind(meal.kind), name=dict(meal.name)
                )
                for meal in offer.meals
            ),
            diets_until=starts_at - timedelta(days=offer.kitchen_days)
            if offer.kitchen_days
            else None,
            erase_diets_after=offer.keep,
        )
        event_id = await catalogue_service.add_event(given, actor_id=self.organiser_id, now=before)
        await grant(
            self.organiser_id,
            Role.ORGANISER,
            scope_id=event_id,
            granted_by=self.staff_id,
            reason="Järjestää tapahtuman",
            now=before,
        )
        line = await catalogue.event(event_id)
        offering = catalogue.event_offering(line)
        pause = min(timedelta(hours=17), timedelta(days=19) / offer.guests)
        for number, contact in enumerate(self._chance.sample(self._public, offer.guests)):
            moment = before + pause * number
            if offer.late and number == offer.guests - offer.late:
                await self._kitchen(line, now=moment)
            diet = self._diet(offering, number)
            wish = SignUp(contact, Source.SELF, consents=self._consents())
            taken = await register_guest(offering, wish, diet, settings=self.settings, now=moment)
            self._places.setdefault(contact.email, []).append(taken.person_id)
        if line.erase_at is not None and line.erase_at <= self.now:
            on_time = line.erase_at + timedelta(milliseconds=800)
            await delete_due(self.settings, now=on_time)

    def _diet(self, offering: Offering, number: int) -> Diet | None:
        """Every second guest eats something else; every sixth leaves out a meal."""
        if not offering.meals:
            return None
        given = DIETS[number // 2 % len(DIETS)] | {"consent": True} if number % 2 else {}
        if number % 6 == 0 and len(offering.meals) > 1:
            skipped = offering.meals[number // 6 % len(offering.meals)]
            given = given | {"meals": [meal.id for meal in offering.meals if meal != skipped]}
        return DietGiven.model_validate(given).diet(offering.meals)

    async def _kitchen(self, line: EventLine, *, now: datetime) -> None:
        """The kitchen got its first sheet, and a link to the newest."""
        organiser = Identity(
            self.organiser_id, "Olavi Juhla", "fi", None, (Held(Role.ORGANISER, line.id),)
        )
        await hand_out(line.id, Road.PDF, identity=organiser, settings=self.settings, now=now)
        await make_link(line.id, LinkGiven(caterer="Tallin keittiö"), identity=organiser, now=now)

    async def _participant(self) -> None:
        """Somebody with places behind and ahead, to log in as."""
        contact = self._star
        person_id = self._places[contact.email][0]
        account = await participant_account(
            person_id, contact.email, contact.full_name, contact.language, self.now
        )
        self.accounts.append(("participant", contact.email, account))

    def _person(self, domain: str) -> Contact:
        first, last = next(self._names)
        postal_code, city = self._chance.choice(CITIES)
        local = f"{first}.{last}".casefold().translate(str.maketrans("äöåè", "aoae"))
        return Contact(
            first_name=first,
            last_name=last,
            email=f"{local}@{domain}",
            phone=f"+35840{self._chance.randint(1000000, 9999999)}",
            street=f"{self._chance.choice(STREETS)} {self._chance.randint(1, 60)}",
            postal_code=postal_code,
            city=city,
            country="FI",
            language="sv" if last in {"Lindström", "Öhman", "Nyberg", "Sjöblom"} else "fi",
        )

    def _consents(self) -> tuple[Purpose, ...]:
        wanted = (Purpose.NEWSLETTER, Purpose.SURVEYS)
        return tuple(purpose for purpose in wanted if self._chance.random() < 0.3)

    def _working_day(self, day: int, days: int) -> int:
        return working_day(day, days, now=self.now, zone=self.settings.time_zone)

    def _at(self, day: int, hour: int) -> datetime:
        return local_hour(day, hour, now=self.now, zone=self.settings.time_zone)


def _back(starts_at: datetime, days: int) -> datetime | None:
    """So many days before the start; None for none."""
    return starts_at - timedelta(days=days) if days else None
