"""What sorts of things the fictional organisation offers; days count from today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from registration.catalogue.rules import CertificateDesign, GradeScale
from registration.teaching.rules import Invitation

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TrainingOffer:
    key: str
    title: Texts
    summary: Texts
    aims: Texts
    qualifies_for: Texts
    topic: Texts
    hours: int
    scale: GradeScale
    valid_months: int | None
    attendance_percent: int | None = None
    lowest_grade: str = ""
    design: CertificateDesign = CertificateDesign.FORMAL


@dataclass(frozen=True, slots=True)
class SessionOffer:
    """``fill``: how many people sign up by themselves; ``crew``: how many a company enrols. Of the
    terms ``cancel_days`` and ``decide_days`` count from the start back. ``checked`` of those who
    came last wait for a look at what the training needs; ``leaves``: one gives their seat up, and
    it is offered to who waits; ``unnamed``: seats that a company keeps without a name. ``answer``
    is what the trainer said to being asked."""

    training: str
    day: int
    days: int
    venue: str
    seats: int
    euros: int
    language: str = "fi"
    fill: int = 0
    crew: int = 0
    trainer: int = 0
    minimum: int | None = None
    decide_days: int = 0
    cancel_days: int = 0
    quota: int | None = None
    offer_hours: int | None = None
    checked: int = 0
    leaves: bool = False
    unnamed: int = 0
    answer: Invitation = Invitation.ACCEPTED


@dataclass(frozen=True, slots=True)
class MealOffer:
    """``day`` counts from the event's first."""

    kind: str
    day: int = 0
    name: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventOffer:
    """``hours`` are when it starts, and ends on its last day. ``kitchen_days``: how long before the
    start the kitchen closes its list; 0: with sign-up. ``late`` guests come after the kitchen has
    its first sheet."""

    title: Texts
    summary: Texts
    day: int
    hours: tuple[int, int]
    venue: str
    seats: int
    guests: int
    meals: tuple[MealOffer, ...] = ()
    keep: timedelta = field(default=timedelta(hours=24))
    days: int = 1
    kitchen_days: int = 0
    late: int = 0
