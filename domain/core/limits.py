"""
How often somebody may ask: a bucket that holds so many requests and fills again at a steady rate.

How buckets are kept is the port's; see `infra.limits`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.core.refusals import ErrorCode, Refusal


class CountedBy(StrEnum):
    """Whose requests a bucket counts."""

    ADDRESS = "address"
    PRINCIPAL = "principal"


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many at once, and so many a second after that."""

    at_once: int
    a_second: float


@dataclass(frozen=True, slots=True, eq=False)
class Bucket:
    """The allowance of one address or principal. Whoever asks often keeps theirs: it is known again by itself."""

    by: CountedBy
    whose: str
    allowance: Allowance


class AskedTooOften(Refusal):
    """A bucket is empty; it holds enough again after so many seconds."""

    code = ErrorCode.RATE_LIMITED
    zh = "请求过于频繁，请在 {seconds} 秒后再试。"
    en = "Too many requests; try again in {seconds} seconds."

    def __init__(self, *field: str, seconds: int, by: CountedBy = CountedBy.ADDRESS) -> None:
        super().__init__(*field, seconds=seconds)
        self.retry_after_seconds = seconds
        self.by = by


class Buckets(Protocol):
    """Keeps buckets for all processes together; fails open when its store is away."""

    def taken_at_once(self, buckets: Sequence[Bucket], cost: float = 1) -> bool:
        """Take from what is at hand of all of these, without asking anybody; False when that is not enough: nothing is taken."""

    async def take(self, buckets: Sequence[Bucket], cost: float = 1) -> bool:
        """
        Take from all of these or from none; AskedTooOften names the one that is empty the longest.

        False when nothing was counted because the store is away: the request goes on, and need not ask again.
        """
