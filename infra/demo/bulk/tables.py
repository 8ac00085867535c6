"""The tables that are loaded, and their columns in the order in which the rows are written."""

from collections.abc import Mapping
from types import MappingProxyType

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "accounts_youth": (
            *("id", "phone_sealed", "legal_name_sealed", "real_name_status", "registry_tries"),
            *("real_name_claims", "gender", "birth_date", "division_code", "tracks", "created_at"),
        ),
        "core_blind_index": ("purpose", "digest", "key_id", "owner_id"),
        "accounts_consent": ("id", "youth_id", "purpose", "version", "given_at"),
        "volunteering_account": (
            *("volunteer_id", "service_minutes", "consumed", "points", "stars", "entries", "head"),
            "lapses_at",
        ),
        "volunteering_entry": (
            *("id", "volunteer_id", "sequence", "kind", "minutes", "points", "minutes_after"),
            *("consumed_after", "balance_after", "stars_after", "at", "expires_at", "organization_id"),
            *("record_id", "evidence", "previous_hash", "hash"),
        ),
        "volunteering_record": (
            *("id", "organization_id", "external_ref", "person_id", "volunteer_id", "activity"),
            *("started_at", "ended_at", "minutes", "status", "waits_for", "unit_id", "recorded_at"),
        ),
    }
)
TABLES = tuple(COLUMNS)
