"""What the desk writes, on paper and as mail: that a request came, who asks, why it takes longer,
and what was decided; in the language of the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from registration.i18n import DEFAULT_ZONE, N_, _, format_date, format_money, speaking
from registration.press import Block, Facts, PaperDocument, Paragraph, Points
from registration.privacy.addressing import Destination
from registration.privacy.request_lines import RequestDetail
from registration.privacy.request_rules import (
    COPIES,
    Behalf,
    Decision,
    Fee,
    Ground,
    RequestKind,
    is_established,
)
from registration.settings import Organisation, Settings


class LetterKind(StrEnum):
    RECEIVED = "received"
    IDENTITY = "identity"
    EXTENSION = "extension"
    DECISION = "decision"


# As they stand after "You asked for:".
ASKED_FOR: Mapping[RequestKind, str] = {
    RequestKind.ACCESS: N_("a copy of what we hold on you"),
    RequestKind.PORTABILITY: N_("your data as a file for another service"),
    RequestKind.RECTIFICATION: N_("a correction of your data"),
    RequestKind.ERASURE: N_("that your data is deleted"),
    RequestKind.RESTRICTION: N_("that your data is only kept, and not used"),
    RequestKind.OBJECTION: N_("that we stop using your data in a certain way"),
    RequestKind.NO_MARKETING: N_("that we send you no marketing, newsletters or surveys"),
    RequestKind.WITHDRAW_CONSENT: N_("that a consent of yours ends"),
    RequestKind.COMPLAINT: N_("an answer to your complaint"),
    RequestKind.OTHER: N_("an answer on how we use personal data"),
}
GROUNDS: Mapping[Ground, str] = {
    Ground.IDENTITY: N_(
        "It was not established who asks, and we may not give or change a person's data for "
        "anybody else."
    ),
    Ground.DUTY: N_(
        "A law or an authority's rule requires that we keep this data: for instance the proof of "
        "a completed training."
    ),
    Ground.HOLD: N_("An authority requires that this data is kept as it is for now."),
    Ground.OTHERS: N_("It would show something of another person, whose rights we also protect."),
    Ground.EXCESSIVE: N_("The request repeats earlier ones without anything new in between."),
    Ground.DECEASED: N_(
        "Data protection law protects the living: the data of somebody who has died is outside it."
    ),
    Ground.NO_MANDATE: N_("Nothing showed us that you may ask for another person."),
}
TITLES: Mapping[LetterKind, str] = {
    LetterKind.RECEIVED: N_("We have your request"),
    LetterKind.IDENTITY: N_("Please show us that it is you"),
    LetterKind.EXTENSION: N_("Our answer takes longer"),
}
DECIDED: Mapping[Decision, str] = {
    Decision.GRANTED: N_("We do what you asked"),
    Decision.PARTLY: N_("We do a part of what you asked"),
    Decision.REFUSED: N_("We cannot do what you asked"),
    Decision.NOTHING_HELD: N_("We hold no data on you"),
}
OUTCOMES: Mapping[Decision, str] = {
    Decision.GRANTED: N_("Granted"),
    Decision.PARTLY: N_("Granted in part"),
    Decision.REFUSED: N_("Not granted"),
    Decision.NOTHING_HELD: N_("Nothing is held"),
}


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes with a decision: ``stays`` is what is not deleted and why, in sentences;
    ``by_login``: the copy waits on the person's own page, else it lies in the envelope."""

    stays: tuple[str, ...] = ()
    by_login: bool = False


@dataclass(frozen=True, slots=True)
class MailBlock:
    """``kind`` is ``text``, ``quiet`` or ``points``."""

    kind: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestMail:
    """What ``mail/request`` shows: the same words as the letter on paper."""

    title: str
    reference: str
    blocks: tuple[MailBlock, ...]


NOTHING_ENCLOSED = Enclosed()


def paper(
    detail: RequestDetail,
    kind: LetterKind,
    to: Destination | None,
    *,
    settings: Settings,
    enclosed: Enclosed = NOTHING_ENCLOSED,
    now: datetime,
) -> PaperDocument:
    """The letter, ready to print. ``to`` None: without an address, to be handed over."""
    house, line = settings.organisation, detail.line
    with speaking(line.language):
        return PaperDocument(
            language=line.language,
            title=title(detail, kind),
            sender=(house.name, *_lines(house.address)),
            recipient=(to.name, *to.lines) if to else (),
            facts=(
                (_("Date"), format_date(now)),
                (_("Our reference"), line.reference),
                (_("Your request of"), format_date(line.received_at)),
            ),
            blocks=words(detail, kind, settings=settings, enclosed=enclosed),
            signed=(house.privacy_contact, house.name, house.privacy_email),
            printed=_("{reference}, printed on {when}", reference=line.reference, when=_day(now)),
            page=_("Page"),
        )


def mail_words(
    detail: RequestDetail,
    kind: LetterKind,
    *,
    settings: Settings,
    enclosed: Enclosed = NOTHING_ENCLOSED,
) -> RequestMail:
    """The same as a mail."""
    with speaking(detail.line.language):
        blocks = words(detail, kind, settings=settings, enclosed=enclosed)
        return RequestMail(
            title(detail, kind), detail.line.reference, tuple(_for_mail(each) for each in blocks)
        )


def title(detail: RequestDetail, kind: LetterKind) -> str:
    """In the language now spoken."""
    if kind is LetterKind.DECISION and detail.line.decision is not None:
        return _(DECIDED[detail.line.decision])
    return _(TITLES[kind])


def words(
    detail: RequestDetail, kind: LetterKind, *, settings: Settings, enclosed: Enclosed
) -> tuple[Block, ...]:
    """What the letter says, in the language now spoken."""
    if kind is LetterKind.RECEIVED:
        return _received(detail, settings)
    if kind is LetterKind.IDENTITY:
        return (*_identity(detail, settings), _kept())
    if kind is LetterKind.EXTENSION:
        return (*_extension(detail), *_complain(settings.organisation))
    return (*_decision(detail, settings, enclosed), *_complain(settings.organisation))


def _received(detail: RequestDetail, settings: Settings) -> tuple[Block, ...]:
    line = detail.line
    blocks = [
        Paragraph(_("You asked for: {what}.", what=_(ASKED_FOR[line.kind]))),
        Paragraph(
            _(
                "You have our answer by {until} at the latest. Should it take longer, we tell you "
                "before that day why, and until when.",
                until=format_date(line.until),
            )
        ),
    ]
    if line.behalf:
        blocks.append(Paragraph(_for_another(line.behalf)))
    if not is_established(line.kind, line.identity):
        blocks.append(
            Paragraph(
                _(
                    "Before we give or change anything we have to be sure that it is you. The "
                    "quickest way is to log in at {url}; we write to you if we need more.",
                    url=f"{settings.base_url}/login",
                )
            )
        )
    return (
        *blocks,
        Paragraph(_("It costs you nothing to ask.")),
        Paragraph(
            _(
                "If you are not content with how we use personal data, you can complain to "
                "{authority}, {url}.",
                authority=settings.organisation.authority,
                url=settings.organisation.authority_url,
            )
        ),
        _kept(),
    )


def _for_another(behalf: Behalf) -> str:
    if behalf is Behalf.ESTATE:
        return _(
            "You ask about somebody who has died. Data protection law protects the living, so "
            "these rights end with a person's life; we tell you what we can do all the same."
        )
    return _(
        "You ask for another person. We have to see what shows that you may: a signed power of "
        "attorney, for instance, or that you are the guardian."
    )


def _identity(detail: RequestDetail, settings: Settings) -> tuple[Block, ...]:
    line = detail.line
    return (
        Paragraph(
            _(
                "Somebody asked us in your name for: {what}. We do this only when we are sure "
                "that it is you. Choose what suits you:",
                what=_(ASKED_FOR[line.kind]),
            )
        ),
        Points(
            (
                _("Log in at {url} and ask there.", url=f"{settings.base_url}/login"),
                _("Visit us and show an identity document. We look at it and copy nothing."),
                _("Write us a signed letter. We answer to the address that we already have."),
                _("Tell us when to call you back, on the number that we already have."),
            )
        ),
        Paragraph(_("Please send no copy of an identity document, and no personal identity code.")),
        Paragraph(
            _(
                "Our time runs from the day on which your request came: the last day is {until}. "
                "If we do not know by then who asks, we cannot do what was asked. You can ask "
                "anew at any time. Was it not you? Then you need do nothing, but do tell us.",
                until=format_date(line.until),
            )
        ),
    )


def _extension(detail: RequestDetail) -> tuple[Block, ...]:
    return (
        Paragraph(
            _(
                "You asked for: {what}. We cannot answer by {first}, as we should have liked to. "
                "You have our answer by {until} at the latest.",
                what=_(ASKED_FOR[detail.line.kind]),
                first=format_date(detail.due_at),
                until=format_date(detail.line.until),
            )
        ),
        Paragraph(_("The reason: {reason}", reason=detail.extended_because)),
    )


def _decision(detail: RequestDetail, settings: Settings, enclosed: Enclosed) -> tuple[Block, ...]:
    line = detail.line
    blocks: list[Block] = [Paragraph(_("You asked for: {what}.", what=_(ASKED_FOR[line.kind])))]
    if line.decision is Decision.NOTHING_HELD:
        blocks.append(
            Paragraph(
                _(
                    "We looked for you by what you told us, and found nobody. Should we know you "
                    "under another name or address, tell us and we look again."
                )
            )
        )
    if detail.ground in GROUNDS:
        blocks.append(Paragraph(_(GROUNDS[detail.ground])))
    if detail.because:
        blocks.append(Paragraph(detail.because))
    if detail.parts:
        blocks.append(
            Facts(tuple((part.what, _part(part.decision, part.because)) for part in detail.parts))
        )
    if line.decision in {Decision.GRANTED, Decision.PARTLY}:
        blocks += _granted(detail, settings, enclosed)
    return tuple(blocks)


def _part(decision: Decision, because: str) -> str:
    return f"{_(OUTCOMES[decision])}. {because}".strip()


def _granted(detail: RequestDetail, settings: Settings, enclosed: Enclosed) -> list[Block]:
    blocks: list[Block] = []
    kind = detail.line.kind
    if kind in COPIES:
        where = (
            _(
                "Your copy waits for you at {url}: log in and fetch it there. We send nobody's "
                "data as an attachment of a mail.",
                url=f"{settings.base_url}/me/data/all",
            )
            if enclosed.by_login
            else _("The copy is enclosed.")
        )
        blocks.append(Paragraph(where))
        if detail.cuts:
            blocks.append(Paragraph(_("To protect other people we left something out:")))
            reasons = dict.fromkeys(cut.because for cut in detail.cuts)
            blocks.append(Points(tuple(_cut(detail, reason) for reason in reasons)))
        if detail.fee is Fee.CHARGED:
            blocks.append(Paragraph(_fee(detail)))
    elif kind is RequestKind.ERASURE:
        blocks.append(Paragraph(_("Your data has been deleted.")))
        if enclosed.stays:
            blocks.append(Paragraph(_("This stays, and why:")))
            blocks.append(Points(enclosed.stays))
    return blocks


def _cut(detail: RequestDetail, reason: str) -> str:
    many = sum(cut.because == reason for cut in detail.cuts)
    return reason if many == 1 else f"{reason} ({many})"


def _fee(detail: RequestDetail) -> str:
    last = detail.note.last_copy_at
    return _(
        "You had a copy on {last}, less than twelve months before. For this further one we ask "
        "{amount}: {reason}",
        last=format_date(last) if last else "–",
        amount=format_money(detail.fee_cents),
        reason=detail.fee_because,
    )


def _complain(house: Organisation) -> tuple[Block, ...]:
    return (
        Paragraph(
            _(
                "If you are not content, write to {contact}, {email}. You can also complain to "
                "{authority}, {url}, and you can go to court.",
                contact=house.privacy_contact,
                email=house.privacy_email,
                authority=house.authority,
                url=house.authority_url,
            )
        ),
        _kept(),
    )


def _kept() -> Paragraph:
    return Paragraph(
        _(
            "Your request is on record with us until three years after our answer, to prove that "
            "we gave one."
        ),
        quiet=True,
    )


def _for_mail(block: Block) -> MailBlock:
    if isinstance(block, Points):
        return MailBlock("points", block.items)
    if isinstance(block, Facts):
        return MailBlock("points", tuple(f"{label}: {value}" for label, value in block.rows))
    if isinstance(block, Paragraph):
        return MailBlock("quiet" if block.quiet else "text", tuple(block.text.splitlines()))
    raise TypeError(block)


def _lines(address: str) -> Sequence[str]:
    return [part.strip() for part in address.split(",") if part.strip()]


def _day(moment: datetime) -> str:
    day: date = moment.astimezone(DEFAULT_ZONE).date()
    return format_date(day)
