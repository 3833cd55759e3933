"""A real S3 server: versitygw over a folder, plain or TLS, path or virtual-host style."""

import os
from pathlib import Path

import boto3
from botocore.config import Config

from .ports import accepts, free_port, hold_for_other_family
from .processes import Process

ACCESS_KEY = "harness-access"
SECRET_KEY = "harness-secret-0123456789"
REGION = "us-east-1"


class Versitygw:
    """`folder` holds the buckets as sub-folders and the objects as files."""

    def __init__(self, binary, directory, certificate=None, virtual_domain=None, host="127.0.0.1"):
        self.folder = Path(directory) / "buckets"
        self.folder.mkdir(parents=True)
        self.authority = None
        self.held = None
        shown = f"[{host}]" if ":" in host else host
        for _ in range(5):  # Another process may take the free port before the server does.
            self.port = free_port(host)
            try:
                self.held = hold_for_other_family(host, self.port)
            except OSError:
                continue
            argv = [binary, "--port", f"{shown}:{self.port}", "--keep-alive", "--region", REGION]
            if certificate:
                argv += ["--cert", certificate[0], "--key", certificate[1]]
            if virtual_domain:
                argv += ["--virtual-domain", virtual_domain]
            self.process = Process("versitygw", [*argv, "posix", self.folder], directory, env={
                "PATH": os.environ["PATH"], "ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY})
            try:
                self.process.ready(lambda: accepts(host, self.port), "accepting")
                break
            except AssertionError:
                if self.process.alive:
                    raise
                self._let_go()
        self.scheme = "https" if certificate else "http"
        self.endpoint = f"{self.scheme}://{shown}:{self.port}"

    def client(self, ca_file=None):
        """boto3, so that an independent client writes what we read."""
        return boto3.client(
            "s3", endpoint_url=self.endpoint, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
            region_name=REGION, verify=str(ca_file) if ca_file else None,
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}))

    def stop(self):
        self.process.kill()
        self._let_go()

    def _let_go(self):
        if self.held:
            self.held.close()
