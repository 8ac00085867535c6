"""`qingyi migrate`: bring the database up to date."""

from api.running.backing import connected
from infra.migrate import current_and_head, upgrade


def migrate() -> None:
    """Bring the database to the newest revision; at once when it is there already."""
    with connected() as config:
        upgrade(config.database_url or "")
        current, _ = current_and_head(config.database_url or "")
    print(f"the database is at {current or 'nothing'}")
