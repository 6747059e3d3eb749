"""The web chat: one page, a session that the server issues and signs, and Socket.IO bound to it at connect.

Rasa's own Socket.IO channel lets the client choose its conversation and does not await `enter_room`, so that no reply
arrives with current libraries; this one does neither.
"""

from __future__ import annotations

import asyncio
import html
import json
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import structlog
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError as Refused
from sqlalchemy import select

from bedside.care import outbox, transfers
from bedside.organization import display_phone
from bedside.rasa.channels.shared import clinic, the_intake
from bedside.rasa.intake import Handler, Reply
from bedside.records.tables import Message

log = structlog.get_logger("bedside.webchat")
WEB = Path(__file__).resolve().parents[2] / "web"
SESSION_HOURS = 12
HISTORY_MESSAGES = 200
PUSH_SECONDS = 0.5
GONE_SECONDS = 120
FILES = {
    "app.js": ("app.js", "text/javascript; charset=utf-8"),
    "style.css": ("style.css", "text/css; charset=utf-8"),
    "labels.json": ("labels.json", "application/json"),
    "socket.io.min.js": ("vendor/socket.io.min.js", "text/javascript; charset=utf-8"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class _SocketBlueprint(Blueprint):
    """Attaches the Socket.IO server when the routes are registered."""

    def __init__(self, sio: AsyncServer) -> None:
        super().__init__("bedside_webchat", __name__)
        self.ctx.sio = sio

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        self.ctx.sio.attach(app, "chat/socket.io")
        super().register(app, options)


class WebChat(InputChannel):
    """The patient's chat page at /chat."""

    @classmethod
    def name(cls) -> str:
        """The channel's name in records and sentences."""
        return "web"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebChat:
        """Made by Rasa from the credentials file."""
        return cls()

    def url_prefix(self) -> str:
        """The page's address."""
        return "/chat"  # an absolute path: not under /webhooks/

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The page, its files, the session, the socket."""
        allowed = [o for o in clinic().settings.environ.get("BEDSIDE_ORIGINS", "").split(",") if o]
        # None means: only pages of this very host may connect.
        sio = AsyncServer(async_mode="sanic", cors_allowed_origins=allowed or None, max_http_buffer_size=100_000)
        routes = _SocketBlueprint(sio)
        _add_page(routes)
        _add_socket(sio, on_new_message, self.name())
        return routes


def _add_page(routes: Blueprint) -> None:
    organization = clinic().organization
    facts = {
        "organization": organization.name,
        "assistant": organization.assistant_name,
        "phone": display_phone(organization.phones.main),
        "phone_href": f"tel:{organization.phones.main}",
    }
    page = (WEB / "index.html").read_text(encoding="utf-8")
    for key, value in facts.items():
        page = page.replace("{{" + key + "}}", html.escape(value, quote=True))

    @routes.route("/", methods=["GET"])
    async def index(_request: Request) -> HTTPResponse:
        return response.html(page, headers=HEADERS)

    @routes.route("/<name:str>", methods=["GET"])
    async def file(_request: Request, name: str) -> HTTPResponse:
        if name not in FILES:
            return response.text("There is no such page.", status=404, headers=HEADERS)
        path, kind = FILES[name]
        return response.raw((WEB / path).read_bytes(), headers={**HEADERS, "Content-Type": kind})

    @routes.route("/session", methods=["POST"])
    async def session(request: Request) -> HTTPResponse:
        try:
            old = (request.json or {}).get("token")
        except Exception:
            old = None
        conversation_id = read_token(old) or f"web-{secrets.token_urlsafe(18)}"
        token, expires = make_token(conversation_id)
        return response.json({"token": token, "expires_at": expires}, headers=HEADERS)


def _add_socket(sio: AsyncServer, on_new_message: Handler, channel: str) -> None:
    pushing = _Once()
    present: Counter[str] = Counter()

    @sio.event
    async def connect(sid: str, _environ: dict[str, Any], auth: Any = None) -> None:
        conversation_id = read_token(auth.get("token") if isinstance(auth, dict) else None)
        if conversation_id is None:
            raise Refused("session")
        await sio.save_session(sid, {"conversation": conversation_id})
        await sio.enter_room(sid, conversation_id)
        present[conversation_id] += 1
        if pushing.first():
            sio.start_background_task(_push, sio)
        await _in_thread(transfers.on_message, clinic(), conversation_id)
        history = _history(conversation_id)
        await sio.emit("history", history, to=sid)
        if not history:
            await _send(sio, conversation_id, await the_intake().open(conversation_id, channel, on_new_message))

    @sio.event
    async def disconnect(sid: str) -> None:
        conversation_id = (await sio.get_session(sid)).get("conversation")
        if conversation_id is None:
            return
        present[conversation_id] -= 1
        if present[conversation_id] > 0:
            return
        del present[conversation_id]
        await sio.sleep(GONE_SECONDS)  # a page that is only loaded again is back by then
        if conversation_id not in present:
            await _in_thread(transfers.lose, clinic(), conversation_id, "the page was closed")

    @sio.event
    async def say(sid: str, data: Any = None) -> dict[str, Any]:
        bound = await sio.get_session(sid)
        conversation_id = bound["conversation"]
        text = data.get("text") if isinstance(data, dict) else None
        client_id = data.get("id") if isinstance(data, dict) else None
        if not isinstance(text, str) or not text.strip():
            return {"ok": False, "reason": "empty"}
        client_id = client_id if isinstance(client_id, str) and 0 < len(client_id) <= 80 else None
        sio.start_background_task(_answer, sio, conversation_id, text, client_id, channel, on_new_message)
        return {"ok": True}


class _Once:
    """Says yes once."""

    def __init__(self) -> None:
        self._done = False

    def first(self) -> bool:
        """Whether nobody asked before."""
        asked, self._done = self._done, True
        return not asked


async def _in_thread(work: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, work, *args)


async def _push(sio: AsyncServer) -> None:
    """Hand open pages what staff and the worker have written. A page that isn't open finds it in its history."""
    while True:
        try:
            for message in await _in_thread(outbox.take_pushes, clinic()):
                shown = {"id": f"m{message.id}", "text": message.text, "buttons": [], "emergency": False}
                await sio.emit(
                    "message",
                    {**shown, "from": message.sender, "at": message.at.isoformat()},
                    room=message.conversation_id,
                )
        except Exception as error:
            log.warning("webchat.not_pushed", error=type(error).__name__)
        await sio.sleep(PUSH_SECONDS)


async def _answer(
    sio: AsyncServer, conversation_id: str, text: str, client_id: str | None, channel: str, handle: Handler
) -> None:
    await sio.emit("typing", {"on": True}, room=conversation_id)
    try:
        replies = await the_intake().receive(conversation_id, channel, text, handle, client_id)
        await _send(sio, conversation_id, replies)
    finally:
        await sio.emit("typing", {"on": False}, room=conversation_id)


async def _send(sio: AsyncServer, conversation_id: str, replies: list[Reply]) -> None:
    for reply in replies:
        await sio.emit(
            "message",
            {
                "id": secrets.token_hex(8),
                "text": reply.text,
                "buttons": [{"title": title} for title in reply.buttons],
                "emergency": reply.emergency,
                "at": clinic().now().isoformat(),
            },
            room=conversation_id,
        )


def _history(conversation_id: str) -> list[dict[str, Any]]:
    with clinic().store.reading() as session:
        rows = session.execute(
            select(Message)
            .where(Message.conversation_id == conversation_id)
            .order_by(Message.id.desc())
            .limit(HISTORY_MESSAGES)
        ).scalars()
        return [
            {
                "from": row.sender,
                "text": row.text,
                "at": row.at.isoformat(),
                "id": row.client_id if row.sender == "patient" else f"m{row.id}",
                "emergency": bool(json.loads(row.extra or "{}").get("emergency")),
                "buttons": [{"title": title} for title in json.loads(row.extra or "{}").get("buttons", [])],
            }
            for row in reversed(list(rows))
        ]


def make_token(conversation_id: str) -> tuple[str, str]:
    """A signed session for one conversation, and when it ends (ISO)."""
    care = clinic()
    expires = care.now() + timedelta(hours=SESSION_HOURS)
    claims = {"sub": conversation_id, "until": expires.isoformat()}
    return jwt.encode(claims, care.keyring.signing_key("webchat"), algorithm="HS256"), expires.isoformat()


def read_token(token: object) -> str | None:
    """The conversation of a session; None when the token is forged, foreign or over."""
    if not isinstance(token, str):
        return None
    care = clinic()
    try:
        claims = jwt.decode(token, care.keyring.signing_key("webchat"), algorithms=["HS256"])
        if datetime.fromisoformat(claims["until"]) <= care.now():
            return None
        return str(claims["sub"])
    except (jwt.InvalidTokenError, KeyError, ValueError):
        return None
