"""The desk's web server. Each page looks up who is signed in, asks one service, and shows what it gives.

Cookies are HttpOnly and SameSite=Strict; every form carries a token of its session and comes from this very host;
templates escape all that a patient wrote; the policy lets no foreign script run.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial, wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import structlog
from sanic import Sanic, response
from sanic.exceptions import MethodNotSupported, NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

from bedside.care import desk_work, staff, transfers
from bedside.care.context import Care
from bedside.care.disputes import NoSuchDispute
from bedside.care.transfers import Person

log = structlog.get_logger("bedside.desk")
HERE = Path(__file__).parent
COOKIE = "bedside_desk"
LONGEST_FORM = 20_000
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none at all, a browser would not say where a form comes from
    "Cache-Control": "no-store",
}
FILES = {"style.css": "text/css; charset=utf-8", "desk.js": "text/javascript; charset=utf-8"}
Page = Callable[..., Awaitable[HTTPResponse]]


class Desk:
    """The pages, over one clinic."""

    def __init__(self, care: Care) -> None:
        """`care`: the clinic at work."""
        self.care = care
        self._labels = json.loads((HERE / "labels.json").read_text(encoding="utf-8"))
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
        )
        self._templates.filters.update(at=self._at, plain=lambda text: str(text).replace("_", " "))

    def _at(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.care.organization.tz):%a %m/%d %H:%M}"

    def show(
        self, name: str, person: Person | None, token: str | None, status: int = 200, **facts: Any
    ) -> HTTPResponse:
        """A page."""
        known = {
            "t": self._labels,
            "clinic": self.care.organization.name,
            "person": person,
            "form_token": staff.form_token(self.care, token) if token else "",
            "queue_name": lambda key: self.care.organization.queue(key).display_name,
            "message": None,
        }
        page = self._templates.get_template(f"{name}.html").render({**known, **facts})
        return response.html(page, status=status, headers=HEADERS)

    def label(self, name: str) -> str:
        """A label."""
        return str(self._labels[name])


async def _do(work: Callable[..., Any], *args: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(None, partial(work, *args))


def _own_host(request: Request) -> bool:
    """Whether a form was sent from a page of this very host."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.host


def make_app(care: Care) -> Sanic:
    """The desk as a Sanic app."""
    desk = Desk(care)
    app = Sanic("bedside_desk", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LONGEST_FORM
    app.config.FALLBACK_ERROR_FORMAT = "text"

    def signed_in(page: Page, *, touch: bool = True) -> Page:
        @wraps(page)
        async def guarded(request: Request, **path: str) -> HTTPResponse:
            token = request.cookies.get(COOKIE)
            person = await _do(partial(staff.whose, touch=touch), care, token)
            if person is None:
                return response.redirect("/sign-in", headers=HEADERS)
            if request.method == "POST":
                given = str((request.form or {}).get("form_token", ""))
                if not _own_host(request) or not hmac.compare_digest(given, staff.form_token(care, str(token))):
                    return desk.show("message", person, token, 403, message=desk.label("not_from_here"))
            try:
                return await page(request, person, str(token), **path)
            except transfers.NotYours:
                return desk.show("message", person, token, 404, message=desk.label("not_found"))
            except desk_work.StillPromised:
                return desk.show("message", person, token, 409, message=desk.label("still_promised"))
            except (transfers.NotThatState, NoSuchDispute, ValueError):
                return desk.show("message", person, token, 409, message=desk.label("went_wrong"))

        return guarded

    @app.get("/sign-in")
    async def sign_in_page(_request: Request) -> HTTPResponse:
        return desk.show("sign_in", None, None)

    @app.post("/sign-in")
    async def sign_in(request: Request) -> HTTPResponse:
        form = request.form or {}
        given = [str(form.get(name, ""))[:200] for name in ("login", "password", "code")]
        made = await _do(staff.sign_in, care, *given) if _own_host(request) else None
        if made is None:
            return desk.show("sign_in", None, None, 403, message=desk.label("sign_in_refused"))
        answer = response.redirect("/", headers=HEADERS)
        answer.cookies[COOKIE] = made.token
        answer.cookies[COOKIE]["httponly"] = True
        answer.cookies[COOKIE]["samesite"] = "Strict"
        answer.cookies[COOKIE]["path"] = "/"
        answer.cookies[COOKIE]["secure"] = care.settings.production
        return answer

    async def sign_out(_request: Request, _person: Person, token: str) -> HTTPResponse:
        await _do(staff.sign_out, care, token)
        answer = desk.show("sign_in", None, None, message=desk.label("signed_out"))
        del answer.cookies[COOKIE]
        return answer

    async def queues(request: Request, person: Person, token: str) -> HTTPResponse:
        only = request.args.get("queue")
        only = only if only in person.queues else None
        return desk.show("queues", person, token, lines=await _do(desk_work.queue, care, person, only), only=only)

    async def search(request: Request, person: Person, token: str) -> HTTPResponse:
        words = str(request.args.get("q", ""))[:80]
        found = await _do(desk_work.search, care, person, words)
        return desk.show("queues", person, token, lines=found, only=None, sought=words)

    async def calls(_request: Request, person: Person, token: str) -> HTTPResponse:
        return desk.show("calls", person, token, owed=await _do(desk_work.calls, care, person))

    async def holds(_request: Request, person: Person, token: str) -> HTTPResponse:
        return desk.show("holds", person, token, held=await _do(desk_work.holds, care, person))

    async def late(_request: Request, person: Person, token: str) -> HTTPResponse:
        return desk.show("late", person, token, late=await _do(desk_work.late, care, person))

    async def ticket(_request: Request, person: Person, token: str, case: str) -> HTTPResponse:
        opened = await _do(desk_work.open_ticket, care, person, case)
        return desk.show("ticket", person, token, ticket=opened, outcomes=desk_work.OUTCOMES)

    async def talk(request: Request, person: Person, _token: str, case: str) -> HTTPResponse:
        after = int(request.args.get("after", "0"))
        said, state = await _do(desk_work.said_since, care, person, case, after)
        return response.json(
            {
                "state": state,
                "said": [
                    {
                        "id": one.message_id,
                        "who": desk.label(f"sender_{one.sender}"),
                        "sender": one.sender,
                        "text": one.text,
                        "at": desk._at(one.at),
                    }
                    for one in said
                ],
            },
            headers=HEADERS,
        )

    async def act(request: Request, person: Person, _token: str, case: str, what: str) -> HTTPResponse:
        form = {name: str(request.form.get(name, ""))[:4000] for name in request.form or {}}
        await _do(_ACTS.get(what, _unknown), care, person, case, form)
        return response.redirect(_ELSEWHERE.get(what, f"/ticket/{case}"), headers=HEADERS)

    app.add_route(signed_in(sign_out), "/sign-out", methods=["POST"])
    for path, page in (("/", queues), ("/search", search), ("/calls", calls), ("/holds", holds), ("/late", late)):
        app.add_route(signed_in(page), path, methods=["GET"])
    app.add_route(signed_in(ticket), "/ticket/<case:str>", methods=["GET"])
    app.add_route(signed_in(talk, touch=False), "/ticket/<case:str>/talk", methods=["GET"])
    app.add_route(signed_in(act), "/ticket/<case:str>/<what:str>", methods=["POST"])

    @app.exception(NotFound, MethodNotSupported)
    async def not_here(_request: Request, _error: Exception) -> HTTPResponse:
        return desk.show("message", None, None, 404, message=desk.label("not_found"))

    @app.exception(Exception)
    async def failed(_request: Request, error: Exception) -> HTTPResponse:
        log.error("desk.page_failed", error=type(error).__name__)  # never with words of a patient
        return desk.show("message", None, None, 500, message=desk.label("failed"))

    @app.get("/files/<name:str>")
    async def file(_request: Request, name: str) -> HTTPResponse:
        if name not in FILES:
            return response.text("There is no such page.", status=404, headers=HEADERS)
        return response.raw((HERE / name).read_bytes(), headers={**HEADERS, "Content-Type": FILES[name]})

    return app


# What a form does -------------------------------------------------------------------------------------------------

Form = dict[str, str]


def _transfer(care: Care, person: Person, case: str) -> int:
    view = desk_work.transfer_of(care, person, case)
    if view is None:
        raise transfers.NotYours("nobody waits with this ticket")
    return view.transfer_id


def _unknown(*_args: Any) -> None:
    raise transfers.NotYours("there is nothing of that name")


def _brief(care: Care, person: Person, case: str, _form: Form) -> None:
    transfers.open_brief(care, person, _transfer(care, person, case))


def _accept(care: Care, person: Person, case: str, _form: Form) -> None:
    transfers.accept(care, person, _transfer(care, person, case))


def _connect(care: Care, person: Person, case: str, form: Form) -> None:
    transfers.connect(care, person, _transfer(care, person, case), form.get("name", ""), form.get("issue", ""))


def _say(care: Care, person: Person, case: str, form: Form) -> None:
    transfers.say(care, person, _transfer(care, person, case), form.get("words", ""))


def _release(care: Care, person: Person, case: str, form: Form) -> None:
    transfers.release(care, person, _transfer(care, person, case), form.get("why", ""))


def _finish(care: Care, person: Person, case: str, form: Form) -> None:
    transfers.finish(care, person, _transfer(care, person, case), form.get("note", ""))


def _later(care: Care, person: Person, case: str, form: Form) -> None:
    minutes = int(form.get("minutes", ""))
    if not 1 <= minutes <= 7 * 24 * 60:
        raise ValueError("a call is promised within a week")
    by = care.now() + timedelta(minutes=minutes)
    transfers.promise_call(care, person, _transfer(care, person, case), by, form.get("why", ""))


_ELSEWHERE = {"hold-keep": "/holds", "hold-end": "/holds", "seen": "/late"}
_ACTS: dict[str, Callable[[Care, Person, str, Form], Any]] = {
    "brief": _brief,
    "accept": _accept,
    "connect": _connect,
    "say": _say,
    "release": _release,
    "finish": _finish,
    "later": _later,
    "take": lambda care, person, case, _form: desk_work.take(care, person, case),
    "called": lambda care, person, case, form: desk_work.made_call(care, person, case, form.get("note", "")),
    "keep": lambda care, person, case, form: desk_work.keep_promise(care, person, case, int(form.get("promise", ""))),
    "note": lambda care, person, case, form: desk_work.add_note(care, person, case, form.get("words", "")),
    "resolve": lambda care, person, case, form: desk_work.resolve(
        care, person, case, form.get("outcome", ""), form.get("note", "")
    ),
    "hold-keep": lambda care, person, case, form: desk_work.keep_hold(
        care, person, case, date.fromisoformat(form.get("review_on", "")), form.get("reason", "")
    ),
    "hold-end": lambda care, person, case, form: desk_work.end_hold(
        care, person, case, [int(form.get("charge", ""))], form.get("reason", "")
    ),
    "seen": lambda care, person, _case, form: desk_work.seen(care, person, int(form.get("escalation", ""))),
}


def serve(care: Care, host: str, port: int) -> None:
    """Serve the desk until the process is told to stop."""
    make_app(care).run(host=host, port=port, workers=1, access_log=False, motd=False, debug=False)
