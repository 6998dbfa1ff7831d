"""A point that is only made by exits, within another one that is."""


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


class Way:
    def __init__(self, a, b):
        self.a = a
        self.step = Point(b.x - a.x, b.y - a.y)


def step(a, b):
    way = Way(a, b)
    return way.step.x


def f(times, a, b):
    total = 0.0
    for i in times:
        total += step(a, b) * i
    return total


for _ in range(50):
    f(range(100), Point(1.0, 2.0), Point(3.0, 5.0))
