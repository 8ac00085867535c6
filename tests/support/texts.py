"""The gateway of text messages, played: what was sent, and codes asked for."""

import pytest
from support.house import House


class Texts:
    """Keeps what was sent."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.sent: list[tuple[str, str]] = []

    async def send_code(self, phone: str, code: str) -> None:
        self.sent.append((phone, code))

    async def code(self, phone: str, purpose: str) -> str:
        """A fresh code for a number and a purpose."""
        await self.house.runtime.redis.flushdb()
        await self.house.anyone.done("requestPhoneCode", "expiresAt", phone=phone, purpose=purpose)
        return next(code for number, code in reversed(self.sent) if number == phone)


def played(house: House, monkeypatch: pytest.MonkeyPatch) -> Texts:
    texts = Texts(house)
    monkeypatch.setattr(house.runtime.ports.codes, "_texts", texts)
    return texts


def other(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"
