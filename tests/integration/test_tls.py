"""TLS towards clients (certificates by SNI, versions) and towards S3 (verified, or not spoken at all)."""

import socket
import ssl

import pytest

from harness.certificates import Authority
from harness.deadline import until
from harness.origin_double import OriginDouble, serve_object
from harness.proxy import directory_bucket, s3_bucket
from harness.versitygw import Versitygw
from harness.wire import Connection, Cut, request_bytes, trusting


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("tls")
    (root / "small.txt").write_text("over TLS")
    (root / "large.bin").write_bytes(bytes(range(256)) * 20000)
    return root


@pytest.fixture(scope="module")
def proxy(start_shared_proxy, authority, root):
    pairs = [authority.issue("one.test", "127.0.0.1"), authority.issue("two.test"), authority.issue("*.wild.test")]
    return start_shared_proxy([directory_bucket(root)], server={"tls": {"certificates": [
        {"certificate": str(certificate), "private_key": str(key)} for certificate, key in pairs]}})


def names_shown(proxy, authority, server_name):
    context = trusting(authority.certificate)
    context.check_hostname = False
    with Connection(proxy.main, tls=context, server_name=server_name) as connection:
        return {name for _, name in connection.socket.getpeercert()["subjectAltName"]}


def test_objects_come_over_tls(proxy, authority):
    client = trusting(authority.certificate)
    with Connection(proxy.main, tls=client, server_name="one.test") as connection:
        assert connection.request("GET", "/small.txt").body == b"over TLS"
        assert connection.request("GET", "/large.bin").body == bytes(range(256)) * 20000
        assert connection.request("GET", "/large.bin", {"Range": "bytes=100-199"}).body == (bytes(range(256)))[100:200]


def test_the_certificate_follows_the_name_asked_for(proxy, authority):
    assert "one.test" in names_shown(proxy, authority, "one.test")
    assert "two.test" in names_shown(proxy, authority, "two.test")
    assert "*.wild.test" in names_shown(proxy, authority, "any.wild.test")
    assert "one.test" in names_shown(proxy, authority, "unknown.test")
    assert "one.test" in names_shown(proxy, authority, None)


@pytest.mark.parametrize("version, spoken", [
    (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True), (ssl.TLSVersion.TLSv1_1, False)])
@pytest.mark.filterwarnings("ignore:.*TLSv1_1.*:DeprecationWarning")
def test_versions(proxy, authority, version, spoken):
    client = trusting(authority.certificate)
    client.set_ciphers("ALL:@SECLEVEL=0")
    client.minimum_version = client.maximum_version = version
    if spoken:
        with Connection(proxy.main, tls=client, server_name="one.test") as connection:
            assert connection.request("GET", "/small.txt").status == 200
    else:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            Connection(proxy.main, tls=client, server_name="one.test")


def test_min_version_1_3_refuses_1_2(start_proxy, authority, root):
    certificate, key = authority.issue("strict.test")
    proxy = start_proxy([directory_bucket(root)], server={"tls": {
        "certificates": [{"certificate": str(certificate), "private_key": str(key)}], "min_version": "1.3"}})
    client = trusting(authority.certificate)
    with Connection(proxy.main, tls=client, server_name="strict.test") as connection:
        assert connection.request("GET", "/small.txt").status == 200
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Connection(proxy.main, tls=client, server_name="strict.test")


def test_client_certificates_are_required_when_an_authority_is_named(start_proxy, authority, root, tmp_path):
    certificate, key = authority.issue("mutual.test")
    proxy = start_proxy([directory_bucket(root)], server={"tls": {
        "certificates": [{"certificate": str(certificate), "private_key": str(key)}],
        "client_ca": str(authority.certificate)}})

    def ask(client_certificate=None):
        client = trusting(authority.certificate)
        if client_certificate:
            client.load_cert_chain(*client_certificate)
        with Connection(proxy.main, tls=client, server_name="mutual.test") as connection:
            return connection.request("GET", "/small.txt").status
    assert ask(authority.issue("client.test")) == 200
    for bad in (None, Authority(tmp_path / "other", "Another").issue("client.test")):
        with pytest.raises((ssl.SSLError, ConnectionError, Cut)):
            ask(bad)


def test_plain_text_and_garbage_on_a_tls_port_are_closed(proxy, authority):
    for data in (request_bytes("GET", "/small.txt"), b"\x16\x03\x01\xff\xff" + b"x" * 1000, b"\x00" * 64):
        with Connection(proxy.main, timeout=10) as connection:
            connection.send(data)
            assert b"over TLS" not in connection.rest()
    with Connection(proxy.main, tls=trusting(authority.certificate), server_name="one.test") as connection:
        assert connection.request("GET", "/small.txt").status == 200


def test_a_handshake_that_stops_is_given_up(start_proxy, authority, root):
    certificate, key = authority.issue("slow.test")
    proxy = start_proxy([directory_bucket(root)], server={
        "tls": {"certificates": [{"certificate": str(certificate), "private_key": str(key)}]},
        "timeouts": {"handshake": "500ms"}})
    with Connection(proxy.main, timeout=10) as connection:
        connection.send(b"\x16\x03\x01")
        connection.rest()


def test_many_handshakes_cut_short_leave_nothing_behind(proxy):
    before = proxy.process.open_files()
    for n in range(50):
        with socket.create_connection(proxy.main) as sock:
            sock.sendall(b"\x16\x03\x01\x02\x00\x01"[:n % 7])
    until(lambda: proxy.process.open_files() <= before + 1, "descriptors are given back")


def test_a_certificate_that_cannot_be_read_is_a_mistake_at_start(start_proxy, root, tmp_path):
    (tmp_path / "not.pem").write_text("not a certificate")
    for certificate in (tmp_path / "missing.pem", tmp_path / "not.pem"):
        proxy = start_proxy([directory_bucket(root)], start=False, server={"tls": {"certificates": [
            {"certificate": str(certificate), "private_key": str(certificate)}]}})
        with pytest.raises(AssertionError, match="ended before it was ready"):
            proxy.start()
        assert proxy.process.wait() in (2, 3)
        assert certificate.name in proxy.process.stderr() + proxy.process.stdout()
        proxy.process.popen.returncode = 0


def tls_origin(authority, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue(*names))
    double = OriginDouble(tls=context)
    double.on("/bbb/key", serve_object(b"from a TLS origin"))
    return double


def test_an_origin_is_spoken_to_when_its_certificate_is_good(start_proxy, authority):
    double = tls_origin(authority, "127.0.0.1")
    proxy = start_proxy([s3_bucket(double.endpoint, "bbb", ca_file=str(authority.certificate))])
    for _ in range(3):
        assert proxy.get("/key").body == b"from a TLS origin"
    double.stop()


def test_an_origin_of_another_name_is_refused(start_proxy, authority):
    double = tls_origin(authority, "elsewhere.test")
    proxy = start_proxy([s3_bucket(double.endpoint, "bbb", ca_file=str(authority.certificate))])
    assert proxy.get("/key").status == 502
    assert double.requests == []
    double.stop()


def test_a_dns_name_is_checked_and_sent_as_sni(start_proxy, authority):
    double = tls_origin(authority, "localhost")
    seen = []
    double.tls.sni_callback = lambda _, name, __: seen.append(name)
    endpoint = f"https://localhost:{double.port}"
    proxy = start_proxy([s3_bucket(endpoint, "bbb", ca_file=str(authority.certificate))])
    assert proxy.get("/key").body == b"from a TLS origin"
    assert set(seen) == {"localhost"}
    double.stop()


def test_an_unknown_authority_is_refused(start_proxy, authority, tmp_path):
    double = tls_origin(authority, "127.0.0.1")
    other = Authority(tmp_path / "other", "Another authority")
    for trust in ({"ca_file": str(other.certificate)}, {}):
        proxy = start_proxy([s3_bucket(double.endpoint, "bbb", **trust)])
        answer = proxy.get("/key")
        assert answer.status == 502
        assert b"certificate" not in answer.body.lower()
    assert double.requests == []
    double.stop()


def test_a_plain_origin_behind_https_is_refused(start_proxy, origin, authority):
    endpoint = origin.endpoint.replace("http:", "https:")
    proxy = start_proxy([s3_bucket(endpoint, "bbb", ca_file=str(authority.certificate), retry={"attempts": 1})])
    assert proxy.get("/key").status in (502, 504)


def test_a_tls_body_cut_without_a_close_is_visibly_cut(start_proxy, authority):
    double = tls_origin(authority, "127.0.0.1")

    def half(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500)
        exchange.reset()
    double.on("/bbb/half", half)
    proxy = start_proxy([s3_bucket(double.endpoint, "bbb", ca_file=str(authority.certificate))])
    with proxy.connect() as connection:
        connection.send(request_bytes("GET", "/half"))
        raw = connection.rest()
    assert len(raw.partition(b"\r\n\r\n")[2]) < 1000
    double.stop()


def test_a_real_s3_server_over_tls(start_proxy, authority, versitygw_binary, tmp_path):
    server = Versitygw(versitygw_binary, tmp_path / "s3", certificate=authority.issue("127.0.0.1", "localhost"))
    try:
        client = server.client(ca_file=authority.certificate)
        client.create_bucket(Bucket="secure")
        content = bytes(range(256)) * 8192
        client.put_object(Bucket="secure", Key="object", Body=content)
        proxy = start_proxy([s3_bucket(server.endpoint, "secure", ca_file=str(authority.certificate))])
        assert proxy.get("/object").body == content
        assert proxy.get("/object", {"Range": "bytes=-100"}).body == content[-100:]
    finally:
        server.stop()
