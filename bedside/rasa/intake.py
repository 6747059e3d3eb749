"""One intake for all channels (DESIGN 5): everything a patient sends passes here before anything stores or reads it.

Size, speed, duplicates, redaction, the leading slash, the emergency screen; then one turn of the dialogue, whose
answers are held back until it is known that the turn worked. Where it did not, the patient hears an honest sentence,
and an emergency is answered all the same.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import structlog
from rasa.core.channels.channel import OutputChannel, UserMessage
from sqlalchemy.exc import SQLAlchemyError

from bedside.care import speaking, transfers, trouble
from bedside.care.context import Care
from bedside.language.detect import spoken_language
from bedside.language.encoder import load_encoder
from bedside.organization import display_phone
from bedside.rasa import lean, turns
from bedside.rasa.screening import METADATA_KEY, Screening, screen_text
from bedside.safety import protocol
from bedside.safety.redaction import redact

log = structlog.get_logger("bedside.intake")
T = TypeVar("T")
Handler = Callable[[UserMessage], Awaitable[Any]]
CONVERSATIONS_KEPT = 5_000
REDACTED_TIMES = 2  # of the longest message: what lies behind is dropped unread
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
OPEN_CHAT = "/open_chat"
ASKS_FOR_CARD = "utter_insurance_ask_member_id"


@dataclass(frozen=True)
class Reply:
    """One message to the patient. `emergency`: the page sets it apart."""

    text: str
    buttons: tuple[str, ...] = ()
    emergency: bool = False


class HeldOutput(OutputChannel):
    """Collects what the dialogue says. Never raises: a failing channel must not lose a turn."""

    def __init__(self, channel: str) -> None:
        """`channel` decides which variation of a sentence is said."""
        self._channel = channel
        self.replies: list[Reply] = []
        self.spoken: list[str] = []

    def name(self) -> str:  # type: ignore[override]
        """The channel's name, for channel-specific sentences."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep a response; its name tells an emergency's sentences apart."""
        spoken = str(message.get("utter_action") or "")
        self.spoken.append(spoken)
        buttons = tuple(str(b["title"]) for b in message.get("buttons") or [] if b.get("title"))
        if message.get("text"):
            self.replies.append(Reply(str(message["text"]), buttons, spoken.startswith("utter_emergency_")))

    async def send_text_message(self, recipient_id: str, text: str, **_kwargs: Any) -> None:
        """Keep plain text."""
        self.replies.append(Reply(text))


@dataclass
class _Conversation:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    times: deque[float] = field(default_factory=deque)
    told_removed: bool = False
    in_emergency: bool = False
    asked_number: bool = False  # whether a number from an insurance card was asked for
    doubt: str = ""  # what made us ask whether it is happening now
    language: str = "en"


def _without_slash(text: str) -> str:
    """A typed command is only words."""
    return text.strip().lstrip("/\\ ").strip()


class Intake:
    """The door. One for the whole server."""

    def __init__(self, care: Care, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`monotonic`: seconds, for the rate limit."""
        self._care = care
        self._monotonic = monotonic
        self._talks: OrderedDict[str, _Conversation] = OrderedDict()
        turns.install(care.clock)

    async def open(self, conversation_id: str, channel: str, handle: Handler) -> list[Reply]:
        """Begin a chat on the assistant's side: the greeting. Sent by a channel, never by a patient."""
        lean.keep_what_is_loaded()
        talk = self._talk(conversation_id)
        async with talk.lock:
            return await self._turn(conversation_id, channel, OPEN_CHAT, talk, handle, None, "")

    async def receive(
        self, conversation_id: str, channel: str, text: object, handle: Handler, client_id: str | None = None
    ) -> list[Reply]:
        """Take one message and give back the answers. Never raises for anything a patient can send."""
        lean.keep_what_is_loaded()
        raw = text if isinstance(text, str) else ""
        raw = _CONTROL.sub(" ", raw.encode("utf-8", "replace").decode("utf-8"))
        talk = self._talk(conversation_id)
        talk.language = spoken_language(raw, talk.language if talk.times else None) or talk.language
        screening, _ = await asyncio.gather(
            self._in_thread(screen_text, raw), self._in_thread(self._prepare, _without_slash(raw))
        )
        alarm = screening["decision"] != protocol.CLEAR or talk.in_emergency
        limits = self._care.organization.conversation
        if not raw.strip() and not talk.in_emergency:  # there, no words are an answer: they count as yes (R2)
            return [self._say("utter_empty", talk)]
        if not alarm and len(raw) > limits.longest_message_characters:
            return [self._say("utter_too_long", talk)]
        if not alarm and self._too_fast(talk, limits.messages_per_minute):
            return [self._say("utter_too_fast", talk)]
        # An alarm is heard at any length. Redacted first, cut after: a number cut in two would not be recognized.
        cleaned = redact(
            raw[: REDACTED_TIMES * limits.longest_message_characters], "member ID" if talk.asked_number else ""
        )
        words = _without_slash(cleaned.text[: limits.longest_message_characters]) or "?"
        async with talk.lock:
            if not await self._journal(conversation_id, words, client_id):
                return []
            with_staff = await self._with_staff(conversation_id)
            if with_staff and not alarm:
                return []  # a person answers; the screen has seen it all the same
            if with_staff:
                await self._in_thread(transfers.alert, self._care, conversation_id, words)
            replies = await self._turn(conversation_id, channel, words, talk, handle, screening, words)
        if cleaned.removed and not talk.told_removed:
            talk.told_removed = True
            which = "utter_removed_ssn" if "ssn" in cleaned.removed else "utter_removed_card"
            place = sum(1 for reply in replies if reply.emergency)
            replies.insert(place, self._say(which, talk))
        return replies

    async def _turn(
        self,
        conversation_id: str,
        channel: str,
        text: str,
        talk: _Conversation,
        handle: Handler,
        screening: Screening | None,
        words: str,
    ) -> list[Reply]:
        care, started = self._care, self._care.now()
        report = turns.begin()
        output = HeldOutput(channel)
        metadata: dict[str, Any] = {"at": started.isoformat()}
        if screening is not None:
            metadata[METADATA_KEY] = dict(screening)
        try:
            await handle(UserMessage(text, output, conversation_id, input_channel=channel, metadata=metadata))
        except Exception as error:
            report.failures.append(type(error).__name__)
            log.error("intake.turn_failed", error=type(error).__name__)
        emergency = any(name.startswith("utter_emergency_") for name in output.spoken)
        decision = screening["decision"] if screening else protocol.CLEAR
        talk.asked_number = ASKS_FOR_CARD in output.spoken
        if emergency:
            talk.in_emergency = not {"utter_emergency_safe", "utter_emergency_not_now"} & set(output.spoken)
        told = " / ".join(filter(None, [talk.doubt, words]))
        talk.doubt = words if "utter_emergency_check" in output.spoken else ""
        if not report.failures and output.replies:
            replies = output.replies
        elif emergency:
            replies = [reply for reply in output.replies if reply.emergency]
            await self._write_emergency(conversation_id, talk, screening, told, output.spoken)
        elif screening is not None and decision != protocol.CLEAR:
            replies = [await self._answer_alone(conversation_id, talk, screening, words)]
        elif not words:
            replies = output.replies or [self._say("utter_trouble", talk)]
        else:
            await self._in_thread(trouble.report, care, conversation_id, words)
            replies = [self._say("utter_trouble", talk)]
        await self._keep_replies(conversation_id, replies)
        return replies

    async def _answer_alone(self, conversation_id: str, talk: _Conversation, screening: Screening, words: str) -> Reply:
        """The dialogue is down, and this may be an emergency: the door itself says what must be said (R2)."""
        step = protocol.next_step(
            None, None, screening["decision"], protocol.OTHER, harm_to_others=screening["harm_to_others"]
        )
        assert step is not None
        talk.in_emergency = True
        if step.report:
            await self._in_thread(
                trouble.report_emergency,
                self._care,
                conversation_id,
                step.kind,
                words,
                step.stage,
                talk.language,
            )
        text = speaking.sentences(self._care).say(
            step.response,
            {"language": talk.language, "emergency_about": "other" if screening["about"] == "other" else "self"},
        )
        return Reply(text, emergency=True)

    async def _write_emergency(
        self, conversation_id: str, talk: _Conversation, screening: Screening | None, words: str, spoken: list[str]
    ) -> None:
        """The right thing was said, but the action that writes it down failed: write it here."""
        if {"utter_emergency_check", "utter_emergency_not_now", "utter_emergency_safe"} & set(spoken):
            return
        kind = protocol.MEDICAL
        if screening is not None and screening["decision"] != protocol.CLEAR:
            kind = protocol.kind_of(screening["decision"], screening["harm_to_others"])
        await self._in_thread(
            trouble.report_emergency, self._care, conversation_id, kind, words, protocol.URGED, talk.language
        )

    async def _journal(self, conversation_id: str, words: str, client_id: str | None) -> bool:
        try:
            return await self._in_thread(
                partial(trouble.journal, client_id=client_id), self._care, conversation_id, "patient", words
            )
        except SQLAlchemyError:
            trouble.spool_of(self._care).keep(
                "message", self._care.now(), conversation_id=conversation_id, words=words, client_id=client_id
            )
            return True

    async def _with_staff(self, conversation_id: str) -> bool:
        """Whether somebody of the staff is in the conversation; who was cut off from one is waited for again."""
        try:
            return await self._in_thread(transfers.on_message, self._care, conversation_id)
        except SQLAlchemyError:
            return False

    async def _keep_replies(self, conversation_id: str, replies: list[Reply]) -> None:
        said = [
            (reply.text, json.dumps({"buttons": list(reply.buttons), "emergency": reply.emergency}))
            for reply in replies
        ]
        try:
            await self._in_thread(trouble.keep_said, self._care, conversation_id, said)
        except SQLAlchemyError:
            log.warning("intake.replies_not_kept")

    def _say(self, name: str, talk: _Conversation) -> Reply:
        phone = display_phone(self._care.organization.phones.main)
        return Reply(speaking.sentences(self._care).say(name, {"language": talk.language}, phone=phone))

    def _talk(self, conversation_id: str) -> _Conversation:
        talk = self._talks.pop(conversation_id, None) or _Conversation()
        self._talks[conversation_id] = talk
        while len(self._talks) > CONVERSATIONS_KEPT:
            self._talks.popitem(last=False)
        return talk

    def _prepare(self, text: str) -> None:
        """Encode a message while it is being screened, on the other core; whatever fails here fails again where it is
        dealt with."""
        if 0 < len(text) <= self._care.organization.conversation.longest_message_characters:
            with suppress(Exception):
                load_encoder().encode_whole([text])

    def _too_fast(self, talk: _Conversation, per_minute: int) -> bool:
        now = self._monotonic()
        while talk.times and talk.times[0] < now - 60:
            talk.times.popleft()
        talk.times.append(now)
        return len(talk.times) > per_minute

    @staticmethod
    async def _in_thread(work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(None, partial(work, *args))
