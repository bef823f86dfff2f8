"""What a participant allows and forbids us to send: seen, said yes to, and stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.proven import address_proven
from registration.edge import (
    Endpoint,
    Unreadable,
    flash,
    get,
    language,
    page_response,
    post,
    read_form,
    redirect,
    settings,
)
from registration.i18n import N_, _
from registration.people import queries as people
from registration.people.allowing import SENT, Channel, NoFrom
from registration.people.consents import allow, keys_of, refuse
from registration.people.queries import ConsentLine, NoLine
from registration.people.rules import Purpose
from registration.people.wording import CURRENT
from registration.web.me import OWN, own_id
from registration.web.my_data import SOURCES

LABELS: Mapping[Purpose, str] = {
    Purpose.NEWSLETTER: N_("Newsletters on trainings and events"),
    Purpose.SURVEYS: N_("Surveys on how we did"),
    Purpose.MARKETING: N_("Offers and advertising"),
    Purpose.NOTICE: N_("The privacy notice was read"),
}
CHANNELS: Mapping[Channel, str] = {
    Channel.EMAIL: N_("By e-mail"),
    Channel.PHONE: N_("By phone"),
    Channel.LETTER: N_("By letter"),
}
ENDED: Mapping[str, str] = {
    NoFrom.PAGE: N_("Stopped by you on this page"),
    NoFrom.LINK: N_("Stopped by the link in a mail"),
    NoFrom.STAFF: N_("Stopped by our staff, because you told us"),
    NoFrom.ADDRESS: N_("Stopped by somebody who has the same address"),
    NoFrom.REPLACED: N_("Another yes of yours took its place"),
    "": N_("Stopped by you on this page"),
}
FORBIDDEN: Mapping[str, str] = {
    NoFrom.PAGE: N_("You said no on this page"),
    NoFrom.LINK: N_("Somebody said no by the link in a mail to your address"),
    NoFrom.STAFF: N_("Our staff noted a no for your address"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One purpose by e-mail. ``state``: yes, no, waits, moved (the yes was for another address).
    ``words`` were read with the yes that there is, or would be read with a new one; ``since`` the
    yes counts, or the no stands; ``source`` how it came."""

    purpose: str
    label: str
    state: str
    words: str
    since: datetime | None
    confirmed_at: datetime | None
    source: str


@dataclass(frozen=True, slots=True)
class OtherChannel:
    """Offers by phone or letter: ``since`` when they are forbidden, if they are."""

    channel: str
    label: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the history, in words."""

    at: datetime
    title: str
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class ConsentsPage:
    email: str
    choices: tuple[Choice, ...]
    others: tuple[OtherChannel, ...]
    all_refused: bool
    history: tuple[Said, ...]


async def show(request: Request) -> Response:
    _who, person_id = own_id(request)
    contact = await people.contact(person_id)
    lines = await people.consents(person_id)
    keys = await keys_of(person_id, secret=settings(request).secret)
    noes = await people.noes(keys.values())
    choices = tuple(
        _choice(purpose, lines, noes, key=keys[Channel.EMAIL], spoken=language(request))
        for purpose in SENT
    )
    others = tuple(
        OtherChannel(
            channel.value,
            _(CHANNELS[channel]),
            next((no.since for no in noes if _is(no, channel, Purpose.MARKETING)), None),
        )
        for channel in (Channel.PHONE, Channel.LETTER)
        if channel in keys
    )
    closed = {(no.purpose, no.channel) for no in noes}
    everything = {(purpose, channel) for purpose in SENT for channel in keys}
    page = ConsentsPage(contact.email, choices, others, everything <= closed, _history(lines, noes))
    return page_response(request, "me/consents.html", page)


def _is(no: NoLine, channel: Channel, purpose: Purpose) -> bool:
    return no.channel is channel and no.purpose is purpose


def _choice(
    purpose: Purpose,
    lines: Sequence[ConsentLine],
    noes: Sequence[NoLine],
    *,
    key: str,
    spoken: str,
) -> Choice:
    same = [line for line in lines if line.purpose is purpose]
    now = next((line for line in same if line.counts and line.address_key in (key, "")), None)
    waits = next((line for line in same if line.waits and line.address_key == key), None)
    moved = next((line for line in same if line.counts), None)
    no = next((each for each in noes if _is(each, Channel.EMAIL, purpose)), None)
    found = now or waits or moved
    if found:
        state = "yes" if now else "waits" if waits else "moved"
        source = _(SOURCES[found.source])
    else:
        state, source = "no", _(FORBIDDEN.get(no.source, "")) if no else ""
    return Choice(
        purpose.value,
        _(LABELS[purpose]),
        state,
        found.words if found else CURRENT[purpose].text(spoken),
        found.given_at if found else no.since if no else None,
        found.confirmed_at if found else None,
        source,
    )


def _history(lines: Sequence[ConsentLine], noes: Sequence[NoLine]) -> tuple[Said, ...]:
    said: list[Said] = []
    for line in lines:
        label, source = _(LABELS[line.purpose]), _(SOURCES[line.source])
        if line.confirmed_at != line.given_at:
            said.append(Said(line.given_at, label, _("Ticked: {source}", source=source), "wait"))
        if line.confirmed_at == line.given_at:
            words = _("You said yes: {source}", source=source)
            said.append(Said(line.given_at, label, words, "good"))
        elif line.confirmed_at:
            said.append(
                Said(line.confirmed_at, label, _("You said yes by the link in our mail"), "good")
            )
        if line.withdrawn_at:
            words = _(ENDED[line.withdrawn_source])
            said.append(Said(line.withdrawn_at, label, words, "quiet"))
    ended = {(line.purpose, line.channel, line.withdrawn_at) for line in lines}
    for no in noes:
        if (no.purpose, no.channel, no.since) in ended:
            continue  # said in one word: the yes was ended by this very no
        label = f"{_(LABELS[no.purpose])}, {_(CHANNELS[no.channel])}"
        said.append(Said(no.since, label, _(FORBIDDEN[no.source]), "quiet"))
    return tuple(sorted(said, key=lambda each: each.at, reverse=True))


async def save(request: Request) -> Response:
    """A yes, or a no, to one purpose by e-mail."""
    who, person_id = own_id(request)
    posted = await read_form(request)
    wanted = posted.get("purpose", "")
    if wanted not in {purpose.value for purpose in SENT}:
        raise Unreadable
    purpose, now, secret = Purpose(wanted), clock.now(), settings(request).secret
    if posted.get("do") != "yes":
        await refuse(person_id, [purpose], secret=secret, now=now)
        flash(request, "good", _("We stop this. Mail that waited to be sent is not sent."))
        return redirect("/me/consents")
    proven = await address_proven(who.account_id, person_id)
    await allow(
        person_id, [purpose], language=language(request), proven=proven, secret=secret, now=now
    )
    if proven:
        flash(request, "good", _("Your choices are saved."))
    else:
        flash(request, "info", _("We write to your address. Open the link in our mail."))
    return redirect("/me/consents")


async def forbid_channel(request: Request) -> Response:
    """No offers by phone, or by letter."""
    _who, person_id = own_id(request)
    wanted = (await read_form(request)).get("channel", "")
    if wanted not in {Channel.PHONE.value, Channel.LETTER.value}:
        raise Unreadable
    secret = settings(request).secret
    await refuse(person_id, SENT, [Channel(wanted)], secret=secret, now=clock.now())
    flash(request, "good", _("Your choices are saved."))
    return redirect("/me/consents")


async def refuse_all(request: Request) -> Response:
    _who, person_id = own_id(request)
    await read_form(request)
    secret = settings(request).secret
    await refuse(person_id, SENT, tuple(Channel), secret=secret, now=clock.now())
    flash(
        request,
        "good",
        _("We send you nothing but what belongs to your places, certificates and data."),
    )
    return redirect("/me/consents")


ROUTES: tuple[Endpoint, ...] = (
    get("/me/consents", show, OWN),
    post("/me/consents", save, OWN),
    post("/me/consents/channel", forbid_channel, OWN),
    post("/me/consents/none", refuse_all, OWN),
)
