"""Liveness, readiness and metrics."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse

from infra.checks import checks

router = APIRouter()


@router.get("/livez")
async def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """200 only when migrations, database and cache are good; otherwise 503, with what is wrong."""
    found = await checks(request.app.state.runtime.config)
    good = all(check.good for check in found)
    body = {"status": "ok" if good else "unavailable", "checks": {check.name: check.good for check in found}}
    return JSONResponse(body, status_code=200 if good else 503)


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
