"""
WeChat's mini-program: what its servers say to a login code (code2Session) and to a phone code (getPhoneNumber).

Both codes serve once, so nothing is asked a second time that may have been heard. The session key comes with the answer and
is dropped where it is read. WeChat takes secret, code and token in the address: see `infra.outside`.
"""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import structlog

from domain.accounts.codes import Asker
from domain.accounts.doors import (
    DoorClosed,
    MiniProgram,
    NumberNotServed,
    PersonRefused,
    ProofRefused,
    Proven,
    ProviderAway,
    ProviderTooOften,
    Subject,
)
from domain.accounts.models import Provider
from domain.core.phones import is_mobile
from domain.core.refusals import Refusal
from infra.door_limits import DoorKeeper
from infra.kept import Kept
from infra.outside import SECONDS, NoAnswer, ask
from infra.settings import Settings

log = structlog.get_logger()

RENEWED_BEFORE_SECONDS = 300.0
_CODE = re.compile(r"[\x21-\x7e]{1,512}", re.ASCII)
_NAME = re.compile(r"[\x21-\x7e]{1,128}", re.ASCII)
_BUSY, _TOO_OFTEN, _RISKY = -1, 45011, 40226
_CODE_REFUSED = frozenset({40029, 40163, 41008})
_TOKEN_REFUSED = frozenset({40001, 40014, 42001})
_OTHER_APPLICATION = 40013
"""Of a phone code: it is another mini-program's. Of everything else: our own id is wrong."""


def _refusal(errcode: int, code_field: str) -> Refusal:
    """What an error of a code's exchange is to whoever sent the code."""
    if errcode in _CODE_REFUSED or (errcode == _OTHER_APPLICATION and code_field == "phone_code"):
        return ProofRefused(code_field)
    if errcode == _RISKY:
        return PersonRefused(code_field)
    if errcode == _TOO_OFTEN:
        return ProviderTooOften()
    if errcode != _BUSY:
        log.error("wechat.refused", errcode=errcode)  # an id, a secret or a list of addresses that is wrong
    return ProviderAway()


def _errcode(said: Mapping[str, Any]) -> int:
    errcode = said.get("errcode", 0)
    if not isinstance(errcode, int):
        raise NoAnswer
    return errcode


def _named(said: Mapping[str, Any], name: str) -> str | None:
    """A name that WeChat gives somebody; None where it gives none."""
    value = said.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise NoAnswer
    return value


class WechatMiniProgram:
    """`domain.accounts.doors.MiniProgram`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        keeper: DoorKeeper,
        *,
        app_id: str,
        secret: str,
        url: str,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._keeper = keeper
        self._app_id = app_id
        self._secret = secret
        self._url = url.rstrip("/")
        self._seconds = seconds
        self._token = Kept(self._ask_token, clock)

    async def prove(self, code: str, phone_code: str | None, asker: Asker) -> Proven:
        for given, name in ((code, "code"), (phone_code, "phone_code")):
            if given is not None and not _CODE.fullmatch(given):
                raise ProofRefused(name)
        await self._keeper.let_in(asker)
        try:
            # The login code first: a client gets another without asking anybody, the phone code costs the person a tap.
            subjects = await self._subjects(code)
            phone = None if phone_code is None else await self._phone(phone_code)
        except NoAnswer as fault:
            log.warning("wechat.away", fault=type(fault).__name__)
            raise ProviderAway from None
        return Proven(subjects, phone, None if phone is None else "phone_code")

    async def _said(self, method: str, path: str, **request: Any) -> Mapping[str, Any]:
        answer = await ask(self._client, method, self._url + path, seconds=self._seconds, **request)
        if answer.status != httpx.codes.OK:
            raise NoAnswer
        return answer.said

    async def _subjects(self, code: str) -> tuple[Subject, ...]:
        said = await self._said(
            "GET",
            "/sns/jscode2session",
            params={
                "appid": self._app_id,
                "secret": self._secret,
                "js_code": code,
                "grant_type": "authorization_code",
            },
        )
        errcode = _errcode(said)
        if errcode:
            raise _refusal(errcode, "code")
        openid, unionid = _named(said, "openid"), _named(said, "unionid")
        if openid is None:
            raise NoAnswer
        own = Subject(Provider.WECHAT_OPENID, self._app_id, openid)
        return (own,) if unionid is None else (own, Subject(Provider.WECHAT_UNIONID, "", unionid))

    async def _phone(self, code: str) -> str:
        token = await self._token.get()
        said = await self._asked_for_phone(code, token)
        if _errcode(said) in _TOKEN_REFUSED:
            # It was refused before it looked at the code: once more, with the token that is good now.
            said = await self._asked_for_phone(code, await self._token.get(wanting=token))
        errcode = _errcode(said)
        if errcode:
            raise _refusal(errcode, "phone_code")
        match said.get("phone_info"):
            case {"purePhoneNumber": str() as number, "countryCode": int() | str() as country}:
                phone = f"+{country}{number}"
            case _:
                raise NoAnswer
        if not is_mobile(phone):
            raise NumberNotServed("phone_code")
        return phone

    async def _asked_for_phone(self, code: str, token: str) -> Mapping[str, Any]:
        return await self._said(
            "POST", "/wxa/business/getuserphonenumber", params={"access_token": token}, json={"code": code}
        )

    async def _ask_token(self) -> tuple[str, float]:
        """WeChat gives every process the same token until shortly before its end."""
        said = await self._said(
            "POST",
            "/cgi-bin/stable_token",
            json={"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret},
            repeatable=True,
        )
        match said:
            case {"access_token": str() as token, "expires_in": int() as life} if token and life > 0:
                return token, max(life - RENEWED_BEFORE_SECONDS, life / 2)
            case _:
                log.error("wechat.token_refused", errcode=_errcode(said))
                raise NoAnswer


class NoMiniProgram:
    """A deployment without a mini-program."""

    async def prove(self, code: str, phone_code: str | None, asker: Asker) -> Proven:  # noqa: ARG002  # the port's
        raise DoorClosed


def mini_program_of(config: Settings, client: httpx.AsyncClient, keeper: DoorKeeper) -> MiniProgram:
    """WeChat where an application is set; settings see to it that its secret is."""
    if config.wechat_app_id is None:
        return NoMiniProgram()
    return WechatMiniProgram(
        client,
        keeper,
        app_id=config.wechat_app_id,
        secret=config.wechat_secret.get_secret_value(),
        url=config.wechat_url,
    )
