"""Wrong settings end the process with one clear line."""

import os
import subprocess
import sys

import pytest

from infra.embedded.services import PROJECT
from infra.settings import Settings

ENVIRONMENT = {"PATH": os.defpath}


def wrong(**environment: str) -> str:
    """What is said of these settings; they must be wrong."""
    done = subprocess.run(
        [sys.executable, "-c", "from infra.settings import settings; settings()"],
        cwd=PROJECT,
        env={**ENVIRONMENT, **environment},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("qingyi: wrong setting ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QINGYI_PORT", "abc"),
        ("QINGYI_PORT", "70000"),
        ("QINGYI_ENV", "staging"),
        ("DATABASE_URL", "mysql://x"),
        ("REDIS_URL", "http://x"),
        ("QINGYI_BODY_LIMIT", "-1"),
        ("QINGYI_LOG_FORMAT", "xml"),
        ("QINGYI_SMS_TOKEN", "se\ncret"),
        ("QINGYI_REGISTRY_TOKEN", "密钥"),
    ],
)
def test_a_wrong_setting_is_one_line_and_status_2(name: str, value: str) -> None:
    told = wrong(**{name: value})
    assert name.removeprefix("QINGYI_") in told
    assert "cret" not in told


OIDC = {
    "QINGYI_OIDC_ISSUER": "https://id.example",
    "QINGYI_OIDC_CLIENT_ID": "qingyi",
    "QINGYI_OIDC_REDIRECT_URIS": "https://a.example/, https://b.example/",
}


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"QINGYI_WECHAT_APP_ID": "wx1"}, "QINGYI_WECHAT_SECRET"),
        ({key: OIDC[key] for key in list(OIDC)[:1]}, "QINGYI_OIDC_CLIENT_ID"),
        ({key: OIDC[key] for key in list(OIDC)[:2]}, "QINGYI_OIDC_REDIRECT_URIS"),
        ({"QINGYI_WECHAT_URL": "ftp://a.example"}, "QINGYI_WECHAT_URL"),
        ({"QINGYI_WECHAT_URL": "http://a.example", "QINGYI_ENV": "production"}, "QINGYI_WECHAT_URL"),
        (
            {**OIDC, "QINGYI_OIDC_ISSUER": "http://a.example", "QINGYI_ENV": "production"},
            "QINGYI_OIDC_ISSUER",
        ),
    ],
)
def test_a_door_that_is_half_set_up_or_not_encrypted_is_wrong(environment: dict[str, str], name: str) -> None:
    assert name in wrong(**environment)


def test_a_door_is_set_up_by_all_of_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**OIDC, "QINGYI_WECHAT_APP_ID": "wx1", "QINGYI_WECHAT_SECRET": "s"}.items():
        monkeypatch.setenv(name, value)
    chosen = Settings()
    assert chosen.oidc_redirect_uris == ("https://a.example/", "https://b.example/")
    assert chosen.wechat_url == "https://api.weixin.qq.com"
    assert chosen.oidc_client_secret is None
