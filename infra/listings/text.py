"""Text as it comes from a scraped page, made fit to be read: no markup, no entities, no control characters."""

import html
import re
from typing import Final

# Longer than any real field; keeps the patterns below quick whatever a file holds.
_RAW_LIMIT: Final = 100_000

# Only entities closed by a semicolon: html.unescape would also turn the `&reg` of `&region` into `®`.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_HIDDEN = re.compile(
    r"<!--.{0,5000}?-->|<(style|script)\b[^<>]{0,300}>.{0,5000}?</\1\s*>", re.DOTALL | re.IGNORECASE
)
# Names are listed, so that `<职位要求>` and `List<String>`, which people write, survive.
_BREAK = re.compile(
    r"<\s*/?\s*(?:br|p|div|li|ul|ol|tr|table|h[1-6]|hr|dd|dt|dl)(?:\s[^<>]{0,300})?/?\s*>", re.IGNORECASE
)
_INLINE = re.compile(
    r"<\s*/?\s*(?:a|b|i|u|s|em|strong|span|font|img|td|th|tbody|thead|small|big|sub|sup|center|pre|code|o:p|st1:\w{1,30})"
    r"(?:\s[^<>]{0,300})?/?\s*>|<\s*[?？®!]?\s*xml\b[^<>]{0,300}>",
    re.IGNORECASE,
)
# Bullets of Word's symbol fonts arrive as private-use characters.
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
# Unpaired surrogates cannot be sent as UTF-8; the others are control characters, zero-width and
# direction marks, the mark of broken decoding, and code points that are no characters.
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\uffff"
    "\ufdd0-\ufdef\ud800-\udfff]|[\U000f0000-\U0010ffff]"
)
_NEWLINES = re.compile("\r\n|[\r\u2028\u2029\x0b\x0c\x85]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def _unescaped(text: str) -> str:
    # Twice: pages that were saved as text hold `&amp;nbsp;`.
    for _ in range(2):
        text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return text


def clean(raw: str) -> str:
    """Readable text of one or more lines; may be empty."""
    text = _unescaped(raw[:_RAW_LIMIT])
    text = _BREAK.sub("\n", _HIDDEN.sub(" ", text))
    text = _NEWLINES.sub("\n", _INLINE.sub("", text))
    text = _UNFIT.sub("", _PRIVATE_USE.sub("•", text))
    text = "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", text).strip()


def clean_line(raw: str) -> str:
    """The same on a single line."""
    return " ".join(clean(raw).split())


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the last one an ellipsis where something was cut off."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
