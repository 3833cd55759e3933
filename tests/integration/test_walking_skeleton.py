"""curl, our binary, a real S3 server, the right bytes."""

import hashlib
import os

import pytest

from harness.proxy import s3_bucket

SMALL = b"Hello from a real S3 server.\n"
LARGE = os.urandom(3 * 1024 * 1024 + 17)


@pytest.fixture(scope="module")
def proxy(start_shared_proxy, s3_server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="small.txt", Body=SMALL, ContentType="text/plain")
    s3.put_object(Bucket=bucket, Key="deep/large.bin", Body=LARGE)
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    return start_shared_proxy([s3_bucket(s3_server.endpoint, bucket, path_prefix="/assets")])


@pytest.mark.parametrize("key, content", [("small.txt", SMALL), ("deep/large.bin", LARGE), ("empty", b"")])
def test_get_returns_the_bytes_that_were_put(proxy, key, content):
    answer = proxy.get(f"/assets/{key}")
    assert answer.status == 200
    assert answer["content-length"] == str(len(content))
    assert hashlib.sha256(answer.body).digest() == hashlib.sha256(content).digest()
    assert answer["etag"] == f'"{hashlib.md5(content).hexdigest()}"'


def test_content_type_and_dates_come_from_s3(proxy):
    answer = proxy.get("/assets/small.txt")
    assert answer["content-type"] == "text/plain"
    assert answer["last-modified"].endswith(" GMT")


def test_head_has_the_fields_of_get_and_no_body(proxy):
    with proxy.connect() as connection:
        head = connection.request("HEAD", "/assets/deep/large.bin")
        assert head.status == 200
        assert head["content-length"] == str(len(LARGE))
        # On the same connection: a body after HEAD would be taken for the next answer.
        assert connection.request("GET", "/assets/small.txt").body == SMALL


def test_a_range_is_fetched(proxy):
    answer = proxy.get("/assets/deep/large.bin", {"Range": "bytes=1000000-1000099"})
    assert answer.status == 206
    assert answer["content-range"] == f"bytes 1000000-1000099/{len(LARGE)}"
    assert answer.body == LARGE[1000000:1000100]


def test_a_missing_object_is_404_in_our_words(proxy):
    answer = proxy.get("/assets/missing")
    assert answer.status == 404
    assert answer.error_code == "NoSuchKey"
    assert answer.json()["error"]["request_id"] == answer["x-request-id"]


def test_a_path_outside_every_bucket_is_404(proxy):
    assert proxy.get("/elsewhere").status == 404


def test_it_names_itself_and_the_request(proxy):
    answer = proxy.get("/assets/small.txt")
    assert answer["server"] == "yatagarasu"
    assert len(answer["x-request-id"]) == 36
    assert "yatagarasu" in answer["via"]
