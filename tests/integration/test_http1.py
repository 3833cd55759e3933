"""HTTP/1.1 towards clients: order, expectations, forms of the target, methods, limits and patience."""

import socket
import time

import pytest

from harness.deadline import until
from harness.origin_double import OriginDouble, serve_object
from harness.proxy import directory_bucket, s3_bucket
from harness.wire import Cut, request_bytes


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("http1")
    for n in range(40):
        (root / f"{n}.txt").write_text(f"number {n}\n" * (n + 1))
    return root


@pytest.fixture(scope="module")
def proxy(start_shared_proxy, root):
    return start_shared_proxy([directory_bucket(root)])


@pytest.fixture(scope="module")
def strict(start_shared_proxy, root):
    """A proxy with small limits and little patience."""
    return start_shared_proxy([directory_bucket(root)], server={
        "limits": {"header_size": "4KiB", "header_fields": 10, "target_size": "1KiB", "body_size": "64KiB"},
        "timeouts": {"header": "500ms", "idle": "500ms", "stall": "500ms"}})


def test_pipelined_requests_are_answered_in_order(proxy):
    with proxy.connect() as connection:
        connection.send(b"".join(request_bytes("GET", f"/{n}.txt") for n in range(40)))
        for n in range(40):
            assert connection.response().body == (f"number {n}\n" * (n + 1)).encode()


def test_pipelined_requests_of_all_kinds_stay_in_order(proxy):
    with proxy.connect() as connection:
        connection.send(request_bytes("GET", "/1.txt") + request_bytes("HEAD", "/2.txt")
                        + request_bytes("GET", "/missing") + request_bytes("GET", "/3.txt", {"Range": "bytes=0-2"})
                        + request_bytes("POST", "/4.txt", body=b"body") + request_bytes("GET", "/5.txt", body=b"drop")
                        + request_bytes("OPTIONS", "*") + request_bytes("GET", "/6.txt", {"Connection": "close"}))
        got = [connection.response("HEAD" if n == 1 else "GET") for n in range(8)]
        assert [answer.status for answer in got][:6] == [200, 200, 404, 206, 405, 200]
        assert got[5].body == b"number 5\n" * 6
        assert got[6].status in (200, 204)
        assert got[7].body == b"number 6\n" * 7 and got[7]["connection"] == "close"
        assert connection.ends()


def test_a_thousand_pipelined_requests_do_not_pile_up(start_proxy, origin):
    origin.on("/bbb/key", serve_object(b"x" * 100_000))
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")], server={"threads": 1})
    with proxy.connect() as connection:
        connection.socket.setblocking(False)
        wanted = request_bytes("GET", "/key") * 1000
        try:
            connection.socket.send(wanted)  # As much as the socket takes; nothing is read back.
        except BlockingIOError:
            pass
        connection.socket.settimeout(20)
        until(lambda: origin.requests, "the first is fetched")
        time.sleep(0.3)  # Nothing to wait for: what must not happen is a hundred more.
        assert len(origin.requests) < 100
        assert connection.response().body == b"x" * 100_000


@pytest.mark.parametrize("extra", ["a", "GET"])
def test_a_connection_may_wait_inside_a_pipelined_request(proxy, extra):
    with proxy.connect() as connection:
        connection.send(request_bytes("GET", "/1.txt") + extra.encode())
        assert connection.response().status == 200


def test_a_request_may_come_one_byte_at_a_time(proxy):
    with proxy.connect() as connection:
        for byte in request_bytes("GET", "/2.txt", {"X-Field": "value"}):
            connection.send(bytes([byte]))
        assert connection.response().body == b"number 2\n" * 3


def test_expect_100_continue_invites_the_body_of_a_get_or_answers_at_once(proxy):
    with proxy.connect() as connection:
        connection.send(request_bytes("GET", "/1.txt", {"Expect": "100-continue", "Content-Length": 5}))
        first = connection.head()
        if first.status == 100:
            connection.send(b"12345")
            assert connection.response().body == b"number 1\n" * 2
        else:
            assert first.status == 200


def test_a_refused_method_is_refused_before_its_body_is_invited(proxy):
    with proxy.connect() as connection:
        connection.send(request_bytes("POST", "/1.txt", {"Expect": "100-continue", "Content-Length": 5}))
        assert connection.response().status == 405


def test_an_unknown_expectation_is_417_or_passed_over(proxy):
    assert proxy.get("/1.txt", {"Expect": "miracles"}).status in (200, 417)


@pytest.mark.parametrize("target, host", [
    ("http://localhost/1.txt", "localhost"), ("http://localhost:80/1.txt", "localhost"),
    ("HTTP://LOCALHOST/1.txt", "localhost"), ("http://localhost/1.txt?x=1", "localhost"),
])
def test_absolute_form_is_the_same_request(proxy, target, host):
    assert proxy.request("GET", target, host=host).body == b"number 1\n" * 2


def test_the_host_of_an_absolute_target_chooses_the_bucket(start_proxy, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "who").write_text(name)
    buckets = [directory_bucket(tmp_path / name, name=name) | {"host": f"{name}.example.com"}
               for name in ("one", "two")]
    proxy = start_proxy(buckets)
    assert proxy.get("/who", host="one.example.com").body == b"one"
    assert proxy.get("/who", host="TWO.example.com:8080").body == b"two"
    assert proxy.get("http://two.example.com/who", host="one.example.com").body == b"two"
    assert proxy.get("/who", host="three.example.com").status == 404
    assert proxy.get("/who", host="one.example.com.evil.test").status == 404


def test_options_star_and_options_of_an_object_name_the_methods(proxy):
    for target in ("*", "/1.txt"):
        answer = proxy.request("OPTIONS", target)
        assert answer.status in (200, 204)
        assert {method.strip() for method in answer["allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "FOO", "get", "GETX"])
def test_other_methods_are_refused(proxy, method):
    answer = proxy.request(method, "/1.txt")
    assert answer.status in (405, 501)
    if answer.status == 405:
        assert {entry.strip() for entry in answer["allow"].split(",")} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("target", ["example.com:443", "/1.txt", "127.0.0.1:1"])
def test_connect_is_refused_and_opens_nothing(proxy, target):
    with proxy.connect() as connection:
        connection.send(f"CONNECT {target} HTTP/1.1\r\nHost: example.com:443\r\n\r\n".encode())
        assert connection.response().status in (400, 405, 501)


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/2.0", "HTTP/1.2", "HTTP/9.9"])
def test_only_http_1_1(proxy, version):
    with proxy.connect() as connection:
        connection.send(f"GET /1.txt {version}\r\nHost: localhost\r\n\r\n".encode())
        assert connection.response().status == 505
        assert connection.ends()


def test_the_preface_of_http2_is_refused(proxy):
    with proxy.connect() as connection:
        connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert connection.rest()[9:12] in (b"400", b"505", b"")


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_the_body_of_a_get_is_read_and_dropped(proxy, framing):
    with proxy.connect() as connection:
        for n in range(3):
            if framing == "length":
                connection.send(request_bytes("GET", f"/{n}.txt", body=b"GET /evil HTTP/1.1\r\n\r\n"))
            else:
                connection.send(request_bytes("GET", f"/{n}.txt", {"Transfer-Encoding": "chunked"})
                                + b"5;ext=1\r\n12345\r\n0\r\nX-Sum: dropped\r\n\r\n")
            assert connection.response().body == (f"number {n}\n" * (n + 1)).encode()


def test_connection_close_is_obeyed(proxy):
    with proxy.connect() as connection:
        assert connection.request("GET", "/1.txt", {"Connection": "close"})["connection"] == "close"
        assert connection.ends()


def test_a_client_that_half_closes_still_gets_its_answer(proxy):
    with proxy.connect() as connection:
        connection.send(request_bytes("GET", "/3.txt"))
        connection.socket.shutdown(socket.SHUT_WR)
        assert connection.response().body == b"number 3\n" * 4


@pytest.mark.parametrize("status, request_head", [
    (414, "GET /{2000} HTTP/1.1\r\nHost: a\r\n\r\n"), (414, "GET /?{100000} HTTP/1.1\r\nHost: a\r\n\r\n"),
    (431, "GET /1.txt HTTP/1.1\r\nHost: a\r\nX: {5000}\r\n\r\n"),
    (431, "GET /1.txt HTTP/1.1\r\nHost: a\r\n{5000}: x\r\n\r\n"),
    (431, "GET /1.txt HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n" * 10 + "\r\n"),
    (413, "GET /1.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n"),
    (413, "POST /1.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999\r\n\r\n"),
])
def test_each_limit_has_its_status_and_closes(strict, status, request_head):
    before, _, after = request_head.partition("{")
    if after:
        count, _, after = after.partition("}")
        request_head = before + "x" * int(count) + after
    with strict.connect() as connection:
        connection.send(request_head.encode())
        answer = connection.response()
        assert (answer.status, answer["connection"]) == (status, "close")
        assert answer.error_code
        assert connection.ends()


def test_what_is_just_within_the_limits_passes(strict):
    assert strict.get("/1.txt?" + "x" * 900, {f"X-{n}": "y" * 300 for n in range(8)}).status == 200
    assert strict.request("GET", "/1.txt", body=b"x" * 65536).status == 200


def test_a_chunked_body_beyond_the_limit_is_413_or_closed(strict):
    with strict.connect() as connection:
        connection.send(request_bytes("GET", "/1.txt", {"Transfer-Encoding": "chunked"}))
        try:
            for _ in range(200):
                connection.send(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        except OSError:
            return  # It hung up: as good.
        answer = connection.response()
        assert answer.status in (200, 413)  # 200 when it was given before the limit was met.
        assert connection.ends()


def test_a_head_that_does_not_come_is_408(strict):
    began = time.monotonic()
    with strict.connect() as connection:
        connection.send(b"GET /1.txt HTTP/1.1\r\nHost: loc")
        assert connection.response().status == 408
        assert connection.ends()
    assert 0.3 < time.monotonic() - began < 5


def test_a_head_that_drips_is_408_as_a_whole(strict):
    began = time.monotonic()
    with strict.connect() as connection:
        try:
            for _ in range(100):
                connection.send(b"X")
                time.sleep(0.1)  # The subject of the test: a client slower than its deadline.
        except OSError:
            pass
        connection.rest()
    assert time.monotonic() - began < 8


def test_an_idle_connection_is_closed_without_a_word(strict):
    began = time.monotonic()
    with strict.connect() as connection:
        assert connection.request("GET", "/1.txt").status == 200
        assert connection.ends()
    assert 0.3 < time.monotonic() - began < 5


def test_a_silent_connection_is_closed(strict):
    with strict.connect() as connection:
        assert connection.ends()


def test_a_client_that_takes_nothing_is_let_go(start_proxy, tmp_path):
    (tmp_path / "large.bin").write_bytes(bytes(64 << 20))
    proxy = start_proxy([directory_bucket(tmp_path)], server={"timeouts": {"stall": "500ms"}})
    with proxy.connect() as other, proxy.connect(receive_buffer=4096) as connection:
        # What is opened with the first request of all is open before we count.
        other.request("GET", "/nothing")
        before = proxy.process.open_files() - 1  # Without the connection that is to be given up.
        connection.send(request_bytes("GET", "/large.bin"))
        until(lambda: proxy.process.open_files() > before + 1, "the transfer has begun")
        until(lambda: proxy.process.open_files() <= before, "the transfer is given up")
        with pytest.raises(Cut):
            connection.response()


def test_connections_beyond_the_limit_are_not_served(start_proxy, root):
    proxy = start_proxy([directory_bucket(root)], server={"threads": 1, "limits": {"connections": 5}})
    kept = [proxy.connect() for _ in range(5)]
    for connection in kept:
        assert connection.request("GET", "/1.txt").status == 200
    with proxy.connect(timeout=3) as extra:
        try:
            extra.send(request_bytes("GET", "/1.txt"))
            assert extra.response().status == 503
        except (Cut, TimeoutError, OSError):
            pass  # Closed, or left waiting: both keep the bound.
    for connection in kept:
        connection.close()
    until(lambda: _served(proxy), "room again")


def _served(proxy):
    try:
        return proxy.get("/1.txt").status == 200
    except (Cut, OSError):
        return False


def test_requests_in_flight_beyond_the_limit_are_503_with_retry_after(start_proxy):
    double = OriginDouble()
    double.on("/bbb/held", lambda exchange: exchange.wait(20))
    proxy = start_proxy([s3_bucket(double.endpoint, "bbb")], server={"threads": 1, "limits": {"requests_in_flight": 3}})
    held = [proxy.connect() for _ in range(3)]
    for connection in held:
        connection.send(request_bytes("GET", "/held"))
    until(lambda: len(double.requests) == 3, "three are in flight")
    answer = proxy.get("/key")
    assert answer.status == 503
    assert int(answer["retry-after"]) > 0
    for connection in held:
        connection.close()
    until(lambda: proxy.get("/key").status == 200, "room again")
    double.stop()


def test_connections_of_one_client_are_bounded(start_proxy, root):
    proxy = start_proxy([directory_bucket(root)], server={"threads": 1, "limits": {"connections_per_client": 2}})
    kept = [proxy.connect() for _ in range(2)]
    for connection in kept:
        assert connection.request("GET", "/1.txt").status == 200
    with proxy.connect(timeout=5) as extra:
        try:
            extra.send(request_bytes("GET", "/1.txt"))
            assert extra.response().status in (429, 503)
        except (Cut, OSError):
            pass
    for connection in kept:
        connection.close()
