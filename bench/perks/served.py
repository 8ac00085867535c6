"""
The hot perk over HTTP: `qingyi serve` with two processes in production, everything on, and a crowd that comes at once.

Each of 4,000 volunteers asks once, by GraphQL with a token and a key, as soon as one of 64 or 256 connections is free: how many
are answered a second, and how long each answer took. An error ends the measurement; none left, no points and the like are
the rules' answers. Then 200 of them ask again with their keys, and must get the same answers.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from bench.crowd import KEYS, RING, plain
from bench.offering import Client, Request, post, share
from bench.peers.cast import PRODUCTION, SERVE, Peer
from bench.peers.processes import CORES, cpu, spent
from bench.peers.serving import serving
from bench.peers.world import PLENTY, World
from bench.perks.shop import Shop
from domain.accounts.sessions import Bearer
from graph.core.ids import Tag, encode
from infra.settings import Settings
from infra.tokens import AccessTokens

CROWD, STOCK, ROUNDS, AGAIN = 4_000, 500, 3, 200
CONNECTIONS = (64, 256)
DOCUMENT = """mutation ($input: RedeemPerkInput!) { redeemPerk(input: $input) {
  redemption { id code status expiresAt } userErrors { code message field } } }"""


class Crowd:
    """Requests for one perk, and what each was answered."""

    def __init__(self, perk: UUID, tokens: Mapping[UUID, str]) -> None:
        self._perk, self._key, self._tokens = encode(Tag.Perk, perk), perk.hex, tokens
        self.answers: dict[UUID, list[Any]] = {}

    def request(self, youth: UUID) -> Request:
        variables = {"input": {"perkId": self._perk, "idempotencyKey": f"{self._key}{youth.hex}"}}
        body = orjson.dumps({"query": DOCUMENT, "variables": variables})
        return Request("redeem", post("/graphql", body, self._tokens[youth]), partial(self._judged, youth))

    def _judged(self, youth: UUID, answer: bytes) -> str | None:
        body = orjson.loads(answer[answer.index(b"\r\n\r\n") + 4 :])
        if "errors" in body:
            return str(body["errors"])[:300]
        self.answers.setdefault(youth, []).append(body["data"]["redeemPerk"])
        return None

    def told(self) -> Counter[str]:
        """How many were given one, and how many were refused for which reasons."""
        found = Counter[str]()
        for first, *_ in self.answers.values():
            found["+".join(sorted(one["code"] for one in first["userErrors"])) or "redeemed"] += 1
        return found

    def changed(self) -> int:
        """How many were answered otherwise when they asked again."""
        return sum(again != first for first, *more in self.answers.values() for again in more)


async def _round(client: Client, pid: int, crowd: Crowd, people: Sequence[UUID]) -> str:
    requests = [crowd.request(youth) for youth in people]
    before = cpu(pid)
    seen = await client.at_once(requests)
    cost = spent(before, cpu(pid)) / len(requests) * 1_000_000
    if seen.faults:
        raise SystemExit(f"{len(seen.faults)} errors, as {seen.faults[0]}")
    answering = sorted((one.seconds - one.late) * 1000 for one in seen.samples)
    await client.at_once([crowd.request(youth) for youth in people[:AGAIN]])
    return (
        f"{len(requests) / seen.seconds:7,.0f} a second, {cost:4.0f} µs of the servers' CPU for one; answered after"
        f" p50 {share(answering, 0.5):5.1f} ms, p99 {share(answering, 0.99):5.1f} ms; {dict(crowd.told())};"
        f" {crowd.changed()} of {AGAIN} answered otherwise when they asked again"
    )


async def served(shop: Shop) -> None:
    chance, now, perks = Random(11), datetime.now(UTC), []
    issuer = AccessTokens(RING, Settings().issuer)
    people = chance.sample(shop.people, CROWD)
    tokens = {youth: issuer.issue(Bearer.YOUTH, youth, now) for youth in people}
    environment = {**os.environ, **PLENTY, "DATABASE_URL": shop.url, "QINGYI_KEYS": KEYS}
    held = World(shop.url, os.environ["REDIS_URL"], environment, tuple(tokens.values()))
    peer = Peer("Qingyi, two processes", "ours", (*SERVE, "--workers", "2"), PRODUCTION)
    with serving(held, [peer], CORES) as [server]:
        for number in range(-1, ROUNDS):  # the first one warms up
            for connections in CONNECTIONS:
                perks.append(await shop.perk(STOCK))
                async with Client(server.port, connections) as client:
                    crowd = chance.sample(people, len(people))
                    said = await _round(client, server.pid, Crowd(perks[-1], tokens), crowd)
                if number >= 0:
                    print(f"{connections:4} connections {said}", flush=True)
    looking = await asyncpg.connect(plain(shop.url))
    await shop.check(looking, perks)
    await looking.close()
