"""Newsletters and offers: written by staff, looked at, tried on oneself, sent, followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.logins import address_of
from registration.edge import (
    Endpoint,
    Posted,
    flash,
    get,
    language,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.errors import Conflict, DomainError
from registration.forms import Form
from registration.i18n import N_, NATIVE_NAMES, _, text_in
from registration.mail.rules import Addressee, MailPurpose
from registration.people import mailings
from registration.people.mailings import MailingLine
from registration.people.news import PURPOSES, MailingState, NewsMail, news_mail
from registration.web.contact_form import Option, languages
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk, said

Part = tuple[str, str, bool]
PARTS = (
    (N_("Newsletters and offers"), "/staff/mail/news"),
    (N_("Prohibitions"), "/staff/mail/prohibitions"),
)
KINDS: Mapping[MailPurpose, str] = {
    MailPurpose.NEWSLETTER: N_("Newsletter"),
    MailPurpose.MARKETING: N_("Offer"),
}
STATES: Mapping[MailingState, tuple[str, str]] = {
    MailingState.DRAFT: ("draft", N_("Draft")),
    MailingState.SENDING: ("pending", N_("Being sent")),
    MailingState.SENT: ("passed", N_("Sent")),
    MailingState.STOPPED: ("cancelled", N_("Stopped")),
}
HOME = "/staff/mail/news"
MOST_BYTES = 256 * 1024  # three languages of the longest text


@dataclass(frozen=True, slots=True)
class NewsRow:
    line: MailingLine
    subject: str
    kind: str
    badge: str
    state: str


@dataclass(frozen=True, slots=True)
class NewsPage:
    """``audiences``: how many addresses said yes, by kind."""

    desk: Desk
    parts: tuple[Part, ...]
    rows: tuple[NewsRow, ...]
    audiences: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class WritePage:
    desk: Desk
    title: str
    action: str
    back: str
    form: Form
    kinds: tuple[Option, ...]
    languages: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class MailingPage:
    """``previews``: by language its code, its name, and the mail. ``audience``: how many addresses
    would have it now."""

    desk: Desk
    row: NewsRow
    previews: tuple[tuple[str, str, NewsMail], ...]
    audience: int
    own_address: str


def parts(request: Request) -> tuple[Part, ...]:
    return tuple((_(label), url, url == request.url.path) for label, url in PARTS)


def _row(line: MailingLine) -> NewsRow:
    subjects = {code: text["subject"] for code, text in line.texts.items()}
    badge, state = STATES[line.state]
    subject = text_in(subjects) or _("Its text is forgotten")
    return NewsRow(line, subject, _(KINDS[line.purpose]), badge, _(state))


async def show_all(request: Request) -> Response:
    audiences = [(_(KINDS[each]), await mailings.audience(each)) for each in PURPOSES]
    rows = tuple(_row(line) for line in await mailings.mailings())
    page = NewsPage(desk(request), parts(request), rows, tuple(audiences))
    return page_response(request, "staff/news.html", page)


async def new(request: Request) -> Response:
    form = Form(values={"kind": MailPurpose.NEWSLETTER.value})
    return _form(request, None, clean(form))


async def add(request: Request) -> Response:
    return await _write(request, None)


async def edit(request: Request) -> Response:
    line = await mailings.mailing(path_id(request))
    values = {"kind": line.purpose.value}
    for code, text in line.texts.items():
        values |= {f"subject_{code}": text["subject"], f"body_{code}": text["body"]}
    return _form(request, line.id, clean(Form(values=values)))


async def change(request: Request) -> Response:
    return await _write(request, path_id(request))


async def _write(request: Request, mailing_id: UUID | None) -> Response:
    posted = await read_form(request, max_bytes=MOST_BYTES)
    try:
        kept = await mailings.write(
            mailing_id,
            _purpose(posted),
            _texts(request, posted),
            actor_id=require(request).account_id,
            now=clock.now(),
        )
    except DomainError as refused:
        return _form(request, mailing_id, again(posted.form(), refused))
    return redirect(f"{HOME}/{kept}")


def _purpose(posted: Posted) -> MailPurpose:
    given = posted.get("kind", "")
    return next((each for each in PURPOSES if each.value == given), MailPurpose.NEWSLETTER)


def _texts(request: Request, posted: Posted) -> dict[str, dict[str, str]]:
    return {
        code: {
            "subject": posted.get(f"subject_{code}", ""),
            "body": posted.get(f"body_{code}", ""),
        }
        for code in settings(request).languages
    }


def _form(request: Request, mailing_id: UUID | None, shown: Again) -> Response:
    page = WritePage(
        desk(request, shown.trouble),
        _("Change the message") if mailing_id else _("New message"),
        f"{HOME}/{mailing_id}/edit" if mailing_id else f"{HOME}/new",
        f"{HOME}/{mailing_id}" if mailing_id else HOME,
        shown.form,
        tuple((each.value, _(KINDS[each])) for each in PURPOSES),
        languages(settings(request)),
    )
    return page_response(request, "staff/news_write.html", page, status=shown.status)


async def show(request: Request) -> Response:
    return await _show(request)


async def _show(request: Request, trouble: str = "", status: int = 200) -> Response:
    line = await mailings.mailing(path_id(request))
    page = MailingPage(
        desk(request, trouble),
        _row(line),
        tuple(
            (code, NATIVE_NAMES[code], news_mail(line.texts, code, line.purpose))
            for code in line.texts
        ),
        await mailings.audience(line.purpose),
        await address_of(require(request).account_id),
    )
    return page_response(request, "staff/news_one.html", page, status=status)


async def try_out(request: Request) -> Response:
    who, wanted = require(request), (await read_form(request)).get("language", "")
    reader = Addressee(
        await address_of(who.account_id), who.name, who.language, account_id=who.account_id
    )
    try:
        await mailings.try_out(
            path_id(request),
            reader,
            language=wanted or language(request),
            settings=settings(request),
            now=clock.now(),
        )
    except Conflict as refused:
        return await _show(request, said(refused), 409)
    flash(request, "good", _("It is on its way to you. Read it as it arrives, then send it."))
    return redirect(f"{HOME}/{path_id(request)}")


async def send(request: Request) -> Response:
    await read_form(request)
    actor_id = require(request).account_id
    try:
        await mailings.start(path_id(request), actor_id=actor_id, now=clock.now())
    except Conflict as refused:
        return await _show(request, said(refused), 409)
    flash(request, "good", _("It is being sent. This page tells how far it has come."))
    return redirect(f"{HOME}/{path_id(request)}")


async def stop(request: Request) -> Response:
    await read_form(request)
    try:
        await mailings.stop(path_id(request), now=clock.now())
    except Conflict as refused:
        return await _show(request, said(refused), 409)
    flash(request, "info", _("Nobody else gets it. Who has it already, has it."))
    return redirect(f"{HOME}/{path_id(request)}")


async def throw_away(request: Request) -> Response:
    await read_form(request)
    try:
        await mailings.throw_away(path_id(request))
    except Conflict as refused:
        return await _show(request, said(refused), 409)
    flash(request, "good", _("The draft is deleted."))
    return redirect(HOME)


ROUTES: tuple[Endpoint, ...] = (
    get(HOME, show_all, STAFF),
    get(f"{HOME}/new", new, STAFF),
    post(f"{HOME}/new", add, STAFF, max_body=MOST_BYTES),
    get(f"{HOME}/{{id}}", show, STAFF),
    get(f"{HOME}/{{id}}/edit", edit, STAFF),
    post(f"{HOME}/{{id}}/edit", change, STAFF, max_body=MOST_BYTES),
    post(f"{HOME}/{{id}}/test", try_out, STAFF),
    post(f"{HOME}/{{id}}/send", send, STAFF, fresh=True),
    post(f"{HOME}/{{id}}/stop", stop, STAFF),
    post(f"{HOME}/{{id}}/delete", throw_away, STAFF),
)
