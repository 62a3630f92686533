"""Our saved game in Chocolate Doom, and its in ours: load, play on without input, save, compare."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pydoom import wad
from pydoom.game import archive, dsg, savegame
from pydoom.game.session import Session
from tests.narrow import some
from tests.savegames import without_pointers

CHOCOLATE = shutil.which("chocolate-doom") or shutil.which("chocolate-doom", path="/usr/games")
SAVE_IN_SLOT_1 = ("F2", "Down", "Return", "x", "Return")
PATIENCE_S = 30


@pytest.fixture
def screen() -> Iterator[str]:
    """The name of a private virtual display."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    receiver, sender = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(sender), "-screen", "0", "640x480x24"], pass_fds=[sender], stderr=subprocess.DEVNULL
    )
    os.close(sender)
    with os.fdopen(receiver) as stream:
        yield f":{stream.readline().strip()}"
    server.terminate()
    server.wait()


def saved_during(demo: str, tics: int, assets: wad.Assets, path: Path) -> dsg.ArchivedGame:
    session = Session(assets)
    session.play_demo(assets.demo(demo), single=True)
    for _ in range(tics):
        session.run_tic()
    saved = archive.archive(session.world, "from pydoom")
    path.write_bytes(dsg.pack(saved))
    return saved


def play_and_save(screen: str, wad_path: Path, folder: Path) -> bytes:
    """Let Chocolate Doom load slot 0 of `folder` and save into slot 1."""
    environment = os.environ | {"DISPLAY": screen, "HOME": str(folder), "SDL_AUDIODRIVER": "dummy"}
    environment.pop("XDG_CONFIG_HOME", None)
    command: list[str | Path] = [
        some(CHOCOLATE),
        "-iwad",
        wad_path,
        "-nosound",
        "-nomouse",
        "-nojoy",
        "-window",
        "-savedir",
        folder,
    ]
    result = folder / "doomsav1.dsg"
    with subprocess.Popen([*command, "-loadgame", "0"], env=environment, stdout=subprocess.DEVNULL) as game:
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not result.exists() and time.monotonic() < deadline:
                time.sleep(2)
                for key in SAVE_IN_SLOT_1:
                    subprocess.run(["xdotool", "key", key], env=environment, check=True)
                    time.sleep(0.3)
                time.sleep(0.5)
        finally:
            game.terminate()
    assert result.exists(), "Chocolate Doom did not save"
    return result.read_bytes()


@pytest.mark.e2e
@pytest.mark.skipif(CHOCOLATE is None, reason="chocolate-doom is not installed")
@pytest.mark.parametrize(("demo", "tics"), [("DEMO1", 1500), ("DEMO3", 1510)])
def test_games_are_exchanged_with_chocolate_doom(
    screen: str, wad_path: Path, tmp_path: Path, demo: str, tics: int
) -> None:
    assets = wad.load(wad_path)
    ours = saved_during(demo, tics, assets, tmp_path / "doomsav0.dsg")
    session = Session(assets)
    theirs = savegame.parse(play_and_save(screen, wad_path, tmp_path), session)
    assert theirs.header.leveltime > ours.header.leveltime

    savegame.resume(session, savegame.parse((tmp_path / "doomsav0.dsg").read_bytes(), session))
    for _ in range(theirs.header.leveltime - ours.header.leveltime):
        session.run_tic()
    assert without_pointers(archive.archive(session.world, theirs.header.description)) == without_pointers(theirs)
