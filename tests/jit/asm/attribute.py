class Point:
    def __init__(self, x):
        self.x = x


def f(p):
    return p.x


p = Point(1)
for _ in range(1000):
    f(p)
