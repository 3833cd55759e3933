"""Where S3 is and how a bucket is named to it: path and virtual-host style, base paths, prefixes, IPv6."""

import pytest

from harness.origin_double import OriginDouble, serve_object
from harness.ports import has_ipv6, localhost_has_both_families
from harness.proxy import s3_bucket
from harness.sigv4 import assert_signed
from harness.versitygw import ACCESS_KEY, REGION, SECRET_KEY, Versitygw

ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on loopback")


def asked(proxy, origin, target="/key"):
    """The request that reaches S3 for a target; its signature is checked."""
    origin.forget()
    assert proxy.get(target).status == 200
    assert_signed(origin.requests[-1], ACCESS_KEY, SECRET_KEY, REGION)
    return origin.requests[-1]


def test_path_style_names_the_bucket_in_the_path(start_proxy, origin):
    request = asked(start_proxy([s3_bucket(origin.endpoint, "bucket-name", addressing="path")]), origin)
    assert request.path == "/bucket-name/key"
    assert request["host"] == f"127.0.0.1:{origin.port}"


def test_virtual_style_names_the_bucket_in_the_host(start_proxy, origin):
    endpoint = f"http://localhost:{origin.port}"
    proxy = start_proxy([s3_bucket(endpoint, "bucket-name", addressing="virtual")])
    request = asked(proxy, origin)
    assert request.path == "/key"
    assert request["host"] == f"bucket-name.localhost:{origin.port}"


def test_auto_is_path_style_away_from_aws(start_proxy, origin):
    assert asked(start_proxy([s3_bucket(origin.endpoint, "bbb", addressing="auto")]), origin).path == "/bbb/key"


@pytest.mark.parametrize("base", ["/s3", "/deep/er", "/s3/"])
def test_an_endpoint_with_a_base_path(start_proxy, origin, base):
    proxy = start_proxy([s3_bucket(origin.endpoint + base, "bbb")])
    assert asked(proxy, origin).path == base.rstrip("/") + "/bbb/key"


def test_a_key_prefix_is_put_before_the_key(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", path_prefix="/assets", key_prefix="site/a b/")])
    assert asked(proxy, origin, "/assets/x/y").path == "/bbb/site/a%20b/x/y"
    origin.forget()
    assert proxy.get("/assets/../secret").status == 400
    assert origin.requests == []


def test_path_prefixes_are_whole_segments_and_the_longest_wins(start_proxy, origin):
    buckets = [s3_bucket(origin.endpoint, name, path_prefix=prefix) for name, prefix in (
        ("outer", "/a"), ("inner", "/a/b"), ("rest", "/"))]
    proxy = start_proxy(buckets)
    for target, path in (("/a/x", "/outer/x"), ("/a/b/x", "/inner/x"), ("/a/bc", "/outer/bc"), ("/ab/x", "/rest/ab/x"),
                         ("/a/b%2Fx", "/inner/x"), ("/%61/b/x", "/inner/x"), ("/a//b/x", "/outer//b/x"),
                         ("/x", "/rest/x")):
        assert asked(proxy, origin, target).path == path, target


@ipv6
def test_an_origin_on_ipv6(start_proxy):
    double = OriginDouble(host="::1")
    request = asked(start_proxy([s3_bucket(double.endpoint, "bbb")]), double)
    assert request["host"] == f"[::1]:{double.port}"
    double.stop()


@ipv6
def test_clients_on_ipv6(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")], server={"address": "[::1]:0"})
    assert proxy.main[0] == "::1"
    assert proxy.get("/key", host="[::1]:80").status == 200


@pytest.mark.skipif(not localhost_has_both_families(), reason="localhost has one address here")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_both_families_of_a_name_are_tried(start_proxy, host):
    """localhost has two addresses; the origin listens on one of them only."""
    double = OriginDouble(host=host)
    double.on("/bbb/key", serve_object(b"found"))
    proxy = start_proxy([s3_bucket(f"http://localhost:{double.port}", "bbb")])
    assert proxy.get("/key").body == b"found"
    double.stop()


def test_a_real_server_with_virtual_hosts(start_proxy, versitygw_binary, tmp_path):
    server = Versitygw(versitygw_binary, tmp_path / "s3", virtual_domain="localhost")
    try:
        (server.folder / "by-host").mkdir()
        (server.folder / "by-host" / "object").write_bytes(b"found by host")
        proxy = start_proxy([s3_bucket(f"http://localhost:{server.port}", "by-host", addressing="virtual")])
        assert proxy.get("/object").body == b"found by host"
    finally:
        server.stop()


def test_two_buckets_of_one_server_do_not_mix(start_proxy, s3_server, s3):
    for name in ("left", "right"):
        s3.create_bucket(Bucket=f"{name}-side")
        s3.put_object(Bucket=f"{name}-side", Key="who", Body=name.encode())
    proxy = start_proxy([s3_bucket(s3_server.endpoint, f"{name}-side", path_prefix=f"/{name}")
                         for name in ("left", "right")])
    with proxy.connect() as connection:
        for _ in range(10):
            for name in ("left", "right"):
                assert connection.request("GET", f"/{name}/who").body == name.encode()
