"""
The public page of a certificate: is this number one of ours, and does it still hold?

Whoever has the number sees what the certificate says, with the name masked. Whatever is no number of ours is answered alike, by
one look for it in the same way. It needs no script, and prints.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

import segno
from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from api.exports import PRIVATE
from api.language import language_of
from api.limits import too_often
from api.origin import origin_of
from api.pages import certificate_page, certificate_policy
from api.runtime import Runtime
from domain.certificates.certificate import CAUSES, Certificate, by_number, facts_of
from domain.core.clock import day_of
from domain.core.limits import AskedTooOften
from domain.core.refusals import Language

router = APIRouter()
PATH = "/certificates/"

_ZH, _EN = Language.ZH, Language.EN
_WORDS: dict[str, dict[Language, str]] = {
    "holds": {_ZH: "编号真实，证书有效。", _EN: "This number is genuine, and the certificate holds."},
    "revoked": {
        _ZH: "编号真实，但证书已于 {day} 失效。{cause}",
        _EN: "This number is genuine, but the certificate has not held since {day}. {cause}",
    },
    "unknown": {_ZH: "没有这个编号的证书。", _EN: "There is no certificate with this number."},
    "unknown title": {_ZH: "查无此证", _EN: "No such certificate"},
    "code": {_ZH: "本页网址的二维码", _EN: "QR code of the address of this page"},
    "number": {_ZH: "编号", _EN: "Number"},
    "holder": {_ZH: "持有人", _EN: "Holder"},
    "issuer": {_ZH: "颁发单位", _EN: "Issued by"},
    "issued": {_ZH: "颁发日期", _EN: "Issued on"},
    "revoked on": {_ZH: "失效日期", _EN: "Revoked on"},
    "service": {_ZH: "服务时长", _EN: "Service"},
    "minutes": {_ZH: "{hours} 小时 {minutes} 分钟", _EN: "{hours} h {minutes} min"},
    "period": {_ZH: "服务期间", _EN: "From and to"},
    "days": {_ZH: "{since} 至 {until}", _EN: "{since} to {until}"},
    "stars": {_ZH: "星级", _EN: "Stars"},
    "since": {_ZH: "首次服务日期", _EN: "Volunteer since"},
    "organizations": {_ZH: "服务单位数", _EN: "Organizations served"},
    "note": {
        _ZH: "姓名已隐去部分字符。所载数字以颁发当日账本为准。请核对本页网址。",
        _EN: "The name is masked. The figures are those of the day of issue. Check the address of this page.",
    },
    "volunteer title": {_ZH: "志愿服务时长证明", _EN: "Certificate of volunteer service"},
}


class _Page:
    """One answer, in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def say(self, name: str, **values: object) -> str:
        return _WORDS[name][self.language].format(**values)

    def answer(self, status: int, parts: Mapping[str, str]) -> Response:
        html = certificate_page(
            {"lang": self.language.value, "facts": "", "code": "", "note": escape(self.say("note")), **parts}
        )
        headers = {
            **PRIVATE,
            "content-security-policy": certificate_policy(),
            "content-language": self.language.value,
            "vary": "accept-language",
            "x-robots-tag": "noindex",
        }
        return HTMLResponse(html, status, headers)

    def unknown(self) -> Response:
        title, verdict = self.say("unknown title"), self.say("unknown")
        return self.answer(
            404, {"state": "unknown", "title": escape(title), "verdict": escape(verdict), "note": ""}
        )

    def known(self, found: Certificate, facts: Mapping[str, Any], origin: str) -> Response:
        title = self.say("volunteer title") if "volunteer" in facts else found.title
        rows = "".join(
            f"<dt>{escape(name)}</dt><dd{self._class(name)}>{escape(value)}</dd>\n"
            for name, value in self._rows(found, facts)
        )
        parts = {"title": escape(title), "facts": f"<dl>\n{rows}</dl>"}
        if found.revoked_at is None or found.cause is None:
            code = segno.make(f"{origin}{PATH}{facts['number']}", micro=False, error="m")
            picture = f'<p class="code">{code.svg_inline(scale=3, title=self.say("code"))}</p>'
            return self.answer(
                200, parts | {"state": "holds", "verdict": escape(self.say("holds")), "code": picture}
            )
        cause = CAUSES[found.cause][self.language]
        verdict = self.say("revoked", day=_day(found.revoked_at), cause=cause)
        return self.answer(200, parts | {"state": "revoked", "verdict": escape(verdict)})

    def _class(self, name: str) -> str:
        return ' class="number"' if name == self.say("number") else ""

    def _rows(self, found: Certificate, facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if facts:
            yield self.say("number"), facts["number"]
            yield self.say("holder"), facts["holder"]
            yield from self._service(facts.get("volunteer"))
            yield self.say("issuer"), facts["issuer"]
        yield self.say("issued"), found.issued_on.isoformat()
        if found.revoked_at is not None:
            yield self.say("revoked on"), _day(found.revoked_at)

    def _service(self, said: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
        if said is None:
            return
        hours, minutes = divmod(said["minutes"], 60)
        yield self.say("service"), self.say("minutes", hours=hours, minutes=minutes)
        yield self.say("period"), self.say("days", since=said["since"], until=said["until"])
        yield self.say("stars"), str(said["stars"])
        yield self.say("since"), said["servedSince"]
        yield self.say("organizations"), str(said["organizations"])


def _day(instant: datetime) -> str:
    return day_of(instant).isoformat()


@router.api_route(PATH + "{number:path}", methods=["GET", "HEAD"])
async def certificate(request: Request, number: str) -> Response:
    """The page, or a page with status 404."""
    runtime: Runtime = request.app.state.runtime
    try:
        await runtime.door.enter(request.client.host if request.client else "", None)
    except AskedTooOften as often:
        return too_often(often)
    page = _Page(language_of(request.headers.get("accept-language")))
    async with runtime.database.read() as db:
        found = await by_number(db, number)
    if found is None:
        return page.unknown()
    facts = facts_of(runtime.certificates, found.statement(runtime.ports.sealer))
    origin = origin_of(request.scope, request.headers.get("host"), runtime.config)
    return page.known(found, facts, origin)
