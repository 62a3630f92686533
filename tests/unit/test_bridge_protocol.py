"""The bridge's protocols, fed without sockets."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostbridge.model import Code, Container
from hostbridge.protocol import names, replies
from hostbridge.protocol.decoder import MAX_LINE, TRANSITIONS, Decoder, DecoderState, Input
from hostbridge.protocol.requests import (
    HelloRequest,
    KillRequest,
    ListRequest,
    Malformed,
    PingRequest,
    Request,
    TextKill,
    TextList,
    TextUnknown,
    WatchRequest,
    WoundRequest,
)


def everything(data: bytes, sizes: list[int] | None = None) -> list[Request]:
    """All requests in `data`, fed in pieces of these sizes (over and over), then end."""
    decoder = Decoder()
    found: list[Request] = []
    sizes = sizes or [len(data) or 1]
    start = turn = 0
    while start < len(data):
        size = sizes[turn % len(sizes)]
        found += decoder.receive(data[start : start + size])
        start += size
        turn += 1
    return found + decoder.end()


@pytest.mark.parametrize("data", [b"list\n", b"  list \r\n", b"list", b"\n\nlist\n", b"\tlist\t"])
def test_list_may_have_white_space_around_it(data: bytes) -> None:
    assert everything(data) == [TextList()]


@pytest.mark.parametrize("data", [b"list\n", b"kill web-1\n", b'{"type":"ping"}\n'])
def test_a_request_is_complete_at_its_newline(data: bytes) -> None:
    decoder = Decoder()
    assert decoder.receive(data[:-1]) == []
    assert len(decoder.receive(data[-1:])) == 1


def test_kill_ignores_extra_words_and_extra_spaces() -> None:
    assert everything(b"kill  web-1 with a rocket\n") == [TextKill("web-1")]


@pytest.mark.parametrize("data", [b"kill\n", b"kill \n", b"lists\n", b"LIST\n", b"rm web\n", b"list all\n", b"\0\n"])
def test_other_words_are_unknown(data: bytes) -> None:
    assert everything(data) == [TextUnknown()]


def test_only_one_text_command_a_connection() -> None:
    decoder = Decoder()
    assert decoder.receive(b"kill a\nkill b\nlist\n") == [TextKill("a")]
    assert decoder.receive(b"list\n") == []
    assert decoder.end() == []


def test_a_bare_list_counts_after_a_silence_but_half_a_kill_never() -> None:
    listing, killing = Decoder(), Decoder()
    listing.receive(b"list")
    killing.receive(b"kill web")
    assert listing.silence() == [TextList()]
    assert killing.silence() == []
    assert killing.receive(b"-1\n") == [TextKill("web-1")]


def test_requests_come_out_at_the_byte_that_completes_them() -> None:
    decoder = Decoder()
    data = b' \n{"type":"ping","seq":1}\n\n{"type":"list"}\n{"type":"ping"}'
    found = [(at, request) for at in range(len(data)) for request in decoder.receive(data[at : at + 1])]
    assert found == [(25, PingRequest(1)), (42, ListRequest(None))]
    assert decoder.end() == [PingRequest(None)]


def test_the_table_of_states_leads_from_blank_to_closed_and_nowhere_from_there() -> None:
    assert set(TRANSITIONS) == set(DecoderState)
    assert TRANSITIONS[DecoderState.CLOSED] == {}
    for state in set(DecoderState) - {DecoderState.CLOSED}:
        assert TRANSITIONS[state][Input.END] is TRANSITIONS[state][Input.TOO_LONG] is DecoderState.CLOSED
    assert DecoderState.TEXT not in TRANSITIONS[DecoderState.JSON].values()


@pytest.mark.parametrize("data", [b"list\n", b"list", b"{nonsense\n", b" "])
def test_a_closed_connection_reads_nothing_more(data: bytes) -> None:
    decoder = Decoder()
    decoder.receive(data)
    decoder.end()
    assert decoder.state is DecoderState.CLOSED
    assert decoder.receive(b"list\n") == decoder.silence() == decoder.end() == []


def test_an_empty_connection_is_not_a_request() -> None:
    assert everything(b"") == []
    assert everything(b" \n \n") == []


def test_json_requests() -> None:
    lines = [
        b'{"type":"hello","version":1,"client":"test","seq":1}',
        b'{"type":"list","seq":"two","surprise":[1,2]}',
        b'{"type":"watch"}',
        b'{"type":"kill","id":"abc","weapon":"shotgun"}',
        b'{"type":"kill","id":"abc","action":"stop"}',
        b'{"type":"wound","id":"abc"}',
        b'{"type":"ping","seq":true}',
    ]
    assert everything(b"\n".join(lines)) == [
        HelloRequest(1, 1, "test"),
        ListRequest("two"),
        WatchRequest(None),
        KillRequest(None, "abc", "shotgun", ""),
        KillRequest(None, "abc", "", "stop"),
        WoundRequest(None, "abc", ""),
        PingRequest(None),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{}", Code.BAD_REQUEST),
        (b'{"type":7}', Code.BAD_REQUEST),
        (b'{"type":"kill"}', Code.BAD_REQUEST),
        (b'{"type":"kill","id":["a"]}', Code.BAD_REQUEST),
        (b'{"type":"hello","version":"1"}', Code.BAD_REQUEST),
        (b'{"type":"dance","seq":3}', Code.UNKNOWN_REQUEST),
        (b"{nonsense", Code.BAD_REQUEST),
        (b'{"type":"\xff"}', Code.BAD_REQUEST),
        (b'{"a":' + b"[" * 30000, Code.BAD_REQUEST),
        (b'{"a":' + b"1" * 5000 + b"}", Code.BAD_REQUEST),
    ],
)
def test_bad_json_is_answered_and_the_conversation_continues(line: bytes, code: Code) -> None:
    bad, good = everything(line + b'\n{"type":"ping"}\n')
    assert isinstance(bad, Malformed)
    assert (bad.code, bad.fatal) == (code, False)
    assert good == PingRequest(None)


def test_later_json_lines_need_not_begin_with_a_brace() -> None:
    _, bad = everything(b'{"type":"ping"}\nlist\n')
    assert isinstance(bad, Malformed)


def test_a_line_of_64_kib_is_read_and_a_longer_one_ends_the_conversation() -> None:
    fits = b'{"type":"ping","pad":"' + b"x" * (MAX_LINE - 24) + b'"}'
    assert len(fits) == MAX_LINE
    assert everything(fits + b"\n", [1000]) == [PingRequest(None)]
    (request,) = everything(b" " * 0 + fits[:-2] + b'xx"}\n{"type":"ping"}\n', [1000])
    assert isinstance(request, Malformed)
    assert (request.code, request.fatal) == (Code.TOO_LARGE, True)


@pytest.mark.parametrize("byte", [b"x", b" ", b"\0"])
def test_a_megabyte_without_a_newline_is_not_kept(byte: bytes) -> None:
    decoder = Decoder()
    found = [request for _ in range(16) for request in decoder.receive(byte * 65536)]
    assert found == [TextUnknown()]
    assert decoder.state is DecoderState.CLOSED


@given(st.binary(max_size=300), st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_pieces_do_not_matter(data: bytes, sizes: list[int]) -> None:
    assert everything(data, sizes) == everything(data, [1])


@given(st.binary(max_size=2000))
def test_no_bytes_upset_the_decoder(data: bytes) -> None:
    for request in everything(b"{" + data) + everything(data):
        assert isinstance(request, Request)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("abc\ud800é\n", max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "a"]), inner, max_size=4),
    max_leaves=8,
)
fields = st.sampled_from(["type", "id", "seq", "weapon", "action", "version", "client"])
kinds = st.sampled_from(["hello", "list", "watch", "kill", "wound", "ping"])


@given(st.dictionaries(fields, json_values | kinds, max_size=7))
def test_a_kill_is_only_read_from_a_kill(value: dict[str, object]) -> None:
    (request,) = everything(json.dumps(value).encode() + b"\n")
    if isinstance(request, KillRequest):
        assert value["type"] == "kill"
        assert request.id == value["id"]


containers = st.builds(
    Container,
    id=st.text("0123456789abcdef", min_size=64, max_size=64),
    name=st.text(max_size=2000),
    image=st.text(max_size=2000),
    created=st.floats(0, 1e10),
    labels=st.dictionaries(st.text(max_size=50), st.text(max_size=3000), max_size=4),
)


@given(st.lists(containers, max_size=12), st.integers(24_000, 65536))
def test_a_list_of_any_length_comes_in_lines_that_fit(found: list[Container], limit: int) -> None:
    texts = [replies.container_json(each, each.labels, False) for each in found]
    lines = replies.pages("list", 5, "up", texts, limit)
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 and len(line) <= limit + 1 for line in lines)
    read = [json.loads(line) for line in lines]
    assert [page["more"] for page in read] == [True] * (len(read) - 1) + [False]
    assert [each["id"] for page in read for each in page["containers"]] == [each.id for each in found]


def test_no_containers_are_no_bytes_in_text() -> None:
    assert names.names([]) == b""
    assert names.names([Container("1", "b"), Container("2", "a")]) == b"b\na\n"


def test_a_name_is_one_printable_word_in_text() -> None:
    assert names.names([Container("1", "a\nb")]) == b"a_b\n"
    assert names.names([Container("1", " db  backup\x1b[2J\ud800 ")]) == b"db_backup?[2J?\n"
    assert names.names([Container("0123456789abcdef", "\t")]) == b"0123456789ab\n"


@given(st.lists(st.text(st.characters() | st.characters(categories=["Cs", "Cc", "Zs"])), max_size=5))
def test_a_listed_name_kills_exactly_its_container(found: list[str]) -> None:
    containers = [Container(f"id-{number}", name) for number, name in enumerate(found)]
    listed = names.names(containers).decode("utf-8").split("\n")[:-1]
    assert len(listed) == len(containers)
    pairs = [(each.id, names.called(each)) for each in containers]
    for line, container in zip(listed, containers, strict=True):
        (request,) = Decoder().receive(f"kill {line}\n".encode())
        assert isinstance(request, TextKill)
        assert container.id in names.meant(request.name, pairs)


def test_a_name_that_matches_two_containers_in_different_ways_matches_neither() -> None:
    tail = "name-that-is-exactly-31-bytes-l"
    assert len(tail) == names.TAIL_BYTES
    assert names.meant(tail, [("1", tail), ("2", f"another-{tail}")]) == {"1", "2"}
    number = str(names.number_of("web"))
    assert names.meant(number, [("1", "web"), ("2", number)]) == {"1", "2"}
    assert names.meant(number, [("1", "web"), ("2", "db")]) == {"1"}


@pytest.mark.parametrize("size", [1000, MAX_LINE + 1, MAX_LINE + 100])
def test_white_space_in_front_has_the_same_limit_however_it_arrives(size: int) -> None:
    data = b" " * size + b'{"type":"ping"}\n'
    pieces = [data[start : start + 700] for start in range(0, len(data), 700)]
    together, cut = Decoder(), Decoder()
    found = together.receive(data)
    assert [request for piece in pieces for request in cut.receive(piece)] == found
    assert isinstance(found[0], PingRequest) == (size < MAX_LINE)
