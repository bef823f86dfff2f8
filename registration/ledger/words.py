"""What each act was, in a sentence without names: who, whose and what about stand beside it."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_, _
from registration.ledger.rules import Act

SENTENCES: Mapping[str, str] = {
    Act.LOGIN: N_("Logged in"),
    Act.LOGIN_REFUSED: N_("A login was refused"),
    Act.LOGOUT: N_("Logged out"),
    Act.LOGIN_REVOKED: N_("A login was ended from another device or by staff"),
    Act.FACTOR_ADDED: N_("A second factor was added"),
    Act.FACTOR_USED: N_("A second factor was used"),
    Act.FACTOR_REFUSED: N_("A second factor was wrong"),
    Act.FACTOR_REMOVED: N_("A second factor was removed"),
    Act.RECOVERY_USED: N_("A recovery code was used"),
    Act.ACCOUNT_ADDED: N_("An account was added"),
    Act.ACCOUNT_CHANGED: N_("An account was changed"),
    Act.ACCOUNT_ENDED: N_("An account was ended"),
    Act.AGREEMENT_SIGNED: N_("A non-disclosure agreement was put on record"),
    Act.GRANT_GIVEN: N_("Access was given"),
    Act.GRANT_KEPT: N_("Access was reviewed and kept"),
    Act.GRANT_ENDED: N_("Access was ended"),
    Act.TOKEN_ADDED: N_("A token for a program was made"),
    Act.TOKEN_REVOKED: N_("A token for a program was revoked"),
    Act.HELP_ASKED: N_("Help was asked for: a second factor was lost"),
    Act.HELP_CHECKED: N_("It was checked who asks for help with a login"),
    Act.HELP_REFUSED: N_("Help with a login was refused"),
    Act.PERSON_ADDED: N_("A person was added"),
    Act.PERSON_CHANGED: N_("A person's data was changed"),
    Act.PERSON_EXPORTED: N_("All data of a person was downloaded"),
    Act.PERSON_ERASED: N_("A person's data was erased"),
    Act.CONSENT_GIVEN: N_("A consent was given"),
    Act.CONSENT_WITHDRAWN: N_("A consent was withdrawn"),
    Act.CATALOGUE_CHANGED: N_("The catalogue or a register was changed"),
    Act.PLACE_TAKEN: N_("A place was taken"),
    Act.PLACE_CHANGED: N_("A place was changed"),
    Act.IMPORT_DONE: N_("A list of people was enrolled"),
    Act.INVOICE_MADE: N_("An invoicing basis was made"),
    Act.INVOICE_UNDONE: N_("An invoicing basis was undone"),
    Act.WEBHOOK_ADDED: N_("A company's webhook was added"),
    Act.WEBHOOK_ENDED: N_("A company's webhook was ended"),
    Act.OUTCOME_RECORDED: N_("Attendance or a grade was recorded"),
    Act.ASSIGNMENT_GIVEN: N_("A trainer was given a session"),
    Act.ASSIGNMENT_ACCEPTED: N_("A trainer accepted a session"),
    Act.ASSIGNMENT_DECLINED: N_("A trainer declined a session"),
    Act.ASSIGNMENT_ENDED: N_("A trainer's session was taken back"),
    Act.RESULTS_LOCKED: N_("A session's results were locked"),
    Act.RESULTS_REOPENED: N_("A session's results were reopened"),
    Act.CERTIFICATE_ISSUED: N_("A certificate was issued"),
    Act.CERTIFICATE_REVOKED: N_("A certificate was revoked"),
    Act.CERTIFICATE_REISSUED: N_("A certificate was issued anew"),
    Act.CERTIFICATE_TOLD: N_("The holder was written to about a certificate"),
    Act.LIST_SEEN: N_("A list of people was looked at"),
    Act.DIETS_SEEN: N_("Food restrictions were looked at"),
    Act.DIETS_DELETED: N_("Food restrictions were deleted"),
    Act.DIETS_ASKED: N_("Food restrictions were asked for again"),
    Act.SHEET_HANDED_OUT: N_("A kitchen sheet was handed out"),
    Act.CATERER_LINK_MADE: N_("A link for the kitchen was made"),
    Act.CATERER_LINK_REVOKED: N_("A link for the kitchen was revoked"),
    Act.CATERER_LINK_OPENED: N_("The kitchen opened its link"),
    Act.DISCLOSED: N_("Data of people was handed out as a file"),
    Act.PACK_DESTROYED: N_("A trainer confirmed that a file was destroyed"),
    Act.LEDGER_SEARCHED: N_("The ledger was searched"),
    Act.LEDGER_EXPORTED: N_("A part of the ledger was downloaded"),
    Act.HEADS_TAKEN: N_("Heads of the ledger were taken to be kept elsewhere"),
    Act.EXPOSURE_ASKED: N_("It was looked up whose data an account could have seen"),
    Act.REQUEST_OPENED: N_("A rights request came in"),
    Act.REQUEST_MATCHED: N_("It was noted whose data a request is about"),
    Act.REQUEST_IDENTITY_ASKED: N_("Whoever asks was asked to show who they are"),
    Act.REQUEST_IDENTIFIED: N_("It was checked who asks"),
    Act.REQUEST_EXTENDED: N_("The time for an answer was made longer"),
    Act.REQUEST_FEE_SET: N_("It was decided whether a copy costs something"),
    Act.REQUEST_REDACTED: N_("Something was left out of a copy, to protect somebody else"),
    Act.REQUEST_COPIED: N_("A copy of the data was made at the desk"),
    Act.REQUEST_DECIDED: N_("A request was decided on"),
    Act.REQUEST_CARRIED_OUT: N_("What was asked for was done"),
    Act.REQUEST_ANSWERED: N_("A request was answered"),
    Act.REQUEST_WITHDRAWN: N_("A request was taken back"),
    Act.RESTRICTION_MADE: N_("Use of data was restricted or objected to"),
    Act.RESTRICTION_DECIDED: N_("A restriction or an objection was decided on"),
    Act.RESTRICTION_LIFTED: N_("A restriction or an objection was taken back"),
}


def said(act: str) -> str:
    """In the language now spoken. An act that has no sentence, as one of a newer version, is said
    by its code."""
    if act in SENTENCES:
        return _(SENTENCES[act])
    return act.replace("-", " ").capitalize()
