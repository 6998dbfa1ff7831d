#!/usr/bin/env python3
"""Has a change made programs slower? Count their instructions and compare with the record.

    .ci/regress.py [--habu PATH] [--update] [NAME ...]

Times on a shared machine differ by more than a change that matters; the number of instructions does not. It is counted
by valgrind, with equal hashes in every run, and may exceed what .ci/instructions.txt says by the margin of its mode;
what it takes to start is counted once and left out of the others.
Where valgrind is missing, only this is checked, by CPU time in one run: native code is still faster than the
interpreter by a good part of what it was. A check that cannot be made is no failure. `--update` writes the record
anew: a commit that needs it says why.

It needs nothing that Habu lacks, so that it runs under Habu itself.
"""
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
RECORD = os.path.join(HERE, "instructions.txt")
HEAD = """# Instructions by program and mode, in thousands, and how much faster native code was than the interpreter.
# Written by .ci/regress.py --update.
"""
# More than this over the record is a failure. Native code also counts what it takes to make it.
MARGIN = {"off": 0.08, "on": 0.12}
# This part of the recorded speed-up must be there still: CPU time is all that is known.
STILL = 0.5
START = "start"
PROGRAMS = {
    START: "pass",
    "imports": "import json, re, dataclasses, typing, collections",
    "fib": "import fib; print(fib.fib(23))",
    "loops": "import loops; print(loops.sieve(100000), loops.collatz(2500))",
    "nbody": "import nbody; b = nbody.system(); nbody.advance(b, 0.01, 2500); print(nbody.energy(b))",
    "deltablue": "import deltablue; print(deltablue.chain(300), deltablue.projection(300))",
    "words": "import words; print(len(words.count([words.TEXT + f', line {i}.' for i in range(3000)])))",
    "strings": "import strings as s; print(len(s.rows(4000)), s.palindromes(20000), s.caesar('the fox; ' * 3000, 3)[:9])",
    "bigints": "import bigints; print(bigints.pi_digits(400), bigints.fibonacci(15000) % 1000)",
    "json": "import json_parser as j; t = j.write(j.document(200)); print(j.Parser(t).value() == j.document(200))",
    "regex": "import regex_scan as r; t = r.log(1500); print(len(r.re.findall(r'[\\w.]+@[\\w.]+', t)), r.tokens(t[:60000]))",
    "exceptions": "import exceptions as e; print(e.first_missing({}, range(40000)), e.drained(range(100000)))",
}
# What native code runs; long enough to count for more than making it, and to be timed.
NATIVE = {
    "fib": "import fib; fib.fib(29)",
    "loops": "import loops; loops.sieve(800000)",
    "nbody": "import nbody; nbody.advance(nbody.system(), 0.01, 30000)",
}


def options(arguments):
    habu, update, names = None, False, []
    rest = iter(arguments)
    for a in rest:
        if a == "--habu":
            habu = next(rest, None)
        elif a == "--update":
            update = True
        elif a.startswith("-") or a not in PROGRAMS:
            raise SystemExit(__doc__)
        else:
            names.append(a)
    if habu is None:
        target = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
        habu = os.path.join(target, "release", "habu")
    if not os.access(habu, os.X_OK):
        raise SystemExit(f"{habu} is not there: build it, or name another one with --habu")
    return habu, update, names or list(PROGRAMS)


def command(habu, mode, program):
    start = f"import sys; sys.path.insert(0, {os.path.join(ROOT, 'perf', 'programs')!r}); "
    return [habu, "-B", "-X", f"jit={mode}", "-X", "jit-wait", "-c", start + program]


def run(words):
    """What a command wrote to both its outputs; None where it failed."""
    environment = dict(os.environ, PYTHONHASHSEED="0")
    try:
        done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as e:
        print(f"  {words[0]}: {e}")
        return None
    if done.returncode:
        print(f"  {words[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}")
        return None
    return done


def instructions(habu, mode, name):
    tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    program = (NATIVE if mode == "on" else PROGRAMS)[name]
    done = run(tool + command(habu, mode, program))
    for line in done.stderr.decode(errors="replace").splitlines() if done else ():
        _, found, number = line.partition("refs:")
        if found:
            return int(number.replace(",", "")) // 1000
    return None


def cpu_time(habu, mode, name):
    """The least of a few runs, CPU time."""
    least = None
    words = command(habu, mode, NATIVE[name])
    for _ in range(5):
        quiet = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)]
        _, status, usage = os.wait4(os.posix_spawn(words[0], words, os.environ, file_actions=quiet), 0)
        if status:
            return None
        used = usage.ru_utime + usage.ru_stime
        least = used if least is None else min(least, used)
    return least


def speedup(habu, name):
    times = [cpu_time(habu, mode, name) for mode in ("off", "on")]
    return times[0] / max(times[1], 0.001) if None not in times else None


def read_record():
    record = {}
    try:
        with open(RECORD) as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    name, mode, number = line.split()
                    record[name, mode] = float(number)
    except FileNotFoundError:
        pass
    return record


def write_record(record):
    order = {name: i for i, name in enumerate(PROGRAMS)}
    with open(RECORD, "w") as f:
        f.write(HEAD)
        for (name, mode), number in sorted(record.items(), key=lambda item: (order.get(item[0][0], 99), item[0][1])):
            f.write(f"{name} {mode} {number:.{2 if mode == 'speedup' else 0}f}\n")


def main():
    habu, update, names = options(sys.argv[1:])
    record = read_record()
    begun = time.time()
    counting = run(["valgrind", "--version"]) is not None
    failed = []
    if not counting:
        print("there is no valgrind: only the speed of native code is looked at")
    start = instructions(habu, "off", START) if counting else None
    for name in names if start else ():
        for mode in ("off", "on") if name in NATIVE else ("off",):
            n = start if name == START else instructions(habu, mode, name)
            if n is None:
                print(f"{name:12} {mode:4} could not be counted")
                continue
            n -= start if name != START else 0
            old = record.get((name, mode))
            change = f"{n / old - 1:+.1%}" if old else "new"
            print(f"{name:12} {mode:4} {n:10} thousand instructions, {change}")
            if update:
                record[name, mode] = n
            elif old and n > old * (1 + MARGIN[mode]):
                failed.append(f"{name} ({mode}): {n} thousand instructions, {old:.0f} on record")
    for name in NATIVE if update or start is None else ():
        ratio, old = speedup(habu, name), record.get((name, "speedup"))
        if name not in names or ratio is None:
            continue
        print(f"{name:12} native code is {ratio:.2f} times as fast")
        if update:
            record[name, "speedup"] = ratio
        elif old and ratio < old * STILL:
            failed.append(f"{name}: native code is {ratio:.2f} times as fast, {old:.2f} on record")
    if update:
        write_record(record)
    print(f"{time.time() - begun:.0f} s")
    for line in failed:
        print("slower:", line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
