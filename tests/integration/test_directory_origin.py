"""A folder served as a bucket."""

import hashlib
import os
import socket

import pytest

from harness.deadline import until
from harness.proxy import directory_bucket
from harness.wire import Cut, request_bytes

LARGE = os.urandom(1_500_000)
FILES = {
    "index.html": b"<h1>hello</h1>",
    "plain.txt": b"0123456789",
    "empty.txt": b"",
    "deep/er/file.json": b"{}",
    "a b+c%d.txt": b"odd",
    "\u5c71\u306e\u5c3e.txt": b"mountain",
    "large.bin": LARGE,
    ".hidden": b"dot",
    "..two": b"dots",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    base = tmp_path_factory.mktemp("directory")
    (base / "secret.txt").write_text("outside")
    root = base / "site"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / "link-out").symlink_to("../secret.txt")
    (root / "link-absolute").symlink_to(base / "secret.txt")
    (root / "link-folder").symlink_to(base)
    (root / "link-root").symlink_to("/")
    (root / "link-self").symlink_to("link-self")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(os.path.relpath(root / "socket"))
    return root


@pytest.fixture(scope="module")
def proxy(start_shared_proxy, root):
    return start_shared_proxy([directory_bucket(root, path_prefix="/files")])


@pytest.mark.parametrize("path, name", [
    ("index.html", "index.html"), ("plain.txt", "plain.txt"), ("empty.txt", "empty.txt"),
    ("deep/er/file.json", "deep/er/file.json"), ("a%20b+c%25d.txt", "a b+c%d.txt"),
    ("%E5%B1%B1%E3%81%AE%E5%B0%BE.txt", "\u5c71\u306e\u5c3e.txt"), ("large.bin", "large.bin"),
    ("%69ndex.html", "index.html"), (".hidden", ".hidden"), ("..two", "..two"),
    ("deep%2Fer/file.json", "deep/er/file.json"),
])
def test_a_file_is_served_whole(proxy, path, name):
    answer = proxy.get(f"/files/{path}")
    assert answer.status == 200
    assert answer["content-length"] == str(len(FILES[name]))
    assert answer["accept-ranges"] == "bytes"
    assert hashlib.sha256(answer.body).digest() == hashlib.sha256(FILES[name]).digest()
    head = proxy.head(f"/files/{path}")
    assert (head.status, head["content-length"], head["etag"]) == (200, answer["content-length"], answer["etag"])


@pytest.mark.parametrize("name, kind", [
    ("a.html", "text/html"), ("a.txt", "text/plain"), ("a.css", "text/css"), ("a.js", "text/javascript"),
    ("a.json", "application/json"), ("a.png", "image/png"), ("a.JPG", "image/jpeg"), ("a.svg", "image/svg+xml"),
    ("a.webp", "image/webp"), ("a.woff2", "font/woff2"), ("a.wasm", "application/wasm"), ("a.pdf", "application/pdf"),
    ("a.mp4", "video/mp4"), ("a.xml", "application/xml"), ("a.gz", "application/gzip"), ("a.csv", "text/csv"),
    ("a.unheard-of", "application/octet-stream"), ("without", "application/octet-stream"),
])
def test_content_types_follow_the_name(proxy, root, name, kind):
    (root / "types").mkdir(exist_ok=True)
    (root / "types" / name).write_bytes(b"x")
    got = proxy.get(f"/files/types/{name}")["content-type"].split(";")[0]
    assert got == kind or (kind == "application/xml" and got == "text/xml")


@pytest.mark.parametrize("target", [
    "/files/deep", "/files/deep/", "/files/", "/files",
    "/files/plain.txt/", "/files/plain.txt/x", "/files/missing", "/files/deep//er/file.json", "/files//plain.txt",
    "/files/" + "n" * 300, "/files/" + "d/" * 2000 + "x", "/files/~", "/files/plain.txt%0A",
])
def test_what_is_no_file_is_404(proxy, target):
    answer = proxy.get(target)
    assert answer.status == 404, answer
    assert answer.error_code == "NoSuchKey"


@pytest.mark.parametrize("target", [
    "/files/link-out", "/files/link-absolute", "/files/link-folder/secret.txt", "/files/link-root/etc/passwd",
    "/files/link-self", "/files/pipe", "/files/socket",
])
def test_links_out_and_what_is_no_plain_file_are_denied(proxy, target):
    answer = proxy.get(target)
    assert answer.status == 403, answer
    assert answer.error_code == "AccessDenied"
    assert proxy.head(target).status == 403


@pytest.mark.parametrize("target", [
    "/files/../secret.txt", "/files/deep/../../secret.txt", "/files/%2e%2e/secret.txt", "/files/..%2fsecret.txt",
    "/files/.%2e/secret.txt", "/files/deep%2f..%2f..%2fsecret.txt", "/files/./plain.txt", "/files/plain.txt%00",
    "/files/%00", "/files/%c0%ae%c0%ae/secret.txt", "/files/%zz", "/files/%", "/files/%f",
])
def test_a_path_that_climbs_or_is_malformed_is_400(proxy, target):
    assert proxy.get(target).status == 400


def test_etags_are_strong_and_change_with_the_content(proxy, root):
    file = root / "changing.txt"
    seen = set()
    for content in (b"aaaa", b"bbbb", b"ccccc"):  # Within one second and of equal length.
        fresh = root / "fresh.tmp"
        fresh.write_bytes(content)
        fresh.rename(file)
        answer = proxy.get("/files/changing.txt")
        assert answer.body == content
        assert answer["etag"].startswith('"') and answer["etag"].endswith('"')
        seen.add(answer["etag"])
        again = proxy.get("/files/changing.txt")
        assert again["etag"] == answer["etag"]
        assert proxy.get("/files/changing.txt", {"If-None-Match": answer["etag"]}).status == 304
    assert len(seen) == 3


def test_last_modified_is_the_files(proxy, root):
    os.utime(root / "plain.txt", (1_700_000_000, 1_700_000_000))
    assert proxy.get("/files/plain.txt")["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"


@pytest.mark.parametrize("wanted, part", [
    ("bytes=0-0", slice(0, 1)), ("bytes=100-199999", slice(100, 200000)), ("bytes=-10", slice(-10, None)),
    ("bytes=1499990-", slice(1499990, None)), ("bytes=1499990-9999999999", slice(1499990, None)),
])
def test_ranges_of_a_file(proxy, wanted, part):
    answer = proxy.get("/files/large.bin", {"Range": wanted})
    assert answer.status == 206
    assert answer.body == LARGE[part]


def test_a_file_that_shrinks_while_it_is_sent_is_visibly_cut(proxy, root):
    file = root / "shrinking.bin"
    file.write_bytes(bytes(64 * 1024 * 1024))
    with proxy.connect(receive_buffer=65536) as connection:
        connection.send(request_bytes("GET", "/files/shrinking.bin"))
        connection.buffer = connection.receive(1000)  # It has begun; the rest waits for us.
        os.truncate(file, 1024 * 1024)
        with pytest.raises(Cut):
            connection.response()
    assert proxy.is_well()


def test_a_link_swapped_in_under_a_served_name_is_not_followed(proxy, root):
    (root / "swap").write_bytes(b"inside")
    assert proxy.get("/files/swap").body == b"inside"
    (root / "swap").unlink()
    (root / "swap").symlink_to("../secret.txt")
    assert proxy.get("/files/swap").status == 403


def test_open_files_are_given_back(proxy):
    for _ in range(3):
        proxy.get("/files/plain.txt")
    before = proxy.process.open_files()
    for _ in range(50):
        proxy.get("/files/plain.txt")
        proxy.get("/files/missing")
        proxy.get("/files/deep")
    until(lambda: proxy.process.open_files() <= before + 2, "descriptors are closed")
