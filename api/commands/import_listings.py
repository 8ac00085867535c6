"""`qingyi import-listings`: the listings of a JSONL file, posted through GraphQL as a partner would."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import stamina
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from infra.listings.answers import ImportStopped
from infra.listings.batches import LISTINGS_LIMIT, Batch, batches
from infra.listings.connection import connect
from infra.listings.inputs import InternshipInput
from infra.listings.poster import own_organization, post
from infra.listings.refusal import Refusal
from infra.listings.report import report
from infra.listings.source import read_listings
from infra.listings.tally import Tally

_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class _Import:
    """One run over one file: what is read, counted and shown on the way."""

    file: Path
    size: int
    tally: Tally
    progress: Progress
    task: TaskID

    def batches(self) -> Iterator[Batch]:
        """A batch is shown as done when the next one is asked for."""
        for batch in batches(self._listings(), size=self.size):
            self.tally.add_request(len(batch.listings), len(batch.body))
            yield batch
            self.progress.advance(self.task, len(batch.listings))

    def _listings(self) -> Iterator[InternshipInput]:
        with self.file.open("rb") as lines:
            for answer in read_listings(lines, datetime.now(_SHANGHAI).date()):
                if isinstance(answer, Refusal):
                    self.tally.add_refusal(answer)
                    self.progress.advance(self.task)
                else:
                    yield answer

    async def post(self, url: str, token: str, organization: str | None) -> None:
        async with connect(url, token) as connection:
            owner = await own_organization(connection, organization)
            self.progress.console.print(f"posting as {escape(owner.name)}")
            async for results in post(connection, self.batches()):
                self.tally.add_results(results)


def import_listings(
    file: Annotated[
        Path, typer.Argument(help="One JSON object a line.", exists=True, dir_okay=False, readable=True)
    ],
    organization: Annotated[
        str | None, typer.Option(help="Id of the organization; it must be the token's own.")
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="QINGYI_PARTNER_TOKEN", show_envvar=True, help="The partner's API token (qyp_…)."
        ),
    ] = None,
    url: Annotated[str, typer.Option(help="The GraphQL endpoint.")] = "http://127.0.0.1:8000/graphql",
    batch: Annotated[
        int, typer.Option(min=1, max=LISTINGS_LIMIT, help="Listings in one request.")
    ] = LISTINGS_LIMIT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Map and count, post nothing.")] = False,
) -> None:
    """Import listings from a JSONL file through GraphQL, and say what was refused and why.

    Running it again changes nothing: every listing is known by the id of its row.
    """
    if not dry_run and not token:
        raise typer.BadParameter("needed unless --dry-run", param_hint="--token")
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise typer.BadParameter("has characters no token has", param_hint="--token")
    errors = Console(stderr=True)
    tally = Tally()
    stopped: ImportStopped | None = None
    with _progress(errors) as progress:
        run = _Import(file, batch, tally, progress, progress.add_task(file.name, total=_rows(file)))
        try:
            if token and not dry_run:
                asyncio.run(run.post(url, token, organization))
            else:
                for _ in run.batches():
                    pass
        except ImportStopped as reason:
            stopped = reason
    if stopped is None or tally.outcomes:
        _print_summary(tally)
    if stopped is not None:
        errors.print(f"[red]import-listings stopped:[/red] {escape(str(stopped))}", soft_wrap=True)
        raise typer.Exit(1)


def _rows(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())


def _print_summary(tally: Tally) -> None:
    output = Console()
    for part in report(tally):
        output.print(part, highlight=False)


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    """A bar on standard error, which also tells of retries; standard output is for the summary alone."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:

        def tell(details: stamina.instrumentation.RetryDetails) -> None:
            reason = str(details.caused_by) or type(details.caused_by).__name__
            progress.console.print(f"asking again in {details.wait_for:.1f} s: {escape(reason)}")

        stamina.instrumentation.set_on_retry_hooks([tell])
        try:
            yield progress
        finally:
            stamina.instrumentation.set_on_retry_hooks(None)
