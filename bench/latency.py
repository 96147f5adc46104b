"""An open loop: every request has its time, whatever became of the ones before, and takes from that time on. So a server that
stops for a while is charged with all who would have come meanwhile."""

import sys
import threading
import time

import http_load

WORKERS = 32
# How long after a step a traveller takes the next: pays what is held, cancels what is paid.
PAUSE = 1.5


def open_loop(port, travellers, rate, steps=("hold", "pay", "cancel")):
    """Starts `rate` travellers a second, each of whom goes through the steps; p50, p99 and the worst of each step, in seconds."""
    plan = [(PAUSE * number + at / rate, step, traveller)
            for at, traveller in enumerate(travellers)
            for number, step in enumerate(steps)]  # fmt: skip
    plan = iter(sorted(plan, key=lambda one: one[0]))
    before = dict(zip(steps, (None, *steps)))
    took = {step: [] for step in steps}
    lock, failures = threading.Lock(), []
    began = time.monotonic() + 0.2

    def work():
        connection = http_load.Connection(port)
        while not failures:
            with lock:
                due, step, traveller = next(plan, (None, None, None))
            if due is None:
                return
            time.sleep(max(0.0, began + due - time.monotonic()))
            try:
                # Late already, and counted as such.
                while traveller.done != before[step] and not failures:
                    time.sleep(0.001)
                getattr(traveller, step)(connection)
                took[step].append(time.monotonic() - began - due)
            except Exception as error:  # told to the caller below
                failures.append(error)

    # A thread that becomes due must not wait for the others' turns of Python's lock.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        threads = [threading.Thread(target=work) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    if failures:
        raise failures[0]
    return {step: {"p50": quantile(values, 0.5), "p99": quantile(values, 0.99), "max": max(values)}
            for step, values in took.items()}  # fmt: skip


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
