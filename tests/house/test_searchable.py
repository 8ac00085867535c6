"""`qingyi reindex` makes the words of every table anew that has such words: a new one is not forgotten."""

from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import SQLModel

import domain.models  # noqa: F401 - fills the metadata with all tables
from domain.searchable import REWRITINGS


def test_every_table_with_search_words_is_made_anew() -> None:
    searched = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, TSVECTOR)
    }

    assert searched == {rewriting.declared.table for rewriting in REWRITINGS}
    assert len(REWRITINGS) == len(searched)
