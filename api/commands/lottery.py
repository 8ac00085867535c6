"""`qingyi lottery`: a draw is fetched as anybody may fetch it, and redone from that alone (docs/lottery.md)."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx
import typer

from api.running.backing import complain
from domain.matchmaking.drawing import GENDERS, PublishedEntry, PublishedLottery, faults

PAGE = 100
SECONDS = 30
DOCUMENT = """query ($event: ID!, $gender: Gender!, $first: Int!, $after: String) {
  node(id: $event) { ... on MatchmakingEvent { lottery { eventUuid entriesHash seed maleSeats femaleSeats
    entries(gender: $gender, first: $first, after: $after) {
      nodes { entry drawnPosition } pageInfo { hasNextPage endCursor } } } } }
}"""

lottery = typer.Typer(no_args_is_help=True, help="Fetch a published lottery, and redo its draw.")


@lottery.command()
def fetch(
    address: Annotated[str, typer.Argument(help="Of a deployment: https://…")],
    event: Annotated[str, typer.Argument(help="The event's id.")],
) -> None:
    """Print everything that is published of an event's lottery, as JSON for `verify`."""
    with httpx.Client(base_url=address, timeout=SECONDS) as http:
        found = {gender: _pages(http, event, gender) for gender in GENDERS}
    whole = {key: value for key, value in found[GENDERS[0]][0].items() if key != "entries"}
    whole["entries"] = [
        {"gender": gender, **entry}
        for gender in GENDERS
        for page in found[gender]
        for entry in page["entries"]["nodes"]
    ]
    print(json.dumps(whole))


def _pages(http: httpx.Client, event: str, gender: str) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = []
    after: str | None = None
    while not pages or after is not None:
        given = {"event": event, "gender": gender, "first": PAGE, "after": after}
        answer = http.post("/graphql", json={"query": DOCUMENT, "variables": given}).json()
        node = (answer.get("data") or {}).get("node") or {}
        if not node.get("lottery"):
            complain("no lottery is published there")
            raise typer.Exit(2)
        pages.append(node["lottery"])
        info = node["lottery"]["entries"]["pageInfo"]
        after = info["endCursor"] if info["hasNextPage"] else None
    return pages


def published(text: str) -> PublishedLottery:
    """What `fetch` printed; ValueError, KeyError or TypeError for anything else."""
    told = json.loads(text)
    entries = [
        PublishedEntry(one["gender"], bytes.fromhex(one["entry"]).hex(), one["drawnPosition"])
        for one in told["entries"]
    ]
    return PublishedLottery(UUID(told["eventUuid"]), told["entriesHash"], told["seed"], entries)


@lottery.command()
def verify(file: Annotated[Path, typer.Argument(help="What `fetch` printed.")]) -> None:
    """Redo the draw from published data alone; status 1 when anything does not hold, 2 for a file that cannot be read."""
    try:
        found = published(file.read_text(encoding="utf-8"))
        wrong = list(faults(found))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        complain(f"this is no published lottery: {type(fault).__name__}")
        raise typer.Exit(2) from None
    for line in wrong:
        print(f"WRONG  {line}")
    if wrong:
        raise typer.Exit(1)
    count = Counter(one.gender for one in found.entries)
    drawn = "not drawn yet" if found.seed is None else "every place is the one that the seed gives"
    print(f"good   {', '.join(f'{count[gender]} {gender}' for gender in GENDERS)}: the hash holds, {drawn}")
