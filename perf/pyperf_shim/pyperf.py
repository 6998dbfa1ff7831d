"""As much of pyperf's interface as benchmarks use, in one process: each function runs ITERATIONS times.

Not here: worker processes, calibration, system tuning, commands to run (`bench_command`).
"""
import argparse
import time

perf_counter = time.perf_counter
VERSION = (2, 0)
ITERATIONS = 5
TIMES = {}


class Runner:
    """The runner that benchmarks make: it parses their arguments and times what they hand in."""

    def __init__(self, values=None, processes=None, loops=0, min_time=0.1, metadata=None, show_name=True,
                 program_args=None, add_cmdline_args=None, warmups=None, _argparser=None):
        self.metadata = dict(metadata or {})
        self.argparser = _argparser or argparse.ArgumentParser()
        self.args = None

    def parse_args(self, args=None):
        if self.args is None:
            self.args = self.argparser.parse_args(args)
        return self.args

    def _keep(self, name, seconds):
        TIMES.setdefault(name, []).append(seconds)

    def bench_func(self, name, func, *args, inner_loops=1, metadata=None):
        self.parse_args()
        for _ in range(ITERATIONS):
            start = perf_counter()
            func(*args)
            self._keep(name, perf_counter() - start)

    def bench_time_func(self, name, time_func, *args, inner_loops=1, metadata=None):
        self.parse_args()
        for _ in range(ITERATIONS):
            self._keep(name, time_func(1, *args))

    def bench_async_func(self, name, func, *args, inner_loops=1, metadata=None, loop_factory=None):
        import asyncio
        self.parse_args()
        for _ in range(ITERATIONS):
            start = perf_counter()
            asyncio.run(func(*args))
            self._keep(name, perf_counter() - start)

    def timeit(self, name, stmt=None, setup="pass", teardown="pass", inner_loops=None, duplicate=None,
               metadata=None, globals=None):
        self.parse_args()
        names = dict(globals or {})
        exec(setup, names)
        code = compile(stmt, "<timeit>", "exec")
        for _ in range(ITERATIONS):
            start = perf_counter()
            exec(code, names)
            self._keep(name, perf_counter() - start)
        exec(teardown, names)

    def bench_command(self, name, command):
        raise NotImplementedError("bench_command")


def python_implementation():
    import sys
    return sys.implementation.name


def python_has_jit():
    return False
