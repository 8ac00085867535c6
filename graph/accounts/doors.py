"""Signing in by the doors of others: a mini-program of WeChat, the province's unified identity."""

from collections.abc import Awaitable
from typing import Any

import strawberry

from domain.accounts.doors import Proven
from domain.accounts.linking import youth_of_proof
from domain.core.refusals import Refusal, Refused
from graph.accounts.sessions import SignInPayload, let_in, refused
from graph.core.context import Info


@strawberry.input(description="What a mini-program has of WeChat.")
class SignInWithWechatInput:
    code: str = strawberry.field(description="What wx.login() returned; serves once, for five minutes.")
    phone_code: str | None = strawberry.field(
        description="What getPhoneNumber returned, to bind the number at once; serves once, for five minutes.",
        default=None,
    )


@strawberry.input(description="What the provider sent back to the client, and what the client asked with.")
class SignInWithOidcInput:
    code: str = strawberry.field(description="The authorization code; serves once.")
    code_verifier: str = strawberry.field(
        description="What the code challenge (S256) was made of: 43 to 128 unreserved characters, RFC 7636."
    )
    redirect_uri: str = strawberry.field(
        description="The one that the code was asked for with; letter by letter one of those this deployment allows."
    )


async def _entered(info: Info, given: Any, proving: Awaitable[Proven]) -> SignInPayload:
    """The provider is asked before the transaction: no connection waits for it."""
    try:
        proven = await proving
    except Refusal as reason:
        return refused(info, reason)
    except Refused as reasons:
        return refused(info, *reasons.reasons)
    return await let_in(info, given, lambda tx: youth_of_proof(tx, info.context.ports.sealer, proven))


@strawberry.type
class DoorMutations:
    @strawberry.mutation(
        description="Sign in as the youth of a WeChat user, new or known. With a number that is not bound yet, as the youth"
        " of the number. ALREADY_EXISTS when they belong to two accounts: nothing is merged."
    )
    async def sign_in_with_wechat(self, info: Info, input: SignInWithWechatInput) -> SignInPayload:
        context = info.context
        proving = context.ports.mini_program.prove(input.code, input.phone_code, context.asker)
        return await _entered(info, input, proving)

    @strawberry.mutation(
        description="The province's unified identity: authorization code with PKCE. The client sends people to the provider"
        " by the authorization endpoint of its discovery document."
    )
    async def sign_in_with_oidc(self, info: Info, input: SignInWithOidcInput) -> SignInPayload:
        context = info.context
        proving = context.ports.unified_identity.prove(
            input.code, input.code_verifier, input.redirect_uri, context.asker
        )
        return await _entered(info, input, proving)
