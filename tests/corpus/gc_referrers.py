# gc.get_referrers and its like, through the parts of lists, dicts and classes.
import gc


class Thing:
    pass


def shown(found, *names):
    return sorted(n for n, o in names if any(x is o for x in found))


t = Thing()
l = [t]
d = {"k": t}
s = (t, 1)
holder = Thing()
holder.x = t
names = [("l", l), ("d", d), ("s", s), ("holder", holder), ("globals", globals())]
print(shown(gc.get_referrers(t), *names[:3], names[4]))
print(shown(gc.get_referrers(l), *names))


def f():
    return t


print(f in gc.get_referrers(f.__code__))
print(t in gc.get_referents(l), t in gc.get_referents(d), l in gc.get_referents(d))
print(any(o is t for o in gc.get_objects()), gc.is_tracked(t), gc.is_tracked(5), gc.is_tracked("x"))
print(gc.get_referents(), gc.get_referrers())
