"""What uvicorn loads, in the process that serves."""

import gc

from fastapi import FastAPI

from api.app import create_app
from infra.lifeline import exit_with_parent_if_asked

YOUNG = 10_000
"""Objects made before the collector looks at them: one request makes more than the 700 that are usual."""


def collect_seldom() -> None:
    """Modules, schema and tables live as long as the process: the collector need not go through them again and again."""
    gc.freeze()
    gc.set_threshold(YOUNG)


def create() -> FastAPI:
    exit_with_parent_if_asked()
    app = create_app(warms=True)
    collect_seldom()
    return app
