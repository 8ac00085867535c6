"""A small OpenID Connect provider: discovery, authorize, token with PKCE, keys that rotate."""

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from support.outside import Asked, Played, Server, said

CLIENT_ID, CLIENT_SECRET = "qingyi canary", "canary:client/secret"
REDIRECT_URI = "https://client.example/signed-in"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_ALGORITHMS = {"RS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


def new_key(algorithm: str) -> Key:
    match algorithm:
        case "RS256":
            return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case _:
            return ed25519.Ed25519PrivateKey.generate()


@dataclass(slots=True)
class Pkce:
    """What a client makes before it sends somebody to the provider."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class _Granted:
    challenge: str
    redirect_uri: str
    claims: dict[str, Any]


class Provider(Server):
    """
    Signs with the newest key. What a test changes on it: `person` (claims of whoever signs in there next), `claims` (said
    instead), `token` (the ID token to hand out instead), `public` (no client secret), `also` (more keys to publish), `instead` (answers by path).
    """

    def __init__(self, algorithm: str = "RS256") -> None:
        super().__init__()
        self.issuer = f"{self.address}/realm"
        self.asked: list[Asked] = []
        self.person: dict[str, Any] = {}
        self._granted: dict[str, _Granted] = {}
        self._one_by_one = threading.Lock()
        self.reset(algorithm)

    def reset(self, algorithm: str = "RS256") -> None:
        self.algorithm = algorithm
        self.keys: dict[str, tuple[str, Key]] = {}
        self.claims: dict[str, Any] = {}
        self.token: str | None = None
        self.public = False
        self.methods: list[str] | None = None
        self.also: list[dict[str, Any]] = []
        self.instead: dict[str, Played] = {}
        self.asked.clear()
        self.rotate(algorithm)

    def rotate(self, algorithm: str | None = None, *, keep: bool = True) -> None:
        """A new key signs from now on; the old ones are published a while longer, or not."""
        self.algorithm = algorithm or self.algorithm
        made = {f"key-{secrets.token_hex(4)}": (self.algorithm, new_key(self.algorithm))}
        self.keys = {**made, **(self.keys if keep else {})}

    def paths(self) -> list[str]:
        return [asked.path.rpartition("/")[2] for asked in self.asked]

    def grant(self, code: str, pkce: Pkce, redirect_uri: str, claims: dict[str, Any]) -> None:
        """As after somebody with these claims has agreed."""
        self._granted[code] = _Granted(pkce.challenge, redirect_uri, claims)

    def jwks(self) -> list[dict[str, Any]]:
        return [
            {**_ALGORITHMS[algorithm].to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}
            for kid, (algorithm, key) in self.keys.items()
        ] + self.also

    def id_token(self, claims: dict[str, Any], **header: Any) -> str:
        kid, (algorithm, key) = next(iter(self.keys.items()))
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid, **header})

    def usual(self, person: dict[str, Any]) -> dict[str, Any]:
        now = int(time.time())
        return {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, **person, **self.claims}

    def answer(self, asked: Asked) -> Played:
        with self._one_by_one:
            self.asked.append(asked)
            word = asked.path.rpartition("/")[2]
            if word in self.instead:
                return self.instead[word]
            match asked.method, asked.path.removeprefix("/realm"):
                case "GET", "/.well-known/openid-configuration":
                    return said(self._document())
                case "GET", "/authorize":
                    return self._authorize(asked.query)
                case "POST", "/token":
                    return self._exchange(asked)
                case "GET", "/keys":
                    return said({"keys": self.jwks()})
                case _:
                    return Played(404, b"{}")

    def _document(self) -> dict[str, Any]:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        methods = {} if self.methods is None else {"token_endpoint_auth_methods_supported": self.methods}
        return {**document, **methods}

    def _authorize(self, query: dict[str, str]) -> Played:
        if query["response_type"] != "code" or query["code_challenge_method"] != "S256":
            return said({"error": "invalid_request"}, status=400)
        code = f"canary-oidc-code-{secrets.token_hex(8)}"
        self._granted[code] = _Granted(query["code_challenge"], query["redirect_uri"], dict(self.person))
        return Played(302, location=f"{query['redirect_uri']}?code={code}&state={query['state']}")

    def _knows(self, asked: Asked) -> bool:
        form = asked.form
        if self.public:
            return asked.authorization is None and form.get("client_id") == CLIENT_ID
        if self.methods == ["client_secret_post"]:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        basic = base64.b64encode(b"qingyi%20canary:canary%3Aclient%2Fsecret").decode()
        return asked.authorization == f"Basic {basic}" and "client_secret" not in form

    def _exchange(self, asked: Asked) -> Played:
        form = asked.form
        if not self._knows(asked):
            return said({"error": "invalid_client"}, status=401)
        granted = self._granted.pop(form.get("code", ""), None)
        proved = Pkce(form.get("code_verifier", "")).challenge
        if (
            form.get("grant_type") != "authorization_code"
            or granted is None
            or granted.challenge != proved
            or granted.redirect_uri != form.get("redirect_uri")
        ):
            told = {"error": "invalid_grant", "error_description": f"canary {form.get('code')}"}
            return said(told, status=400)
        token = self.token or self.id_token(self.usual(granted.claims))
        return said({"access_token": "canary-at", "token_type": "Bearer", "id_token": token})
