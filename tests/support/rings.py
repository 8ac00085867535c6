"""Rings of keys as they follow each other when a key is changed, and the house as a process with one of them."""

import re
from contextlib import AbstractAsyncContextManager

from support.house import TEST_KEYS, House, open_house, settings_for

from infra.embedded.services import Services
from infra.keys import new_key, parse_keys
from infra.sealing import RingSealer
from infra.settings import Settings

NEWER_KEY = new_key("test2")
OLD, APPENDED, IN_FRONT, NEW = (
    TEST_KEYS,
    f"{TEST_KEYS},{NEWER_KEY}",
    f"{NEWER_KEY},{TEST_KEYS}",
    NEWER_KEY,
)


def sealer_of(ring: str) -> RingSealer:
    return RingSealer(parse_keys(ring))


def settings_with(ring: str, database_url: str, servers: Services) -> Settings:
    config = settings_for(database_url, servers.redis_url)
    assert config.keys is not None
    return config.model_copy(update={"keys": type(config.keys)(ring)})


def house_with(ring: str, database_url: str, servers: Services) -> AbstractAsyncContextManager[House]:
    """The same deployment, with this ring."""
    return open_house(settings_with(ring, database_url, servers))


def quiet(what: str, done: int, of: int) -> None:
    """Progress that nobody watches."""


def words(line: str) -> str:
    """A line of a table with one blank between words."""
    return re.sub(r"\s+", " ", line).strip()
