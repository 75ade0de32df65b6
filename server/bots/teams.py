"""Microsoft Teams: activities in. Only this module and `teams_card` know Teams.

The token of every activity is checked with the SDK's validator: signature by the keys of the Bot Framework, issuer,
that it is for us, and that it names the address to which we then send our own token.
"""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import jwt
from microsoft_teams.api import ClientCredentials, Credentials
from microsoft_teams.api.auth.cloud_environment import CloudEnvironment, from_name
from microsoft_teams.common import Client, ClientOptions
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from assistant.state.feedback import Rating
from knowledge.rule import Language
from server.bots.inbox import Desk, Rules
from server.bots.message import BotMessage
from server.bots.settings import BotSettings
from server.bots.teams_card import RATE, TeamsPoster
from server.bots.wording import word
from server.errors import BadSettings
from server.service import Service

with warnings.catch_warnings():
    # The SDK warns, when it is imported, of previews in parts that we do not use.
    warnings.simplefilter("ignore")
    from microsoft_teams.apps.auth import TokenValidator
    from microsoft_teams.apps.token_manager import TokenManager

_TIMEOUT_S = 20.0
_SAID = "application/vnd.microsoft.activity.message"
_LANGUAGES: tuple[Language, ...] = ("en", "zh-Hans", "zh-Hant")


class TeamsBot:
    """The desk behind Teams' webhook. `cloud` and `credentials` are the settings' own unless given."""

    path = "/bots/teams"

    def __init__(
        self,
        service: Service,
        settings: BotSettings,
        cloud: CloudEnvironment | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        if not (settings.teams_app_id and settings.teams_app_secret and settings.teams_tenant_id):
            raise BadSettings("Set HKVA_TEAMS_APP_ID, HKVA_TEAMS_APP_SECRET and HKVA_TEAMS_TENANT_ID for Teams.")
        self._tenant, self._app_id = settings.teams_tenant_id, settings.teams_app_id
        where = cloud or from_name(settings.teams_cloud)
        own = credentials or ClientCredentials(
            client_id=self._app_id, client_secret=settings.teams_app_secret.get_secret_value(), tenant_id=self._tenant
        )
        self._validator = TokenValidator.for_service(self._app_id, cloud=where)
        tokens = TokenManager(own, where)
        self._client = Client(ClientOptions(timeout=_TIMEOUT_S, token=tokens.get_bot_token))
        rules = Rules(settings.teams_allowed, settings.bot_questions_per_minute, settings.bot_workers)
        self.desk = Desk(service, TeamsPoster(self._client), rules)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer what is kept until the end."""
        async with self.desk.running():
            try:
                yield
            finally:
                await self._client.http.aclose()

    async def handle(self, request: Request) -> Response:
        """Take an activity; 401 where its token is not the Bot Framework's for us, 403 for another tenant."""
        try:
            activity = json.loads(await request.body())
            service_url = str(activity["serviceUrl"])
        except (ValueError, TypeError, KeyError):
            return Response(status_code=400)
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            # The validator blocks while it fetches keys.
            checked = self._validator.validate_token(token if kind == "Bearer" else "", service_url)
            await asyncio.to_thread(asyncio.run, checked)
        except jwt.PyJWKClientConnectionError:
            return Response(status_code=503)
        except jwt.PyJWTError:
            return Response(status_code=401)
        if _tenant_of(activity) != self._tenant:
            return Response(status_code=403)
        if activity.get("type") == "invoke" and activity.get("name") == "adaptiveCard/action":
            return await self._on_rating(activity)
        if activity.get("type") == "message":
            await self._on_message(activity, service_url)
        return Response(status_code=200)

    async def _on_message(self, activity: Mapping[str, Any], service_url: str) -> None:
        sender, conversation = activity.get("from") or {}, activity.get("conversation") or {}
        thread = f"{self._tenant}/{conversation.get('id')}"
        mentions = [one for one in activity.get("entities") or () if one.get("type") == "mention"]
        ours = activity.get("recipient", {}).get("id")
        named = {one.get("mentioned", {}).get("id") for one in mentions}
        private = conversation.get("conversationType", "personal") == "personal"
        # In a group: what names us, or goes on in a thread where we were asked and names nobody.
        if not private and ours not in named and (named or not await self.desk.knows_thread(thread)):
            return
        if not sender.get("id") or sender.get("role") == "bot" or activity.get("text") is None:
            return
        text = str(activity["text"])
        for one in mentions:
            text = text.replace(str(one.get("text") or ""), " ") if one.get("text") else text
        number = str(activity["id"])
        to = {"conversation": conversation["id"], "service_url": service_url, "activity": number}
        place, user = conversation["id"].partition(";")[0], sender.get("aadObjectId") or sender["id"]
        await self.desk.accept(
            BotMessage("teams", f"{thread}/{number}", self._tenant, place, user, text.strip(), thread, to)
        )

    async def _on_rating(self, activity: Mapping[str, Any]) -> Response:
        action = (activity.get("value") or {}).get("action") or {}
        data, sender = action.get("data") or {}, activity.get("from") or {}
        rating, language, answer = data.get("rating"), data.get("language"), str(data.get("answer"))
        if action.get("verb") != RATE or rating not in ("up", "down") or language not in _LANGUAGES:
            return Response(status_code=400)
        user = str(sender.get("aadObjectId") or sender.get("id"))
        kept = await self.desk.rate(f"teams:{self._tenant}", user, answer, cast(Rating, rating))
        said = word("thanks" if kept else "sorry_rating", cast(Language, language))
        return JSONResponse({"statusCode": 200, "type": _SAID, "value": said})


def _tenant_of(activity: Mapping[str, Any]) -> str | None:
    channel = (activity.get("channelData") or {}).get("tenant") or {}
    tenant: str | None = (activity.get("conversation") or {}).get("tenantId") or channel.get("id")
    return tenant
