"""The scripted origin: an S3 lookalike that records each request raw and answers as it is told.

For what a real server cannot be made to do. Scripts are functions of an Exchange, chosen by path:

    origin.on("/bucket/key", lambda exchange: exchange.send(b"HTTP/1.1 200 OK\r\n..."))
"""

import hashlib
import socket
import ssl
import struct
import threading
from email.utils import formatdate

from .ports import hold_for_other_family

STOPPED = "the scripted origin was stopped"


class Received:
    """One request as it arrived."""

    def __init__(self, raw, connection):
        self.raw = raw
        self.connection = connection  # Which connection it came on, from 0.
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, self.version = lines[0].split(" ")
        self.path, _, self.query = self.target.partition("?")
        self.fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]

    def __getitem__(self, name):
        values = [value for field, value in self.fields if field.lower() == name.lower()]
        return values[0] if values else None

    def names(self):
        return [field.lower() for field, _ in self.fields]

    def __repr__(self):
        return repr(self.raw)


class Exchange:
    """What a script does with one request."""

    def __init__(self, origin, sock, request):
        self.origin = origin
        self.socket = sock
        self.request = request
        self.keep_alive = True

    def send(self, data):
        self.socket.sendall(data)

    def reply(self, status, fields=(), body=b"", reason="Because"):
        """A well-formed answer; no body after HEAD, 204 and 304, but its length is told."""
        pairs = list(fields.items() if isinstance(fields, dict) else fields)
        lines = [f"HTTP/1.1 {status} {reason}"] + [f"{name}: {value}" for name, value in pairs]
        if status not in (204, 304):
            lines.append(f"Content-Length: {len(body)}")
        bare = self.request.method == "HEAD" or status in (204, 304)
        self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if bare else body))

    def wait(self, seconds):
        """Lets time pass; ends early, by an exception, when the origin is stopped or the peer leaves."""
        if self.left(seconds):
            raise ConnectionResetError("the peer left")

    def left(self, seconds):
        """True as soon as the peer has closed its side, False after `seconds`."""
        remaining = seconds
        while remaining > 0:
            step = min(0.05, remaining)
            remaining -= step
            self.socket.settimeout(step)
            try:
                if self.socket.recv(1, socket.MSG_PEEK if not self.origin.tls else 0) == b"":
                    return True
                self.origin.stopping.wait(step)
            except (TimeoutError, ssl.SSLWantReadError):
                pass
            except OSError:
                return True
            finally:
                self.socket.settimeout(self.origin.patience)
            if self.origin.stopping.is_set():
                raise ConnectionAbortedError(STOPPED)
        return False

    def close(self):
        """Ends the connection in order."""
        self.keep_alive = False

    def reset(self):
        """Ends the connection with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self.keep_alive = False


def serve_object(body, etag=None, fields=()):
    """A script that answers as S3 does: HEAD, one range, 416 with its error document, the If-* fields."""
    tag = etag or f'"{hashlib.md5(body).hexdigest()}"'
    modified = formatdate(1_700_000_000, usegmt=True)

    def script(exchange):
        request = exchange.request
        common = [("ETag", tag), ("Last-Modified", modified), ("Accept-Ranges", "bytes"),
                  ("Content-Type", "application/octet-stream"), ("x-amz-request-id", "TX0001"), *fields]
        if request["if-match"] not in (None, tag, "*"):
            return s3_error(412, "PreconditionFailed")(exchange)
        if request["if-none-match"] in (tag, "*"):
            return exchange.reply(304, common)
        wanted = request["range"]
        if wanted is None:
            return exchange.reply(200, common, body)
        first, last = _resolve(wanted, len(body))
        if first is None:
            return s3_error(416, "InvalidRange", f"<ActualObjectSize>{len(body)}</ActualObjectSize>")(exchange)
        span = [("Content-Range", f"bytes {first}-{last}/{len(body)}")]
        return exchange.reply(206, common + span, body[first:last + 1])
    return script


def _resolve(header, size):
    first, _, last = header.removeprefix("bytes=").partition("-")
    if first == "":
        first, last = max(0, size - int(last)), size - 1
    else:
        first, last = int(first), min(int(last or size - 1), size - 1)
    return (first, last) if first <= last and first < size else (None, None)


def s3_error(status, code, more=""):
    """A script that answers with S3's error document."""
    document = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>scripted</Message>'
                f"{more}<RequestId>TX0002</RequestId><HostId>host</HostId></Error>").encode()
    return lambda exchange: exchange.reply(
        status, [("Content-Type", "application/xml"), ("x-amz-request-id", "TX0002")], document)


def _listen(host, tries=20):
    """A listener on a free port, and what keeps others from being found behind the same port of localhost."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        listener = socket.create_server((host, 0), family=family, backlog=512)
        try:
            return listener, hold_for_other_family(host, listener.getsockname()[1])
        except OSError:
            listener.close()
            tries -= 1
            if tries == 0:
                raise


class OriginDouble:
    """Listens on a free port of loopback; one thread for each connection."""

    patience = 30.0  # Seconds a connection may stay silent; a test's deadline comes first.

    def __init__(self, tls=None, host="127.0.0.1"):
        self.tls = tls
        self.requests = []
        self.scripts = {}
        self.default = serve_object(b"the scripted origin's object\n")
        self.stopping = threading.Event()
        self.connections = 0
        self.open_connections = 0
        self.lock = threading.Lock()
        self.sockets = set()
        self.listener, self.held = _listen(host)
        self.port = self.listener.getsockname()[1]
        self.endpoint = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def on(self, path, script):
        self.scripts[path] = script

    def stop(self):
        self.stopping.set()
        self.listener.close()
        if self.held:
            self.held.close()
        with self.lock:
            for sock in self.sockets:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def forget(self):
        """Empties the record."""
        self.requests.clear()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                number, self.connections = self.connections, self.connections + 1
                self.open_connections += 1
            threading.Thread(target=self._serve, args=(sock, number), daemon=True).start()

    def _serve(self, sock, number):
        try:
            sock.settimeout(self.patience)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
            with self.lock:
                self.sockets.add(sock)
            self._exchanges(sock, number)
        except OSError:
            pass  # The peer left or the test is over: both are ordinary here.
        finally:
            with self.lock:
                self.sockets.discard(sock)
                self.open_connections -= 1
            sock.close()

    def _exchanges(self, sock, number):
        pending = b""
        while not self.stopping.is_set():
            while b"\r\n\r\n" not in pending:
                piece = sock.recv(65536)
                if not piece:
                    return
                pending += piece
            head, _, pending = pending.partition(b"\r\n\r\n")
            request = Received(head + b"\r\n\r\n", number)
            length = int(request["content-length"] or 0)
            while len(pending) < length:
                pending += sock.recv(65536)
            request.body, pending = pending[:length], pending[length:]
            self.requests.append(request)
            exchange = Exchange(self, sock, request)
            self.scripts.get(request.path, self.default)(exchange)
            if not exchange.keep_alive:
                return
