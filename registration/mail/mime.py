"""A mail of the outbox as it goes over the line."""

from __future__ import annotations

from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy, default
from email.utils import format_datetime, formataddr

from registration.mail.models import Mail
from registration.mail.rules import MailPurpose, needs_yes
from registration.mail.stopping import Stop, stop_url
from registration.settings import Settings


class _WholeLine(UnstructuredHeader):
    """A header that stands on one line however long it is: an address that is folded or encoded
    is none any more for the programs that look for it."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]  # of its base


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _WholeLine)  # type: ignore[arg-type]  # mixed in
_POLICY = default.clone(header_factory=_HEADERS)


def message_of(mail: Mail, settings: Settings) -> EmailMessage:
    """The mail as MIME: text, HTML, and the calendar as an alternative and as a file."""
    message = EmailMessage(policy=_POLICY)
    sender = settings.mail_from or settings.organisation.email
    message["From"] = formataddr((settings.organisation.name, sender))
    message["To"] = mail.address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.queued_at)
    # The same at every try: a mailbox that has it already can tell.
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if needs_yes(mail.purpose):
        link = stop_url(Stop(MailPurpose(mail.purpose), mail.address_hash), settings)
        message["List-Unsubscribe"] = f"<{link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.body_text)
    message["Content-Language"] = mail.language  # set_content drops what begins with Content-
    message.add_alternative(mail.body_html, subtype="html")
    if mail.calendar:
        message.add_alternative(
            mail.calendar,
            subtype="calendar",
            params={"method": mail.calendar_method},
        )
        # A file for programs that read no invitations. Not text/calendar: some take both, twice.
        message.add_attachment(
            mail.calendar.encode(), maintype="application", subtype="ics", filename="invite.ics"
        )
    return message
