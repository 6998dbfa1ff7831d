//! What the micro-benchmarks share: a runtime on this thread, and functions written in Python that they measure.
//!
//! What must hold: a value that a benchmark uses is reachable from the main module, because what a closure holds may
//! lie where the collector does not look.

use habu_jit::Mode;
use habu_runtime::core::dict;
use habu_runtime::object::{DictObj, Gc};
use habu_runtime::ops::call;
use habu_runtime::start::{self, Settings};
use habu_runtime::thread::Thread;
use habu_runtime::value::Value;

/// A runtime that has been started on this thread.
pub struct Runtime {
    pub th: &'static Thread,
    main: Gc<DictObj>,
}

impl Runtime {
    /// To be called once in a process. Hashes are the same each time, so that tables are too.
    pub fn start(mode: Mode) -> Runtime {
        let settings = Settings {
            hash_seed: Some(0),
            ..Settings::default()
        };
        let Ok(th) = start::start(&settings) else {
            panic!("the runtime did not start");
        };
        habu_jit::install(habu_jit::Options {
            mode,
            ..Default::default()
        });
        match habu_stdlib::install(th).and_then(|_| start::main_namespace(th)) {
            Ok(main) => Runtime { th, main },
            Err(_) => panic!("the library was not installed"),
        }
    }

    /// Run source in the main module.
    pub fn run(&self, source: &str) {
        let options = habu_compiler::Options::default();
        let code = start::run_main(self.th, source.as_bytes(), "<bench>", self.main, &options);
        assert_eq!(code, 0, "the source raised");
    }

    /// What the main module has under this name.
    pub fn get(&self, name: &str) -> Value {
        match dict::get_text(self.th, self.main, name) {
            Ok(Some(v)) => v,
            _ => panic!("there is no {name}"),
        }
    }

    pub fn call(&self, f: Value, args: &[Value]) -> Value {
        match call::call(self.th, f, args) {
            Ok(v) => v,
            Err(_) => panic!("the function raised"),
        }
    }
}

/// How often each of `LOOPS` does its thing when it is measured.
pub const ROUNDS: i64 = 3000;

impl Runtime {
    /// Hand over each loop's name and a call of it.
    pub fn each_loop(&self, mut measure: impl FnMut(&str, &dyn Fn() -> Value)) {
        for (name, source) in LOOPS {
            self.run(source);
            let f = self.get("f");
            measure(name, &|| self.call(f, &[Value::small_int(ROUNDS)]));
        }
    }
}

/// Loops over one thing each: name and source of a function `f(n)` that does it `n` times.
pub const LOOPS: [(&str, &str); 12] = [
    (
        "dispatch",
        "def f(n):\n    x = 0\n    for i in range(n):\n        x = (x + i) & 1023\n    return x",
    ),
    (
        "float arithmetic",
        "def f(n):\n    x = 0.5\n    for _ in range(n):\n        x = 3.7 * x * (1.0 - x)\n    return x",
    ),
    (
        "attribute of one shape",
        "class A:\n    def __init__(self):\n        self.a = 1\no = A()\ndef f(n):\n    x = 0\n    p = o\n    for _ in range(n):\n        x += p.a\n    return x",
    ),
    (
        "attribute of three shapes",
        "class B:\n    def __init__(self, k):\n        if k > 0: self.b = 1\n        if k > 1: self.c = 1\n        self.a = 1\nos = [B(0), B(1), B(2)]\ndef f(n):\n    x = 0\n    for _ in range(n // 3):\n        for p in os:\n            x += p.a\n    return x",
    ),
    (
        "attribute store",
        "def f(n):\n    p = A()\n    for i in range(n):\n        p.a = i\n    return p.a",
    ),
    (
        "call",
        "def g(a, b):\n    return a\ndef f(n):\n    x = 0\n    for i in range(n):\n        x = g(i, x)\n    return x",
    ),
    (
        "method call",
        "class M:\n    def m(self, a):\n        return a\nm = M()\ndef f(n):\n    o = m\n    for i in range(n):\n        o.m(i)",
    ),
    (
        "native call",
        "def f(n):\n    s = 'abc'\n    for i in range(n):\n        len(s)",
    ),
    (
        "dict get and set",
        "def f(n):\n    d = {}\n    for i in range(n):\n        k = i & 63\n        d[k] = d.get(k, 0) + 1\n    return d",
    ),
    (
        "list append and index",
        "def f(n):\n    l = []\n    for i in range(n):\n        l.append(i)\n        l[i]\n    return l",
    ),
    (
        "generator",
        "def g(n):\n    for i in range(n):\n        yield i\ndef f(n):\n    for x in g(n):\n        pass",
    ),
    (
        "exception",
        "def f(n):\n    for i in range(n):\n        try:\n            raise ValueError\n        except ValueError:\n            pass",
    ),
];
