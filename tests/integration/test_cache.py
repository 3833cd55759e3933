"""The cache in the finished binary, over a real S3 server: what is asked of it, what clients get and are told."""

import hashlib
import os
import random
import re

import pytest

from harness.proxy import s3_bucket

MIB = 1 << 20
CACHE = {"layers": ["memory"], "memory": {"max_size": "64MiB"}}
LARGE = os.urandom(5 * MIB + 17)


def cached(endpoint, bucket, cache=None, **more):
    made = s3_bucket(endpoint, bucket, path_prefix="/assets", **more)
    return {**made, "cache": {"default_ttl": "1h", **(cache or {})}}


@pytest.fixture
def proxy(start_proxy, s3_server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="small", Body=b"small things", ContentType="text/plain",
                  Metadata={"color": "blue"}, CacheControl="max-age=100")
    s3.put_object(Bucket=bucket, Key="large", Body=LARGE)
    return start_proxy([cached(s3_server.endpoint, bucket)], cache=CACHE)


def origin_requests(proxy, answers):
    """How often S3 was asked for so many answers, by what the log says of each."""
    return sum(record.get("origin", {}).get("attempts", 0) for record in proxy.logged(answers))


def test_a_miss_then_hits_with_the_same_fields(proxy):
    miss, hit = proxy.get("/assets/small"), proxy.get("/assets/small")
    assert miss.status == hit.status == 200
    assert miss.body == hit.body == b"small things"
    assert re.fullmatch(r"yatagarasu; fwd=uri-miss; ttl=\d+; stored", miss["cache-status"])
    assert hit["cache-status"].startswith("yatagarasu; hit; ttl=")
    assert (miss["x-cache"], hit["x-cache"]) == ("MISS", "HIT")
    assert miss["age"] is None and int(hit["age"]) < 100
    for name in ("etag", "last-modified", "content-type", "cache-control", "x-amz-meta-color", "accept-ranges"):
        assert hit[name] == miss[name] is not None, name
    assert proxy.head("/assets/small")["content-length"] == "12"
    assert origin_requests(proxy, 3) == 1


def test_the_log_and_the_metrics_say_it(proxy):
    proxy.get("/assets/small")
    proxy.get("/assets/small")
    # Of two loops, whose lines may come in any order.
    words = sorted(record["cache"] for record in proxy.logged(2))
    assert words[0].startswith("fwd=uri-miss") and words[1].startswith("hit; ttl=")
    text = proxy.metrics()
    name = proxy.config["buckets"][0]["name"]
    assert f'yatagarasu_cache_lookups_total{{bucket="{name}",layer="memory",result="hit"}} 1' in text
    assert f'yatagarasu_cache_lookups_total{{bucket="{name}",layer="memory",result="uri-miss"}} 1' in text
    assert 'yatagarasu_cache_objects{layer="memory"} 1' in text


def test_ranges_and_conditions_from_the_cache(proxy):
    whole = proxy.get("/assets/large")
    assert hashlib.sha256(whole.body).digest() == hashlib.sha256(LARGE).digest()
    part = proxy.get("/assets/large", {"Range": f"bytes={MIB - 5}-{3 * MIB}"})
    assert part.status == 206 and part.body == LARGE[MIB - 5:3 * MIB + 1]
    assert part["content-range"] == f"bytes {MIB - 5}-{3 * MIB}/{len(LARGE)}"
    suffix = proxy.get("/assets/large", {"Range": "bytes=-7"})
    assert suffix.body == LARGE[-7:]
    several = proxy.get("/assets/large", {"Range": "bytes=0-1,4000000-4000001"})
    assert several.status == 206 and several["content-type"].startswith("multipart/byteranges")
    assert LARGE[4000000:4000002] in several.body
    assert proxy.get("/assets/large", {"If-None-Match": whole["etag"]}).status == 304
    assert proxy.get("/assets/large", {"If-Match": '"other"'}).status == 412
    assert proxy.get("/assets/large", {"Range": f"bytes={len(LARGE)}-"}).status == 416
    assert origin_requests(proxy, 7) == 1


def test_ranges_of_a_cold_object_fetch_their_granules_once(proxy):
    seeded = random.Random(7)
    for _ in range(60):
        first = seeded.randrange(len(LARGE))
        last = min(len(LARGE) - 1, first + seeded.randrange(2 * MIB))
        part = proxy.get("/assets/large", {"Range": f"bytes={first}-{last}"})
        assert part.status == 206 and part.body == LARGE[first:last + 1]
    # Six granules, each by itself at most.
    assert origin_requests(proxy, 60) <= 6
    assert 'yatagarasu_cache_objects{layer="memory"} 7' in proxy.metrics()


def test_a_missing_object_is_remembered_for_a_while(proxy):
    for _ in range(3):
        assert proxy.get("/assets/missing").status == 404
    assert origin_requests(proxy, 3) == 1


def test_a_bucket_without_a_cache_and_one_without_the_section(start_proxy, s3_server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="small", Body=b"x")
    off = start_proxy([cached(s3_server.endpoint, bucket, {"enabled": False})], cache=CACHE)
    none = start_proxy([s3_bucket(s3_server.endpoint, bucket, path_prefix="/assets")])
    for proxy in (off, none):
        for _ in range(2):
            assert proxy.get("/assets/small")["cache-status"] == "yatagarasu; fwd=bypass; detail=disabled"
        assert origin_requests(proxy, 2) == 2


def test_an_object_that_changed_is_served_new_after_its_time(start_proxy, s3_server, s3, bucket):
    proxy = start_proxy([cached(s3_server.endpoint, bucket, {"override_ttl": "0s"})], cache=CACHE)
    s3.put_object(Bucket=bucket, Key="small", Body=b"one")
    assert proxy.get("/assets/small").body == b"one"
    again = proxy.get("/assets/small")
    assert again.body == b"one" and again["x-cache"] == "REVALIDATED"
    s3.put_object(Bucket=bucket, Key="small", Body=b"two")
    assert proxy.get("/assets/small").body == b"two"
