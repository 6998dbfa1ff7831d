# Code objects are made, become native code and die, all the time: each function has the constants of its own text.
def make(k):
    names = {}
    exec(
        f"def f(n):\n    t = {k}\n    for i in range(n):\n        t = (t * 3 + {k}) % 1009 + i % {k + 3}\n    return t",
        names,
    )
    return names["f"]


def expected(k, n):
    t = k
    for i in range(n):
        t = (t * 3 + k) % 1009 + i % (k + 3)
    return t


wanted = [expected(k, 1500) for k in range(6)]
for turn in range(18):
    functions = [make(k) for k in range(6)]
    for k in range(6):
        got = functions[k](1500)
        if got != wanted[k]:
            print(turn, k, got, wanted[k])
print(wanted)
