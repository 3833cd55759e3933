"""Who asks, through the binary: tokens of each kind, every refusal, and where a token never goes."""

import json
import time

import pytest

from harness import tokens
from harness.deadline import until
from harness.origin_double import serve_object
from harness.prometheus import Metrics
from harness.proxy import directory_bucket, s3_bucket
from harness.tokens import SECRET, base64url, bearer, token
from harness.wire import Connection

NOW = int(time.time())
HS256 = {"algorithms": ["HS256"], "secret": SECRET}


def guarded(bucket, **auth):
    return {**bucket, "auth": {"enabled": True, "jwt": "default", **auth}}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/a.txt").write_text("0123456789")
    return tmp_path / "site"


@pytest.fixture
def proxy(start_proxy, root, origin):
    """A public bucket, one for whoever has a token, one for readers, one in S3."""
    reader = [{"claim": "roles", "operator": "contains", "value": "reader"}]
    verifier = {**HS256, "issuer": "https://issuer.test", "audience": "files", "leeway": "0s", "sources": [
        {"type": "bearer"}, {"type": "header", "name": "X-Token", "prefix": "Token"},
        {"type": "query", "name": "token"}, {"type": "cookie", "name": "session"}]}
    return start_proxy([directory_bucket(root, name="public", path_prefix="/public"),
                        guarded(directory_bucket(root, name="files", path_prefix="/files")),
                        guarded(directory_bucket(root, name="readers", path_prefix="/readers"), claims=reader),
                        guarded(s3_bucket(origin.endpoint, "bbb", name="objects", path_prefix="/objects"))],
                       jwt={"default": verifier})


def good(**claims):
    return token(iss="https://issuer.test", aud=["files"], **claims)


def record_of(proxy, answer):
    """The access record of this answer, once it is there."""
    def found():
        return [one for one in proxy.access_log() if one["request_id"] == answer["x-request-id"]]
    return until(found, "its record")[0]


def test_a_token_opens_and_its_subject_is_recorded(proxy):
    answer = proxy.get("/files/a.txt", bearer(good()))
    assert answer.status == 200 and answer.body == b"0123456789"
    assert answer["cache-control"] == "private"
    record = proxy.logged()[-1]
    assert record["subject"] == "ann" and record["decision"] == "valid_token"


def test_a_public_bucket_asks_nobody(proxy):
    answer = proxy.get("/public/a.txt", bearer("nonsense"))
    assert answer.status == 200 and answer["cache-control"] is None
    assert proxy.logged()[-1]["decision"] == "public_bucket"


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                                       "ES256", "ES384", "ES512", "EdDSA"])
def test_every_algorithm(start_proxy, root, tmp_path, algorithm):
    if algorithm.startswith("HS"):
        key, verifier = "s" * 64, {"algorithms": [algorithm], "secret": "s" * 64}
    else:
        key, public = tokens.key_pair(tmp_path, algorithm)
        verifier = {"algorithms": [algorithm], "public_keys": [{"id": "k1", "file": str(public)}]}
    proxy = start_proxy([guarded(directory_bucket(root))], jwt={"default": verifier}, server={"threads": 1})
    made = token(algorithm, key, tmp_path, {"kid": "k1"} if not isinstance(key, str) else None)
    assert proxy.get("/a.txt", bearer(made)).status == 200
    assert proxy.get("/a.txt", bearer(made)).status == 200
    head, _, signature = made.rpartition(".")
    changed = ("B" if signature[0] == "A" else "A") + signature[1:]
    for other in (head + ".", f"{head}.{changed}", f"{head}.{signature}A", made.replace(".", "..", 1)):
        assert proxy.get("/a.txt", bearer(other)).status == 401, other
    assert proxy.get("/a.txt", bearer(token("HS256", "x" * 64))).status == 401


def refused(proxy, target, fields, status, code, challenge, reason):
    before = len(proxy.access_log())
    answer = proxy.get(target, fields)
    assert (answer.status, answer.error_code, answer["www-authenticate"]) == (status, code, challenge)
    assert answer["cache-control"] == "no-store"
    record = proxy.logged(before + 1)[-1]
    assert (record["decision"], record["status"]) == (reason, status)
    head = proxy.head(target, fields)
    assert (head.status, head["www-authenticate"], head.body) == (status, challenge, b"")
    proxy.logged(before + 2)
    return answer


def test_no_token_is_401_without_an_error(proxy):
    refused(proxy, "/files/a.txt", {}, 401, "NoToken", 'Bearer realm="files"', "no_token")
    refused(proxy, "/files/a.txt", {"Authorization": "Basic YTpi"}, 401, "NoToken", 'Bearer realm="files"', "no_token")


def test_a_token_that_does_not_verify_is_401_and_nobody_is_told_why(proxy):
    none = f'{base64url(json.dumps({"alg": "none"}).encode())}.{base64url(b"{}")}.'
    cases = {
        "malformed_token": ["nonsense", good() + ".x", good() + "=", ""],
        "token_too_long": ["a" * 17_000],
        "algorithm_not_allowed": [none, token("HS512", "s" * 64)],
        "forbidden_header": [good(header={"crit": ["exp"]}), good(header={"jku": "http://evil/"})],
        "bad_signature": [token(key="another secret of thirty-two bytes, at least"),
                          ".".join([*good(sub="bob").split(".")[:2], good().split(".")[2]])],
        "expired": [good(exp=NOW - 10)],
        "not_yet_valid": [good(nbf=NOW + 3600), good(iat=NOW + 3600)],
        "missing_claim": [good(exp=None)],
        "malformed_claims": [good(exp="tomorrow"), good(sub=7)],
        "wrong_issuer": [token(iss="https://evil.test", aud="files"), token(aud="files")],
        "wrong_audience": [token(iss="https://issuer.test", aud="others"), token(iss="https://issuer.test")],
    }
    bodies = set()
    for reason, texts in cases.items():
        for text in texts:
            answer = refused(proxy, "/files/a.txt", bearer(text), 401, "InvalidToken",
                             'Bearer realm="files", error="invalid_token"', reason)
            document = answer.json()["error"]
            bodies.add((document["code"], document["message"]))
    assert len(bodies) == 1
    metrics = Metrics(proxy.metrics())
    for reason, texts in cases.items():
        assert metrics.value("yatagarasu_auth_total", bucket="files", result=reason) == 2 * len(texts), reason


def test_a_claim_that_a_rule_refuses_is_403(proxy):
    scope = 'Bearer realm="readers", error="insufficient_scope"'
    refused(proxy, "/readers/a.txt", bearer(good()), 403, "AccessDenied", scope, "claim_absent")
    refused(proxy, "/readers/a.txt", bearer(good(roles=["writer"])), 403, "AccessDenied", scope, "claim_refused")
    record = proxy.logged()[-1]
    assert record["subject"] == "ann" and record["decision_detail"] == "roles"
    assert proxy.get("/readers/a.txt", bearer(good(roles=["writer", "reader"]))).status == 200


def test_two_tokens_that_disagree_are_400(proxy):
    challenge = 'Bearer realm="files", error="invalid_request"'
    refused(proxy, f"/files/a.txt?token={good(sub='bob')}", bearer(good()), 400, "SeveralTokens", challenge,
            "several_tokens")
    one = good()
    assert proxy.get(f"/files/a.txt?token={one}", bearer(one)).status == 200


@pytest.mark.parametrize("place", ["bearer", "BEARER", "header", "query", "escaped", "cookie"])
def test_every_source(proxy, place):
    made = good()
    target, fields = "/files/a.txt", {}
    if place.lower() == "bearer":
        fields = {"Authorization": f"{place} {made}"}
    elif place == "header":
        fields = {"X-Token": f"token {made}"}
    elif place == "cookie":
        fields = {"Cookie": f"theme=dark; session={made}"}
    else:
        target += f"?%74oken={made.replace('.', '%2E')}" if place == "escaped" else f"?token={made}"
    assert proxy.get(target, fields).status == 200


def test_a_token_reaches_neither_the_origin_nor_a_log(proxy, origin):
    made = [good(sub=f"user-{place}") for place in ("bearer", "header", "query", "cookie")]
    sent = [(f"/objects/key?versionId=3&token={made[2]}&x=1", {"Referer": f"http://page.test/?token={made[2]}"}),
            ("/objects/key", bearer(made[0])), ("/objects/key", {"X-Token": f"Token {made[1]}"}),
            ("/objects/key", {"Cookie": f"session={made[3]}"}),
            (f"/objects/key?token={made[2]}x", {}),
            (f"/objects/key?token={made[2]}&versionId=1&versionId=2", {})]
    statuses = [proxy.get(target, fields).status for target, fields in sent]
    assert statuses == [200, 200, 200, 200, 401, 400]
    assert len(origin.requests) == 4
    assert origin.requests[0].query == "versionId=3"
    proxy.logged(len(sent))
    places = {"origin": b"".join(request.raw for request in origin.requests).decode("latin-1"),
              "access log": proxy.process.stdout(), "log": proxy.process.stderr(), "metrics": proxy.metrics()}
    for place, text in places.items():
        for one in made:
            for part in one.split("."):
                # The header is the same for all and says nothing.
                assert part not in text or len(part) < 40, (place, part)
    for request in origin.requests:
        assert "AWS4-HMAC-SHA256" in request["authorization"] and request["cookie"] is None
        assert request["x-token"] is None


def test_what_needs_a_token_does_not_reach_the_origin_without(proxy, origin):
    for fields in ({}, bearer("x"), bearer(token(key="y" * 32))):
        assert proxy.get("/objects/key", fields).status == 401
        assert proxy.get("/objects/key", {**fields, "Range": "bytes=0-0"}).status == 401
    assert origin.requests == []


def test_answers_are_private_whatever_the_object_says(start_proxy, origin):
    origin.default = serve_object(b"0123456789", fields=[("Cache-Control", "public, max-age=60, s-maxage=600")])
    buckets = [guarded(s3_bucket(origin.endpoint, "bbb", name="a", path_prefix="/a")),
               guarded(s3_bucket(origin.endpoint, "bbb", name="b", path_prefix="/b"), cache_control="origin"),
               s3_bucket(origin.endpoint, "bbb", name="c", path_prefix="/c")]
    proxy = start_proxy(buckets, jwt={"default": HS256})
    for target, said in (("/a/k", "private, max-age=60"), ("/b/k", "public, max-age=60, s-maxage=600"),
                         ("/c/k", "public, max-age=60, s-maxage=600")):
        assert proxy.get(target, bearer(token()))["cache-control"] == said
        assert proxy.head(target, bearer(token()))["cache-control"] == said
        partial = proxy.get(target, {**bearer(token()), "Range": "bytes=0-1"})
        assert (partial.status, partial["cache-control"]) == (206, said)


def test_a_preflight_is_asked_for_no_token(proxy, origin):
    answer = proxy.request("OPTIONS", "/objects/key", {"Origin": "http://page.test",
                                                       "Access-Control-Request-Method": "GET"})
    assert answer.status == 204
    assert origin.requests == []


def test_the_same_token_is_good_until_it_expires(start_proxy, root):
    proxy = start_proxy([guarded(directory_bucket(root))], jwt={"default": {**HS256, "leeway": "0s"}})
    soon = token(exp=int(time.time()) + 2)
    assert proxy.get("/a.txt", bearer(soon)).status == 200
    until(lambda: proxy.get("/a.txt", bearer(soon)).status == 401, "the token expires")


def ask_admin(proxy, target, fields=()):
    with Connection(proxy.admin) as connection:
        return connection.request("GET", target, fields)


def test_the_admin_listener_asks_too(start_proxy, root):
    rule = [{"claim": "admin", "operator": "equals", "value": True}]
    proxy = start_proxy([directory_bucket(root)], jwt={"default": HS256},
                        admin={"address": "127.0.0.1:0", "auth": {"jwt": "default", "claims": rule}})
    for target in ("/metrics", "/status", "/nothing", "/cache/stats"):
        none = ask_admin(proxy, target)
        assert (none.status, none["www-authenticate"]) == (401, 'Bearer realm="admin"'), target
        assert ask_admin(proxy, target, bearer("x"))["www-authenticate"] == 'Bearer realm="admin", error="invalid_token"'
        denied = ask_admin(proxy, target, bearer(token()))
        assert denied.status == 403
        assert denied["www-authenticate"] == 'Bearer realm="admin", error="insufficient_scope"'
        assert ask_admin(proxy, target, bearer(token(admin="true"))).status == 403
    until(lambda: proxy.process.stderr().count("admin request refused") == 16, "a line for each")
    for words in ("no_token", "malformed_token", "claim_refused", "claim_absent"):
        assert f'"decision":"{words}"' in proxy.process.stderr()
    assert token()[:20] not in proxy.process.stderr()
    assert ask_admin(proxy, "/metrics", bearer(token(admin=True))).status == 200
    assert ask_admin(proxy, "/nothing", bearer(token(admin=True))).status == 404
    assert ask_admin(proxy, "/health").status == 200
    assert proxy.get("/health").status == 200
    # Everybody may ask whether it is ready; which buckets there are is for those who may come in.
    for fields in ({}, bearer("x"), bearer(token())):
        assert ask_admin(proxy, "/ready", fields).json() == {"status": "ready"}
    assert set(ask_admin(proxy, "/ready", bearer(token(admin=True))).json()["buckets"]) == {"files"}


def key_set(*keys):
    """A script that publishes these Ed25519 keys, each an id and a PEM file."""
    published = [{"kty": "OKP", "crv": "Ed25519", "kid": name, "x": base64url(
        tokens.openssl("pkey", "-pubin", "-in", file, "-outform", "DER")[-32:])} for name, file in keys]
    return serve_object(json.dumps({"keys": published}).encode())


def test_a_provider_that_publishes_no_key_costs_no_token(start_proxy, root, origin, tmp_path):
    private, public = tokens.key_pair(tmp_path, "EdDSA")
    origin.on("/jwks", key_set(("a", public)))
    jwks = {"url": f"{origin.endpoint}/jwks", "refresh": "1s", "min_refresh": "100ms"}
    proxy = start_proxy([guarded(directory_bucket(root))], jwt={"default": {"algorithms": ["EdDSA"], "jwks": jwks}})

    def get(kid="a"):
        return proxy.get("/a.txt", bearer(token("EdDSA", private, tmp_path, {"kid": kid})))

    def state():
        return proxy.ask_admin("/ready").json()["verifiers"]["jwt.default"]
    until(lambda: get().status == 200, "the key is known")
    origin.on("/jwks", key_set())
    until(lambda: get().status != 200, "the key is gone")
    answer = get()
    assert (answer.status, answer["retry-after"], answer["www-authenticate"]) == (503, "1", None)
    assert record_of(proxy, answer)["decision"] == "no_usable_key"
    assert state() == "no usable key"
    assert proxy.ask_admin("/ready").status == 503
    assert Metrics(proxy.metrics()).value("yatagarasu_jwks_keys") == 0
    assert get("b").status == 503
    assert proxy.get("/a.txt", bearer("x.y.z")).status == 401
    origin.on("/jwks", key_set(("b", public)))
    until(lambda: get("b").status == 200, "another key is known")
    assert get("a").status == 401
    assert state() == "ready"


def test_an_inline_verifier_and_keys_of_the_environment(start_proxy, root, tmp_path):
    private, public = tokens.key_pair(tmp_path, "ES256")
    verifier = {"algorithms": ["ES256"], "public_keys": [{"id": "a", "env": "KEY_PEM"}]}
    proxy = start_proxy([guarded(directory_bucket(root), jwt=verifier)], env={"KEY_PEM": public.read_text()})
    assert proxy.get("/a.txt", bearer(token("ES256", private, tmp_path))).status == 200
    assert proxy.get("/a.txt", bearer(token("ES256", private, tmp_path, {"kid": "a"}))).status == 200
    assert proxy.get("/a.txt", bearer(token("ES256", private, tmp_path, {"kid": "b"}))).status == 401


def test_what_is_cached_needs_a_token_too(start_proxy, origin):
    origin.default = serve_object(b"0123456789", fields=[("Cache-Control", "public, max-age=600, s-maxage=900")])
    rule = [{"claim": "roles", "operator": "contains", "value": "reader"}]
    proxy = start_proxy([guarded(s3_bucket(origin.endpoint, "bbb"), claims=rule)], jwt={"default": HS256},
                        cache={"layers": ["memory"]})
    reader = bearer(token(roles=["reader"]))
    assert proxy.get("/key", reader)["x-cache"] == "MISS"
    for fields in (reader, bearer(token(sub="bob", roles=["reader"]))):
        hit = proxy.get("/key", fields)
        assert (hit.status, hit["x-cache"], hit.body) == (200, "HIT", b"0123456789")
        assert hit["cache-control"] == "private, max-age=600"
    asked = len(origin.requests)
    for method in ("GET", "HEAD"):
        assert proxy.request(method, "/key").status == 401
        assert proxy.request(method, "/key", bearer(token(roles=["reader"], exp=NOW - 3600))).status == 401
        assert proxy.request(method, "/key", bearer(token(roles=["writer"]))).status == 403
    assert len(origin.requests) == asked
