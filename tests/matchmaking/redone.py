"""
Redoes a draw from what is published, by docs/lottery.md alone: it imports nothing of the project.

    python tests/matchmaking/redone.py published.json

Prints `gender entry place` for each entry, by gender and place, or says that the hash does not hold.
"""

import hashlib
import json
import pathlib
import sys


def redo(published: dict) -> list[tuple[str, str, int]]:  # type: ignore[type-arg]  # a program of its own, as plain as can be
    # 1. the list is the one that was published before the seed was known
    lines = sorted(f"{one['gender']}:{one['entry']}" for one in published["entries"])
    text = "".join(f"{line}\n" for line in [f"qingyi-lottery-1 {published['eventUuid']}", *lines])
    if hashlib.sha256(text.encode("utf-8")).hexdigest() != published["entriesHash"]:
        raise SystemExit("the hash does not hold")
    # 2. each entry's key, and the order of each sex
    seed, places = bytes.fromhex(published["seed"]), []
    for gender in ("FEMALE", "MALE"):
        own = [one["entry"] for one in published["entries"] if one["gender"] == gender]
        keyed = sorted((hashlib.sha256(seed + bytes.fromhex(entry)).digest(), entry) for entry in own)
        places += [(gender, entry, place) for place, (_, entry) in enumerate(keyed, 1)]
    return places


if __name__ == "__main__":
    for line in redo(json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))):
        sys.stdout.write(f"{line[0]} {line[1]} {line[2]}\n")
