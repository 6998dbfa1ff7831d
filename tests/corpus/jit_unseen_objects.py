# Instances that only the function that makes them uses, and what sees them after all: exits, errors, other types.
import math


class Vector:
    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, o):
        return Vector(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vector(self.x - o.x, self.y - o.y, self.z - o.z)

    def scale(self, k):
        return Vector(k * self.x, k * self.y, k * self.z)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def magnitude(self):
        return math.sqrt(self.dot(self))

    def normalized(self):
        return self.scale(1.0 / self.magnitude())

    def __repr__(self):
        return f"Vector({self.x}, {self.y}, {self.z})"


class Ray:
    def __init__(self, point, towards):
        self.point = point
        self.towards = (towards - point).normalized()


class Pair:
    __slots__ = "left", "right"

    def __init__(self, left, right):
        self.left = left
        self.right = right


def lengths(n, step):
    total = 0.0
    for i in range(n):
        a = Vector(i, i * step, 1)
        b = Vector(1, 2, step)
        total += (a + b - a.scale(2)).magnitude()
    return round(total, 6)


def length(i, step):
    a = Vector(i, i * step, 1)
    b = Vector(1, 2, step)
    return (a + b - a.scale(2)).magnitude()


def more_lengths(n, step):
    total = 0.0
    for i in range(n):
        total += length(i, step)
    return round(total, 6)


def swapped(i, make):
    p = Pair(i, make(i))
    q = Pair(p.right, p)
    p.left = q.left
    r = Pair(q, q.right)
    return r.left.left * 2 - r.right.right + (r.left.right is r.right)


def swaps(n, make):
    total = 0
    for i in range(n):
        total += swapped(i, make)
    return total


def first_of(v, k):
    p = Pair(v.x, k)
    return p.left + p.right


def moved(v):
    v.x += 1


def seen_later(n, k):
    """What is read of an object that others get to see afterwards, and change."""
    v = Vector(k, 0, 0)
    total = 0
    for i in range(n):
        total += first_of(v, i)
        moved(v)
    return total


def changed_perhaps(n, k):
    """An object that is written on one of two ways."""
    total = 0
    for i in range(n):
        v = Vector(i, 1, 2)
        if i % 3 == k:
            v.x = -i
        p = Pair(v.x, v.y)
        total += p.left - p.right
    return total


def rays(n, step):
    total = 0
    origin = Vector(1, 2, 3)
    for i in range(n):
        r = Ray(origin, Vector(i + 2, i * step, i))
        total += r.towards.dot(r.point)
    return round(total, 6)


def pairs(n, make):
    total = 0
    for i in range(n):
        p = Pair(i, make(i))
        q = Pair(p.right, p.left)
        total += q.left * 2 - q.right
    return total


def same(n, seen):
    """One object under several names when the code is left."""
    out = []
    for i in range(n):
        a = Vector(i, 0, 0)
        b = c = a
        if i in seen:
            b.y = 5
            out.append((a is b, b is c, a.y, c))
    return out


def errors(values):
    out = 0
    for v in values:
        a = Vector(v, 1, 2)
        try:
            out += (a + Vector(1, 2, 3)).dot(a)
        except TypeError as e:
            tb = e.__traceback__
            while tb.tb_next:
                tb = tb.tb_next
            made = {k: repr(x) for k, x in tb.tb_frame.f_locals.items()}
            return str(e), tb.tb_frame.f_code.co_name, made
    return out


def grown(n, when):
    last = None
    for i in range(n):
        a = Vector(i, i, i)
        if i >= when:
            a.more = i
            last = a
    return last and (last.__dict__, last)


def big(n):
    """Fields that become large ints and floats that are no words."""
    total = 0
    for i in range(n):
        a = Vector(1 << (i % 70), i * 1e300, -i)
        b = a.scale(3)
        total ^= b.x
        if b.y == math.inf:
            total ^= 1
    return total


def rebound(n):
    total = 0
    for i in range(n):
        v = Vector(i, i, i)
        if i == n - 5:
            Vector.dot = lambda self, o: 1000
        total += v.dot(v)
    return total


for step in (1, 0.5, 2, 1.5):
    print(lengths(900, step), more_lengths(900, step), rays(900, step))
print(pairs(2000, lambda i: i + 1), pairs(2000, float), pairs(20, lambda i: "ab"[: i % 3] * 0 or i))
print(swaps(2000, lambda i: i + 1), swaps(2000, float), swaps(20, lambda i: "ab"[: i % 3] * 0 or i))
print(sum(seen_later(20, k) for k in range(90)), seen_later(2000, 3), changed_perhaps(2000, 1), changed_perhaps(2000, 5))
print(same(4000, {1, 3500, 3999}))
print(errors([1, 2.5] * 2000), errors([1.5] * 3000 + ["x"]), errors([1, 2] * 100 + [None]))
print(grown(3000, 5000), grown(3000, 2990), grown(3000, 5)[1])
print(big(3000))
dot = Vector.dot
print(rebound(3000), rebound(10))
Vector.dot = dot
print(rebound(100))
