"""Generators whose items are taken at once inside of generators, methods, closures and handlers."""


def sums(rows):
    for row in rows:
        yield sum(x * 2 for x in row), len(set(x % 3 for x in row))


def looked(rows, wanted):
    for row in rows:
        if any(x == wanted for x in row):
            yield [y for y in (x + 1 for x in row)]
        elif all(x for x in row):
            yield tuple(x for x in row)


class Table:
    def __init__(self, rows):
        self.rows = rows
        self.factor = 3

    def total(self):
        return sum(x * self.factor for row in self.rows for x in row)

    def halves(self):
        return sum(x / 2 for row in self.rows for x in row)

    def __iter__(self):
        return (x for row in self.rows for x in row)


def closures(rows):
    def inner(k):
        return sum(x + k for x in rows[0]), sum(len(r) for r in rows)

    return inner(1), inner(2)


def inside_handler(xs):
    try:
        raise KeyError("first")
    except KeyError:
        try:
            return sum(10 // x for x in xs)
        except ZeroDivisionError as e:
            return repr(e.__context__), e.__traceback__.tb_next.tb_frame.f_code.co_name


def finally_done(xs, log):
    try:
        return sum(10 // x for x in xs)
    finally:
        log.append(len(xs))


def rebound(xs):
    k = 1
    total = 0
    for i in range(4):
        total += sum(x * k for x in xs)
        k += 1
        xs = [*xs, i]
    return total


def shadowed(items):
    sum = len
    return sum(list(x for x in items))


def with_default(n, step=2):
    i = 0
    while i < n:
        yield i
        i += step


def stops(xs):
    return sum(x for x in with_default(len(xs))), list(with_default(5, 3)), set(with_default(3))


def main():
    rows = [[1, 2, 3], [4, 0], [], [7, 8, 9]]
    log = []
    for k in range(120):
        rows[2] = [k % 5] * (k % 4)
        a = list(sums(rows)), list(looked(rows, k % 9))
        t = Table(rows)
        b = t.total(), t.halves(), list(t), closures(rows), rebound(rows[0]), shadowed(rows[3]), stops(rows[0])
        c = inside_handler([1, 5, k % 3]), finally_done([k + 1, 2], log)
        if k % 40 == 39:
            print(a, b, c)
    print(len(log), list(sums([[1.5, 2], [True, 2**70], ["a"][:0]])))
    for bad in ([[1, "x"]], [[1], None], [3]):
        try:
            print(list(sums(bad)))
        except TypeError as e:
            print(e)
    try:
        finally_done([1, 0], log)
    except ZeroDivisionError as e:
        print(e, log[-1])
    t = Table([[1, 2.5], [2**62, 2**62]])
    print(t.total(), t.halves(), inside_handler([2, 0]), rebound([1.5]), rebound([2**61]))


main()
