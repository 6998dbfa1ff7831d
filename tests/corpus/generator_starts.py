# Generators that native code runs from their start: what is seen of them then, and what ends them before.
import sys


def plain(v):
    for x in v:
        yield x * 2


def failing(v):
    n = 10 // v
    yield n
    yield n + 1


def looked_at(me):
    f = sys._getframe()
    yield f.f_code.co_name, f.f_back.f_code.co_name, f.f_locals["me"] is me, me[0].gi_running, me[0].gi_frame is f
    yield f.f_lineno


def entering(box):
    try:
        next(box[0])
    except ValueError as e:
        yield str(e)
    yield 1


def kept(a, /, *rest, k=3):
    total = a + k
    try:
        for r in rest:
            total += r
            yield total
    finally:
        log.append(total)


def outcome(f):
    try:
        return f()
    except BaseException as e:
        tb = e.__traceback__
        lines = []
        while tb:
            lines.append((tb.tb_frame.f_code.co_name, tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno))
            tb = tb.tb_next
        return type(e).__name__, str(e), lines


def used(n):
    out = []
    for i in range(n):
        out = [list(plain((i, i + 1))), sum(plain(range(4))), tuple(plain(())), sorted(set(x + i for x in (1, 2, 3)))]
        out.append(outcome(lambda: list(failing(i % 3))))
        box = []
        box.append(looked_at(box))
        out.append(list(box[0]))
        box = []
        box.append(entering(box))
        out.append(list(box[0]))
        g = plain((1, 2))
        out.append(outcome(lambda: g.send(5)))
        out.append(outcome(lambda: g.send(None)))
        g = plain((1, 2))
        out.append((g.close(), outcome(lambda: next(g))))
        g = plain((1, 2))
        out.append(outcome(lambda: g.throw(KeyError("k"))))
        g = kept(1, 2, 3, k=i)
        out.append((next(g), g.gi_frame.f_locals["total"], next(g), next(g, None)))
        g = kept(1, 2, 3)
        out.append((next(g), g.close()))
        first = [any(x > i for x in (0, 9, i + 1)), all(x > i for x in (i + 1, i)), max((x for x in ()), default=i)]
        out.append(first)
        del log[:-3]
    return out, log


log = []
for n in (1, 30, 900):
    for line in used(n)[0]:
        print(line)
    print(log)
