# Attributes that objects of several shapes have at one place are loaded without a path for each; which shapes they have
# is asked once.
class A:
    def __init__(self):
        self.x = self.y = 1


class B(A):
    pass


def f(o):
    return o.x + o.y


a, b = A(), B()
for _ in range(1000):
    f(a)
    f(b)
