# A handler that does not look at the exception: the raise is a jump.
def f(keys):
    n = 0
    for k in keys:
        try:
            if k > 1:
                raise ValueError(k)
            n += k
        except ValueError:
            n -= 1
    return n


for _ in range(1000):
    f([1, 2, 3])
