"""
One person, one account: whoever comes by another's door is the youth whom that door's subject, or a proved phone, knows.

What two accounts claim is answered and never merged (docs/decisions/0015). Accounts are looked up, locked, and looked up
again; values are claimed in the order phone, then subjects as they come, after the lock of their youth. Of those who come
at the same moment the blind index decides; who loses starts anew and then finds what the other has made.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.consents import give
from domain.accounts.doors import Proven, Subject
from domain.accounts.enrolling import TERMS_VERSION, NewYouth, PhoneTaken, enrol_youths
from domain.accounts.events import PhoneBound
from domain.accounts.models import (
    OIDC_INDEX,
    OPENID_INDEX,
    PHONE_INDEX,
    UNIONID_INDEX,
    ConsentPurpose,
    ExternalIdentityRow,
    Provider,
    YouthRow,
)
from domain.accounts.youths import Youth, locked_youth, phone_place
from domain.core import blind_index, columns
from domain.core.db import Read, Write
from domain.core.outbox import emit
from domain.core.refusals import ChangedMeanwhile, ErrorCode, Refusal, SignInNeeded
from domain.core.sealing import Sealer, place

SUBJECT_INDEX = {
    Provider.WECHAT_OPENID: OPENID_INDEX,
    Provider.WECHAT_UNIONID: UNIONID_INDEX,
    Provider.OIDC: OIDC_INDEX,
}
ROUNDS = 4


class NumberOfAnother(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "该手机号属于另一账号。请不带手机号登录，或使用该手机号登录那个账号。"
    en = "This number belongs to another account: sign in without it, or sign in to that account with the number."


class NumberBoundAlready(Refusal):
    code = ErrorCode.ALREADY_EXISTS
    zh = "您的账号已绑定另一手机号。请不带手机号登录，再到个人资料中更换。"
    en = "Your account has another number: sign in without this one, then change it in the profile."


class AccountOfAnother(Refusal):
    """The account, mostly found by its number, is linked to somebody else of the same provider."""

    code = ErrorCode.ALREADY_EXISTS
    zh = "该手机号的账号已关联另一身份。请使用短信验证码登录，或使用原来的身份登录。"
    en = "The account of this number is linked to another identity: sign in by a code sent to it, or as before."


class AccountsDiffer(Refusal):
    """Two subjects of one person are two accounts."""

    code = ErrorCode.ALREADY_EXISTS
    zh = "该身份对应两个账号，无法登录。请使用手机号登录，或联系工作人员。"
    en = "This identity belongs to two accounts: sign in with a phone number, or ask the staff."


@dataclass(frozen=True, slots=True)
class _Linked:
    id: UUID
    youth_id: UUID


@dataclass(frozen=True, slots=True)
class _Found:
    """Whom the proof leads to: the identity of each subject that is known, and the holder of the phone."""

    identities: dict[Subject, _Linked]
    holder: UUID | None

    @property
    def youths(self) -> set[UUID]:
        return {linked.youth_id for linked in self.identities.values()}


def subject_place(identity: UUID) -> str:
    return place("accounts_external_identity", "subject", identity)


def _text(subject: Subject) -> str:
    """What is sealed and indexed: an openid is one only within its mini-program, a subject within its issuer."""
    return f"{subject.realm} {subject.name}" if subject.realm else subject.name


async def _found(db: Read, sealer: Sealer, proven: Proven) -> _Found:
    rows: dict[Subject, UUID] = {}
    for subject in proven.subjects:
        owner = await blind_index.owner(db, sealer, SUBJECT_INDEX[subject.provider], _text(subject))
        if owner is not None:
            rows[subject] = owner
    statement = sa.select(col(ExternalIdentityRow.id), col(ExternalIdentityRow.youth_id)).where(
        col(ExternalIdentityRow.id).in_(list(rows.values()))
    )
    linked = {row.id: _Linked(row.id, row.youth_id) for row in await db.rows(statement)}
    phone = proven.phone
    return _Found(
        {subject: linked[row] for subject, row in rows.items() if row in linked},
        None if phone is None else await blind_index.owner(db, sealer, PHONE_INDEX, phone),
    )


async def youth_of_proof(tx: Write, sealer: Sealer, proven: Proven) -> UUID:
    """
    The youth whom the proof leads to, made when there is none, with all that was proved linked to it. Signing in is
    agreeing to the TERMS. The refusals above for what belongs to two accounts; nothing is changed then.
    """
    for _ in range(ROUNDS):
        found = await _found(tx, sealer, proven)
        youth_id = _led_to(found, proven)
        try:
            async with tx.savepoint():
                if youth_id is None:
                    return await _made(tx, sealer, proven)
                youth = await locked_youth(tx, youth_id)
                if await _found(tx, sealer, proven) != found:
                    raise ChangedMeanwhile  # noqa: TRY301  # what is raised here gives the lock back
                return await _joined(tx, sealer, youth, found, proven)
        except (PhoneTaken, ChangedMeanwhile, SignInNeeded):
            pass  # taken, changed or erased by somebody who was faster
    raise ChangedMeanwhile


def _led_to(found: _Found, proven: Proven) -> UUID | None:
    """The subjects say whose account it is, and only where they know nobody the phone does."""
    known = found.youths
    if len(known) > 1:
        raise AccountsDiffer("code")
    if not known:
        return found.holder
    (youth,) = known
    if found.holder not in {None, youth} and proven.phone_field is not None:
        raise NumberOfAnother(proven.phone_field)
    return youth


async def _made(tx: Write, sealer: Sealer, proven: Proven) -> UUID:
    (youth_id,) = await enrol_youths(tx, sealer, [NewYouth(phone=proven.phone)])
    for subject in proven.subjects:
        await _link(tx, sealer, youth_id, subject)
    return youth_id


async def _joined(tx: Write, sealer: Sealer, youth: Youth, found: _Found, proven: Proven) -> UUID:
    """Link what the locked youth has not yet; AccountOfAnother, NumberBoundAlready."""
    if proven.phone is not None and found.holder is None:
        await _bind(tx, sealer, youth, proven.phone, proven.phone_field)
    for subject in proven.subjects:
        if subject not in found.identities:
            await _link_anew(tx, sealer, youth.id, subject, found, proven)
    await give(tx, youth.id, ConsentPurpose.TERMS, TERMS_VERSION)
    return youth.id


async def _bind(tx: Write, sealer: Sealer, youth: Youth, phone: str, asked_by: str | None) -> None:
    """Bind a free number to an account that has none. One that has is not changed by signing in."""
    if youth.phone_sealed is not None:
        if asked_by is not None:
            raise NumberBoundAlready(asked_by)
        return
    await blind_index.claim(tx, sealer, PHONE_INDEX, phone, youth.id, PhoneTaken("phone"))
    sealed = sealer.seal(phone, phone_place(youth.id))
    await tx.execute(sa.update(YouthRow).where(col(YouthRow.id) == youth.id).values(phone_sealed=sealed))
    await emit(tx, PhoneBound(youth_id=youth.id))


async def _link_anew(
    tx: Write, sealer: Sealer, youth_id: UUID, subject: Subject, found: _Found, proven: Proven
) -> None:
    """
    Link a subject that nobody has. An account of another subject of the same realm is somebody else's; but where the door's
    own subject led here, the provider says anew what else it calls the person.
    """
    held = await tx.scalar(
        sa.select(col(ExternalIdentityRow.id)).where(
            col(ExternalIdentityRow.youth_id) == youth_id,
            col(ExternalIdentityRow.provider) == subject.provider,
            col(ExternalIdentityRow.realm) == subject.realm,
        )
    )
    if held is not None:
        if proven.subjects[0] not in found.identities:
            by_phone = None if found.identities else proven.phone_field
            raise AccountOfAnother(by_phone or "code")
        await blind_index.release(tx, held)
        await tx.execute(sa.delete(ExternalIdentityRow).where(col(ExternalIdentityRow.id) == held))
    await _link(tx, sealer, youth_id, subject)


async def _link(tx: Write, sealer: Sealer, youth_id: UUID, subject: Subject) -> None:
    identity, text = columns.new_id(), _text(subject)
    await blind_index.claim(tx, sealer, SUBJECT_INDEX[subject.provider], text, identity, ChangedMeanwhile())
    row = {
        "id": identity,
        "youth_id": youth_id,
        "provider": subject.provider,
        "realm": subject.realm,
        "subject_sealed": sealer.seal(text, subject_place(identity)),
        "linked_at": tx.now,
    }
    await tx.insert(ExternalIdentityRow, [row])
