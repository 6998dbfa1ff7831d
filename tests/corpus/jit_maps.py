"""Dicts and sets asked for ints and texts, sets joined with a few items, in loops that become native code."""
def has(c, n):
    return [i for i in range(-3, n) if i in c]
def hasnot(c, n):
    s = 0
    for i in range(-3, n):
        if i not in c: s += 1
    return s
def get(d, n):
    s = 0
    for i in range(n):
        try: s += d[i * 3]
        except KeyError as e: s -= e.args[0]
    return s
def fill(d, n):
    for i in range(n):
        d[i] = i * 2
        if i % 5 == 0: del d[i // 2]
        if i in d: d[i] = d[i] + 1
    return sum(d.values()), len(d)
for n in 5, 100, 300, 1000, 3000:
    s = set(range(0, n, 7)); f = frozenset(range(1, n, 5)); d = {i * 3: i for i in range(n)}
    print(len(has(s, n)), len(has(f, n)), len(has(d, n)), hasnot(s, n), hasnot(f, n), hasnot(d, n), get(d, n), get({0: 1}, 20))
    x = {i * 64 for i in range(n % 400)}
    print(len(has(x, 3000)), has({-1, -2, 2**61 - 1, 0}, 3), has({True, 2.0}, 5), has([1, 2], 5), has((1, 4), 5), has({1: 2}.keys(), 5))
    try: print(fill({}, n))
    except KeyError as e: print("KeyError", e)
big = {2**61 - 1: "m", 0: "z", 2**61: "n", 2**60: "k", -1: "a", -2: "b"}
def wide(d, ks):
    return [d[k] if k in d else None for k in ks for _ in range(2)]
print([wide(big, [k - 1 + 1 for k in (2**61 - 1, 0, 2**61, 2**60, -1, -2, 5)]) for _ in range(50)][-1])
class D(dict):
    def __missing__(self, k): return k * 10
print(get(D({0: 1, 3: 5}), 50), [get({0: 1, 3: 5}, 50) for _ in range(50)][-1])
class E:
    def __eq__(self, o): return o == 3
    def __hash__(self): return 3
print([has({E(), 1}, 6) for _ in range(40)][-1], [get({E(): 7, 0: 1}, 2) for _ in range(40)][-1])
def joined(s, n):
    for i in range(n):
        s = s | {i % 50, -i % 7}
    return s
class S(set): pass
print(sorted(joined(set(), 200)), type(joined(frozenset({99}), 90)).__name__, type(joined(S(), 90)).__name__, len(joined(frozenset("abc"), 300)))
def odd(s, x, n):
    for i in range(n):
        t = s | {x}
    return t
for s, x in ({1}, "a"), (frozenset(), (1, 2)), ({1}, 2.5), ({1}, []), ({1: 2}, 3), (5, 6), ({1}, E()):
    for _ in range(2):
        try: r = odd(s, x, 60); print(len(r), type(r).__name__)
        except TypeError as e: print(e)


def named(rows):
    s = 0
    for row in rows:
        s += row["price"] * row["amount"]
        if "off" in row:
            s -= row["off"]
        s += row.get("tax", 0)
    return s


rows = [{"price": i, "amount": i % 3, **({"off": 1} if i % 4 == 0 else {}), **({"tax": 2} if i % 9 == 0 else {})} for i in range(300)]
print(named(rows), named([dict(sorted(r.items())) for r in rows]), named([D(r) for r in rows]))
made = ["".join(["pri", "ce"]), "".join(["amo", "unt"])]
print(named([dict(zip(made, (2, 3))) for _ in range(90)]))
try:
    named(rows + [{"price": 1}])
except KeyError as e:
    print(e)


def tally(words):
    counts = {}
    for w in words:
        if w in counts:
            counts[w] += 1
        else:
            counts[w] = 1
    return counts


print(tally(["a", "b", "a", "c" * 3, "".join("ab"), "ab"] * 50), tally([1, 2, 1, True, 2**70] * 50), tally([1.5, "x", (1, 2), None] * 30))


class Name(str):
    def __hash__(self):
        return 7

    def __eq__(self, o):
        return True


print([tally(["a", Name("b"), "b", Name("a")]) for _ in range(40)][-1])


def changing(n):
    d = {"k": 0, 5: 0}
    for i in range(n):
        d["k"] = d["k"] + 1
        d[5] += 2
        if i % 17 == 0:
            del d["k"]
            d["z" * (i % 40)] = i
            d["k"] = i
    return d["k"], d[5], len(d)


print(changing(300))


x = 1


def read():
    return x


def write(n):
    g = globals()
    for i in range(n):
        g["x"] = i
        if read() != i:
            return i
    return "fine"


print([write(90) for _ in range(5)])


def histogram(v):
    h = {i: 0 for i in range(10)}
    for a in v:
        h[a % 10] += 1
    return h


print([histogram(range(300)) for _ in range(5)][-1])


def gotten(d, n):
    s = 0
    for i in range(n):
        s += d.get(i, 0)
        if d.get(i * 2) is None:
            s += 1000
        s += d.get("k", i)
    return s


print([gotten({i * 3: i for i in range(50)}, 100) for _ in range(4)][-1], gotten({"k": 1, 2**61 - 1: 5}, 90), gotten({}, 60))
print(sorted([(True, 2), (False, 9), (True, 1)]), sorted([True, False, True]), sorted([(True, 2), (1, 1), (0, 5)]))


def large(keys, n):
    s, d = set(), {}
    for i in range(n):
        for k in keys:
            if k not in s:
                s.add(k)
            d[k] = d.get(k, 0) + 1
    return len(s), sorted(d.values())


print(large([2**62, 2**63, -2**63, 2**100, -2**100, 2**62 + 0, float(2**63), 2.0**100, 1, True], 60))
