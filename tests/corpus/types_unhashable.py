d={1:1,2:2,3:3}
def t(f):
    try: print(f())
    except BaseException as e: print(type(e).__name__, e, e.__context__)
def a():
    for k in d:
        d[k+10]=1; del d[k]
t(a)
def a():
    d={0:0}
    for k in d:
        del d[0]; d[0]=0
t(a)
def a():
    d={0:0}
    for k in d.items():
        del d[0]; d[0]=0
t(a)
def a():
    s={0}
    for k in s:
        s.remove(0); s.add(k+1)
        if k>5: break
    return s
class H:
    def __hash__(self): raise TypeError("mine")
class V:
    def __hash__(self): raise ValueError("mine")
t(lambda: {H(): 1}); t(lambda: {V()})
t(lambda: {[]:1}); t(lambda: {}[[]]); t(lambda: {}.get([])); t(lambda: {[]}); t(lambda: [] in {}); t(lambda: [] in set()); t(lambda: set().add([])); t(lambda: set([[]])); t(lambda: {1:2}.pop([]));t(lambda: {}.setdefault([])); t(lambda: dict([([],1)])); t(lambda: dict.fromkeys([[]])); t(lambda:set().discard([])); t(lambda:set().remove([])); t(lambda: frozenset([[]])); t(lambda: {}.__contains__([])); t(lambda: set().update([[]])); t(lambda: {1}&[[]]); t(lambda: {1}-set([1]).difference([[]])); t(lambda: {(1,[]):1}); t(lambda: {}.update([[[],1]])); 
def a():
    d={}; del d[[]]
t(a)
t(lambda: {**{}, []:1}); t(lambda: {[] for i in [1]}); t(lambda: {[]:1 for i in [1]})
t(lambda: {}.update(1)); t(lambda: dict(1)); t(lambda: {}.update([1])); t(lambda: set(1)); t(lambda: {}|1)
t(lambda: set([1]).isdisjoint([[]])); t(lambda: set([1]).symmetric_difference([[]]));t(lambda: hash([]))
t(lambda: {}.pop([])); t(lambda: {1: 2}.pop([])); t(lambda: {}.pop([], 7))
