"""Recursive calls whose callee first asks whether there is anything to do."""
import sys
import traceback


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


print([fib(n) for n in range(14)])
print(fib(5.5), fib(True), fib(-3))
try:
    fib("x")
except TypeError as e:
    print(e)
print(fib(13))


class Node:
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def count(self):
        if self.left is None:
            return 1
        return 1 + self.left.count() + self.right.count()


def tree(depth):
    if not depth:
        return Node(None, None)
    return Node(tree(depth - 1), tree(depth - 1))


for _ in range(8):
    t = tree(6)
    print(t.count(), end=" ")
print()
t.left.left.left = 5
try:
    t.count()
except AttributeError as e:
    print(e)
    print([f.lineno for f in traceback.extract_tb(e.__traceback__)])


# What comes back first differs from what comes back later.
def mixed(n):
    if n <= 0:
        return 0
    if n % 7 == 3:
        return 1 << 70
    if n % 11 == 5:
        return 0.5
    return mixed(n - 1) + mixed(n - 2)


for n in (4, 9, 12, 14, 16):
    print(n, mixed(n))


def texts(n):
    if n < 1:
        return ""
    return texts(n - 1) + chr(97 + n % 26)


for _ in range(12):
    s = texts(30)
print(s)


# Frames and lines that callees look at.
def lines(n):
    if n < 1:
        return 1
    if n == 3:
        f = sys._getframe()
        seen = []
        while f is not None and f.f_code.co_name == "lines":
            seen.append((f.f_lineno, f.f_locals["n"]))
            f = f.f_back
        print(seen)
    return lines(n - 1) + \
        lines(n - 4)


for _ in range(3):
    print(lines(9))


# A callee that changes what the caller calls.
def again(n):
    global again
    if n < 2:
        return n
    if n == 4 and swaps:
        swaps.pop()
        again = other
    return again(n - 1) + again(n - 2)


def other(n):
    return 1000 + n


first = again
swaps = []
for _ in range(9):
    again(9)
swaps.append(1)
print(first(10))
again = first
print(first(10))


# Objects that answer otherwise, and count how often they are asked.
class Odd:
    asked = 0

    def __init__(self, n):
        self.n = n

    def __lt__(self, o):
        Odd.asked += 1
        return self.n < o

    def __sub__(self, o):
        return Odd(self.n - o)


def down(n):
    if n < 1:
        return 0
    return down(n - 1) + 1


for _ in range(12):
    down(20)
print(down(Odd(20)), Odd.asked)
print(down(30))


class Lazy:
    asked = 0

    def __init__(self, n):
        self.n = n

    @property
    def done(self):
        Lazy.asked += 1
        return self.n == 0

    def run(self):
        if self.done:
            return 0
        return 1 + Lazy(self.n - 1).run()


for _ in range(12):
    r = Lazy(15).run()
print(r, Lazy.asked)


def deep(n):
    if n == 0:
        return 0
    return 1 + deep(n - 1)


for _ in range(20):
    deep(30)
try:
    deep(10**6)
except RecursionError as e:
    print(e)
print(deep(500))


# Names that are not there any more, and defaults.
def sum_to(n, so_far=0):
    if n == 0:
        return so_far
    return sum_to(n - 1, so_far + n)


print([sum_to(n) for n in range(0, 60, 7)])


def limited(n):
    if n < LIMIT:
        return n
    return limited(n - 1) + limited(n - 2)


LIMIT = 2
for _ in range(9):
    limited(8)
print(limited(10))
LIMIT = 4
print(limited(10))
del LIMIT
try:
    limited(12)
except NameError as e:
    print(e)


# A caller's frame that is kept.
kept = []


def keep(n):
    if n < 0:
        return 0
    if n == 2:
        kept.append(sys._getframe(1))
    return keep(n - 1) + keep(n - 3) + 1


for _ in range(6):
    kept.clear()
    r = keep(10)
print(r, len(kept), [f.f_locals["n"] for f in kept[:8]])
