"""A listings file, one JSON object a line, read line by line: what is wrong with a line costs that line only."""

from collections.abc import Iterable, Iterator
from datetime import date

import orjson

from infra.listings.inputs import InternshipInput
from infra.listings.mapping import map_row
from infra.listings.refusal import Refusal, RefusalReason

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_listings(lines: Iterable[bytes], today: date) -> Iterator[InternshipInput | Refusal]:
    """One answer for each line that is not blank, in order.

    The first row of an id counts; a second is refused, or each run of the same file would undo the other's change.
    """
    seen: set[str] = set()
    for line, raw in enumerate(lines, start=1):
        content = raw.removeprefix(_BYTE_ORDER_MARK).strip()
        if not content:
            continue
        answer = _read(content, today)
        if isinstance(answer, Refusal):
            yield Refusal(answer.reason, answer.detail, answer.external_ref, line)
        elif answer["externalRef"] in seen:
            yield Refusal(RefusalReason.DUPLICATE_REFERENCE, external_ref=answer["externalRef"], line=line)
        else:
            seen.add(answer["externalRef"])
            yield answer


def _read(content: bytes, today: date) -> InternshipInput | Refusal:
    try:
        row = orjson.loads(content)
    except orjson.JSONDecodeError as fault:
        return Refusal(RefusalReason.MALFORMED_LINE, detail=fault.msg)
    return map_row(row, today) if isinstance(row, dict) else Refusal(RefusalReason.NOT_AN_OBJECT)
