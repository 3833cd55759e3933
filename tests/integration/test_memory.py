"""Memory that clients and bodies may cost, whatever their size, number and slowness. Release build only."""

import pytest

from harness.deadline import until
from harness.proxy import directory_bucket, s3_bucket
from harness.wire import request_bytes

pytestmark = pytest.mark.release_only
MIB = 1 << 20


@pytest.fixture(params=["s3", "directory"])
def large(request, start_proxy, s3_server, s3, bucket, tmp_path):
    """A proxy with a sparse object of 256 MiB under /large."""
    if request.param == "s3":
        folder = s3_server.folder / bucket
        proxy = start_proxy([s3_bucket(s3_server.endpoint, bucket)], logging={"level": "info"})
    else:
        folder = tmp_path / "files"
        folder.mkdir()
        proxy = start_proxy([directory_bucket(folder)], logging={"level": "info"})
    with open(folder / "large", "wb") as file:
        file.truncate(256 * MIB)
    (folder / "small").write_bytes(b"x")
    assert proxy.get("/small").status == 200
    return proxy


def test_200_readers_that_stop_cost_60_mib_together(large):
    before = large.process.rss_bytes()
    readers = [large.connect(receive_buffer=4096) for _ in range(200)]
    for reader in readers:
        reader.send(request_bytes("GET", "/large"))
    for reader in readers:
        assert reader.receive(4096)
    # The proxy has stopped taking bytes from the origin when its memory stands still.
    levels = [0]

    def settled():
        levels.append(large.process.rss_bytes())
        return len(levels) > 30 and max(levels[-20:]) - min(levels[-20:]) < MIB
    until(settled, "memory stands still", seconds=30)
    grown = (large.process.rss_bytes() - before) / MIB
    print(f"200 stopped readers: {grown:.1f} MiB")
    assert grown <= 60
    assert large.get("/small").status == 200
    for reader in readers:
        reader.close()


def test_a_large_object_flows_in_constant_memory(large):
    before = large.process.rss_bytes()
    peak = before
    with large.connect() as connection:
        connection.send(request_bytes("GET", "/large"))
        head = connection.head()
        left = int(head["content-length"]) - len(connection.buffer)
        while left:
            piece = connection.socket.recv(MIB)
            assert piece
            left -= len(piece)
            if left % (16 * MIB) < len(piece):
                peak = max(peak, large.process.rss_bytes())
    assert (peak - before) / MIB <= 32


def test_idle_connections_are_small(start_proxy, tmp_path):
    (tmp_path / "a").write_text("x")
    proxy = start_proxy([directory_bucket(tmp_path)], logging={"level": "info", "access": {"output": "off"}})
    assert proxy.get("/a").status == 200
    before = proxy.process.rss_bytes()
    idle = [proxy.connect() for _ in range(400)]
    for connection in idle:
        assert connection.request("GET", "/a").status == 200
    each = (proxy.process.rss_bytes() - before) / len(idle)
    print(f"an idle connection: {each / 1024:.1f} KiB")
    assert each <= 10 * 1024
    for connection in idle:
        connection.close()
