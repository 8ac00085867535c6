"""
The system account that the servers run as.

Postgres refuses to run as root. An ordinary user's servers run as that user; root's run as the owner of the data when
they have one, else as `nobody`. No folder above the data changes its owner or mode for that: a server is started *in*
its folder and calls it `/proc/self/cwd`, which the kernel resolves without walking through the parents, so they may
all be 0700.
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from infra.embedded.errors import ServicesFailed

UNPRIVILEGED = "nobody"


class SpawnAs(TypedDict, total=False):
    """The arguments of `subprocess.Popen` that change the account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group to change to; `None` in both places means the account that asks."""

    uid: int | None = None
    gid: int | None = None

    def spawn(self) -> SpawnAs:
        if self.uid is None or self.gid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Make `path` private to this account."""
        path.chmod(0o700)
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def server_account(cluster: Path) -> Account:
    """
    The account for the servers whose Postgres data are, or will be, in the folder `cluster`.

    Raises ServicesFailed when root finds no unprivileged account, or a user finds another user's data.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise ServicesFailed(
                f"{cluster} belongs to another user (uid {owner}): remove it or set QINGYI_DATA_DIR"
            )
        _must_have_a_name(os.geteuid())
        return Account()
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        wanted = f"uid {owner}" if owner else UNPRIVILEGED
        raise ServicesFailed(f"Postgres refuses to run as root and there is no account {wanted}") from None
    return Account(entry.pw_uid, entry.pw_gid)


def _must_have_a_name(uid: int) -> None:
    """Postgres' own initdb insists (containers run under made-up numbers at times)."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise ServicesFailed(
            f"Postgres needs an account with a name, uid {uid} has none in /etc/passwd"
        ) from None
