"""Fixtures of all scenarios. Sections of a failing test's report hold the logs of the processes it used."""

import itertools
import os
from pathlib import Path

import pytest

from harness import processes, proxy as proxy_module
from harness.certificates import Authority
from harness.origin_double import OriginDouble
from harness.proxy import Proxy
from harness.versitygw import Versitygw

numbers = itertools.count()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        first = getattr(item, "first_process", 0)
        for process in processes.started[:first]:
            if process.alive:
                report.sections.append((f"log of {process.name} (shared)", process.log()))
        for process in processes.started[first:]:
            report.sections.append((f"log of {process.name}", process.log()))
    return report


def pytest_runtest_setup(item):
    item.first_process = len(processes.started)


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left_running():
    yield
    for process in processes.started:
        process.kill()


@pytest.fixture(scope="session")
def binary():
    assert proxy_module.BINARY.exists(), f"{proxy_module.BINARY} is missing: make build"
    return proxy_module.BINARY


@pytest.fixture(scope="session")
def shared_dir():
    """Published test data that the tree does not carry."""
    folder = os.environ.get("YATA_SHARED_DIR")
    if not folder or not Path(folder, "vectors").is_dir():
        pytest.skip("YATA_SHARED_DIR names no folder with vectors/: PUBLISHED VECTORS ARE NOT TESTED")
    return Path(folder)


@pytest.fixture(scope="session")
def versitygw_binary():
    path = os.environ.get("YATA_VERSITYGW")
    assert path and Path(path).exists(), "YATA_VERSITYGW names no versitygw: make servers"
    return path


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def s3_server(versitygw_binary, tmp_path_factory):
    """A real S3 server for the whole run; take a bucket of your own from `bucket`."""
    server = Versitygw(versitygw_binary, tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def s3(s3_server):
    """An independent S3 client (boto3) on the real server."""
    return s3_server.client()


@pytest.fixture(scope="module")
def bucket(s3):
    """The name of a fresh bucket on the real server."""
    name = f"bucket-{os.getpid()}-{next(numbers)}"
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def start_proxy(binary, tmp_path):
    """start_proxy(buckets, **sections) gives a running Proxy; at the end each must still be able to end with 0."""
    running = []

    def start(buckets, **more):
        instance = Proxy(tmp_path / f"proxy-{len(running)}", buckets, **more)
        running.append(instance)
        return instance
    yield start
    for instance in running:
        if instance.process and not instance.process.popen.returncode == 0:
            instance.stop()


@pytest.fixture(scope="module")
def start_shared_proxy(binary, tmp_path_factory):
    """As start_proxy, for a whole file of scenarios that do not disturb each other."""
    running = []

    def start(buckets, **more):
        instance = Proxy(tmp_path_factory.mktemp("proxy"), buckets, **more)
        running.append(instance)
        return instance
    yield start
    for instance in running:
        instance.stop()


@pytest.fixture
def origin():
    """A scripted origin of the test's own."""
    double = OriginDouble()
    yield double
    double.stop()
