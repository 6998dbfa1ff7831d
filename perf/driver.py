"""Run a program's `main()` again and again in one process, and print each iteration's time.

    driver.py PROGRAM.py ITERATIONS
    driver.py --pyperformance DIR BENCHMARK ITERATIONS

The last line of the output is JSON: benchmark -> seconds of each iteration, the cold one first. A program must
print the same at each iteration, and what is recorded beside it, where something is.
"""
import json
import os
import sys
import time

# Benchmarks that stand in a folder of another name.
SCRIPTS = {"create_gc_cycles": "gc_collect"}


class Sink:
    """Takes what a program prints."""

    def __init__(self):
        self.parts = []

    def write(self, text):
        self.parts.append(text)
        return len(text)

    def flush(self):
        pass


def run_program(path, iterations):
    sys.path[0] = os.path.dirname(os.path.abspath(path))
    with open(path) as f:
        code = compile(f.read(), path, "exec")
    module = type(sys)("program")
    module.__file__ = path
    sys.modules["program"] = module
    exec(code, module.__dict__)
    expected = None
    if os.path.exists(path[:-3] + ".out"):
        with open(path[:-3] + ".out") as f:
            expected = f.read()
    times = []
    for _ in range(iterations):
        real, sys.stdout = sys.stdout, Sink()
        try:
            start = time.perf_counter()
            module.main()
            times.append(time.perf_counter() - start)
            printed = "".join(sys.stdout.parts)
        finally:
            sys.stdout = real
        if expected is None:
            expected = printed
        if printed != expected:
            raise SystemExit("wrong output:\n" + printed)
    name = os.path.basename(path)[:-3]
    return {name: times}


def run_benchmark(folder, name, iterations):
    """A benchmark of pyperformance, unmodified, with our own small `pyperf` in place of the real one."""
    here = os.path.dirname(os.path.abspath(__file__))
    base = os.path.join(folder, "pyperformance", "data-files", "benchmarks")
    place, arguments = find_benchmark(base, name)
    script = os.path.join(place, "run_benchmark.py")
    sys.path[0] = place
    sys.path.insert(0, os.path.join(here, "pyperf_shim"))
    import pyperf
    pyperf.ITERATIONS = iterations
    sys.argv = [script] + arguments
    with open(script) as f:
        code = compile(f.read(), script, "exec")
    real, sys.stdout = sys.stdout, Sink()
    try:
        main = sys.modules["__main__"]
        main.__file__ = script
        main.__dict__.pop("run_benchmark", None)
        exec(code, main.__dict__)
    finally:
        sys.stdout = real
    if not pyperf.TIMES:
        raise SystemExit(f"{name} measured nothing")
    return pyperf.TIMES


def find_benchmark(base, name):
    """The folder of a benchmark and the arguments its pyproject.toml gives; several may share one script."""
    direct = os.path.join(base, "bm_" + SCRIPTS.get(name, name))
    if os.path.exists(os.path.join(direct, "run_benchmark.py")):
        return direct, arguments_in(os.path.join(direct, "pyproject.toml"))
    for folder in sorted(os.listdir(base)):
        toml = os.path.join(base, folder, f"bm_{name}.toml")
        if os.path.exists(toml):
            return os.path.join(base, folder), arguments_in(toml)
    raise SystemExit(f"no benchmark {name} in {base}")


def arguments_in(path):
    """`extra_opts = ["a", "b"]` of a small TOML file."""
    try:
        with open(path) as f:
            text = f.read()
    except OSError:
        return []
    at = text.find("extra_opts")
    if at < 0:
        return []
    at = text.index("[", at)
    items = text[at + 1:text.index("]", at)].replace("\n", " ").split(",")
    return [i.strip().strip("'\"") for i in items if i.strip()]


def main():
    arguments = sys.argv[1:]
    if arguments and arguments[0] == "--pyperformance" and len(arguments) == 4:
        times = run_benchmark(arguments[1], arguments[2], int(arguments[3]))
    elif len(arguments) == 2:
        times = run_program(arguments[0], int(arguments[1]))
    else:
        raise SystemExit(__doc__)
    print(json.dumps(times))


if __name__ == "__main__":
    main()
