# After a fork both processes go on making native code, each other functions first.
import os


def make(k):
    names = {}
    exec(
        f"def f(n):\n    t = {k}\n    for i in range(n):\n        t = (t * 3 + {k}) % 1009 + i % {k + 3}\n    return t",
        names,
    )
    return names["f"]


def results(functions, order):
    out = {}
    for k in order:
        out[k] = functions[k](17000)
    return repr([out[k] for k in sorted(out)])


def main():
    functions = [make(k) for k in range(6)]
    make(99)(40000)
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, results(functions, range(6)).encode())
        os._exit(0)
    mine = results(functions, range(5, -1, -1))
    theirs = os.read(reader, 10000).decode()
    _, status = os.waitpid(pid, 0)
    print(os.waitstatus_to_exitcode(status), theirs == mine)


main()
