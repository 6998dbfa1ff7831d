# Hot loops: what the native tier guesses, and what happens when it guessed wrong.
import sys


def sums(n):
    s = 0
    for i in range(n):
        s += i * i
    return s


def grows(n):
    x = 1
    for i in range(n):
        x = x * 3
        if x > 10**30:
            x = 1
    return x


def floats(n):
    s = 0.0
    t = 0
    for i in range(n):
        s += i * 0.5 - 1.25
        t += s / 3
    return s, t


def late_float(xs):
    s = 0
    for x in xs:
        s += x
    return s


def signs():
    z = -0.0
    out = []
    for i in range(3000):
        z = -z
        if i > 2996:
            out.append(z)
    inf = float("inf")
    n = 0
    for i in range(3000):
        nan = inf - inf
        if nan == nan or nan < 1 or nan != nan:
            n += 1
        inf = inf * 2
    return out, n, inf


def divisions(n):
    out = []
    for i in range(-n, n):
        try:
            if i % 500 == 0:
                out.append((i, 1000 // i, 1000 % i, 1 / i, 7.5 / i))
        except ZeroDivisionError as e:
            out.append(str(e))
    return out


def floor(n):
    a = b = 0
    for i in range(-n, n):
        a += i // 7 + i % 7 + i // -7 + i % -7
        b += (i // 8) ^ (i % 8)
    return a, b


def shifts(n):
    a = 0
    for i in range(n):
        a ^= (i << (i % 70)) & 0xFFFFFFFFFFFFFFFFFFFF
        a ^= i >> (i % 70)
    return a


def overflow_sum():
    big = (1 << 62) - 3000
    for i in range(5000):
        big += 1
    small = -(1 << 62) + 2500
    for i in range(5000):
        small -= 1
    return big, small


def mutate(n):
    xs = list(range(10))
    seen = 0
    for i in range(n):
        xs.append(i)
        if i % 3 == 0:
            del xs[0]
        xs[-1] = xs[0] + 1
        seen += len(xs)
    return seen, xs[:3], xs[-1]


def grow_while_iterating():
    xs = [1]
    n = 0
    for x in xs:
        n += x
        if len(xs) < 5000:
            xs.append(x + 1)
    return n, len(xs)


def nested(n):
    c = 0
    for i in range(n):
        for j in range(i % 7):
            for k in range(j, 3):
                if k == 2:
                    continue
                c += i ^ j ^ k
            else:
                c -= 1
        if c < -5:
            break
    return c


def while_loops(n):
    a, b = 0, n
    while a < b:
        a += 1
        if a & 1:
            continue
        b -= 1
    return a, b


def index_errors(n):
    xs = [1, 2, 3]
    bad = 0
    for i in range(n):
        try:
            xs[i % 5]
        except IndexError:
            bad += 1
        else:
            xs[i % 3] += 1
        finally:
            bad += 0
    return bad, xs


def strings(n):
    s = ""
    for i in range(n):
        s += chr(97 + i % 26)
        if s[i % len(s)] == "z":
            s = s[1:]
    return len(s), s[:30]


def unset(n):
    for i in range(n):
        if i == n - 1:
            del i
            break
        x = i
    try:
        return i
    except UnboundLocalError as e:
        return str(e), x


def bools(n):
    t = 0
    flag = True
    for i in range(n):
        flag = not flag
        t += flag
        t += (i > 5) + (i == 7 and 10 or 0)
    return t, flag


def unpacking(n):
    a, b = 0, 1
    pairs = [(i, i + 1) for i in range(n)]
    t = 0
    for x, y in pairs:
        a, b = b, (a + b) % 1000003
        t += x * y
    p = [[1, 2], "ab", (3, 4)]
    for i in range(n):
        u, v = p[i % 3]
    return a, b, t, u, v


def steps(n):
    t = 0
    for i in range(n, 0, -1):
        t += i
    for i in range(5, n, 3):
        t -= i
    for i in range(n, 5):
        t += 10**6
    return t, i


print(sums(5000), grows(5000))
print(floats(4000))
print(late_float([1] * 3000 + [0.5] * 3000 + [1 << 70] + [2.5]))
print(signs())
print(divisions(2500))
print(floor(3000), shifts(3000))
print(overflow_sum())
print(mutate(4000))
print(grow_while_iterating())
print(nested(3000))
print(while_loops(4000))
print(index_errors(4000))
print(strings(4000))
print(unset(3000))
print(bools(3000))
print(unpacking(3000))
print(steps(3000))

total = 0
for number in range(4000):
    total += number if number % 3 else -number
print(total, number)
