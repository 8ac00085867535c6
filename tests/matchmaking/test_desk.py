"""What the host takes along: the attendance list as a spreadsheet, and signed pages for a desk without a network."""

import base64
import io
import json

import jwt
from openpyxl import load_workbook
from races.racing import rows
from support.house import House
from support.matchmaking import event, held, signed_up, singles

from domain.core.actors import StaffRole
from domain.core.spreadsheet import workbook

SHEET = "attendanceSheet { fileName mediaType content }"
PAGE = "offlineDesk(first: 2, after: $after) { codeHashes signed pageInfo { hasNextPage endCursor } }"


async def test_the_attendance_list_has_masked_names_and_codes(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, title='=HYPERLINK("//x")', femaleSeats=2)
    youths = await singles(house, 3)
    made = [await signed_up(youth, at) for youth in youths]
    sheet = (await event(host, at, SHEET))["attendanceSheet"]
    content = base64.b64decode(sheet["content"])
    book = load_workbook(io.BytesIO(content))
    heading, *lines = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert heading == ["序号", "姓名", "性别", "状态", "签到码", "签到时间"]
    assert [line[4] for line in lines] == [one["checkInCode"] for one in made[:2]]  # who waits is not on it
    assert all("*" in line[1] and line[1].count("*") == len(line[1]) - 1 for line in lines)
    for youth in youths:
        assert youth.phone.encode() not in content
    # each look is written down, for the youth to read
    looked = "SELECT count(*) FROM accounts_access_log WHERE youth_id = ANY(:ids)"
    assert (await rows(house, looked, ids=[one.key for one in youths[:2]]))[0][0] == 2
    assert (await event(youths[0], at, SHEET))["attendanceSheet"] is None


def test_nothing_in_a_sheet_is_run_as_a_formula() -> None:
    hostile = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=cmd|"/c calc"!A1']
    book = load_workbook(io.BytesIO(workbook("=x", ["=heading"], [hostile])))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}


async def test_pages_for_a_desk_without_a_network_are_signed(house: House) -> None:
    host = await house.staff(StaffRole.EVENT_HOST)
    at = await held(host, house, femaleSeats=5)
    for youth in await singles(house, 5):
        await signed_up(youth, at)
    keys = (await house.http.get("/.well-known/desk-list-keys.json")).json()
    by_id = {key.key_id: key for key in jwt.PyJWKSet.from_dict(keys).keys}
    document = (
        f"query ($at: ID!, $after: String) {{ node(id: $at) {{ ... on MatchmakingEvent {{ {PAGE} }} }} }}"
    )
    found, after, pages = [], None, 0
    while True:
        page = (await host.run(document, at=at, after=after))["node"]["offlineDesk"]
        kid = jwt.get_unverified_header(page["signed"])["kid"]
        told = json.loads(jwt.PyJWS().decode(page["signed"], by_id[kid].key, algorithms=["EdDSA"]))
        assert told["codeHashes"] == page["codeHashes"]
        assert told["format"] == "qingyi-desk-list/1"
        found += told["codeHashes"]
        pages += 1
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert (pages, len(set(found))) == (3, 5)
