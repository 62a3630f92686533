"""Which password the kiosk uses, when others can connect and when they cannot."""

from __future__ import annotations

import pytest

from pydoom.kiosk import cli
from pydoom.kiosk.errors import KioskError
from pydoom.kiosk.passwords import Password, choose, is_guessable, new_password

PRIVATE = ["127.0.0.1", "127.8.8.8", "::1", "localhost", "/run/kiosk"]
PUBLIC = ["0.0.0.0", "::", "", "192.168.1.20", "fe80::1", "doom.example", "localhost.evil.example"]


@pytest.mark.parametrize("listen", PRIVATE)
def test_the_original_s_password_is_the_default_where_only_this_machine_can_connect(listen: str) -> None:
    assert choose("", listen, allow_guessable=False) == Password("1234")
    assert choose("0000", listen, allow_guessable=False) == Password("0000")


@pytest.mark.parametrize("listen", PUBLIC)
@pytest.mark.parametrize("allow", [False, True])
def test_elsewhere_the_password_is_random_for_each_run(listen: str, allow: bool) -> None:
    first, second = (choose("", listen, allow_guessable=allow) for _ in range(2))
    assert first.is_new
    assert first != second


@pytest.mark.parametrize("listen", PUBLIC)
def test_elsewhere_a_guessable_password_needs_the_flag(listen: str) -> None:
    with pytest.raises(KioskError, match="--allow-guessable-password"):
        choose("1234", listen, allow_guessable=False)
    assert choose("1234", listen, allow_guessable=True) == Password("1234")
    assert choose("mV7!kq", listen, allow_guessable=False) == Password("mV7!kq")


@pytest.mark.parametrize(
    "password",
    ["1", "1234", "12345678", "20261129", "doom", "aB3d5", "password", "PassW0rd", "aaaaaa", "abababab", "xyxyxyx"],
)
def test_short_numeric_common_and_repeated_passwords_are_guessable(password: str) -> None:
    assert is_guessable(password)


@pytest.mark.parametrize("password", ["doom1234", "admin!!", "1234567a", "12 34 56", "qwertyui", "fedcba"])
def test_digits_and_runs_of_keys_do_not_make_a_password_good(password: str) -> None:
    assert is_guessable(password)


@pytest.mark.parametrize("password", ["doomdoom", "abcabc", "monkey1", "freedoom", "zxcvbnm", "vnc12345", "guest123"])
def test_common_words_with_digits_or_repeated_are_guessable(password: str) -> None:
    assert is_guessable(password)


@pytest.mark.parametrize(
    "password", ["p4ssw0rd", "pa55word", "P@$$word", "dr4g0n99", "hunter2", "1qaz2wsx", "q1w2e3r4"]
)
def test_words_spelt_with_digits_are_guessable(password: str) -> None:
    assert is_guessable(password)


def test_random_passwords_have_eight_unmistakable_characters() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(password) == 8 and not set(password) & set("01lo") for password in made)
    assert not any(is_guessable(password) for password in made)


def test_random_password_that_happens_to_be_guessable_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter("29384756" + "ababababa"[:8] + "7kqmx3vw")
    monkeypatch.setattr("secrets.choice", lambda _alphabet: next(drawn))
    assert new_password() == "7kqmx3vw"


@pytest.mark.parametrize("password", ["123456789", "ü", "a\nb", "\x7f"])
def test_passwords_that_vnc_would_misread_are_refused(password: str) -> None:
    for listen in ("127.0.0.1", "0.0.0.0"):
        with pytest.raises(KioskError, match="password"):
            choose(password, listen, allow_guessable=True)


def test_guessable_password_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VNC_PASSWORD", "1234")
    assert cli.main(["--listen", "0.0.0.0"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "easily guessed" in said
