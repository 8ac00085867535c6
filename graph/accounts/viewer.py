"""Who the request speaks for."""

import strawberry

from domain.core.actors import Anonymous, PartnerActor, StaffActor, YouthActor
from graph.accounts.units import StaffMember, load_members
from graph.accounts.youths import Youth, load_youths
from graph.core.context import Info


@strawberry.type(description="Who the request speaks for: a youth, a member of staff or an organization.")
class Viewer:
    @strawberry.field(description="Set when a young person is signed in.")
    async def youth(self, info: Info) -> Youth | None:
        actor = info.context.actor
        if not isinstance(actor, YouthActor):
            return None
        return (await load_youths(info.context, [actor.id])).get(actor.id)

    @strawberry.field(description="Set when a member of staff is signed in.")
    async def staff(self, info: Info) -> StaffMember | None:
        actor = info.context.actor
        if not isinstance(actor, StaffActor):
            return None
        return (await load_members(info.context, [actor.id])).get(actor.id)

    @strawberry.field(description="The scopes of the API token; empty for people.")
    async def scopes(self, info: Info) -> list[str]:
        actor = info.context.actor
        return sorted(scope.value for scope in actor.scopes) if isinstance(actor, PartnerActor) else []


@strawberry.type
class ViewerQueries:
    @strawberry.field(description="Who the request speaks for; null when it carries no credentials.")
    async def viewer(self, info: Info) -> Viewer | None:
        return None if isinstance(info.context.actor, Anonymous) else Viewer()
