# Collection, weak references, finalizers.
import gc
import weakref


class Node:
    def __init__(self, n):
        self.n = n
        self.peer = None


def cycles(k):
    refs = []
    for i in range(k):
        a, b = Node(i), Node(-i)
        a.peer, b.peer = b, a
        refs.append(weakref.ref(a))
    return refs


refs = cycles(200)
gc.collect()
print(sum(r() is not None for r in refs) < 10)
keep = Node(5)
r = weakref.ref(keep)
gc.collect()
print(r() is keep, r is weakref.ref(keep))
log = []


class F:
    def __del__(self):
        log.append(1)


def drop(k):
    for _ in range(k):
        F()


drop(100)
gc.collect()
gc.collect()
print(len(log) > 90)
data = {i: [str(i)] * 3 for i in range(20000)}
for _ in range(5):
    junk = [[j] for j in range(20000)]
print(sum(len(v) for v in data.values()), data[777], len(junk))
s = ""
for i in range(20000):
    s += "xy"
print(len(s), s[-4:])
