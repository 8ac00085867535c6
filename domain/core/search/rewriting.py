"""All words of a table made anew, as after a change of how they are made."""

from asyncio import to_thread
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Select, SQLColumnExpression
from sqlmodel import SQLModel

from domain.core.db import Read, Write
from domain.core.search.declared import Declared

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A table's rows as `statement` reads them, the id first, and what `document` makes of one."""

    declared: Declared
    identity: SQLColumnExpression[UUID]
    statement: Select[Any]
    table: type[SQLModel]
    document: Callable[[Any], dict[str, Any]]

    async def count(self, db: Read) -> int:
        return int(await db.scalar(sa.select(sa.func.count()).select_from(self.table)))

    async def some(self, tx: Write, after: UUID | None) -> tuple[int, UUID | None]:
        """
        Make the words of the next `AT_ONCE` rows, by id; how many there were, and the id to go on after.

        The rows are locked meanwhile, so that what somebody else writes is not written over; whoever only refers to them
        does not wait.
        """
        statement = self.statement.order_by(self.identity).limit(AT_ONCE)
        if after is not None:
            statement = statement.where(self.identity > after)
        rows = await tx.rows(statement.with_for_update(of=self.table, key_share=True))
        if not rows:
            return 0, None
        made = await to_thread(lambda: [{"id": row.id, **self.document(row)} for row in rows])
        await tx.update_each(self.table, made)
        return len(rows), rows[-1].id
