"""What the privacy notice says beside what the data map does (P19). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registration.i18n import N_
from registration.ledger.rules import Basis
from registration.privacy.datamap.parties import Activity, Category, Receiver

BASIS_NAMES: Mapping[Basis, str] = {
    Basis.CONTRACT: N_("we need it to do what you or your company asked of us"),
    Basis.LEGAL_DUTY: N_("a law or an authority's rule requires it of us"),
    Basis.LEGITIMATE_INTEREST: N_(
        "we or your company have a legitimate interest in it, and you may object"
    ),
    Basis.CONSENT: N_("you said yes, and can take that back at any time"),
    Basis.EXPLICIT_CONSENT: N_("you said yes to just this, and can take that back at any time"),
}

IN_SHORT: tuple[str, ...] = (
    N_(
        "We hold what we need to arrange your training or event: who you are, how to reach you, "
        "what you take part in and how it went. Nothing else."
    ),
    N_(
        "The company that enrolled you sees your places, results and certificates. The trainer's "
        "firm gets your name and company, and what a certificate or permit needs."
    ),
    N_(
        "What you cannot eat is seen only by the organisers of that event, and deletes itself at "
        "the latest 7 days after it."
    ),
    N_(
        "Proof of a completed training is kept as long as somebody may ask whether you could work "
        "at a site."
    ),
    N_(
        "On your own page you see all that we hold and who has seen it. There you can correct it, "
        "download it and delete it."
    ),
    N_("We do not sell your data and do not track you. News and surveys stop with one click."),
)


@dataclass(frozen=True, slots=True)
class Situation:
    """How somebody comes to be in our data; the notice speaks to them in a part of its own, in
    which what serves ``activities`` is told. ``source`` says where we have it from."""

    key: str
    heading: str
    source: str
    activities: tuple[Activity, ...]
    categories: frozenset[Category]


SITUATIONS: tuple[Situation, ...] = (
    Situation(
        "training",
        N_("You come to a training"),
        N_("You told us this when you signed up, or your company did. Your trainer adds results."),
        (Activity.CONTACT, Activity.PLACES, Activity.RESULTS, Activity.CERTIFICATES),
        frozenset({Category.TRAINING_PARTICIPANT}),
    ),
    Situation(
        "event",
        N_("You come to an event"),
        N_(
            "You told us this when you signed up. If there is food, you may tell what you cannot "
            "eat; you need not."
        ),
        (Activity.DIETS,),
        frozenset({Category.EVENT_PARTICIPANT}),
    ),
    Situation(
        "enrolled",
        N_("Your company enrolled you"),
        N_(
            "We have your name, your e-mail address and perhaps your phone number from your "
            "company. We write to you at once, say who gave them to us, and let you correct them "
            "or object."
        ),
        (Activity.ENROLLED,),
        frozenset({Category.TRAINING_PARTICIPANT, Category.EVENT_PARTICIPANT}),
    ),
    Situation(
        "company",
        N_("You deal with us for your company"),
        N_("You told us this, or a colleague who named you did."),
        (Activity.COMPANY,),
        frozenset({Category.CUSTOMER_CONTACT, Category.COORDINATOR}),
    ),
    Situation(
        "work",
        N_("You teach for us or work here"),
        N_("Your firm told us who you are. What you open and change here is on record."),
        (Activity.WORK,),
        frozenset({Category.TRAINER, Category.STAFF}),
    ),
    Situation(
        "news",
        N_("You want to hear from us"),
        N_("You asked for it yourself. Each such mail has a link with which it ends."),
        (Activity.NEWS, Activity.FEEDBACK, Activity.CHOICES),
        frozenset({Category.POTENTIAL_CUSTOMER, Category.STAKEHOLDER}),
    ),
    Situation(
        "anybody",
        N_("Whoever you are"),
        N_("This comes about when you use the service or write to us."),
        (Activity.LOGIN, Activity.MAIL, Activity.RIGHTS, Activity.RECORD),
        frozenset(Category),
    ),
)

# What each gets, as a sentence. What a trainer's firm gets is what packs may hold (P7).
RECEIVER_SAYS: Mapping[Receiver, str] = {
    Receiver.ENROLLING_COMPANY: N_(
        "The places that it booked for you, your results there and your certificates."
    ),
    Receiver.TRAINER_ORGANISATION: N_(
        "Your name and company, to teach you. To grant a certificate or permit also the training, "
        "its days, whether you completed it, and for a certificate your grade."
    ),
    Receiver.ORGANISERS: N_("Who comes, and their food restrictions if there is food."),
    Receiver.CATERER: N_("How many need which food, never whose it is."),
    Receiver.GROUP: N_("Who took part in what, on the bill of which company."),
    Receiver.CERTIFICATE_CHECKER: N_(
        "What the certificate says, and whether it holds. It takes the certificate's code."
    ),
    Receiver.CARRIER: N_("It takes our mail to you, and nothing else."),
    Receiver.HOST: N_("It keeps the data for us, and does only what we say."),
    Receiver.AUTHORITY: N_("What the law says, and no more."),
}


@dataclass(frozen=True, slots=True)
class Right:
    """``link`` leads to where it is used; empty: by writing to the privacy contact."""

    heading: str
    says: str
    link: str = ""


RIGHTS: tuple[Right, ...] = (
    Right(
        N_("See and take away"),
        N_("All that we hold on you stands on your page; download it as a file."),
        "/me/data",
    ),
    Right(
        N_("See who saw it"),
        N_("Who was shown or given your data, when, and what for."),
        "/me/seen",
    ),
    Right(
        N_("Correct"),
        N_("Change it on your page. What a certificate says is corrected by our staff."),
        "/me/data",
    ),
    Right(
        N_("Delete"),
        N_("What the law or an authority requires stays, and we tell you what and why."),
        "/me/erase",
    ),
    Right(
        N_("Say no"),
        N_("Refuse newsletters, marketing and surveys, and take back any yes, whenever you like."),
        "/me/consents",
    ),
    Right(
        N_("Object and restrict"),
        N_("Say on your page what you do not want done with your data, and why."),
        "/me/rights",
    ),
)
HOW_TO_ASK = N_(
    "You can also write to us, or come by. We make sure that it is you, and answer within a month. "
    "It costs nothing; only if you ask for another copy within a year may we charge what it costs."
)

NEEDED = N_(
    "Without your name and e-mail address we cannot keep a seat for you or tell you about it. All "
    "else you may leave out. Food restrictions are always up to you."
)
DECISIONS = N_(
    "Seats go in the order in which people sign up, and a program checks whether a training that "
    "is needed before is on record. Where that seems wrong, ask us: people decide. There are no "
    "profiles, and no other decisions without a human."
)
COOKIES = N_(
    "We set cookies only for what you asked for: to keep you logged in, to remember your language "
    "for a year, and to carry a message or a login from one page to the next for some minutes. "
    "None of them follows you."
)
CHANGES = N_(
    "When this notice changes, the old one stays readable, and we write to the people whom the "
    "change concerns."
)
COMPLAIN = N_(
    "If you think that we break the law, tell us first, so that we can put it right. You can also "
    "complain to the authority at any time:"
)
INSIDE = N_(
    "Nothing of it leaves the European Economic Area (the EU, Iceland, Liechtenstein and Norway)."
)
OUTSIDE = N_(
    "Outside the European Economic Area only trainers' firms in these countries get data, each "
    "under an agreement that protects it there:"
)
