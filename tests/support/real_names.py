"""Names and numbers as tests claim them, and a registry that is played."""

from typing import Any

from support.asking import sent
from support.client import Client

from domain.accounts.identity import check_character
from domain.accounts.registry import RegistryAnswer

STATUS = "youth { realNameStatus }"


def number(order: int, born: str = "20040229", area: str = "440106") -> str:
    first17 = f"{area}{born}{order:03d}"
    return first17 + check_character(first17)


async def claimed(client: Client, name: str, number: str, selection: str = STATUS) -> dict[str, Any]:
    return await sent(client, "verifyRealName", selection, {"name": name, "idNumber": number})


async def verified(client: Client, name: str, number: str, selection: str = STATUS) -> dict[str, Any]:
    """As `claimed`, where nothing may be refused."""
    payload = await claimed(client, name, number, selection)
    assert payload["userErrors"] == [], payload["userErrors"]
    return payload


class Registry:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self, answer: RegistryAnswer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []

    async def check(self, name: str, number: str) -> RegistryAnswer:
        self.asked.append((name, number))
        return self.answer
