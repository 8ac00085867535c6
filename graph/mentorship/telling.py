"""What somebody who writes to a mentor is told at once: the hotline in a crisis, and who else reads what a minor writes."""

from domain.core.refusals import Language
from domain.mentorship.danger import hotline_words
from graph.core.context import Context
from graph.mentorship.requests import MentorshipRequest

MINORS = {
    Language.ZH: "您未满 18 岁：为保护您，您与导师之间的所有留言，负责的个案工作人员都可以查看。",
    Language.EN: "You are under 18: to protect you, the case worker in charge can read every message between you and the mentor.",
}


async def notice(context: Context, request: MentorshipRequest | None, *, in_danger: bool) -> str | None:
    """None where there is nothing to say."""
    words = []
    if in_danger:
        async with context.read() as db:
            words.append(await hotline_words(db, context.actor, context.language))
    if request is not None and request.row.minor:
        words.append(MINORS[context.language])
    return "\n".join(words) or None
