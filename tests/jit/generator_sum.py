# A generator expression that `sum` takes the items of is a loop in the function's own code; only exits make the object.
def f(items, k):
    return sum(x * k for x in items)


for _ in range(1000):
    f([1, 2, 3], 2)
