"""WeChat's servers, played with their real answers: codes that serve once, a token that can be taken back."""

import threading
from dataclasses import dataclass, field
from itertools import count

from support.outside import Asked, Played, Server, said

APP_ID, SECRET = "wx0123456789abcdef", "canary-app-secret-0123456789abcde"
SESSION_KEY = "canarySessionKey/abcdef+w=="


@dataclass(slots=True)
class User:
    """Somebody who uses the mini-program."""

    openid: str
    unionid: str | None = None
    country: int | str = 86
    number: str = ""
    """Without its country, as the phone button tells it."""


@dataclass(slots=True)
class _Codes:
    good: dict[str, User] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


class Wechat(Server):
    """Its answers come as text/plain, as the real ones do. `instead` is played for a path, the last again and again."""

    def __init__(self, app_id: str = APP_ID) -> None:
        super().__init__()
        self.app_id = app_id
        self.asked: list[Asked] = []
        self.instead: dict[str, list[Played]] = {}
        self.life_seconds = 7_200
        self._logins, self._phones = _Codes(), _Codes()
        self._numbers = count(1)
        self._token = "canary-access-token-1"
        self._one_by_one = threading.Lock()

    def login(self, user: User) -> str:
        """What wx.login() gives the user's client."""
        return self._new(self._logins, "login", user)

    def phone(self, user: User) -> str:
        """What the phone button gives the user's client."""
        return self._new(self._phones, "phone", user)

    def withdraw_token(self) -> None:
        """As when somebody forces a new one."""
        self._token = f"canary-access-token-{next(self._numbers)}-new"

    def paths(self) -> list[str]:
        """What was asked, in order, by the last word of its path."""
        return [asked.path.rpartition("/")[2] for asked in self.asked]

    def reset(self) -> None:
        self.asked.clear()
        self.instead.clear()

    def _new(self, codes: _Codes, kind: str, user: User) -> str:
        code = f"canary-{kind}-code-{next(self._numbers)}"
        codes.good[code] = user
        return code

    def answer(self, asked: Asked) -> Played:
        with self._one_by_one:
            self.asked.append(asked)
            instead = self.instead.get(asked.path.rpartition("/")[2])
            if instead:
                return instead.pop(0) if len(instead) > 1 else instead[0]
            match asked.method, asked.path:
                case "GET", "/sns/jscode2session":
                    return self._session(asked.query)
                case "POST", "/cgi-bin/stable_token":
                    return self._stable_token(asked.json)
                case "POST", "/wxa/business/getuserphonenumber":
                    return self._number(asked.query, asked.json)
                case _:
                    return Played(404, b"<html>not found</html>", media="text/html")

    def _take(self, codes: _Codes, code: str) -> User | Played:
        user = codes.good.pop(code, None)
        if user is not None:
            codes.used.add(code)
            return user
        return refused(40163, "code been used") if code in codes.used else refused(40029, "invalid code")

    def _session(self, query: dict[str, str]) -> Played:
        if query.get("appid") != self.app_id:
            return refused(40013, "invalid appid")
        if query.get("secret") != SECRET:
            return refused(40125, "invalid appsecret")
        if query.get("grant_type") != "authorization_code":
            return refused(40002, "invalid grant_type")
        user = self._take(self._logins, query.get("js_code", ""))
        if isinstance(user, Played):
            return user
        known = {"session_key": SESSION_KEY, "openid": user.openid}
        return plain(known if user.unionid is None else {**known, "unionid": user.unionid})

    def _stable_token(self, body: dict[str, object]) -> Played:
        if body != {"grant_type": "client_credential", "appid": self.app_id, "secret": SECRET}:
            return refused(40125, "invalid appsecret")
        return plain({"access_token": self._token, "expires_in": self.life_seconds})

    def _number(self, query: dict[str, str], body: dict[str, str]) -> Played:
        if query.get("access_token") != self._token:
            return refused(40001, "invalid credential, access_token is invalid or not latest")
        user = self._take(self._phones, body.get("code", ""))
        if isinstance(user, Played):
            return user
        info = {
            "phoneNumber": user.number,
            "purePhoneNumber": user.number,
            "countryCode": user.country,
            "watermark": {"timestamp": 1_700_000_000, "appid": self.app_id},
        }
        return plain({"errcode": 0, "errmsg": "ok", "phone_info": info})


def plain(value: object) -> Played:
    return said(value, media="text/plain")


def refused(errcode: int, errmsg: str = "refused") -> Played:
    return plain({"errcode": errcode, "errmsg": f"{errmsg}, rid: 0-canary-rid"})
