"""The proof of one deletion: a page and a PDF for the privacy officer (P4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catering.proof import ProofSaid, print_proof
from registration.catering.rules import Reason, Step
from registration.edge import Endpoint, get, page_response, path_id, require, settings
from registration.i18n import (
    DEFAULT_ZONE,
    N_,
    _,
    format_moment,
    format_number,
    ngettext,
    text_in,
)
from registration.ledger.inclusion import as_file
from registration.ledger.proof import Proof, ReceiptNotFound, proof_of, proof_of_entry
from registration.web.staff.desk import EITHER, Desk, desk, is_staff

REASONS: Mapping[str, str] = {
    Reason.EVENT_OVER: N_("The event was over"),
    Reason.EVENT_CANCELLED: N_("The event was cancelled"),
    Reason.CATERING_DROPPED: N_("The event has no catering any more"),
    Reason.EVENT_GONE: N_("The event is not in the catalogue any more"),
    Reason.REGISTRATION_CANCELLED: N_("The guest cancelled"),
    Reason.WITHDRAWN: N_("The guest took them back"),
    Reason.DAY_OVER: N_("A day of the event was over"),
}
STEPS: Mapping[str, str] = {
    Step.KEY_DESTROYED: N_("The key was overwritten and removed: no copy can be read any more"),
    Step.ROWS_DELETED: N_("The sealed answers were deleted from the dietary store"),
    Step.PAGES_SWEPT: N_("The store's free pages and its journal were emptied"),
    Step.LINKS_ENDED: N_("The caterers' links and the printed kitchen sheets' counts were deleted"),
    Step.LOOKED_AGAIN: N_("All of it was looked at again: nothing was there"),
}
SECONDS_ON_TIME = 2


@dataclass(frozen=True, slots=True)
class ProofPage:
    desk: Desk
    said: ProofSaid
    late: bool
    sealed: bool
    back: str
    pdf: str
    file: str


async def _proof(request: Request) -> tuple[Proof, ProofSaid]:
    """For staff, and for an organiser of the event; to others it is as if it were not there."""
    found = await proof_of(path_id(request))
    who, event_id = require(request), found.receipt.event_id
    if not is_staff(who) and not who.organises(event_id):
        raise ReceiptNotFound
    event = (await catalogue.events_by_id([event_id])).get(event_id)
    title = text_in(event.title) if event else _("An event that is not there any more")
    zone = ZoneInfo(event.zone) if event else DEFAULT_ZONE
    return found, said_of_proof(found, title, zone=zone)


def said_of_proof(proof: Proof, title: str, *, zone: ZoneInfo) -> ProofSaid:
    receipt = proof.receipt
    facts = [
        (_("Event"), title),
        (_("Why"), _(REASONS.get(receipt.reason, receipt.reason))),
        (_("Answers deleted"), str(receipt.diets)),
        (_("Due"), format_moment(receipt.due_at, zone=zone)),
        (_("Done"), format_moment(receipt.done_at, zone=zone)),
        (_("Late by"), late_text(receipt.lateness_seconds)),
        (_("Receipt"), str(receipt.id)),
    ]
    if proof.entry is not None:
        facts.append((_("Ledger entry"), str(proof.entry)))
    if proof.seal is not None:
        facts.append((_("Place in the chain"), str(proof.seal.position)))
        facts.append((_("Its hash"), proof.seal.digest))
    if proof.inclusion is not None:
        index, size = proof.inclusion.index + 1, proof.inclusion.size
        facts.append((_("Leaf of its tree"), _("{index} of {size}", index=index, size=size)))
        beside = " ".join(proof.inclusion.path)
        facts.append((_("Hashes beside its way, the lowest first"), beside or "–"))
    if proof.head is not None:
        facts.append((_("End of the chain"), str(proof.head)))
    return ProofSaid(
        title=title,
        receipt=str(receipt.id)[:8],
        facts=tuple(facts),
        steps=tuple(_(STEPS.get(step, step)) for step in proof.steps),
        notes=(
            _("This says that answers were deleted, and nothing of what they said or whose."),
            _(
                "To check it: run “registration ledger verify --head PLACE:HASH” with the end of "
                "the chain that stands here, where the service runs. It walks the chain from its "
                "beginning and fails if anything was changed, deleted or cut off since."
            ),
            _(
                "To prove it to somebody who only keeps a head of the chain: give them the file "
                "of the proof. “registration ledger proven FILE --head PLACE:HASH” checks it "
                "anywhere, without this service and without any other entry."
            ),
        ),
        printed=_("Made on {when}", when=format_moment(clock.now(), zone=zone)),
    )


def late_text(seconds: float) -> str:
    if seconds < SECONDS_ON_TIME:
        return _("On time (within {seconds} s)", seconds=format_number(round(seconds, 2)))
    if seconds < 120:
        return _("{seconds} s", seconds=format_number(round(seconds, 1)))
    minutes = int(seconds // 60)
    return ngettext("{num} minute", "{num} minutes", minutes).format(num=minutes)


async def show(request: Request) -> Response:
    found, said = await _proof(request)
    page = ProofPage(
        desk(request),
        said,
        found.receipt.lateness_seconds >= 60,
        found.seal is not None,
        "/staff/deletions",
        f"/staff/deletions/{found.receipt.id}/proof.pdf",
        f"/staff/deletions/{found.receipt.id}/proof.json" if found.inclusion else "",
    )
    return page_response(request, "staff/proof.html", page)


async def as_pdf(request: Request) -> Response:
    found, said = await _proof(request)
    content = await print_proof(said, settings=settings(request))
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="deletion-{str(found.receipt.id)[:8]}.pdf"'
        },
    )


async def as_json(request: Request) -> Response:
    """What an outsider checks with a head and nothing else (``inclusion.proven``)."""
    found, said = await _proof(request)
    if found.entry is None or found.inclusion is None:
        raise ReceiptNotFound
    whole = await proof_of_entry(found.entry, to_hand_on=True)
    if whole.inclusion is None:
        raise ReceiptNotFound
    return Response(
        as_file(whole.inclusion, head=whole.head),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="deletion-{said.receipt}.json"'},
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/deletions/{id}", show, EITHER),
    get("/staff/deletions/{id}/proof.pdf", as_pdf, EITHER),
    get("/staff/deletions/{id}/proof.json", as_json, EITHER),
)
