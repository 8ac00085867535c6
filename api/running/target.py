"""What uvicorn loads, in the process that serves."""

from fastapi import FastAPI

from api.app import create_app
from infra.lifeline import exit_with_parent_if_asked


def create() -> FastAPI:
    exit_with_parent_if_asked()
    return create_app()
