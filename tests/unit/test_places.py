"""Probes and hooks in a policy: what is read, what is refused, and which addresses a name may have."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from hostbridge.model import SetupError
from hostbridge.policy import file
from hostbridge.policy.outside import DEFAULT_HOOK_EVENTS, WebPlace

PROBE = '[[probe]]\nurl = "http://shop.example/"\n'
HOOK = '[[hook]]\nurl = "https://chat.example/secret-path"\n'


def test_a_probe_needs_only_its_url() -> None:
    (probe,) = file.parse(PROBE.encode()).probes
    assert (probe.name, probe.every_seconds, probe.expect, probe.timeout_seconds) == ("shop.example", 1.0, (200,), 2.0)
    assert (probe.place.scheme, probe.place.host, probe.place.port, probe.place.target) == (
        *("http", "shop.example", 80, "/"),
    )


def test_everything_of_probe_and_hook_can_be_set() -> None:
    policy = file.parse(b"""
        [[probe]]
        name = "check out"
        url = "https://[2001:db8::1]:8443/health?deep=1"
        every = 5
        timeout = 0.5
        expect = [200, 204]
        ca = "/etc/ca.pem"
        addresses = ["private", "203.0.113.0/24", "public"]
        [[hook]]
        url = "http://Ops.Example/"
        events = ["kill", "refused"]
        tries = 2
        timeout = 3
        token_file = "/run/secrets/ops"
        header = "X-Token"
        """)
    (probe,), (hook,) = policy.probes, policy.hooks
    assert (probe.name, probe.every_seconds, probe.timeout_seconds, probe.expect) == ("check out", 5, 0.5, (200, 204))
    assert (probe.place.host, probe.place.port, probe.place.target) == ("2001:db8::1", 8443, "/health?deep=1")
    assert probe.place.authority == "[2001:db8::1]:8443"
    assert (hook.name, hook.events, hook.tries) == ("ops.example", ("kill", "refused"), 2)
    assert (hook.token_file, hook.header, hook.place.authority) == ("/run/secrets/ops", "X-Token", "ops.example")


def test_a_hook_hears_of_everything_but_refusals() -> None:
    (hook,) = file.parse(HOOK.encode()).hooks
    assert hook.events == DEFAULT_HOOK_EVENTS
    assert "refused" not in hook.events


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('url = "file:///etc/passwd"', "only http:// and https://"),
        ('url = "ftp://shop.example/"', "only http:// and https://"),
        ('url = "unix:///var/run/docker.sock"', "only http:// and https://"),
        ('url = "shop.example"', "only http:// and https://"),
        ('url = "http://"', "no valid host"),
        ('url = "http://user:secret@shop.example/"', "no place for a password"),
        ('url = "http://shop.example@10.0.0.1/"', "no place for a password"),
        ('url = "http://shop.example/a b"', "printable ASCII"),
        ('url = "http://shop.example/\\r\\nX: y"', "printable ASCII"),
        ('url = "http://shöp.example/"', "printable ASCII"),
        ('url = "http://shop.example:0/"', "no valid port"),
        ('url = "http://shop.example:99999/"', "no valid host or port"),
        ('url = "http://shop.example:http/"', "no valid host or port"),
        ('url = "http://[::1/"', "no valid host or port"),
        ('url = "http://[fe80::1%25eth0]/"', "no valid host"),
        ('url = "http://shop.example/#top"', "fragment"),
        (f'url = "http://shop.example/{"x" * 2000}"', "at most 2000"),
        ("url = 80", "url must be a string"),
        ('name = "checkout"', "it has no url"),
        (f'{PROBE[10:]}addresses = ["everything"]', "'everything' is not a network like 10.0.0.0/8"),
        (f'{PROBE[10:]}addresses = ["10.0.0.1/8"]', "'10.0.0.1/8' is not a network"),
        (f'{PROBE[10:]}addresses = "private"', "addresses: must be a list of strings"),
        (f"{PROBE[10:]}every = 0.1", "every must be a number of seconds from 0.5 to 3600"),
        (f"{PROBE[10:]}every = nan", "every must be"),
        (f"{PROBE[10:]}timeout = 31", "timeout must be a number of seconds from 0.1 to 30"),
        (f"{PROBE[10:]}expect = 99", "expect must be a status"),
        (f"{PROBE[10:]}expect = []", "expect must be a status"),
        (f"{PROBE[10:]}expect = true", "expect must be a status"),
        (f'{PROBE[10:]}name = "a\\u001b[31m"', "name must be a name of at most 24"),
        (f'{PROBE[10:]}name = "{"x" * 25}"', "name must be a name of at most 24"),
        (f'{PROBE[10:]}ca = "ca.pem"', "ca must be an absolute path"),
        (f'{PROBE[10:]}ca = "/ca.pem"', "ca is for https:// URLs"),
        (f'{PROBE[10:]}method = "DELETE"', "unknown key method; known are addresses, ca, every"),
    ],
)  # fmt: skip
def test_probe_that_cannot_be_used_is_refused_in_one_line(line: str, reason: str) -> None:
    with pytest.raises(SetupError) as caught:
        file.parse(f"[[probe]]\n{line}\n".encode())
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ('events = ["kill", "everything"]', "'everything' is not one of kill, fault"),
        ("tries = 0", "tries must be a whole number from 1 to 10"),
        ("tries = 2.5", "tries must be a whole number"),
        ('token_file = "/a"\ntoken_env = "B"', "cannot be combined"),
        ('token_env = "A B"', "token_env must be the name of a variable"),
        ('header = "X-Token"', "header needs token_file or token_env"),
        ('token_env = "A"\nheader = "Host"', "header cannot be Host"),
        ('token_env = "A"\nheader = "X: y"', "header must be the name of a header"),
    ],
)
def test_hook_that_cannot_be_used_is_refused_without_its_url(lines: str, reason: str) -> None:
    with pytest.raises(SetupError) as caught:
        file.parse(f"{HOOK}{lines}\n".encode())
    assert reason in str(caught.value)
    assert "secret-path" not in str(caught.value)


def test_an_error_names_the_line_of_the_right_table() -> None:
    text = f'{PROBE}name = "one"\nevery = 1\n\n{PROBE}name = "two"\nevery = 0\n'
    with pytest.raises(SetupError, match=r"^policy:9: \[\[probe\]\]: every must be"):
        file.parse(text.encode())
    with pytest.raises(SetupError, match=r"^policy:3: \[\[probe\]\]: another one is called shop.example"):
        file.parse((PROBE + PROBE).encode())
    with pytest.raises(SetupError, match=r"write it as \[\[probe\]\]"):
        file.parse(b'[probe]\nurl = "http://shop.example/"\n')
    with pytest.raises(SetupError, match="at most 32"):
        file.parse(PROBE.encode() * 33)


PUBLIC = ("8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808")
PRIVATE = ("10.1.2.3", "172.17.0.2", "192.168.1.1", "fd00::1", "::ffff:10.1.2.3", "64:ff9b::a01:203")
LOOPBACK = ("127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1")
NEVER_BY_DEFAULT = ("169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "ff0e::1", "100.64.0.1",
                    "255.255.255.255", "192.0.2.1", "::7f00:1", "2002:7f00:1::", "2002:a01:203::",
                    "::ffff:169.254.169.254", "fec0::1", "64:ff9b:1::a01:203", "::ffff:0:7f00:1",
                    "4000::1")  # fmt: skip


@pytest.mark.parametrize(
    ("addresses", "allowed"),
    [
        ((), PUBLIC),
        (("private",), PRIVATE),
        (("loopback",), LOOPBACK),
        (("public", "loopback"), (*PUBLIC, *LOOPBACK)),
        (("169.254.169.254/32",), ("169.254.169.254", "::ffff:169.254.169.254")),
        (("10.1.0.0/16",), ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203")),
    ],
)
def test_a_name_may_have_only_addresses_of_the_policy(addresses: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    place = WebPlace.of("http://shop.example/", addresses)
    everything = (*PUBLIC, *PRIVATE, *LOOPBACK, *NEVER_BY_DEFAULT)
    assert [each for each in everything if place.allows(ip_address(each))] == [
        each for each in everything if each in allowed
    ]


def test_an_address_in_a_url_is_the_only_one() -> None:
    place = WebPlace.of("http://127.0.0.1/")
    assert place.allows(ip_address("127.0.0.1"))
    assert not any(map(place.allows, map(ip_address, ("127.0.0.2", "::1", "8.8.8.8"))))


def test_localhost_is_loopback() -> None:
    place = WebPlace.of("http://localhost/")
    assert place.allows(ip_address("127.0.0.1"))
    assert not place.allows(ip_address("8.8.8.8"))


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_odd_spellings_of_addresses_count_as_names(host: str) -> None:
    place = WebPlace.of(f"http://{host}/")
    assert place.literal is None
    assert not place.allows(ip_address("127.0.0.1"))
