"""Runs the programs of some files one after the other in this process, each in a namespace of its own.

    batch.py FILE ...

A line with the file's name stands before what each prints; what is there when the process dies was all flushed.
"""
import sys

MARK = "\x01"


def main():
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        print(MARK + path)
        try:
            exec(compile(text, path, "exec"), {"__name__": "__main__"})
        except BaseException as e:
            print("ended by", type(e).__name__, e)
        sys.stdout.flush()


main()
