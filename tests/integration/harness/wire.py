"""A small HTTP/1.1 client that hides nothing: exact bytes out, strict framing in, a cut answer is an exception."""

import json
import socket
import ssl


class Cut(Exception):
    """The connection ended inside an answer. `response` holds what came."""

    def __init__(self, message, response=None):
        super().__init__(message)
        self.response = response


class Nonsense(Exception):
    """What came is not HTTP/1.1."""


class Response:
    def __init__(self, status, reason, fields):
        self.status = status
        self.reason = reason
        self.fields = fields  # [(name, value)] as sent.
        self.body = b""
        self.interim = []     # 1xx that came before.

    def all(self, name):
        return [value for field, value in self.fields if field.lower() == name.lower()]

    def __getitem__(self, name):
        """The one value of a field, or None. Twice is a failure."""
        values = self.all(name)
        if len(values) > 1:
            raise AssertionError(f"{name} comes {len(values)} times: {values}")
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)

    @property
    def error_code(self):
        """The code in our error document; fails when the answer carries no such document."""
        assert self["content-type"].split(";")[0] == "application/json", self
        return self.json()["error"]["code"]

    def __repr__(self):
        return f"<{self.status} {self.reason} {self.fields} {self.body[:200]!r}>"


def request_bytes(method, target, fields=(), body=b"", host="localhost"):
    """A well-formed request. A Host is added unless host is None, a Content-Length when there is a body."""
    lines = [f"{method} {target} HTTP/1.1"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in _pairs(fields)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def _pairs(fields):
    return fields.items() if isinstance(fields, dict) else fields


class Connection:
    """One connection. `address` is (host, port) or the path of a Unix socket; give a TLS context to speak TLS."""

    def __init__(self, address, tls=None, server_name=None, timeout=20.0, receive_buffer=None):
        is_path = isinstance(address, str)
        family = socket.AF_UNIX if is_path else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        if not is_path:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname=server_name)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def reset(self):
        """Leaves with a RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def request(self, method, target, fields=(), body=b"", host="localhost"):
        """Sends one request and reads its answer."""
        self.send(request_bytes(method, target, fields, body, host))
        return self.response(method)

    def response(self, method="GET"):
        """Reads the next answer; raises Cut when the connection ends inside it."""
        interim = []
        while True:
            response = self.head()
            if response.status >= 200 or response.status == 101:
                break
            interim.append(response)
        response.interim = interim
        if method != "HEAD" and response.status not in (204, 304):
            try:
                self._body(response)
            except Cut as cut:
                raise Cut(*cut.args, response) from None
        return response

    def receive(self, size=65536):
        """Bytes as they come; b"" at the end. A reset counts as the end."""
        if self.buffer:
            piece, self.buffer = self.buffer[:size], self.buffer[size:]
            return piece
        try:
            return self.socket.recv(size)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
            return b""

    def rest(self):
        """Everything until the other side closes."""
        pieces = []
        while piece := self.receive():
            pieces.append(piece)
        return b"".join(pieces)

    def ends(self):
        """True when the other side closes without another byte; a further byte is a failure."""
        left = self.receive()
        assert left == b"", f"expected the connection to end, got {left[:200]!r}"
        return True

    def _line(self):
        while b"\n" not in self.buffer:
            piece = self._more()
            if not piece:
                raise Cut(f"ended inside a head: {self.buffer[:200]!r}")
        line, self.buffer = self.buffer.split(b"\n", 1)
        if not line.endswith(b"\r"):
            raise Nonsense(f"a line ends without CR: {line[:200]!r}")
        return line[:-1]

    def _more(self):
        try:
            piece = self.socket.recv(262144)
        except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
            piece = b""
        self.buffer += piece
        return piece

    def head(self):
        """The next head alone, 1xx too; its body stays unread."""
        line = self._line().decode("latin-1")
        version, _, rest = line.partition(" ")
        if version != "HTTP/1.1" or len(rest) < 4 or rest[3] != " ":
            raise Nonsense(f"status line {line!r}")
        response = Response(int(rest[:3]), rest[4:], [])
        while line := self._line():
            name, colon, value = line.partition(b":")
            if not colon or not name or name.strip() != name:
                raise Nonsense(f"field line {line!r}")
            response.fields.append((name.decode("latin-1"), value.strip().decode("latin-1")))
        return response

    def _body(self, response):
        coding, length = response["transfer-encoding"], response["content-length"]
        if coding is not None:
            assert length is None, f"both framings: {response}"
            assert coding.lower() == "chunked", response
            self._chunks(response)
        elif length is not None:
            assert length.isdigit(), response
            self._exactly(response, int(length))
        else:
            assert (response["connection"] or "").lower() == "close", f"no framing: {response}"
            while self._more():
                pass
            response.body, self.buffer = self.buffer, b""

    def _exactly(self, response, size):
        pieces, left = [self.buffer[:size]], size - len(self.buffer)
        self.buffer = self.buffer[size:]
        while left > 0:
            try:
                piece = self.socket.recv(min(left, 1 << 20))
            except (ConnectionResetError, ssl.SSLEOFError):
                piece = b""
            if not piece:
                response.body += b"".join(pieces)
                raise Cut(f"{left} of {size} bytes are missing", response)
            pieces.append(piece)
            left -= len(piece)
        response.body += b"".join(pieces)

    def _chunks(self, response):
        while True:
            try:
                size = int(self._line().split(b";")[0], 16)
            except Cut:
                raise Cut("ended between chunks", response) from None
            if size == 0:
                while self._line():
                    pass
                return
            self._exactly(response, size)
            if self._line() != b"":
                raise Nonsense("chunk without its end")


def trusting(certificate):
    """A client context that trusts one authority."""
    return ssl.create_default_context(cafile=str(certificate))
