"""Big ints: factorials, powers, digits."""

f = 1
for i in range(1, 3000):
    f *= i
s = 0
n = f
while n:
    n, r = divmod(n, 10 ** 18)
    s += r
print(s, pow(3, f, 10 ** 40 + 7))
a, b = 0, 1
for _ in range(60000):
    a, b = b, a + b
print(a % 10 ** 30, a.bit_length())
