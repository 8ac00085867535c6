"""
A house on a loop of its own, and machines of hypothesis that live in it.

The house lives on from one example to the next, and what begins at once ends in another order each time: the same steps
again are not the same again, and there is nothing to shrink. So a machine tells of what was broken when it is broken, with
every step of the example, and hypothesis does not come to try it again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, run_state_machine_as_test
from races.racing import deadlocks
from support.house import House, open_house, settings_for

from infra.embedded.services import Services

AT_ONCE_MOST = 6
T = TypeVar("T")


class World:
    """The house on a loop of its own, for steps that are not coroutines."""

    def __init__(self, runner: asyncio.Runner, house: House) -> None:
        self.runner = runner
        self.house = house
        self.examples = 0


@contextmanager
def a_world(database_url: str, servers: Services) -> Iterator[World]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        config = settings_for(database_url, servers.redis_url)
        house = runner.run(stack.enter_async_context(open_house(config)))
        try:
            yield World(runner, house)
        finally:
            runner.run(stack.aclose())


class Broken(BaseException):
    """What was broken, after which steps. No `Exception`: hypothesis would keep that back and try the steps again."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does: a coroutine of the town, given numbers alone, which are good in every town."""

    does: Callable[..., Awaitable[None]]
    given: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.does.__name__}({', '.join(map(str, self.given))})"


def act(does: Callable[..., Awaitable[None]], *given: st.SearchStrategy[int]) -> st.SearchStrategy[Act]:
    return st.tuples(*given).map(lambda numbers: Act(does, numbers))


def at_once(*several: st.SearchStrategy[Act]) -> st.SearchStrategy[list[Act]]:
    """A handful that begin at the same time."""
    return st.lists(st.one_of(*several), min_size=1, max_size=AT_ONCE_MOST)


class Living(RuleBasedStateMachine, Generic[T]):
    """
    A town of its own for each example, the steps that were taken there, and what must hold after each of them.

    So many days (`ENDS_AFTER`) after its last step the worker comes by once more, where something would be left otherwise: what
    is broken later is of another example.
    """

    ENDS_AFTER: ClassVar[int | None] = None

    def __init__(
        self,
        world: World,
        founded: Callable[[House], Coroutine[Any, Any, T]],
        assert_lawful: Callable[[T], Coroutine[Any, Any, None]],
    ) -> None:
        super().__init__()
        world.examples += 1
        self.world = world
        self.town = world.runner.run(founded(world.house))
        self._assert_lawful = assert_lawful
        self._began = world.house.clock()
        self._steps: list[str] = []
        self._broken = False

    @contextmanager
    def step(self, said: str) -> Iterator[None]:
        """A step of the example; whatever goes wrong in it is told with all steps so far."""
        self._steps.append(said)
        with self._told():
            yield

    def together(self, acts: Iterable[Act]) -> None:
        """All of them begin before any has ended, and have ended before the next step."""
        begun = list(acts)

        async def run() -> None:
            ended = await asyncio.gather(
                *(one.does(self.town, *one.given) for one in begun), return_exceptions=True
            )
            for one in ended:
                if isinstance(one, BaseException):
                    raise one

        with self.step(f"at once: {', '.join(map(str, begun))}"):
            self.world.runner.run(run())

    @invariant()
    def lawful(self) -> None:
        with self._told():
            self.world.runner.run(self._assert_lawful(self.town))

    def teardown(self) -> None:
        if not self._broken and self.ENDS_AFTER is not None:
            with self.step(f"in the end, {self.ENDS_AFTER} days later: works()"):
                self.world.house.clock.move(days=self.ENDS_AFTER)
                self.world.runner.run(self.world.house.work())
            self.lawful()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self._broken = True
            what = str(error) if isinstance(error, AssertionError) else repr(error)
            steps = "".join(f"\n  {number}. {said}" for number, said in enumerate(self._steps, 1))
            example = f"example {self.world.examples}, which began at {self._began}"
            raise Broken(f"{what}\nin {example}, after{steps or ' no step'}") from error


def run_at_random(world: World, machine: Callable[[], Living[Any]], examples: int, steps: int) -> None:
    """Nothing may be broken and nobody deadlock meanwhile; AssertionError says what was, and after which steps."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except Broken as broken:
        raise AssertionError(str(broken)) from broken.__cause__
    assert world.runner.run(deadlocks(world.house)) == 0
