import copy, typing
class C(int): pass
print(type(copy.copy(C(3))), copy.deepcopy(5), copy.deepcopy(1.5), copy.copy(2j))
T = typing.TypeVar('T')
print(T|int, int|T, T|"x")
from string.templatelib import Template, Interpolation
t=Template('a','b',Interpolation(1,'x'))
print(t, t+t, Interpolation.__match_args__)
try: t+'x'
except TypeError as e: print(e)
try: Template(3)
except TypeError as e: print(e)
try: Interpolation(3,'x','z')
except ValueError as e: print(e)
match t.interpolations[0]:
    case Interpolation(v, e, c, f): print(v,e,c,f)
import array
class E(array.array):
    def __hash__(self): mv.release(); return 1
mv=memoryview(E('B',b'abc')).toreadonly()
try: hash(mv)
except BufferError as e: print(e)
def g():
    [x for x in [1]]
    y=[x for _ in [1]]
    return y
x=3
print(g())
class K:
    z=[x for x in range(3)]
    w=[x for _ in range(2)]
print(K.z,K.w)
import operator
print(operator.attrgetter('a.b','c'), operator.itemgetter(1), operator.methodcaller('f',1,k=2))
