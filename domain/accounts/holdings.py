"""What accounts hold about youths: the person, their consents and sessions, who looked at them, their rights used."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.access_log import PURPOSES, AccessLogRow
from domain.accounts.erasures import ErasureRow
from domain.accounts.exports import DataExportPartRow, DataExportRow
from domain.accounts.models import ConsentRow, ExternalIdentityRow, RealNameStatus, YouthRow
from domain.accounts.sessions import Bearer, RefreshTokenRow, SessionRow, end, live_sessions
from domain.core.blind_index import BlindIndexRow
from domain.core.db import Write
from domain.core.holding import Fate, Holding, Said, blank, opened, owned_by
from domain.core.refusals import Language
from domain.core.sealing import Sealer


def _sessions(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(SessionRow.id)).where(_of_session(youth_id))


def _of_session(youth_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(col(SessionRow.subject_id) == youth_id, col(SessionRow.bearer) == Bearer.YOUTH)


def _exports(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(DataExportRow.id)).where(col(DataExportRow.youth_id) == youth_id)


def _identities(youth_id: UUID) -> sa.Select[Any]:
    return sa.select(col(ExternalIdentityRow.id)).where(col(ExternalIdentityRow.youth_id) == youth_id)


def _purpose(row: Any, _: Sealer) -> str:
    known = PURPOSES.get(row.purpose)
    return str(row.purpose) if known is None else known.words(Language.ZH)


async def end_sessions(tx: Write, youth_id: UUID) -> None:
    """Sign out everywhere. Whoever carries a session on at this moment is waited for."""
    await end(tx, [session.id for session in await live_sessions(tx, youth_id)])


ENDINGS = (end_sessions,)

HOLDINGS = (
    Holding(
        "refreshTokens",
        RefreshTokenRow,
        Said("登录凭据的加密摘要", "Keyed hashes of what carries your sessions on"),
        owned_by(RefreshTokenRow.session_id, _sessions),
        {"createdAt": "created_at", "expiresAt": "expires_at", "usedAt": "used_at"},
    ),
    Holding(
        "sessions",
        SessionRow,
        Said("登录设备", "The devices on which you signed in"),
        _of_session,
        {
            "device": "device",
            "createdAt": "created_at",
            "lastUsedAt": "last_used_at",
            "endedAt": "ended_at",
        },
    ),
    Holding(
        "linkedLookupKeys",
        BlindIndexRow,
        Said(
            "已关联身份的加密索引，用于登录和查重",
            "Keyed hashes of your linked identities, by which you are found and are one account",
        ),
        owned_by(BlindIndexRow.owner_id, _identities),
        {"purpose": "purpose"},
    ),
    Holding(
        "linkedIdentities",
        ExternalIdentityRow,
        Said("已关联的微信或统一身份", "WeChat or the unified identity, as linked to your account"),
        lambda youth: col(ExternalIdentityRow.youth_id) == youth,
        {
            "provider": "provider",
            "subject": opened(ExternalIdentityRow, "subject"),
            "linkedAt": "linked_at",
        },
    ),
    Holding(
        "dataExportParts",
        DataExportPartRow,
        Said("个人数据副本的加密内容，24 小时后删除", "Your copy of your data, sealed, for 24 hours"),
        owned_by(DataExportPartRow.export_id, _exports),
        {},
    ),
    Holding(
        "dataExports",
        DataExportRow,
        Said("个人数据导出记录", "When you asked for a copy of your data"),
        lambda youth: col(DataExportRow.youth_id) == youth,
        {
            "askedAt": "asked_at",
            "readyAt": "ready_at",
            "expiresAt": "expires_at",
            "downloads": "downloads",
            "downloadedAt": "downloaded_at",
        },
    ),
    Holding(
        "consents",
        ConsentRow,
        Said("您给出和撤回的同意", "Consents that you gave and withdrew"),
        lambda youth: col(ConsentRow.youth_id) == youth,
        {
            "purpose": "purpose",
            "version": "version",
            "givenAt": "given_at",
            "withdrawnAt": "withdrawn_at",
        },
    ),
    Holding(
        "accessLog",
        AccessLogRow,
        Said("谁在何时因何查看过您的信息", "Who looked at your data, when and why"),
        lambda youth: col(AccessLogRow.youth_id) == youth,
        {"by": "actor_kind", "fields": "fields", "purpose": _purpose, "reason": "reason", "at": "at"},
        Fate.KEPT,
        Said(
            "审计日志只增不改（网络安全法第二十一条），不含身份信息",
            "The audit log only grows (Cybersecurity Law, article 21) and says nothing of who you were",
        ),
    ),
    Holding(
        "erasures",
        ErasureRow,
        Said("注销申请及回执", "Your requests to erase the account, with the receipt"),
        lambda youth: col(ErasureRow.youth_id) == youth,
        {"askedAt": "asked_at", "erasesAt": "erases_at", "cancelledAt": "cancelled_at"},
        Fate.KEPT,
        Said("用于证明已经删除，不含身份信息", "It is the proof of the erasure, and names nobody"),
    ),
    Holding(
        "profile",
        YouthRow,
        Said("您的账号资料", "You and your profile"),
        lambda youth: col(YouthRow.id) == youth,
        {
            "phone": opened(YouthRow, "phone"),
            "legalName": opened(YouthRow, "legal_name"),
            "identityNumber": opened(YouthRow, "identity"),
            "realNameStatus": "real_name_status",
            "displayName": "display_name",
            "gender": "gender",
            "birthDate": "birth_date",
            "education": "education",
            "school": "school",
            "major": "major",
            "graduationYear": "graduation_year",
            "divisionCode": "division_code",
            "tracks": "tracks",
            "createdAt": "created_at",
        },
        Fate.ANONYMISED,
        Said(
            "只留一个空行供计数和审计日志引用，不含任何个人信息",
            "An empty row stays, for counts and for the audit log to refer to; it says nothing of anybody",
        ),
        blank(YouthRow, "id", "created_at", "erased_at", real_name_status=RealNameStatus.NONE, tracks=[]),
    ),
)

NO_YOUTHS = {
    "accounts_unit.path": "units, from the root down",
    "accounts_access_log.actor_id": "a member of staff or an organization: youths are not noted as lookers",
}
