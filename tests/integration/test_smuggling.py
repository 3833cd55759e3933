"""Requests that two parsers could frame differently. `/smuggled` must stay inside the body it was hidden in."""

import base64
import json
import socket

import pytest

from harness.origin_double import OriginDouble
from harness.proxy import s3_bucket
from harness.wire import Connection


@pytest.fixture(scope="module")
def shared_victim(start_shared_proxy):
    double = OriginDouble()
    yield start_shared_proxy([s3_bucket(double.endpoint, "bbb")]), double
    double.stop()


@pytest.fixture(scope="module")
def cases(shared_dir):
    lines = (shared_dir / "vectors/http/smuggling.jsonl").read_text().splitlines()
    return [(case["id"], base64.b64decode(case["b64"])) for case in map(json.loads, lines)]


def talk(proxy, raw):
    """Everything that comes back for these bytes and the end of our side."""
    with Connection(proxy.main, timeout=10) as connection:
        try:
            connection.send(raw)
            connection.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It has already hung up on us.
        return connection.rest()


@pytest.mark.timeout(400)
def test_smuggled_requests_are_never_seen(start_proxy, origin, cases):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")], logging={"level": "info"})
    assert len(cases) == 1716
    refused = 0
    for name, raw in cases:
        answer = talk(proxy, raw)
        assert answer.count(b"HTTP/1.1 ") <= 1, (name, raw, answer)
        refused += answer.startswith(b"HTTP/1.1 400 ")
        assert not [request for request in origin.requests if "smuggled" in request.target], (name, raw)
    assert refused > 1700
    assert proxy.is_well()
    assert not [record for record in proxy.logged(refused) if "smuggled" in str(record)]


SUSPECT = {
    "both framings": "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    "both framings, other order": "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
    "two lengths": "Content-Length: 4\r\nContent-Length: 5\r\n",
    "two equal lengths": "Content-Length: 4\r\nContent-Length: 4\r\n",
    "a list of lengths": "Content-Length: 4, 4\r\n",
    "a signed length": "Content-Length: +4\r\n",
    "a negative length": "Content-Length: -4\r\n",
    "a length with a space": "Content-Length: 4 4\r\n",
    "a hexadecimal length": "Content-Length: 0x4\r\n",
    "an empty length": "Content-Length:\r\n",
    "a length beyond 64 bits": "Content-Length: 18446744073709551620\r\n",
    "xchunked": "Transfer-Encoding: xchunked\r\n",
    "chunked twice": "Transfer-Encoding: chunked, chunked\r\n",
    "chunked not last": "Transfer-Encoding: chunked, identity\r\n",
    "two codings lines": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "identity": "Transfer-Encoding: identity\r\n",
    "an empty coding": "Transfer-Encoding:\r\n",
    "a space before the colon": "Transfer-Encoding : chunked\r\n",
    "a folded line": "X: a\r\n b\r\n",
    "a line that begins with a space": " X: a\r\n",
    "a bare LF": "X: a\nY: b\r\n",
    "a bare CR": "X: a\rY: b\r\n",
    "a NUL in a value": "X: a\0b\r\n",
    "a field without a name": ": a\r\n",
    "a field without a colon": "just words\r\n",
    "an 8-bit name": "X\u00fc: a\r\n",
    "a second Host": "Host: other\r\n",
}


@pytest.mark.parametrize("what", SUSPECT)
def test_a_request_framed_doubtfully_is_refused_and_the_connection_closed(shared_victim, what):
    proxy, origin = shared_victim
    origin.forget()
    raw = (f"GET /a HTTP/1.1\r\nHost: localhost\r\n{SUSPECT[what]}\r\n").encode("latin-1")
    with proxy.connect() as connection:
        connection.send(raw + b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = connection.response()
        assert answer.status in (400, 501), answer
        assert answer["connection"] == "close"
        assert connection.ends()
    assert origin.requests == []


@pytest.mark.parametrize("line", [
    "GET  /a HTTP/1.1", "GET /a  HTTP/1.1", " GET /a HTTP/1.1", "GET /a HTTP/1.1 ", "GET\t/a HTTP/1.1", "GET /a",
    "GET /a HTTP/1.1x", "GET /a http/1.1", "GET /a HTTP/01.1", "G(T /a HTTP/1.1", "GET a HTTP/1.1",
    "GET /a#b HTTP/1.1", "GET /\u00e9 HTTP/1.1", "GET /a b HTTP/1.1", "GET /\x7f HTTP/1.1", "GET http:// HTTP/1.1",
    "GET * HTTP/1.1", "GET /a\0 HTTP/1.1", "",
])
def test_a_malformed_request_line_is_refused_and_the_connection_closed(shared_victim, line):
    proxy, origin = shared_victim
    origin.forget()
    with proxy.connect() as connection:
        connection.send(f"{line}\r\nHost: localhost\r\n\r\n".encode("latin-1"))
        answer = connection.response()
        assert answer.status == 400, answer
        assert connection.ends()
    assert origin.requests == []


@pytest.mark.parametrize("hosts", ["", "Host: a\r\nHost: a\r\n", "Host: a b\r\n", "Host: a/b\r\n", "Host: a@b\r\n",
                                   "Host: a:99999\r\n", "Host: a:b\r\n", "Host: [::1\r\n"])
def test_exactly_one_good_host(shared_victim, hosts):
    proxy, _ = shared_victim
    with proxy.connect() as connection:
        connection.send(f"GET /a HTTP/1.1\r\n{hosts}\r\n".encode())
        assert connection.response().status == 400
        assert connection.ends()
