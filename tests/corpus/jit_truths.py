# Truth of values of one kind, then of others.


class Plain:
    def __init__(self, it):
        self.it = it


class Sized:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


class Switch:
    def __init__(self, on):
        self.on = on

    def __bool__(self):
        return self.on


class Late:
    pass


class Items(list):
    pass


def count(holders):
    n = 0
    for h in holders:
        if h.it:
            n += 1
    return n


def count_not(holders):
    n = 0
    for h in holders:
        if not h.it:
            n += 1
    return n


def kept(holders):
    return [h.it and 1 or 2 for h in holders].count(1)


def locals_of(holders):
    n = 0
    for h in holders:
        it = h.it
        while it:
            n += 1
            it = None
    return n


def make(f):
    """A function of its own, which has seen nothing."""
    g = type(f)(f.__code__.replace(co_name=f.__name__ + "_again"), f.__globals__)
    return g


late = Late()
kinds = {
    "bools": [True, False],
    "ints": [0, 1, 2],
    "none": [None],
    "texts": ["", "a"],
    "lists": [[], [1]],
    "plain": [Plain(0)],
    "plain or none": [None, Plain(1), None],
    "sized": [Sized(0), Sized(2)],
    "switches": [Switch(True), Switch(False)],
    "late": [late],
    "floats": [0.0, -0.0, 1.5, float("nan"), 1e300],
    "big": [2**80, -(2**70)],
    "subclasses": [Items(), Items([1])],
    "mixed": [0, "", [], None, False, {}, (), 1, "a", [0], {1: 2}, (0,), {0}, set(), b"", b"a", 1j, 0j, ...],
}

for name, values in kinds.items():
    holders = [Plain(v) for v in values] * 100
    print(name, [[make(f)(holders * 5) for f in (count, count_not, kept, locals_of)] for _ in range(2)][1])

# One function after another kind each time.
for name, values in kinds.items():
    holders = [Plain(v) for v in values] * 100
    print(name, [f(holders) for f in (count, count_not, kept, locals_of) for _ in range(3)])


def truths(holders):
    n = 0
    for h in holders:
        if h.it:
            n += 1
    return n


# A class gets a truth after all.
lates = [Plain(late)] * 3000
print([truths(lates) for _ in range(10)])
Late.__len__ = lambda self: 0
print([truths(lates) for _ in range(3)])
Late.__bool__ = lambda self: True
print(truths(lates))
del Late.__len__
print(truths(lates))
Late.__bool__ = lambda self: False
print(truths(lates))


class Wrong:
    def __bool__(self):
        return 1


def first_error(holders):
    try:
        return truths(holders)
    except TypeError as e:
        return str(e)


print(first_error([Plain(Wrong())]))
