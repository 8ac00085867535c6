"""
A volunteer asks for a certificate of their service, of a time or of all of it.

The account is held meanwhile: a correction comes before it and is seen, or after it and looks at the certificate (`falling`).
"""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.consents import in_force
from domain.accounts.models import ConsentPurpose, RealNameStatus
from domain.accounts.requirements import NameNotVerified
from domain.accounts.youths import youths
from domain.certificates.issuing import issue
from domain.certificates.models import CertificateKind, CertificateRow
from domain.core.db import Write
from domain.core.policy import policy_value
from domain.core.refusals import ErrorCode, Invalid, Refusal, SignInNeeded, refuse_all
from domain.core.rights import require_youth
from domain.core.sealing import Sealer
from domain.core.statements import StatementSigner
from domain.volunteering.certificates.models import ServiceCertificateRow
from domain.volunteering.certificates.service import service
from domain.volunteering.ledger import locked_accounts
from domain.volunteering.perks.eligibility import personal_faults
from domain.volunteering.policies import CERTIFICATES_A_DAY

TITLE = "志愿服务时长证明"


class NothingServed(Refusal):
    code = ErrorCode.NOT_ELIGIBLE
    zh = "这段时间内没有已入账的服务时长。"
    en = "No service of that time has been entered."


class TooManyCertificates(Refusal):
    code = ErrorCode.QUOTA_EXCEEDED
    zh = "每天最多开具 {most} 份证明。"
    en = "{most} certificates a day at most."


def _faults(since: date | None, until: date | None, today: date) -> Iterator[Refusal]:
    if until is not None and until > today:
        yield Invalid("until", zh="不得晚于今天。", en="It cannot lie after today.")
    if since is not None and since > (until or today):
        yield Invalid("since", zh="开始日期不得晚于结束日期。", en="It cannot lie after the end.")


async def request(
    tx: Write, sealer: Sealer, signer: StatementSigner, since: date | None, until: date | None
) -> UUID:
    """The certificate's id. Without `since` from the first day of service, without `until` to today."""
    actor = require_youth(tx.actor)
    account = (await locked_accounts(tx, [actor.id]))[actor.id]
    youth = (await youths(tx, [actor.id]))[actor.id]
    if youth.erased_at is not None:
        raise SignInNeeded
    agreed = await in_force(tx, youth.id, ConsentPurpose.GUARDIAN) is not None
    reasons = [*_faults(since, until, tx.today), *personal_faults(youth, agreed, tx.today)]
    if youth.real_name_status is not RealNameStatus.VERIFIED:
        reasons.append(NameNotVerified())
    reasons += await _too_many(tx, youth.id, youth.division_code)
    refuse_all(reasons)
    last = until or tx.today
    done = await service(tx, youth.id, since, last)
    if done.minutes == 0 or done.served_since is None:
        raise NothingServed
    first = since or done.served_since
    facts = {
        "since": first.isoformat(),
        "until": last.isoformat(),
        "minutes": done.minutes,
        "stars": account.stars,
        "servedSince": done.served_since.isoformat(),
        "organizations": done.organizations,
    }
    made = await issue(tx, sealer, signer, youth, CertificateKind.VOLUNTEER, TITLE, volunteer=facts)
    row = {
        "certificate_id": made,
        "volunteer_id": youth.id,
        "since_on": first,
        "until_on": last,
        "minutes": done.minutes,
        "stars": account.stars,
    }
    await tx.insert(ServiceCertificateRow, [row])
    return made


async def _too_many(tx: Write, youth_id: UUID, division_code: str | None) -> list[Refusal]:
    most = await policy_value(tx, CERTIFICATES_A_DAY, division_code)
    today = sa.select(sa.func.count()).where(
        col(CertificateRow.holder_id) == youth_id,
        col(CertificateRow.kind) == CertificateKind.VOLUNTEER,
        col(CertificateRow.issued_on) == tx.today,
    )
    return [TooManyCertificates(most=most)] if await tx.scalar(today) >= most else []
