"""Plays a demo once and keeps every tic row and frame row, to be compared with the original's."""

import lzma
from dataclasses import dataclass
from pathlib import Path

from pydoom.game.control import GameStatus
from pydoom.game.session import TicObserver
from pydoom.game.trace import FRAME_COLUMNS, TIC_COLUMNS, TicRecorder, frame_row
from pydoom.run.headless import play_through
from pydoom.run.machine import Machine
from pydoom.screens.settings import Settings
from pydoom.wad import Assets

DATA = Path(__file__).parent / "data"
WAD_DEMOS = ("demo1", "demo2", "demo3")
MADE_DEMOS = tuple(sorted(path.stem for path in DATA.glob("*.lmp")))
ALL_DEMOS = WAD_DEMOS + MADE_DEMOS
RULE_DEMOS = tuple(sorted(f"rules/{path.stem}" for path in DATA.glob("rules/*.lmp")))


@dataclass
class Recording:
    """Rows without their header; `frames` is empty if nothing was drawn."""

    tics: list[str]
    frames: list[str]


class TicRows(TicObserver):
    """Keeps the row of every tic of the game that it observes."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self._recorder = TicRecorder()

    def tic_played(self, game: GameStatus) -> None:
        self.rows.append(self._recorder.row(game))


def demo_bytes(assets: Assets, name: str) -> bytes:
    if name in WAD_DEMOS:
        return assets.demo(name.upper())
    return (DATA / f"{name}.lmp").read_bytes()


def play(
    assets: Assets,
    name: str,
    *,
    screenblocks: int = 10,
    draw: bool = True,
    trace_tics: bool = True,
    renderer: str = "auto",
) -> Recording:
    """Play demo `name` to its end in one pass."""
    rows = TicRows()
    game = Machine(
        assets, Settings(screenblocks=screenblocks), observers=[rows] if trace_tics else [], renderer=renderer
    )
    session = game.session
    session.play_demo(demo_bytes(assets, name), single=True)
    recording = Recording(rows.rows, [])
    for frame in play_through(game, draw=draw):
        if frame is not None:
            recording.frames.append(frame_row(session, frame.melts, frame.palette, frame.screen, frame.view))
    return recording


def golden_tics(name: str) -> list[str]:
    return _rows(f"{name}.tics.csv.xz", TIC_COLUMNS)


def golden_frames(name: str, screenblocks: int) -> list[str]:
    return _rows(f"{name}.sb{screenblocks}.frames.csv.xz", FRAME_COLUMNS)


def _rows(file: str, columns: str) -> list[str]:
    header, *rows = lzma.decompress((DATA / file).read_bytes()).decode("ascii").splitlines()
    assert header == columns
    return rows


def first_difference(ours: list[str], theirs: list[str], columns: str, ignored: frozenset[str] = frozenset()) -> str:
    """The first difference, as "row N: column ours/theirs"; empty when nothing does."""
    names = columns.split(",")
    for number, (our_row, their_row) in enumerate(zip(ours, theirs, strict=False)):
        if our_row == their_row:
            continue
        our_fields, their_fields = our_row.split(","), their_row.split(",")
        if len(our_fields) != len(their_fields):
            return f"row {number}: {our_row} is not {their_row}"
        differences = [
            f"{name} {ours}/{theirs}"
            for name, ours, theirs in zip(names, our_fields, their_fields, strict=False)
            if ours != theirs and name not in ignored
        ]
        if differences:
            return f"row {number}: {', '.join(differences)}"
    return "" if len(ours) == len(theirs) else f"{len(ours)} rows instead of {len(theirs)}"
