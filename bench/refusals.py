"""
How fast bad credentials are refused.

    DATABASE_URL=postgresql://… REDIS_URL=redis://… python bench/refusals.py

Sends each kind of bad token to a server on this machine, over HTTP, again and again, with a good one for comparison, and
prints the median, the 99th of a hundred and the worst. Each token is another one each time, so that none is remembered; the
database holds one youth of its own, who stays.
"""

import asyncio
import base64
import hmac
import json
import socket
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import uvicorn
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.app import create_app
from domain.accounts.sessions import Bearer
from domain.partners.secrets import new_secret
from infra.database import EngineDatabase, make_engine
from infra.grants import YouthWish, grant_youths
from infra.keys import new_key, parse_keys
from infra.migrate import upgrade
from infra.sealing import RingSealer
from infra.settings import Environment, Settings
from infra.tokens import AUDIENCE, TYPE

RUNS = 500
BOUND_MS = 10
BODY = b'{"query":"{ viewer { scopes } }"}'
_numbers = count()


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class Forge:
    """Tokens of a youth that is there, with one thing wrong."""

    def __init__(self, config: Settings, youth: UUID) -> None:
        assert config.keys is not None
        root = parse_keys(config.keys.get_secret_value()).newest
        self.key_id = root.id
        self.key = Ed25519PrivateKey.from_private_bytes(root.derive("access-tokens"))
        self.issuer, self.youth = config.issuer, youth

    def claims(self, **others: Any) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": str(self.youth),
            "act": Bearer.YOUTH.value,
            "jti": str(uuid4()),
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(minutes=5)).timestamp()),
            "n": next(_numbers),
            **others,
        }

    def signed(self, header: dict[str, Any] | None = None, **others: Any) -> str:
        whole = {"alg": "EdDSA", "kid": self.key_id, "typ": TYPE, **(header or {})}
        first = f"{encoded(whole)}.{encoded(self.claims(**others))}"
        signature = base64.urlsafe_b64encode(self.key.sign(first.encode())).rstrip(b"=").decode()
        return f"{first}.{signature}"

    def none(self) -> str:
        return f"{encoded({'alg': 'none', 'kid': self.key_id, 'typ': TYPE})}.{encoded(self.claims())}."

    def hs256(self) -> str:
        public = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        first = f"{encoded({'alg': 'HS256', 'kid': self.key_id, 'typ': TYPE})}.{encoded(self.claims())}"
        digest = hmac.digest(public, first.encode(), sha256)
        return f"{first}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    def edited(self) -> str:
        header, _, signature = self.signed().split(".")
        return f"{header}.{encoded(self.claims(sub=str(uuid4())))}.{signature}"

    def by_another_key(self) -> str:
        headers = {"kid": self.key_id, "typ": TYPE}
        return jwt.encode(self.claims(), Ed25519PrivateKey.generate(), "EdDSA", headers)


KINDS: dict[str, Callable[[Forge], str]] = {
    "good": lambda forge: forge.signed(),
    "alg none": lambda forge: forge.none(),
    "HS256 by the public key": lambda forge: forge.hs256(),
    "expired": lambda forge: forge.signed(exp=1_700_000_000, iat=1_699_999_000),
    "wrong aud": lambda forge: forge.signed(aud="qingyi-admin"),
    "wrong iss": lambda forge: forge.signed(iss="https://qingyi.example.evil"),
    "edited": lambda forge: forge.edited(),
    "another key": lambda forge: forge.by_another_key(),
    "kid ../../x": lambda forge: forge.signed({"kid": "../../x"}),
    "kid of SQL": lambda forge: forge.signed({"kid": "x' OR 1=1 --"}),
    "40 kB": lambda forge: forge.signed(more="x" * 30_000),
    "100 kB": lambda forge: forge.signed(more="x" * 75_000),
    "an unknown youth": lambda forge: forge.signed(sub=str(uuid4())),
    "an API token mistyped": lambda _: new_secret()[:-1] + "!",
    "an API token of nobody": lambda _: new_secret(),
}


@asynccontextmanager
async def serving(config: Settings) -> AsyncIterator[str]:
    """The address of a server in this process, without what a proxy adds."""
    # Named as TCP, for else asyncio leaves Nagle's algorithm on, and each answer waits 40 ms for an acknowledgement.
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(create_app(config), log_level="warning", http="httptools", access_log=False)
        )
        running = asyncio.create_task(server.serve([listening]))
        while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/graphql"
        server.should_exit = True
        await running


async def granted(config: Settings) -> UUID:
    assert config.database_url is not None
    assert config.keys is not None
    engine = make_engine(config.database_url)
    try:
        sealer = RingSealer(parse_keys(config.keys.get_secret_value()))
        [(youth, _)] = await grant_youths(EngineDatabase(engine), sealer, YouthWish(), 1)
    finally:
        await engine.dispose()
    return youth


async def measure(
    http: httpx.AsyncClient, url: str, forge: Forge, make: Callable[[Forge], str]
) -> list[float]:
    """Milliseconds of each."""
    times, statuses = [], set[int]()
    for _ in range(RUNS):
        headers = {"content-type": "application/json", "authorization": f"Bearer {make(forge)}"}
        begun = time.perf_counter()
        answer = await http.post(url, content=BODY, headers=headers)
        times.append((time.perf_counter() - begun) * 1_000)
        statuses.add(answer.status_code)
    assert statuses == {200 if make is KINDS["good"] else 401}, statuses
    return sorted(times)


async def main() -> None:
    config = Settings(env=Environment.TEST, keys=new_key("bench1"), limits=False)
    assert config.database_url is not None
    await asyncio.to_thread(upgrade, config.database_url)
    forge = Forge(config, await granted(config))
    async with serving(config) as url, httpx.AsyncClient() as http:
        await measure(http, url, forge, KINDS["good"])
        print(f"{RUNS} requests of each kind, one after the other; milliseconds")
        for name, make in KINDS.items():
            times = await measure(http, url, forge, make)
            slow = sum(each > BOUND_MS for each in times)
            print(
                f"{name:<26} median {statistics.median(times):6.2f}  p99 {times[int(RUNS * 0.99)]:6.2f}"
                f"  worst {times[-1]:6.2f}  over {BOUND_MS} ms: {slow}"
            )


if __name__ == "__main__":
    uvloop.run(main())  # as `qingyi serve`
