"""As much of pyperf's interface as benchmarks use, in one process: each function runs ITERATIONS times.

The first iteration is one run, as cold as it comes; the later ones repeat it until they take SLICE seconds, as a
clock cannot tell runs of microseconds apart. What is kept is seconds by run, as pyperf counts them. A benchmark that
has used up LONG seconds ends after LEAST iterations.

Not here: worker processes, system tuning, commands to run (`bench_command`).
"""
import argparse
import time

perf_counter = time.perf_counter
VERSION = (2, 0)
ITERATIONS = 5
LEAST = 3
SLICE = 0.05
LONG = 20.0
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

    def _measure(self, name, timed, inner):
        """`timed(loops)` tells the seconds that so many runs took."""
        self.parse_args()
        kept = TIMES.setdefault(name, [])
        loops, total = 1, 0.0
        for i in range(ITERATIONS):
            if i >= LEAST and total > LONG:
                break
            seconds = timed(loops)
            total += seconds
            kept.append(seconds / loops / (inner or 1))
            # What native code speeds up needs more runs than were enough before, but a hasty guess costs minutes.
            loops = max(1, min(int(SLICE * loops / max(seconds, 1e-9)), loops * 100))

    def bench_func(self, name, func, *args, inner_loops=1, metadata=None):
        def timed(loops):
            times = range(loops)
            start = perf_counter()
            for _ in times:
                func(*args)
            return perf_counter() - start

        self._measure(name, timed, inner_loops)

    def bench_time_func(self, name, time_func, *args, inner_loops=1, metadata=None):
        self._measure(name, lambda loops: time_func(loops, *args), inner_loops)

    def bench_async_func(self, name, func, *args, inner_loops=1, metadata=None, loop_factory=None):
        import asyncio

        async def several(loops):
            start = perf_counter()
            for _ in range(loops):
                await func(*args)
            return perf_counter() - start

        def timed(loops):
            if loop_factory is None:
                return asyncio.run(several(loops))
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                return runner.run(several(loops))

        self._measure(name, timed, inner_loops)

    def timeit(self, name, stmt=None, setup="pass", teardown="pass", inner_loops=None, duplicate=None,
               metadata=None, globals=None):
        names = dict(globals or {})
        exec(setup, names)
        code = compile(stmt, "<timeit>", "exec")

        def timed(loops):
            start = perf_counter()
            for _ in range(loops):
                exec(code, names)
            return perf_counter() - start

        self._measure(name, timed, inner_loops)
        exec(teardown, names)

    def bench_command(self, name, command):
        raise NotImplementedError("bench_command")


def python_implementation():
    import sys
    return sys.implementation.name


def python_has_jit():
    return False
