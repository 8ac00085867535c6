"""Why a row never reaches the server: it cannot be said as an `InternshipInput` at all."""

from dataclasses import dataclass
from enum import StrEnum


class RefusalReason(StrEnum):
    MALFORMED_LINE = "MALFORMED_LINE"
    NOT_AN_OBJECT = "NOT_AN_OBJECT"
    NO_REFERENCE = "NO_REFERENCE"
    DUPLICATE_REFERENCE = "DUPLICATE_REFERENCE"
    NO_TITLE = "NO_TITLE"
    NO_DIVISION = "NO_DIVISION"
    UNKNOWN_DIVISION = "UNKNOWN_DIVISION"
    NUMBER_TOO_LARGE = "NUMBER_TOO_LARGE"

    @property
    def explanation(self) -> str:
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    RefusalReason.MALFORMED_LINE: "the line is not one JSON value in UTF-8",
    RefusalReason.NOT_AN_OBJECT: "the line is JSON, but no object",
    RefusalReason.NO_REFERENCE: "no id of 1 to 200 printable characters: the listing could not be found again",
    RefusalReason.DUPLICATE_REFERENCE: "an earlier line of the file has the same id",
    RefusalReason.NO_TITLE: "no title",
    RefusalReason.NO_DIVISION: "names no place",
    RefusalReason.UNKNOWN_DIVISION: "names a place without a division code (outside the province)",
    RefusalReason.NUMBER_TOO_LARGE: "a number is outside GraphQL's Int (32 bits)",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that was not sent. `line` counts from 1 and is 0 where no file is read."""

    reason: RefusalReason
    detail: str = ""
    external_ref: str = ""
    line: int = 0
