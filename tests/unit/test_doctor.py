"""``pydoom doctor``: what it says about each thing that may be missing, and that nothing makes it hang or crash."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pydoom.cli.doctor import devices, engine, extras, folders, packages, probe, report, run, terminals, wads
from pydoom.cli.doctor.check import Check, Status
from pydoom.cli.main import main
from pydoom.cli.options import parse_options
from tests.conftest import ROOT
from tests.unit import wadmaker


def statuses(checks: Iterator[Check]) -> dict[str, Status]:
    return {check.name: check.status for check in checks}


SetAnswer = Callable[[dict[str, object] | Exception], None]
"""Make a probe return this, or fail with it."""


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> SetAnswer:
    """Replace the probes' answers."""

    def set_answer(found: dict[str, object] | Exception) -> None:
        def ask(_name: str) -> dict[str, object]:
            if isinstance(found, Exception):
                raise found
            return found

        for module in (devices, packages):
            monkeypatch.setattr(module, "ask", ask)

    return set_answer


# -- packages


def test_all_packages_are_here() -> None:
    assert set(statuses(packages.check_packages()).values()) == {Status.OK}


def test_a_missing_or_broken_package_is_named_with_the_command_that_fixes_it(answer: SetAnswer) -> None:
    answer({"packages": {"numpy": "ImportError: no libblas", "nosuch": "ModuleNotFoundError"}})
    broken = [check for check in packages.check_packages() if check.status is Status.MISSING]
    assert [("numpy does not load: ImportError: no libblas" in check.message) for check in broken] == [True, False]
    assert broken[0].remedy.endswith("pip install --force-reinstall numpy")
    assert broken[1].remedy.endswith("pip install nosuch")


@pytest.mark.parametrize(("also_ce", "status"), [(True, Status.WARNING), (False, Status.MISSING)])
def test_pygame_must_be_pygame_ce(also_ce: bool, status: Status, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "version", lambda name: "2" if also_ce or name == "pygame" else "")
    (found,) = packages._pygames()
    assert found.status is status
    assert "uninstall --yes pygame" in found.remedy


@pytest.mark.parametrize("foreign", [True, False])
def test_another_projects_pydoom_in_the_way_is_noticed(
    foreign: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "pydoom-0.3.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: pydoom\nVersion: 0.3\n")
    if not foreign:
        (installed / "entry_points.txt").write_text("[console_scripts]\nhostbridge = hostbridge.cli.main:main\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = list(packages._namesakes())
    assert [check.status for check in found] == [Status.WARNING] * foreign
    assert all("uninstall --yes pydoom" in check.remedy for check in found)


@pytest.mark.parametrize("metadata", ["", "Name: pydoom\nVersion: 1\x1b[31m\n"])
def test_another_projects_damaged_pydoom_is_noticed_too(
    metadata: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "pydoom-0.3.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(metadata)
    (installed / "entry_points.txt").write_text("no entry point\n=\n[group]\nnothing\n")
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = packages._namesakes()
    assert found.status is Status.WARNING
    assert found.message.isprintable()
    assert "None" not in found.message


def test_an_old_python_is_refused() -> None:
    assert packages._python((3, 10)).status is Status.MISSING
    assert packages._python((3, 14)).status is Status.OK


def test_the_doctor_needs_none_of_the_packages_it_looks_for() -> None:
    hide = (
        "import sys\n"
        "for name in ('numpy', 'pygame', 'omg', 'platformdirs', 'tqdm'): sys.modules[name] = None\n"
        "from pydoom.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    doctor = subprocess.run([sys.executable, "-c", hide, "doctor"], cwd=ROOT, capture_output=True, text=True)
    assert "Traceback" not in doctor.stderr
    assert "packages" in doctor.stdout
    play = subprocess.run([sys.executable, "-c", hide, "--headless"], cwd=ROOT, capture_output=True, text=True)
    assert play.returncode == 2
    assert "pydoom doctor" in play.stderr
    assert play.stderr.count("\n") == 1


# -- the WAD


def wad(*words: str | Path) -> list[Check]:
    return list(wads.check_wads(parse_options([str(word) for word in words])))


def test_the_shareware_wad_is_known(wad_path: Path) -> None:
    (found,) = wad("--wad", wad_path)
    assert found.status is Status.OK
    assert "DOOM shareware 1.9, as released (SHA-256 1d7d43be501e67d9" in found.message


def test_an_unknown_wad_is_still_playable(tmp_path: Path) -> None:
    path = tmp_path / "doom2.wad"
    path.write_bytes(wadmaker.pack_wad(wadmaker.small_lumps()))
    (found,) = wad("--wad", path)
    assert found.status is Status.OK
    assert "not a known release" in found.message


def test_a_game_without_the_patch_it_needs_says_what_to_get(tmp_path: Path) -> None:
    path = tmp_path / "chex.wad"
    path.write_bytes(wadmaker.pack_wad(wadmaker.small_lumps()))
    found, patch = wad("--wad", path)
    assert found.status is Status.OK
    assert "Chex Quest" in found.message
    assert patch.status is Status.MISSING
    assert "chex.deh" in patch.message
    assert len(wad("--wad", path, "--nodeh")) == 1
    (tmp_path / "chex.deh").write_text("Patch File for DeHackEd v3.0\n")
    assert len(wad("--wad", path)) == 1


def test_no_wad_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wads, "find_iwad", lambda _wanted: None)
    (found,) = wad()
    assert (found.status, found.remedy) == (Status.MISSING, "python -m pydoom.wad.fetch --yes")


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("x.wad", b"IWAD" + bytes(4), "copy it here again"),
        ("x.wad", wadmaker.pack_wad([("MAP01", b"")], b"PWAD"), "--file"),
        ("x.zip", b"PK\x03\x04" + bytes(40), "unpack"),
        ("", b"", "python -m pydoom.wad.fetch"),
    ],
)
def test_a_file_that_is_not_a_game_says_what_to_do_instead(
    tmp_path: Path, name: str, content: bytes, hint: str
) -> None:
    path = tmp_path / (name or "nosuch.wad")
    if name:
        path.write_bytes(content)
    (found,) = wad("--wad", path)
    assert (found.status, hint in found.remedy) == (Status.MISSING, True)


def test_add_ons_and_patches_are_tried(wad_path: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.deh").write_text(
        "Patch File for DeHackEd v3.0\nDoom version = 19\nPatch format = 6\n\nThing 9999 (x)\nSpeed = 1\n"
    )
    assert wad("--wad", wad_path, "--file", tmp_path / "nosuch.wad")[1].status is Status.MISSING
    assert wad("--wad", wad_path, "--deh", tmp_path / "nosuch.deh")[1].status is Status.MISSING
    assert wad("--wad", wad_path, "--deh", tmp_path / "bad.deh")[1].status is not Status.OK


# -- devices


def display(*words: str) -> Check:
    (found,) = devices.check_display(parse_options(list(words)))
    return found


def test_a_window_that_opens(answer: SetAnswer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    answer({"driver": "wayland", "desktop": [1920, 1080]})
    assert display() == Check("display", Status.OK, "a window opens on wayland, 1920x1080")


def test_without_a_display_the_other_ways_to_play_are_listed(
    answer: SetAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    answer({"driver": "offscreen", "desktop": [1024, 768]})
    monkeypatch.setattr(devices, "missing_packages", lambda: ["x11vnc"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    found = display()
    assert found.status is Status.MISSING
    assert found.remedy == "apt install x11vnc && python -m pydoom.kiosk (VNC and browser)"
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    assert display().remedy.startswith("pydoom --terminal, or ")


def test_a_display_is_not_required_where_none_is_needed(answer: SetAnswer) -> None:
    answer(probe.ProbeError("must not be asked"))
    assert display("--headless").status is Status.NOTE
    assert display("--terminal").status is Status.NOTE


def test_drivers_that_show_nothing_are_a_warning_when_chosen(
    answer: SetAnswer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    answer({"driver": "dummy", "desktop": [1, 1]})
    assert (display().status, display().remedy) == (Status.WARNING, "unset SDL_VIDEODRIVER")
    answer(probe.ProbeError("it crashed (SIGABRT)"))
    assert (display().status, display().remedy) == (Status.MISSING, "unset SDL_VIDEODRIVER")


def test_no_sound_is_a_warning(answer: SetAnswer) -> None:
    def sound(*words: str) -> dict[str, Status]:
        return statuses(devices.check_sound(parse_options(list(words))))

    answer({"driver": "pipewire", "music": True})
    assert sound() == {"sound": Status.OK, "music": Status.OK}
    answer({"driver": "dummy", "music": False})
    assert sound() == {"sound": Status.WARNING, "music": Status.WARNING}
    answer(probe.ProbeError("ALSA: no card"))
    assert sound() == {"sound": Status.WARNING}
    assert sound("--nosound") == {"sound": Status.NOTE}


def test_controllers_are_named(answer: SetAnswer) -> None:
    def controllers(*words: str) -> Check:
        (found,) = devices.check_controllers(parse_options(list(words)))
        return found

    answer({"names": ["Xbox Wireless"]})
    assert controllers() == Check("controllers", Status.OK, "Xbox Wireless")
    assert controllers("--no-controller").status is Status.NOTE
    answer({"names": []})
    assert controllers().status is Status.NOTE
    answer(probe.ProbeError("no udev"))
    assert controllers().status is Status.WARNING


# -- terminal


@pytest.mark.parametrize(
    ("environment", "columns", "rows", "status"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, 160, 50, Status.OK),
        ({"TERM": "xterm-kitty"}, 160, 50, Status.OK),
        ({"TERM": "xterm-256color"}, 160, 50, Status.OK),
        ({"TERM": "xterm"}, 160, 50, Status.WARNING),
        ({"TERM": "xterm-kitty"}, 40, 12, Status.WARNING),
        ({"TERM": "dumb"}, 160, 50, Status.MISSING),
        ({}, 160, 50, Status.MISSING),
    ],
)
def test_terminals_are_judged_by_what_they_say(
    environment: dict[str, str], columns: int, rows: int, status: Status
) -> None:
    assert terminals.judge(environment, columns, rows, wanted=True).status is status
    unwanted = terminals.judge(environment, columns, rows, wanted=False).status
    assert unwanted is (status if status is Status.OK else Status.NOTE)


def test_no_terminal_is_missing_only_when_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert statuses(terminals.check_terminal(parse_options([]))) == {"terminal": Status.NOTE}
    assert statuses(terminals.check_terminal(parse_options(["--terminal"]))) == {"terminal": Status.MISSING}


# -- files


def test_a_broken_settings_file_prevents_play(tmp_path: Path) -> None:
    def settings(*words: str | Path) -> Check:
        (found,) = folders.check_settings(parse_options([str(word) for word in words]))
        return found

    path = tmp_path / "pydoom.toml"
    assert settings("--config", path).status is Status.OK
    path.write_text("[video]\nscale = 99\n")
    assert settings("--config", path).status is Status.MISSING
    assert f"{path}:2" in settings("--config", path).message
    path.write_text("[video]\nnosuch = 1\n")
    assert settings("--config", path).status is Status.WARNING
    assert settings("--config", tmp_path).status is Status.MISSING
    assert settings("--no-config").status is Status.NOTE


def test_an_impossible_save_folder_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place, status in ((tmp_path / "new" / "saves", Status.OK), (tmp_path / "file" / "saves", Status.WARNING)):
        assert statuses(folders.check_saves(parse_options(["--save-folder", str(place)]))) == {"saved games": status}
    assert not (tmp_path / "new").exists()


# -- optional parts and the engine


def test_optional_parts_are_missing_only_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(extras, "missing_packages", lambda: ["xvfb", "x11vnc"])
    monkeypatch.setattr(extras, "find_novnc", lambda: None)
    found = list(extras.check_extras(parse_options([])))
    assert {check.status for check in found} == {Status.NOTE}
    assert found[2].remedy.startswith("apt install xvfb x11vnc && ")
    assert "pydoom-containers[kiosk]" in found[2].remedy
    found = list(extras.check_extras(parse_options(["--record-video", "x.mp4"])))
    assert found[0].status is Status.MISSING
    assert "pydoom-containers[video]" in found[0].remedy


def test_the_engine_is_the_bridge_s_business_and_never_prevents_play(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(answer: object) -> Check:
        def tell(_command: list[str]) -> object:
            if isinstance(answer, Exception):
                raise answer
            return {"checks": [answer, {"name": "policy", "status": "missing", "message": "", "remedy": ""}]}

        monkeypatch.setattr(engine, "run", tell)
        (found,) = engine.check_engine(parse_options([]))
        return found

    away = {"name": "engine", "status": "missing", "message": "there is no socket", "remedy": "start it"}
    assert check(away) == Check("engine", Status.NOTE, "there is no socket; plain DOOM needs none", "start it")
    assert check(away | {"status": "ok"}).status is Status.OK
    assert check(probe.ProbeError("no answer in 15 seconds")).status is Status.WARNING
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert check(away).status is Status.NOTE


# -- probes


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_probe_that_crashes_hangs_or_babbles_is_reported() -> None:
    assert probe.run(python("print('{\"a\": 1}')")) == {"a": 1}
    with pytest.raises(probe.ProbeError, match=r"crashed \(SIGABRT\)"):
        probe.run(python("import os; os.abort()"))
    with pytest.raises(probe.ProbeError, match="no answer in 1 seconds"):
        probe.run(python("import time; time.sleep(60)"), seconds=1)
    with pytest.raises(probe.ProbeError, match="the reason"):
        probe.run(python("import sys; sys.exit('first\\nthe reason')"))
    with pytest.raises(probe.ProbeError, match="exit status 3"):
        probe.run(python("raise SystemExit(3)"))
    with pytest.raises(probe.ProbeError, match="No such file"):
        probe.run(["/no/such/program"])


def test_real_probes_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    assert probe.ask("display")["driver"] == "dummy"
    assert probe.ask("sound")["driver"] == "dummy"
    assert isinstance(probe.ask("controllers")["names"], list)
    monkeypatch.setenv("SDL_VIDEODRIVER", "nonsense")
    with pytest.raises(probe.ProbeError, match="nonsense not available"):
        probe.ask("display")


# -- the whole


def test_a_family_that_hangs_or_breaks_does_not_hide_the_others_results() -> None:
    def hangs() -> Iterator[Check]:
        yield Check("slow", Status.OK, "first")
        over.wait(30)

    def breaks() -> Iterator[Check]:
        raise ZeroDivisionError("oh")
        yield

    over = threading.Event()
    families = {"slow": hangs, "broken": breaks, "good": lambda: [Check("good", Status.OK, "")]}
    found = list(run.examine(families, seconds=0.5))
    over.set()
    assert [check.name for check in found] == ["slow", "slow", "broken", "good"]
    assert "does not answer in time" in found[1].message
    assert "ZeroDivisionError: oh" in found[2].message


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_that_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert report.wants_colours(Terminal())
    assert not report.wants_colours(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not report.wants_colours(Terminal())
    check = Check("wad", Status.MISSING, "none\x1b[2J", "fetch it")
    assert report.line(check, False) == "missing  wad          none [2J\n                      -> fetch it"
    assert report.line(check, True).startswith("\x1b[1;31mmissing")


def doctor(tmp_path: Path, wad_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The installed program, on a machine with only the WAD."""
    program = Path(sys.executable).with_name("pydoom")
    command = [str(program)] if program.exists() else [sys.executable, "-m", "pydoom"]
    environment = os.environ | {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "SDL_VIDEODRIVER": "dummy",
        "SDL_AUDIODRIVER": "dummy",
    }
    return subprocess.run(
        [*command, "doctor", "--wad", str(wad_path), *words],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def test_the_installed_program_finds_all_that_is_needed(tmp_path: Path, wad_path: Path) -> None:
    done = doctor(tmp_path, wad_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("Ready to play.\n")
    assert "\x1b" not in done.stdout
    for name in ("python", "packages", "wad", "display", "sound", "settings", "bridge", "engine", "kiosk"):
        assert f" {name} " in done.stdout
    assert not list(tmp_path.rglob("*.toml"))


def test_scripts_get_one_json_object_and_a_status(tmp_path: Path, wad_path: Path) -> None:
    done = doctor(tmp_path, wad_path, "--json", "--bridge", "unix:///nowhere.sock")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["ready"] is False
    (bridge,) = [check for check in found["checks"] if check["name"] == "bridge"]
    assert bridge["status"] == "missing"
    assert bridge["remedy"] == "hostbridge --socket /nowhere.sock"


def test_the_doctor_refuses_what_the_game_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--skill", "9"]) == 2
    assert capsys.readouterr().err.startswith("pydoom: argument --skill")
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--help"])
    assert ended.value.code == 0
    assert "pydoom doctor [--json] [options]" in capsys.readouterr().out


def test_the_doctor_can_be_interrupted(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "bridge.sock"))
        silent.listen()
        silent.settimeout(60)
        command = [sys.executable, "-m", "pydoom", "doctor", "--bridge", f"unix://{tmp_path}/bridge.sock"]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as running:
            connection, _ = silent.accept()  # now the doctor is at work, and waits for an answer
            running.send_signal(signal.SIGINT)
            assert running.wait(20) == 130
        connection.close()
