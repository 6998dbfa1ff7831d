# Several constant indices into one list, and floats stored there, of which some need the heap.
N = 3000


def three(v, k):
    v[0] += k
    v[1] -= k
    v[2] *= 0.5
    return v[0] + v[1]


def all_three(vs, k):
    s = 0.0
    for v in vs:
        s += three(v, k)
    return s


vs = [[float(i), i * 2.0, i * 3.0] for i in range(100)]
total = 0.0
for i in range(N // 50):
    total += all_three(vs, 0.25)
print(total, vs[7])

# The list is too short for the last of them: what was stored before stays.
short = [1.0, 2.0]
for _ in range(3):
    try:
        print(three(short, 1.0))
    except IndexError as e:
        print(e, short)


def counted(v, log):
    v[0] = len(log)
    log.append(v[0])
    v[1] = len(log)
    log.append(v[1])
    v[2] = len(log)
    return log


long = [0, 0, 0, 0]
for i in range(N):
    counted(long, [])
print(long)
for v in [0, 0], [0], []:
    log = []
    try:
        counted(v, log)
    except IndexError as e:
        print(e, v, log)


def shrinking(v):
    a = v[0]
    v.pop()
    b = v[1]
    v.pop()
    return a + b + v[0]


for i in range(N):
    r = shrinking([i, i, i, i])
print(r)
for v in [1, 2, 3], [1, 2]:
    try:
        print(shrinking(v), v)
    except IndexError as e:
        print(e, v)

# Tiny and huge floats, zeros, infinities and NaNs go into lists and attributes that are old by now.
odd = [0.0, -0.0, 1e-320, 1e300, -1e-200, float("inf"), float("nan"), 1.5, 2.0**512, 2.0**-512]


class Point:
    def __init__(self):
        self.x = self.y = 0.0


def spread(v, p, fs):
    for f in fs:
        v[0] = f * 1.0
        v[1] = f + 0.0
        v[2] = -f
        p.x = f * 1.0
        p.y = p.x + p.x
        yield v[0], v[1], v[2], p.x, p.y


def kept(v, p, fs, keep):
    for i, f in enumerate(fs):
        v[0] = f * 1.0
        v[2] = -f
        p.x = f * 2.0
        keep[i % len(keep)] = p.x + v[0]
    return v[0], v[2], p.x


v, p, keep = [0.0] * 3, Point(), [0.0] * 7
print(list(spread(v, p, odd)))
for i in range(N // 10):
    r = kept(v, p, odd, keep)
    junk = [[j] for j in range(10)]
print(r, keep, p.x, p.y)
