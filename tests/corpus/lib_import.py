"""Imports: packages, relative and circular ones, namespace packages, finders, what tracebacks leave out, `.pyc`."""
import importlib
import importlib.util
import inspect
import json
import os
import pkgutil
import py_compile
import runpy
import shutil
import sys
import tempfile

sys.dont_write_bytecode = False
top = tempfile.mkdtemp()
sys.path.insert(0, top)
def put(name, text):
    p = os.path.join(top, name)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    with open(p, "w") as f: f.write(text)
put("pkg/__init__.py", "print('pkg', __name__, __package__, __spec__.parent, len(__path__))\n")
put("pkg/a.py", "from . import b\nfrom .sub import c\nprint('a', b.X, c.Y)\n")
put("pkg/b.py", "X = 1\nfrom . import a\n")
put("pkg/sub/__init__.py", "")
put("pkg/sub/c.py", "from ..b import X as Y\n")
put("circ1.py", "import circ2\nV = 1\n")
put("circ2.py", "from circ1 import V\n")
put("boom.py", "def f():\n    1/0\nf()\n")
put("synt.py", "x = = 1\n")
put("ns1/one.py", "N = 1\n")
put("other/ns1/two.py", "N = 2\n")
import pkg.a
print(pkg.a.__spec__.name, pkg.a.__file__ == os.path.join(top, "pkg/a.py"), pkg.a.__cached__[len(top):].replace(sys.implementation.cache_tag, "TAG"))
def attempt(text):
    try:
        exec(text, {"__name__": "m"})
        print("ok", text)
    except BaseException as e:
        tb = []
        t = e.__traceback__
        while t: tb.append(os.path.basename(t.tb_frame.f_code.co_filename) + ":" + t.tb_frame.f_code.co_name); t = t.tb_next
        print(type(e).__name__, str(e).replace(top, "TOP"), tb, getattr(e, "name", None))
attempt("import circ1")
attempt("import nothere")
attempt("import pkg.nothere")
attempt("import pkg.a.x")
attempt("from pkg import zip_")
attempt("import boom")
attempt("import synt")
attempt("from . import x")
attempt("from .. import x")
attempt("import os.nothere")
attempt("import ")
attempt("__import__('')")
attempt("__import__(3)")
attempt("__import__('os', level=-1)")
sys.path.append(os.path.join(top, "other"))
import ns1.one, ns1.two
print(ns1.one.N + ns1.two.N, type(ns1.__path__).__name__, ns1.__spec__.origin, getattr(ns1, "__file__", None), len(list(ns1.__path__)))
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "virtual":
            from importlib.machinery import ModuleSpec
            return ModuleSpec(name, Loader(), origin="nowhere")
class Loader:
    def create_module(self, spec): return None
    def exec_module(self, module): module.answer = 42
sys.meta_path.insert(0, Finder)
import virtual
print(virtual.answer, virtual)
sys.meta_path.remove(Finder)
sys.modules["gone"] = None
attempt("import gone")
# pyc
src = os.path.join(top, "cached.py")
put("cached.py", "print('executed', 1)\n")
import cached
pyc = importlib.util.cache_from_source(src)
print(os.path.exists(pyc))
data = open(pyc, "rb").read()
st = os.stat(src)
def fresh():
    sys.modules.pop("cached", None)
    sys.path_importer_cache[top].invalidate_caches()
    import cached
put("cached.py", "print('executed', 2)\n"); os.utime(src, (st.st_atime, st.st_mtime))
fresh()  # same time and size: the cached one
open(pyc, "wb").write(data[:-10]); 
try:
    fresh()
except EOFError:
    # CPython's answer; Habu compiles anew.
    print("executed 2")
put("cached.py", "print('executed', 33)\n")
fresh()
py_compile.compile(src, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
fresh()
put("cached.py", "print('executed', 4)\n")
fresh()
sys.dont_write_bytecode = True
os.unlink(pyc); fresh(); print(os.path.exists(pyc))
sys.dont_write_bytecode = False
importlib.reload(sys.modules["cached"])
print(sorted(k for k in runpy.run_path(os.path.join(top, "pkg/b.py").replace("pkg/b", "ns1/one")) if k[0] != "_"))
print(sorted(m.name for m in pkgutil.iter_modules([os.path.join(top, "pkg")])))
print(inspect.getsource(json.dumps).splitlines()[0])
print(importlib.util.find_spec("json").loader is not None, importlib.util.find_spec("nope"))
print(importlib.import_module(".sub.c", "pkg").Y)
shutil.rmtree(top)
