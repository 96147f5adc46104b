"""A load generator that costs little: threads with one kept-alive connection each, and just enough HTTP/1.1."""

import json
import socket
import threading


class Connection:
    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def send(self, request):
        """Status and body of the answer to a whole request."""
        self._socket.sendall(request)
        data = self._rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._read()
        head = data[:end].lower()
        at = head.find(b"content-length:")
        if at < 0:
            raise RuntimeError(f"an answer without a length: {head!r}")
        stop = head.find(b"\r", at)
        length = int(head[at + 15 : stop if stop >= 0 else len(head)])
        body = data[end + 4 :]
        while len(body) < length:
            body += self._read()
        self._rest = body[length:]
        return int(head[9:12]), body[:length]

    def _read(self):
        data = self._socket.recv(262_144)
        if not data:
            raise RuntimeError("the server closed the connection")
        return data


def get(path, token=""):
    head = f"GET {path} HTTP/1.1\r\nHost: bench\r\n"
    head += f"Authorization: Bearer {token}\r\n" if token else ""
    return f"{head}\r\n".encode()


def delete(path, token):
    return f"DELETE {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def post(path, body, token="", key=""):
    """A JSON request; `token` and `key` where they are needed."""
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    head += f"Authorization: Bearer {token}\r\n" if token else ""
    head += f"Idempotency-Key: {key}\r\n" if key else ""
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def in_parallel(port, threads, jobs, work):
    """Runs `work(connection, job)` for each job on `threads` connections; the results, in no order."""
    jobs, results, failures = iter(jobs), [], []
    lock = threading.Lock()

    def run():
        connection = Connection(port)
        while not failures:
            with lock:
                job = next(jobs, None)
            if job is None:
                return
            try:
                results.append(work(connection, job))
            except Exception as error:  # told to the caller below
                failures.append(error)

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if failures:
        raise failures[0]
    return results
