"""Availability: how many beds of each room are free, night by night."""

from support.asking import day
from support.hostels import a_room, booked, guest, opened
from support.house import House

from domain.accounts.models import Gender


async def test_availability_has_one_row_for_each_room_and_night(house: House) -> None:
    inn = await opened(house, a_room("男", beds=2, gender="MALE"), a_room("女", beds=3, gender="FEMALE"))
    woman = await guest(house, gender=Gender.FEMALE)
    await booked(house, woman, inn, after=2)
    document = (
        "query ($id: ID!, $from: Date!, $to: Date!, $g: Gender) { node(id: $id) { ... on Hostel {"
        " availability(from: $from, to: $to, gender: $g) { date bedsFree room { name } } } } }"
    )

    async def rows_of(first: int, end: int, gender: str | None = None) -> list[tuple[str, str, int]]:
        data = await house.anyone.run(
            document, id=inn.id, g=gender, to=day(house, end), **{"from": day(house, first)}
        )
        return [(row["date"], row["room"]["name"], row["bedsFree"]) for row in data["node"]["availability"]]

    assert await rows_of(1, 3) == [
        (day(house, 1), "男", 2),
        (day(house, 1), "女", 3),
        (day(house, 2), "男", 2),
        (day(house, 2), "女", 2),
    ]
    assert await rows_of(2, 3, "FEMALE") == [(day(house, 2), "女", 2)]
    assert {beds for _, _, beds in await rows_of(-3, 0)} == {0}, "the past is not for sale"
    for first, end in ((1, 1), (2, 1), (1, 94)):
        given = {"id": inn.id, "from": day(house, first), "to": day(house, end)}
        errors = await house.anyone.errors(document, **given)
        assert errors[0]["extensions"]["code"] == "INVALID_INPUT"
