"""What waits for a member of staff comes from several programmes, and is one list."""

from typing import Any

from support.house import House, Person
from support.listings import a_listing, posted

from domain.core.actors import StaffRole

PAGE = (
    "query ($first: Int, $after: String, $last: Int, $before: String) { viewer { staff { reviewQueue(first: $first,"
    " after: $after, last: $last, before: $before) { totalCount nodes { kind subject { id } }"
    " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }"
)


async def page(staff: Person, **asked: Any) -> dict[str, Any]:
    data = await staff.run(PAGE, **asked)
    found: dict[str, Any] = data["viewer"]["staff"]["reviewQueue"]
    return found


async def test_pages_of_several_kinds_follow_each_other_both_ways(house: House) -> None:
    # given things of two kinds that wait, in turn
    staff = await house.staff(StaffRole.PROGRAMME_MANAGER, StaffRole.ADMIN)
    for _ in range(3):
        partner = await house.partner(verified=False)
        await posted(partner, a_listing(), status="IN_REVIEW")
        house.clock.move(minutes=1)
    all_of_it = await page(staff, first=100)
    whole = all_of_it["nodes"]
    assert all_of_it["totalCount"] == len(whole) >= 6
    assert {"INTERNSHIP", "ORGANIZATION"} <= {one["kind"] for one in whole}

    # when they are read two at a time, forward and then backward
    forward: list[Any] = []
    asked: dict[str, Any] = {"first": 2}
    while True:
        found = await page(staff, **asked)
        forward += found["nodes"]
        if not found["pageInfo"]["hasNextPage"]:
            break
        asked = {"first": 2, "after": found["pageInfo"]["endCursor"]}
    backward: list[Any] = []
    asked = {"last": 2}
    while True:
        found = await page(staff, **asked)
        backward = found["nodes"] + backward
        if not found["pageInfo"]["hasPreviousPage"]:
            break
        asked = {"last": 2, "before": found["pageInfo"]["startCursor"]}

    # then nothing is missing and nothing comes twice
    assert forward == whole
    assert backward == whole
