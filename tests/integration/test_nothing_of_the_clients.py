"""Whatever a client puts in query, fields or path: S3 sees our request and nothing of theirs.

Each attempt is compared with the request that a plain GET causes: the same fields with the same values, no query.
"""

import pytest

from harness.origin_double import OriginDouble
from harness.proxy import s3_bucket
from harness.sigv4 import assert_signed
from harness.versitygw import ACCESS_KEY, REGION, SECRET_KEY
from harness.wire import Nonsense

SUBRESOURCES = """acl uploads list-type=2 versions versioning policy policyStatus cors lifecycle location logging
    notification replication tagging website torrent restore select&select-type=2 uploadId=1 delete encryption
    object-lock legal-hold retention accelerate requestPayment publicAccessBlock ownershipControls inventory analytics
    metrics intelligent-tiering attributes session append renameObject metadataTable max-keys=1 prefix= marker=a
    continuation-token=a start-after=a encoding-type=url fetch-owner=true delimiter=/ x-id=GetObject""".split()
OVERRIDES = [f"response-{name}=evil" for name in (
    "content-type", "content-language", "expires", "cache-control", "content-disposition", "content-encoding")]
PRESIGNED = [f"X-Amz-{name}=evil" for name in (
    "Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature", "Security-Token",
    "Content-Sha256", "Checksum-Mode", "Acl")]
DISGUISES = ["acl=", "acl=evil", "%61cl", "ac%6C", "ACL", "a=1&acl", "acl&acl", "&acl", "acl&", "=&acl", "%26acl",
             "acl%3Devil", "x=%26acl", "versionid=evil", "VersionId=evil", "version%49d%00=evil", "versionId%20=evil",
             "%20versionId=evil", "versionId;acl", "partnumber=1", "AWSAccessKeyId=evil&Signature=evil&Expires=9",
             "x-amz-acl=evil", "%58-Amz-Acl=evil", "x%2Damz-acl=evil", "?acl", "//acl", "a=%0d%0aX-Amz-Acl:%20evil"]
FIELDS = [(name, "evil") for name in """
    Authorization Proxy-Authorization Cookie Referer User-Agent Origin Accept Accept-Encoding Accept-Language From
    Forwarded X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Real-IP Via Content-Type Content-MD5 Date Pragma
    Cache-Control x-amz-acl X-AMZ-ACL X-Amz-Date x-amz-content-sha256 X-Amz-Content-SHA256 x-amz-security-token
    x-amz-copy-source x-amz-request-payer x-amz-expected-bucket-owner x-amz-checksum-mode x-amz-meta-a x-amz-tagging
    x-amz-server-side-encryption-customer-algorithm x-amz-server-side-encryption-customer-key
    x-amz-server-side-encryption-customer-key-MD5 x-amz-mfa x-amz-object-attributes x-amz-bypass-governance-retention
    x-amz-website-redirect-location x-amz-trailer X-Request-Id X-HTTP-Method-Override X-Original-URL X-Rewrite-URL
    Upgrade-Insecure-Requests Sec-Fetch-Site Priority Traceparent X-Evil Max-Forwards Warning""".split()]
FIELD_SETS = [
    [("Authorization", "AWS4-HMAC-SHA256 Credential=evil/20240101/us-east-1/s3/aws4_request, "
                       "SignedHeaders=host, Signature=" + "0" * 64)],
    [("Authorization", "Bearer evil"), ("authorization", "Basic ZXZpbDpldmls")],
    [("Connection", "X-Evil"), ("X-Evil", "evil")],
    [("Connection", "authorization, x-amz-date, host, range"), ("Range", "bytes=0-3")],
    [("Connection", "keep-alive"), ("Keep-Alive", "timeout=evil")],
    [("TE", "trailers, evil")],
    [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "ZXZpbA")],
    [("Proxy-Connection", "evil")],
    [("Trailer", "x-amz-evil")],
    [("X-Amz_Acl", "evil")],
    [("x-amz-acl", "evil"), ("X-Amz-Acl", "evil"), ("X-AMZ-acl", "evil")],
    [("Host", "localhost")],
]
KEPT = {"range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since"}


@pytest.fixture(scope="module")
def origin_and_proxy(start_shared_proxy):
    double = OriginDouble()
    yield double, start_shared_proxy([s3_bucket(double.endpoint, "bbb")])
    double.stop()


def plain(proxy, origin, method="GET"):
    """What a request without anything of the client's looks like at the origin."""
    origin.forget()
    assert proxy.request(method, "/key").status == 200
    return comparable(origin.requests[-1])


def comparable(request):
    """Fields by name, without those that must differ from one moment to the next."""
    changing = {"authorization", "x-amz-date"} | KEPT
    return sorted((name.lower(), value if name.lower() not in changing else None)
                  for name, value in request.fields if name.lower() not in KEPT)


def attempt(proxy, target="/key", fields=(), method="GET"):
    """The status, or 0 when the proxy hung up; the origin's record is what counts."""
    try:
        return proxy.request(method, target, fields).status
    except Nonsense as error:
        raise AssertionError(f"{target} {fields}: {error}") from error


def assert_only_ours(origin, baseline, path="/bbb/key"):
    for request in origin.requests:
        assert request.method in ("GET", "HEAD"), request
        assert request.path == path, request
        assert request.query == "", request
        assert comparable(request) == baseline, request
        assert b"evil" not in request.raw, request
        assert_signed(request, ACCESS_KEY, SECRET_KEY, REGION)


QUERIES = SUBRESOURCES + OVERRIDES + PRESIGNED + DISGUISES


def test_the_table_is_long_enough():
    assert len(QUERIES) + len(FIELDS) + len(FIELD_SETS) >= 100
    assert len(set(QUERIES)) == len(QUERIES)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_no_query_reaches_s3(origin_and_proxy, method):
    origin, proxy = origin_and_proxy
    baseline = plain(proxy, origin, method)
    reached = 0
    for query in QUERIES:
        origin.forget()
        status = attempt(proxy, f"/key?{query}", method=method)
        assert status in (200, 400), query
        assert len(origin.requests) == (1 if status == 200 else 0), query
        assert_only_ours(origin, baseline)
        reached += len(origin.requests)
    assert reached > len(QUERIES) * 0.8


def test_no_field_reaches_s3_but_ranges_and_conditions(origin_and_proxy):
    origin, proxy = origin_and_proxy
    baseline = plain(proxy, origin)
    for fields in [[field] for field in FIELDS] + FIELD_SETS:
        origin.forget()
        status = attempt(proxy, fields=fields)
        assert status in (200, 206, 400), fields
        assert len(origin.requests) == (0 if status == 400 else 1), fields
        assert_only_ours(origin, baseline)


def test_ranges_and_conditions_do_reach_s3(origin_and_proxy):
    """Else the tests above would pass with a proxy that drops everything."""
    origin, proxy = origin_and_proxy
    origin.forget()
    assert proxy.get("/key", {"Range": "bytes=2-5"}).body == b"e sc"
    assert origin.requests[-1]["range"] == "bytes=2-5"
    assert proxy.get("/key", {"If-Match": '"other"'}).status == 412
    assert proxy.get("/key", {"If-None-Match": "*"}).status == 304


@pytest.mark.parametrize("target, path", [
    ("/key%3Facl", "/bbb/key%3Facl"), ("/key%26acl", "/bbb/key%26acl"), ("/key;acl", "/bbb/key%3Bacl"),
    ("/key%23x", "/bbb/key%23x"), ("/key%0d%0aX-Amz-Acl:%20evil", "/bbb/key%0D%0AX-Amz-Acl%3A%20evil"),
    ("/key%20HTTP/1.1%0d%0aHost:%20x", "/bbb/key%20HTTP/1.1%0D%0AHost%3A%20x"),
    ("/%2Fother-bucket/key", "/bbb//other-bucket/key"), ("/key%253Facl", "/bbb/key%253Facl"),
])
def test_a_question_mark_in_a_path_is_part_of_the_key(origin_and_proxy, target, path):
    origin, proxy = origin_and_proxy
    origin.forget()
    status = attempt(proxy, target)
    assert status in (200, 400)
    for request in origin.requests:
        assert (request.path, request.query) == (path, "")
        assert_signed(request, ACCESS_KEY, SECRET_KEY, REGION)


def test_allowed_parameters_reach_s3_signed_and_alone(origin_and_proxy):
    origin, proxy = origin_and_proxy
    origin.forget()
    assert proxy.get("/key?acl&versionId=v%2B1&response-expires=evil&partNumber=2&X-Amz-Date=evil").status == 200
    assert sorted(origin.requests[-1].query.split("&")) == ["partNumber=2", "versionId=v%2B1"]
    assert_signed(origin.requests[-1], ACCESS_KEY, SECRET_KEY, REGION)


def test_a_bucket_that_allows_no_parameter_passes_none(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", allow_query=[])])
    assert proxy.get("/key?versionId=1&partNumber=2").status in (200, 400)
    assert all(request.query == "" for request in origin.requests)


def test_fields_that_are_configured_reach_s3(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", forward_headers=["Accept-Language"])])
    assert proxy.get("/key", {"Accept-Language": "ja", "Accept": "evil"}).status == 200
    assert origin.requests[-1]["accept-language"] == "ja"
    assert "accept" not in origin.requests[-1].names()
    assert_signed(origin.requests[-1], ACCESS_KEY, SECRET_KEY, REGION)


def test_a_clients_body_reaches_nobody(origin_and_proxy):
    origin, proxy = origin_and_proxy
    baseline = plain(proxy, origin)
    origin.forget()
    with proxy.connect() as connection:
        assert connection.request("GET", "/key", body=b"evil body").status in (200, 400)
    assert_only_ours(origin, baseline)
    assert all(request.body == b"" for request in origin.requests)


BACK = [("Server", "AmazonS3"), ("x-amz-request-id", "TX"), ("x-amz-id-2", "host"), ("Set-Cookie", "a=b"),
        ("Connection", "X-Hop"), ("X-Hop", "1"), ("Keep-Alive", "timeout=5"), ("Proxy-Authenticate", "Basic"),
        ("X-Cache", "HIT"), ("Trailer", "x"), ("Upgrade", "h2c"), ("X-Internal", "1"),
        ("Cache-Control", "max-age=60"), ("Expires", "Thu, 01 Jan 2099 00:00:00 GMT"), ("Content-Language", "ja"),
        ("Content-Disposition", "inline"), ("Content-Encoding", "gzip"), ("x-amz-meta-crow", "three legs"),
        ("x-amz-version-id", "v1"), ("x-amz-checksum-crc32", "AAAAAA=="), ("Accept-Ranges", "bytes")]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_comes_back_is_what_the_client_may_see(start_proxy, origin, method):
    origin.on("/bbb/key", lambda exchange: exchange.reply(200, BACK, b"body"))
    answer = start_proxy([s3_bucket(origin.endpoint, "bbb")]).request(method, "/key")
    assert answer.status == 200
    for name, value in BACK[12:]:
        assert answer[name] == value, name
    for name, value in BACK[:12]:
        assert value not in answer.all(name), name
    assert answer["server"] == "yatagarasu"
