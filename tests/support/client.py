"""A GraphQL client as the frontends have one: HTTP in, JSON out."""

from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Client:
    """Speaks for one principal (or for nobody, without a token)."""

    http: httpx.AsyncClient
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    async def post(self, document: str, **variables: Any) -> httpx.Response:
        headers = dict(self.headers)
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        return await self.http.post(
            "/graphql", json={"query": document, "variables": variables}, headers=headers
        )

    async def run(self, document: str, **variables: Any) -> Any:
        """The data; fails the test when there is any error."""
        answer = (await self.post(document, **variables)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def errors(self, document: str, **variables: Any) -> list[dict[str, Any]]:
        """The errors of a request that must have some."""
        answer = (await self.post(document, **variables)).json()
        assert answer.get("errors"), answer
        return answer["errors"]

    async def mutate(self, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
        """Call one mutation of the contract with `input: given`; the payload, with its userErrors."""
        kind = name[0].upper() + name[1:] + "Input"
        document = (
            f"mutation ($input: {kind}!) {{ {name}(input: $input)"
            f" {{ {selection} userErrors {{ code message field }} }} }}"
        )
        data = await self.run(document, input=given)
        return data[name]

    async def done(self, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
        """As `mutate`, for one that must succeed."""
        payload = await self.mutate(name, selection, **given)
        assert payload["userErrors"] == [], payload["userErrors"]
        return payload

    async def refused(self, name: str, selection: str, /, **given: Any) -> list[tuple[str, list[str] | None]]:
        """As `mutate`, for one that must be refused: the (code, field) of each reason."""
        payload = await self.mutate(name, selection, **given)
        assert payload["userErrors"], payload
        return [(reason["code"], reason["field"]) for reason in payload["userErrors"]]
