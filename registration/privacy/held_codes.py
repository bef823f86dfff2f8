"""What the codes in the columns mean, in words for the person whom they are about."""

from __future__ import annotations

from collections.abc import Mapping

from registration.i18n import N_
from registration.privacy.objectable import GROUNDS, USES
from registration.privacy.seen import PURPOSES, ROADS

SOURCES: Mapping[str, str] = {
    "self": N_("You gave it yourself"),
    "company": N_("Your company gave it"),
    "import": N_("A list of your company"),
    "api": N_("Another system"),
    "staff": N_("Our staff"),
}
BASES: Mapping[str, str] = {
    "contract": N_("Needed for the training or event that you signed up for"),
    "legal-duty": N_("Required by law"),
    "legitimate-interest": N_("Legitimate interest"),
    "consent": N_("Your consent"),
    "explicit-consent": N_("Your explicit consent"),
}
ROLES: Mapping[str, str] = {
    "staff": N_("Staff"),
    "organiser": N_("Organiser"),
    "coordinator": N_("Company coordinator"),
    "company": N_("Company coordinator"),
    "trainer": N_("Trainer"),
    "participant": N_("Participant"),
}
GRADES: Mapping[str, str] = {"pass": N_("Passed"), "fail": N_("Failed")}
FIELDS: Mapping[str, str] = {
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "name": N_("Name"),
    "email": N_("E-mail"),
    "phone": N_("Phone"),
    "street": N_("Street address"),
    "postal_code": N_("Postal code"),
    "city": N_("City"),
    "country": N_("Country"),
    "company": N_("Company"),
    "company_name": N_("Company"),
    "language": N_("Language"),
    "diet": N_("Food restrictions"),
    "training": N_("Training"),
    "dates": N_("Dates"),
    "attendance": N_("Attendance"),
    "grade": N_("Grade"),
    "completed": N_("Completed or not"),
    "certificate": N_("Certificate"),
    "calendar": N_("Calendar"),
}
CHECKS: Mapping[str, str] = {
    "seen": N_("Seen in person"),
    "called-back": N_("Called back"),
    "video": N_("Seen on video"),
}
WAYS: Mapping[str, str] = {
    "page": N_("These pages"),
    "letter": N_("A letter"),
    "visit": N_("A visit"),
    "mail": N_("E-mail"),
    "phone": N_("A call"),
}
# By column; "table.column" where a code means something of its own there.
CODES: Mapping[str, Mapping[str, str]] = {
    "source": SOURCES,
    "withdrawn_source": SOURCES,
    "basis": BASES,
    "road": ROADS,
    "role": ROLES,
    "grade": GRADES,
    "grade_before": GRADES,
    "grade_after": GRADES,
    "field": FIELDS,
    "disclosure.purpose": PURPOSES,
    "checked_how": CHECKS,
    "api_token.scope": ROLES,
    "consent.purpose": {
        "newsletter": N_("Newsletters on trainings and events"),
        "surveys": N_("Surveys on how we did"),
        "marketing": N_("Offers and advertising"),
        "notice": N_("The privacy notice was read"),
    },
    "place.status": {
        "held": N_("Reserved for the moment"),
        "offered": N_("Offered"),
        "confirmed": N_("Confirmed"),
        "waiting": N_("Waiting"),
        "cancelled": N_("Cancelled"),
        "attended": N_("Attended"),
        "no_show": N_("Did not come"),
    },
    "place.source": {
        "self": N_("You yourself"),
        "company": N_("Your company"),
        "import": N_("A list of your company"),
        "api": N_("Another system"),
        "staff": N_("Our staff"),
    },
    "place.awaits": {
        "approval": N_("The company's approval"),
        "check": N_("A look at what the training needs"),
    },
    "mail.state": {
        "queued": N_("Waits to be sent"),
        "sending": N_("On its way"),
        "sent": N_("Sent"),
        "unsure": N_("Not known whether it was sent"),
        "failed": N_("Could not be sent"),
        "bounced": N_("Came back"),
        "stopped": N_("Not sent: the address does not work"),
        "dropped": N_("Not sent: it was out of date"),
    },
    "mail.purpose": {
        "login": N_("To log in"),
        "place": N_("About a place"),
        "enrolled": N_("About being enrolled"),
        "rights": N_("About your rights"),
        "access": N_("About access"),
        "survey": N_("A survey"),
        "newsletter": N_("A newsletter"),
        "marketing": N_("Advertising"),
    },
    "certificate.grade_scale": {
        "pass_fail": N_("Passed or failed"),
        "zero_to_five": N_("0 to 5"),
        "percent": N_("Per cent, 0 to 100"),
    },
    "certificate.design": {
        "formal": N_("Formal"),
        "modern": N_("Modern"),
        "card": N_("Card"),
    },
    "login.how": {
        "link": N_("A link that was mailed"),
        "printed": N_("A link that was printed out"),
        "passkey": N_("A passkey"),
        "code": N_("A code of an app"),
        "recovery": N_("A recovery code"),
        "sso": N_("Your organisation's login"),
    },
    "restriction.kind": {
        "restrict": N_("Restriction of all use"),
        "object": N_("Objection"),
    },
    "restriction.scope": {name: use.what for name, use in USES.items()},
    "restriction.ground": {ground.value: words for ground, words in GROUNDS.items()},
    "rights_request.kind": {
        "access": N_("A copy of the data"),
        "portability": N_("The data for another service"),
        "rectification": N_("A correction"),
        "erasure": N_("Deletion"),
        "restriction": N_("A restriction"),
        "objection": N_("An objection"),
        "no-marketing": N_("No advertising"),
        "withdraw-consent": N_("A consent withdrawn"),
        "complaint": N_("A complaint"),
        "other": N_("Something else"),
    },
    "rights_request.state": {
        "received": N_("Received"),
        "waiting": N_("Waits until it is clear who asks"),
        "in-hand": N_("Being looked at"),
        "decided": N_("Decided"),
        "answered": N_("Answered"),
        "withdrawn": N_("Taken back"),
    },
    "decision": {
        "granted": N_("Done as asked"),
        "partly": N_("Done in part"),
        "refused": N_("Refused"),
        "nothing-held": N_("Nothing is held"),
    },
    "rights_request.ground": {
        "identity": N_("It is not established who asks"),
        "duty": N_("The law requires us to keep it"),
        "hold": N_("An authority requires us to keep it"),
        "others": N_("It would harm others"),
        "excessive": N_("The request is excessive"),
        "deceased": N_("It is about somebody who has died"),
        "no-mandate": N_("No authority to ask for another was shown"),
        "other": N_("Another reason"),
    },
    "rights_request.behalf": {
        "guardian": N_("For a child or a ward"),
        "proxy": N_("With an authority"),
        "lawyer": N_("As a lawyer"),
        "estate": N_("For an estate"),
    },
    "rights_request.identity": {
        "mailed-link": N_("Logged in, or by a link that was mailed"),
        "called-back": N_("Called back"),
        "signed-letter": N_("A signed letter"),
        "id-shown": N_("A document was shown"),
        "second-factor": N_("Logged in with a second factor"),
    },
    "channel": WAYS,
    "answered_how": WAYS,
    "rights_request.fee": {"free": N_("Free of charge"), "charged": N_("Charged")},
}
