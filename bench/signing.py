"""Thousands of signed tokens in a few seconds: OpenSSL's own library in place of a process for each."""

import ctypes
import hashlib
import hmac
import json
import sys
import time

import rig

sys.path.insert(0, str(rig.ROOT / "tests/integration"))
from harness.tokens import SECRET, base64url, openssl  # noqa: E402

GOOD_FOR_SECONDS = 3600
KEYS = {"RS256": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "RS512": ["RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
        "ES384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]}
DIGESTS = {"RS256": "sha256", "RS512": "sha512", "ES384": "sha384"}
P384_BYTES = 48


def key_pair(folder, algorithm):
    """(private, public): PEM files."""
    private, public = folder / f"{algorithm}.key", folder / f"{algorithm}.pem"
    openssl("genpkey", "-algorithm", *KEYS[algorithm], "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    return private, public


def published(public, name):
    """An RSA key as a member of a JWK set."""
    modulus = openssl("rsa", "-pubin", "-in", public, "-modulus", "-noout").decode().strip().removeprefix("Modulus=")
    return {"kty": "RSA", "kid": name, "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}


def hmac_signer():
    return lambda content: hmac.digest(SECRET.encode(), content, hashlib.sha256)


def signer(private, algorithm):
    """A function from bytes to their signature as JWS has it."""
    crypto = ctypes.CDLL("libcrypto.so.3")
    for name in ("BIO_new_mem_buf", "PEM_read_bio_PrivateKey", "EVP_MD_CTX_new", "EVP_get_digestbyname"):
        getattr(crypto, name).restype = ctypes.c_void_p
    pem = private.read_bytes()
    bio = ctypes.c_void_p(crypto.BIO_new_mem_buf(pem, len(pem)))
    key = ctypes.c_void_p(crypto.PEM_read_bio_PrivateKey(bio, None, None, None))
    crypto.BIO_free(bio)
    context = ctypes.c_void_p(crypto.EVP_MD_CTX_new())
    digest = ctypes.c_void_p(crypto.EVP_get_digestbyname(DIGESTS[algorithm].encode()))
    room = ctypes.create_string_buffer(1024)

    def sign(content):
        size = ctypes.c_size_t(len(room))
        crypto.EVP_MD_CTX_reset(context)
        if crypto.EVP_DigestSignInit(context, None, digest, None, key) != 1 or crypto.EVP_DigestSign(
                context, room, ctypes.byref(size), content, ctypes.c_size_t(len(content))) != 1:
            sys.exit(f"{private}: cannot sign")
        made = room.raw[:size.value]
        return two_numbers(made) if algorithm == "ES384" else made
    return sign


def two_numbers(der):
    """An ECDSA signature on P-384: its DER is short enough for lengths of one byte."""
    at, numbers = 2, b""
    for _ in range(2):
        end = at + 2 + der[at + 1]
        numbers += int.from_bytes(der[at + 2:end], "big").to_bytes(P384_BYTES, "big")
        at = end
    return numbers


def tokens(count, algorithm, sign, name=None):
    """So many different ones, of three claims. `name`: of the key, or a function that gives it."""
    expires = int(time.time()) + GOOD_FOR_SECONDS
    made = []
    for number in range(count):
        header = {"alg": algorithm, "typ": "JWT"}
        if name:
            header["kid"] = name(number) if callable(name) else name
        claims = {"sub": f"user-{number:06}", "exp": expires, "jti": f"{number:08x}"}
        content = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
        made.append(f"{content}.{base64url(sign(content.encode()))}")
    return made
