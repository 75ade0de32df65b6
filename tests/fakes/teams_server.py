"""Teams on the loopback: the Bot Framework's keys and connector, and the activities that it sends, with tokens."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from microsoft_teams.api import TokenCredentials
from microsoft_teams.api.auth.cloud_environment import PUBLIC
from pydantic import SecretStr

from server.bots.settings import BotSettings
from server.bots.teams import TeamsBot
from server.service import Service
from tests.fakes.platform_server import Json, PlatformServer, serve_platform

APP, TENANT = "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"
ISSUER = "https://api.botframework.com"
OURS = f"28:{APP}"


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    """A key pair; the fake serves only the public half of `ours`. Processes that the test starts have the same."""
    variable = f"FAKE_TEAMS_KEY_{name.upper()}"
    if variable not in os.environ:
        made = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        os.environ[variable] = made.private_bytes(*form).decode()
    kept = serialization.load_pem_private_key(os.environ[variable].encode(), None)
    assert isinstance(kept, rsa.RSAPrivateKey)
    return kept


@cache
def our_token() -> str:
    """What the login service would give us for our secret."""
    return token_for("", aud=ISSUER)


@dataclass(slots=True)
class TeamsServer(PlatformServer):
    """The connector with our activities by id."""

    activities: dict[str, Json] = field(default_factory=dict)
    typing: int = 0
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def card(self, number: int = 0) -> Json:
        """The card of our n-th message."""
        card: Json = list(self.activities.values())[number]["attachments"][0]["content"]
        return card

    def act(self, method: str, body: Json) -> Json:
        """Carry out a call."""
        if body["type"] == "typing":
            self.typing += 1
            return {}
        name = body["to"] if method == "update" else f"a{next(self._numbers)}"
        self.activities[name] = body
        return {"id": name}

    async def _keys(self, request: web.Request) -> web.Response:
        shown = json.loads(RSAAlgorithm.to_jwk(key("ours").public_key()))
        return web.json_response({"keys": [{**shown, "kid": "k1", "use": "sig", "alg": "RS256"}]})

    async def _call(self, request: web.Request) -> web.StreamResponse:
        try:
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            jwt.decode(given, key("ours").public_key(), algorithms=["RS256"], audience=ISSUER)
        except jwt.PyJWTError:
            return web.Response(status=403)
        body = {**await request.json(), "to": request.match_info.get("activity", "")}
        method = "update" if request.method == "PUT" else str(body["type"])
        return await self.answer(method, body, lambda: self.act(method, body))


@asynccontextmanager
async def teams_server() -> AsyncIterator[TeamsServer]:
    """Teams, running."""
    key("ours")  # now, so that processes started from here on have it
    teams = TeamsServer()
    one = "/v3/conversations/{conversation}/activities"
    routes = [
        web.get("/keys", teams._keys),
        web.post(one, teams._call),
        web.put(f"{one}/{{activity}}", teams._call),
    ]
    async with serve_platform([*routes]) as teams.url:
        yield teams


def make_bot(service: Service, teams: TeamsServer, **more: Any) -> TeamsBot:
    """A bot that works with it."""
    given: dict[str, Any] = {
        "teams_app_id": APP,
        "teams_app_secret": SecretStr("app-secret"),
        "teams_tenant_id": TENANT,
        "bot_questions_per_minute": 1_000,
    }
    cloud = replace(PUBLIC, openid_metadata_url=f"{teams.url}/openidconfiguration")
    own = TokenCredentials(client_id=APP, tenant_id=TENANT, token=lambda scope, tenant: our_token())
    return TeamsBot(service, BotSettings(**{**given, **more}), cloud, own)


def activity_of(teams: TeamsServer, text: str, number: str = "1", kind: str = "personal", **more: Any) -> Json:
    """A message; `named` are the ids that it mentions."""
    named = more.pop("named", [])
    conversation = {"id": "conv1", "conversationType": kind, "tenantId": more.pop("tenant", TENANT)}
    entities = [{"type": "mention", "mentioned": {"id": one}, "text": f"<at>{one}</at>"} for one in named]
    return {
        "type": "message",
        "id": number,
        "serviceUrl": teams.url,
        "channelId": "msteams",
        "from": {"id": "29:ann", "aadObjectId": "ann"},
        "recipient": {"id": OURS},
        "conversation": {**conversation, **more.pop("conversation", {})},
        "text": text,
        "entities": entities,
        **more,
    }


def rating_of(teams: TeamsServer, answer: str, rating: str) -> Json:
    """A press of a button."""
    data = {"rating": rating, "answer": answer, "language": "en"}
    action = {"type": "Action.Execute", "verb": "hkva_rate", "data": data}
    return {**activity_of(teams, ""), "type": "invoke", "name": "adaptiveCard/action", "value": {"action": action}}


def token_for(url: str, signed_by: str = "ours", **more: Any) -> str:
    """A token of the Bot Framework; `more` changes its claims."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": APP, "serviceurl": url, "nbf": now - 10, "iat": now - 10, "exp": now + 600}
    return jwt.encode({**claims, **more}, key(signed_by), algorithm="RS256", headers={"kid": "k1"})
