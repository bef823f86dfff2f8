"""The mail that asks a trainer to teach a session. It names nobody who takes part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from registration.accounts.models import Account
from registration.catalogue.lines import SessionLine
from registration.catalogue.queries import session_offering
from registration.enrolment.letters import whens_of
from registration.i18n import speaking, text_in
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class TrainerInvitedMail:
    """What is to be taught, when, where, for which organisation; ``url`` leads to the answer."""

    title: str
    whens: tuple[str, ...]
    where: str
    recipient: str
    url: str


def trainer_invited(
    account: Account, session: SessionLine, recipient: str, *, settings: Settings, now: datetime
) -> Mail:
    """Unsaved, in the trainer's own language."""
    with speaking(account.language):
        page = TrainerInvitedMail(
            title=text_in(session.training.title),
            whens=whens_of(session_offering(session), account.language),
            where=session.venue.where if session.venue else session.link,
            recipient=recipient,
            url=f"{settings.base_url}/trainer/sessions/{session.id}",
        )
    return compose(
        "trainer-invited",
        Addressee(account.email, account.name, account.language, account_id=account.id),
        page,
        settings=settings,
        purpose=MailPurpose.ACCESS,
        now=now,
    )
