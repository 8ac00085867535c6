"""
Which bed: pure, on whole numbers as sets of nights (bit n is the night n days after the first).

Stays are packed: of the beds that are free for all nights the one whose free gap around the stay is the smallest is
taken, so that long gaps survive for long stays. Where no bed is free for all of them, beds follow one another, as few
as possible.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from domain.accounts.models import Gender


@dataclass(frozen=True, slots=True, order=True)
class Bed:
    """A bed of a room."""

    room_id: UUID
    number: int


@dataclass(slots=True)
class FreeBed:
    """A bed with the nights on which it is free; `gender` is its room's, None where it is mixed."""

    bed: Bed
    gender: Gender | None
    nights: int


Piece = tuple[Bed, int, int]
"""A bed from one night to another, exclusive."""


def span(start: int, end: int) -> int:
    """The nights from `start` to `end`, exclusive."""
    return (1 << end) - (1 << start)


def suits(room: Gender | None, guest: Gender | None) -> bool:
    """Does a room (None: mixed) take a guest (None: nobody knows yet who)?"""
    return room is None or guest is None or room is guest


def gap(nights: int, start: int, end: int) -> int:
    """How many free nights in a row there are around a stay whose nights are all free, the stay's own among them."""
    taken_before = ~nights & span(0, start)
    return end - taken_before.bit_length() + run_from(nights, end)


def run_from(nights: int, start: int) -> int:
    """How many nights in a row are free from one on."""
    taken = ~(nights >> start)
    return (taken & -taken).bit_length() - 1


class Packing:
    """The free beds of a hostel, given away one stay after another."""

    def __init__(self, beds: Iterable[FreeBed], salt: int = 0) -> None:
        """With a salt, beds that fit alike are taken in an order of its own: others who choose then choose others."""
        self._beds = sorted(beds, key=lambda free: hash((salt, free.bed)) if salt else free.bed)

    def place(
        self, start: int, end: int, guest: Gender | None, room_id: UUID | None = None
    ) -> list[Piece] | None:
        """Beds for the nights from `start` to `end`, taken out of what is free; None when there are none."""
        pieces = self.find(start, end, guest, room_id)
        if pieces is not None:
            self.without((bed, night) for bed, first, last in pieces for night in range(first, last))
        return pieces

    def find(
        self, start: int, end: int, guest: Gender | None, room_id: UUID | None = None
    ) -> list[Piece] | None:
        """As `place`, and nothing is taken."""
        open_to = [
            free
            for free in self._beds
            if suits(free.gender, guest) and (room_id is None or free.bed.room_id == room_id)
        ]
        wanted = span(start, end)
        whole = [free for free in open_to if free.nights & wanted == wanted]
        if whole:
            # A room of the guest's own sex before a mixed one, which anybody may need.
            best = min(whole, key=lambda free: (gap(free.nights, start, end), free.gender is None))
            return [(best.bed, start, end)]
        pieces = list(_pieces(open_to, start, end))
        return pieces if pieces and pieces[-1][2] == end else None

    def without(self, lost: Iterable[tuple[Bed, int]]) -> None:
        """These nights of these beds are in somebody else's hands."""
        by_bed = _by_bed(lost)
        for free in self._beds:
            free.nights &= ~by_bed.get(free.bed, 0)

    def give_back(self, nights: Iterable[tuple[Bed, int]]) -> None:
        """These nights, which were placed, are free again."""
        by_bed = _by_bed(nights)
        for free in self._beds:
            free.nights |= by_bed.get(free.bed, 0)


def _by_bed(nights: Iterable[tuple[Bed, int]]) -> dict[Bed, int]:
    by_bed: dict[Bed, int] = {}
    for bed, night in nights:
        by_bed[bed] = by_bed.get(bed, 0) | 1 << night
    return by_bed


def _pieces(beds: list[FreeBed], start: int, end: int) -> Iterator[Piece]:
    """The fewest beds one after another: each time the one that is free for longest. Ends early where none is free."""
    night = start
    while night < end:
        reach = [(min(run_from(free.nights, night), end - night), free) for free in beds]
        longest = max((run for run, _ in reach), default=0)
        if not longest:
            return
        best = min(
            (free for run, free in reach if run == longest),
            key=lambda free: (gap(free.nights, night, night + longest), free.gender is None),
        )
        yield best.bed, night, night + longest
        night += longest
