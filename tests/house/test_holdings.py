"""
No table holds a youth's id without saying what it is for, how it is shown to them, and how it is erased.

First by the tables' own words, then by looking for the id of a youth who has done everything in every column there is.
"""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import SQLModel
from support.canaries import lived
from support.house import House
from support.raw import tables
from support.texts import played

import domain.models  # noqa: F401 - fills the metadata with all tables
from domain.core.holding import Fate, Holding, Said, blank, tables_of
from domain.holdings import HOLDINGS
from domain.internships.models import ApplicationRow

PROJECT = Path(__file__).resolve().parents[2]
DECLARED = tables_of(HOLDINGS.tables)
YOUTH = "accounts_youth"
# Texts that hold `youth:<id>` where they hold an actor, and documents that may hold anything.
ACTORS = {"actor", "caller"}
DOCUMENTS = {
    "core_outbox_event.payload": "declared: events name their youth in `youth_id`",
    "core_notification.values": "declared: the words of a notice",
    "core_idempotency_key.refusals": "declared: the words of a refusal",
    "core_policy.value": "what a division decided",
    "internship_saved_search.filter": "declared: a youth's own filter",
    "partners_organization.credentials": "an organization's",
}


def candidates() -> Iterator[tuple[Table, Column[object]]]:
    """Columns that can hold a youth's id: references to youths, ids that refer to nothing, actors."""
    for table in SQLModel.metadata.tables.values():
        for column in table.columns:
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            refers = {key.column.table.name for key in column.foreign_keys}
            own = column.name == "id" and column.primary_key and table.name != YOUTH
            if (
                YOUTH in refers
                or (isinstance(kind, sa.Uuid) and not refers and not own)
                or column.name in ACTORS
            ):
                yield table, column


def test_every_table_with_a_youths_id_is_declared() -> None:
    found = {f"{table.name}.{column.name}" for table, column in candidates() if table.name not in DECLARED}

    assert found - HOLDINGS.no_youths.keys() == set(), (
        "declare what the table holds in domain/<programme>/holdings.py, or say in NO_YOUTHS what its column holds"
    )


def test_what_belongs_to_a_declared_row_is_declared() -> None:
    """A table that refers to a youth's record holds something of them too."""
    of_youths = DECLARED - {"core_notification", "core_outbox_event", "core_state_event"}
    found = {
        table.name
        for table in SQLModel.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in of_youths
    }

    assert found - DECLARED == set()


def test_what_holds_no_youth_is_there_and_undeclared() -> None:
    names = {f"{table.name}.{column.name}" for table, column in candidates()}

    assert HOLDINGS.no_youths.keys() - names == set()


def test_documents_are_known() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, JSONB)
    }

    assert found - DOCUMENTS.keys() == set(), "say whether it can hold a youth's id"


def test_names_are_given_once_and_the_youth_comes_last() -> None:
    names = [holding.name for holding in HOLDINGS.tables]

    assert len(names) == len(set(names))
    assert HOLDINGS.tables[-1].table.__tablename__ == YOUTH


def test_every_sealed_column_of_a_declared_table_is_cleared_or_goes() -> None:
    for holding in HOLDINGS.tables:
        sealed = {
            name for name in map(str, sa.inspect(holding.table).columns.keys()) if name.endswith("_sealed")
        }
        if holding.fate is Fate.ANONYMISED:
            assert sealed <= (holding.cleared or {}).keys()
        elif sealed:
            assert holding.fate is Fate.DELETED, holding.name


def test_what_is_not_kept_by_name_is_cleared() -> None:
    cleared = blank(
        ApplicationRow,
        "id",
        "internship_id",
        "organization_id",
        "youth_id",
        "status",
        "submitted_at",
        "updated_at",
    )

    assert cleared["cover_letter_sealed"] is None
    assert str(cleared["may_apply_again"]) == "DEFAULT"
    with pytest.raises(TypeError, match="say what it becomes"):
        blank(ApplicationRow, "id")


def test_what_is_not_deleted_says_why() -> None:
    with pytest.raises(TypeError, match="has a reason"):
        Holding("x", ApplicationRow, Said("", ""), lambda _: sa.true(), {}, Fate.KEPT)


def forms(youth: UUID) -> tuple[str, ...]:
    """As an id is written: as text, and as bytes read as Latin-1."""
    return (str(youth), youth.hex, youth.bytes.decode("latin-1"))


async def test_no_other_table_holds_the_id_of_a_youth_who_did_everything(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = played(house, monkeypatch)
    life = await lived(house, texts, 1)
    code = await texts.code(life.canaries.phone, "DELETE_ACCOUNT")
    await life.youth.done("exportMyData", "dataExport { status }", idempotencyKey="key")
    await life.youth.done("deleteMyAccount", "erasesAt", code=code)
    await house.work()
    written = forms(life.youth.key)

    found = set()
    async with house.looking() as db:
        for table in await tables(house):
            for row in await db.rows(sa.text(f'SELECT * FROM "{table}"')):
                values = (
                    value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row
                )
                if any(form in value for value in values for form in written):
                    found.add(table)

    assert {YOUTH, "core_outbox_event", "internship_application", "accounts_access_log"} <= found
    assert found - DECLARED == set()


def test_the_documentation_tells_every_holding() -> None:
    told = (PROJECT / "docs/personal-data.md").read_text(encoding="utf-8")
    for holding in HOLDINGS.tables:
        because = "" if holding.because is None else holding.because.en
        cells = (
            f"`{holding.name}`",
            f"`{holding.table.__tablename__}`",
            holding.what.en,
            holding.fate.value,
            because,
        )
        assert "| " + " | ".join(cells) + " |" in told
