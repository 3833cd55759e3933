"""The harness itself: a test tool that cannot fail would prove nothing."""

import socket
import ssl

import pytest

from harness.certificates import Authority
from harness.deadline import until
from harness.origin_double import OriginDouble, s3_error, serve_object
from harness.origin_double import Received
from harness.ports import has_ipv6
from harness.processes import Process
from harness.prometheus import Metrics
from harness.sigv4 import assert_signed
from harness.wire import Connection, Cut, Nonsense, trusting


def connect(origin):
    return Connection(("127.0.0.1", origin.port))


def test_the_double_records_and_serves_ranges(origin):
    origin.on("/bbb/k", serve_object(b"0123456789"))
    with connect(origin) as connection:
        assert connection.request("GET", "/bbb/k").body == b"0123456789"
        part = connection.request("GET", "/bbb/k?x=1", {"Range": "bytes=-3"})
        assert (part.status, part["content-range"], part.body) == (206, "bytes 7-9/10", b"789")
        assert connection.request("HEAD", "/bbb/k")["content-length"] == "10"
        assert connection.request("GET", "/bbb/k", {"Range": "bytes=10-"}).status == 416
    assert [(r.method, r.path, r.query) for r in origin.requests] == [
        ("GET", "/bbb/k", ""), ("GET", "/bbb/k", "x=1"), ("HEAD", "/bbb/k", ""), ("GET", "/bbb/k", "")]
    assert {r.connection for r in origin.requests} == {0}


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123",
    b"HTTP/1.1 200 OK\r\nContent-Le",
])
def test_the_client_notices_a_cut_answer(origin, answer):
    def script(exchange):
        exchange.send(answer)
        exchange.close()
    origin.on("/bbb/k", script)
    with connect(origin) as connection, pytest.raises(Cut):
        connection.request("GET", "/bbb/k")


def test_the_client_refuses_two_framings(origin):
    origin.on("/bbb/k", lambda exchange: exchange.send(
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
    with connect(origin) as connection, pytest.raises(AssertionError):
        connection.request("GET", "/bbb/k")
    origin.on("/bbb/k", lambda exchange: exchange.send(b"HTTP/1.1 200 OK\nContent-Length: 0\n\n"))
    with connect(origin) as connection, pytest.raises(Nonsense):
        connection.request("GET", "/bbb/k")


def test_the_double_sees_its_peer_leave(origin):
    seen = []
    origin.on("/bbb/k", lambda exchange: seen.append(exchange.left(10)))
    with connect(origin) as connection:
        connection.send(b"GET /bbb/k HTTP/1.1\r\n\r\n")
        until(lambda: origin.requests, "the request")
    until(lambda: seen, "the peer's leaving")
    assert seen == [True]


def test_error_documents_look_like_those_of_s3(origin):
    origin.on("/bbb/k", s3_error(404, "NoSuchKey"))
    with connect(origin) as connection:
        assert b"<Code>NoSuchKey</Code>" in connection.request("GET", "/bbb/k").body


@pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on loopback")
@pytest.mark.parametrize("host, other", [("127.0.0.1", "::1"), ("::1", "127.0.0.1")])
def test_nobody_else_is_behind_a_port_of_localhost(host, other):
    """Where localhost is both addresses, a client would find whoever is behind the other one."""
    double = OriginDouble(host=host)
    with pytest.raises(OSError, match="in use"):
        socket.create_server((other, double.port), family=socket.AF_INET6 if ":" in other else socket.AF_INET)
    with pytest.raises(ConnectionRefusedError):
        Connection((other, double.port))
    double.stop()


def test_certificates_are_trusted_only_by_name_and_authority(tmp_path):
    authority = Authority(tmp_path / "a")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("right.test", "127.0.0.1"))
    double = OriginDouble(tls=context)
    try:
        client = trusting(authority.certificate)
        with Connection(("127.0.0.1", double.port), tls=client, server_name="right.test") as connection:
            assert connection.request("GET", "/").status == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            Connection(("127.0.0.1", double.port), tls=client, server_name="wrong.test")
        other = trusting(Authority(tmp_path / "b").certificate)
        with pytest.raises(ssl.SSLCertVerificationError):
            Connection(("127.0.0.1", double.port), tls=other, server_name="right.test")
    finally:
        double.stop()


GOOD_METRICS = """# HELP yata_a_total Things.
# TYPE yata_a_total counter
yata_a_total{bucket="x",status="200"} 1
yata_a_total{bucket="y\\"",status="200"} 2
# HELP yata_h_seconds Times.
# TYPE yata_h_seconds histogram
yata_h_seconds_bucket{le="0.1"} 1
yata_h_seconds_bucket{le="+Inf"} 3
yata_h_seconds_sum 0.5
yata_h_seconds_count 3
"""


def test_good_metrics_are_read():
    metrics = Metrics(GOOD_METRICS)
    assert metrics.value("yata_a_total") == 3
    assert metrics.value("yata_a_total", bucket="x") == 1
    assert metrics.types == {"yata_a_total": "counter", "yata_h_seconds": "histogram"}


@pytest.mark.parametrize("old, new", [
    ("# HELP yata_a_total Things.\n", ""), ("# TYPE yata_a_total counter\n", ""), ("counter", "counters"),
    ("counter", "counter\n# TYPE yata_a_total counter"), ('y\\"', "x"), ("200\"} 1", "200\"} one"),
    ("200\"} 1", "200\"} -1"), ('{le="0.1"} 1', '{le="0.1"} 4'), ("_count 3", "_count 4"), ('"+Inf"', '"7"'),
    ("yata_h_seconds_sum 0.5\n", ""), ("_count 3\n", "_count 3"), ("_count 3\n", "_count 3\n\n"),
    ("_count 3\n", '_count 3\nyata_a_total{bucket="z",status="200"} 1\n'), ('status="200"', 'bucket="200"'),
    ("# HELP yata_h", "# just words\n# HELP yata_h"),
])
def test_doubtful_metrics_are_refused(old, new):
    assert old in GOOD_METRICS
    with pytest.raises((AssertionError, KeyError, ValueError)):
        Metrics(GOOD_METRICS.replace(old, new, 1))


# Example of AWS's documentation: GET Object with a range.
SIGNED = b"""GET /test.txt HTTP/1.1\r
Host: examplebucket.s3.amazonaws.com\r
Range: bytes=0-9\r
x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\r
x-amz-date: 20130524T000000Z\r
Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41\r
\r
"""
DOCUMENTED_KEYS = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1")


def test_the_judge_of_signatures_takes_awss_own_example():
    assert_signed(Received(SIGNED, 0), *DOCUMENTED_KEYS)


@pytest.mark.parametrize("old, new", [
    (b"GET", b"HEAD"), (b"/test.txt", b"/test.tx"), (b"/test.txt", b"/test.txt?acl"), (b"0-9", b"0-8"),
    (b"20130524T000000Z", b"20130524T000001Z"), (b"f0e8", b"f0e9"), (b"Host: e", b"Host: x"),
    (b"x-amz-date:", b"x-amz-acl: public\r\nx-amz-date:"), (b"Authorization", b"Authorisation"),
])
def test_the_judge_of_signatures_refuses_any_change(old, new):
    assert old in SIGNED
    with pytest.raises(AssertionError):
        assert_signed(Received(SIGNED.replace(old, new), 0), *DOCUMENTED_KEYS)


def test_a_process_that_ends_early_says_why(tmp_path):
    process = Process("shell", ["sh", "-c", "echo the reason >&2; exit 3"], tmp_path)
    with pytest.raises(AssertionError, match="the reason"):
        process.ready(lambda: False, "never")


def test_the_real_server_takes_and_gives_objects(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b/ü", Body=b"bytes")
    assert s3.get_object(Bucket=bucket, Key="a b/ü")["Body"].read() == b"bytes"
