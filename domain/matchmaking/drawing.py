"""
The draw as pure functions over what is published (docs/lottery.md): anybody can redo it, and `qingyi lottery verify` does.

It knows no database and no youth. `domain.matchmaking.lottery` does the same in SQL; a test compares the two.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

SEED_BYTES = 32
FORM = "qingyi-lottery-1"
GENDERS = ("FEMALE", "MALE")


@dataclass(frozen=True, slots=True)
class PublishedEntry:
    """An entry as it is published: 32 hexadecimal figures, and its place once it is drawn."""

    gender: str
    entry: str
    drawn_position: int | None = None


@dataclass(frozen=True, slots=True)
class PublishedLottery:
    """Everything that is published of a lottery. Hash and seed in hexadecimal figures; no seed before the draw."""

    event: UUID
    entries_hash: str
    seed: str | None
    entries: Sequence[PublishedEntry]


def header(event: UUID) -> str:
    """The first line of what is hashed."""
    return f"{FORM} {event}"


def hash_of_lines(lines: Iterable[str]) -> bytes:
    """SHA-256 over the lines in UTF-8, each with a line feed behind it."""
    digest = sha256()
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.digest()


def entries_hash(event: UUID, entries: Iterable[PublishedEntry]) -> str:
    """The hash of a list of entries, in whatever order they come."""
    lines = sorted(f"{one.gender}:{one.entry}" for one in entries)
    return hash_of_lines([header(event), *lines]).hex()


def drawn_order(seed: str, entries: Iterable[str]) -> list[str]:
    """The entries of one sex in drawn order: by SHA-256 of the seed's and the entry's bytes, then by the entry."""
    start = bytes.fromhex(seed)

    def key(entry: str) -> tuple[bytes, str]:
        return sha256(start + bytes.fromhex(entry)).digest(), entry

    return sorted(entries, key=key)


def faults(lottery: PublishedLottery) -> Iterator[str]:
    """What does not hold of a published lottery, in words; nothing for one that was drawn as it is specified."""
    names = [one.entry for one in lottery.entries]
    if len(set(names)) != len(names):
        yield "an entry stands in the list twice"
    strange = {one.gender for one in lottery.entries} - set(GENDERS)
    if strange:
        yield f"entries of neither sex: {', '.join(sorted(strange))}"
    if entries_hash(lottery.event, lottery.entries) != lottery.entries_hash:
        yield "the list of entries does not have the published hash"
    if lottery.seed is None:
        if any(one.drawn_position is not None for one in lottery.entries):
            yield "an entry has a place though there is no seed"
        return
    if len(lottery.seed) != 2 * SEED_BYTES:
        yield f"the seed does not have {SEED_BYTES} bytes"
    for gender in GENDERS:
        members = {one.entry: one.drawn_position for one in lottery.entries if one.gender == gender}
        order = drawn_order(lottery.seed, members)
        wrong = [entry for place, entry in enumerate(order, 1) if members[entry] != place]
        if wrong:
            yield f"{gender}: {len(wrong)} of {len(order)} entries have another place than the seed gives, first {wrong[0]}"
