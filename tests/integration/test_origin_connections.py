"""Keep-alive, retries, error mapping and cancellation towards S3."""

import threading

import pytest

from harness.deadline import until
from harness.origin_double import s3_error, serve_object
from harness.proxy import s3_bucket
from harness.wire import request_bytes


def test_connections_are_kept_and_used_again(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")], server={"threads": 1})
    with proxy.connect() as connection:
        for _ in range(20):
            assert connection.request("GET", "/key").status == 200
    assert len({request.connection for request in origin.requests}) == 1


def test_a_pooled_connection_that_died_is_replaced_unseen(start_proxy, origin):
    def once(exchange):
        exchange.reply(200, {"ETag": '"e"'}, b"ok")
        exchange.close()  # Without having said so.
    origin.on("/bbb/key", once)
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", retry={"attempts": 1})], server={"threads": 1})
    for _ in range(20):
        answer = proxy.get("/key")
        assert (answer.status, answer.body) == (200, b"ok")
    assert len(origin.requests) == 20


@pytest.mark.parametrize("unasked", [b'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 6\r\n\r\npoison', b"\r\n"])
def test_what_nobody_asked_for_is_never_the_next_answer(start_proxy, origin, unasked):
    answered, spoken = threading.Event(), threading.Event()

    def speaks_later(exchange):
        exchange.reply(200, {"ETag": '"e"'}, b"first")
        answered.wait(30)
        exchange.send(unasked)
        spoken.set()
    origin.on("/bbb/first", speaks_later)
    origin.on("/bbb/second", serve_object(b"second"))
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", retry={"attempts": 1})], server={"threads": 1})
    for _ in range(10):
        answered.clear()
        spoken.clear()
        assert proxy.get("/first").body == b"first"
        answered.set()
        assert spoken.wait(30)
        assert proxy.get("/second").body == b"second"
    requests = origin.requests
    assert all(requests[i].connection != requests[i + 1].connection for i in range(0, len(requests), 2))


def test_a_failed_attempt_is_tried_again_when_nothing_was_sent(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")], server={"threads": 1})
    for _ in range(20):
        assert proxy.get("/key").status == 200
    seen = []

    def first_fails(exchange):
        seen.append(1)
        serve_object(b"second")(exchange) if len(seen) > 1 else s3_error(500, "InternalError")(exchange)
    origin.on("/bbb/flaky", first_fails)
    answer = proxy.get("/flaky")
    assert (answer.status, answer.body, len(seen)) == (200, b"second", 2)


def test_retries_end_with_the_budget(start_proxy, origin):
    origin.on("/bbb/down", s3_error(500, "InternalError"))
    bucket = s3_bucket(origin.endpoint, "bbb", retry={"attempts": 3, "budget": "20%"})
    proxy = start_proxy([bucket], server={"threads": 1})
    for _ in range(100):
        assert proxy.get("/down").status in (502, 503)
    assert len(origin.requests) < 100 + 45, "a failing origin must not get three times the load"


def test_an_answer_that_has_begun_is_never_tried_again(start_proxy, origin):
    def half(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50000)
        exchange.reset()
    origin.on("/bbb/half", half)
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")])
    with proxy.connect() as connection:
        connection.send(request_bytes("GET", "/half"))
        connection.rest()
    assert len(origin.requests) == 1


# S3's code and status, and what the client is told. NoSuchBucket and refused keys are our configuration's fault.
MAPPING = [
    (404, "NoSuchKey", {404}, "NoSuchKey"), (404, "NoSuchVersion", {404}, None), (404, "NoSuchBucket", {502}, None),
    (403, "AccessDenied", {403}, "AccessDenied"), (403, "SignatureDoesNotMatch", {502}, None),
    (403, "InvalidAccessKeyId", {502}, None), (403, "RequestTimeTooSkewed", {502}, None),
    (400, "ExpiredToken", {502}, None), (400, "AuthorizationHeaderMalformed", {502}, None),
    (503, "SlowDown", {503}, None), (503, "ServiceUnavailable", {503}, None),
    (500, "InternalError", {502}, "OriginFailed"), (301, "PermanentRedirect", {502}, None),
    (404, "NoSuchUpload", {502}, "BadOriginAnswer"), (502, "BadGateway", {502}, "OriginFailed"),
]


@pytest.mark.parametrize("status, code, expected, ours", MAPPING)
def test_s3_errors_become_ours(start_proxy, origin, status, code, expected, ours):
    origin.on("/bbb/key", s3_error(status, code))
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", retry={"attempts": 1})])
    answer = proxy.get("/key")
    assert answer.status in expected
    assert answer["content-type"] == "application/json"
    assert set(answer.json()["error"]) == {"code", "message", "request_id"}
    assert ours is None or answer.error_code == ours
    assert b"scripted" not in answer.body and b"TX0002" not in answer.body
    assert (answer["retry-after"] is not None) == (answer.status == 503)
    assert "no-store" in (answer["cache-control"] or "") or answer["cache-control"] is None
    record = proxy.logged()[-1]
    assert record["status"] == answer.status
    if answer.status >= 500:
        assert code in str(record), record


@pytest.mark.parametrize("status, expected", [(404, 502), (500, 502), (503, 503)])
@pytest.mark.parametrize("document", [b"", b"<html>oops</html>", b"<Error><Code>NoSuchKey"])
def test_an_answer_that_is_not_s3s_is_no_missing_object(start_proxy, origin, status, expected, document):
    origin.on("/bbb/key", lambda exchange: exchange.reply(status, {"Content-Type": "text/html"}, document))
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", retry={"attempts": 1})])
    answer = proxy.get("/key")
    assert answer.status == expected
    assert (answer["retry-after"] is not None) == (answer.status == 503)


# HEAD's errors have no document: for what could be two things, GET is asked for one.
@pytest.mark.parametrize("status, code, expected", [
    (404, "NoSuchKey", 404), (404, "NoSuchBucket", 502), (403, "AccessDenied", 403),
    (403, "SignatureDoesNotMatch", 502), (503, "SlowDown", 503), (500, "InternalError", 502),
    (412, "PreconditionFailed", 412)])
def test_errors_of_head_have_no_document_and_still_map(start_proxy, origin, status, code, expected):
    origin.on("/bbb/key", s3_error(status, code))
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", retry={"attempts": 1})])
    fields = {"If-Match": '"x"'} if status == 412 else {}
    answer = proxy.head("/key", fields)
    assert (answer.status, answer.body) == (expected, b"")


@pytest.mark.parametrize("begun", [False, True], ids=["before the head", "inside the body"])
def test_a_client_that_leaves_ends_the_origins_work(start_proxy, origin, begun):
    outcome = []

    def script(exchange):
        if begun:
            exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 100000)
        outcome.append(exchange.left(20))
        exchange.close()
    origin.on("/bbb/key", script)
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", timeouts={"first_byte": "30s", "stall": "30s"})])
    connection = proxy.connect()
    connection.send(request_bytes("GET", "/key"))
    until(lambda: origin.requests, "the origin is asked")
    if begun:
        assert connection.receive(10)
    connection.reset()
    until(lambda: outcome, "the origin's connection is closed", seconds=3)
    assert outcome == [True]


def test_a_client_that_leaves_in_order_ends_the_origins_work_too(start_proxy, origin):
    def endless(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
        while not exchange.origin.stopping.is_set():
            exchange.send(b"x" * 65536)
    origin.on("/bbb/key", endless)
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")])
    with proxy.connect() as connection:
        connection.send(request_bytes("GET", "/key"))
        assert connection.receive(1000)
    until(lambda: origin.open_connections == 0, "the origin's connection is closed", seconds=3)


def test_the_pool_is_bounded(start_proxy, origin):
    gate = threading.Event()

    def held(exchange):
        gate.wait(20)
        exchange.reply(200, {"ETag": '"e"'}, b"ok")
    origin.on("/bbb/key", held)
    patience = {"first_byte": "30s", "connect": "30s"}
    bucket = s3_bucket(origin.endpoint, "bbb", pool={"connections": 4}, timeouts=patience)
    proxy = start_proxy([bucket], server={"threads": 1})
    clients = [proxy.connect() for _ in range(12)]
    for client in clients:
        client.send(request_bytes("GET", "/key"))
    until(lambda: len(origin.requests) >= 4, "the pool is full")
    assert origin.open_connections <= 4
    gate.set()
    answers = [client.response() for client in clients]
    assert origin.connections <= 4 + 1
    assert all(answer.status in (200, 503) for answer in answers)
    assert sum(answer.status == 200 for answer in answers) >= 4
    for client in clients:
        client.close()


def test_idle_connections_are_closed(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", pool={"idle": "300ms"})])
    assert proxy.get("/key").status == 200
    until(lambda: origin.open_connections == 0, "the idle connection is closed", seconds=5)
