"""An origin that answers nonsense: 502, 504 or a visibly cut body; never a short 200, never a hang, never a crash."""

import time

import pytest

from harness.origin_double import OriginDouble, serve_object
from harness.proxy import s3_bucket
from harness.wire import Cut

OK = b"HTTP/1.1 200 OK\r\n"
TAIL = b'ETag: "e"\r\n\r\n'
BODY = b"0123456789" * 100
DEADLINE = 8.0  # Seconds for any answer; the proxy is configured to wait 1 s for a head and 0.7 s for a byte.


def says(data, then="close"):
    """A script that sends bytes as they are and then closes, resets, or waits."""
    def script(exchange):
        exchange.send(data)
        if then == "wait":
            exchange.wait(30)
        getattr(exchange, "reset" if then == "reset" else "close")()
    return script


def drips(data, each, pause):
    """A script that sends a few bytes at a time."""
    def script(exchange):
        for start in range(0, len(data), each):
            exchange.send(data[start:start + each])
            exchange.wait(pause)
        exchange.close()
    return script


def forever(head, piece):
    """A script that never stops sending."""
    def script(exchange):
        exchange.send(head)
        while not exchange.origin.stopping.is_set():
            exchange.send(piece)
    return script


def framed(line, body=BODY[:10]):
    """A whole answer with one doubtful line in its head."""
    return says(OK + line + b"\r\n" + TAIL + body, then="wait")


def chunks(data, then="close"):
    return says(OK + b"Transfer-Encoding: chunked\r\n" + TAIL + data, then)


def length(size):
    return b"Content-Length: %d\r\n" % size


NEVER = says(b"", then="wait")
FLOOD = b"".join(b"X-Flood-%d: y\r\n" % n for n in range(10_000))
HOSTILE = {
    "closes without a word": says(b""),
    "resets without a word": says(b"", "reset"),
    "garbage": says(b"\x00\xff\x13garbage\r\n\r\n"),
    "a TLS alert": says(b"\x15\x03\x01\x00\x02\x02\x28"),
    "an SSH banner": says(b"SSH-2.0-OpenSSH_9.2\r\n", "wait"),
    "a status of letters": says(b"HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n"),
    "a status of two digits": says(b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"),
    "a status of four digits": says(b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
    "status 099": says(b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n"),
    "HTTP/2.0": says(b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "HTTP/0.9": says(b"<html>hello</html>"),
    "blank lines first": says(b"\r\n\r\n" + OK + length(0) + b"\r\n"),
    "bare LF": says(b"HTTP/1.1 200 OK\nContent-Length: 10\n\n0123456789"),
    "a folded field": framed(b"Content-Length: 10\r\nX: a\r\n b"),
    "a space before the colon": framed(b"Content-Length : 10"),
    "a NUL in a field": framed(b"Content-Length: 10\r\nX: a\0b"),
    "a bare CR in a field": framed(b"Content-Length: 10\r\nX: a\rb"),
    "a field without a colon": framed(b"Content-Length: 10\r\njust words"),
    "a field without a name": framed(b"Content-Length: 10\r\n: a"),
    "an 8-bit field name": framed(b"Content-Length: 10\r\nX\xfc: a"),
    "a negative length": framed(b"Content-Length: -10"),
    "a signed length": framed(b"Content-Length: +10"),
    "a list of lengths": framed(b"Content-Length: 10, 10"),
    "two lengths": framed(b"Content-Length: 10\r\nContent-Length: 11"),
    "a hexadecimal length": framed(b"Content-Length: 0xA"),
    "an empty length": framed(b"Content-Length: "),
    "a length beyond 64 bits": framed(b"Content-Length: 18446744073709551626"),
    "both framings": framed(b"Content-Length: 10\r\nTransfer-Encoding: chunked", b"a\r\n0123456789\r\n0\r\n\r\n"),
    "xchunked": framed(b"Transfer-Encoding: xchunked", b"a\r\n0123456789\r\n0\r\n\r\n"),
    "gzip, chunked": framed(b"Transfer-Encoding: gzip, chunked", b"a\r\n0123456789\r\n0\r\n\r\n"),
    "chunked twice": framed(b"Transfer-Encoding: chunked, chunked", b"a\r\n0123456789\r\n0\r\n\r\n"),
    "identity coding": framed(b"Transfer-Encoding: identity"),
    "a chunk size beyond 64 bits": chunks(b"10000000000000000\r\n" + BODY, "wait"),
    "a huge chunk size": chunks(b"fffffffffffffff0\r\n" + BODY),
    "a chunk size of letters": chunks(b"zz\r\n" + BODY, "wait"),
    "a negative chunk size": chunks(b"-5\r\n12345\r\n0\r\n\r\n", "wait"),
    "an empty chunk size": chunks(b"\r\n12345\r\n0\r\n\r\n", "wait"),
    "a chunk without its end": chunks(b"5\r\n12345xx0\r\n\r\n", "wait"),
    "a chunk longer than its size": chunks(b"5\r\n1234567890\r\n0\r\n\r\n", "wait"),
    "a bare LF after a chunk size": chunks(b"5\n12345\r\n0\r\n\r\n", "wait"),
    "chunks that stop at a border": chunks(b"5\r\n12345\r\n"),
    "chunks that stop inside": chunks(b"5\r\n123"),
    "chunks without the last line": chunks(b"5\r\n12345\r\n0\r\n"),
    "an endless chunk extension": forever(OK + b"Transfer-Encoding: chunked\r\n\r\n5;", b"x" * 65536),
    "endless trailers": forever(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n", b"X-T: y\r\n" * 1000),
    "ten thousand fields": says(OK + length(10) + FLOOD + TAIL + BODY[:10], "wait"),
    "a field of a mebibyte": says(OK + length(10) + b"X: " + b"y" * 1048576 + b"\r\n" + TAIL + BODY[:10], "wait"),
    "an endless head": forever(OK, b"X-More: y\r\n" * 1000),
    "an endless status line": forever(b"HTTP/1.1 200 ", b"O" * 65536),
    "ends in the status line": says(b"HTTP/1.1 20"),
    "ends in the fields": says(OK + b"Content-Le"),
    "ends before the blank line": says(OK + length(10)),
    "ends before the body": says(OK + length(1000) + TAIL),
    "stops before the body": says(OK + length(1000) + TAIL, "wait"),
    "ends inside the body": says(OK + length(1000) + TAIL + BODY[:500]),
    "ends one byte before the end": says(OK + length(1000) + TAIL + BODY[:999]),
    "resets inside the body": says(OK + length(1000) + TAIL + BODY[:500], "reset"),
    "stops inside the body": says(OK + length(1000) + TAIL + BODY[:500], "wait"),
    "no framing, then reset": says(OK + TAIL + BODY[:500], "reset"),
    "never answers": NEVER,
    "stops inside the head": says(OK + b"Content-Length: 10\r\n", "wait"),
    "one byte of the head at a time": drips(OK + length(10) + b"X: " + b"y" * 500 + b"\r\n" + TAIL, 1, 0.2),
    "one byte a second": drips(OK + length(1000) + TAIL + BODY, 1, 1.0),
    "a piece of the body every two seconds": drips(OK + length(500) + TAIL + BODY[:500], 60, 2.0),
    "a flood of 100 Continue": forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "a thousand 103s and then silence": says(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 1000, "wait"),
    "101 Switching Protocols": says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", "wait"),
    "204": says(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "304 that nobody asked for": says(b'HTTP/1.1 304 Not Modified\r\nETag: "e"\r\n\r\n'),
    "206 that nobody asked for": says(
        b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/1000\r\n" + length(10) + TAIL + BODY[:10]),
    "416 that nobody asked for": says(b"HTTP/1.1 416 Range Not Satisfiable\r\n" + length(0) + TAIL),
    "a redirect to another region": says(b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\n" + length(0) + TAIL),
    "a temporary redirect": says(b"HTTP/1.1 307 Temporary\r\nLocation: http://127.0.0.1:1/\r\n" + length(0) + TAIL),
    "status 600": says(b"HTTP/1.1 600 Odd\r\n" + length(0) + TAIL),
    "400 with nonsense": says(b"HTTP/1.1 400 Bad Request\r\n" + length(9) + b"\r\n<<<not xml"),
    "400 with an endless document": forever(
        b"HTTP/1.1 400 E\r\nTransfer-Encoding: chunked\r\n\r\n", b"5\r\n<Err>\r\n" * 999),
}


@pytest.fixture(scope="module")
def hostile(start_shared_proxy):
    double = OriginDouble()
    quick = {"connect": "1s", "first_byte": "1s", "stall": "700ms"}
    bucket = s3_bucket(double.endpoint, "bbb", timeouts=quick, retry={"attempts": 1})
    yield double, start_shared_proxy([bucket])
    double.stop()


def outcome(proxy, target, fields=()):
    """The answer, or "cut" once its head has come; and it must come within the deadline."""
    began = time.monotonic()
    try:
        with proxy.connect(timeout=DEADLINE) as connection:
            result = connection.request("GET", target, fields)
    except Cut as cut:
        assert cut.response is not None, "the connection ended without a word"
        result = "cut"
    assert time.monotonic() - began < DEADLINE
    return result


def still_serves(proxy, origin):
    """Nothing of a hostile answer leaks into the next one."""
    for n in range(3):
        origin.on("/bbb/good", serve_object(b"good %d" % n))
        assert proxy.get("/good").body == b"good %d" % n


def test_there_are_enough_of_them():
    assert len(HOSTILE) >= 40


@pytest.mark.parametrize("what", HOSTILE)
def test_nonsense_is_502_504_or_a_cut_body(hostile, what):
    origin, proxy = hostile
    origin.on("/bbb/bad", HOSTILE[what])
    result = outcome(proxy, "/bad")
    assert result == "cut" or result.status in (502, 504), result
    if result != "cut":
        assert result.error_code
    still_serves(proxy, origin)
    assert proxy.is_well()


@pytest.mark.parametrize("what, status", [
    ("never answers", 504), ("one byte of the head at a time", 504), ("stops inside the head", 504),
    ("garbage", 502), ("both framings", 502), ("closes without a word", 502), ("ten thousand fields", 502),
    ("ends before the body", 502), ("stops before the body", 504), ("a chunk size of letters", 502),
    ("ends inside the body", "cut"), ("stops inside the body", "cut"), ("chunks that stop at a border", "cut"),
])
def test_slow_is_504_nonsense_502_and_short_is_cut(hostile, what, status):
    origin, proxy = hostile
    origin.on("/bbb/bad", HOSTILE[what])
    result = outcome(proxy, "/bad")
    assert status == (result if result == "cut" else result.status)


# Answers that are wrong only for what was asked: a range.
PART = b"HTTP/1.1 206 Partial Content\r\n"
RANGED = {
    "another range": says(PART + b"Content-Range: bytes 20-29/1000\r\n" + length(10) + TAIL + BODY[:10]),
    "a longer range": says(PART + b"Content-Range: bytes 10-29/1000\r\n" + length(20) + TAIL + BODY[:20]),
    "no Content-Range": says(PART + length(10) + TAIL + BODY[:10]),
    "Content-Range against Content-Length": says(
        PART + b"Content-Range: bytes 10-19/1000\r\n" + length(15) + TAIL + BODY[:15]),
    "a backward Content-Range": says(PART + b"Content-Range: bytes 19-10/1000\r\n" + length(10) + TAIL + BODY[:10]),
    "a range beyond the total": says(PART + b"Content-Range: bytes 10-19/15\r\n" + length(10) + TAIL + BODY[:10]),
    "a Content-Range of letters": says(PART + b"Content-Range: bytes a-b/c\r\n" + length(10) + TAIL + BODY[:10]),
    "another unit": says(PART + b"Content-Range: crows 10-19/1000\r\n" + length(10) + TAIL + BODY[:10]),
    "two Content-Ranges": says(PART + b"Content-Range: bytes 10-19/1000\r\nContent-Range: bytes 20-29/1000\r\n"
                               + length(10) + TAIL + BODY[:10]),
    "multipart for one range": says(
        PART + b"Content-Type: multipart/byteranges; boundary=x\r\n" + length(10) + TAIL + BODY[:10]),
    "a short part": says(PART + b"Content-Range: bytes 10-19/1000\r\n" + length(10) + TAIL + BODY[:5]),
}


@pytest.mark.parametrize("what", RANGED)
def test_a_wrong_range_is_never_passed_on(hostile, what):
    origin, proxy = hostile
    origin.on("/bbb/part", RANGED[what])
    result = outcome(proxy, "/part", {"Range": "bytes=10-19"})
    assert result == "cut" or result.status == 502, result
    still_serves(proxy, origin)


def test_a_range_that_the_origin_ignores_gives_the_whole_or_the_right_part(hostile):
    origin, proxy = hostile
    origin.on("/bbb/part", lambda exchange: exchange.reply(200, {"ETag": '"e"'}, BODY))
    result = outcome(proxy, "/part", {"Range": "bytes=10-19"})
    if result != "cut" and result.status != 502:
        assert (result.status, result.body) in ((200, BODY), (206, BODY[10:20]))


def test_bytes_after_an_answer_are_not_the_next_answer(hostile):
    """A second answer that nobody asked for, sent along with the first."""
    origin, proxy = hostile
    extra = OK + length(4) + b"\r\nevil"
    origin.on("/bbb/two", lambda exchange: exchange.send(OK + length(5) + TAIL + b"first" + extra))
    for _ in range(5):
        result = outcome(proxy, "/two")
        assert result == "cut" or result.body == b"first" or result.status == 502
        still_serves(proxy, origin)


def test_a_body_after_head_is_not_the_next_answer(hostile):
    origin, proxy = hostile
    origin.on("/bbb/head", lambda exchange: exchange.send(OK + length(48) + TAIL + OK + length(4) + b"\r\nevil"))
    assert proxy.head("/head").status in (200, 502)
    still_serves(proxy, origin)


def test_a_body_after_304_is_not_the_next_answer(hostile):
    origin, proxy = hostile
    origin.on("/bbb/304", lambda exchange: exchange.send(
        b'HTTP/1.1 304 Not Modified\r\nETag: "e"\r\n\r\n' + OK + length(4) + b"\r\nevil"))
    assert proxy.get("/304", {"If-None-Match": '"e"'}).status in (304, 502)
    still_serves(proxy, origin)


def test_http_1_0_and_a_body_without_framing_are_whole_or_refused(hostile):
    origin, proxy = hostile
    for head in (b"HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n", b"HTTP/1.0 200 OK\r\n", OK):
        origin.on("/bbb/old", says(head + TAIL + BODY))
        result = outcome(proxy, "/old")
        assert result == "cut" or result.status == 502 or (result.status, result.body) == (200, BODY)


def test_a_few_interim_answers_are_passed_over(hostile):
    origin, proxy = hostile
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    origin.on("/bbb/interim", lambda exchange: exchange.send(interim + OK + length(4) + TAIL + b"real"))
    answer = proxy.get("/interim")
    assert (answer.status, answer.body) == (200, b"real")


def test_a_slow_but_steady_origin_is_served(hostile, start_proxy):
    origin, _ = hostile
    # Patient, so that a busy machine is not taken for a stalled origin.
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")])
    origin.on("/bbb/slow", drips(OK + length(20) + TAIL + BODY[:20], 5, 0.1))
    assert proxy.get("/slow").body == BODY[:20]


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_an_endless_error_document_is_not_read_to_its_end(hostile, status):
    origin, proxy = hostile
    head = b"HTTP/1.1 %d E\r\nTransfer-Encoding: chunked\r\n\r\n" % status
    origin.on("/bbb/bad", forever(head, b"5\r\n<Err>\r\n" * 999))
    before = proxy.process.rss_bytes()
    result = outcome(proxy, "/bad")
    assert result.status in (status, 502, 503, 504)
    assert proxy.process.rss_bytes() - before < 32 << 20
    still_serves(proxy, origin)


def test_an_error_document_that_explodes_costs_nothing(hostile):
    origin, proxy = hostile
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "lol">{levels}]><Error><Code>&a11;</Code></Error>'.encode()
    origin.on("/bbb/bomb", lambda exchange: exchange.reply(404, {"Content-Type": "application/xml"}, bomb))
    before = proxy.process.rss_bytes()
    result = outcome(proxy, "/bomb")
    assert result.status in (404, 502)
    assert proxy.process.rss_bytes() - before < 64 << 20


def test_an_origin_that_is_not_there_is_504(start_proxy):
    double = OriginDouble()
    double.stop()
    proxy = start_proxy([s3_bucket(double.endpoint, "bbb")])
    began = time.monotonic()
    assert proxy.get("/key").status == 504
    assert time.monotonic() - began < DEADLINE


def test_a_host_that_does_not_exist_is_504(start_proxy):
    proxy = start_proxy([s3_bucket("http://no-such-host.invalid:9000", "bbb", timeouts={"connect": "2s"})])
    assert proxy.get("/key").status == 504
