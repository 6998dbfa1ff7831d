# Children of a process whose hot code is being compiled go on with it, or compile their own.
import os


def work(n, step):
    total = 0
    for i in range(n):
        total += (i * step) % 7
    return total


def make(k):
    # Functions of their own, each to be compiled.
    names = {}
    exec(f"def f(n):\n    t = {k}\n    for i in range(n):\n        t = t * 3 % 1009 + i\n    return t", names)
    return names["f"]


def child(k):
    f = make(k)
    f(600)
    return (f(17000) + work(600, k)) % 251


def main():
    want = [child(k) for k in range(2)]
    for k in range(2):
        f = make(k + 100)
        f(17000)
        pid = os.fork()
        if pid == 0:
            os._exit(child(k))
        _, status = os.waitpid(pid, 0)
        print(k, os.waitstatus_to_exitcode(status) == want[k])
    print(work(17000, 5))


main()
