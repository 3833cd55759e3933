"""Random ranges of a sparse object of 10 GB through a real S3 server: each granule once, in bounded memory."""

import random

import pytest

from harness.sparse_object import (GRANULE, MIB, SparseObject, granules_of, metric, rss_limit_bytes, start_cached)
from harness.versitygw import Versitygw

SIZE = 10 << 30
CLIENTS = 8
# Heads, and what the server writes besides answers.
BESIDES_BYTES = 4096


@pytest.fixture
def server(versitygw_binary, tmp_path):
    """One whose bytes nobody else asks for."""
    server = Versitygw(versitygw_binary, tmp_path / "s3")
    yield server
    server.stop()


@pytest.fixture
def start(binary, server, tmp_path):
    running = []

    def start_with(quota_mib):
        running.append(start_cached(tmp_path / "proxy", server.endpoint, quota_mib))
        return running[-1]
    yield start_with
    for proxy in running:
        proxy.stop()


def test_each_granule_is_fetched_once_while_all_are_kept(start, server):
    seeded = random.Random(1)
    large = SparseObject(server, SIZE, 5000, seeded)
    proxy = start(quota_mib=1024)
    parts = large.draw(seeded, 400, 512 << 10)
    touched = granules_of(parts)
    sent = server.process.written_bytes()
    large.ask_all(proxy, parts, CLIENTS)
    # Again, in another order: all of it is there, or on its way.
    seeded.shuffle(parts)
    large.ask_all(proxy, parts, CLIENTS)
    requests = metric(proxy, "yatagarasu_origin_requests_total")
    assert metric(proxy, "yatagarasu_cache_evictions_total") == 0
    assert 0 < requests <= len(touched)
    assert server.process.written_bytes() - sent <= len(touched) * GRANULE + requests * BESIDES_BYTES


@pytest.mark.release_only
def test_memory_stays_within_the_quota_whatever_is_asked_for(start, server):
    seeded = random.Random(2)
    large = SparseObject(server, SIZE, 5000, seeded)
    proxy = start(quota_mib=64)
    parts = large.draw(seeded, 300, MIB)
    peak = large.ask_all(proxy, parts, CLIENTS)
    assert metric(proxy, "yatagarasu_cache_evictions_total") > 100
    assert metric(proxy, "yatagarasu_cache_bytes") <= 65 * MIB
    print(f"at its peak {peak / MIB:.0f} MiB")
    assert peak <= rss_limit_bytes(64)
