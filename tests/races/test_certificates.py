"""Certificates asked for while their hours are corrected: none that holds says more than what was served."""

import asyncio

from races.racing import deadlocks, rows
from support.house import House
from support.volunteering import CERTIFICATE, entries_of, given_hours

from api.commands.ledger import verified
from domain.core.actors import StaffRole

SAYS_TOO_MUCH = """
    SELECT c.certificate_id FROM volunteering_certificate c JOIN certificates_certificate k ON k.id = c.certificate_id
    JOIN volunteering_account a ON a.volunteer_id = c.volunteer_id
    WHERE k.revoked_at IS NULL AND (a.stars < c.stars OR c.minutes > (
        SELECT COALESCE(sum(r.minutes), 0) FROM volunteering_record r
        WHERE r.volunteer_id = c.volunteer_id AND r.status = 'POSTED'
          AND (r.started_at AT TIME ZONE 'UTC' + interval '8 hours')::date BETWEEN c.since_on AND c.until_on))"""


async def test_certificates_and_corrections_at_once(house: House) -> None:
    partner, staff = await house.partner(), await house.staff(StaffRole.PROGRAMME_MANAGER)
    youth = await house.youth(verified=True)
    await given_hours(house, partner, youth, 64)

    async def asks(number: int) -> str:
        given = {"idempotencyKey": f"certificate-{number}"}
        payload = await youth.done("requestServiceCertificate", CERTIFICATE, **given)
        return str(payload["certificate"]["id"])

    async def corrects(entry: str, minutes: int) -> None:
        given = {"entryId": entry, "minutes": minutes, "reason": "核对签到表"}
        await staff.done("correctServiceRecord", "entry { id }", **given)

    made: set[str] = set()
    for number, entry in enumerate(await entries_of(youth)):
        found = await asyncio.gather(asks(number), corrects(entry["id"], 60 * number), asks(number))
        made |= {found[0], found[2]}
        assert await rows(house, SAYS_TOO_MUCH) == []

    assert len(made) == 8
    assert await verified(house.database, None) == []
    assert await deadlocks(house) == 0
