"""Ratios against the stock `rasa init` bot, side by side in one run on one machine: turns, start, memory, training.

`make bench`. Not a test: it prints figures, it never fails on one.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import requests

from bedside.build import ROOT
from bedside.runner import free_port
from tests.system import running_system

ROUNDS = 12
STOCK_TURNS = ["hello", "i am feeling sad", "yes", "are you a bot?", "great", "bye"]
OUR_TURNS = [
    "you charged me twice for one scan, $1,420",
    "Maria Delgado-Ruiz",
    "6/14/1958",
    "A-2204417",
    "yes those two",
    "yes, before 5",
    "no thank you",
]
# A different word at the end of each round: nobody writes the same message twice, and nothing kept at hand helps.
TAILS = "please|thanks|ok|ty|sir|ma'am|pls|thank you|if you can|now|today|alright|thx".split("|")
ENVIRON = {
    **os.environ,
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "LOG_LEVEL": "ERROR",
    "CUDA_VISIBLE_DEVICES": "-1",
}


def _memory(pid: int) -> float:
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(p.memory_info().rss for p in processes) / 1e6


def _drive(url: str, turns: list[str], headers: dict[str, str]) -> list[float]:
    """Milliseconds of each turn, after one warm-up round."""
    took: list[float] = []
    with requests.Session() as session:
        for number in range(ROUNDS + 1):
            for words in turns:
                begun = time.perf_counter()
                message = f"{words} {TAILS[number]}"
                answer = session.post(
                    url, json={"sender": f"bench-{number}", "message": message}, headers=headers, timeout=60
                )
                answer.raise_for_status()
                if number:
                    took.append((time.perf_counter() - begun) * 1000)
    return took


def _stock(folder: Path) -> dict[str, float]:
    def rasa(*arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "rasa", *arguments], cwd=folder, env=ENVIRON, check=True, capture_output=True
        )

    rasa("init", "--no-prompt", "--init-dir", ".")
    begun = time.perf_counter()
    rasa("train", "--force")
    trained = time.perf_counter() - begun
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "rasa", "run", "--port", str(port)],
        cwd=folder,
        env=ENVIRON,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while True:
            try:
                requests.get(f"http://127.0.0.1:{port}/", timeout=2)
                break
            except requests.RequestException:
                time.sleep(0.2)
        started = time.perf_counter() - begun
        turns = _drive(f"http://127.0.0.1:{port}/webhooks/rest/webhook", STOCK_TURNS, {})
        memory = _memory(process.pid)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
    return _figures(turns, started, memory, trained)


def _ours(folder: Path) -> dict[str, float]:
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bedside.cli", "train", "--force"],
        cwd=ROOT,
        env=ENVIRON,
        check=True,
        capture_output=True,
    )
    trained = time.perf_counter() - begun
    begun = time.perf_counter()
    with running_system(folder) as system:
        started = time.perf_counter() - begun
        headers = {"Authorization": f"Bearer {system.running.environ['BEDSIDE_REST_TOKEN']}"}
        took: list[float] = []
        for number in range(ROUNDS + 1):
            system.reload()  # the same charges can be disputed afresh
            round_took = _drive_once(f"{system.address}/webhooks/rest/webhook", headers, number)
            took += round_took if number else []  # the first round warms up, as with the stock bot
        memory = _memory(system.running.processes["server"].pid)
    return _figures(took, started, memory, trained)


def _drive_once(url: str, headers: dict[str, str], number: int) -> list[float]:
    took = []
    with requests.Session() as session:
        for words in OUR_TURNS:
            content = {"sender": f"bench-{number}", "message": f"{words} {TAILS[number]}"}
            begun = time.perf_counter()
            session.post(url, json=content, headers=headers, timeout=60).raise_for_status()
            took.append((time.perf_counter() - begun) * 1000)
    return took


def _figures(turns: list[float], started: float, memory: float, trained: float) -> dict[str, float]:
    ordered = sorted(turns)
    return {
        "median turn, ms": statistics.median(ordered),
        "95th percentile, ms": ordered[int(len(ordered) * 0.95)],
        "start, s": started,
        "memory of the dialogue server, MB": memory,
        "training, s": trained,
    }


def main() -> None:
    """Measure both, print both and the ratio."""
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        print("measuring Bedside …", flush=True)
        ours = _ours(Path(one))
        print("measuring the stock bot …", flush=True)
        stock = _stock(Path(two))
    print(f"{'':36}{'Bedside':>10}{'stock':>10}{'ratio':>8}")
    for name in ours:
        print(f"{name:36}{ours[name]:>10.1f}{stock[name]:>10.1f}{ours[name] / stock[name]:>8.2f}")


if __name__ == "__main__":
    main()
