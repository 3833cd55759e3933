"""Paths and odd object names, from published vectors, end to end: to a real S3 server, a folder, and the wire."""

import base64
import json
import re
from urllib.parse import unquote, unquote_to_bytes

import pytest

from harness.proxy import directory_bucket, s3_bucket

MISSING_FROM_THE_LIST = {"a/%@!*()=$#^&|.txt": b"named by an assertion alone"}


@pytest.fixture(scope="module")
def traversal(shared_dir):
    return json.loads((shared_dir / "vectors/path-traversal/s3-proxy-traversal.json").read_text())


@pytest.fixture(scope="module")
def odd(shared_dir):
    cases = json.loads((shared_dir / "vectors/s3-odd-names/nginx-s3-gateway.json").read_text())
    cases["objects"] = {entry["key"]: base64.b64decode(entry["b64"]) for entry in cases["objects"]}
    cases["objects"].update(MISSING_FROM_THE_LIST)
    return cases


@pytest.fixture(scope="module")
def folder(tmp_path_factory, odd):
    root = tmp_path_factory.mktemp("names")
    for key, content in odd["objects"].items():
        (root / key).parent.mkdir(parents=True, exist_ok=True)
        (root / key).write_bytes(content)
    return root


@pytest.fixture(scope="module")
def filled(s3, bucket, odd):
    for key, content in odd["objects"].items():
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    return bucket


def test_hostile_paths_never_reach_an_origin_and_others_arrive_unchanged(start_proxy, origin, traversal):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")])
    assert len(traversal) == 24
    for case in traversal:
        origin.forget()
        answer = proxy.get(case["path"])
        if case["traversal"] or case["invalid"]:
            assert (answer.status, origin.requests) == (400, []), case
        else:
            assert answer.status == 200, case
            assert unquote(origin.requests[-1].path) == "/bbb" + unquote(case["path"]), case


def test_hostile_paths_do_not_leave_a_folder(start_proxy, tmp_path, traversal):
    root = tmp_path / "root"
    for place in ("public/normal.txt", "public/my file.txt", "upload/foo/bar/file.txt", "secret/file.txt"):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(place)
    proxy = start_proxy([directory_bucket(root)])
    found = 0
    for case in traversal:
        answer = proxy.get(case["path"])
        if case["traversal"] or case["invalid"]:
            assert answer.status == 400, case
        else:
            assert answer.status in (200, 404), case
            if answer.status == 200:
                found += 1
                assert answer.body.decode() == unquote(case["path"]).lstrip("/")
    assert found == 3


ASSERTION = re.compile(r"""^"(\w+)" (?:"([^"]*)"|'([^']*)') (?:"([^"]*)"|'([^']*)')(?: (\d+) (\d+) "(\d+)")?$""")


def read_assertion(line):
    """(method, path as sent, decoded key, range or None)"""
    match = ASSERTION.match(line)
    assert match, line
    method, first, second, _, _, start, end, _ = match.groups()
    path = (first if first is not None else second).partition("#")[0]
    path = path if path.startswith("/") else f"/{path}"
    key = unquote_to_bytes(path.partition("?")[0].encode()).decode()[1:]
    return method, path, key, (int(start), int(end)) if start else None


def check_assertions(proxy, odd, empty_segments):
    """All 86, by our rules: an object is served under each encoding of its key; what would be an index page, a
    redirect or a stripped prefix elsewhere is 404 here; `..` and raw 8-bit targets are 400."""
    whole = 0
    assert len(odd["assertions"]) == 86
    for line in odd["assertions"]:
        method, path, key, span = read_assertion(line)
        fields = {"Range": f"bytes={span[0]}-{span[1]}"} if span else {}
        answer = proxy.request("HEAD" if method == "HEAD" else "GET", path, fields)
        if not path.isascii() or ".." in key.split("/"):
            assert answer.status == 400, line
        elif key in odd["objects"]:
            expected = odd["objects"][key][span[0]:span[1] + 1] if span else odd["objects"][key]
            assert answer.status == (206 if span else 200), line
            assert answer["content-length"] == str(len(expected)), line
            assert method == "HEAD" or answer.body == expected, line
            whole += 1
        elif "//" in key:
            assert answer.status in empty_segments, line
        else:
            assert answer.status == 404, line
    assert whole >= 30


def test_odd_names_through_a_real_s3_server(start_proxy, s3_server, filled, odd):
    # This server keeps objects as files and finds b//e.txt as b/e.txt; S3 itself would not.
    check_assertions(start_proxy([s3_bucket(s3_server.endpoint, filled)]), odd, empty_segments=(200, 404))


def test_odd_names_in_a_folder(start_proxy, folder, odd):
    check_assertions(start_proxy([directory_bucket(folder)]), odd, empty_segments=(404,))


def test_every_object_is_found_under_its_strictly_encoded_key(start_proxy, s3_server, filled, folder, odd):
    proxy = start_proxy([s3_bucket(s3_server.endpoint, filled, path_prefix="/s3"),
                         directory_bucket(folder, path_prefix="/folder")])
    for key, content in odd["objects"].items():
        every_byte = "".join(f"%{byte:02X}" for byte in key.encode())
        for prefix in ("/s3/", "/folder/"):
            assert proxy.get(prefix + every_byte).body == content, key
            assert proxy.get(prefix + every_byte.lower()).body == content, key
