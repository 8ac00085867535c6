"""
The doors of others: WeChat's mini-program and the province's unified identity tell us who somebody is.

A client hands over a code that serves once; the port exchanges it with the provider, server to server, and says what is
proved by that. Nothing that a client says of itself is proof.
"""

from dataclasses import dataclass, field
from typing import Protocol

from domain.accounts.codes import Asker
from domain.accounts.models import Provider
from domain.core.refusals import ErrorCode, Refusal


class DoorClosed(Refusal):
    """This deployment has no contract with the provider."""

    code = ErrorCode.INVALID_STATE
    zh = "暂未开通此登录方式，请使用手机号登录。"
    en = "This way to sign in is not open here; please sign in with a phone number."


class ProofRefused(Refusal):
    """Wrong, used, expired, of another application, or what came for it is not to be believed: the answer is the same."""

    code = ErrorCode.INVALID_INPUT
    zh = "登录凭证无效或已失效，请重新获取后再试。"
    en = "The code is wrong or no longer valid; please get a new one."


class PersonRefused(Refusal):
    """The provider keeps this person out."""

    code = ErrorCode.NOT_ELIGIBLE
    zh = "该账号存在风险，已被微信限制登录，请使用手机号登录。"
    en = "WeChat keeps this account from signing in; please sign in with a phone number."


class NumberNotServed(Refusal):
    code = ErrorCode.INVALID_INPUT
    zh = "仅支持内地及港澳台手机号。"
    en = "Only mobile numbers of the mainland, Hong Kong, Macao and Taiwan are served."


class ProviderAway(Refusal):
    """No answer, or none that can be read. The code may have been used up by asking."""

    code = ErrorCode.RATE_LIMITED
    zh = "登录服务暂不可用，请稍后重新获取凭证再试。"
    en = "The sign-in service gives no answer just now; please get a new code later."


class ProviderTooOften(Refusal):
    """The provider itself limits how often it is asked."""

    code = ErrorCode.RATE_LIMITED
    zh = "登录过于频繁，请一分钟后再试。"
    en = "Too many sign-ins; please try again in a minute."


@dataclass(frozen=True, slots=True)
class Subject:
    """By what a provider knows somebody. `realm` says among whom the name is unique: an application's id, an issuer."""

    provider: Provider
    realm: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proven:
    """
    What a door has proved: that the person has all these subjects, the one of the door itself first, and reads the
    messages of `phone` (E.164).

    `phone_field` is the input that asked for the number to be bound; None when the provider told it unasked.
    """

    subjects: tuple[Subject, ...]
    phone: str | None = field(default=None, repr=False)
    phone_field: str | None = None


class MiniProgram(Protocol):
    """WeChat, asked by the codes of a mini-program. Outside of any transaction; logs neither codes nor answers."""

    async def prove(self, code: str, phone_code: str | None, asker: Asker) -> Proven:
        """The openid, the unionid where there is one, the phone where its code was given. Any refusal of this module."""


class UnifiedIdentity(Protocol):
    """The province's provider of identities (OpenID Connect): authorization code with PKCE."""

    async def prove(self, code: str, code_verifier: str, redirect_uri: str, asker: Asker) -> Proven:
        """The issuer's subject, and the phone where the provider has verified it. Any refusal of this module."""
