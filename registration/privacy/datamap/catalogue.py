"""What is on offer: nothing of a person."""

from __future__ import annotations

from collections.abc import Mapping

from registration.privacy.datamap.columns import (
    Table,
    nobodys,
)

# fmt: off
TABLES: Mapping[str, Table] = {
    "training": nobodys(
        "id", "slug", "title", "summary", "aims", "qualifies_for", "topic", "length_minutes",
        "grade_scale", "valid_months", "attendance_percent", "lowest_grade", "certificate_design",
        "published", "changed_at",
    ),
    "prerequisite": nobodys("id", "training_id", "needed_id", "valid"),
    "venue": nobodys("id", "name", "street", "postal_code", "city", "country"),
    "seating": nobodys(
        "id", "seats", "waiting_open", "offer_hours", "company_quota", "minimum", "sure_at",
        "decide_by", "cancels_until", "names_until", "remind_hours", "turn", "revision",
    ),
    "session": nobodys(
        "id", "training_id", "seating_id", "venue_id", "link", "language", "starts_at",
        "ends_at", "time_zone", "opens_at", "closes_at", "price_cents", "state", "changed_at",
    ),
    "session_day": nobodys("id", "session_id", "starts_at", "ends_at"),
    "event": nobodys(
        "id", "slug", "seating_id", "title", "summary", "venue_id", "link", "starts_at",
        "ends_at", "time_zone", "opens_at", "closes_at", "catered", "erase_diets_seconds",
        "erase_daily", "erase_at", "latest_erase_at", "diets_deleted_at", "diets_until", "state",
        "changed_at",
    ),
    "meal": nobodys("id", "event_id", "on", "kind", "name"),
}
# fmt: on
