"""The registry of persons, simulated: no real one is asked until an operator has a contract with it."""

from domain.accounts.registry import RegistryAnswer

MISMATCHED_ENDING = "假"
UNAVAILABLE_ENDING = "断"


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
