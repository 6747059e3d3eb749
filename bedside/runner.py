"""Starting everything: the records, the model, the action server and the dialogue server; and stopping it all again."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bedside.settings import ROOT

START_SECONDS = 120
STOP_SECONDS = 15


class StartError(RuntimeError):
    """Why the start can't go on, in one sentence."""


@dataclass
class Running:
    """The processes of one installation."""

    port: int
    environ: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self.port}"

    def died(self) -> str | None:
        """The name of a process that has ended by itself."""
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)

    def stop(self, *names: str) -> None:
        """Stop the named processes (all, when none is named), gently first."""
        chosen = {name: self.processes[name] for name in names or tuple(self.processes) if name in self.processes}
        for process in chosen.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for name, process in chosen.items():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            del self.processes[name]

    def start_actions(self) -> None:
        """Start the action server and wait until it answers."""
        port = int(self.environ["BEDSIDE_ACTIONS_PORT"])
        self._spawn("actions", [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)])
        self._await("actions", f"http://127.0.0.1:{port}/health")

    def start_server(self, model: Path, credentials: Path, host: str) -> None:
        """Start Rasa with this very model and wait until it answers."""
        if not model.is_file():
            raise StartError(f"The model {model.name} isn't there; `bedside train` makes it.")
        command = [
            sys.executable,
            "-m",
            "rasa",
            "run",
            "--model",
            str(model),
            "--endpoints",
            str(ROOT / "endpoints.yml"),
        ]
        command += ["--credentials", str(credentials), "--port", str(self.port), "--interface", host]
        self._spawn("server", command)

    def start_worker(self) -> None:
        """Start the worker; what has to happen by itself happens in a process of its own."""
        self._spawn("worker", [sys.executable, "-m", "bedside.cli", "worker"])

    def start_desk(self, port: int, host: str) -> None:
        """Start the staff's desk and wait until it answers."""
        command = [sys.executable, "-m", "bedside.cli", "desk", "--port", str(port), "--host", host]
        self._spawn("desk", command)
        self._await("desk", f"http://127.0.0.1:{port}/sign-in")

    def await_server(self) -> None:
        """Wait until the server has started up."""
        self._await("server", f"{self.address}/chat/labels.json")

    def _spawn(self, name: str, command: list[str]) -> None:
        logs = Path(self.environ["BEDSIDE_VAR"]) / "log"
        logs.mkdir(parents=True, exist_ok=True)
        with open(logs / f"{name}.log", "ab") as log:
            # A session of its own: Ctrl-C reaches us alone, and we stop the children in order.
            self.processes[name] = subprocess.Popen(  # noqa: S603
                command, cwd=ROOT, env=self.environ, stdout=log, stderr=log, start_new_session=True
            )

    def _await(self, name: str, url: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.processes[name].poll() is not None:
                log = Path(self.environ["BEDSIDE_VAR"]) / "log" / f"{name}.log"
                raise StartError(f"The {name} process ended while starting; the reason is at the end of {log}.")
            try:
                with urllib.request.urlopen(url, timeout=2):  # noqa: S310
                    return
            except OSError:
                time.sleep(0.2)
        raise StartError(f"The {name} process did not answer within {START_SECONDS} seconds.")


def check_port(port: int, flag: str) -> None:
    """Raise StartError when the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartError(f"Port {port} is in use; stop what uses it, or choose another with {flag}.") from error


def free_port() -> int:
    """A port that is free right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(base: Mapping[str, str], *, var: Path, actions_port: int, rest: bool) -> dict[str, str]:
    """The environment of the child processes."""
    environ = dict(base)
    environ.setdefault("BEDSIDE_REST_TOKEN", "")
    if rest and not environ["BEDSIDE_REST_TOKEN"]:
        token_file = var / "rest.token"
        if not token_file.exists():
            var.mkdir(parents=True, exist_ok=True)
            token_file.touch(mode=0o600)
            token_file.write_text(secrets.token_urlsafe(32), encoding="ascii")
        environ["BEDSIDE_REST_TOKEN"] = token_file.read_text(encoding="ascii").strip()
    environ.update(
        BEDSIDE_VAR=str(var),
        BEDSIDE_ACTIONS_PORT=str(actions_port),
        BEDSIDE_ACTIONS_URL=f"http://127.0.0.1:{actions_port}/webhook",
        RASA_TELEMETRY_ENABLED="false",
        TF_CPP_MIN_LOG_LEVEL="3",
        CUDA_VISIBLE_DEVICES="-1",
        SANIC_WORKERS="1",
        SANIC_HOST="127.0.0.1",  # the action server is for Rasa alone
        ACTION_SERVER_SANIC_WORKERS="1",
        LOG_LEVEL=environ.get("LOG_LEVEL", "WARNING"),
        # A message's small products gain nothing from more threads, which spin on the other processes' cores meanwhile.
        OPENBLAS_NUM_THREADS=environ.get("OPENBLAS_NUM_THREADS", "1"),
        LOG_LEVEL_LIBRARIES="ERROR",
        SQLALCHEMY_SILENCE_UBER_WARNING="1",
        PYTHONWARNINGS="ignore",
        PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT), environ.get("PYTHONPATH")])),
    )
    return environ


def credentials_file(var: Path, rest: bool) -> Path:
    """The channels of this run."""
    path = var / "credentials.yml"
    text = (ROOT / "credentials.yml").read_text(encoding="utf-8")
    if rest:
        text += "bedside.rasa.channels.rest.RestChannel: {}\n"
    path.write_text(text, encoding="utf-8")
    return path


def start(
    *,
    port: int,
    actions_port: int,
    rest: bool,
    host: str,
    model: Path,
    var: Path,
    say: Callable[[str], None],
    desk_port: int | None = None,
) -> Running:
    """Start everything; on any failure nothing is left running. Raise StartError in one sentence."""
    check_port(port, "--port")
    check_port(actions_port, "--actions-port")
    if desk_port is not None:
        check_port(desk_port, "--desk-port")
    running = Running(port, environment(os.environ, var=var, actions_port=actions_port, rest=rest))
    try:
        say("Starting the action server, the dialogue server, the worker and the desk")
        running.start_server(model, credentials_file(var, rest), host)
        running.start_actions()
        running.start_worker()
        if desk_port is not None:
            running.start_desk(desk_port, host)
        running.await_server()
    except BaseException:
        running.stop()
        raise
    return running
