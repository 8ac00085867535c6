"""Pages of a long result while others post: no row of the first set is skipped, none is shown twice."""

import asyncio
from collections import Counter
from random import Random

from support.house import House, Partner
from support.listings import a_listing, upserted

ROWS, MORE, BATCH = 3_000, 500, 50
PAGE = 100
TEXT = "前端 开发"
FORWARD = """
query ($order: InternshipOrder, $filter: InternshipFilter, $cursor: String) {
  internships(orderBy: $order, filter: $filter, first: 100, after: $cursor) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
BACKWARD = FORWARD.replace("first: 100, after:", "last: 100, before:")
TITLES = (
    "前端开发实习生",
    "Web前端开发",
    "小程序开发（前端）",
    "前端工程师",
    "软件开发",
    "全栈开发 前端方向",
)


def _listings(chance: Random, count: int) -> list[dict[str, object]]:
    """Many ties: a few stipends, a few last days."""
    found = []
    for _ in range(count):
        month = chance.choice((None, 2_000_00, 3_000_00, 3_500_00))
        found.append(
            a_listing(
                title=chance.choice(TITLES),
                stipend=None if month is None else {"minFen": month, "maxFen": month, "per": "MONTH"},
                applyBy=chance.choice((None, "2031-01-31", "2031-02-28", "2031-03-31")),
            )
        )
    return found


async def _post(partner: Partner, listings: list[dict[str, object]], batch: int) -> list[str]:
    ids = []
    for start in range(0, len(listings), batch):
        results = await upserted(partner, *listings[start : start + batch])
        assert {result["outcome"] for result in results} == {"CREATED"}
        ids += [result["internship"]["id"] for result in results]
    return ids


class Reading:
    """Walks that go on side by side; every so many pages, whoever turns one posts first, while the others go on."""

    def __init__(self, house: House, partner: Partner, more: list[dict[str, object]], every: int) -> None:
        self.house = house
        self.partner = partner
        self.more = more
        self.every = every
        self.added: list[str] = []
        self.pages = 0

    async def turn(self) -> None:
        self.pages += 1
        if self.more and self.pages % self.every == 0:
            batch, self.more = self.more[:BATCH], self.more[BATCH:]
            self.added += await _post(self.partner, batch, BATCH)

    async def walk(self, order: str, text: str | None, *, backward: bool) -> list[str]:
        ids: list[str] = []
        cursor = None
        document = BACKWARD if backward else FORWARD
        while True:
            data = await self.house.anyone.run(
                document, order=order, filter=None if text is None else {"text": text}, cursor=cursor
            )
            page = data["internships"]
            nodes = [node["id"] for node in page["nodes"]]
            ids += nodes[::-1] if backward else nodes
            assert len(ids) <= ROWS + MORE, f"{order} never ends"
            await self.turn()
            info = page["pageInfo"]
            further, cursor = (
                (info["hasPreviousPage"], info["startCursor"])
                if backward
                else (info["hasNextPage"], info["endCursor"])
            )
            if not further:
                return ids
            assert len(nodes) == PAGE


async def test_nothing_is_skipped_or_repeated(house: House) -> None:
    chance = Random(7)
    partner = await house.partner(employees=1_000_000)
    originals = set(await _post(partner, _listings(chance, ROWS), 500))
    walks = [
        (order, text, backward)
        for order, text in (("NEWEST", None), ("RELEVANCE", TEXT), ("STIPEND", None), ("APPLY_BY", None))
        for backward in (False, True)
    ]
    # The last of them comes well before the last page.
    every = len(walks) * ROWS // PAGE // (MORE // BATCH + 2)
    reading = Reading(house, partner, _listings(chance, MORE), every)
    found = await asyncio.gather(
        *(reading.walk(order, text, backward=backward) for order, text, backward in walks)
    )
    added = reading.added
    assert len(added) == MORE
    for (order, _, backward), ids in zip(walks, found, strict=True):
        twice = [identity for identity, count in Counter(ids).items() if count > 1]
        assert twice == [], (order, backward)
        assert originals <= set(ids), (order, backward)
        assert set(ids) <= originals | set(added), (order, backward)
    assert set(found[0]) & set(added) == set()  # forward from the newest, newcomers lie behind
    # Without writers both directions are the same list.
    for order, text in (("NEWEST", None), ("RELEVANCE", TEXT), ("STIPEND", None), ("APPLY_BY", None)):
        there, back = await asyncio.gather(
            reading.walk(order, text, backward=False), reading.walk(order, text, backward=True)
        )
        assert there == back[::-1], order
        assert set(there) == originals | set(added)
