"""Certificates made at run time with openssl: an authority and what it signs."""

import subprocess
from pathlib import Path


class Authority:
    """A certificate authority in its own folder."""

    def __init__(self, directory, name="Test authority"):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.certificate = self.directory / "ca.crt"
        self.private_key = self.directory / "ca.key"
        self._openssl("-keyout", self.private_key, "-out", self.certificate, "-subj", f"/CN={name}",
                      "-addext", "basicConstraints=critical,CA:TRUE",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, *names, days=2):
        """(certificate, private key) for DNS names and IP addresses."""
        stem = names[0].replace("*", "any")
        certificate, key = self.directory / f"{stem}.crt", self.directory / f"{stem}.key"
        subjects = ",".join(f"IP:{name}" if _is_address(name) else f"DNS:{name}" for name in names)
        self._openssl("-keyout", key, "-out", certificate, "-subj", f"/CN={names[0]}", "-days", str(days),
                      "-CA", self.certificate, "-CAkey", self.private_key,
                      "-addext", f"subjectAltName={subjects}", "-addext", "basicConstraints=critical,CA:FALSE")
        return certificate, key

    @staticmethod
    def _openssl(*arguments):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                   *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True)


def _is_address(name):
    return ":" in name or name.replace(".", "").isdigit()
