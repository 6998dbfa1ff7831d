"""Children by posix_spawn, waited for with what they used; class attributes that change all the time."""
import os
import signal

out = f"/tmp/habu-spawn-{os.getpid()}"
actions = [
    (os.POSIX_SPAWN_OPEN, 1, out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    (os.POSIX_SPAWN_DUP2, 1, 2),
    (os.POSIX_SPAWN_CLOSE, 0),
]
pid = os.posix_spawn("/bin/sh", ["sh", "-c", "echo $A; echo two >&2; exit 7"], {"A": "one"}, file_actions=actions)
got, status, usage = os.wait4(pid, 0)
print(got == pid, os.waitstatus_to_exitcode(status), usage.ru_utime >= 0, usage.ru_maxrss > 0, len(usage))
with open(out) as f:
    print(f.read().split())
os.unlink(out)
pid = os.posix_spawnp("sh", ["sh", "-c", "kill -9 $$"], os.environ, setpgroup=0, setsigdef=[signal.SIGINT])
print(os.waitstatus_to_exitcode(os.wait3(0)[1]))
for bad in (("/bin/sh", []), ("/no/such/file", ["x"])):
    try:
        os.posix_spawn(*bad, os.environ)
    except (ValueError, FileNotFoundError) as e:
        print(type(e).__name__, e)
try:
    os.posix_spawn("/bin/sh", ["sh"], {}, file_actions=[()])
except TypeError as e:
    print(e)


class Count:
    n = 0
    names = {}

    def __init__(self):
        Count.n += 1

    def value(self):
        return self.n


class Sub(Count):
    def value(self):
        Sub.extra = super().value()
        return self.extra


total = 0
for i in range(300):
    total += Count().value() + Sub().value()
    if i == 100:
        Count.__len__ = lambda self: 5
    if i == 200:
        Sub.__len__ = lambda self: 6
        Sub.value = lambda self: 1
print(total, Count.n, len(Count()), len(Sub()))
