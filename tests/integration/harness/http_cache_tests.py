"""The tests of HTTP caches that npm has: their server as an origin, their client as the judge, both unchanged."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from .processes import Process

SCRIPTS = Path(__file__).resolve().parents[2] / "servers" / "http_cache_tests"
LISTENING = re.compile(r"Listening on http://127\.0\.0\.1:(\d+)/")


def node():
    return shutil.which("node") or "node"


def environment(**more):
    """Both scripts read what npm would set."""
    names = ("protocol", "port", "pidfile", "base", "id")
    empty = {f"{prefix}_{name}": "" for prefix in ("npm_config", "npm_package_config") for name in names}
    return {"PATH": os.environ["PATH"], **empty, **{f"npm_config_{name}": value for name, value in more.items()}}


class TestServer:
    """Answers under /test/ as each test says."""

    __test__ = False

    def __init__(self, package, directory):
        self.process = Process(
            "http-cache-tests", [node(), "--require", SCRIPTS / "loopback.cjs", package / "server/server.mjs"],
            directory, env=environment(protocol="http", port="0", pidfile=str(Path(directory) / "server.pid")))
        self.process.ready(lambda: LISTENING.search(self.process.stdout()), "listening")
        self.port = int(LISTENING.search(self.process.stdout()).group(1))
        self.endpoint = f"http://127.0.0.1:{self.port}"

    def stop(self):
        self.process.kill()


def judge(package, address, control_port, directory):
    """Runs all tests against an address: {id: None when passed, or what was wrong}."""
    env = environment(base=f"http://{address[0]}:{address[1]}")
    env["CONTROL_PORT"] = str(control_port)
    done = subprocess.run(
        [node(), "--no-warnings", "--require", SCRIPTS / "control.cjs", package / "cli.mjs"],
        cwd=directory, env=env, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0 and done.stdout.startswith("{"), done.stderr + done.stdout
    return {name: None if result is True else ": ".join(result)
            for name, result in json.loads(done.stdout).items()}


def catalogue(package):
    """What the tests are: {id: (kind, uses only GET and HEAD)}, without those for browsers."""
    script = """
      const suites = (await import(process.argv[1])).default
      suites.push((await import(process.argv[2])).default)
      const plain = request => ['GET', 'HEAD'].includes(request.request_method || 'GET')
      const tests = suites.flatMap(suite => suite.tests).filter(test => !test.browser_only)
      console.log(JSON.stringify(Object.fromEntries(
        tests.map(test => [test.id, [test.kind || 'required', test.requests.every(plain)]]))))
    """
    files = [package / "tests/index.mjs", package / "tests/surrogate-control.mjs"]
    done = subprocess.run([node(), "--input-type=module", "-e", script, *map(str, files)],
                          capture_output=True, text=True, check=True)
    return {name: tuple(told) for name, told in json.loads(done.stdout).items()}
