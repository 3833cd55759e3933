"""Keys from a real identity provider: every algorithm, rotation under load, outages, discovery, HTTPS."""

import base64
import json
import re
import subprocess
import textwrap
import threading

import pytest

from harness.deadline import until
from harness.identity_provider import ALGORITHMS, AUDIENCE, IdentityProvider, key_id
from harness.prometheus import Metrics
from harness.proxy import BINARY, ROOT, clean_environment, directory_bucket

VERIFIER = "jwt.provider"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/a.txt").write_text("0123456789")
    return tmp_path / "site"


@pytest.fixture
def start_provider(tmp_path):
    """start_provider(**how) gives an IdentityProvider."""
    running = []

    def start(**how):
        directory = tmp_path / f"provider-{len(running)}"
        directory.mkdir()
        running.append(IdentityProvider(directory, **how))
        return running[-1]
    yield start
    for provider in running:
        if provider.process:
            provider.stop()


@pytest.fixture
def start_protected(start_proxy, root):
    """A proxy with one public and one protected bucket; `jwks` is laid on the keys' address."""
    def start(provider, issuer_alone=False, **jwks):
        jwks = {"min_refresh": "1s", **jwks}
        if not issuer_alone:
            jwks["url"] = f"{provider.issuer}/jwks"
        verifier = {"algorithms": ALGORITHMS, "issuer": provider.issuer, "audience": AUDIENCE, "jwks": jwks}
        protected = {**directory_bucket(root, name="protected", path_prefix="/protected"),
                     "auth": {"enabled": True, "jwt": "provider"}}
        return start_proxy([directory_bucket(root, name="public", path_prefix="/public"), protected],
                           jwt={"provider": verifier})
    return start


def get(proxy, token):
    return proxy.get("/protected/a.txt", {"Authorization": f"Bearer {token}"})


def ready(proxy):
    return proxy.ask_admin("/ready").json()


def keys_there(proxy):
    return until(lambda: ready(proxy)["verifiers"][VERIFIER] == "ready", "keys of the provider", 30)


def metric(proxy, name, **labels):
    return Metrics(proxy.metrics()).value(f"yatagarasu_jwks_{name}", verifier=VERIFIER, **labels)


@pytest.mark.parametrize("issuer_alone", [False, True])
def test_tokens_of_every_algorithm(start_provider, start_protected, issuer_alone):
    provider = start_provider()
    proxy = start_protected(provider, issuer_alone)
    keys_there(proxy)
    for algorithm in ALGORITHMS:
        answer = get(proxy, provider.token(algorithm))
        assert answer.status == 200, (algorithm, answer)
        assert answer.body == b"0123456789"
    assert get(proxy, "nonsense").status == 401
    assert proxy.get("/protected/a.txt").status == 401
    assert metric(proxy, "keys") == len(ALGORITHMS)
    assert metric(proxy, "refreshes_total", result="ok") >= 1


def test_another_providers_tokens_are_refused(start_provider, start_protected):
    provider, other = start_provider(), start_provider()
    proxy = start_protected(provider)
    keys_there(proxy)
    assert get(proxy, provider.token()).status == 200
    assert get(proxy, other.token()).status == 401


def test_rotation_fails_no_request(start_provider, start_protected):
    provider = start_provider()
    proxy = start_protected(provider)
    keys_there(proxy)
    failed, done, tokens, ended = [], [], [provider.token()], threading.Event()

    def ask():
        with proxy.connect() as connection:
            while not ended.wait(0.02):  # 50 a second
                answer = connection.request("GET", "/protected/a.txt", {"Authorization": f"Bearer {tokens[-1]}"})
                done.append(answer.status)
                if answer.status != 200:
                    failed.append(answer)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(3):
            asked = len(done)
            until(lambda: len(done) >= asked + 75, "requests between rotations", 60)
            old = key_id(tokens[-1])
            provider.rotate()
            tokens.append(provider.token())
            assert key_id(tokens[-1]) != old
        asked = len(done)
        until(lambda: len(done) >= asked + 75, "requests after the last rotation", 60)
    finally:
        ended.set()
        asking.join()
    assert not failed, failed[:3]
    assert len(done) >= 300
    assert get(proxy, tokens[0]).status == 200, "the first keys are still published"


def test_a_key_that_the_provider_removes_is_refused_after_the_refresh(start_provider, start_protected):
    provider = start_provider()
    proxy = start_protected(provider, refresh="1s")
    keys_there(proxy)
    old = provider.token()
    assert get(proxy, old).status == 200
    provider.rotate()
    provider.forget()
    until(lambda: get(proxy, old).status == 401, "the removed key is refused", 30)
    assert get(proxy, provider.token()).status == 200


def test_known_keys_go_on_while_the_provider_is_down(start_provider, start_protected):
    provider = start_provider()
    proxy = start_protected(provider, refresh="1s")
    keys_there(proxy)
    token = provider.token()
    provider.stop()
    until(lambda: metric(proxy, "refreshes_total", result="failed") >= 2, "failed refreshes", 30)
    assert get(proxy, token).status == 200
    assert ready(proxy)["verifiers"][VERIFIER] == "ready"
    assert metric(proxy, "age_seconds") > 0
    assert "keys cannot be fetched" in proxy.process.stderr()
    provider.start()
    fetched = metric(proxy, "refreshes_total", result="ok")
    until(lambda: metric(proxy, "refreshes_total", result="ok") > fetched, "a refresh that succeeds", 30)
    assert get(proxy, provider.token()).status == 200


def test_the_proxy_starts_without_the_provider_and_says_so(start_provider, start_protected):
    provider = start_provider(start=False)
    proxy = start_protected(provider)
    assert proxy.get("/public/a.txt").status == 200
    until(lambda: metric(proxy, "refreshes_total", result="failed") >= 1, "a failed fetch", 30)
    said = ready(proxy)
    assert said["verifiers"] == {VERIFIER: "waiting for keys"}
    assert said["buckets"] == {"public": "ready", "protected": "unavailable"}
    assert metric(proxy, "keys") == 0
    # A token that may be good is not refused for good.
    provider.start()
    token = provider.token()
    answer = get(proxy, token)
    assert answer.status in (503, 200), answer
    if answer.status == 503:
        assert answer["retry-after"]
    until(lambda: get(proxy, token).status == 200, "keys, once the provider is there", 30)
    assert ready(proxy)["buckets"] == {"public": "ready", "protected": "ready"}


def test_tokens_get_503_while_no_keys_are_known(start_provider, start_protected):
    elsewhere = start_provider()
    nobody = start_provider(start=False)
    proxy = start_protected(nobody)
    until(lambda: metric(proxy, "refreshes_total", result="failed") >= 1, "a failed fetch", 30)
    answer = get(proxy, elsewhere.token())
    assert answer.status == 503
    assert answer["www-authenticate"] is None
    assert answer["retry-after"]
    # What is no token needs no keys to be refused.
    assert get(proxy, "nonsense").status == 401
    assert proxy.get("/protected/a.txt").status == 401


def unknown(number):
    """A well-formed token of a key that nobody has."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    payload = {"sub": "x", "exp": 4102444800}
    return f"{part({'alg': 'ES256', 'kid': f'unknown-{number}'})}.{part(payload)}.{'A' * 86}"


def test_a_flood_of_unknown_keys_causes_one_fetch_in_a_period(start_provider, start_protected):
    provider = start_provider()
    proxy = start_protected(provider, min_refresh="1h", refresh="1h")
    keys_there(proxy)
    fetched = provider.fetches()
    good = provider.token()
    with proxy.connect() as connection:
        for number in range(2000):
            answer = connection.request("GET", "/protected/a.txt", {"Authorization": f"Bearer {unknown(number)}"})
            assert answer.status == 401
        assert connection.request("GET", "/protected/a.txt", {"Authorization": f"Bearer {good}"}).status == 200
    assert provider.fetches() <= fetched + 1


def test_https_with_an_authority_of_its_own(start_provider, start_protected, authority):
    provider = start_provider(certificate=authority.issue("127.0.0.1"), ca_file=authority.certificate)
    proxy = start_protected(provider, issuer_alone=True, ca_file=str(authority.certificate))
    keys_there(proxy)
    assert get(proxy, provider.token("EdDSA")).status == 200


def test_a_certificate_that_nobody_vouches_for_brings_no_keys(start_provider, start_protected, authority):
    provider = start_provider(certificate=authority.issue("127.0.0.1"), ca_file=authority.certificate)
    proxy = start_protected(provider)
    until(lambda: metric(proxy, "refreshes_total", result="failed") >= 1, "a refused certificate", 30)
    assert get(proxy, provider.token()).status == 503
    assert metric(proxy, "keys") == 0


def documented():
    """The configurations that the chapter on providers shows: the first, and that with each of the rules in its place."""
    text = (ROOT / "docs/operations/authentication.md").read_text()
    chapter = text[text.index("## Keys from an identity provider"):]
    whole, rules = re.findall(r"```yaml\n(.*?)```", chapter, re.DOTALL)
    ours = "    auth: { enabled: true, jwt: staff }\n"
    assert ours in whole
    yield whole
    yield re.sub(r"jwks:\n +url: .*", "jwks: {}", whole)
    for rule in re.findall(r"^auth:.*\n(?: .*\n)*", rules, re.MULTILINE):
        yield whole.replace(ours, textwrap.indent(rule, "    "))


def test_what_the_documents_show_is_a_configuration(binary, tmp_path):
    shown = list(documented())
    assert len(shown) == 6
    for number, text in enumerate(shown):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text)
        env = clean_environment(tmp_path, AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b")
        checked = subprocess.run([BINARY, "check", "-c", file], capture_output=True, text=True, env=env)
        assert checked.returncode == 0, checked.stderr
