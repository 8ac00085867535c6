"""
Two servers, a partner who changes a listing on one of them, and strangers who read it on both: the partner never sees an old
one, wherever they look, and nobody sees what is older than a second.
"""

import asyncio
import re
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

import httpx
from races.processes import server
from support.asking import listing
from support.client import Client
from support.house import House
from support.listings import a_listing, posted, upserted

from infra.embedded.services import Services

CHANGES, STRANGERS = 40, 3
BOUND_SECONDS = 1.0


@dataclass(slots=True)
class Seen:
    """When strangers asked and which change they saw; when each change was acknowledged."""

    looks: list[tuple[float, int]] = field(default_factory=list)
    acknowledged: list[float] = field(default_factory=list)
    over: bool = False

    def too_old(self) -> list[tuple[float, int]]:
        """Looks that were begun more than the bound after a later change was acknowledged."""
        return [
            (asked, number)
            for asked, number in self.looks
            if number + 1 < len(self.acknowledged) and asked - self.acknowledged[number + 1] > BOUND_SECONDS
        ]


async def _title(client: Client, identity: str) -> int:
    return int((await listing(client, identity, "title"))["title"].removeprefix("岗位"))


async def _strange(http: httpx.AsyncClient, identity: str, seen: Seen) -> None:
    while not seen.over:
        asked = time.monotonic()
        seen.looks.append((asked, await _title(Client(http), identity)))
        await asyncio.sleep(0.005)


async def _hits(http: httpx.AsyncClient) -> float:
    told = (await http.get("/metrics")).text
    [found] = re.findall(r'^qingyi_kept_rows_asked_total\{found="yes"\} (\S+)$', told, re.MULTILINE)
    return float(found)


async def test_nobody_sees_what_is_old(house: House, database_url: str, servers: Services) -> None:
    partner, seen = await house.partner(), Seen()
    content = a_listing(title="岗位0")
    identity = await posted(partner, content)
    async with AsyncExitStack() as stack:
        addresses = [stack.enter_context(server(database_url, servers))[1] for _ in range(2)]
        here, there = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=address, timeout=20))
            for address in addresses
        ]
        seen.acknowledged.append(time.monotonic())
        strangers = [
            asyncio.create_task(_strange(http, identity, seen))
            for http in (here, there)
            for _ in range(STRANGERS)
        ]
        for number in range(1, CHANGES + 1):
            [result] = await upserted(replace(partner, http=here), {**content, "title": f"岗位{number}"})
            assert result["outcome"] == "UPDATED"
            seen.acknowledged.append(time.monotonic())
            for http in (here, there):
                assert await _title(replace(partner, http=http), identity) == number
            await asyncio.sleep(0.05)
        await asyncio.sleep(BOUND_SECONDS)
        assert await _title(Client(there), identity) == CHANGES
        seen.over = True
        await asyncio.gather(*strangers)
        assert seen.too_old() == []
        assert {number for _, number in seen.looks} > {0, CHANGES}
        assert min([await _hits(http) for http in (here, there)]) > len(seen.looks) / 10
