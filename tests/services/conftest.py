"""A private PostgreSQL for the run: its own folder, a free port, a user that is not root, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import psycopg2
import pytest

START_SECONDS = 30


def _binary(name: str) -> str | None:
    """Where a program of PostgreSQL is; Debian keeps them out of the path."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    return str(newest[-1]) if newest else shutil.which(name)


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as: it refuses root. None where the tests are not root themselves."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a fresh server, without the name of a database at its end."""
    initdb, server = _binary("initdb"), _binary("postgres")
    if not initdb or not server:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    account = _account()
    run_as = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    folder = Path(tempfile.mkdtemp(prefix="bedside-postgres-"))
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    port = _free_port()
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder), "TZ": "UTC"}
    process = None
    try:
        made = subprocess.run(
            [initdb, "-D", str(folder / "data"), "-U", "bedside", "-A", "trust", "-E", "UTF8", "--no-sync"],
            cwd=folder,
            env=environ,
            capture_output=True,
            text=True,
            **run_as,  # type: ignore[call-overload]
        )
        assert made.returncode == 0, made.stderr
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "max_connections": "80",
        }
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [server, "-D", str(folder / "data"), "-p", str(port), *_flags(settings)],
                cwd=folder,
                env=environ,
                stdout=log,
                stderr=log,
                **run_as,  # type: ignore[call-overload]
            )
        url = f"postgresql://bedside@127.0.0.1:{port}"
        _wait(url, process, folder / "log")
        yield url
    finally:
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)  # ends sessions and stops
            process.wait(timeout=START_SECONDS)
        shutil.rmtree(folder, ignore_errors=True)


def _flags(settings: dict[str, str]) -> list[str]:
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg2.connect(f"{url}/postgres").close()
            return
        except psycopg2.OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)


_NUMBERS = count(1)


@pytest.fixture(scope="session")
def new_database(postgres: str) -> Callable[[], str]:
    """Makes an empty database on the server; its URL."""

    def make() -> str:
        name = f"bedside_{next(_NUMBERS)}"
        with closing(psycopg2.connect(f"{postgres}/postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}")
        return f"{postgres}/{name}"

    return make
