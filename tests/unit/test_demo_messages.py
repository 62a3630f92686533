"""Messages to a demo's player are part of the frames: the same with and without a keyboard, a screen or a folder."""

from pathlib import Path

from pydoom.game.control import GameStatus
from pydoom.game.session import Session, TicObserver
from pydoom.game.state import GameState
from pydoom.wad import Assets

DEMOS = Path(__file__).parent / "demos"


class Listener(TicObserver):
    """Notes in which tic the player is told what."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []

    def tic_played(self, game: GameStatus) -> None:
        player = game.world.players[0]
        if game.gamestate == GameState.LEVEL and player.message:
            self.heard.append((game.gametic, player.message))
            player.message = None


def heard(assets: Assets, name: str) -> list[tuple[int, str]]:
    listener = Listener()
    session = Session(assets, observers=[listener])
    session.play_demo((DEMOS / f"{name}.lmp").read_bytes(), single=True)
    while not session.over:
        session.run_tic()
    return listener.heard


def test_a_turbo_player_is_named_as_in_chats(assets: Assets) -> None:
    assert {message for _, message in heard(assets, "turbo-message")} == {"Green:  is turbo!"}


def test_a_saving_demo_says_so_where_nothing_is_saved(assets: Assets) -> None:
    assert (11, "game saved.") in heard(assets, "save-message")
