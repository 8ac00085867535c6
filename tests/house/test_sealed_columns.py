"""Every column of bytes says whether it depends on the root keys: what is not declared would be lost with an old key."""

from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import SQLModel

import domain.models  # noqa: F401 - fills the metadata with all tables
from domain.accounts.linking import subject_place
from domain.accounts.preparing import part_place
from domain.accounts.youths import identity_place, name_place, phone_place
from domain.cases.case import OUTCOME
from domain.cases.opening import BODY as CASE_BODY
from domain.certificates.certificate import STATEMENT
from domain.core.sealed_columns import keyed_hashes, sealed_tables
from domain.core.sealing import place
from domain.internships.application import COVER_LETTER, RESUME_URL
from domain.mentorship.request import BODY as MESSAGE_BODY
from domain.mentorship.request import text_place

REQUEST_TEXTS = ("topic", "message", "summary", "comment", "meeting_url")
OF_NO_KEY = {
    "accounts_access_log.look": "a plain hash of who looked at whom and when, so that one look is one row",
    "accounts_erasure.code_hash": "a plain hash of a code that nobody can guess, so that receipts outlive the keys",
    "accounts_refresh_token.key_hash": "a plain hash of the caller's idempotency key",
    "certificates_certificate.number_hash": "a plain hash of 120 random bits, so that certificates outlive the keys",
    "core_blind_index.digest": "rows under every root, added by `keys rotate` from the sealed text of their owner",
    "core_idempotency_key.input_hash": "a plain hash of an input, kept for days",
    "core_idempotency_key.key_hash": "a plain hash of the caller's key, kept for days",
    "volunteering_account.head": "the plain hash of the last entry of a chain, which anybody can compute",
    "volunteering_entry.evidence": "a plain hash of what a service record says, which anybody can compute",
    "volunteering_entry.hash": "a plain hash of an entry, which anybody can compute",
    "volunteering_entry.previous_hash": "the plain hash of the entry before",
    "hostel_rental.content_hash": "a plain hash of what anybody may read",
    "matchmaking_choices.chosen": "encrypted by the event's own key, which is sealed: matchmaking_event.choices_key_sealed",
    "matchmaking_event.entries_hash": "a plain hash, published with the list that it is of",
    "matchmaking_event.seed": "published, so that anybody can redo the draw",
    "matchmaking_signup.code_hash": "a plain hash of 80 random bits, which a desk without keys must be able to make",
    "internship_listing.content_hash": "a plain hash of what anybody may read",
}
"""Bytes that no root key has made, or that are made anew with what they belong to."""

SEALED = {column.name: column for columns in sealed_tables().values() for column in columns}
HASHES = {f"{each.column.table.name}.{each.column.name}": each for each in keyed_hashes()}


def test_every_column_of_bytes_is_declared_or_has_a_reason_not_to_be() -> None:
    of_bytes = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.LargeBinary)
    }

    assert of_bytes == SEALED.keys() | HASHES.keys() | OF_NO_KEY.keys()
    assert not OF_NO_KEY.keys() & (SEALED.keys() | HASHES.keys())


def test_no_column_is_called_sealed_that_is_not() -> None:
    named = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed")
    }

    assert named == SEALED.keys()


def test_a_sealed_field_is_placed_by_the_one_uuid_that_is_its_tables_key() -> None:
    for table in sealed_tables():
        (key,) = table.primary_key.columns
        assert isinstance(key.type, sa.Uuid), table.name


def test_a_keyed_hash_stands_beside_the_id_of_its_key() -> None:
    for hashes in HASHES.values():
        assert isinstance(hashes.key_id.type, sa.Text)
        assert hashes.named is None or hashes.named in hashes.column.table.c


def test_the_declared_place_is_where_the_code_seals() -> None:
    row = uuid4()
    for name, where in (
        ("accounts_youth.phone_sealed", phone_place(row)),
        ("accounts_youth.legal_name_sealed", name_place(row)),
        ("accounts_youth.identity_sealed", identity_place(row)),
        ("accounts_external_identity.subject_sealed", subject_place(row)),
        ("accounts_data_export_part.body_sealed", part_place(row)),
        ("internship_application.cover_letter_sealed", place(*COVER_LETTER, row)),
        ("internship_application.resume_url_sealed", place(*RESUME_URL, row)),
        *((f"mentorship_request.{name}_sealed", text_place(name, row)) for name in REQUEST_TEXTS),
        ("mentorship_message.body_sealed", place(*MESSAGE_BODY, row)),
        ("cases_message.body_sealed", place(*CASE_BODY, row)),
        ("cases_case.outcome_sealed", place(*OUTCOME, row)),
        ("certificates_certificate.statement_sealed", place(*STATEMENT, row)),
    ):
        assert SEALED[name].place(row) == where
