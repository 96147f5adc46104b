"""What the server really sends to PostgreSQL for a request: every statement with its parameters, from PostgreSQL's own log,
and which of them were sent without waiting for an answer.

The server's connection runs through a relay that hands every answer on late. Whatever comes to PostgreSQL within that time
of the statement before it was not waiting for that one's answer: it was pipelined."""

import collections
import os
import re
import shutil
import socket
import threading
import time

import airline

LATE = 0.08
# The log's lines carry a mark, so that the lines of a statement are not taken for others.
MARK = "\x1e"
HEAD = re.compile(MARK + r"(\d+\.\d+) (\S+) (\d+) (\w+):  ")
SENT = re.compile(r"(?:execute [^:]*|statement): (.*)", re.S)
PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")

Statement = collections.namedtuple("Statement", "sql parameters at")


class Relay:
    """A unix socket in front of PostgreSQL's."""

    def __init__(self, folder):
        self.folder, self.late = folder, 0.0
        path = f"{folder}/.s.PGSQL.{airline.PG_PORT}"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{airline.SOCKETS}/.s.PGSQL.{airline.PG_PORT}")
            threading.Thread(target=self._pass_on, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, True), daemon=True).start()

    def _pass_on(self, source, sink, are_answers):
        try:
            while data := source.recv(1 << 20):
                if are_answers and self.late:
                    time.sleep(self.late)
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # The other side has gone first.

    def close(self):
        """Takes the folder away, which was made for it."""
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Log:
    """The log of the bench's cluster, from a moment on."""

    def __init__(self):
        self.path = os.environ["UDAAN_BENCH_LOG"]
        airline.sql(f"ALTER SYSTEM SET log_line_prefix = E'\\x1e%n %c %l '", "postgres")
        for setting in ("log_statement = 'all'", "log_min_duration_statement = -1"):
            airline.sql(f"ALTER DATABASE bench SET {setting}", "postgres")
        airline.sql("SELECT pg_reload_conf()", "postgres")

    def close(self):
        airline.sql("ALTER DATABASE bench RESET ALL", "postgres")
        airline.sql("ALTER SYSTEM RESET log_line_prefix", "postgres")
        airline.sql("SELECT pg_reload_conf()", "postgres")

    def start(self):
        self._from = os.path.getsize(self.path)

    def statements(self):
        """What was sent since, by session."""
        with open(self.path, "rb") as file:
            file.seek(self._from)
            text = file.read().decode()
        sessions = collections.defaultdict(list)
        for record in re.split(f"(?={MARK})", text):
            head = HEAD.match(record)
            if not head:
                continue
            # A text goes on in the next line after a tab.
            at, session, what, rest = float(head[1]), head[2], head[4], record[head.end() :].replace("\n\t", "\n").strip()
            if what == "LOG" and (sent := SENT.match(rest)):
                sessions[session].append(Statement(sent[1], [], at))
            elif what == "DETAIL" and rest.startswith("parameters: "):
                parameters = PARAMETER.findall(rest)
                sessions[session][-1].parameters.extend(unquote(value) for _, value in parameters)
        return sessions


def unquote(value):
    return None if value == "NULL" else value[1:-1].replace("''", "'")


class Recorder:
    """Records requests of a server whose database is behind the relay. It has one connection, so that nothing overtakes."""

    def __init__(self, relay, log):
        self._relay, self._log = relay, log
        # What a serving process does by itself: it looks for changes of flights.
        log.start()
        time.sleep(1.5)
        self._idle = {one.sql for statements in log.statements().values() for one in statements}
        self._idle -= {"BEGIN", "COMMIT", "ROLLBACK"}

    def record(self, request):
        """What `request()` answers, and the statements it caused: groups, each sent at once."""
        self._relay.late = LATE
        time.sleep(2 * LATE)
        self._log.start()
        try:
            answer = request()
            time.sleep(2 * LATE)
        finally:
            self._relay.late = 0.0
        groups = []
        for statements in self._log.statements().values():
            last = 0.0
            for one in statements:
                if one.sql in self._idle or not one.sql:
                    continue
                if one.at - last < LATE / 2:
                    groups[-1].append(one)
                else:
                    groups.append([one])
                last = one.at
        return answer, groups
