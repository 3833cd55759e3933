"""A real OpenID provider: npm oidc-provider, as tests/servers/oidc_provider/server.mjs sets it up."""

import base64
import json
import os
import ssl
import urllib.parse
import urllib.request
from pathlib import Path

from .ports import free_port
from .processes import Process

SCRIPT = Path(__file__).resolve().parents[2] / "servers/oidc_provider/server.mjs"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
AUDIENCE = "objects"
CLIENT = base64.b64encode(b"reader:reader-password-of-the-tests").decode()


class IdentityProvider:
    """Keys and port stay the same between stop() and start()."""

    def __init__(self, directory, certificate=None, ca_file=None, start=True):
        self.directory = Path(directory)
        self.certificate = certificate
        self.context = ssl.create_default_context(cafile=str(ca_file)) if ca_file else None
        self.scheme = "https" if certificate else "http"
        self.port = 0 if start else free_port()
        self.process = None
        if start:
            self.start()

    @property
    def issuer(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def start(self):
        state = self.directory / "keys.json"
        argv = ["node", SCRIPT, os.environ["YATA_OIDC_PROVIDER"], state, self.port, *(self.certificate or ())]
        self.process = Process("identity-provider", argv, self.directory)
        self.process.ready(lambda: self.process.stdout().startswith("listening "), "accepting", 60.0)
        self.port = int(self.process.stdout().split()[1])

    def stop(self):
        self.process.kill()

    def token(self, algorithm="ES256"):
        """A fresh access token, as a client gets it by client_credentials."""
        form = {"grant_type": "client_credentials", "scope": "read", "resource": f"urn:{AUDIENCE}:{algorithm}"}
        answer = self._ask("/token", urllib.parse.urlencode(form).encode(), {"Authorization": f"Basic {CLIENT}"})
        return answer["access_token"]

    def rotate(self):
        """New keys sign from now on; the old ones are published still."""
        self._ask("/control/rotate", b"")

    def forget(self):
        """Only the newest keys are published."""
        self._ask("/control/forget", b"")

    def fetches(self):
        """How often the keys were fetched since the start."""
        return self._ask("/control/counts").get("/jwks", 0)

    def _ask(self, path, body=None, fields=None):
        request = urllib.request.Request(self.issuer + path, body, fields or {})
        with urllib.request.urlopen(request, timeout=20, context=self.context) as answer:
            return json.load(answer)


def key_id(token):
    """The `kid` of a token's header."""
    header = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
