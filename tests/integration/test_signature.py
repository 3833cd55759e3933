"""What we sign is what S3 accepts: judged by a real server and by an implementation that is not ours."""

import pytest

from harness.proxy import s3_bucket
from harness.sigv4 import assert_signed
from harness.versitygw import ACCESS_KEY, REGION, SECRET_KEY

OBJECT = b"signed and delivered"


@pytest.fixture(scope="module")
def stored(s3, bucket):
    s3.put_object(Bucket=bucket, Key="object", Body=OBJECT)
    return bucket


def test_keys_that_s3_refuses_are_our_fault_and_502(start_proxy, s3_server, stored):
    keys = {"access_key": ACCESS_KEY, "secret_key": "not-the-secret"}
    proxy = start_proxy([s3_bucket(s3_server.endpoint, stored, credentials=keys)])
    answer = proxy.get("/object")
    assert answer.status == 502
    assert answer.json()["error"]["code"]
    assert proxy.head("/object").status in (403, 502)  # A HEAD has no document that tells why.
    assert "SignatureDoesNotMatch" in str(proxy.logged(2))
    assert "not-the-secret" not in proxy.process.stdout() + proxy.process.stderr()


def test_the_signature_is_good_for_odd_names_and_ranges(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")])
    targets = ["/plain", "/a%20b", "/a+b", "/%E3%81%82", "/%25", "/a%2Fb", "//double", "/!$&'()*,;=:@", "/~-._",
               "/%21%24%26%27%28%29%2A%2C%3B%3D%3A%40", "/%5B%5D%7B%7D%7C%5C%5E%60%22%3C%3E%23%3F", "/a%0Ab%09c",
               "/plain?versionId=a%2Bb%20c", "/plain?partNumber=1&versionId=%3D%3D"]
    for target in targets:
        for fields in ({}, {"Range": "bytes=0-3"}, {"If-None-Match": '"x"'}):
            origin.forget()
            assert proxy.get(target, fields).status in (200, 206), target
            assert_signed(origin.requests[-1], ACCESS_KEY, SECRET_KEY, REGION)


def test_head_is_signed_as_head(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb")])
    assert proxy.head("/k").status == 200
    assert origin.requests[-1].method == "HEAD"
    assert_signed(origin.requests[-1], ACCESS_KEY, SECRET_KEY, REGION)


def test_a_session_token_is_sent_and_signed(start_proxy, origin):
    keys = {"access_key": "temporary", "secret_key": "of-an-hour", "session_token": "token//with+signs=="}
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", credentials=keys)])
    assert proxy.get("/k").status == 200
    assert origin.requests[-1]["x-amz-security-token"] == keys["session_token"]
    assert_signed(origin.requests[-1], "temporary", "of-an-hour", REGION)


def test_a_secret_may_stand_in_a_file(start_proxy, origin, tmp_path):
    (tmp_path / "secret").write_text("kept-in-a-file\n")
    keys = {"access_key": "id", "secret_key": {"file": str(tmp_path / "secret")}}
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", credentials=keys)])
    assert proxy.get("/k").status == 200
    assert_signed(origin.requests[-1], "id", "kept-in-a-file", REGION)


def test_the_region_is_in_the_scope(start_proxy, origin):
    bucket = s3_bucket(origin.endpoint, "bbb")
    bucket["s3"]["region"] = "eu-north-7"
    proxy = start_proxy([bucket])
    assert proxy.get("/k").status == 200
    assert_signed(origin.requests[-1], ACCESS_KEY, SECRET_KEY, "eu-north-7")


def test_anonymous_signs_nothing(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", credentials="anonymous")])
    assert proxy.get("/k").status == 200
    assert "authorization" not in origin.requests[-1].names()
    assert not [name for name in origin.requests[-1].names() if name.startswith("x-amz-")]


def test_credentials_come_from_the_environment(start_proxy, origin):
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", credentials="default")], env={
        "AWS_ACCESS_KEY_ID": "from-env", "AWS_SECRET_ACCESS_KEY": "env-secret", "AWS_SESSION_TOKEN": "env-token"})
    assert proxy.get("/k").status == 200
    assert_signed(origin.requests[-1], "from-env", "env-secret", REGION)
    assert origin.requests[-1]["x-amz-security-token"] == "env-token"


SHARED = """# comment
[default]
aws_access_key_id = default-id
aws_secret_access_key = default-secret

[other]
aws_access_key_id=other-id
aws_secret_access_key=other/secret+with=signs
aws_session_token=other-token
"""


@pytest.mark.parametrize("profile, expected", [
    (None, ("default-id", "default-secret")), ("other", ("other-id", "other/secret+with=signs"))])
def test_credentials_come_from_shared_files(start_proxy, origin, tmp_path, profile, expected):
    file = tmp_path / "credentials"
    file.write_text(SHARED)
    env = {"AWS_SHARED_CREDENTIALS_FILE": str(file), **({"AWS_PROFILE": profile} if profile else {})}
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", credentials="default")], env=env)
    assert proxy.get("/k").status == 200
    assert_signed(origin.requests[-1], *expected, REGION)


def test_credentials_come_from_the_home_folder(start_proxy, origin, tmp_path):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[profile work]\naws_access_key_id = work-id\naws_secret_access_key = work\n")
    proxy = start_proxy([s3_bucket(origin.endpoint, "bbb", credentials="default")],
                        env={"HOME": str(tmp_path), "AWS_PROFILE": "work"})
    assert proxy.get("/k").status == 200
    assert_signed(origin.requests[-1], "work-id", "work", REGION)
