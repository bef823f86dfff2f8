"""How the demo's year went so far, told through the same services that people use."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
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
    GradeScale,
    MealGiven,
    MealKind,
    Offering,
    SessionGiven,
    TrainingGiven,
    VenueGiven,
    at_local,
)
from registration.catering.deletion import delete_due
from registration.catering.links import LinkGiven, make_link
from registration.catering.rules import Diet, DietGiven
from registration.catering.service import register_guest
from registration.catering.sheets import Road, hand_out
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company, employ
from registration.db import transaction
from registration.demo.billing import invoice_oldest
from registration.demo.names import CITIES, COMPANIES, FIRST, LAST, RECIPIENTS, STREETS
from registration.demo.offer import EVENTS, SESSIONS, TRAININGS, VENUES, EventOffer, SessionOffer
from registration.enrolment.groups import Group, enrol_group
from registration.enrolment.service import SignUp, sign_up
from registration.people.rules import Contact, Purpose, Source
from registration.people.service import know
from registration.qualifications.service import issue_for_session
from registration.settings import Settings
from registration.teaching.rules import OutcomeRow, RecipientGiven
from registration.teaching.service import add_recipient, assign, participants, record_outcomes

SATURDAY = 5
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
        await self._staff()
        await self._companies_and_trainers()
        await self._offer()
        for session in SESSIONS:
            await self._session(session)
        await invoice_oldest(self.settings, staff_id=self.staff_id, now=self.now)
        for event in EVENTS:
            await self._event(event)
        await self._participant()

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
            given = CompanyGiven(name=name, city=city, business_id=_business_id(2_345_670 + number))
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
            training = TrainingGiven(
                title=dict(each.title),
                summary=dict(each.summary),
                aims=dict(each.aims),
                qualifies_for=dict(each.qualifies_for),
                topic=dict(each.topic),
                length_minutes=each.hours * 60,
                grade_scale=each.scale,
                valid_months=each.valid_months,
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
        given = SessionGiven(
            training=self._trainings[offer.training],
            days=days,
            capacity=offer.seats,
            language=offer.language,
            venue=self._venues[offer.venue],
            price_cents=offer.euros * 100,
        )
        session_id = await catalogue_service.add_session(given, actor_id=self.staff_id, now=before)
        offering = catalogue.session_offering(await catalogue.session(session_id))
        if offer.crew:
            company_id, name, _domain, account = self._chance.choice(self._companies)
            crew = tuple(self._chance.sample(self._crews[company_id], offer.crew))
            group = Group(company_id, name, account, Source.COMPANY, crew)
            await enrol_group(offering, group, settings=self.settings, now=before)
        for number, contact in enumerate(self._chance.sample(self._public, offer.fill)):
            moment = before + timedelta(hours=55 * number + 1)
            wish = SignUp(contact, Source.SELF, consents=self._consents())
            taken = await sign_up(offering, wish, settings=self.settings, now=moment)
            self._places.setdefault(contact.email, []).append(taken.person_id)
        if offer.trainer:
            trainer, recipient = self._trainers[offer.trainer - 1]
            ends_at = days[-1].ends_at + timedelta(days=60)
            await assign(
                session_id,
                trainer,
                recipient,
                ends_at=ends_at,
                actor_id=self.staff_id,
                now=before,
            )
            if days[-1].ends_at + timedelta(days=1) < self.now:
                await self._grade(session_id, trainer, offer)

    async def _grade(self, session_id: UUID, trainer: UUID, offer: SessionOffer) -> None:
        identity = Identity(trainer, "", "fi", None, (Held(Role.TRAINER, None),))
        session = await catalogue.session(session_id)
        after = session.ends_at + timedelta(hours=1)
        taught = await participants(session_id, identity=identity, now=after)
        rows = []
        for number, person in enumerate(taught):
            there = number != 1
            rows.append(
                OutcomeRow(
                    place_id=person.place_id,
                    attendance={str(day.id): there for day in session.days},
                    grade=self._grade_on(session.training.grade_scale) if there else None,
                    completed=there,
                    no_show=not there,
                )
            )
        await record_outcomes(session_id, rows, identity=identity, now=after)
        await issue_for_session(session_id, actor_id=trainer, settings=self.settings, now=after)

    def _grade_on(self, scale: GradeScale) -> str:
        if scale is GradeScale.PASS_FAIL:
            return "pass"
        if scale is GradeScale.ZERO_TO_FIVE:
            return str(self._chance.randint(2, 5))
        return str(self._chance.randint(65, 99))

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
        contact = max(self._public, key=lambda each: len(self._places.get(each.email, [])))
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
        """``day``, or the Monday after it when a weekend would come in between. Today stays, so
        that a trainer has something to record."""
        today = self.now.astimezone(self.settings.time_zone).date()
        weekdays = [(today + timedelta(days=day + n)).weekday() for n in range(days)]
        if day == 0 or max(weekdays) < SATURDAY:
            return day
        return day + (7 - weekdays[0])

    def _at(self, day: int, hour: int) -> datetime:
        on: date = self.now.astimezone(self.settings.time_zone).date() + timedelta(days=day)
        return at_local(on, time(hour), self.settings.time_zone)


def _business_id(number: int) -> str:
    """A number in the form of a Finnish business ID whose check digit is right."""
    while True:
        digits = f"{number:07}"
        weights = (7, 9, 10, 5, 8, 4, 2)
        rest = sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
        if rest != 1:
            return f"{digits}-{0 if rest == 0 else 11 - rest}"
        number += 11
