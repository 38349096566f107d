"""The units for one plain machine, checked by systemd's own tool where it is."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli_processes import processes_app
from bot.settings import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
INSTALLED = "/opt/hr-assistant"
MOST_EXPOSURE = 2.0

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze isn't installed here"
)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Give a folder with the units as they would be if the product were installed here."""
    for path in UNITS:
        text = path.read_text(encoding="utf-8")
        text = text.replace(f"{INSTALLED}/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / path.name).write_text(text.replace(INSTALLED, str(ROOT)), encoding="utf-8")
    return tmp_path


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    files = sorted(folder.iterdir())
    command = ["systemd-analyze", "verify", "--man=no", *files]
    return subprocess.run(command, capture_output=True, text=True)


@needs_systemd
def test_systemd_takes_them(installed: Path) -> None:
    done = verify(installed)
    ours = [line for line in done.stderr.splitlines() if "hr-assistant" in line]
    assert (done.returncode, ours) == (0, [])


@needs_systemd
def test_a_mistake_would_be_seen(installed: Path) -> None:
    unit = installed / "hr-assistant-gateway.service"
    unit.write_text(unit.read_text().replace("RestartSec=1", "RestartSeconds=1"))
    assert "RestartSeconds" in verify(installed).stderr


@needs_systemd
@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)
def test_little_is_left_open(installed: Path, service: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager"]
    done = subprocess.run(
        [*command, installed / service.name], capture_output=True, text=True
    )  # fmt: skip
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert float(exposure.group(1)) <= MOST_EXPOSURE


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)
def test_each_runs_a_command_that_there_is(service: Path) -> None:
    commands = {c.callback.__name__ for c in processes_app.registered_commands} | {"db"}
    text = service.read_text(encoding="utf-8")
    (command,) = re.findall(r"\.venv/bin/hrbot (\w+)", text)
    assert command in commands
    assert "User=hrbot" in text
    assert "EnvironmentFile=/etc/hr-assistant/env" in text


def test_the_target_starts_what_serves_and_only_that_is_started_again() -> None:
    target = (ROOT / "deploy" / "systemd" / "hr-assistant.target").read_text(encoding="utf-8")
    wanted = set(re.findall(r"hr-assistant-\w+\.service", target))
    again = {path.name for path in SERVICES if "Restart=always" in path.read_text()}
    assert wanted == again == {f"hr-assistant-{n}.service" for n in PROCESSES}


PROCESSES = ("actions", "assistant", "gateway")


@pytest.mark.parametrize("name", PROCESSES[:2])
def test_what_is_private_talks_with_this_machine_alone(name: str) -> None:
    text = (ROOT / "deploy" / "systemd" / f"hr-assistant-{name}.service").read_text()
    assert "IPAddressDeny=any\nIPAddressAllow=localhost\n" in text
