# Readers, writers, dialects, and the errors of each.
import _csv, copy, csv, io
def t(f,*a,**k):
    try:
        r = f(*a, **k)
        print('object' if type(r).__module__ == '_csv' else r)
    except Exception as e:
        print(type(e), e)
rd=lambda lines,**k: list(csv.reader(lines,**k))
D=_csv.Dialect
t(rd,[',3,"5",7.3, 9,'],quoting=csv.QUOTE_NONNUMERIC)
t(rd,[',3,"5",7.3, 9,""'],quoting=csv.QUOTE_STRINGS)
t(rd,[',3,"5",7.3, 9,""'],quoting=csv.QUOTE_NOTNULL)
t(rd,[', 3, "5",7.3, , 9,""'],quoting=csv.QUOTE_NOTNULL,skipinitialspace=True)
for k in [dict(delimiter=''),dict(delimiter='ab'),dict(delimiter=None),dict(delimiter=1),dict(escapechar=''),dict(escapechar=1),dict(quotechar='ab'),dict(quotechar=2),dict(lineterminator=None),dict(lineterminator=2),dict(quoting=None),dict(quoting=9),dict(quoting='x'),dict(quoting=True),dict(quoting=1,quotechar=None),dict(delimiter='\n'),dict(escapechar='\r'),dict(quotechar='\n'),dict(delimiter=' ',skipinitialspace=1),dict(escapechar=' ',skipinitialspace=1),dict(quotechar=' ',skipinitialspace=1),dict(delimiter='a',escapechar='a'),dict(delimiter='a',quotechar='a'),dict(escapechar='a',quotechar='a'),dict(delimiter='a',lineterminator='xa'),dict(escapechar='a',lineterminator='xa'),dict(quotechar='a',lineterminator='xa'),dict(quotechar=None),dict(quotechar=None,quoting=0),dict(lineterminator=''),dict(quoting=2**70),dict(strict=[1])]:
    print(k); t(D,**k)
d=D(quotechar=None); print(d.quoting,d.quotechar)
t(D,1,2,3,4,5,6,7,8,9)
t(_csv.reader); t(_csv.reader,1); t(_csv.reader,[],1,2); t(_csv.reader,[],dialect='excel'); t(_csv.writer,1); t(_csv.writer,io.StringIO(),dialect='zz')
t(_csv.register_dialect); t(_csv.register_dialect,3); t(_csv.register_dialect,'a','b','c');t(_csv.register_dialect,'a',strict=3); print(_csv.list_dialects())
t(_csv.unregister_dialect,'zz');t(_csv.unregister_dialect,[]);t(_csv.get_dialect,[]);t(_csv.get_dialect,'excel')
t(_csv.field_size_limit,'a');t(_csv.field_size_limit,2**80);t(_csv.field_size_limit,-5);t(_csv.field_size_limit,1,2);t(_csv.field_size_limit)
t(rd,['abc']); _csv.field_size_limit(131072)
t(rd,[b'a']); t(rd,[3]); t(rd,['a\nb']); t(rd,['"a"b'],strict=1); t(rd,['"a'],strict=1); t(rd,['^'],escapechar='^',strict=1);t(rd,['^'],escapechar='^');t(rd,['"a','b"']);t(rd,['"a\n','b"\n',''])
w=lambda row,**k: (lambda f:(_csv.writer(f,**k).writerow(row),f.getvalue()))(io.StringIO())
t(w,3);t(w,[]);t(w,['']);t(w,[None]);t(w,[None],quoting=5);t(w,[''],quoting=3);t(w,['',''],quoting=3);t(w,['','a'],delimiter=' ',skipinitialspace=True);t(w,[None,'a'],delimiter=' ',skipinitialspace=True,quoting=5)
t(w,['a,b'],quoting=3);t(w,['a"b'],quoting=3);t(w,['a"b'],quoting=3,doublequote=False);t(w,['a"b'],quoting=3,escapechar='^');t(w,['a"b'],doublequote=False);t(w,['a"b^c'],doublequote=False,escapechar='^')
t(w,[1,2.5,'x',None,1j,True],quoting=2);t(w,[1,2.5,'x',None],quoting=4);t(w,[1,2.5,'x',None],quoting=5);t(w,[' a','b '],)
t(w,['a\nb','c\rd','e'],lineterminator='x');t(w,['axb'],lineterminator='x'); t(w,['']*2,quoting=4); t(w,[float('1e22'), 1e-5, -0.0])
t(w,['a^b'],escapechar='^');t(w,['a^b'],escapechar='^',quoting=3)
t(_csv.Reader); t(_csv.Writer)
x=D(); print(D(x) is x, D(x,delimiter='z') is x)
class E(D):
  delimiter='q'
e=E(); print(e.delimiter, _csv.Dialect.delimiter.__get__(e)); t(_csv.writer(io.StringIO()).writerows,3); t(_csv.writer(io.StringIO()).writerows,[3])

t(copy.copy,x)

for q in range(6):
  for esc in (None,'^'):
    for dq in (0,1):
      for v in ['a"b', 'a^b', '']:
        t(w,[v,'z'],quoting=q,escapechar=esc,doublequote=dq)
        t(rd,[v+',z','k'],quoting=q,escapechar=esc,doublequote=dq)
