"""Signature Version 4 as S3 checks it, from AWS's description: the judge of what the scripted origin received."""

import hashlib
import hmac
import re
from urllib.parse import quote, unquote

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?"
    r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$")


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def assert_signed(request, access_key, secret_key, region):
    """Fails unless a Received request carries a good header signature of these keys."""
    match = AUTHORIZATION.match(request["authorization"] or "")
    assert match, f"no signature: {request}"
    key_id, date, scope_region, names, signature = match.groups()
    assert (key_id, scope_region) == (access_key, region)
    signed = names.split(";")
    assert signed == sorted(signed), signed
    must = {"host"} | {name for name in request.names() if name.startswith("x-amz-")}
    assert must <= set(signed), f"not signed: {must - set(signed)}"
    timestamp = request["x-amz-date"]
    assert timestamp.startswith(date)
    canonical = "\n".join([
        request.method, quote(unquote(request.path), safe="/-_.~"), _canonical_query(request.query),
        *(f"{name}:{' '.join(request[name].split())}" for name in signed), "", names,
        request["x-amz-content-sha256"]])
    scope = f"{date}/{scope_region}/s3/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", timestamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = _hmac(_hmac(_hmac(_hmac(f"AWS4{secret_key}".encode(), date), scope_region), "s3"), "aws4_request")
    assert _hmac(key, to_sign).hex() == signature, f"wrong signature for\n{canonical}"


def _canonical_query(query):
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    encoded = [(quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~")) for name, value in pairs]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))
