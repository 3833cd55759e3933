"""The product under test: writes its configuration, starts it, speaks to it, ends it."""

import json
import os
import re
from pathlib import Path

from . import versitygw
from .deadline import until
from .processes import Process
from .wire import Connection

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("YATA_BINARY", ROOT / "build/release/yatagarasu"))
LISTENING = re.compile(r"listening on (https?)://(\S+):(\d+) \((main|admin)\)")


def s3_bucket(endpoint, bucket, name=None, path_prefix="/", **s3):
    """One bucket of the configuration, signed with the harness's keys unless told otherwise."""
    keys = {"access_key": versitygw.ACCESS_KEY, "secret_key": versitygw.SECRET_KEY}
    return {"name": name or bucket, "path_prefix": path_prefix, "auth": {"enabled": False},
            "s3": {"bucket": bucket, "region": versitygw.REGION, "endpoint": endpoint, "credentials": keys, **s3}}


def directory_bucket(root, name="files", path_prefix="/"):
    return {"name": name, "path_prefix": path_prefix, "auth": {"enabled": False},
            "directory": {"root": str(root)}}


def merged(base, over):
    """`over` laid on `base`, map by map."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {key: merged(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}
    return over


def clean_environment(home, **more):
    """What the binary sees: no credentials of the developer's own."""
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "LANG", "TZ", "LLVM_PROFILE_FILE") or name.endswith("SAN_OPTIONS")}
    return {**kept, "HOME": str(home), **more}


class Proxy:
    """Starts at once and is ready when the constructor returns."""

    def __init__(self, directory, buckets, env=None, start=True, **sections):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.config = merged({
            "server": {"address": "127.0.0.1:0", "threads": 2},
            "admin": {"address": "127.0.0.1:0"},
            "logging": {"level": "debug"},
            "buckets": buckets,
        }, sections)
        # JSON is YAML.
        self.config_path = self.directory / "yatagarasu.yaml"
        self.config_path.write_text(json.dumps(self.config, indent=2, ensure_ascii=False) + "\n")
        self.env = clean_environment(self.directory, **(env or {}))
        self.process = None
        if start:
            self.start()

    def start(self):
        self.process = Process("yatagarasu", [BINARY, "serve", "-c", self.config_path], self.directory, self.env)
        addresses = self.config["server"]["address"]
        addresses = addresses if isinstance(addresses, list) else [addresses]
        expected = len([address for address in addresses if not address.startswith("unix:")]) + 1
        self.process.ready(lambda: len(self.listeners()) >= expected, "one line for each listener")
        self.mains = [address for kind, address in self.listeners() if kind == "main"]
        self.main = self.mains[0]
        self.admin = next(address for kind, address in self.listeners() if kind == "admin")

    def listeners(self):
        """[(main | admin, (host, port))] as announced so far."""
        text = self.process.stderr() + self.process.stdout()
        return [(kind, (host.strip("[]"), int(port))) for _, host, port, kind in LISTENING.findall(text)]

    def connect(self, **how):
        return Connection(self.main, **how)

    def request(self, method, target, fields=(), body=b"", host="localhost", **how):
        """One request on a connection of its own."""
        with self.connect(**how) as connection:
            return connection.request(method, target, fields, body, host)

    def get(self, target, fields=(), **more):
        return self.request("GET", target, fields, **more)

    def head(self, target, fields=(), **more):
        return self.request("HEAD", target, fields, **more)

    def ask_admin(self, target, method="GET"):
        with Connection(self.admin) as connection:
            return connection.request(method, target)

    def metrics(self):
        """The text of /metrics."""
        answer = self.ask_admin("/metrics")
        assert answer.status == 200, answer
        return answer.body.decode()

    def access_log(self):
        """The access log so far, one dict for each line."""
        records = []
        for line in self.process.stdout().splitlines():
            record = json.loads(line) if line.startswith("{") and line.endswith("}") else {}
            if "status" in record and "client_ip" in record:
                records.append(record)
        return records

    def logged(self, count=1):
        """The access log, once it has `count` lines."""
        return until(lambda: len(records := self.access_log()) >= count and records, f"{count} lines of access log")

    def stop(self, seconds=45.0):
        """SIGTERM; the product must end with 0."""
        code = self.process.stop(seconds)
        assert code == 0, f"ended with {code}\n{self.process.log()}"

    def is_well(self):
        """True when it still runs and still answers."""
        return self.process.alive and self.ask_admin("/health").status == 200
