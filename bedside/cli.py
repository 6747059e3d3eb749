"""The `bedside` command, for the clinic's engineer."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Optional

import typer
from rich.console import Console
from rich.markup import escape

from bedside import build, runner

# No local variables in tracebacks: they could hold what a patient wrote.
app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def _fail(sentence: object) -> typer.Exit:
    errors.print(f"[bold red]{escape(str(sentence))}[/]")
    return typer.Exit(1)


@app.command()
def run(
    port: int = typer.Option(5005, help="Where the chat is served."),
    actions_port: int = typer.Option(5055, help="Where the action server listens, on this machine only."),
    desk_port: int = typer.Option(5056, help="Where the staff's desk is served."),
    host: str = typer.Option("127.0.0.1", help="The interface to listen on; 0.0.0.0 behind a proxy."),
    rest: bool = typer.Option(False, "--rest", help="Also serve REST, with a bearer token."),
) -> None:
    """Start everything: records, model, action server, chat. Ctrl-C stops it all."""
    from bedside.care.context import open_care

    started = time.monotonic()
    signal.signal(signal.SIGTERM, _interrupt)  # stopped like Ctrl-C, so that no child process is left behind
    try:
        runner.check_port(port, "--port")
        runner.check_port(actions_port, "--actions-port")
        runner.check_port(desk_port, "--desk-port")
        care = open_care()
        prepare_records(care, console.print)
        model = build.model_path()
        if not model.exists():
            console.print("Training the model (about a minute; only when something has changed)")
            _in_own_process("train")
        running = runner.start(
            port=port,
            actions_port=actions_port,
            desk_port=desk_port,
            rest=rest,
            host=host,
            model=model,
            var=care.settings.var,
            say=console.print,
        )
    except KeyboardInterrupt:
        console.print("\nStopped before everything was up.")
        raise typer.Exit(130) from None
    except Exception as error:
        raise _fail(error) from error
    try:
        _welcome(running, rest, time.monotonic() - started, None if care.settings.production else desk_port)
        while running.died() is None:
            time.sleep(0.5)
        raise _fail(f"The {running.died()} process has ended; see {care.settings.var / 'log'}.")
    except KeyboardInterrupt:
        console.print("\nStopping.")
    finally:
        running.stop()


def _interrupt(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _welcome(running: runner.Running, rest: bool, seconds: float, demo_desk: int | None) -> None:
    console.print(f"\n[bold green]Ready[/] after {seconds:.0f} seconds. Open [bold]{running.address}/chat[/]\n")
    console.print('Try, as Maria: "You charged me twice for one scan, $1,420, and nobody calls back"')
    console.print("  name Maria Delgado-Ruiz · date of birth 6/14/1958 · account number A-2204417")
    console.print('Or, as Frank: "I need to move my foot appointment"')
    console.print("  name Frank Petersen · date of birth 7/21/1955 · account number A-1188326")
    console.print('And at any point: "I have an awful pressure in my chest"')
    if demo_desk is not None:
        from bedside.care.demo_staff import PASSWORD

        console.print(f"The staff's desk: [bold]http://127.0.0.1:{demo_desk}[/], as nurse, biller, supervisor…")
        console.print(f'  password "{PASSWORD}", and the code that `bedside staff code nurse` prints')
    if rest:
        token = Path(running.environ["BEDSIDE_VAR"]) / "rest.token"
        console.print(f"REST: POST {running.address}/webhooks/rest/webhook with the bearer token in {token}")
    console.print("Ctrl-C stops it.")


def _in_own_process(command: str) -> None:
    import subprocess

    environ = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "RASA_TELEMETRY_ENABLED": "false", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, "-m", "bedside.cli", command], cwd=build.ROOT, env=environ, check=False)  # noqa: S603
    if done.returncode:
        raise runner.StartError(f"`bedside {command}` failed.")


def prepare_records(care: Any, say: Callable[[str], None]) -> None:
    """Bring the database up to date; an empty one that isn't production gets the demo clinic."""
    from sqlalchemy import func, select

    from bedside.care import demo_staff, trouble
    from bedside.records.loading import load_file
    from bedside.records.migrate import upgrade
    from bedside.records.tables import Patient

    upgrade(care.store.url)
    with care.store.reading() as session:
        people = session.execute(select(func.count()).select_from(Patient)).scalar_one()
    if not people and not care.settings.production:
        say("Loading the demo clinic")
        load_file(care, build.ROOT / "demo" / "riverbend.yml", replace=False)
    open_the_book(care)
    demo_staff.hire(care)
    trouble.take_in(care)


def open_the_book(care: Any) -> None:
    """Make the openings up to the horizon, and the reminders of visits that came from a file; both only once."""
    from bedside.care import scheduling

    scheduling.lay_out(care)
    scheduling.plan_missing(care)


@app.command()
def train(force: bool = typer.Option(False, help="Train even when nothing has changed.")) -> None:
    """Train the model of the present files."""
    import logging

    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    logging.disable(logging.WARNING)
    configure_structlog(logging.ERROR)
    configure_logging_and_warnings(logging.ERROR, warn_only_once=True, filter_repeated_logs=True)
    try:
        console.print(f"Model: {build.train(force).name}")
    except Exception as error:
        raise _fail(error) from error


@app.command()
def check() -> None:
    """Check configuration, stores and content; say what is wrong; exit 1 when anything is."""
    from bedside.checks import problems

    found = problems(os.environ)
    for problem in found:
        errors.print(f"[red]✗[/] {escape(problem)}")
    if found:
        raise typer.Exit(1)
    console.print("[green]✓[/] Configuration, stores and content are fine.")


@app.command()
def worker() -> None:
    """Reminders, promises, late tickets, webhooks, the calendar: all that happens by itself. Part of `bedside run`."""
    from bedside.care.context import open_care
    from bedside.worker import Worker

    try:
        made = Worker(open_care())
    except Exception as error:
        raise _fail(error) from error
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: made.stop())
    made.run()


@app.command()
def desk(
    port: int = typer.Option(5056, help="Where the staff's desk is served."),
    host: str = typer.Option("127.0.0.1", help="The interface to listen on; behind a proxy that speaks HTTPS."),
) -> None:
    """The staff's desk, a web page. Part of `bedside run`."""
    from bedside.care.context import open_care
    from bedside.desk_app.app import serve

    try:
        serve(open_care(), host, port)
    except Exception as error:
        raise _fail(error) from error


staff_app = typer.Typer(no_args_is_help=True, help="Who may sign in at the desk.")
app.add_typer(staff_app, name="staff")


@staff_app.command("add")
def staff_add(
    login: str = typer.Argument(...),
    name: str = typer.Option(..., help="As patients see it."),
    role: str = typer.Option(
        ..., help="nurse, biller, counselor, scheduler, insurance, advocate, records, supervisor…"
    ),
    queue: list[str] = typer.Option([], help="Other queues than the role's; may be given more than once."),
    password: str = typer.Option(..., prompt=True, hide_input=True, confirmation_prompt=True),
) -> None:
    """Make an account; its second proof is shown once, for the owner's authenticator."""
    from bedside.care import staff
    from bedside.care.context import open_care

    try:
        made = staff.add(open_care(), login, name, role, password, queue)
    except Exception as error:
        raise _fail(error) from error
    console.print(f"{made.login} can sign in. For the authenticator, shown only now: {made.address}")


@staff_app.command("end")
def staff_end(login: str = typer.Argument(...)) -> None:
    """End an account and sign it out everywhere."""
    from bedside.care import staff
    from bedside.care.context import open_care

    if not staff.end(open_care(), login):
        raise _fail(f"There is no account {login}.")


@staff_app.command("code")
def staff_code(login: str = typer.Argument(..., help="An account of the demo clinic.")) -> None:
    """The code of a demo account at this moment; refused in production."""
    from bedside.care import demo_staff
    from bedside.care.context import open_care

    try:
        console.print(demo_staff.code(open_care(), login))
    except Exception as error:
        raise _fail(error) from error


webhooks_app = typer.Typer(no_args_is_help=True, help="Ticket events that could not be delivered; docs/webhooks.md.")
app.add_typer(webhooks_app, name="webhooks")


@webhooks_app.command("dead")
def webhooks_dead() -> None:
    """List what was given up, and how many later events of the same ticket wait behind it."""
    from bedside.care import webhooks
    from bedside.care.context import open_care

    care = open_care()
    found = webhooks.dead(care)
    for one in found:
        made = one.made_at.astimezone(care.organization.tz)
        console.print(
            f"{one.delivery_id}  {one.endpoint}  {one.case_number}  {one.event}  {made:%Y-%m-%d %H:%M}  "
            f"{one.tries} tries, last answer {one.answer}, {one.behind} behind it"
        )
    console.print(f"{len(found)} in all.")


@webhooks_app.command("retry")
def webhooks_retry(delivery: int = typer.Argument(..., help="The number in `bedside webhooks dead`.")) -> None:
    """Send one again, and after it what waits behind it."""
    from bedside.care import webhooks
    from bedside.care.context import open_care

    if not webhooks.try_again(open_care(), delivery):
        raise _fail(f"{delivery} is not in the dead-letter list.")


@webhooks_app.command("drop")
def webhooks_drop(
    delivery: int = typer.Argument(..., help="The number in `bedside webhooks dead`."),
    by: str = typer.Option(..., help="Who decides it; kept with the delivery."),
) -> None:
    """Give one up for good, so that what waits behind it can leave."""
    from bedside.care import webhooks
    from bedside.care.context import open_care

    if not webhooks.drop(open_care(), delivery, by):
        raise _fail(f"{delivery} is not in the dead-letter list.")


@app.command()
def load(
    file: Path = typer.Argument(..., exists=True, dir_okay=False, help="A YAML file; see docs/loading.md."),
    replace: bool = typer.Option(False, help="Empty the records first (not in production)."),
) -> None:
    """Load a clinic's people, calendars and statements."""
    from bedside.care.context import open_care
    from bedside.records.loading import load_file
    from bedside.records.migrate import upgrade

    try:
        care = open_care()
        upgrade(care.store.url)
        console.print(str(load_file(care, file, replace=replace)))
        open_the_book(care)
    except Exception as error:
        raise _fail(error) from error


def _answers(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Read JSON lines, write JSON lines; a line that is no JSON object gets an error of its own."""
    for row in _rows(sys.stdin):
        sys.stdout.write(json.dumps({"id": row.get("id"), **answer(row)}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _rows(lines: Any) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise ValueError
        except ValueError:
            raise _fail(f"Line {number} is not a JSON object.") from None
        yield row


@app.command()
def screen() -> None:
    """JSON lines {"id","text"} in; the emergency screen's decision and reasons out."""
    from bedside.safety.screen import load_screen

    nets = load_screen()

    def answer(row: dict[str, Any]) -> dict[str, Any]:
        found = nets.decide(str(row.get("text") or ""))
        return {"decision": found.decision, "reasons": list(found.reasons), "about": found.about}

    _answers(answer)


@app.command()
def redact() -> None:
    """JSON lines {"id","text"} in; the text without full SSNs and card or bank numbers out."""
    from bedside.safety.redaction import redact as clean

    def answer(row: dict[str, Any]) -> dict[str, Any]:
        cleaned = clean(str(row.get("text") or ""))
        return {"text": cleaned.text, "removed": list(cleaned.removed)}

    _answers(answer)


@app.command()
def understand(
    model: Optional[Path] = typer.Option(None, help="A trained model; the present one by default."),
) -> None:
    """JSON lines {"id","text"} in; inquiry, second inquiries, confidence and language out."""
    from bedside.understanding import load_understanding

    understanding = load_understanding(model or build.model_path())
    _answers(lambda row: understanding.read(str(row.get("text") or "")))


@app.command()
def when() -> None:
    """JSON lines {"id","text","now","tz"} in; the date and time that a wish means out."""
    from zoneinfo import ZoneInfo

    from bedside.clock import moment
    from bedside.language.when import read_when

    def answer(row: dict[str, Any]) -> dict[str, Any]:
        zone = ZoneInfo(str(row.get("tz") or "America/New_York"))
        found = read_when(str(row.get("text") or ""), moment(str(row["now"]), zone), zone)
        return {**found.as_json(), "problem": found.problem}

    _answers(answer)


def main() -> None:
    """Entry point."""
    os.chdir(os.environ.get("BEDSIDE_HOME", build.ROOT))
    app()


if __name__ == "__main__":
    main()
