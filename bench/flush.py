"""The dial of flush.c: how long a flush of the bench's PostgreSQL takes, and how many there were."""

import mmap
import os
import struct
import subprocess
import time

import airline

PATH = os.environ.get("UDAAN_FLUSH_FILE", "")
NUMBERS = struct.Struct("=QQQ")


class Flushes:
    def __init__(self):
        with open(PATH, "r+b") as file:
            self._shared = mmap.mmap(file.fileno(), NUMBERS.size)
        self.start()

    def _read(self):
        return NUMBERS.unpack(self._shared[:])

    def at_least(self, seconds):
        """From now on each flush takes so long at least."""
        self._shared[:8] = struct.pack("=Q", round(seconds * 1e9))

    def start(self):
        """Counts from here."""
        _, self._count, self._took = self._read()

    def stop(self):
        """How many flushes there were since, and the mean seconds of one."""
        _, count, took = self._read()
        count, took = count - self._count, took - self._took
        return count, (took / 1e9 / count if count else 0.0)

    def proven(self, seconds):
        """Sets the time of a flush, and fails unless PostgreSQL's commits take it: by the counter in it, and by the clock
        outside it."""
        self.at_least(seconds)
        commits = 50
        airline.sql("CREATE TABLE IF NOT EXISTS bench_flush (n integer)")
        script = "".join(f"INSERT INTO bench_flush VALUES ({n});\n" for n in range(commits))
        self.start()
        began = time.monotonic()
        command = [f"{airline.PG_BIN}/psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", "bench"]
        subprocess.run(command, env=airline.pg_env(), input=script, text=True, check=True)
        elapsed, (count, mean) = time.monotonic() - began, self.stop()
        airline.sql("DROP TABLE bench_flush")
        if count < commits or mean < seconds or elapsed < commits * seconds:
            raise RuntimeError(f"{commits} commits: {count} flushes of {1000 * mean:.2f} ms, {elapsed:.2f} s altogether")
        return count, mean
