"""Changes are shared for as long as a process runs, and no longer."""

import asyncio

import pytest
from redis.asyncio import BlockingConnectionPool, Redis

from infra.changes import Changes
from infra.embedded.services import Services


@pytest.mark.parametrize("milliseconds", [0, 0.3, 0.6, 1, 2, 4])
async def test_whoever_ends_while_valkey_is_being_reached_does_not_wait(
    servers: Services, milliseconds: float
) -> None:
    redis = Redis.from_pool(BlockingConnectionPool.from_url(servers.redis_url))
    before = asyncio.all_tasks()
    async with asyncio.timeout(5):
        async with Changes({"a"}).shared(redis):
            await asyncio.sleep(milliseconds / 1000)
    assert asyncio.all_tasks() == before
    await redis.aclose()
