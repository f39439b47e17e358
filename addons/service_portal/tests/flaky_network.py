"""A network between the browser and the server that can be cut."""

import contextlib
import socket
import threading


class FlakyNetwork:
    """Forwards TCP connections on a port of its own to the server.

    While it is cut, nobody answers on the port: pages, workers and downloads all find
    what a phone in a cellar finds. ``lose_answers`` passes requests on and drops what
    comes back: the server has done what it was asked, and the browser never hears it.
    """

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.lose_answers = False
        self.lost = 0
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._accept()

    def _accept(self):
        threading.Thread(
            target=self._serve, args=(self._listener,), daemon=True
        ).start()

    def _serve(self, listener):
        while True:
            try:
                client, __ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._forward, args=(client,), daemon=True).start()

    def _forward(self, client):
        try:
            server = socket.create_connection(self.target)
        except OSError:
            client.close()
            return
        pair = {client, server}
        self._open |= pair
        back = threading.Thread(
            target=self._copy, args=(server, client, True), daemon=True
        )
        back.start()
        self._copy(client, server, False)
        back.join()
        for end in pair:
            end.close()
        self._open -= pair

    def _copy(self, source, target, is_answer):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if is_answer and self.lose_answers:
                    self.lost += 1
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self):
        # a blocked accept() returns only when the socket is shut down, too
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in list(self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def restore(self):
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._accept()
