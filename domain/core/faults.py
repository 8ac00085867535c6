"""What can be wrong with a single value: its length, its range, its address. Each gives the reason, or nothing."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from domain.core.refusals import Invalid, Refusal

_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f]")


def length_fault(field: str, text: str | None, least: int, most: int) -> Iterator[Refusal]:
    """A text that has not `least` to `most` characters. None has no fault."""
    if text is not None and not least <= len(text) <= most:
        yield Invalid(
            field,
            zh=f"需为 {least} 至 {most} 个字符。",
            en=f"Must have {least} to {most} characters, not {len(text)}.",
        )


def range_fault(field: str, number: int | None, least: int, most: int) -> Iterator[Refusal]:
    """A number that does not lie between `least` and `most`, both included. None has no fault."""
    if number is not None and not least <= number <= most:
        yield Invalid(field, zh=f"需在 {least} 与 {most} 之间。", en=f"Must lie between {least} and {most}.")


def https_fault(field: str, url: str | None, most: int) -> Iterator[Refusal]:
    """An address that is not a plain https one, or has more than `most` characters. None has no fault."""
    if url is not None and not (len(url) <= most and _is_https(url)):
        yield Invalid(
            field,
            zh=f"须为 https:// 地址，最多 {most} 个字符。",
            en=f"Must be an https:// address of {most} characters at most.",
        )


def _is_https(url: str) -> bool:
    """With a host, and without a name or password in front of it, which make one address look like another."""
    if not url.startswith("https://") or _UNSEEN.search(url) or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False
