"""Texts in JSON, short numbers from texts and bytes, bytes in memory, exceptions that are called, reversed lists."""
import json,random
r=random.Random(3)
al=['"','\\','\n','\x1f',' ','a','é','\u0100','\U0001f600','\ud800','\x7f','\x80','ÿ','!','#','[',']','\x00','/','b']
for i in range(60):
    s=''.join(r.choice(al) if r.random()<0.3 else r.choice('abcxyz ') for _ in range(r.randrange(40)))
    assert json.loads(json.dumps(s))==s
    assert json.loads(json.dumps(s,ensure_ascii=False))==s
    t='"'+s+'"'
    for strict in (True,False):
        def both(f):
            try: return f()
            except ValueError: return ("err",)
        a=both(lambda: json.decoder.scanstring(t,1,strict))
        b=both(lambda: json.decoder.py_scanstring(t,1,strict))
        assert a==b,(t,a,b)
for x in ("123","-5","+7"," 8 ","1_0","-","","--1","12a","9"*18,"9"*19,"-"+"9"*18,"\u0661\u0662","\u3131","０","1\u3131","0x1","-0","007"):
    try: print(ascii(x),int(x))
    except ValueError as e: print(ascii(str(e)))
for b in (b"",b"\xff",b"\x01\x02",b"\x80"*7,b"\xff"*8,b"\x7f"*8,b"\x01"*9):
    for o in ("little","big"):
        for s in (0,1): print(int.from_bytes(b,o,signed=s), end=" ")
print(b"abc"[0],b"abc"[-1])
for k in (3,-4,10**30):
    try: b"abc"[k]
    except IndexError as e: print(e)
import io
b=io.BytesIO(b"hello")
print(b.read(2),b.read(100),b.read(0),b.read(),b.write(b"xy"),b.getvalue(),b.seek(1),b.write(b"Q"),b.getvalue(),b.read(-1),b.read(None))
b.close()
for f in (lambda:b.read(0),lambda:b.read(1),lambda:b.write(b"a"),lambda:io.BytesIO(b"a").read("x"),lambda:io.BytesIO().write("x")):
    try: print(f())
    except Exception as e: print(type(e))
print(io.BytesIO(b"abc").read(True))
for E in (ValueError,KeyError,StopIteration,SystemExit,AttributeError,NameError,ImportError):
    for a in ((),(1,),(2,"x"),("a",[ValueError()])):
        for k in ({},{"name":1},{"x":1}):
            try: e=E(*a,**k); print(repr(e),type(e).__name__,e.args)
            except TypeError as x: print("TE",x)
            except ValueError as x: print("VE",x)
print(list(reversed([1,2,3])),[x for x in reversed([1,2])])
class Old:
    def __getitem__(self,i):
        if i>2: raise IndexError
        return i
print(list(Old()),[x for x in Old()])
