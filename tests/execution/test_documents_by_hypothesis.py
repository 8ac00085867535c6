"""
Documents as hypothesis-graphql makes them of the whole schema, on both executors, beside those of our own making
(`test_whole_schema.py`): they lead deep and know nothing of what there is.
"""

import pytest
from execution.test_whole_schema import NOTED, START, WHOLE, contexts, world
from graphql import parse, validate
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries
from matrix.world import World
from support.executors import both

from graph.schema import schema

__all__ = ["world"]
PARTS, DOCUMENTS, DOCUMENTS_OF_A_SOAK = 3, 100, 10_000
SCALARS = {
    "Date": st.dates().map(lambda day: nodes.String(day.isoformat())),
    "DateTime": st.datetimes().map(lambda instant: nodes.String(f"{instant.isoformat()}Z")),
    "PhoneNumber": st.just(nodes.String("+8613800138000")),
}


def documents(count: int, part: int) -> list[str]:
    """As many as that, made before any is executed: hypothesis does not wait for coroutines."""
    made: list[str] = []

    @seed(part)
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(queries(schema.as_str(), custom_scalars=SCALARS))
    def collect(document: str) -> None:
        made.append(document)

    collect()
    return made


async def compare(world: World, count: int, part: int) -> None:
    who = [
        await contexts(world, client)
        for client in (world.youth, world.partner, world.admin, world.house.anyone)
    ]
    executed = 0
    for number, source in enumerate(documents(count, part)):
        if any(field in source for field in NOTED) or validate(WHOLE, parse(source)):
            continue
        executed += 1
        pair = await both(WHOLE, source, context=who[number % len(who)])
        pair.must_agree_but_for_races()
    assert executed >= count / 2


@pytest.mark.parametrize("part", range(PARTS))
async def test_documents(world: World, part: int) -> None:
    await compare(world, DOCUMENTS, START + part)


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_many_documents(world: World) -> None:
    await compare(world, DOCUMENTS_OF_A_SOAK, START)
