"""The registry of persons: simulated outside production, absent in it until an operator has a contract with one."""

from domain.accounts.registry import IdentityRegistry, RegistryAnswer
from infra.settings import Settings

MISMATCHED_ENDING = "假"
UNAVAILABLE_ENDING = "断"


class NoRegistry:
    """A deployment that has no registry to ask: names wait (PENDING), none is believed."""

    async def check(self, name: str, number: str) -> RegistryAnswer:  # noqa: ARG002  # the port's signature
        return RegistryAnswer.UNAVAILABLE


class SimulatedRegistry:
    """
    Says by the name's last character what a real one might: 假 (false) belongs to no number, 断 (cut off) stands for an
    outage, every other name belongs to its number.
    """

    async def check(self, name: str, number: str) -> RegistryAnswer:  # noqa: ARG002  # the port's signature
        if name.endswith(MISMATCHED_ENDING):
            return RegistryAnswer.MISMATCH
        if name.endswith(UNAVAILABLE_ENDING):
            return RegistryAnswer.UNAVAILABLE
        return RegistryAnswer.MATCH


def registry_of(config: Settings) -> IdentityRegistry:
    """The simulated one, but in production none: whoever is believed there must have been checked."""
    return NoRegistry() if config.production else SimulatedRegistry()
