"""Access log, metrics, health and readiness."""

import re
import uuid

import pytest

from harness.deadline import until
from harness.origin_double import s3_error
from harness.prometheus import Metrics
from harness.proxy import directory_bucket, s3_bucket
from harness.versitygw import ACCESS_KEY, SECRET_KEY
from harness.wire import request_bytes


@pytest.fixture
def root(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/a.txt").write_text("0123456789")
    return tmp_path / "site"


@pytest.fixture
def proxy(start_proxy, root, origin):
    return start_proxy([directory_bucket(root, name="files", path_prefix="/files"),
                        s3_bucket(origin.endpoint, "bbb", name="objects", path_prefix="/objects")])


def test_a_record_tells_the_request(proxy):
    answer = proxy.get("/objects/deep/a%20key?versionId=1", {
        "Range": "bytes=0-3", "User-Agent": "crow/3", "Referer": "http://there/", "Host": "elsewhere"}, host=None)
    assert answer.status == 206
    record = proxy.logged()[-1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", record["time"])
    assert record["request_id"] == answer["x-request-id"]
    assert record["client_ip"] == "127.0.0.1"
    assert record["method"] == "GET"
    assert record["host"] == "elsewhere"
    assert record["path"].startswith("/objects/deep/a%20key")
    assert record["bucket"] == "objects"
    assert record["key"] == "deep/a key"
    assert record["status"] == 206
    assert record["bytes"] == 4
    assert record["range"] == "bytes=0-3"
    assert record["user_agent"] == "crow/3"
    assert record["referer"] == "http://there/"
    assert record["origin"]["attempts"] == 1
    assert record["origin"]["status"] == 206
    assert record["origin"]["request_id"] == "TX0001"
    assert 0 <= record["ttfb_ms"] <= record["duration_ms"] < 60_000


def test_a_record_of_a_failure_names_kind_source_and_detail(proxy, origin):
    origin.on("/bbb/key", s3_error(403, "SignatureDoesNotMatch"))
    assert proxy.get("/objects/key").status == 502
    record = proxy.logged()[-1]
    assert record["status"] == 502
    assert record["error"]["kind"] and record["error"]["source"] == "origin"
    assert "SignatureDoesNotMatch" in str(record)


def test_a_cut_answer_is_logged_as_such(proxy, origin):
    def half(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 50)
        exchange.close()
    origin.on("/bbb/key", half)
    with proxy.connect() as connection:
        connection.send(request_bytes("GET", "/objects/key"))
        connection.rest()
    record = proxy.logged()[-1]
    assert record["status"] == 200 and record["bytes"] <= 50
    assert record["error"]["source"] == "origin"


def test_refused_requests_are_logged_and_counted(proxy):
    with proxy.connect() as connection:
        connection.send(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        assert connection.response().status == 400
    assert proxy.logged()[-1]["status"] == 400
    assert Metrics(proxy.metrics()).value("yatagarasu_rejected_total") == 1


def test_the_log_is_lines_of_json_whatever_a_client_writes(proxy):
    odd = ['"', "\\", "{}", "\t", "%22%0a%7b", "\u00e9", "</script>", "\x1b[31m"]
    sent = 0
    for value in odd:
        if value.isascii() and value.isprintable():
            proxy.get("/files/" + value.replace("\\", "%5C").replace('"', "%22").replace("{}", "%7B%7D"))
            sent += 1
        with proxy.connect() as connection:
            connection.send(b"GET /files/a.txt HTTP/1.1\r\nHost: a\r\nUser-Agent: " + value.encode() + b"\r\n\r\n")
            connection.response()
            sent += 1
    proxy.logged(sent)
    for line in proxy.process.stdout().splitlines():
        assert line.startswith("{") and line.endswith("}"), line
        assert "\x1b" not in line


def test_secrets_and_signatures_are_nowhere(proxy, origin):
    origin.on("/bbb/key", s3_error(403, "SignatureDoesNotMatch"))
    for target in ("/objects/key", "/objects/other", "/objects/x?X-Amz-Signature=feedface&X-Amz-Security-Token=hidden",
                   "/objects/x?token=hidden-token&access_token=hidden-token"):
        proxy.get(target, {"Authorization": "Bearer hidden-bearer", "Cookie": "session=hidden-cookie"})
    proxy.logged(4)
    text = proxy.process.stdout() + proxy.process.stderr() + proxy.metrics()
    signatures = [request["authorization"].rpartition("=")[2] for request in origin.requests]
    for secret in (SECRET_KEY, "hidden-bearer", "hidden-cookie", "feedface", *signatures):
        assert secret not in text, secret
    assert ACCESS_KEY not in proxy.metrics()


def test_the_log_may_be_a_file_or_off(start_proxy, root, tmp_path):
    log = tmp_path / "access.log"
    to_file = start_proxy([directory_bucket(root)], logging={"access": {"output": str(log)}})
    assert to_file.get("/a.txt").status == 200
    until(lambda: log.exists() and '"status":200' in log.read_text().replace(" ", ""), "the record is in the file")
    assert to_file.access_log() == []
    off = start_proxy([directory_bucket(root)], logging={"access": {"output": "off"}})
    assert off.get("/a.txt").status == 200
    off.stop()
    assert off.access_log() == []


def test_all_records_are_written_before_the_end(start_proxy, root):
    proxy = start_proxy([directory_bucket(root)])
    with proxy.connect() as connection:
        connection.send(request_bytes("GET", "/a.txt") * 500)
        for _ in range(500):
            connection.response()
    proxy.stop()
    assert len(proxy.access_log()) == 500


def test_metrics_are_strictly_well_formed_and_say_what_happened(proxy, origin):
    origin.on("/bbb/broken", s3_error(500, "InternalError"))
    for target in ("/files/a.txt", "/files/a.txt", "/files/missing", "/objects/key", "/objects/broken"):
        proxy.get(target)
    proxy.request("POST", "/files/a.txt")
    proxy.logged(6)
    answer = proxy.ask_admin("/metrics")
    assert answer["content-type"].replace(" ", "").startswith("text/plain;version=0.0.4")
    metrics = Metrics(answer.body.decode())
    count = "yatagarasu_requests_total"
    assert metrics.value(count, bucket="files", method="GET", status="200") == 2
    assert metrics.value(count, bucket="files", method="GET", status="404") == 1
    assert metrics.value(count, bucket="objects", status="200") == 1
    assert metrics.value("yatagarasu_sent_bytes_total", bucket="files") >= 20
    assert metrics.value("yatagarasu_request_duration_seconds_count", bucket="files") >= 3
    assert metrics.value("yatagarasu_origin_requests_total", bucket="objects", status="200") == 1
    assert metrics.value("yatagarasu_origin_requests_total", bucket="objects", status="500") >= 1
    assert metrics.value("yatagarasu_build_info") == 1
    assert metrics.value("yatagarasu_config_generation") >= 1


FIRST_SET = {
    "requests_total": "counter", "request_duration_seconds": "histogram", "time_to_first_byte_seconds": "histogram",
    "requests_in_flight": "gauge", "connections": "gauge", "sent_bytes_total": "counter",
    "received_bytes_total": "counter", "rejected_total": "counter", "origin_requests_total": "counter",
    "origin_duration_seconds": "histogram", "origin_retries_total": "counter", "config_generation": "gauge",
    "build_info": "gauge"}


def test_the_first_set_of_metrics_is_there(proxy):
    proxy.get("/objects/key")
    proxy.get("/files/a.txt")
    with proxy.connect() as connection:
        connection.send(b"nonsense\r\n\r\n")
        connection.rest()
    metrics = Metrics(proxy.metrics())
    missing = {name: kind for name, kind in FIRST_SET.items() if metrics.types.get(f"yatagarasu_{name}") != kind}
    assert missing == {}
    for name in ("process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"):
        assert metrics.value(name) > 0, name
    for name in metrics.names():
        assert name.startswith(("yatagarasu_", "process_")), name


def test_nothing_a_client_sends_makes_a_new_series(proxy):
    def ask():
        for n in range(20):
            proxy.request(f"METHOD{n}", f"/files/{n}")
            proxy.get(f"/nowhere/{n}", host=f"host-{n}.test")
    ask()
    before = set(Metrics(proxy.metrics()).series)
    ask()
    for n in range(20, 60):
        proxy.request(f"METHOD{n}", f"/files/{n}")
        proxy.get(f"/objects/{n}", {"X-Request-Id": str(n)}, host=f"host-{n}.test")
    grown = set(Metrics(proxy.metrics()).series) - before
    assert not [series for series in grown if re.search(r"METHOD|host-\d|/\d", str(series))], grown


def test_gauges_come_back_to_zero(proxy, origin):
    origin.on("/bbb/held", lambda exchange: exchange.wait(20))
    held = [proxy.connect() for _ in range(5)]
    for connection in held:
        connection.send(request_bytes("GET", "/objects/held"))
    until(lambda: Metrics(proxy.metrics()).value("yatagarasu_requests_in_flight") == 5, "five in flight")
    assert Metrics(proxy.metrics()).value("yatagarasu_connections") >= 5
    for connection in held:
        connection.close()
    until(lambda: Metrics(proxy.metrics()).value("yatagarasu_requests_in_flight") == 0, "none in flight")


def test_health_and_readiness_on_both_listeners(proxy):
    for ask in (proxy.ask_admin, proxy.get):
        health = ask("/health")
        assert health.status == 200
        assert health.json()["status"]
        ready = until(lambda: (answer := ask("/ready")).status == 200 and answer, "ready")
        assert ready.json()["status"] == "ready"
    # Whoever can reach the main listener learns no names.
    assert set(proxy.ask_admin("/ready").json()["buckets"]) == {"files", "objects"}
    assert proxy.get("/ready").json() == {"status": "ready"}


def test_health_stays_off_the_main_listener_when_told(start_proxy, root):
    proxy = start_proxy([directory_bucket(root)], health_endpoints=False)
    assert proxy.get("/health").status == 404
    assert proxy.ask_admin("/health").status == 200


def test_not_ready_while_no_origin_can_be_used(start_proxy, origin):
    origin.default = s3_error(503, "ServiceUnavailable")
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")])
    until(lambda: proxy.ask_admin("/ready").status == 503, "not ready")
    assert proxy.ask_admin("/health").status == 200


def test_a_bucket_that_s3_does_not_know_is_not_ready(start_proxy, s3_server):
    proxy = start_proxy([s3_bucket(s3_server.endpoint, "no-such-bucket")])
    until(lambda: proxy.ask_admin("/ready").status == 503, "not ready")


def test_the_admin_listener_has_no_objects_and_the_main_one_no_metrics(proxy):
    assert proxy.ask_admin("/files/a.txt").status == 404
    assert proxy.get("/metrics").status == 404
    assert proxy.ask_admin("/metrics", "POST").status == 405


def test_request_ids_are_uuid_v7_and_a_clients_own_is_not_believed(proxy):
    seen = set()
    for _ in range(50):
        answer = proxy.get("/files/a.txt", {"X-Request-Id": "mine"})
        identity = uuid.UUID(answer["x-request-id"])
        assert identity.version == 7
        seen.add(identity)
    assert len(seen) == 50


def test_answers_carry_the_agreed_fields(proxy):
    for target in ("/files/a.txt", "/objects/key", "/files/missing", "/nowhere"):
        answer = proxy.get(target)
        assert answer["server"] == "yatagarasu"
        assert answer["x-request-id"]
        assert answer["date"].endswith(" GMT")
        assert "yatagarasu" in answer["via"]
