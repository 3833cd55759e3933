"""Tokens for the tests, signed with openssl: by nobody's JWT library, and not by ours."""

import base64
import hashlib
import hmac
import json
import subprocess
import time

SECRET = "a secret of thirty-two bytes, or rather more"
DIGESTS = {"256": "sha256", "384": "sha384", "512": "sha512"}
KEYS = {"RS": ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "PS": ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "ES256": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "ES384": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        "ES512": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
        "EdDSA": ["genpkey", "-algorithm", "ED25519"]}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=None):
    done = subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def key_pair(folder, algorithm):
    """(private, public): PEM files."""
    private, public = folder / f"{algorithm}.key", folder / f"{algorithm}.pem"
    openssl(*KEYS.get(algorithm) or KEYS[algorithm[:2]], "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    return private, public


def _raw(der, size):
    """The two numbers of an ECDSA signature, as JWS has them."""
    at, numbers = 3 if der[1] & 0x80 else 2, b""
    for _ in range(2):
        length = der[at + 1]
        numbers += int.from_bytes(der[at + 2:at + 2 + length], "big").to_bytes(size, "big")
        at += 2 + length
    return numbers


def sign(algorithm, key, data, folder):
    if algorithm.startswith("HS"):
        return hmac.new(key.encode(), data, getattr(hashlib, DIGESTS[algorithm[2:]])).digest()
    message = folder / "message"
    message.write_bytes(data)
    if algorithm == "EdDSA":
        return openssl("pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", message)
    padding = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"] if algorithm[:2] == "PS" else []
    signature = openssl("dgst", f"-{DIGESTS[algorithm[2:]]}", "-sign", key, *padding, message)
    sizes = {"ES256": 32, "ES384": 48, "ES512": 66}
    return _raw(signature, sizes[algorithm]) if algorithm in sizes else signature


def token(algorithm="HS256", key=SECRET, folder=None, header=None, **claims):
    """A token that is good for ten minutes, unless its claims say otherwise; a claim that is None is left out."""
    everything = {"sub": "ann", "exp": int(time.time()) + 600, **claims}
    parts = [json.dumps({"alg": algorithm, **(header or {})}),
             json.dumps({name: value for name, value in everything.items() if value is not None})]
    data = ".".join(base64url(part.encode()) for part in parts).encode()
    return f"{data.decode()}.{base64url(sign(algorithm, key, data, folder))}"


def bearer(text):
    return {"Authorization": f"Bearer {text}"}
