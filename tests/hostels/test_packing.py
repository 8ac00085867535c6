"""Which bed: best fit, and the fewest beds where no single one is free."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.accounts.models import Gender
from domain.hostels.packing import Bed, FreeBed, Packing, gap, run_from, span

ROOM = UUID(int=1)
MEN, WOMEN = Gender.MALE, Gender.FEMALE


def beds(*nights: str, gender: Gender | None = None, room: UUID = ROOM) -> list[FreeBed]:
    """Beds by pictures: `.` is a free night, `x` a taken one."""
    return [
        FreeBed(Bed(room, number), gender, sum(1 << n for n, night in enumerate(picture) if night == "."))
        for number, picture in enumerate(nights, 1)
    ]


def test_the_smallest_gap_is_taken() -> None:
    packing = Packing(beds("..........", "x...xxxxxx", "xx..xxxxxx"))

    assert packing.place(2, 4, MEN) == [(Bed(ROOM, 3), 2, 4)]
    assert packing.place(2, 4, MEN) == [(Bed(ROOM, 2), 2, 4)]
    assert packing.place(2, 4, MEN) == [(Bed(ROOM, 1), 2, 4)]
    assert packing.place(2, 4, MEN) is None


def test_one_bed_throughout_before_a_smaller_gap_of_two() -> None:
    packing = Packing(beds("..xx", "xx..", "...."))

    assert packing.place(0, 4, MEN) == [(Bed(ROOM, 3), 0, 4)]
    assert packing.place(0, 4, MEN) == [(Bed(ROOM, 1), 0, 2), (Bed(ROOM, 2), 2, 4)]


def test_as_few_beds_as_possible() -> None:
    packing = Packing(beds(".xxxx", "...xx", "xx...", "xxx.."))

    assert packing.place(0, 5, MEN) == [(Bed(ROOM, 2), 0, 3), (Bed(ROOM, 4), 3, 5)]


def test_sexes_and_mixed_rooms() -> None:
    mixed, women = beds("...", room=UUID(int=2)), beds("...", gender=WOMEN)
    packing = Packing([*mixed, *women])

    assert packing.place(0, 3, WOMEN) == [(Bed(ROOM, 1), 0, 3)], "the mixed room is left for anybody"
    assert packing.place(0, 3, MEN) == [(Bed(UUID(int=2), 1), 0, 3)]
    assert Packing(women).find(0, 1, MEN) is None


def test_looking_takes_nothing_and_what_is_given_back_is_free() -> None:
    packing = Packing(beds("..."))

    assert packing.find(0, 3, MEN) == packing.find(0, 3, MEN) == packing.place(0, 3, MEN)
    assert packing.find(0, 3, MEN) is None
    packing.give_back((Bed(ROOM, 1), night) for night in range(3))
    assert packing.find(0, 3, MEN) is not None


@given(st.lists(st.integers(0, 2**20 - 1), min_size=1, max_size=6), st.integers(0, 14), st.integers(1, 6))
def test_what_is_placed_was_free_and_nothing_fits_when_nothing_is_placed(
    masks: list[int], start: int, nights: int
) -> None:
    free = [FreeBed(Bed(ROOM, number), None, mask) for number, mask in enumerate(masks)]
    pieces = Packing([FreeBed(one.bed, None, one.nights) for one in free]).place(start, start + nights, MEN)
    by_bed = {one.bed: one.nights for one in free}

    if pieces is None:
        assert any(not any(mask >> night & 1 for mask in masks) for night in range(start, start + nights))
        return
    assert [night for _, first, last in pieces for night in range(first, last)] == list(
        range(start, start + nights)
    )
    assert all(by_bed[bed] & span(first, last) == span(first, last) for bed, first, last in pieces)
    whole = [mask for mask in masks if mask & span(start, start + nights) == span(start, start + nights)]
    if whole:
        assert len(pieces) == 1
        assert gap(by_bed[pieces[0][0]], start, start + nights) == min(
            gap(mask, start, start + nights) for mask in whole
        )


@given(st.integers(0, 2**16 - 1), st.integers(0, 15))
def test_runs_are_counted_as_one_would(mask: int, start: int) -> None:
    count = 0
    while mask >> (start + count) & 1:
        count += 1
    assert run_from(mask, start) == count
