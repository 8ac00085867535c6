"""The public keys of this deployment's access tokens, for whoever wants to verify one by themselves (RFC 7517, RFC 8037)."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

CACHED_SECONDS = 300

router = APIRouter()


@router.api_route("/.well-known/jwks.json", methods=["GET", "HEAD"])
async def jwks(request: Request) -> JSONResponse:
    """Of every root of the ring, the newest first. Needs no credentials."""
    keys = request.app.state.runtime.tokens.public_jwks()
    return JSONResponse({"keys": keys}, headers={"cache-control": f"public, max-age={CACHED_SECONDS}"})
