"""By which address clients reach the deployment."""

import pytest
from support.house import settings_for

from api.origin import origin_of
from infra.settings import Settings


def origin(host: str | None, scheme: str = "https", **others: str) -> str:
    config = settings_for("postgresql://x", "redis://x", **others)
    return origin_of({"type": "http", "scheme": scheme}, host, config)


@pytest.mark.parametrize("host", ["api.example.org", "127.0.0.1:8000", "[::1]:8000"])
def test_the_request_tells(host: str) -> None:
    assert origin(host) == f"https://{host}"
    assert origin(host, "http") == f"http://{host}"


@pytest.mark.parametrize("host", [None, "", "a/b", 'a"b', "a b", "a@b", "x" * 300, "例.example"])
def test_a_host_that_is_none_makes_links_relative(host: str | None) -> None:
    given = host if host is None else host.encode("utf-8").decode("latin-1")
    assert origin(given) == ""


def test_the_deployment_says_it() -> None:
    assert origin("evil.example", public_url="https://api.example.org/") == "https://api.example.org"


@pytest.mark.parametrize("url", ["api.example.org", "ftp://x", "https://x?y=1", "https://x#y", "https://x y"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must be an http"):
        Settings(public_url=url)
