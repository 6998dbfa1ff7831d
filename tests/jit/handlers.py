# What may raise branches to the handler.
def f(keys):
    n = 0
    for k in keys:
        try:
            if k > 1:
                raise ValueError(k)
            n += k
        except ValueError as e:
            n -= e.args[0]
    return n


for _ in range(1000):
    f([1, 2, 3])
