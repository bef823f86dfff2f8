"""Two of everything: what each side has is foreign to the other."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
from starlette.applications import Starlette

from registration import clock
from registration.accounts.grants import grant
from registration.accounts.models import ApiToken, Grant, Login
from registration.accounts.rules import Held, Identity, Role, Scope
from registration.accounts.tokens import add_token
from registration.app import create_app
from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.queries import event_offering, session_offering
from registration.catalogue.rules import EventGiven, SessionGiven, TrainingGiven, VenueGiven
from registration.catering.rules import DietGiven
from registration.catering.service import register_guest
from registration.companies.applications import apply
from registration.companies.models import Application
from registration.companies.rules import ApplicationGiven, CompanyGiven
from registration.companies.service import add_company
from registration.enrolment.agreeing import object_to, objections, open_link
from registration.enrolment.employees import enrol_one
from registration.enrolment.holds import hold_seats
from registration.enrolment.interests import interests_of, tell_me
from registration.enrolment.links import enrolled_path
from registration.enrolment.models import Place
from registration.enrolment.service import SignUp, sign_up
from registration.enrolment.uploads import receive
from registration.forms import parse
from registration.invoicing.rules import BasisGiven, month_of
from registration.invoicing.service import make_basis
from registration.mail.overview import log
from registration.mail.rules import MailPurpose
from registration.people.mailings import write
from registration.people.rules import Contact, Source
from registration.privacy.holds import HoldGiven, place_hold
from registration.privacy.request_given import RequestGiven
from registration.privacy.request_rules import Channel, RequestKind
from registration.privacy.requests import open_request
from registration.privacy.restrictions import object_to as object_to_use
from registration.qualifications.queries import certificates_of
from registration.qualifications.service import issue_for_session
from registration.settings import Settings
from registration.teaching.handing import make_pack
from registration.teaching.pack_lines import packs_of_trainer
from registration.teaching.rules import OutcomeRow, PackFormat, PackPurpose, RecipientGiven
from registration.teaching.service import add_recipient, assign, record_outcomes
from registration.webhooks.rules import CHOOSABLE, WebhookGiven
from registration.webhooks.service import add_webhook
from tests.builders import log_in, make_account, make_participant
from tests.conftest import STORES, browser, settings_in

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SIDES = ("a", "b")
# Shown to anyone: whoever may call a route with one of these is not let in by it.
OPEN_KINDS = frozenset({"training", "session", "taught", "event"})
SCOPES = {
    Role.STAFF: Scope.STAFF,
    Role.ORGANISER: Scope.ORGANISER,
    Role.COORDINATOR: Scope.COMPANY,
    Role.TRAINER: Scope.TRAINER,
}
DIET = {"needs": ["vegan"], "allergies": ["celery"], "consent": True}


@dataclass(frozen=True, slots=True)
class Side:
    """``ids`` by kind; ``accounts``, ``cookies`` and ``tokens`` by role; ``secrets`` by what they
    open."""

    ids: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[Role, UUID] = field(default_factory=dict)
    cookies: dict[Role, str] = field(default_factory=dict)
    tokens: dict[Role, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """A folder with both databases, to be copied, and who and what is in them."""

    folder: Path
    sides: Mapping[str, Side]

    @property
    def own(self) -> Side:
        return self.sides["a"]

    @property
    def foreign(self) -> Side:
        return self.sides["b"]

    def settings(self, folder: Path, **changes: object) -> Settings:
        """An installation of its own that holds this world."""
        made = settings_in(folder, **changes)
        for name in STORES:
            shutil.copyfile(self.folder / name, made.data / name)
        shutil.copytree(self.folder / "keys", made.data / "keys", dirs_exist_ok=True)
        return made


@asynccontextmanager
async def living(settings: Settings) -> AsyncIterator[Starlette]:
    app = create_app(settings, run_jobs=False)
    async with app.router.lifespan_context(app):
        yield app


def as_role(app: Starlette, side: Side, role: Role | None) -> httpx.AsyncClient:
    """A browser of the side's person of that role."""
    client = browser(app)
    if role is not None:
        client.cookies.set("login", side.cookies[role])
    return client


def build(folder: Path, migrated: Path) -> World:
    """The world, made once by the services themselves."""
    settings = settings_in(folder)
    for name in STORES:
        shutil.copyfile(migrated / name, folder / name)
    sides = asyncio.run(_build(settings))
    return World(folder, sides)


async def _build(settings: Settings) -> dict[str, Side]:
    sides = {}
    async with living(settings) as app:
        for name in SIDES:
            side = sides[name] = Side()
            await _offer(side, name)
            await _people(side, name, settings)
            await _places(side, name, settings)
            await _results(side, settings)
            await _ways_in(side, name, app)
    return sides


async def _offer(side: Side, name: str) -> None:
    now, ids = clock.now(), side.ids
    soon = now.replace(minute=0, second=0, microsecond=0) + 10 * DAY
    training = TrainingGiven(title={"en": f"Training {name}"}, length_minutes=60)
    ids["training"] = await catalogue_service.add_training(training, actor_id=None, now=now)
    venue = VenueGiven(name=f"Hall {name}", street="Street 1", city="Turku")
    ids["venue"] = await catalogue_service.add_venue(venue, actor_id=None, now=now)
    past = now - 2 * DAY
    for kind, start, made in (("session", soon, now), ("taught", past, past - DAY)):
        given = {
            "training": ids["training"],
            "days": [{"starts_at": start, "ends_at": start + HOUR}],
            "capacity": 50,
        }
        ids[kind] = await catalogue_service.add_session(
            parse(SessionGiven, given), actor_id=None, now=made
        )
    event = EventGiven(
        title={"en": f"Event {name}"},
        starts_at=soon,
        ends_at=soon + HOUR,
        capacity=50,
        catered=True,
    )
    ids["event"] = await catalogue_service.add_event(event, actor_id=None, now=now)


async def _people(side: Side, name: str, settings: Settings) -> None:
    now, ids, accounts = clock.now(), side.ids, side.accounts
    ids["company"] = await add_company(CompanyGiven(name=f"{name} Oy"), actor_id=None, now=now)
    for role in SCOPES:
        scope = ids["company"] if role is Role.COORDINATOR else None
        email = f"{role}-{name}@example.fi"
        accounts[role] = await make_account(role, email, f"{role} {name}", company_id=scope)
    person, accounts[Role.PARTICIPANT] = await make_participant(f"aino-{name}@example.fi")
    ids["person"] = person.id
    organiser = accounts[Role.ORGANISER]
    ids["organiser"] = await grant(organiser, Role.ORGANISER, scope_id=ids["event"], now=now)
    ids["grant"] = (await Grant.get(account_id=accounts[Role.TRAINER])).id
    ids["account"] = accounts[Role.TRAINER]
    recipient = RecipientGiven(name=f"School {name}", country="FI", agreement_on="2020-01-01")
    ids["recipient"] = await add_recipient(recipient, actor_id=None, now=now)
    for kind in ("session", "taught"):
        ids["assignment"] = await assign(
            ids[kind],
            accounts[Role.TRAINER],
            ids["recipient"],
            agreed=True,
            actor_id=None,
            settings=settings,
            now=now,
        )


async def _places(side: Side, name: str, settings: Settings) -> None:
    now, ids = clock.now(), side.ids
    session = session_offering(await catalogue.session(ids["session"]))
    event = event_offering(await catalogue.event(ids["event"]))
    self_ = Contact("Aino", "Virtanen", f"aino-{name}@example.fi", language="en")
    wish = SignUp(self_, Source.SELF)
    ids["place"] = (await sign_up(session, wish, settings=settings, now=now)).id
    diet = parse(DietGiven, DIET).diet()
    ids["guest"] = (await register_guest(event, wish, diet, settings=settings, now=now)).id
    await tell_me(self_, ids["training"], source=Source.SELF, settings=settings, now=now)
    ids["interest"] = (await interests_of(ids["person"]))[0].id
    employed = Contact("Eero", f"Employee{name}", f"eero-{name}@example.fi", language="en")
    answer = await enrol_one(
        session,
        employed,
        company_id=ids["company"],
        actor_id=side.accounts[Role.COORDINATOR],
        settings=settings,
        now=now,
    )
    assert answer.place_id is not None
    ids["employee"] = answer.place_id
    ids["worker"] = (await Place.get(id=answer.place_id)).person_id
    (seat,) = await hold_seats(
        session,
        company_id=ids["company"],
        actor_id=side.accounts[Role.COORDINATOR],
        number=1,
        settings=settings,
        now=now,
    )
    ids["seat"] = seat.id
    number = {"a": "0112038-9", "b": "1572860-0"}[name]
    asked = {"company": f"Asking {name}", "business_id": number, "name": "Essi Esi"}
    given = parse(ApplicationGiven, asked | {"email": f"essi-{name}@example.fi"})
    await apply(given, now=now)
    ids["application"] = (await Application.get(business_id=number)).id
    enrolled = await open_link(
        enrolled_path(answer.place_id, employed.email, settings).rpartition("/")[2],
        settings=settings,
        now=now,
    )
    await object_to(enrolled, "", settings=settings, now=now)
    (ids["objection"],) = [each.id for each in await objections(company_ids=[ids["company"]])]
    (ids["mail"],) = [each.id for each in await log(person_ids=[enrolled.place.person_id])]
    ids["upload"] = await receive(
        f"first name;last name;email\nSami;Salo;sami-{name}@example.fi\n".encode(),
        "people.csv",
        company_id=ids["company"],
        account_id=side.accounts[Role.COORDINATOR],
        session_id=ids["session"],
        now=now,
    )


async def _results(side: Side, settings: Settings) -> None:
    now, ids = clock.now(), side.ids
    line = await catalogue.session(ids["taught"])
    wish = SignUp(
        Contact("Aino", "Virtanen", (await _email(ids["person"])), language="en"), Source.SELF
    )
    taken = await sign_up(
        session_offering(line), wish, settings=settings, now=line.starts_at - HOUR
    )
    ids["taken"], ids["day"] = taken.id, line.days[0].id
    trainer = side.accounts[Role.TRAINER]
    who = Identity(trainer, "T", "en", None, (Held(Role.TRAINER, None),))
    row = parse(OutcomeRow, {"place_id": taken.id, "grade": "pass", "completed": True})
    await record_outcomes(line.id, [row], identity=who, now=now)
    await issue_for_session(line.id, actor_id=trainer, settings=settings, now=now)
    await make_pack(
        line.id, PackPurpose.PERMIT, PackFormat.JSON, identity=who, settings=settings, now=now
    )
    (ids["pack"],) = [each.id for each in await packs_of_trainer(trainer, now=now)]
    await _invoiced(side, settings)
    texts = {"en": {"subject": "News", "body": "Dates"}}
    ids["mailing"] = await write(
        None, MailPurpose.NEWSLETTER, texts, actor_id=side.accounts[Role.STAFF], now=now
    )
    (certificate,) = await certificates_of(ids["person"], now=now)
    ids["certificate"] = certificate.id
    side.secrets["certificate"] = certificate.token
    ids["restriction"] = await object_to_use(
        ids["person"], "suggestion", actor_id=side.accounts[Role.PARTICIPANT], now=now
    )
    ids["request"] = await open_request(
        RequestGiven(kind=RequestKind.ACCESS, channel=Channel.PAGE),
        person_id=ids["person"],
        account_id=side.accounts[Role.PARTICIPANT],
        actor_id=None,
        now=now,
    )


async def _invoiced(side: Side, settings: Settings) -> None:
    """As if the company had taken the place that was taught, at a price."""
    ids = side.ids
    await Place.filter(id=ids["taken"]).update(company_id=ids["company"], price_cents=9_900)
    month = month_of((await catalogue.session(ids["taught"])).starts_at, settings.time_zone)
    ids["invoice"] = await make_basis(
        BasisGiven(company=ids["company"], month=month),
        actor_id=None,
        settings=settings,
        now=clock.now(),
    )


async def _email(person_id: UUID) -> str:
    from registration.people.models import Person

    return (await Person.get(id=person_id)).email


async def _ways_in(side: Side, name: str, app: Starlette) -> None:
    for role, account in side.accounts.items():
        async with browser(app) as client:
            await log_in(client, account)
            side.cookies[role] = client.cookies["login"]
        if role in SCOPES:
            email = f"{role}-{name}@example.fi"
            side.tokens[role] = await add_token(email, SCOPES[role], days=30, now=clock.now())
    trainer = side.accounts[Role.TRAINER]
    side.ids["webhook"] = await add_webhook(
        side.ids["company"],
        WebhookGiven(url=f"https://{name}.example.fi/hooks", events=CHOOSABLE),
        actor_id=None,
        settings=app.state.settings,
        now=clock.now(),
    )
    side.ids["hold"] = await place_hold(
        side.ids["worker"],
        HoldGiven(
            authority="Traficom", reference=f"T/{name}", reason="An inquiry.",
            review_on=clock.now().date() + 30 * DAY,
        ),
        actor_id=side.accounts[Role.STAFF],
        today=clock.now().date(),
        now=clock.now(),
    )  # fmt: skip
    side.ids["token"] = (await ApiToken.get(account_id=trainer)).id
    side.ids["login"] = (await Login.get(account_id=side.accounts[Role.PARTICIPANT])).id


def every(sides: Mapping[str, Side]) -> Iterator[tuple[str, str, UUID]]:
    """(side, kind, id) of all there is."""
    for name, side in sides.items():
        for kind, found in side.ids.items():
            yield name, kind, found
