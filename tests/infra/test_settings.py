"""Wrong settings end the process with one clear line."""

import os
import subprocess
import sys

import pytest

from infra.embedded.services import PROJECT

ENVIRONMENT = {"PATH": os.defpath}


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
    done = subprocess.run(
        [sys.executable, "-c", "from infra.settings import settings; settings()"],
        cwd=PROJECT,
        env={**ENVIRONMENT, name: value},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("qingyi: wrong setting ")
    assert done.stderr.count("\n") == 1
    assert name.removeprefix("QINGYI_") in done.stderr
    assert "cret" not in done.stderr
