# An int loop: one guard for the overflow, no iterator object.
def f(n):
    s = 0
    for i in range(n):
        s += i & 7
    return s


for _ in range(1000):
    f(3)
