# Tuples that native code need not make, and those who look at them all the same.
def pair(a, b):
    return a, b
def use(t):
    x, y = t
    return x - y
class G:
    def __init__(self): self.d = [[1.5, 2.0, 3.25], [4.0, 5.5, 6.0]]
    def __getitem__(self, ix):
        if isinstance(ix, tuple):
            return self.d[ix[0]][ix[1]]
        return self.d[ix]
def f(n, g, z):
    s = 0
    for i in range(n):
        p, q = pair(i, 2)
        s += use((p, q))
        t = (i, s, 1.5 * i)
        u = t
        s += g[i % 2, i % 3]
        if i == z:
            s += u[0] + (1 if t is u else 100)
            w = [t, u]
            print(w, w[0] is w[1], s)
    return s, t, t is u
for k in range(20):
    print(f(30, G(), 7 if k % 9 == 8 else -1))
try:
    f(3, 5, 1)
except TypeError as e: print(e)
try:
    print(f(5, G(), "x"))
    f(5, {}, "x")
except KeyError as e: print(e, sorted(e.__traceback__.tb_next.tb_frame.f_locals))
