"""The processes under test: the release binary on the private cluster that bench/run started."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = os.environ["ROOT"]
BIN = os.environ.get("UDAAN_BENCH_BIN", "")
SOCKETS = os.environ.get("UDAAN_BENCH_SERVER", "")
POSTMASTER = int(os.environ.get("UDAAN_BENCH_POSTMASTER", "0"))
PG_PORT = os.environ.get("PG_PORT", "")
PG_BIN = os.environ.get("PG_BIN", "")
PG_LIBRARIES = os.environ.get("PG_LIBRARIES", "")
DAYS = int(os.environ.get("UDAAN_BENCH_DAYS", "45"))


def pg_env():
    """What the client programs of PostgreSQL need."""
    settings = {"PGHOST": SOCKETS, "PGPORT": PG_PORT, "PGUSER": "postgres", "PATH": os.environ["PATH"]}
    return settings | ({"LD_LIBRARY_PATH": PG_LIBRARIES} if PG_LIBRARIES else {})


def sql(text, database="bench"):
    """Runs statements; the rows as lists of texts."""
    command = [f"{PG_BIN}/psql", "-XqtA", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", text]
    done = subprocess.run(command, env=pg_env(), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{done.stderr.strip()} in {text[:1000]}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Airline:
    """`udaan gateway` and `udaan all` or `serve` with their settings."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.port, self.operations, self.gateway_port = free_ports(3)
        self.processes = {}
        self.env = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"postgresql://postgres@/bench?host={SOCKETS}&port={PG_PORT}",
            "UDAAN_MODE": "demo",
            "UDAAN_BOOKING__LIVE_HOLDS": "0",
            # The check of what is stored has its own figure, and its own run of latencies beside it.
            "UDAAN_INTEGRITY__MINUTES": "0",
            "UDAAN_KEYS__FILE": f"{scratch}/keys.toml",
            "UDAAN_HTTP__LISTEN": f"127.0.0.1:{self.port}",
            "UDAAN_HTTP__OPERATIONS_LISTEN": f"127.0.0.1:{self.operations}",
            "UDAAN_GATEWAY__URL": f"http://127.0.0.1:{self.gateway_port}",
            # The generator is one address; what one address may do is not what is measured.
            "UDAAN_LIMITS__SEARCH_PER_SECOND": "1000000",
            "UDAAN_LIMITS__OTHER_PER_SECOND": "1000000",
            "UDAAN_LIMITS__SALES_PER_SECOND": "1000000",
            "UDAAN_LIMITS__ACCOUNTS_PER_HOUR": "1000000",
            "UDAAN_AUTH__TOKEN_MINUTES": "600",
            "UDAAN_BOOKING__OFFER_MINUTES": "600",
            "UDAAN_BOOKING__HOLD_MINUTES": "600",
        }

    def run(self, *arguments):
        """Runs a command of the binary to its end; seconds."""
        began = time.monotonic()
        with open(f"{self.scratch}/udaan.log", "a") as log:
            subprocess.run([BIN, *arguments], env=self.env, cwd=ROOT, check=True, stdout=log, stderr=log)
        return time.monotonic() - began

    def start(self, *roles):
        """Starts `gateway`, `all` or `serve`; seconds until it is ready."""
        began = time.monotonic()
        for role in roles:
            arguments = ["gateway", "--listen", f"127.0.0.1:{self.gateway_port}"] if role == "gateway" else [role]
            log = open(f"{self.scratch}/{role}.log", "a")
            self.processes[role] = subprocess.Popen([BIN, *arguments], env=self.env, cwd=ROOT, stdout=log, stderr=log)
            log.close()
        if roles != ("gateway",):
            self._await_ready()
        return time.monotonic() - began

    def _await_ready(self):
        while True:
            for role, process in self.processes.items():
                if process.poll() is not None:
                    raise RuntimeError(f"udaan {role} has ended: {self.scratch}/{role}.log")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)

    def pid(self, role):
        return self.processes[role].pid

    def stop(self, *roles):
        """Stops what was started, all of it if nothing is named."""
        for role in roles or list(self.processes):
            process = self.processes.pop(role, None)
            if process:
                process.terminate()
                process.wait(60)

    def empty_database(self):
        sql("DROP DATABASE IF EXISTS bench", "postgres")
        sql("CREATE DATABASE bench", "postgres")
        sql("CHECKPOINT", "postgres")

    def ensure_on_sale(self):
        """A database with the demo on sale, made now unless a measurement before made one."""
        if not sql("SELECT 1 FROM pg_database WHERE datname = 'bench'", "postgres"):
            self.empty_database()
        print(f"importing {DAYS} days ...", flush=True)
        self.run("migrate")
        self.run("import", "demo", "--data", "data", "--days", str(DAYS))
        # What autovacuum would do to new rows in a minute, so that it does not happen while something is measured.
        sql("VACUUM (ANALYZE) flights, inventory")
        sql("CHECKPOINT", "postgres")
