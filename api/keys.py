"""The public keys of access tokens, desks' lists and certificates, for whoever verifies one by themselves (RFC 7517, RFC 8037)."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

CACHED_SECONDS = 300

router = APIRouter()


@router.api_route("/.well-known/desk-list-keys.json", methods=["GET", "HEAD"])
async def desk_list_keys(request: Request) -> JSONResponse:
    """The keys by which a desk without a network knows a list as ours (`OfflineDeskPage.signed`), as a JWK Set."""
    keys = request.app.state.runtime.desk_lists.public_jwks()
    return JSONResponse({"keys": keys}, headers={"cache-control": f"public, max-age={CACHED_SECONDS}"})


@router.api_route("/.well-known/certificate-keys.json", methods=["GET", "HEAD"])
async def certificate_keys(request: Request) -> JSONResponse:
    """The keys by which anybody knows a certificate's signature as ours (`Certificate.signature`), as a JWK Set."""
    keys = request.app.state.runtime.certificates.public_jwks()
    return JSONResponse({"keys": keys}, headers={"cache-control": f"public, max-age={CACHED_SECONDS}"})


@router.api_route("/.well-known/jwks.json", methods=["GET", "HEAD"])
async def jwks(request: Request) -> JSONResponse:
    """Of every root of the ring, the newest first. Needs no credentials."""
    keys = request.app.state.runtime.tokens.public_jwks()
    return JSONResponse({"keys": keys}, headers={"cache-control": f"public, max-age={CACHED_SECONDS}"})
