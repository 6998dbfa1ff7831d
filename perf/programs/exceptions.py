"""Exceptions: raised and caught near and far, finally, with, StopIteration and KeyError as control flow."""


class Stop(Exception):
    def __init__(self, value):
        super().__init__(value)
        self.value = value


class Guard:
    entered = left = 0

    def __enter__(self):
        Guard.entered += 1
        return self

    def __exit__(self, kind, value, traceback):
        Guard.left += 1
        return kind is ValueError


def checked(n):
    if n % 10 == 0:
        raise ValueError(n)
    return n


def search(depth, n):
    if depth == 0:
        raise Stop(n)
    try:
        search(depth - 1, n + 1)
    finally:
        n += 1


def first_missing(table, keys):
    missing = 0
    for k in keys:
        try:
            table[k]
        except KeyError:
            missing += 1
    return missing


def drained(items):
    it = iter(items)
    n = 0
    while True:
        try:
            n += next(it)
        except StopIteration:
            return n


def main():
    failed = total = 0
    for n in range(2400000):
        try:
            total += checked(n)
        except ValueError:
            failed += 1
    print(total, failed)
    found = 0
    for n in range(40000):
        try:
            search(8, n)
        except Stop as stop:
            found += stop.value
    print(found)
    for n in range(500000):
        with Guard():
            checked(n)
    print(Guard.entered == Guard.left)
    print(first_missing(dict.fromkeys(range(0, 600000, 2)), range(600000)))
    print(sum(drained((1, 2, 3, 4)) for _ in range(150000)))


if __name__ == "__main__":
    main()
