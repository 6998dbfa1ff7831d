def f(n, k):
    s = 0
    while n > 0:
        s += k
        n -= 1
    return s


for _ in range(40):
    f(100, 3)
