"""
Nicknames and introductions say nothing by which a stranger could be reached: no numbers, links, accounts or pictures of codes.

Texts are read as people read them: full width as half width, 一三八 and 壹叁捌 and ①③⑧ as figures, with whatever stands
between the figures taken out, and letters that look like figures among them. What is found is named in the refusal, so that
it can be mended.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import chain

from domain.core.refusals import ErrorCode, Refusal
from domain.core.text import normalise


class NumberFound(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "为保护隐私，请勿填写电话、QQ 号等号码（含中文或变体数字）。"
    en = "To keep you safe, leave out phone and account numbers, however they are written."


class LinkFound(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "为保护隐私，请勿填写网址、邮箱或链接。"
    en = "To keep you safe, leave out links and addresses of the net."


class AccountFound(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "为保护隐私，请勿填写微信、QQ 等社交账号。"
    en = "To keep you safe, leave out accounts of messengers (WeChat, QQ and the like)."


class PictureFound(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "为保护隐私，请勿填写二维码或类似图形、编码。"
    en = "To keep you safe, leave out QR codes, pictures of codes or encoded text."


DIGITS_LEAST = 7
"""A run of so many figures is a number to reach somebody by; heights, years and marks are shorter."""

_FIGURES = str.maketrans(
    "零〇○一二三四五六七八九两兩壹贰叁肆伍陆柒捌玖貳參陸幺",
    "00012345678922123456789236" + "1",
)
_BETWEEN = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_DIGITS = re.compile(rf"\d{{{DIGITS_LEAST},}}")
_NEARLY_DIGITS = re.compile(r"(?<![a-z])[0-9olizsb]{7,}(?![a-z])")
_LINKS = re.compile(
    r"[a-z][a-z0-9+.-]*://|\bwww\s*\.|[a-z0-9-]{2,}\s*(?:\.|。|点|dot)\s*"
    r"(?:com|cn|net|org|cc|me|top|xyz|io|app|link|vip|club|tv|co|info|site|shop|wang|ltd|hk|tw|mo)\b"
    r"|[^\s@]+@[^\s@]+|weixin:|wxp:|t\.me/",
)
_CHANNEL = (
    r"(?:微\s*信|薇\s*信|威\s*信|徽\s*信|卫\s*星|v\s*信|vx|wx|wei\s*xin|wechat|qq|扣\s*扣|企\s*鹅|telegram|tg|whatsapp|line|"
    r"instagram|ins|小红书|抖音|微博|手机|电话|tel|phone)"
)
_ACCOUNTS = re.compile(
    rf"{_CHANNEL}(?:\s*(?:号|id|账号|帐号|是|为|同号|[:;,，：=_~\-—>→(\[]))*\s*[a-z0-9][a-z0-9_-]{{3,}}|wxid_"
    r"|[加+➕]\s*(?:我)?\s*(?:v|薇|微|威|vx|wx|扣|q)"
)
_BLOCKS = re.compile(
    r"[\u2580-\u259f\u25a0\u25a1\u25aa\u25ab\u25fb-\u25fe\u2b1b\u2b1c\u28ff]{4,}|[\u2800-\u28ff]{8,}"
)
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{40,}|data:[a-z]+/|otpauth:", re.ASCII)


def _plain(text: str) -> str:
    """One spelling, without signs that stand above, below or around others (1️⃣)."""
    return "".join(sign for sign in normalise(text) if not unicodedata.combining(sign) and sign != "\u20e3")


def _holds_number(plain: str) -> bool:
    joined = _BETWEEN.sub("", plain.translate(_FIGURES))
    if _DIGITS.search(joined):
        return True
    alike = (found.group() for found in _NEARLY_DIGITS.finditer(_BETWEEN.sub("", plain)))
    return any(sum(sign.isdigit() for sign in run) >= DIGITS_LEAST - 2 for run in alike)


def _kinds(text: str) -> Iterable[type[Refusal]]:
    plain = _plain(text)
    if _holds_number(plain):
        yield NumberFound
    if _LINKS.search(plain):
        yield LinkFound
    if _ACCOUNTS.search(plain):
        yield AccountFound
    if _BLOCKS.search(text) or _ENCODED.search(text):
        yield PictureFound


def contact_faults(text: str, *field: str) -> list[Refusal]:
    """A reason for each kind of detail in the text by which somebody could be reached."""
    return [found(*field) for found in _kinds(text)]


def all_contact_faults(texts: Iterable[tuple[str, str]]) -> list[Refusal]:
    """As `contact_faults`, for (field, text)."""
    return list(chain.from_iterable(contact_faults(text, field) for field, text in texts))
