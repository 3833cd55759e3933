"""Start, stop, draining, exit codes."""

import json
import os
import signal
import socket
import stat
import threading
import time

import pytest

from harness.deadline import until
from harness.ports import free_port, has_ipv6
from harness.processes import Process
from harness.proxy import BINARY, clean_environment, directory_bucket, s3_bucket
from harness.wire import Connection, Cut, request_bytes

SLOW = b"0123456789abcdef" * 16384  # 256 KiB.


def paced(exchange):
    """An object in two halves, the second when the test says so."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(SLOW)}\r\n\r\n".encode()
    exchange.send(head + SLOW[:1000])
    exchange.origin.gate.wait(60)
    exchange.send(SLOW[1000:])


@pytest.fixture
def gated(origin):
    origin.gate = threading.Event()
    origin.on("/bbb/slow", paced)
    return origin


def begin(proxy, count):
    """`count` transfers that have begun."""
    clients = [proxy.connect(timeout=60) for _ in range(count)]
    for client in clients:
        client.send(request_bytes("GET", "/slow"))
    for client in clients:
        client.buffer = client.receive(100)
        assert client.buffer
    return clients


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_200_transfers_in_flight_are_all_finished(start_proxy, gated, number):
    proxy = start_proxy([s3_bucket(gated.endpoint, "bbb", pool={"connections": 300}, timeouts={"stall": "60s"})])
    clients = begin(proxy, 200)
    proxy.process.signal(number)
    until(lambda: refuses(proxy), "new connections are refused")
    assert proxy.process.alive
    gated.gate.set()
    answers = [client.response() for client in clients]
    assert all(answer.status == 200 and answer.body == SLOW for answer in answers)
    assert proxy.process.wait() == 0


def refuses(proxy):
    try:
        socket.create_connection(proxy.main, timeout=1).close()
    except OSError:
        return True
    return False


def test_draining_ends_with_its_time(start_proxy, gated):
    proxy = start_proxy([s3_bucket(gated.endpoint, "bbb", timeouts={"stall": "60s"})],
                        server={"timeouts": {"drain": "500ms"}})
    clients = begin(proxy, 3)
    began = time.monotonic()
    assert proxy.process.stop() == 0
    assert 0.3 < time.monotonic() - began < 10
    for client in clients:
        with pytest.raises(Cut):
            client.response()


def test_idle_connections_do_not_hold_the_end(start_proxy, tmp_path):
    (tmp_path / "a").write_text("x")
    proxy = start_proxy([directory_bucket(tmp_path)])
    idle = [proxy.connect() for _ in range(20)]
    for connection in idle[:10]:
        assert connection.request("GET", "/a").status == 200
    began = time.monotonic()
    assert proxy.process.stop() == 0
    assert time.monotonic() - began < 5
    for connection in idle:
        assert connection.ends()


def test_readiness_goes_first(start_proxy, gated):
    proxy = start_proxy([s3_bucket(gated.endpoint, "bbb", timeouts={"stall": "60s"})])
    clients = begin(proxy, 1)
    proxy.process.signal(signal.SIGTERM)
    until(lambda: admin_says_draining(proxy), "/ready is 503 or the admin listener is gone")
    gated.gate.set()
    assert clients[0].response().body == SLOW
    assert proxy.process.wait() == 0


def admin_says_draining(proxy):
    try:
        return proxy.ask_admin("/ready").status == 503
    except (OSError, Cut):
        return True


def test_a_second_signal_ends_at_once(start_proxy, gated):
    proxy = start_proxy([s3_bucket(gated.endpoint, "bbb", timeouts={"stall": "60s"})])
    begin(proxy, 1)
    proxy.process.signal(signal.SIGTERM)
    until(lambda: refuses(proxy), "draining")
    proxy.process.signal(signal.SIGTERM)
    code = proxy.process.wait(15)
    assert code in (0, 1, -signal.SIGTERM)
    proxy.process.popen.returncode = 0  # The fixture asks for 0; this end was forced.


def test_sighup_and_sigpipe_do_not_end_it(start_proxy, tmp_path):
    (tmp_path / "a").write_text("x")
    proxy = start_proxy([directory_bucket(tmp_path)])
    proxy.process.signal(signal.SIGPIPE)
    assert proxy.get("/a").status == 200


def test_a_port_that_is_taken_is_exit_code_3(binary, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = tmp_path / "c.yaml"
        config.write_text(f"""
server: {{ address: "127.0.0.1:{port}" }}
admin: {{ address: "127.0.0.1:0" }}
buckets: [{{ name: a, path_prefix: /, directory: {{ root: "{tmp_path}" }}, auth: {{ enabled: false }} }}]
""")
        process = Process("yatagarasu", [binary, "serve", "-c", config], tmp_path)
        assert process.wait(20) == 3
        assert str(port) in process.stderr()


@pytest.mark.parametrize("doubled", ["server", "admin"])
def test_a_second_process_does_not_share_the_ports_of_the_first(binary, start_proxy, tmp_path, doubled):
    (tmp_path / "a").write_text("x")
    first = start_proxy([directory_bucket(tmp_path)])
    taken = first.main if doubled == "server" else first.admin
    config = {"server": {"address": "127.0.0.1:0"}, "admin": {"address": "127.0.0.1:0"},
              "buckets": [directory_bucket(tmp_path)]}
    config[doubled]["address"] = f"127.0.0.1:{taken[1]}"
    (tmp_path / "second.yaml").write_text(json.dumps(config))
    second = Process("yatagarasu", [binary, "serve", "-c", tmp_path / "second.yaml"], tmp_path)
    assert second.wait(20) == 3
    assert f"127.0.0.1:{taken[1]}: Address already in use" in second.stderr()


@pytest.mark.parametrize("argv, code", [
    (["serve", "-c", "missing.yaml"], {2, 3}), (["serve"], {2}), ([], {2}), (["fly"], {2}), (["serve", "--what"], {2}),
    (["version"], {0}), (["--help"], {0}), (["serve", "--help"], {0}),
])
def test_exit_codes_of_the_command_line(binary, tmp_path, argv, code):
    process = Process("yatagarasu", [binary, *argv], tmp_path)
    assert process.wait(20) in code
    assert process.stdout() or process.stderr()


def test_version_names_program_and_version(binary, tmp_path):
    process = Process("yatagarasu", [binary, "version"], tmp_path)
    assert process.wait(20) == 0
    assert process.stdout().startswith("yatagarasu ")


def test_many_listeners(start_proxy, tmp_path):
    (tmp_path / "a").write_text("x")
    addresses = ["127.0.0.1:0", "127.0.0.2:0"] + (["[::1]:0"] if has_ipv6() else [])
    proxy = start_proxy([directory_bucket(tmp_path)], server={"address": addresses})
    assert len(proxy.mains) == len(addresses)
    for address in proxy.mains:
        proxy.main = address
        assert proxy.get("/a").body == b"x"


def test_a_unix_socket(start_proxy, tmp_path):
    (tmp_path / "a").write_text("x")
    path = str(tmp_path / "s")
    address = ["127.0.0.1:0", f"unix:{path}"]
    first = start_proxy([directory_bucket(tmp_path)], server={"address": address})
    with Connection(path) as connection:
        assert connection.request("GET", "/a").body == b"x"
    first.process.kill()  # And leaves its socket behind.
    first.process.popen.returncode = 0
    second = start_proxy([directory_bucket(tmp_path)], server={"address": address})
    with Connection(path) as connection:
        assert connection.request("GET", "/a").body == b"x"
    second.stop()
    assert not os.path.exists(path)


def test_the_admin_socket_is_the_users_own(binary, tmp_path):
    path = tmp_path / "admin"
    config = {"server": {"address": "127.0.0.1:0"}, "admin": {"address": f"unix:{path}"},
              "buckets": [directory_bucket(tmp_path)]}
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    argv = ["sh", "-c", 'umask 0; exec "$0" "$@"', binary, "serve", "-c", tmp_path / "c.yaml"]
    process = Process("yatagarasu", argv, tmp_path, clean_environment(tmp_path))
    process.ready(lambda: "(admin)" in process.stderr(), "listening")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Connection(str(path)) as connection:
        assert connection.request("GET", "/metrics").status == 200
    assert process.stop() == 0
    assert not path.exists()


def test_no_file_gives_way_to_a_socket(binary, tmp_path):
    path = tmp_path / "precious"
    path.write_text("kept")
    config = {"admin": {"address": f"unix:{path}"}, "server": {"address": "127.0.0.1:0"},
              "buckets": [directory_bucket(tmp_path)]}
    (tmp_path / "c.yaml").write_text(json.dumps(config))
    process = Process("yatagarasu", [binary, "serve", "-c", tmp_path / "c.yaml"], tmp_path)
    assert process.wait(20) == 3
    assert path.read_text() == "kept"


def test_a_fixed_port_is_used(start_proxy, tmp_path):
    (tmp_path / "a").write_text("x")
    port = free_port()
    proxy = start_proxy([directory_bucket(tmp_path)], server={"address": f"127.0.0.1:{port}"})
    assert proxy.main == ("127.0.0.1", port)


def test_it_restarts_on_the_same_port_at_once(start_proxy, tmp_path):
    (tmp_path / "a").write_text("x")
    first = start_proxy([directory_bucket(tmp_path)])
    assert first.get("/a").status == 200
    first.stop()
    second = start_proxy([directory_bucket(tmp_path)], server={"address": f"127.0.0.1:{first.main[1]}"})
    assert second.get("/a").status == 200


@pytest.mark.release_only  # UBSan looks at memory through a pipe of its own and fails without a descriptor.
def test_running_out_of_descriptors_is_survived(binary, start_proxy, tmp_path):
    (tmp_path / "a").write_text("x")
    proxy = start_proxy([directory_bucket(tmp_path)], start=False)
    proxy.env["YATA_LIMIT"] = "80"
    argv = ["sh", "-c", 'ulimit -n "$YATA_LIMIT"; exec "$0" "$@"', BINARY, "serve", "-c", proxy.config_path]
    proxy.process = Process("yatagarasu", argv, tmp_path, proxy.env)
    proxy.process.ready(lambda: len(proxy.listeners()) >= 2, "listening")
    proxy.main = next(address for kind, address in proxy.listeners() if kind == "main")
    proxy.admin = next(address for kind, address in proxy.listeners() if kind == "admin")
    crowd = [proxy.connect() for _ in range(120)]
    cpu = cpu_seconds(proxy.process.pid)
    time.sleep(0.5)  # The subject of the test: half a second without a free descriptor must not be spent spinning.
    assert cpu_seconds(proxy.process.pid) - cpu < 0.4, "it spins"
    for connection in crowd:
        connection.close()
    until(lambda: served(proxy), "it serves again")


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def served(proxy):
    try:
        return proxy.get("/a").status == 200
    except (Cut, OSError):
        return False
