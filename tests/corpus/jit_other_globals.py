"""Generator functions of other modules, whose items are taken at once: they see their own globals."""
import types

SOURCE = """
factor = 10

def multiples(n):
    for i in range(n):
        yield i * factor + offset()

def offset():
    return factor

def plain(n):
    for i in range(n):
        yield i * factor
"""

factor = 3


def offset():
    return "wrong"


def here(n):
    for i in range(n):
        yield i * factor


def main():
    global factor
    other = types.ModuleType("other")
    exec(SOURCE, other.__dict__)
    multiples, plain = other.multiples, other.plain

    def sums(n):
        return sum(multiples(n)), sum(plain(n)), sum(here(n)), list(plain(n)), len(set(here(n)))

    globals()["imported"] = plain
    for k in range(200):
        r = sums(k % 7), total(k % 5)
    print(r)
    other.factor = 7
    print(sums(4), total(3))
    factor = 2
    print(sums(4), total(3))


def total(n):
    return sum(imported(n)), any(x == 20 for x in imported(n)), [x for x in imported(n)]


main()
