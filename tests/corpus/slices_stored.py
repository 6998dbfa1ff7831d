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
