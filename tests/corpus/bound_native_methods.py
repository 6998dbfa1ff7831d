# Methods of built-in classes kept bound to an instance, called from hot loops.
def f(n):
    out = []
    append, pop, insert = out.append, out.pop, out.insert
    d = {1: 2}
    get = d.get
    s = set()
    add = s.add
    t = 0
    for i in range(n):
        append(i)
        insert(0, i * 2)
        t += pop() + pop(0)
        append(get(i & 3, -1))
        append(get(1))
        append(get(5))
        add(i % 10)
        t += len(out)
        if i % 50 == 49:
            out.clear()
    return t, len(out), s
def g(n, kinds):
    t = []
    for i in range(n):
        a = kinds[i % len(kinds)]
        t.append(a(i))
    return str(t[-9:])
class L(list):
    pass
class M(list):
    def append(self, x): return x + 1
def h(n, x):
    a = x.append
    for i in range(n): a(i)
    return len(x), type(x)
def bad(n):
    x = [1]
    p = x.pop
    r = []
    for i in range(n):
        try:
            p(3)
        except IndexError as e:
            r.append(str(e))
    return len(r), r[-1]
def many(n):
    x = [0]
    a = x.append
    c = 0
    for i in range(n):
        try: a(1, 2)
        except TypeError as e: c += 1; m = str(e)
        try: a()
        except TypeError as e: c += 1; m2 = str(e)
    return c, m, m2
for r in range(3):
    print(f(4000))
    x, y = [1], []
    print(g(3000, [x.append]), g(3000, [x.append, y.append]), g(3000, [x.append, {}.get, set().add]), g(3000, [x.append, L().append, M().append]))
    print(h(3000, []), h(3000, L()), h(3000, M()), h(3000, []))
    print(bad(3000), many(2000))
