# A method without calls of its own is built into its caller.
class P:
    def __init__(self, x):
        self.x = x

    def get(self):
        return self.x


def f(p):
    return p.get() + 1


for _ in range(1000):
    f(P(4))
