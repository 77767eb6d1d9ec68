"""A wire between a journal and its server, on which a test may strike when a transaction is committed."""

import socket
import threading
from contextlib import suppress

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""The message in which libpq sends it."""


class Wire:
    """Passes bytes on between a port of its own and a server's."""

    def __init__(self, port):
        self._server = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cuts = 0
        self._heard = self._blow = self._silent = None
        self._left = self._pass = 0
        self._lock = threading.Lock()
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *, heard, times=1, silent=False):
        """At the next commits the line goes dead: before the server hears of it, or after it did.

        `silent`: the server does not hear either that it is dead.
        """
        self._heard, self._left, self._silent = heard, times, silent

    def strike(self, blow, *, heard, at):
        """At the commit of that number, from 1, the blow falls: before the server hears of it, or after."""
        self._blow, self._heard, self._left, self._pass = blow, heard, 1, at - 1

    def close(self):
        self._listener.close()
        for one in self._open:
            _shut(one)

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._server))
                self._open += [client, server]
                for work in ((self._up, client, server), (self._down, client, server)):
                    threading.Thread(target=work[0], args=work[1:], daemon=True).start()

    def _up(self, client, server):
        writing = False
        with suppress(OSError):
            while data := client.recv(65536):
                writing = b"READ WRITE" in data or (writing and b"READ ONLY" not in data)
                if writing and COMMIT in data and self._turn():
                    if self._blow is None:
                        _shut(client)  # first, so that no answer gets through
                    if self._heard:
                        server.sendall(data)
                    elif self._blow is None and not self._silent:
                        _shut(server)
                    if self._blow is not None:
                        self._blow()
                        _shut(server)
                    return
                server.sendall(data)
        _shut(server)

    def _down(self, client, server):
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        _shut(client)

    def _turn(self):
        with self._lock:
            if not self._left or self._pass:
                self._pass = max(0, self._pass - bool(self._left))
                return False
            self._left -= 1
            self.cuts += 1
            return True


def _shut(one):
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
