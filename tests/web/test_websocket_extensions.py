"""What stands in Sec-WebSocket-Extensions: its grammar, beside websockets', and what is made of offers and answers."""

import time
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidHeaderFormat, NegotiationError
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.headers import parse_extension

from netlab.web.websocket.deflate import BITS, PARAMETERS, Deflate, accepted, agree, offer
from netlab.web.websocket.extensions import Extension, format, parse
from netlab.wire import WireError

# ------------------------------------------------------------------------------------------------------------ grammar

TAKEN = {
    "foo": [Extension("foo")],
    "foo, bar; baz=2": [Extension("foo"), Extension("bar", (("baz", "2"),))],  # the RFC's own, as is the next one
    "mux; max-channels=4; flow-control, deflate-stream": [
        Extension("mux", (("max-channels", "4"), ("flow-control", None))),
        Extension("deflate-stream"),
    ],
    " \tfoo \t;\t a \t=\t b\t , \t": [Extension("foo", (("a", "b"),))],
    ",foo,, ,bar,": [Extension("foo"), Extension("bar")],
    'foo; a="b"': [Extension("foo", (("a", "b"),))],
    'foo; a="\\b\\+c"; d': [Extension("foo", (("a", "b+c"), ("d", None)))],
    "foo; a; a=1": [Extension("foo", (("a", None), ("a", "1")))],  # what it means is for the extension to say
    "foo, foo": [Extension("foo"), Extension("foo")],
    "!#$%&'*+-.^_`|~09azAZ": [Extension("!#$%&'*+-.^_`|~09azAZ")],
}
REFUSED = [
    *("", " ", ",", " , ,\t", ";", "=", "; a", "=a", '"foo"', "foo bar", "foo;", "foo;;a", "foo; ;a", "foo, ;a"),
    *("foo; a=", "foo; =a", "foo; a==b", "foo; a=b=c", "foo; a b", "foo=b", "foo; a=(b)", "foo/1", "foo, b{r"),
    *('foo; a="', 'foo; a="b', 'foo; a=""', 'foo; a="b c"', 'foo; a="b,c"', 'foo; a="\\"', 'foo; a="\\""', 'foo; "a"'),
    *("foo\n", "foo\r\n", "\nfoo", "foo\0", "foo; a=\x7f", "é", "foo; a=é", 'foo; a="é"', "foo;\xa0a", "٣; a=١"),
]


@pytest.mark.parametrize("value", TAKEN)
def test_what_follows_the_grammar_is_taken(value: str) -> None:
    assert parse(value) == TAKEN[value]


@pytest.mark.parametrize("value", REFUSED)
def test_what_does_not_is_refused(value: str) -> None:
    with pytest.raises(WireError, match=r"list of extensions .*\(RFC 6455 §9.1\)"):
        parse(value)


def test_the_refusal_shows_where() -> None:
    with pytest.raises(WireError) as error:
        parse("foo; a=(b) and so on and on")
    assert error.value.message == "no list of extensions goes on with '=(b) and so on and o'"


tokens = st.text("abz019-_.!~", min_size=1, max_size=8)
extensions = st.builds(
    lambda name, params: Extension(name, tuple(params)),
    tokens,
    st.lists(st.tuples(tokens, st.none() | tokens), max_size=4),
)


@given(st.lists(extensions, min_size=1, max_size=4))
def test_what_is_written_is_read(some: list[Extension]) -> None:
    assert parse(", ".join(format(one) for one in some)) == some


@pytest.mark.parametrize("word", ["", "a b", "a;b", "a,b", "a=b", 'a"', "a\r\nX: y", "é", "a\0"])
def test_only_tokens_are_written(word: str) -> None:
    for extension in (Extension(word), Extension("a", ((word, None),)), Extension("a", (("a", "b"), ("c", word)))):
        with pytest.raises(ValueError, match="no token"):
            format(extension)


@settings(max_examples=1000)
@given(st.text('ab;,=" \t\\-(', max_size=12))
@example('a;b="\\a\\b"')
def test_websockets_reads_the_same(value: str) -> None:
    """It is handed a value without the blanks around it, and so are we."""
    value = value.strip(" \t")
    try:
        theirs = [Extension(name, tuple(params)) for name, params in parse_extension(value)]
    except InvalidHeaderFormat:
        with pytest.raises(WireError):
            parse(value)
    else:
        assert parse(value) == theirs


@pytest.mark.serial
def test_a_hostile_value_takes_no_longer_than_its_length() -> None:
    start = time.process_time()
    for begin, again, end in product(
        ("", "a", "a;b", "a;b=", 'a;b="'), (" ", "a", ",", "\\a", ";", " ,"), ("", "(", '"')
    ):
        with suppress(WireError):
            parse(begin + again * 50_000 + end)
    assert time.process_time() - start < 5  # it is 0.3; where it took the square, a single one took a minute


# --------------------------------------------------------------------------------------------------------- agreement


def extension(params: str, name: str = "permessage-deflate") -> Extension:
    return parse(f"{name}; {params}" if params else name)[0]


def written(one: Extension) -> str:
    """Return the parameters as they are written, in the short form of the tables below."""
    return format(one).partition("; ")[2]


SERVER, CLIENT = "server_no_context_takeover", "client_no_context_takeover"
SERVER_BITS, CLIENT_BITS = "server_max_window_bits", "client_max_window_bits"


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        (Deflate(), CLIENT_BITS),
        (Deflate(True), f"{SERVER}; {CLIENT_BITS}"),
        (Deflate(False, True), f"{CLIENT}; {CLIENT_BITS}"),
        (Deflate(False, False, 8, 9), f"{SERVER_BITS}=8; {CLIENT_BITS}=9"),
        (Deflate(True, True, 14, 15), f"{SERVER}; {CLIENT}; {SERVER_BITS}=14; {CLIENT_BITS}"),
    ],
)
def test_what_a_client_offers(ours: Deflate, said: str) -> None:
    assert written(offer(ours)) == said


@pytest.mark.parametrize(
    ("offered", "ours", "terms", "said"),
    [
        ("", Deflate(), Deflate(), ""),
        (SERVER, Deflate(), Deflate(True), SERVER),
        (CLIENT, Deflate(), Deflate(False, True), CLIENT),
        ("", Deflate(True, True), Deflate(True, True), f"{SERVER}; {CLIENT}"),
        ("", Deflate(server_max_window_bits=9), Deflate(False, False, 9), f"{SERVER_BITS}=9"),
        (f"{SERVER_BITS}=10", Deflate(), Deflate(False, False, 10), f"{SERVER_BITS}=10"),
        (f"{SERVER_BITS}=15", Deflate(), Deflate(), f"{SERVER_BITS}=15"),  # it asks, so it is told
        (f"{SERVER_BITS}=12", Deflate(False, False, 9), Deflate(False, False, 9), f"{SERVER_BITS}=9"),
        (f"{SERVER_BITS}=8", Deflate(), Deflate(False, False, 8), f"{SERVER_BITS}=8"),
        (CLIENT_BITS, Deflate(), Deflate(), ""),
        (CLIENT_BITS, Deflate(False, False, 15, 10), Deflate(False, False, 15, 10), f"{CLIENT_BITS}=10"),
        (f"{CLIENT_BITS}=9", Deflate(False, False, 15, 10), Deflate(False, False, 15, 9), f"{CLIENT_BITS}=9"),
        (f"{CLIENT_BITS}=11", Deflate(False, False, 15, 10), Deflate(False, False, 15, 10), f"{CLIENT_BITS}=10"),
        (f"{CLIENT_BITS}=11", Deflate(), Deflate(False, False, 15, 11), f"{CLIENT_BITS}=11"),
        (f"{CLIENT_BITS}=15", Deflate(), Deflate(), ""),
    ],
)
def test_what_a_server_answers(offered: str, ours: Deflate, terms: Deflate, said: str) -> None:
    agreed = agree([extension(offered)], ours)
    assert agreed
    assert (agreed[0], written(agreed[1])) == (terms, said)


MALFORMED = [
    *("level=9", f"{SERVER}; {SERVER}", f"{SERVER_BITS}=9; {SERVER_BITS}=9", f"{CLIENT_BITS}; {CLIENT_BITS}=9"),
    *(f"{SERVER}=1", f"{CLIENT}=true", SERVER_BITS, SERVER.upper()),
    *(
        f"{key}={value}"
        for key in (SERVER_BITS, CLIENT_BITS)
        for value in ("7", "16", "0", "08", "015", "-9", "9.0", "x")
    ),
]


@pytest.mark.parametrize("params", MALFORMED)
def test_a_malformed_offer_is_declined_and_a_malformed_answer_refused(params: str) -> None:
    assert agree([extension(params)], Deflate()) is None
    good = extension(f"{CLIENT_BITS}=9")
    agreed = agree([extension("", "x-deflate"), extension(params), good, extension("")], Deflate())
    assert agreed == (Deflate(False, False, 15, 9), good), "the next offer that will do"
    with pytest.raises(WireError, match=r"\(RFC 7692 §7\)"):
        accepted(extension(params), Deflate())


def test_no_offer_no_agreement() -> None:
    assert agree([], Deflate()) is None
    assert agree([extension("", "x-deflate"), extension(CLIENT_BITS, "Permessage-Deflate")], Deflate()) is None


def test_a_limit_that_cannot_be_told_is_none_to_agree_on() -> None:
    narrow = Deflate(client_max_window_bits=12)
    assert agree([extension("")], narrow) is None
    assert agree([extension(""), extension(CLIENT_BITS)], narrow) == (narrow, extension(f"{CLIENT_BITS}=12"))


@pytest.mark.parametrize(
    ("ours", "answer", "terms"),
    [
        (Deflate(), "", Deflate()),
        (Deflate(), f"{SERVER}; {CLIENT}", Deflate(True, True)),  # the server may do that unasked
        (Deflate(), f"{SERVER_BITS}=8; {CLIENT_BITS}=9", Deflate(False, False, 8, 9)),
        (Deflate(True), SERVER, Deflate(True)),
        (Deflate(False, True), "", Deflate(False, True)),  # it is the client's own to keep
        (Deflate(False, False, 12), f"{SERVER_BITS}=12", Deflate(False, False, 12)),
        (Deflate(False, False, 12), f"{SERVER_BITS}=9", Deflate(False, False, 9)),
        (Deflate(False, False, 15, 10), "", Deflate(False, False, 15, 10)),
        (Deflate(False, False, 15, 10), f"{CLIENT_BITS}=9", Deflate(False, False, 15, 9)),
        (Deflate(False, False, 15, 10), f"{CLIENT_BITS}=12", Deflate(False, False, 15, 10)),
    ],
)
def test_what_a_client_makes_of_an_answer(ours: Deflate, answer: str, terms: Deflate) -> None:
    assert accepted(extension(answer), ours) == terms


@pytest.mark.parametrize(
    ("ours", "answer", "why"),
    [
        (Deflate(True), "", r"takes over \(RFC 7692 §7.1.1.1\)"),
        (Deflate(True), CLIENT, r"takes over \(RFC 7692 §7.1.1.1\)"),
        (Deflate(False, False, 12), "", r"asked for 12 window bits, and takes 15 \(RFC 7692 §7.1.2.1\)"),
        (Deflate(False, False, 12), f"{SERVER_BITS}=13", r"asked for 12 window bits, and takes 13"),
        (Deflate(), CLIENT_BITS, "means nothing in an answer"),  # without a value, that is for offers only
    ],
)
def test_what_a_client_does_not_accept(ours: Deflate, answer: str, why: str) -> None:
    with pytest.raises(WireError, match=why):
        accepted(extension(answer), ours)
    with pytest.raises(WireError, match="x-deflate is not permessage-deflate"):
        accepted(extension(answer, "x-deflate"), ours)


@pytest.mark.parametrize("bits", [-15, 0, 7, 16, 31])
def test_a_window_has_eight_to_fifteen_bits(bits: int) -> None:
    for more in ({SERVER_BITS: bits}, {CLIENT_BITS: bits}):
        with pytest.raises(ValueError, match=f"a window has 8 to 15 bits, not {bits}"):
            Deflate(**more)  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------------------- websockets

limits = st.builds(Deflate, st.booleans(), st.booleans(), st.sampled_from(BITS), st.sampled_from(BITS))


def theirs_as_terms(end: PerMessageDeflate, client: bool) -> Deflate:
    remote = (end.remote_no_context_takeover, end.remote_max_window_bits)
    local = (end.local_no_context_takeover, end.local_max_window_bits)
    server, other = (remote, local) if client else (local, remote)
    return Deflate(server[0], other[0], server[1], other[1])


@settings(max_examples=300)
@given(limits, limits)
def test_websockets_as_a_server_answers_what_we_accept(ours: Deflate, theirs: Deflate) -> None:
    asked, (flag, other, bits, more) = offer(ours), (getattr(theirs, name) for name in PARAMETERS)
    factory = ServerPerMessageDeflateFactory(flag, other, max(bits, 9), more)
    try:
        params, end = factory.process_request_params(list(asked.params), [])
    except NegotiationError:
        assert ours.server_max_window_bits == 8, "zlib cannot, so it will not"
    else:
        assert accepted(Extension(asked.name, tuple(params)), ours) == theirs_as_terms(end, client=False)
        assert agree([asked], Deflate(flag, other, max(bits, 9), more))[0] == theirs_as_terms(end, False)  # type: ignore[index]


@settings(max_examples=300)
@given(limits, limits, st.booleans())
def test_websockets_as_a_client_accepts_what_we_answer(ours: Deflate, theirs: Deflate, silent: bool) -> None:
    """``silent``: it does not offer to limit its own window."""
    flag, other, bits, more = (getattr(theirs, name) for name in PARAMETERS)
    factory = ClientPerMessageDeflateFactory(flag, other, bits, None if silent else max(more, 9))
    agreed = agree([Extension("permessage-deflate", tuple(factory.get_request_params()))], ours)
    if silent and ours.client_max_window_bits < 15:
        assert agreed is None
        return
    assert agreed
    try:
        end = factory.process_response_params(list(agreed[1].params), [])
    except NegotiationError:
        assert ours.client_max_window_bits == 8, "zlib cannot, so it will not"
    else:
        assert theirs_as_terms(end, client=True) == agreed[0]
