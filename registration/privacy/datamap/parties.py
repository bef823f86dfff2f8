"""Whom data is about, who may receive it, and what it serves (P15, P17)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from registration.i18n import N_


class Category(StrEnum):
    """Which people a table is about (P17). A person can be in several."""

    TRAINING_PARTICIPANT = "training-participant"
    EVENT_PARTICIPANT = "event-participant"
    CUSTOMER_CONTACT = "customer-contact"
    POTENTIAL_CUSTOMER = "potential-customer"
    STAKEHOLDER = "stakeholder"
    SUPPORT_CONTACT = "support-contact"
    COORDINATOR = "coordinator"
    TRAINER = "trainer"
    STAFF = "staff"


CATEGORY_NAMES: Mapping[Category, str] = {
    Category.TRAINING_PARTICIPANT: N_("training participants"),
    Category.EVENT_PARTICIPANT: N_("event participants"),
    Category.CUSTOMER_CONTACT: N_("customers' contact persons"),
    Category.POTENTIAL_CUSTOMER: N_("potential customers"),
    Category.STAKEHOLDER: N_("stakeholders who follow our news"),
    Category.SUPPORT_CONTACT: N_("people who ask for help or write to us"),
    Category.COORDINATOR: N_("people who enrol others for a company"),
    Category.TRAINER: N_("trainers from other firms"),
    Category.STAFF: N_("our staff"),
}

PARTICIPANTS = (Category.TRAINING_PARTICIPANT, Category.EVENT_PARTICIPANT)
# Whoever stands in the register of persons.
KNOWN = (*PARTICIPANTS, Category.POTENTIAL_CUSTOMER, Category.STAKEHOLDER)
# Whoever has a login for their work.
WORKING = (Category.COORDINATOR, Category.TRAINER, Category.STAFF)
EVERYBODY = tuple(Category)


class Receiver(StrEnum):
    """Who outside our own staff may receive it. What nobody else gets names none."""

    ENROLLING_COMPANY = "enrolling-company"
    TRAINER_ORGANISATION = "trainer-organisation"
    ORGANISERS = "organisers"
    CATERER = "caterer"
    GROUP = "group"
    CERTIFICATE_CHECKER = "certificate-checker"
    CARRIER = "carrier"
    HOST = "host"
    AUTHORITY = "authority"


# These may receive any of it: the one because it runs the machines, the other by law.
OF_ALL = (Receiver.HOST, Receiver.AUTHORITY)

WHO_SEES_PLACES = (
    Receiver.ENROLLING_COMPANY,
    Receiver.TRAINER_ORGANISATION,
    Receiver.ORGANISERS,
    Receiver.GROUP,
)

# As they stand after "Who gets it".
RECEIVER_NAMES: Mapping[Receiver, str] = {
    Receiver.ENROLLING_COMPANY: N_("your company, for places that it booked"),
    Receiver.TRAINER_ORGANISATION: N_("the trainer's firm"),
    Receiver.ORGANISERS: N_("the organisers of your event"),
    Receiver.CATERER: N_("the caterer, as numbers only"),
    Receiver.GROUP: N_("our group, for invoicing"),
    Receiver.CERTIFICATE_CHECKER: N_("whoever you show a certificate to"),
    Receiver.CARRIER: N_("the firm that carries our mail"),
    Receiver.HOST: N_("the firm that runs our servers"),
    Receiver.AUTHORITY: N_("authorities, when a law requires it"),
}


class Activity(StrEnum):
    """What a table serves: a part of the notice, and an activity of the record of processing.

    In the order in which the notice speaks of them.
    """

    CONTACT = "contact"
    PLACES = "places"
    RESULTS = "results"
    CERTIFICATES = "certificates"
    DIETS = "diets"
    ENROLLED = "enrolled"
    COMPANY = "company"
    WORK = "work"
    NEWS = "news"
    FEEDBACK = "feedback"
    CHOICES = "choices"
    MAIL = "mail"
    LOGIN = "login"
    RIGHTS = "rights"
    RECORD = "record"


# As a person reads it, and as it stands in the record of processing.
ACTIVITY_NAMES: Mapping[Activity, tuple[str, str]] = {
    Activity.CONTACT: (N_("Your contact details"), N_("Keeping a register of participants")),
    Activity.PLACES: (N_("Your places"), N_("Arranging trainings and events")),
    Activity.RESULTS: (N_("Your results"), N_("Recording attendance and results")),
    Activity.CERTIFICATES: (N_("Your certificates"), N_("Issuing and checking certificates")),
    Activity.DIETS: (N_("Your food restrictions"), N_("Catering at events")),
    Activity.ENROLLED: (
        N_("You and your company"),
        N_("Enrolment of employees by their company"),
    ),
    Activity.COMPANY: (
        N_("Your company's business with us"),
        N_("Dealing with customer companies"),
    ),
    Activity.WORK: (N_("What your work with us needs"), N_("Giving access to who works with data")),
    Activity.NEWS: (N_("Trainings that you want to hear of"), N_("Telling of trainings and news")),
    Activity.FEEDBACK: (N_("Your feedback"), N_("Asking for feedback")),
    Activity.CHOICES: (N_("What you allow and forbid"), N_("Recording consents and prohibitions")),
    Activity.MAIL: (N_("Mail to you"), N_("Sending mail")),
    Activity.LOGIN: (N_("Logging in"), N_("Logins and protection against misuse")),
    Activity.RIGHTS: (N_("What you ask of us"), N_("Answering people who use their rights")),
    Activity.RECORD: (
        N_("Who saw your data"),
        N_("Recording what is done with personal data"),
    ),
}
