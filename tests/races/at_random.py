"""A house on a loop of its own, and the running of a machine of hypothesis against it."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from races.racing import deadlocks
from support.house import House, open_house, settings_for

from infra.embedded.services import Services


class World:
    """The house on a loop of its own, for steps that are not coroutines."""

    def __init__(self, runner: asyncio.Runner, house: House) -> None:
        self.runner = runner
        self.house = house


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


def run_at_random(world: World, machine: type[RuleBasedStateMachine], examples: int, steps: int) -> None:
    """Nobody may deadlock meanwhile."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # the house lives on from one example to the next: nothing to shrink
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
    assert world.runner.run(deadlocks(world.house)) == 0
