"""Servers for a comparison: ours, localstripe, and a shop's end of a webhook. All on the loopback, all ended by their handle."""

import http.server
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request

SECRET_KEY = "sk_test_udaan"
PUBLISHABLE_KEY = "pk_test_udaan"
WEBHOOK_SECRET = "whsec_likeness"

# localstripe listens on every interface by itself; this starts its application on the loopback alone.
LOCALSTRIPE = """
import sys
from aiohttp import web
from localstripe.server import app
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that serves HTTP, from `with` to its end."""

    def __init__(self, command, port, ready, env=None):
        self.command, self.port, self.ready, self.env = command, port, ready, env
        self.url = f"http://127.0.0.1:{port}"

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, env={**os.environ, **(self.env or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for _ in range(200):
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.command[0]} ended: {self.process.stderr.read().decode()[-2000:]}")
            try:
                urllib.request.urlopen(self.url + self.ready, timeout=1)
                return self
            except urllib.error.HTTPError:
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.command[0]} does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()


def udaan_gateway(binary, *more):
    port = free_port()
    command = [binary, "gateway", "--listen", f"127.0.0.1:{port}", "--settle-seconds", "1", *more]
    env = {"UDAAN_MODE": "demo", "UDAAN_GATEWAY__WEBHOOK_SECRETS": f'["{WEBHOOK_SECRET}"]'}
    return Server(command, port, "/healthz", env)


def localstripe(packages):
    port = free_port()
    return Server([sys.executable, "-c", LOCALSTRIPE, str(port)], port, "/v1/balance", {"PYTHONPATH": packages})


class Shop:
    """Takes webhooks, and refuses the first few of them."""

    def __init__(self, refusals=0):
        self.taken, self.refusals = [], refusals
        shop = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                shop.taken.append((body, self.headers["stripe-signature"]))
                shop.refusals -= 1
                self.send_response(200 if shop.refusals < 0 else 500)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def eventually(what, found, seconds=10):
    """Waits for something that happens elsewhere."""
    until = time.monotonic() + seconds
    while True:
        result = found()
        if result:
            return result
        assert time.monotonic() < until, f"{what} did not happen"
        time.sleep(0.02)
