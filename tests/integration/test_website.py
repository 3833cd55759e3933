"""A bucket behind static website hosting: redirects, error pages and all else that is no object go to the client as they are."""

import pytest

from harness.proxy import s3_bucket
from harness.wire import Cut

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.fixture
def site(origin, start_proxy):
    """(proxy, origin); the bucket's `website` is on."""
    return start_proxy([s3_bucket(origin.endpoint, "site", credentials="anonymous", addressing="path", website=True,
                                  return_headers=["X-Frame-Options"])]), origin


def answers(status, fields=(), body=b""):
    return lambda exchange: exchange.reply(status, fields, body)


@pytest.mark.parametrize("status", [203, 204, 299, 301, 302, 307, 308, 400, 401, 403, 404, 405, 410, 412, 416, 429, 500, 503])
def test_what_is_no_object_is_passed_on_as_it_is(site, status):
    proxy, origin = site
    body = b"" if status == 204 else b"<h1>a page</h1>"
    origin.on("/site/page", answers(status, {"Content-Type": "text/html", "Location": "/there", "Set-Cookie": "a=b"}, body))
    answer = proxy.get("/page")
    assert (answer.status, answer.body) == (status, body)
    assert answer["Content-Type"] == "text/html" and answer["Location"] == "/there"
    assert answer["Set-Cookie"] is None and answer["Accept-Ranges"] is None
    assert len(origin.requests) == 1, "tried again"


def test_a_condition_that_a_page_does_not_meet_does_not_matter(site):
    proxy, origin = site
    origin.on("/site/page", answers(404, {"Content-Type": "text/html"}, b"not here"))
    answer = proxy.get("/page", {"If-None-Match": "*", "Range": "bytes=0-2"})
    assert (answer.status, answer.body) == (404, b"not here")


def test_head_gets_the_page_without_its_body(site):
    proxy, origin = site
    origin.on("/site/page", answers(404, {"Content-Type": "text/html"}, b"not here"))
    answer = proxy.head("/page")
    assert (answer.status, answer.body, answer["Content-Length"]) == (404, b"", "8")


def test_objects_are_objects_still(site):
    proxy, origin = site
    origin.on("/site/page", answers(200, {"ETag": '"a"', "X-Frame-Options": "DENY", "X-Other": "1", "Date": DATE}, b"body"))
    answer = proxy.get("/page")
    assert (answer.status, answer.body, answer["ETag"]) == (200, b"body", '"a"')
    assert answer["X-Frame-Options"] == "DENY" and answer["X-Other"] is None
    assert [value for name, value in answer.fields if name.lower() == "date"] == [DATE]


def test_a_cut_page_is_cut(site):
    proxy, origin = site

    def cut(exchange):
        exchange.send(b"HTTP/1.1 404 Because\r\nContent-Length: 100\r\n\r\nnot")
        exchange.close()
    origin.on("/site/page", cut)
    with pytest.raises(Cut):
        proxy.get("/page")


def test_without_the_word_a_page_is_an_error_of_ours(origin, start_proxy):
    proxy = start_proxy([s3_bucket(origin.endpoint, "site", credentials="anonymous", addressing="path")])
    origin.on("/site/page", answers(301, {"Location": "/there"}, b"<h1>a page</h1>"))
    answer = proxy.get("/page")
    assert answer.status == 502 and answer["Location"] is None


@pytest.mark.parametrize("stale, expected", [
    ("stale-if-error=600", (200, b"body", "STALE")), ("must-revalidate", (503, b"sorry", "MISS"))])
def test_a_page_that_says_failure_is_one_where_something_may_be_given_instead(origin, start_proxy, stale, expected):
    bucket = s3_bucket(origin.endpoint, "site", credentials="anonymous", addressing="path", website=True)
    proxy = start_proxy([bucket], cache={"layers": ["memory"]})
    origin.on("/site/page", answers(200, {"ETag": '"a"', "Cache-Control": f"max-age=0, {stale}"}, b"body"))
    assert proxy.get("/page").body == b"body"
    origin.on("/site/page", answers(503, {"Content-Type": "text/html"}, b"sorry"))
    answer = proxy.get("/page")
    assert (answer.status, answer.body, answer["X-Cache"]) == expected


def test_pages_are_not_kept(origin, start_proxy):
    bucket = s3_bucket(origin.endpoint, "site", credentials="anonymous", addressing="path", website=True)
    proxy = start_proxy([bucket], cache={"layers": ["memory"]})
    origin.on("/site/page", answers(404, {"Cache-Control": "max-age=600"}, b"not here"))
    assert [proxy.get("/page").body for _ in range(2)] == [b"not here"] * 2
    assert len(origin.requests) == 2
