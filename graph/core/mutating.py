"""
How every mutation runs: one transaction, the domain's action inside it, refusals as data.

The action gives the id of the record that it made or changed; the mutation then reads the record in its present state.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from domain.core.actors import Anonymous
from domain.core.db import Write
from domain.core.idempotency import Once, Outcome, alone, attempt, once
from domain.core.refusals import Refusal, Refused
from graph.core.context import Info
from graph.core.errors import UserError, user_errors
from graph.core.given import given_fields
from graph.core.ids import Tag
from graph.core.node import load_record

Act = Callable[[Write], Awaitable[UUID | None]]
First = Callable[[Write], Awaitable[None]]


def fingerprint(info: Info, given: Any) -> bytes:
    """Equal for the same mutation with the same input; a field that is absent is not the same as one that is null."""
    plain = [info.field_name, sorted(given_fields(info)), given]
    return sha256(orjson.dumps(plain, default=str, option=orjson.OPT_SORT_KEYS)).digest()


def key_of(info: Info, given: Any) -> Once | None:
    """The input's idempotency key, with the input's fingerprint; a Refusal for one that is none."""
    key: str | None = getattr(given, "idempotency_key", None)
    return None if key is None else Once(key, fingerprint(info, given))


async def mutate_gathered(
    info: Info, given: Any, ask: Callable[[Once | None], Awaitable[Outcome]]
) -> Outcome:
    """
    As `mutate`, for requests that are decided in a transaction with others (`domain.core.gathering`): `ask` puts this one
    into its line. Its key is written there.
    """
    try:
        outcome = await ask(key_of(info, given))
    except Refusal as reason:
        outcome = Outcome(refusals=(reason,))
    except Refused as refused:
        outcome = Outcome(refusals=refused.reasons)
    info.context.forget()
    return outcome


async def mutate(info: Info, given: Any, act: Act, first: First | None = None) -> Outcome:
    """
    Run the action in one transaction. Where the input has an idempotency key, the same key gives the same outcome.

    Refusals come back in the outcome, what the action wrote is undone; anything else that is raised is the server's fault.
    `first` comes before the action, and what it writes stays when the action is refused.
    """
    try:
        asked = key_of(info, given)
    except Refusal as reason:
        if first is not None:
            async with info.context.write() as tx:
                await first(tx)
        return Outcome(refusals=(reason,))
    # Nobody in particular has no keys: what one stranger sent is no answer for another.
    keyed = asked if not isinstance(info.context.actor, Anonymous) else None
    if keyed is None and first is None:
        outcome = await alone(info.context.write, act)
    else:
        async with info.context.write() as tx:
            before = None if first is None else partial(first, tx)
            if keyed is not None:
                outcome = await once(tx, keyed, lambda: act(tx), before)
            else:
                if before is not None:
                    await before()
                outcome = await attempt(tx, lambda: act(tx))
    info.context.forget()
    return outcome


def errors_of(info: Info, outcome: Outcome) -> list[UserError]:
    return user_errors(outcome.refusals, info.context.language, "input")


async def record_of(info: Info, tag: Tag, outcome: Outcome) -> Any:
    """The record of the outcome in its present state; None when there is none."""
    return await load_record(info.context.reading_own_writes(), tag, outcome.record_id)
