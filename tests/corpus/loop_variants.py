# one hot loop entered with frames that hold different types, by turns
def spread(n, to_unpack):
    for _ in range(n):
        a, b, c = to_unpack
        a, c, b = to_unpack
    return a, b, c


def total(n, x, y):
    for i in range(n):
        x = x + y
    return x


def walk(items):
    n = 0
    for v in items:
        n += v
    return n


def late(n, flag):
    if flag:
        x = 1.5
    for i in range(n):
        if i > n - 2:
            x = i
    return x


class L(list):
    pass


def pairs(it):
    t = 0
    for i, v in it:
        t += i * v
    return t


N = 400
for turn in range(60):
    k = turn % 5
    print(spread(N, [(1, 2, 3), [4, 5, 6], 'xyz', range(3), b'abc'][k]),
          total(N, [0, 0.5, 1, '', True][k], [1, 0.25, 2.0, 'a', 1][k])[:4] if k == 3 else
          total(N, [0, 0.5, 1, '', True][k], [1, 0.25, 2.0, 'a', 1][k]),
          walk([range(N), list(range(N)), tuple(range(N)), L([1.5] * N), {1: 2, 3: 4}][k]),
          late(N, k < 2),
          pairs([enumerate(list(range(N))), enumerate(tuple(range(N)), 5), zip(range(N), [2] * N),
                 zip([1] * N, (0.5,) * N), {i: i for i in range(N)}.items()][k]))
it = iter(range(20))
print(pairs(zip(it, it)), list(it))
short = zip([1, 2, 3], iter([4, 5]))
print(pairs(short), list(short))
left = iter([1, 2, 3])
print(pairs(zip(left, [4, 5])), list(left))
e = enumerate([7, 8, 9])
next(e)
print(pairs(e), next(e, 'end'), pairs(e))
grow = [1]
n = 0
for i, v in enumerate(grow):
    if len(grow) < 50:
        grow.append(v + 1)
    n += i * v
print(n, len(grow))
big = enumerate([1, 2], 2 ** 62 - 1)
print(pairs(big), pairs(enumerate([1, 2, 3], 2 ** 61)))
