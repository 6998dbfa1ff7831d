"""Globals that compiled functions change: read by others, deleted, replaced, of other namespaces."""
import types

count = 0
text = "a"


def step(n):
    global count
    for _ in range(n):
        count += 1
    return count


def read():
    return count + 1


def constant():
    return len(text)


def rename(t):
    global text
    text = t


def remove():
    global count
    del count


for k in range(5):
    print(step(5000), read())
for _ in range(5000):
    read(), constant()
print(step(3), read(), constant())
for _ in range(3000):
    rename("longer")
print(constant())
for i in range(3000):
    rename("x" * (i % 7))
    assert constant() == i % 7
count = 1.5
print(step(3000))
count = "s"
try:
    step(2)
except TypeError as e:
    print(e)
remove()
try:
    step(2)
except NameError as e:
    print(e)
count = 2**62 - 10
print(step(20), read())
globals()["count"] = 7
print(step(4000))

# The same code with other globals.
other = types.FunctionType(step.__code__, {"count": 100, "range": range})
print(other(4000), other(1), count, other.__globals__["count"])
for i in range(20000):
    globals()[f"more_{i % 400}"] = i
print(step(4000), read())


class Watching(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key, value + 1000 if isinstance(value, int) else value)


namespace = Watching(count=0)
exec("def f(n):\n global count\n for _ in range(n):\n  count = 1\n return count\nprint(f(3), count)", namespace)
