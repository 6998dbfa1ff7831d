# A backward jump out of a handler into the middle of a loop: its target may be a fused instruction.
class Quiet:
    def __enter__(self):
        return self

    def __exit__(self, *a):
        return True


class T:
    def sub(self, **kw):
        return Quiet()

    def check(self, kind):
        return Quiet()

    def run(self):
        seen = 0
        for a in range(-20, 20):
            for m in range(-50, 50):
                with self.sub(a=a, m=m):
                    if m % 3:
                        inv = 3
                    else:
                        with self.check(ValueError):
                            int("x" * (m % 2 + 1))
                        with self.check(ValueError):
                            seen += 1
                            [][m]
                        seen += 1
        return seen


print(T().run())
