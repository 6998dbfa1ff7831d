"""_functools, _json, _abc, unicodedata, socket pairs and select, subprocess."""

import abc
import collections.abc
import functools
import json
import select
import socket
import unicodedata

p = functools.partial(int, base=2)
print(p("101"), p, functools.partial(p, "1")())
q = functools.partial(print, functools.Placeholder, 2, sep="-")
q(1, 3)
print(functools.reduce(lambda a, b: a * b, range(1, 6)), sorted("bca", key=functools.cmp_to_key(lambda a, b: (a < b) - (a > b))))


@functools.lru_cache(maxsize=2)
def square(n):
    return n * n


print([square(n) for n in (1, 2, 1, 3, 2)], square.cache_info())
square.cache_clear()
print(square.cache_info())

doc = {"a": [1, 2.5, None, True, "é\n\"\u2028"], "b": {"c": []}, "n": -0.0}
text = json.dumps(doc)
print(text, json.loads(text) == doc)
print(json.dumps(doc, indent=1, sort_keys=True, ensure_ascii=False))
for bad in ("[1,]", '{"a" 1}', '"\\x"', "nul", '{"a":1,}', "[1 2]"):
    try:
        json.loads(bad)
    except json.JSONDecodeError as e:
        print(e)
try:
    loop = []
    loop.append(loop)
    json.dumps(loop)
except ValueError as e:
    print(e)


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


try:
    Shape()
except TypeError as e:
    print(e)


class Late:
    def __len__(self):
        return 2

    def __getitem__(self, i):
        return "xy"[i]


Shape.register(Late)
collections.abc.Sequence.register(Late)
match Late():
    case [a, b]:
        print("matches", a, b, isinstance(Late(), Shape), issubclass(int, Shape))

print(unicodedata.name("é"), unicodedata.category("A"), unicodedata.lookup("GREEK SMALL LETTER PI"))
print(ascii(unicodedata.normalize("NFD", "é")), unicodedata.numeric("½"), unicodedata.decomposition("각"))

a, b = socket.socketpair()
a.sendall(b"ping")
print(select.select([b], [], [], 5)[0] == [b], b.recv(10), socket.inet_aton("127.0.0.1"))
b.settimeout(0.01)
try:
    b.recv(1)
except TimeoutError as e:
    print(e)
e = select.epoll()
e.register(b, select.EPOLLIN)
a.send(b"x")
print(e.poll(5) == [(b.fileno(), select.EPOLLIN)])
e.close()
a.close()
b.close()
