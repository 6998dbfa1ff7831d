"""Runs programs of `programs.py` one after the other in this process, each in a namespace of its own.

    batch.py FILE ...

Lines that programs begin with in common (`base.py`) run once; what they define is handed to each. A line with the
program's file stands before what it prints; what is there when the process dies was all flushed. Should a program not
end, so that it takes too much CPU time, the process ends, and its output with `SLOW`.
"""
import os
import signal
import sys

MARK = "\x01"
SLOW = b"\x02"
SECONDS = 5
CUT = "\n# ---- the program\n"


def slow(*_):
    sys.stdout.flush()
    os.write(1, SLOW)
    os._exit(0)


def namespace(bases, base):
    if base not in bases:
        bases[base] = {"__name__": "__main__"}
        exec(compile(base, "base.py", "exec"), bases[base])
    return dict(bases[base])


def main():
    signal.signal(signal.SIGPROF, slow)
    bases = {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as f:
            base, cut, own = f.read().rpartition(CUT)
        print(MARK + path)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            # Lines are numbered as in the file.
            own = "\n" * (base + cut).count("\n") + own
            exec(compile(own, path, "exec"), namespace(bases, base))
        except BaseException as e:
            print("ended by", type(e).__name__, e)
        sys.stdout.flush()


main()
