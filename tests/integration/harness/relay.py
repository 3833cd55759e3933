"""Stands between us and an origin, on loopback, and holds back what the origin says."""

import socket
import threading
import time

PIECE = 128 * 1024


class Relay:
    """Serves at once. Before `opened` is set, no connection goes on once it has passed `held_at_bytes`.

    `rate`: bytes a second for each connection; 0: as they come.
    """

    def __init__(self, to, held_at_bytes=0, rate=0):
        self.to, self.held_at_bytes, self.rate = to, held_at_bytes, rate
        self.opened = threading.Event()
        self.connections = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self.opened.set()
        self.listener.close()
        for one in self.connections:
            one.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            origin = socket.socket()
            # What lies in a buffer has passed the limit already.
            origin.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
            origin.connect(("127.0.0.1", self.to))
            for one in (client, origin):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(client)
            threading.Thread(target=self._ask, args=(client, origin), daemon=True).start()
            threading.Thread(target=self._answer, args=(origin, client), daemon=True).start()

    def _ask(self, client, origin):
        try:
            while piece := client.recv(PIECE):
                origin.sendall(piece)
            origin.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _answer(self, origin, client):
        """At the given rate from the first byte on: time that was not used is not made up for."""
        passed, due = 0, 0.0
        try:
            while piece := origin.recv(PIECE):
                if passed >= self.held_at_bytes:
                    self.opened.wait()
                client.sendall(piece)
                passed += len(piece)
                now = time.monotonic()
                due = max(due, now) + (len(piece) / self.rate if self.rate else 0)
                if due > now:
                    time.sleep(due - now)
        except OSError:
            pass
        for one in (origin, client):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
