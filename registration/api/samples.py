"""Examples made from schemas, for the parts that give none of their own."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from registration.api.requests import ExtensionWanted, PersonWanted, RequestWanted
from registration.api.shapes import AN_ID
from registration.api.wanted import (
    A_PERSON,
    AccountWanted,
    AssignmentWanted,
    OutcomesWanted,
    SubstituteWanted,
)
from registration.catalogue.rules import TrainingGiven, VenueGiven
from registration.companies.rules import CompanyGiven
from registration.invoicing.rules import BasisGiven, UndoGiven
from registration.privacy.request_given import DecisionGiven, IdentityGiven
from registration.teaching.locking import ReopenGiven
from registration.teaching.rules import RecipientGiven
from registration.webhooks.rules import WebhookGiven

Json = Mapping[str, object]

BODIES: Mapping[type[BaseModel], Json] = {
    TrainingGiven: {
        "title": {"fi": "Ratatyöturvallisuus", "en": "Safety in track work"},
        "topic": {"fi": "Turvallisuus", "en": "Safety"},
        "length_minutes": 450,
        "grade_scale": "pass_fail",
        "attendance_percent": 80,
        "valid_months": 36,
        "certificate_design": "modern",
    },
    VenueGiven: {"name": "Ratakoulu", "street": "Ratakatu 1", "city": "Helsinki"},
    CompanyGiven: {"name": "Rata Oy", "business_id": "0112038-9", "city": "Helsinki"},
    ReopenGiven: {"because": "Two grades were mixed up."},
    RecipientGiven: {"name": "Koulutus Oy", "country": "FI", "agreement_on": "2027-01-01"},
    AccountWanted: {
        "email": "oili@example.fi",
        "name": "Oili Organiser",
        "role": "organiser",
        "nda_on": "2027-01-15",
    },
    AssignmentWanted: {"account": "timo@example.fi", "recipient": AN_ID, "agreed": False},
    SubstituteWanted: {"person": A_PERSON},
    BasisGiven: {"company": AN_ID, "month": "2027-04"},
    UndoGiven: {"reason": "The order number was missing."},
    RequestWanted: {
        "kind": "access",
        "channel": "letter",
        "received_on": "2027-04-01",
        "language": "fi",
        "asked": "What do you hold on me?",
        "asker_name": "Aino Virtanen",
    },
    PersonWanted: {"person": AN_ID},
    IdentityGiven: {"how": "signed-letter", "seen": "signature, the address on record"},
    ExtensionWanted: {"until": "2027-06-01", "because": "There are records of many years."},
    DecisionGiven: {"decision": "granted"},
    WebhookGiven: {
        "url": "https://hr.example.fi/hooks",
        "events": ["place.changed", "outcome.recorded"],
    },
    OutcomesWanted: {
        "outcomes": [
            {
                "enrolment": AN_ID,
                "attendance": {"2027-04-01": True},
                "grade": "pass",
                "completed": True,
            }
        ]
    },
}
DEEPEST = 6
SAMPLES: Json = {
    "string": "…",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "null": None,
    "date": "2027-04-01",
    "date-time": "2027-04-01T09:00:00+03:00",
    "uuid": "0b8f6a52-6d0c-4a8e-9b1e-2f3f6f0f8f11",
    "duration": "PT24H",
}


def sample(schema: Json, schemas: Json, *, depth: int = 0) -> object:
    """The example that a schema gives, else one made from its fields."""
    for given in (schema.get("examples"), schema.get("enum")):
        if isinstance(given, list) and given:
            return given[0]
    if "const" in schema:
        return schema["const"]
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return sample(_map(schemas[name]), schemas, depth=depth + 1) if depth < DEEPEST else "…"
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return sample(_list(schema[several])[0], schemas, depth=depth + 1)
    return _by_type(schema, schemas, depth=depth)


def _by_type(schema: Json, schemas: Json, *, depth: int) -> object:
    match schema.get("type"):
        case "object" if "properties" in schema:
            fields = _map(schema["properties"])
            return {name: sample(_map(of), schemas, depth=depth) for name, of in fields.items()}
        case "object":
            of = schema.get("additionalProperties")
            name = _by_type(_map(schema.get("propertyNames", {})), schemas, depth=depth)
            key = str(name) if name != SAMPLES["string"] else "en"
            return {key: sample(of, schemas, depth=depth)} if isinstance(of, dict) else {}
        case "array":
            return [sample(_map(schema.get("items", {})), schemas, depth=depth)]
        case kind:
            return SAMPLES.get(str(schema.get("format", kind)), SAMPLES.get(str(kind), "…"))


def _map(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Json]:
    return [_map(each) for each in value] if isinstance(value, list) else []
