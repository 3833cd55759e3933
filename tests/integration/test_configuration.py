"""What a wrong configuration is told: everything at once, where it is, what would be right, and never a secret."""

import json
import os
import re
import subprocess

import pytest

from harness.processes import Process
from harness.proxy import BINARY, ROOT, clean_environment

GOOD = """\
server: { address: "127.0.0.1:0" }
admin: { address: "127.0.0.1:0" }
buckets:
  - name: assets
    path_prefix: /assets
    s3:
      bucket: my-assets
      region: us-east-1
      endpoint: "http://127.0.0.1:9000"
      credentials: { access_key: "AKIDEXAMPLE", secret_key: "top-secret-value" }
    auth: { enabled: false }
"""
MISTAKE = re.compile(r"c\.yaml:(\d+):(\d+): ")


@pytest.fixture
def check(binary, tmp_path):
    """check(text, **env) gives (exit code, all output) of `yatagarasu check`."""
    def run(text, verb="check", env=None):
        (tmp_path / "c.yaml").write_text(text)
        done = subprocess.run([binary, verb, "-c", tmp_path / "c.yaml"], capture_output=True, text=True, timeout=30,
                              env=clean_environment(tmp_path, **(env or {})), check=False)
        return done.returncode, done.stdout + done.stderr
    return run


def places(output):
    return [(int(line), int(column)) for line, column in MISTAKE.findall(output)]


def test_a_good_file_passes(check):
    code, output = check(GOOD)
    assert code == 0, output
    assert "top-secret-value" not in output


def test_all_mistakes_are_told_at_once_with_their_places(check):
    code, output = check("""\
server:
  adress: "127.0.0.1:0"
  threads: many
  limits: { header_size: lots, connections: -1 }
  timeouts: { drain: 5 parsecs }
buckets:
  - name: assets
    path_prefix: assets
    s3: { bucket: my-assets, regoin: us-east-1 }
    auth: { enabled: false }
loging: { level: loud }
""")
    assert code == 2
    expected = [(2, 3), (3, 12), (4, 26), (4, 45), (5, 22), (8, 18), (9, 30), (11, 1)]
    assert sorted(places(output)) == expected, output
    for near in ("address", "region", "logging"):
        assert re.search(rf"mean\W+(?:\w+\.)*{near}\b|\b{near}\b", output), near


@pytest.mark.parametrize("old, new, line, words", [
    ("path_prefix: /assets", "path_prefix: /assets\n    path_prefix: /other", 6, "path_prefix"),
    ("bucket: my-assets", "bucket: \"\"", 7, "bucket"),
    ("bucket: my-assets", "buckt: my-assets", 7, "bucket"),
    ("http://127.0.0.1:9000", "ftp://127.0.0.1:9000", 9, "endpoint"),
    ("http://127.0.0.1:9000", "127.0.0.1:9000", 9, "endpoint"),
    ("http://127.0.0.1:9000", "http://127.0.0.1:99999", 9, "endpoint"),
    ("enabled: false", "enabled: 'no'", 11, "enabled"),
    ("enabled: false", "enabled: no", 11, "enabled"),
    ("name: assets", "name: [a]", 4, "name"),
    ("name: assets", "name: \"\"", 4, "name"),
    ("path_prefix: /assets", "path_prefix: /a/../b", 5, "path_prefix"),
    ("127.0.0.1:0\" }\nadmin", "127.0.0.1:70000\" }\nadmin", 1, "address"),
    ("127.0.0.1:0\" }\nadmin", "somewhere\" }\nadmin", 1, "address"),
    ("AKIDEXAMPLE", "${NO_SUCH_VARIABLE}", 10, "NO_SUCH_VARIABLE"),
    ("AKIDEXAMPLE", "${BROKEN", 10, "{"),
])
def test_a_mistake_is_told_with_its_line_and_key(check, old, new, line, words):
    assert old in GOOD
    code, output = check(GOOD.replace(old, new))
    assert code == 2, output
    assert line in [place[0] for place in places(output)], output
    assert words in output


@pytest.mark.parametrize("text", [
    "", "just words", "[]", "server: {", "a: b: c", "\t- x", "buckets: []", "buckets: {}", "server: &a {x: *a}",
    "--- \na: 1\n---\nb: 2\n", "\x00", "{" * 2000, "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]\n",
    "buckets: [1, null, {}]", "buckets:\n  - !!binary aGk=\n",
])
def test_what_is_no_configuration_is_2_and_no_crash(check, text):
    code, output = check(text)
    assert code == 2, output
    assert output.strip()


def test_cross_checks(check):
    second = GOOD[GOOD.index("  - name"):]
    code, output = check(GOOD + second)
    assert code == 2 and "assets" in output
    code, output = check(GOOD + second.replace("name: assets", "name: other"))
    assert code == 2 and "path_prefix" in output or "/assets" in output
    code, output = check(GOOD.replace('admin: { address: "127.0.0.1:0" }', 'admin: { address: "0.0.0.0:9901" }'))
    assert code == 2 and "admin" in output
    code, output = check(GOOD + "    directory: { root: /nowhere }\n")
    assert code == 2 and "directory" in output
    code, output = check(GOOD.replace("    auth: { enabled: false }\n", ""))
    assert code == 2, "a bucket without auth must say enabled: false in this version: nothing is open by default"
    assert "auth" in output


def test_a_directory_that_is_not_there_is_told(check):
    code, output = check("""\
buckets:
  - { name: a, path_prefix: /, directory: { root: not-there }, auth: { enabled: false } }
""")
    assert code in (2, 3) and "not-there" in output


SECRETS = ["secret_key: { top-secret-value: x }", "secret_key: [top-secret-value]",
           "secret_key: top-secret-value\n        secret_key: top-secret-value",
           "secret_key: top-secret-value\n        acess_key: x", "session_token: { value: top-secret-value }"]


@pytest.mark.parametrize("line", SECRETS)
def test_a_mistake_near_a_secret_does_not_print_it(check, line):
    code, output = check(GOOD.replace(
        'credentials: { access_key: "AKIDEXAMPLE", secret_key: "top-secret-value" }', f"credentials:\n        {line}"))
    assert code == 2
    assert "top-secret-value" not in output, output


@pytest.mark.parametrize("verb", ["check", "serve"])
@pytest.mark.parametrize("written", ['"top-secret-value "', '"${THE_SECRET}"'])
def test_white_space_in_a_secret_is_a_mistake_with_its_place(check, verb, written):
    code, output = check(GOOD.replace('"top-secret-value"', written), verb, {"THE_SECRET": "top-secret value"})
    assert code == 2, output
    assert places(output) and "secret_key" in output, output
    assert "top-secret" not in output


@pytest.mark.parametrize("secret", ["top-secret value", ""])
def test_keys_of_the_environment_that_cannot_sign_end_serve_with_2(check, secret):
    keys = '{ access_key: "AKIDEXAMPLE", secret_key: "top-secret-value" }'
    env = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": secret}
    code, output = check(GOOD.replace(keys, "default"), "serve", env)
    assert code == 2, output
    assert "AWS_SECRET_ACCESS_KEY" in output and "top-secret" not in output


def test_secrets_from_the_environment_are_not_printed(check):
    code, output = check(GOOD.replace("top-secret-value", "${THE_SECRET}"), env={"THE_SECRET": "env-secret-value"})
    assert code == 0, output
    assert "env-secret-value" not in output


# Every key of the surface that no part of this version keeps its promise for.
LATER = {
    "server.http2": "true", "server.trusted_proxies": "[10.0.0.0/8]", "server.proxy_protocol": "true",
    "server.rate_limit": "{ global: null }",
    "buckets[0].replicas": "[]", "buckets[0].s3.breaker": "{ failures: 5 }",
    "buckets[0].auth.opa": "{}", "buckets[0].auth.openfga": "{}",
    "buckets[0].ip_filter": "{ allow: [] }",
    "buckets[0].headers": "{ set: {} }", "buckets[0].cors": "{ allow_origins: [] }", "buckets[0].rate_limit": "null",
    "audit": "{ file: null }", "tracing": "{ sample: 0.0 }",
}


@pytest.mark.parametrize("key", LATER)
def test_a_key_of_a_later_version_is_refused_and_not_passed_over(check, key):
    *parents, name = key.split(".")
    entry = f"{name}: {LATER[key]}"
    text = GOOD
    if not parents:
        text += f"{entry}\n"
    elif parents == ["server"] or parents == ["admin"]:
        text = text.replace(f"{parents[0]}: {{", f"{parents[0]}: {{ {entry},")
    elif parents[-1] == "auth":
        text = text.replace("auth: {", f"auth: {{ {entry},")
    elif parents[-1] == "s3":
        text = text.replace("    s3:\n", f"    s3:\n      {entry}\n")
    else:
        text += f"    {entry}\n"
    code, output = check(text)
    assert code == 2, output
    assert "not available in this version" in output, output
    assert name in output
    assert places(output), output


# A pipe without anybody who writes would be waited for, for ever.
@pytest.mark.parametrize("place", ["the file", "a key", "a secret"])
def test_a_pipe_is_no_file(binary, tmp_path, place):
    os.mkfifo(tmp_path / "pipe")
    verifier = {"a key": 'algorithms: [ES256], public_keys: [{ file: pipe }]',
                "a secret": 'algorithms: [HS256], secret: { file: pipe }'}
    file = tmp_path / "pipe"
    if place in verifier:
        file = tmp_path / "c.yaml"
        file.write_text(GOOD + f"jwt: {{ one: {{ {verifier[place]} }} }}\n")
    done = subprocess.run([binary, "check", "-c", file], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == (3 if place == "the file" else 2)
    assert "pipe" in done.stderr and "is no file, but a pipe" in done.stderr


def test_what_the_caller_has_opened_is_read(binary, tmp_path):
    done = subprocess.run([binary, "check", "-c", "/dev/stdin"], input=GOOD, capture_output=True, text=True,
                          timeout=20, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    script = f"'{binary}' check -c <(printf '%s' \"$GOOD\")"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20, check=False, cwd=tmp_path,
                          env=clean_environment(tmp_path, GOOD=GOOD))
    assert (done.returncode, done.stderr) == (0, "")


def test_keys_over_plain_http_are_warned_of_once(binary, tmp_path):
    text = GOOD + "jwt: { one: { algorithms: [ES256], jwks: { url: 'http://192.0.2.1/keys' } } }\n"
    (tmp_path / "c.yaml").write_text(text)
    process = Process("yatagarasu", [binary, "check", "-c", tmp_path / "c.yaml"], tmp_path)
    assert process.wait(20) == 0
    assert process.stderr().count("over plain http") == 1
    assert "jwt.one.jwks.url: " in process.stderr()
    served = Process("yatagarasu", [binary, "serve", "-c", tmp_path / "c.yaml"], tmp_path)
    served.ready(lambda: served.stderr().count("listening on ") == 2, "listening")
    assert served.stderr().count("over plain http") == 1
    assert "jwt.one.jwks.url: " in served.stderr()
    assert served.stop() == 0


def test_a_public_bucket_that_names_a_verifier_is_a_mistake(check):
    verifier = "jwt: { one: { algorithms: [HS256], secret: 0123456789abcdef0123456789abcdef } }\n"
    code, output = check(GOOD.replace("enabled: false", "enabled: false, jwt: one") + verifier)
    assert code == 2
    assert "buckets[0].auth.jwt: nobody is asked with enabled: false" in output, output


def test_auth_without_a_verifier_is_a_mistake(check):
    code, output = check(GOOD.replace("enabled: false", "enabled: true"))
    assert code == 2
    assert "nobody could enter" in output, output


# And every key of the surface that is kept, with a value of its own.
NOW = """\
server:
  address: ["127.0.0.1:0", "127.0.0.2:0"]
  threads: 2
  limits:
    connections: 100
    connections_per_client: 50
    requests_in_flight: 60
    header_size: 32KiB
    header_fields: 50
    target_size: 4KiB
    body_size: 1MiB
  timeouts: { handshake: 4s, header: 9s, idle: 1m, stall: 29s, drain: 250ms }
admin: { address: "127.0.0.1:0" }
health_endpoints: false
buckets:
  - name: assets
    path_prefix: /assets
    host: "*.example.com"
    s3:
      bucket: my-assets
      region: eu-west-1
      endpoint: "http://127.0.0.1:9000"
      addressing: path
      key_prefix: "deep/"
      credentials: { access_key: "A", secret_key: "${S:-fallback-secret}", session_token: "${T:-}" }
      timeouts: { connect: 1s, first_byte: 2s, stall: 3s }
      pool: { connections: 9, idle: 8s }
      retry: { attempts: 2, budget: 10% }
      allow_query: [versionId]
      forward_headers: [Accept-Language]
    auth: { enabled: false }
logging: { level: debug, format: json, access: { output: stdout, sample: 0.5 } }
"""


def test_every_key_of_this_version_is_taken(check):
    code, output = check(NOW)
    assert code == 0, output


def test_dump_shows_the_effective_file_without_secrets(binary, tmp_path):
    (tmp_path / "c.yaml").write_text(NOW.replace("fallback-secret", "hidden-secret"))
    process = Process("yatagarasu", [binary, "config", "dump", "-c", tmp_path / "c.yaml"], tmp_path)
    assert process.wait(20) == 0
    assert "hidden-secret" not in process.stdout() + process.stderr()
    for value in ("my-assets", "eu-west-1", "*.example.com"):
        assert value in process.stdout()


def test_the_schema_is_json_and_knows_the_keys(binary, tmp_path):
    process = Process("yatagarasu", [binary, "config", "schema"], tmp_path)
    assert process.wait(20) == 0
    schema = json.loads(process.stdout())
    assert {"server", "admin", "buckets", "logging"} <= set(schema["properties"])


def test_the_reference_in_the_docs_is_the_programs_own(binary, tmp_path):
    process = Process("yatagarasu", [binary, "config", "reference"], tmp_path)
    assert process.wait(20) == 0
    page = ROOT / "docs/reference/configuration.md"
    assert page.read_text() == process.stdout(), f"{BINARY} config reference > {page}"


def test_serve_refuses_what_check_refuses(check):
    code, output = check(GOOD.replace("bucket:", "buckt:"), "serve")
    assert code == 2
    assert places(output)


@pytest.mark.parametrize("name", ["quickstart.yaml", "s3.yaml"])
def test_the_examples_pass(binary, tmp_path, name):
    env = clean_environment(tmp_path, AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b")
    process = Process("yatagarasu", [binary, "check", "-c", ROOT / "examples" / name], tmp_path, env)
    assert process.wait(20) == 0, process.log()
