"""
What executing costs: graphql-core against compiled plans, in this process, on the same prepared objects.

    PYTHONPATH=. .venv/bin/python bench/execution.py

The served schema with its own types; only the root's resolvers give prepared objects instead of asking a database, and the
loader of an edge answers from memory. Both executors take turns in short slots; the medians of the slots are printed. Then:
what it takes to make a plan of the largest trusted document and of one that asks for more than any app does, to write its
displays, and to parse and validate it for comparison. All of it is CPU time of this process.
"""

import gc
import re
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import orjson
import uvloop
from graphql import DocumentNode, GraphQLObjectType, execute, get_named_type, is_leaf_type, parse, validate
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from domain.accounts.models import EducationLevel, Track
from domain.internships.models import InternshipKind, StipendPeriod
from graph.core.context import keyed_loader
from graph.core.documents import trusted_texts
from graph.execution import Plan
from graph.internships.enums import ListingStatus
from graph.internships.listings import Internship, Stipend
from graph.internships.lists import InternshipConnection
from graph.schema import schema

WHOLE = schema._schema  # noqa: SLF001  # what graphql-core calls a schema
SLOTS = 15
SLOT_SECONDS = 0.2
ROWS = 20
TWELVE = "id title kind track headcount remainingHeadcount education majors housingProvided applyBy updatedAt stipend { minFen }"
EIGHT = "id title kind headcount education applyBy updatedAt description"
DOCUMENTS = {
    "20 listings × 12 fields": f"{{ internships(first: 20) {{ nodes {{ {TWELVE} }} }} }}",
    "the same and a loaded edge": f"{{ internships(first: 20) {{ nodes {{ {TWELVE} viewerHasBookmarked }} }} }}",
    "one listing × 8 fields": f"query ($id: ID!) {{ node(id: $id) {{ ... on Internship {{ {EIGHT} }} }} }}",
    "`{ __typename }`": "{ __typename }",
}
VARIABLES = {"one listing × 8 fields": {"id": "SW4"}}
Execute = Callable[[], Awaitable[Any]]


def a_listing(number: int) -> Internship:
    day, now = date(2026, 6, 30), datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    return Internship(
        id=f"In{number}", row=SimpleNamespace(id=uuid4()), external_ref=None, title=f"前端开发实习生 {number}",
        kind=InternshipKind.STUDENT if hasattr(InternshipKind, "STUDENT") else next(iter(InternshipKind)),
        track=next(iter(Track)), description="做网页。" * 40, requirements=None, address="天河路 1 号", headcount=9,
        remaining_headcount=7, stipend=Stipend(min_fen=15_000, max_fen=20_000, per=StipendPeriod.DAY),
        education=next(iter(EducationLevel)), majors=["软件工程", "计算机"], skills=["TypeScript"], days_per_week=5,
        duration_weeks=12, housing_provided=False, starts_on=day, apply_by=day, status=ListingStatus.PUBLISHED,
        published_at=now, updated_at=now,
    )  # fmt: skip


def prepared() -> None:
    """The root's fields give the same objects each time."""
    rows = [a_listing(number) for number in range(ROWS)]
    listed: Any = None  # nobody asks for cursors
    page = InternshipConnection(nodes=rows, listed=listed, statement=None, search=None, asked=None)

    async def internships(_root: Any, _info: Any, **_given: Any) -> Any:
        return page

    async def node(_root: Any, _info: Any, **_given: Any) -> Any:
        return rows[0]

    assert WHOLE.query_type is not None
    WHOLE.query_type.fields["internships"].resolve = internships
    WHOLE.query_type.fields["node"].resolve = node


def a_context() -> Any:
    """With loaders that know everything at once."""
    loaders: dict[Any, Any] = {}

    async def fetch(keys: list[UUID]) -> dict[UUID, bool]:
        return dict.fromkeys(keys, True)

    return SimpleNamespace(loader=lambda make: loaders.setdefault(make, keyed_loader(fetch)))


def by_core(document: DocumentNode, variables: dict[str, Any]) -> Execute:
    async def run() -> Any:
        return await execute(
            WHOLE, document, None, a_context(), variables, is_awaitable=optimized_is_awaitable,
            executor_class=StrawberryGraphQLCoreExecutionContext,
        )  # fmt: skip

    async def run_at_once() -> Any:
        return execute(
            WHOLE, document, None, a_context(), variables, is_awaitable=optimized_is_awaitable,
            executor_class=StrawberryGraphQLCoreExecutionContext,
        )  # fmt: skip

    return (
        run
        if "internships" in document.loc.source.body or "node" in document.loc.source.body
        else run_at_once
    )  # type: ignore[union-attr]  # the schema has it


def by_plan(document: DocumentNode, variables: dict[str, Any]) -> Execute:
    plan = Plan(WHOLE, document, None)
    return lambda: plan.execute(None, a_context(), variables)


async def slot(run: Execute) -> float:
    """Microseconds for one execution."""
    times, begun = 0, time.process_time()
    while time.process_time() - begun < SLOT_SECONDS:
        for _ in range(10):
            await run()
        times += 10
    return (time.process_time() - begun) / times * 1e6


async def compare(name: str, source: str) -> None:
    document, variables = parse(source), VARIABLES.get(name, {})
    core, plan = by_core(document, variables), by_plan(document, variables)
    answers = [(await core()).data, (await plan()).data, (await plan()).data]
    assert orjson.dumps(answers[0]) == orjson.dumps(answers[1]) == orjson.dumps(answers[2]), name
    seen: dict[Execute, list[float]] = {core: [], plan: []}
    for _ in range(SLOTS):
        for run, times in seen.items():
            times.append(await slot(run))
    one, other = (statistics.median(times) for times in seen.values())
    print(f"| {name} | {one:,.1f} | {other:,.1f} | {one / other:.1f} |")


def large() -> str:
    """Every field of a listing and of what hangs on it, twice over: more than any app asks for at once."""

    def selection(kind: GraphQLObjectType, depth: int) -> str:
        parts = []
        for name, field in kind.fields.items():
            named = get_named_type(field.type)
            if is_leaf_type(named):
                parts.append(name)
            elif depth and isinstance(named, GraphQLObjectType):
                parts.append(f"{name} {selection(named, depth - 1)}")
        return "{ " + " ".join(parts or ["__typename"]) + " }"

    return f"{{ internships(first: 20) {{ nodes {selection(WHOLE.type_map['Internship'], 2)} }} }}"  # type: ignore[arg-type]  # the schema has it


def taken(work: Callable[[], Any], times: int = 41) -> str:
    """Milliseconds, the least and the median."""
    seen = []
    gc.collect()
    for _ in range(times):
        begun = time.process_time()
        work()
        seen.append((time.process_time() - begun) * 1e3)
    return f"{min(seen):.2f} / {statistics.median(seen):.2f}"


def compiling(name: str, source: str) -> None:
    document = parse(source)
    conditions = dict.fromkeys(re.findall(r"@(?:skip|include)\(if: \$(\w+)", source), True)
    parsed, validated = taken(lambda: parse(source)), taken(lambda: validate(WHOLE, document), 11)
    plan = taken(lambda: Plan(WHOLE, document, None))
    whole = taken(lambda: Plan(WHOLE, document, None).source(conditions))
    print(f"| {name}, {len(source):,} characters | {parsed} | {validated} | {plan} | {whole} |")


async def main() -> None:
    prepared()
    print("| Microseconds an execution | graphql-core | plan | ratio |\n|---|---|---|---|")
    for name, source in DOCUMENTS.items():
        await compare(name, source)
    print(
        "\n| Milliseconds, least / median | parse | validate | plan | with displays |\n|---|---|---|---|---|"
    )
    compiling("the largest trusted document", max(trusted_texts().values(), key=len))
    compiling("more than any app asks for", large())


if __name__ == "__main__":
    uvloop.run(main())
