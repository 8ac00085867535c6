"""What the watchdog is told on its command line. No secret is in it: those are in a file that it reads."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.embedded.account import Account

DATABASE = "qingyi"
OWNER = "qingyi"
SECRET = "secret"  # noqa: S105 - the name of the file
CLUSTER = "postgres"
CACHE = "valkey"
CACHE_SOCKET = "valkey.sock"
LOGS = "log"
LEASE_BEFORE_READY = ".lease.starting"


@dataclass(frozen=True, slots=True)
class Plan:
    """All paths are absolute; `door` is a short path to `data_dir` for sockets; `lock` an open, locked descriptor."""

    data_dir: Path
    door: Path
    postgres_bin: Path
    valkey_server: Path
    account: Account
    lock: int

    def dumps(self) -> str:
        return json.dumps(asdict(self), default=str)

    @classmethod
    def loads(cls, text: str) -> "Plan":
        raw = json.loads(text)
        return cls(
            data_dir=Path(raw["data_dir"]),
            door=Path(raw["door"]),
            postgres_bin=Path(raw["postgres_bin"]),
            valkey_server=Path(raw["valkey_server"]),
            account=Account(**raw["account"]),
            lock=int(raw["lock"]),
        )

    @property
    def secret(self) -> str:
        return (self.data_dir / SECRET).read_text().strip()
