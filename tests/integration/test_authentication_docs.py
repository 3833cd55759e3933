"""The commands of docs/operations/authentication.md work as they are pasted, and so do its examples."""

import re
import subprocess

import pytest

from harness.processes import Process
from harness.proxy import ROOT, clean_environment, directory_bucket
from harness.tokens import bearer

PAGE = (ROOT / "docs/operations/authentication.md").read_text()
COMMANDS = [block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "openssl" in block]


def pasted(block, folder):
    """What the shell's variables are afterwards."""
    script = f"set -eu\n{block}\nprintf '\\0%s\\0%s' \"${{TOKEN-}}\" \"${{JWT_SECRET-}}\""
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, timeout=120,
                          env=clean_environment(folder))
    assert done.returncode == 0, done.stderr
    _, token, secret = done.stdout.decode().split("\0")
    return token, secret


def test_there_are_three_of_them():
    assert len(COMMANDS) == 3


def test_a_shared_secret(start_proxy, tmp_path):
    token, secret = pasted(COMMANDS[0], tmp_path)
    proxy = start_proxy([{**directory_bucket(ROOT / "examples/site"), "auth": {"enabled": True, "jwt": "default"}}],
                        jwt={"default": {"algorithms": ["HS256"], "secret": "${JWT_SECRET}"}},
                        env={"JWT_SECRET": secret})
    assert proxy.get("/poem.txt", bearer(token)).status == 200
    assert proxy.get("/poem.txt").status == 401


def test_key_pairs(start_proxy, tmp_path):
    pasted(COMMANDS[1], tmp_path)
    token, _ = pasted(COMMANDS[2], tmp_path)
    keys = [{"id": "key-0", "file": str(tmp_path / "es256.pem")}, {"id": "key-1", "file": str(tmp_path / "rs256.pem")}]
    proxy = start_proxy([{**directory_bucket(ROOT / "examples/site"), "auth": {"enabled": True, "jwt": "default"}}],
                        jwt={"default": {"algorithms": ["ES256", "RS256"], "public_keys": keys}})
    assert proxy.get("/poem.txt", bearer(token)).status == 200
    assert proxy.get("/poem.txt", bearer(token[:-2])).status == 401


@pytest.mark.parametrize("name", ["jwt-secret.yaml", "jwt-public-key.yaml"])
def test_the_examples_say_what_to_export(name):
    text = (ROOT / "examples" / name).read_text()
    needed = re.findall(r"env: (\w+)", text) + re.findall(r"\$\{(\w+)\}", text)
    exports = "\n".join(line for line in text.splitlines() if line.startswith("#   export "))
    assert needed and [one for one in needed if not re.search(rf"\b{one}=", exports)] == []


@pytest.mark.parametrize("name", ["jwt-secret.yaml", "jwt-public-key.yaml"])
def test_the_examples_pass(binary, tmp_path, name):
    pasted(COMMANDS[1], tmp_path)
    pasted(COMMANDS[2], tmp_path)
    env = clean_environment(tmp_path, JWT_SECRET="s" * 32, JWT_PUBLIC_KEY=(tmp_path / "es256.pem").read_text(),
                            JWT_OTHER_PUBLIC_KEY=(tmp_path / "rs256.pem").read_text())
    process = Process("yatagarasu", [binary, "check", "-c", ROOT / "examples" / name], tmp_path, env)
    assert process.wait(20) == 0, process.log()
