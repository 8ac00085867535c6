"""What a youth says of themselves; sex and date of birth come from the identity once the real name is verified."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.accounts.models import RealNameStatus, YouthRow
from domain.accounts.youths import AGES, AgeOutOfRange, Youth, age_on, locked_youth
from domain.core.db import Write
from domain.core.divisions import require_known
from domain.core.refusals import ErrorCode, Invalid, Refusal, refuse_all

LENGTHS = {"display_name": 20, "school": 60, "major": 60}
GRADUATION_YEARS = range(1950, 2101)
FROM_IDENTITY = ("gender", "birth_date")
FIELDS = frozenset({*LENGTHS, *FROM_IDENTITY, "education", "graduation_year", "division_code"})


class FromIdentity(Refusal):
    code = ErrorCode.INVALID_STATE
    zh = "实名认证后，性别和出生日期以证件为准，不能修改。"
    en = "Sex and date of birth come from the verified identity and cannot be changed."


def _cleaned(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Texts without spaces at their ends; of the fields of a profile alone."""
    return {
        name: value.strip() if isinstance(value, str) and name in {*LENGTHS, "division_code"} else value
        for name, value in changes.items()
        if name in FIELDS
    }


def _faults(youth: Youth, changes: Mapping[str, Any], today: date) -> Iterable[Refusal]:
    for name, most in LENGTHS.items():
        text = changes.get(name)
        if text is not None and not (1 <= len(text) <= most and text.isprintable()):
            yield Invalid(name, zh=f"需为 1 至 {most} 个字符。", en=f"Must have 1 to {most} characters.")
    year = changes.get("graduation_year")
    if year is not None and year not in GRADUATION_YEARS:
        least, last = GRADUATION_YEARS.start, GRADUATION_YEARS.stop - 1
        yield Invalid(
            "graduation_year", zh=f"需在 {least} 与 {last} 之间。", en=f"Must lie between {least} and {last}."
        )
    born = changes.get("birth_date")
    if born is not None and age_on(born, today) not in AGES:
        yield AgeOutOfRange("birth_date", least=AGES.start, most=AGES.stop - 1)
    if youth.real_name_status is RealNameStatus.VERIFIED:
        for name in FROM_IDENTITY:
            if name in changes and changes[name] != getattr(youth, name):
                yield FromIdentity(name)


async def update_profile(tx: Write, youth_id: UUID, changes: Mapping[str, Any]) -> UUID:
    """Change the fields that are given, by name; None clears one."""
    youth = await locked_youth(tx, youth_id)
    changed = _cleaned(changes)
    refuse_all(_faults(youth, changed, tx.today))
    if changed.get("division_code") is not None:
        await require_known(tx, [changed["division_code"]], "division_code")
    if changed:
        await tx.execute(sa.update(YouthRow).where(col(YouthRow.id) == youth_id).values(changed))
    return youth_id
