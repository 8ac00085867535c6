"""Receipts of erasures, for whoever has their code, and the keys by which anybody checks them."""

from hashlib import sha256
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from api.exports import PRIVATE, not_found
from api.limits import too_often
from api.runtime import Runtime
from domain.accounts.erasures import Erasure, by_code
from domain.core.limits import AskedTooOften

router = APIRouter()
KEYS_PATH = "/.well-known/erasure-receipt-keys.json"


def _told(erasure: Erasure, runtime: Runtime) -> dict[str, Any]:
    """What became of the request; once it is done, the facts with their hash and signature."""
    if erasure.cancelled_at is not None:
        return {"status": "CANCELLED", "cancelledAt": erasure.cancelled_at.isoformat()}
    if erasure.receipt is None:
        return {"status": "PENDING", "erasesAt": erasure.erases_at.isoformat()}
    facts = runtime.receipts.read(erasure.receipt)
    return {
        "status": "ERASED",
        "receipt": orjson.loads(facts),
        "sha256": sha256(facts).hexdigest(),
        "signature": erasure.receipt,
        "keys": KEYS_PATH,
    }


@router.api_route("/erasure-receipts/{code}", methods=["GET", "HEAD"])
async def receipt(request: Request, code: str) -> Response:
    """PENDING, CANCELLED or ERASED with the signed facts; 404 for a code that is none."""
    runtime: Runtime = request.app.state.runtime
    try:
        await runtime.door.enter(request.client.host if request.client else "", None)
    except AskedTooOften as often:
        return too_often(often)
    async with runtime.database.read() as db:
        erasure = await by_code(db, code)
    if erasure is None:
        return not_found()
    return JSONResponse(_told(erasure, runtime), headers=PRIVATE)


@router.api_route(KEYS_PATH, methods=["GET", "HEAD"])
async def keys(request: Request) -> Response:
    """The public keys of receipts, of every root of the ring, as a JWK Set."""
    runtime: Runtime = request.app.state.runtime
    return JSONResponse({"keys": runtime.receipts.public_jwks()})
