"""Refusals that only an edge can give; domains have their own four families."""

from __future__ import annotations

from collections.abc import Mapping

from registration.errors import DomainError, FieldError, Forbidden, Invalid, NotFound
from registration.i18n import N_


class LoginNeeded(DomainError):
    """Nobody is logged in, and the route needs somebody."""

    message = N_("Log in first; a program sends its token as Authorization: Bearer.")


class NotYours(Forbidden):
    message = N_("Your account has no access to this. Ask the person who gave it to you.")


class SecondStepNeeded(Forbidden):
    """The account may, but this login has shown too little for it."""

    message = N_(
        "This part of your account needs a second step: a passkey, a code from your app, or your "
        "organisation's login. Open the page in your browser to do it."
    )


class ProofNeeded(Forbidden):
    """The person may, and has not proved to be themselves for a while."""

    message = N_("Confirm first that it is you, then do this again.")


class PageNotFound(NotFound):
    message = N_("There is nothing at this address. It may have been moved or deleted.")


class Unreadable(Invalid):
    """The request's body cannot be read at all: 400, where other ``Invalid`` is 422."""

    message = N_("What was sent could not be read. Go back and try again.")


class Stop(Exception):
    """A refusal by the protocol: ``status`` and headers are HTTP's, ``message`` a msgid."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.headers = dict(headers or {})


def too_large() -> Stop:
    return Stop(413, "too_large", N_("That is larger than can be taken. Send it in smaller parts."))


def not_json(detail: str = N_("This is not valid JSON.")) -> Unreadable:
    return Unreadable(FieldError("", "json_invalid", detail))
