"""Signing in with a phone, staying signed in, signing out."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from domain.accounts import sessions as domain
from domain.accounts.codes import PhoneCodePurpose
from domain.accounts.sessions import Bearer, Opened, SessionEnded
from domain.accounts.signing_in import youth_of_phone
from domain.accounts.staff import active_member
from domain.core.actors import Actor, Anonymous, PartnerActor, StaffActor, YouthActor
from domain.core.db import Read, Write
from domain.core.refusals import NotAllowed, Refusal, SignInNeeded
from graph.accounts.viewer import Viewer
from graph.core.context import Info
from graph.core.enums import served
from graph.core.errors import UserError, user_errors
from graph.core.extending import extends
from graph.core.ids import Tag, encode
from graph.core.mutating import errors_of, mutate
from graph.core.scalars import PhoneNumber

served(PhoneCodePurpose, "A code serves the purpose it was asked for, no other.")


@strawberry.type(description="A sign-in on one device.")
class Session:
    id: strawberry.ID = strawberry.field(description="Opaque, stable across releases.")
    device: str | None = strawberry.field(description="What the device says of itself.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    last_used_at: datetime = strawberry.field(description="When it was last used, to the minute.")
    current: bool = strawberry.field(description="Is this request made with it?")


@strawberry.input(description="Where to send a code, and what for.")
class RequestPhoneCodeInput:
    phone: PhoneNumber = strawberry.field(description="The number that the code is sent to.")
    purpose: PhoneCodePurpose = strawberry.field(
        description="The code serves this purpose alone.", default=PhoneCodePurpose.SIGN_IN
    )


@strawberry.type(description="The answer is the same whether the number has an account or not.")
class RequestPhoneCodePayload:
    expires_at: datetime | None = strawberry.field(description="Until when the code may be used.")
    resend_after_seconds: int | None = strawberry.field(
        description="After how long another may be asked for."
    )
    user_errors: list[UserError]


@strawberry.input(description="A number and the code that was sent there.")
class SignInWithPhoneInput:
    phone: PhoneNumber = strawberry.field(description="The number that the code was sent to.")
    code: str = strawberry.field(description="Six digits.")


@strawberry.input(description="What carries a session on.")
class RefreshSessionInput:
    refresh_token: str = strawberry.field(description="The last one given; each is used once.")
    idempotency_key: str | None = strawberry.field(
        description="The same key within 60 s gives the same pair again, for networks that lose answers.",
        default=None,
    )


@strawberry.input(description="Which sessions to end.")
class SignOutInput:
    everywhere: bool | None = strawberry.field(description="True ends all of them.", default=False)


@strawberry.type(description="A session that was opened or carried on.")
class SignInPayload:
    access_token: str | None = strawberry.field(description="To be sent as `Authorization: Bearer …`.")
    access_token_expires_at: datetime | None = strawberry.field(description="When a new one is needed.")
    refresh_token: str | None = strawberry.field(description="Gives the next pair, once.")
    viewer: Viewer | None = strawberry.field(description="Who is signed in now.")
    user_errors: list[UserError]


@strawberry.type(description="Signed out.")
class SignOutPayload:
    user_errors: list[UserError]


def refused(info: Info, *reasons: Refusal) -> SignInPayload:
    return SignInPayload(
        access_token=None,
        access_token_expires_at=None,
        refresh_token=None,
        viewer=None,
        user_errors=user_errors(reasons, info.context.language, "input"),
    )


async def _actor(db: Read, opened: Opened) -> Actor:
    if opened.bearer is Bearer.YOUTH:
        return YouthActor(opened.subject_id, opened.session_id)
    member = await active_member(db, opened.subject_id)
    return Anonymous() if member is None else replace(member, session_id=opened.session_id)


async def signed_in(info: Info, opened: Opened) -> SignInPayload:
    """The pair of tokens; the rest of the request speaks for whoever signed in."""
    context = info.context
    token, expires_at = context.ports.access_tokens.issue_for_session(
        opened.bearer, opened.subject_id, opened.session_id, context.now
    )
    async with context.read() as db:
        context.speak_for(await _actor(db, opened))
    return SignInPayload(
        access_token=token,
        access_token_expires_at=expires_at,
        refresh_token=opened.refresh_token,
        viewer=Viewer(),
        user_errors=[],
    )


async def let_in(info: Info, given: Any, whose: Callable[[Write], Awaitable[UUID]]) -> SignInPayload:
    """Open a session for the youth that `whose` finds or makes, in one transaction."""
    context, opened = info.context, list[Opened]()

    async def act(tx: Write) -> None:
        youth, device = await whose(tx), context.asker.device
        opened.append(await domain.open_session(tx, context.ports.sealer, Bearer.YOUTH, youth, device))

    outcome = await mutate(info, given, act)
    return await signed_in(info, opened[0]) if not outcome.refusals else refused(info, *outcome.refusals)


def _session_of(actor: Actor) -> UUID | None:
    return actor.session_id if isinstance(actor, YouthActor | StaffActor) else None


@extends(Viewer)
class ViewerSessions:
    @strawberry.field(description="The devices on which the viewer is signed in, the last used first.")
    async def sessions(self: Viewer, info: Info) -> list[Session]:
        actor = info.context.actor
        if not isinstance(actor, YouthActor | StaffActor):
            return []
        async with info.context.read() as db:
            found = await domain.live_sessions(db, actor.id)
        return [
            Session(
                id=encode(Tag.Session, row.id),
                device=row.device,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
                current=row.id == actor.session_id,
            )
            for row in found
        ]


@strawberry.type
class SessionMutations:
    @strawberry.mutation(
        description="Send a six-digit code to a number; it lives five minutes and takes five tries."
    )
    async def request_phone_code(self, info: Info, input: RequestPhoneCodeInput) -> RequestPhoneCodePayload:
        context = info.context
        try:
            given = await context.ports.codes.give(input.phone, input.purpose, context.asker)
        except Refusal as reason:
            return RequestPhoneCodePayload(
                expires_at=None,
                resend_after_seconds=getattr(reason, "retry_after_seconds", None),
                user_errors=user_errors([reason], context.language, "input"),
            )
        return RequestPhoneCodePayload(
            expires_at=context.now + given.life,
            resend_after_seconds=given.resend_after_seconds,
            user_errors=[],
        )

    @strawberry.mutation(description="Sign in as the youth of a number, new or known.")
    async def sign_in_with_phone(self, info: Info, input: SignInWithPhoneInput) -> SignInPayload:
        ports = info.context.ports
        try:
            # Before the transaction: no connection waits for Valkey.
            await ports.codes.take(input.phone, PhoneCodePurpose.SIGN_IN, input.code)
        except Refusal as reason:
            return refused(info, reason)
        return await let_in(info, input, lambda tx: youth_of_phone(tx, ports.sealer, input.phone))

    @strawberry.mutation(
        description="The next pair of tokens. A refresh token that was used before ends the session."
    )
    async def refresh_session(self, info: Info, input: RefreshSessionInput) -> SignInPayload:
        ports = info.context.ports
        async with info.context.write() as tx:
            found = await domain.refresh(
                tx, ports.sealer, ports.secret_keys, input.refresh_token, input.idempotency_key
            )
        return refused(info, found) if isinstance(found, SessionEnded) else await signed_in(info, found)

    @strawberry.mutation(description="End this session, or all of them; within a second everywhere.")
    async def sign_out(self, info: Info, input: SignOutInput) -> SignOutPayload:
        async def act(tx: Write) -> None:
            actor = tx.actor
            if isinstance(actor, Anonymous):
                raise SignInNeeded
            if isinstance(actor, PartnerActor) or not isinstance(actor, YouthActor | StaffActor):
                raise NotAllowed
            live = [session.id for session in await domain.live_sessions(tx, actor.id)]
            await domain.end(
                tx, live if input.everywhere else [key for key in live if key == actor.session_id]
            )

        outcome = await mutate(info, input, act)
        return SignOutPayload(user_errors=errors_of(info, outcome))
