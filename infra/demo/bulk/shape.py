"""
How the volunteers of the province are shaped: in blocks, whose chains have so many entries together; parts of some blocks are
made by themselves, each the same for the same seed and day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from domain.core.clock import start_of
from domain.volunteering.chain import microseconds

SEED = 20_210_504

CHAINS = (1,) * 24 + (2,) * 20 + (3,) * 14 + (4,) * 8 + (5,) * 5 + (8,) * 2 + (21,)
"""Entries of the chains of one block of volunteers: most have served a few times, few often."""
PART_BLOCKS = 1_000
"""A part has 74,000 volunteers with 200,000 entries."""

DAY_MICROSECONDS = 86_400_000_000
_EVENING_HOUR = 22


@dataclass(frozen=True, slots=True)
class Shape:
    organizations: int
    blocks: int

    @property
    def volunteers(self) -> int:
        return self.blocks * len(CHAINS)

    @property
    def entries(self) -> int:
        return self.blocks * sum(CHAINS)

    @property
    def parts(self) -> list[range]:
        """The blocks of each part."""
        return [
            range(first, min(first + PART_BLOCKS, self.blocks))
            for first in range(0, self.blocks, PART_BLOCKS)
        ]


PROVINCE = Shape(organizations=33_500, blocks=100_000)
TOWN = Shape(organizations=335, blocks=1_000)


class Days:
    """The days before today as microseconds at which they begin in Shanghai; and ids that are as old as they say."""

    _MILLISECOND = 1_000
    _FORM = (7 << 76) | (2 << 62)

    def __init__(self, today: date, chance: Random) -> None:
        self._today = today
        self._begins = microseconds(start_of(today))
        self._bits = chance.getrandbits

    def ago(self, days: int) -> int:
        return self._begins - days * DAY_MICROSECONDS

    def evening_at(self, days: int) -> int:
        """When what was done on a day is entered."""
        return self.ago(days) + _EVENING_HOUR * 3_600_000_000

    def evening(self, days: int) -> datetime:
        return start_of(self._today - timedelta(days=days)) + timedelta(hours=_EVENING_HOUR)

    def id_at(self, instant: int) -> bytes:
        """The bytes of a UUIDv7 of that time."""
        return ((instant // self._MILLISECOND << 80) | self._FORM | self._bits(62)).to_bytes(16)


def chance_of(*what: object) -> Random:
    """The same for the same."""
    return Random(":".join(map(str, (SEED, *what))))  # noqa: S311  # made-up data
