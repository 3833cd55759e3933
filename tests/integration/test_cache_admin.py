"""What the admin listener and the command line do to the cache, and what they tell of it."""

import json
import subprocess
import threading

import pytest

from harness.deadline import until
from harness.origin_double import s3_error
from harness.prometheus import Metrics
from harness.proxy import BINARY, directory_bucket, s3_bucket
from harness.tokens import SECRET, token
from harness.wire import Connection


class Site:
    """An origin whose every answer is another body, and the proxy before it, with a cache."""

    def __init__(self, start_proxy, origin, root):
        self.origin, self.asked, self.lock = origin, {}, threading.Lock()
        self.tags = {}                  # path: Cache-Tag
        self.keys = []                  # what a list of the bucket tells
        self.gate = threading.Event()   # answers to /bbb/slow end when it is set
        origin.default = self.answer
        origin.on("/bbb", self.list)
        self.proxy = start_proxy(
            [s3_bucket(origin.endpoint, "bbb", name="assets", path_prefix="/assets"),
             s3_bucket(origin.endpoint, "ccc", name="docs", path_prefix="/docs"),
             directory_bucket(root, name="files", path_prefix="/files")],
            cache={"layers": ["memory"], "memory": {"max_size": "64MiB"}})

    def answer(self, exchange):
        path = exchange.request.path
        with self.lock:
            self.asked[path] = self.asked.get(path, 0) + 1
            turn = self.asked[path]
        if path.endswith("missing"):
            return s3_error(404, "NoSuchKey")(exchange)
        body = f"{path} {turn}".encode()
        fields = {"ETag": f'"v{turn}"', "Cache-Control": "max-age=3600", **self.tags.get(path, {})}
        if not path.endswith("slow"):
            return exchange.reply(200, fields, body)
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        exchange.send(f"HTTP/1.1 200 OK\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body[:3])
        assert self.gate.wait(30)
        return exchange.send(body[3:])

    def list(self, exchange):
        assert "list-type=2" in exchange.request.query
        with self.lock:
            self.asked["list"] = self.asked.get("list", 0) + 1
            start = 2 * (self.asked["list"] - 1)
        more = len(self.keys) > start + 2
        inside = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in self.keys[start:start + 2])
        inside += f"<IsTruncated>{str(more).lower()}</IsTruncated>"
        inside += "<NextContinuationToken>t</NextContinuationToken>" if more else ""
        exchange.reply(200, {}, f"<ListBucketResult>{inside}</ListBucketResult>".encode())

    def get(self, target):
        answer = self.proxy.get(target)
        assert answer.status == 200, answer
        return answer.body.decode()

    def ask(self, method, target, body=None, fields=()):
        text = json.dumps(body).encode() if isinstance(body, (dict, list)) else (body or b"")
        with Connection(self.proxy.admin) as connection:
            return connection.request(method, target, fields, text)

    def purge(self, **what):
        answer = self.ask("POST", "/cache/purge", what)
        assert answer.status == 200, answer
        return answer.json()

    def warm(self, **what):
        answer = self.ask("POST", "/cache/warm", {"bucket": "assets", **what})
        assert answer.status == 202, answer
        return f"/cache/warm/{answer.json()['id']}"

    def ended(self, job):
        return until(lambda: (state := self.ask("GET", job).json())["state"] != "running" and state, "it has ended")

    def command(self, *words):
        url = f"http://{self.proxy.admin[0]}:{self.proxy.admin[1]}"
        return subprocess.run([BINARY, "cache", *words, "--admin", url], capture_output=True, text=True,
                              timeout=60, check=False, env=self.proxy.env)


@pytest.fixture
def site(start_proxy, origin, tmp_path):
    (tmp_path / "root").mkdir()
    return Site(start_proxy, origin, tmp_path / "root")


@pytest.mark.parametrize("what, gone, kept", [
    ({"bucket": "assets", "key": "a/1"}, ["/assets/a/1"], ["/assets/a/2", "/docs/a/1"]),
    ({"bucket": "assets", "prefix": "a/"}, ["/assets/a/1", "/assets/a/2"], ["/assets/b", "/docs/a/1"]),
    ({"bucket": "assets", "tag": "red"}, ["/assets/a/1", "/assets/b"], ["/assets/a/2", "/docs/a/1"]),
    ({"bucket": "assets", "all": True}, ["/assets/a/1", "/assets/a/2", "/assets/b"], ["/docs/a/1"]),
    ({"all": True}, ["/assets/a/1", "/docs/a/1"], []),
])
def test_a_purge_is_effective_for_the_next_request(site, what, gone, kept):
    site.tags = {"/bbb/a/1": {"Cache-Tag": "red,blue"}, "/bbb/b": {"x-amz-meta-cache-tag": "red"},
                 "/bbb/a/2": {"Surrogate-Key": "blue green"}, "/ccc/a/1": {"Cache-Tag": "red"}}
    for target in {*gone, *kept}:
        assert site.get(target).endswith(" 1")
        assert site.get(target).endswith(" 1"), "it is kept"
    site.purge(**what)
    for target in gone:
        assert site.get(target).endswith(" 2"), target
        assert site.get(target).endswith(" 2"), "it is kept again"
    for target in kept:
        assert site.get(target).endswith(" 1"), target


def test_a_purge_by_key_takes_all_that_a_query_selects(start_proxy, origin, tmp_path):
    origin.default = lambda exchange: exchange.reply(
        200, {"ETag": f'"{len(origin.requests)}"', "Cache-Control": "max-age=60"}, str(len(origin.requests)).encode())
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", name="assets", allow_query=["versionId"])],
                        cache={"layers": ["memory"]})
    targets = ["/k", "/k?versionId=1", "/k?versionId=2"]
    first = [proxy.get(target).body for target in targets]
    assert [proxy.get(target).body for target in targets] == first
    with Connection(proxy.admin) as connection:
        assert connection.request("POST", "/cache/purge", (), b'{"bucket": "assets", "key": "k"}').status == 200
    assert not set(first) & {proxy.get(target).body for target in targets}


def test_a_purge_reaches_every_piece_of_an_object_whose_etag_stays(start_proxy, origin):
    pieces = 5
    bodies = [b"1" * (pieces << 18)]
    origin.default = lambda exchange: exchange.reply(
        200, {"ETag": '"same"', "Cache-Control": "max-age=3600"}, bodies[-1])
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", name="assets")],
                        cache={"layers": ["memory"], "granule_size": "256KiB"})
    assert [proxy.get("/k").body == bodies[0] for _ in range(2)] == [True, True]
    bodies.append(b"2" * (pieces << 18))
    with Connection(proxy.admin) as connection:
        assert connection.request("POST", "/cache/purge", (), b'{"bucket": "assets", "key": "k"}').status == 200
    answers = [proxy.get("/k") for _ in range(2)]
    assert [answer.body == bodies[1] for answer in answers] == [True, True]
    assert [answer["X-Cache"] for answer in answers] == ["MISS", "HIT"]


@pytest.mark.parametrize("what", [{"key": "slow"}, {"prefix": "sl"}, {"tag": "t"}, {"all": True}])
def test_a_fill_under_way_does_not_store_what_was_purged_meanwhile(site, what):
    site.tags = {"/bbb/slow": {"Cache-Tag": "t"}}
    answers = []
    reader = threading.Thread(target=lambda: answers.append(site.get("/assets/slow")))
    reader.start()
    until(lambda: site.asked.get("/bbb/slow") == 1, "the origin is asked")
    site.purge(bucket="assets", **what)
    site.gate.set()
    reader.join()
    assert answers == ["/bbb/slow 1"], "who had asked before is answered"
    assert site.ask("GET", "/cache/stats/assets").json()["layers"]["memory"]["objects"] == 0
    assert site.get("/assets/slow") == "/bbb/slow 2"
    assert site.get("/assets/slow") == "/bbb/slow 2", "what was born after it is kept"


def test_a_missing_object_is_forgotten_too(site):
    for _ in range(2):
        assert site.proxy.get("/assets/missing").status == 404
    assert site.asked["/bbb/missing"] == 1
    site.purge(bucket="assets", key="missing")
    assert site.proxy.get("/assets/missing").status == 404
    assert site.asked["/bbb/missing"] == 2


BAD = [
    ("POST", "/cache/purge", b"", 400, "body"),
    ("POST", "/cache/purge", b"{", 400, "body"),
    ("POST", "/cache/purge", b"[1]", 400, "body"),
    ("POST", "/cache/purge", b'{"bucket": "assets", "key": "\xff"}', 400, "body"),
    ("POST", "/cache/purge", {}, 400, "key"),
    ("POST", "/cache/purge", {"bucket": "assets"}, 400, "key"),
    ("POST", "/cache/purge", {"bucket": "assets", "key": "a", "prefix": "b"}, 400, "key"),
    ("POST", "/cache/purge", {"key": "a"}, 400, "bucket"),
    ("POST", "/cache/purge", {"bucket": "nowhere", "key": "a"}, 404, "bucket"),
    ("POST", "/cache/purge", {"bucket": "assets", "key": 1}, 400, "key"),
    ("POST", "/cache/purge", {"bucket": "assets", "all": "yes"}, 400, "all"),
    ("POST", "/cache/purge", {"bucket": "assets", "key": "a", "extra": 1}, 400, "extra"),
    ("POST", "/cache/warm", {"bucket": "files", "keys": ["a"]}, 409, "bucket"),
    ("POST", "/cache/warm", {"bucket": "assets", "keys": [""]}, 400, "keys[0]"),
    ("POST", "/cache/warm", {"bucket": "assets", "prefix": "a", "concurrency": 1000}, 400, "concurrency"),
    ("GET", "/cache/warm/none", None, 404, "id"),
    ("DELETE", "/cache/warm/none", None, 404, "id"),
    ("GET", "/cache/stats/nowhere", None, 404, "bucket"),
    ("GET", "/cache/entry", None, 400, "bucket"),
    ("GET", "/cache/entry?bucket=assets", None, 400, "key"),
    ("GET", "/cache/entry?bucket=nowhere&key=a", None, 404, "bucket"),
    ("GET", "/cache/entry?bucket=assets&key=%zz", None, 400, "key"),
    ("GET", "/cache/entry?bucket=assets&key=a&key=b", None, 400, "key"),
    ("GET", "/cache/entry?bucket=assets&key=a&more=b", None, 400, "more"),
]


def test_bad_input_is_told_by_its_field(site):
    for method, target, body, status, field in BAD:
        answer = site.ask(method, target, body)
        assert answer.status == status, (target, body, answer)
        error = answer.json()["error"]
        assert error["field"] == field and error["code"] and error["message"], (target, body, answer)
    assert site.proxy.is_well()


def test_methods_bodies_and_other_sites_have_their_bounds(site):
    for method, target, allow in (("GET", "/cache/purge", "POST"), ("POST", "/cache/stats", "GET, HEAD"),
                                  ("PUT", "/cache/warm/1", "GET, HEAD, DELETE")):
        answer = site.ask(method, target)
        assert (answer.status, answer["allow"]) == (405, allow), answer
    most = {"bucket": "assets", "keys": ["k" * 8000] * 130}
    for body in (json.dumps(most).encode() + b" " * 100_000,):
        with Connection(site.proxy.admin) as connection:
            connection.send(b"POST /cache/warm HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body))
            assert connection.response().status == 413
    answer = site.ask("POST", "/cache/purge", {"all": True}, {"Origin": "http://evil.test"})
    assert answer.status == 403, answer


def test_stats_and_metrics_tell_what_is_held(site):
    assert site.ask("GET", "/cache/stats/assets").json()["layers"]["memory"]["objects"] == 0
    for target in ("/assets/a", "/assets/b", "/docs/a"):
        site.get(target)
    stats = site.ask("GET", "/cache/stats").json()
    assert stats["layers"]["memory"]["objects"] == 3
    assert stats["layers"]["memory"]["max_bytes"] == 64 << 20
    assert stats["buckets"]["assets"]["memory"]["objects"] == 2
    assert stats["buckets"]["docs"]["memory"]["bytes"] > 0
    assert stats["buckets"]["files"]["memory"] == {"bytes": 0, "objects": 0}
    site.purge(bucket="assets", key="a")
    site.purge(all=True)
    metrics = Metrics(site.proxy.metrics())
    assert metrics.value("yatagarasu_cache_purges_total", bucket="assets", kind="key") == 1
    assert metrics.value("yatagarasu_cache_purges_total", bucket="", kind="all") == 1
    assert metrics.value("yatagarasu_cache_purges_total", bucket="docs", kind="tag") == 0


def test_an_entry_tells_what_is_held_and_why_it_would_hit(site):
    def entry(key="a%20b"):
        answer = site.ask("GET", f"/cache/entry?bucket=assets&key={key}")
        assert answer.status == 200, answer
        return answer.json()

    site.tags = {"/bbb/a%20b": {"Cache-Tag": "red, blue", "Content-Type": "text/crow"}}
    none = entry()
    assert (none["stored"], none["would"]) == (False, "miss")
    body = site.get("/assets/a%20b")
    held = entry()
    assert held["stored"] and held["key"] == "a b" and len(held["variants"]) == 1
    one = held["variants"][0]
    assert one["would"] == "hit" and one["status"] == 200 and one["etag"] == '"v1"'
    assert one["size_bytes"] == len(body) and one["granules"] == {"held": 1, "of": 1}
    assert one["tags"] == ["red", "blue"] and one["content_type"] == "text/crow"
    assert 3500 < one["ttl_seconds"] <= 3600 and 0 <= one["age_seconds"] < 100
    site.purge(bucket="assets", tag="blue")
    gone = entry()["variants"][0]
    assert gone["would"] == "miss" and "tag" in gone["why"]
    site.proxy.get("/assets/missing")
    assert entry("missing")["variants"][0]["status"] == 404


def test_keys_are_warmed_and_asked_of_the_origin_once(site):
    site.get("/assets/b")
    job = site.warm(keys=["a", "b", "missing"])
    state = site.ended(job)
    assert state["state"] == "done", state
    assert {name: state[name] for name in ("found", "stored", "held", "missing", "failed")} == {
        "found": 3, "stored": 1, "held": 1, "missing": 1, "failed": 0}
    assert site.get("/assets/a") == "/bbb/a 1"
    assert site.asked["/bbb/a"] == 1


def test_a_prefix_is_warmed_by_a_list_of_the_bucket(site):
    site.keys = [f"p/{n}" for n in range(5)]
    state = site.ended(site.warm(prefix="p/"))
    assert (state["state"], state["stored"]) == ("done", 5), state
    assert "prefix=p%2F" in next(r for r in site.origin.requests if r.path == "/bbb").query
    for key in site.keys:
        assert site.get(f"/assets/{key}") == f"/bbb/{key} 1"


def test_a_bucket_that_may_not_be_listed_fails_the_job_and_says_so(site):
    site.origin.on("/bbb", s3_error(403, "AccessDenied"))
    state = site.ended(site.warm(prefix="p/"))
    assert state["state"] == "failed" and "AccessDenied" in state["error"], state


def test_a_warm_up_can_be_cancelled(site):
    job = site.warm(keys=["slow"] + [f"k{n}" for n in range(50)], concurrency=1)
    until(lambda: site.asked.get("/bbb/slow") == 1, "the first is under way")
    assert site.ask("DELETE", job).json()["state"] == "cancelled"
    assert site.ask("GET", job).json()["state"] == "cancelled"
    site.gate.set()
    assert "/bbb/k0" not in site.asked
    assert site.proxy.is_well()


def test_a_warm_up_under_way_does_not_hold_up_the_end(site):
    site.warm(keys=["slow"])
    until(lambda: site.asked.get("/bbb/slow") == 1, "it is under way")
    site.proxy.stop()


def test_without_a_cache_the_pages_say_so(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")])
    for method, target in (("GET", "/cache/stats"), ("GET", "/cache/entry?bucket=bbb&key=a"), ("POST", "/cache/purge"),
                           ("POST", "/cache/warm"), ("GET", "/cache/warm/1")):
        answer = proxy.ask_admin(target, method)
        assert (answer.status, answer.error_code) == (409, "NoCache"), target


def test_the_command_line_speaks_to_the_listener(site):
    site.get("/assets/a")
    done = site.command("purge", "--bucket", "assets", "--key", "a")
    assert (done.returncode, json.loads(done.stdout)["purged"]) == (0, "key"), done
    assert site.get("/assets/a") == "/bbb/a 2"
    done = site.command("stats", "assets")
    assert json.loads(done.stdout)["bucket"] == "assets", done
    site.keys = ["w/1", "w/2", "w/3"]
    done = site.command("warm", "--bucket", "assets", "--prefix", "w/", "--wait")
    assert (done.returncode, json.loads(done.stdout)["stored"]) == (0, 3), done
    wrong = site.command("purge", "--bucket", "nowhere", "--all")
    assert wrong.returncode == 1 and "404: bucket is not one of the configuration's" in wrong.stderr, wrong
    assert wrong.stdout == ""


def test_the_command_line_finds_the_listener_by_the_configuration(site):
    # The file of this process says port 0: the command cannot know the real one, and says so.
    done = subprocess.run([BINARY, "cache", "stats", "-c", site.proxy.config_path], capture_output=True, text=True,
                          timeout=60, check=False, env=site.proxy.env)
    assert done.returncode == 2 and "--admin" in done.stderr, done
    told = json.loads(site.proxy.config_path.read_text())
    told["admin"]["address"] = f"127.0.0.1:{site.proxy.admin[1]}"
    site.proxy.config_path.write_text(json.dumps(told))
    done = subprocess.run([BINARY, "cache", "stats", "-c", site.proxy.config_path], capture_output=True, text=True,
                          timeout=60, check=False, env=site.proxy.env)
    assert done.returncode == 0 and "layers" in json.loads(done.stdout), done


def test_the_command_line_takes_a_token_with_it(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")], cache={"layers": ["memory"]},
                        jwt={"default": {"algorithms": ["HS256"], "secret": SECRET}},
                        admin={"address": "127.0.0.1:0", "auth": {"jwt": "default"}})
    words = [BINARY, "cache", "purge", "--all", "--admin", f"http://{proxy.admin[0]}:{proxy.admin[1]}"]
    for more, code in (({}, 1), ({"YATAGARASU_ADMIN_TOKEN": token()}, 0)):
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False, env={**proxy.env, **more})
        assert done.returncode == code, done
        assert ("401" in done.stderr) == (code == 1), done
    assert proxy.ask_admin("/cache/purge", "POST").status == 401, "nobody purges without"
