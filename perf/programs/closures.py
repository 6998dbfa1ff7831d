"""Closures, generators and exceptions in one loop."""


def counter(step):
    n = 0

    def add(k):
        nonlocal n
        n += step * k
        return n

    return add


def numbers(limit):
    for i in range(limit):
        if i % 5 == 0:
            yield from (i, i + 1)
        else:
            yield i


def checked(n):
    if n % 10 == 0:
        raise ValueError(n)
    return n


add = counter(3)
failed = 0
for n in numbers(900000):
    try:
        add(checked(n))
    except ValueError:
        failed += 1
print(add(0), failed)
