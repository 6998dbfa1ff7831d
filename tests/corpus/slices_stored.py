# Slices of lists stored in slices of lists, where the list between need not be made.
def f(p, q, n):
    out = []
    for i in range(n):
        k = i % 7
        p[:k + 1] = p[k::-1]
        out.append(tuple(p))
        p[1:k] = q[1:k:1]
        p[k:] = q[k:]
        out.append(tuple(p))
        p[0:4] = q[8::-2]
        q[2:5] = q[4:7:1]
        q[3:6] = q[2:5:1]
        q[0:5] = q[4::-1]
        out.append(tuple(p) + tuple(q))
    return out
def g(p, q, n):
    out = []
    for i in range(n):
        k = i % 5
        try:
            p[:k + 1] = q[k::-1]
            p[:k] = q[k::-1]
            p[k:2**70] = q[::2]
        except Exception as e:
            out.append(str(e))
        out.append(tuple(p) + tuple(q))
        del p[12:]
    return out
class L(list): pass
for turn in range(2):
    for p, q in (([*range(9)], [*range(10, 19)]), ([*"abcdefghi"], [*range(9)]), (L(range(9)), [*range(9)]), ([*range(9)], (1,2,3,4,5,6,7,8,9)), ([*range(9)], "abcdefghi")):
        try:
            r = f(p, q, 500)
            print(len(r), r[-1], r[7], sum(map(len, r)))
        except TypeError as e: print(e)
        r = g(p, q, 500)
        print(len(r), r[-1], r[7])
z = [1, 2, 3, 4, 5]
def h(n):
    for k in range(n):
        z[:k % 5 + 1] = z[k % 5::-1]
    return z
print(h(3000), h(3001), h(3002))
def w(z, n):
    m = 2.0
    for k in range(n):
        try:
            z[:m + 1] = z[k % 5::-1]
        except TypeError as e:
            s = str(e)
    return s
print(w(z, 3000))


def to_front(l, c):
    l[:] = l[c:c + 1] + l[0:c] + l[c + 1:]


def joined(l, m, n):
    for i in range(n):
        k = i % 5
        l[1:4] = m[k:k + 1] + l[k - 5:k - 3 + 0]
        l[k:] = l[k + 1:] + l[k:k + 1]
        m[:] = m[:3] + l[3:6] + m[6:]
        l[2:5] = m[2:k] + l[2:]
        del l[9:]
    return l, m


def moved(l, n):
    for i in range(n):
        to_front(l, i * 7 % len(l))
    return l


for kind in (list, L):
    print(moved(kind(range(9)), 3000), moved(kind("abc"), 2000))
print(moved(list(range(300)), 3000)[:40])
print(joined([*range(9)], [*range(20, 29)], 2000))
for l in ((1, 2, 3), "abc", [1.5, None, "x"], bytearray(b"abc")):
    try:
        to_front(l, 1)
        print(l)
    except TypeError as e:
        print(e)
for c in (1.5, "x", -1, 5, 2**70):
    l = [1, 2, 3]
    try:
        to_front(l, c)
        print(l)
    except TypeError as e:
        print(e)


def steps(l, n):
    for i in range(n):
        k = i % 4
        l[0:6] = l[5:2:-1] + l[k:k + 3]
        l[2:4] = l[::8]
        l[:] = l[::-1]
        l[:3] = l[6:]
        l[:] = l[:]
        l[:k] = l[:k]
        l[1:2] = l[:1]
    return l


print(steps([*range(9)], 3000))
