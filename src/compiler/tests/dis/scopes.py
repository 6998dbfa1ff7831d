import a.b as c
from d import e

counter = 0


def outer(n):
    def inner(m=n, *, k=1):
        nonlocal n
        global counter
        counter += 1
        n = m + k
        return [n + j for j in range(m)]

    return inner, (lambda: n), sum(i for i in range(n)), all(x for x in [n])


class Base:
    size = 3
    table = [size for _ in range(2)]

    def __init__(self):
        self.value = super().__init__()
        self.__secret = __class__
