"""REST for tests and integrations: a bearer token on every request, and conversations of its own."""

from __future__ import annotations

import hmac
import re
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bedside.rasa.channels.shared import clinic, the_intake
from bedside.rasa.intake import Handler
from bedside.settings import SettingsError

_SENDER = re.compile(r"[\w.:+@-]{1,60}")


class RestChannel(InputChannel):
    """POST /webhooks/rest/webhook {"sender", "message"} gives back [{"recipient_id", "text"}]."""

    def __init__(self) -> None:
        """Raise SettingsError when no token is set: without one, anybody could speak for anybody."""
        self._token = clinic().settings.rest_token
        if len(self._token) < 16:
            raise SettingsError("BEDSIDE_REST_TOKEN is missing or shorter than 16 characters.")

    @classmethod
    def name(cls) -> str:
        """The name in the address."""
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RestChannel:
        """Made by Rasa from the credentials file."""
        return cls()

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The routes."""
        routes = Blueprint("bedside_rest", __name__)

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            given = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
            if not hmac.compare_digest(given.encode(), self._token.encode()):
                return response.json({"error": "a valid bearer token is needed"}, status=401)
            body = _json(request)
            sender, message = body.get("sender"), body.get("message")
            if not isinstance(sender, str) or not _SENDER.fullmatch(sender):
                return response.json({"error": "sender must be 1 to 60 letters, digits or .:+@-_"}, status=400)
            if not isinstance(message, str):
                return response.json({"error": "message must be text"}, status=400)
            replies = await the_intake().receive(f"rest-{sender}", self.name(), message, on_new_message)
            return response.json([{"recipient_id": sender, **_shape(reply)} for reply in replies])

        return routes


def _json(request: Request) -> dict[str, Any]:
    try:
        body = request.json
    except Exception:
        return {}
    return body if isinstance(body, dict) else {}


def _shape(reply: Any) -> dict[str, Any]:
    shaped: dict[str, Any] = {"text": reply.text}
    if reply.buttons:
        shaped["buttons"] = [{"title": title, "payload": title} for title in reply.buttons]
    return shaped
