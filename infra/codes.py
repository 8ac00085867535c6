"""
Phone codes in Valkey: kept as keyed hashes for five minutes, tries and requests counted by atomic scripts.

Limits are counted for each number, address and device, and for all together (a budget against toll fraud). A number's
limits do not depend on whether it has an account.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.accounts.codes import (
    LIFE,
    TRIES_MOST,
    Asker,
    CodeGiven,
    CodesTooOften,
    CodesUnavailable,
    CodeWrong,
    PhoneCodePurpose,
    TextMessages,
    new_code,
)
from infra.counting import DAY, HOUR, MINUTE, Limit, Windows
from infra.texts import TextsFailed

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """What may be asked for, by whom it is counted."""

    phone: tuple[Limit, ...] = (Limit(1, MINUTE), Limit(5, HOUR), Limit(10, DAY))
    address: tuple[Limit, ...] = (Limit(200, HOUR), Limit(1_000, DAY))
    device: tuple[Limit, ...] = (Limit(10, HOUR),)
    everyone: tuple[Limit, ...] = (Limit(20_000, HOUR),)


# A try is counted before it is compared, so that fifty at once are five at most; the right one uses the code up.
_TRY = """
local kept = redis.call('HGET', KEYS[1], 'hash')
if not kept then return 0 end
if redis.call('HINCRBY', KEYS[1], 'tries', 1) > tonumber(ARGV[2]) then
  redis.call('DEL', KEYS[1])
  return 0
end
if kept ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
"""


class ValkeyCodes:
    """`domain.accounts.codes.PhoneCodes`."""

    def __init__(self, redis: Redis, texts: TextMessages, keys: Sequence[bytes], limits: CodeLimits) -> None:
        """`keys`, the newest first: while processes take up a new one, a code of any of them is taken by all."""
        self._redis = redis
        self._texts = texts
        self._keys = keys
        self._limits = limits
        self._windows = Windows(redis)
        self._try = redis.register_script(_TRY)

    def _hash(self, *parts: str, key: bytes | None = None) -> str:
        return hmac.new(key or self._keys[0], "\0".join(parts).encode(), sha256).hexdigest()

    def _asked(self, phone: str, asker: Asker) -> list[tuple[str, Limit]]:
        counted = (
            ("phone", phone, self._limits.phone),
            ("address", asker.address, self._limits.address),
            # What a device says of itself is shared by thousands: only together with its address is it one.
            ("device", f"{asker.address}\0{asker.device}", self._limits.device if asker.device else ()),
            ("everyone", "", self._limits.everyone),
        )
        return [
            (f"codes:asked:{name}:{self._hash(name, value)}:{limit.seconds}", limit)
            for name, value, limits in counted
            for limit in limits
        ]

    async def give(self, phone: str, purpose: PhoneCodePurpose, asker: Asker) -> CodeGiven:
        code = new_code()
        try:
            wait = await self._windows.count(self._asked(phone, asker))
            if wait:
                raise CodesTooOften(seconds=wait)
            key = self._code_key(phone, purpose)
            async with self._redis.pipeline(transaction=True) as pipe:
                for each in self._keys:  # also one that another process gave by an older key
                    pipe.delete(self._code_key(phone, purpose, each))
                pipe.hset(key, mapping={"hash": self._hash("code", phone, purpose.value, code), "tries": 0})
                pipe.expire(key, LIFE)
                await pipe.execute()
        except RedisError:
            log.exception("codes.store_away")
            raise CodesUnavailable from None
        try:
            await self._texts.send_code(phone, code)
        except TextsFailed:
            log.exception("codes.not_sent")
            raise CodesUnavailable from None
        return CodeGiven(LIFE, self._limits.phone[0].seconds)

    async def take(self, phone: str, purpose: PhoneCodePurpose, code: str) -> None:
        try:
            for key in self._keys:
                right = await self._try(
                    keys=[self._code_key(phone, purpose, key)],
                    args=[self._hash("code", phone, purpose.value, code, key=key), TRIES_MOST],
                )
                if right:
                    return
        except RedisError:
            log.exception("codes.store_away")
            raise CodesUnavailable from None
        raise CodeWrong("code")

    def _code_key(self, phone: str, purpose: PhoneCodePurpose, key: bytes | None = None) -> str:
        return f"codes:code:{purpose.value}:{self._hash('phone', phone, key=key)}"
