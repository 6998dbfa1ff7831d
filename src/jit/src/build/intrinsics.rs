//! Built-in functions and methods that the compiler knows.

use super::Builder;
use super::calls::class_of_shape;
use crate::helpers::{FLOAT_FUNCTIONS, id};
use crate::ir::*;
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::core::class;
use habu_runtime::interp::builtin_named;
use habu_runtime::kinds;
use habu_runtime::object::*;
use std::mem::offset_of;
use std::sync::atomic::AtomicU64;

/// Builtin functions that run no Python code on numbers and texts.
const PLAIN_FUNCTIONS: &[&str] = &[
    "abs", "bin", "chr", "divmod", "hash", "hex", "oct", "ord", "round",
];

/// Those of `math`, on numbers.
const MATH_FUNCTIONS: &[&str] = &[
    "acos", "asin", "atan", "atan2", "ceil", "copysign", "cos", "cosh", "degrees", "exp", "fabs",
    "floor", "fmod", "gcd", "hypot", "isinf", "isnan", "isqrt", "log", "log10", "log2", "pow",
    "radians", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
];

/// Methods of str, on numbers and texts.
const STR_METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "endswith",
    "find",
    "index",
    "isalnum",
    "isalpha",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isspace",
    "isupper",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];

/// Those of them that give a text.
const TEXT_METHODS: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "ljust",
    "lower",
    "lstrip",
    "removeprefix",
    "removesuffix",
    "replace",
    "rjust",
    "rstrip",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];

impl Builder<'_> {
    /// Does this method of a text give one?
    pub fn gives_text(b: Gc<BuiltinObj>) -> bool {
        b.owner() == Some(habu_runtime::runtime::class(C::Str))
            && TEXT_METHODS.contains(&b.def().name)
    }

    /// A known builtin on operands of known kinds.
    pub fn intrinsic(&mut self, g: Gc<BuiltinObj>, args: &[V], method: bool) -> Option<V> {
        let name = g.def().name;
        if method {
            let owner = g.owner()?;
            return self.method(owner, name, args);
        }
        if g.owner.bits() != 0 {
            return None;
        }
        let module = g
            .module
            .get()
            .and_then(|m| m.cast::<StrObj>())
            .map(|m| m.to_rust().into_owned())
            .unwrap_or_default();
        match (module.as_str(), name, args) {
            (_, "len", &[v]) if self.is_builtin(g, "len") => self.length_of(v),
            (_, "next", &[it]) if self.is_builtin(g, "next") => self.next_or_end(it),
            (_, "ord", &[v]) if self.env.codes.contains_key(&v) && self.is_builtin(g, "ord") => {
                let code = self.env.codes[&v];
                Some(self.def(Inst::Tag(code), Ty::INT))
            }
            (_, "abs", &[v]) if self.is_builtin(g, "abs") => self.absolute(v),
            ("math", "floor" | "ceil" | "trunc", &[v]) => self.whole(name, v),
            (_, "min", &[a, b]) if self.is_builtin(g, "min") => self.extreme(Cmp::Lt, a, b),
            (_, "max", &[a, b]) if self.is_builtin(g, "max") => self.extreme(Cmp::Gt, a, b),
            ("math", "sqrt", &[v]) if self.may_be_float(v) => {
                let f = self.number_as_float(v);
                let zero = self.float(0.0);
                let ok = self.def(Inst::FloatCmp(Cmp::Ge, f, zero), Ty::BOOL);
                self.guard_true(ok, Why::Zero);
                Some(self.def(Inst::FloatSqrt(f), Ty::F64))
            }
            ("math", _, &[v]) if self.may_be_float(v) => self.float_function(name, v),
            ("_operator", "index", &[v])
                if self.ty(v).is_int() || self.ty(v).kinds == kind::ANY && !self.bad(Why::Int) =>
            {
                Some(self.guard_int(v))
            }
            (_, "isinstance", &[v, c]) if self.is_builtin(g, "isinstance") => {
                self.is_instance(v, c)
            }
            _ => None,
        }
    }

    /// An int or a float where it may be one, by a guess where that is not known.
    fn guessed_number(&mut self, v: V) -> Option<V> {
        let t = self.ty(v);
        match () {
            _ if t.is_int() || t.is_float() => Some(v),
            _ if t.rep != Rep::Word || t.shape != 0 => None,
            _ if t.may(kind::FLOAT) && !self.bad(Why::Float) => Some(self.as_float(v)),
            _ if t.may(kind::INT) && !self.bad(Why::Int) => Some(self.guard_int(v)),
            _ => None,
        }
    }

    /// `abs(v)`
    fn absolute(&mut self, v: V) -> Option<V> {
        if self.bad(Why::Overflow) {
            return None;
        }
        let v = self.guessed_number(v)?;
        if !self.ty(v).is_int() {
            let f = self.as_float(v);
            return Some(self.def(Inst::FloatAbs(f), Ty::F64));
        }
        let x = self.exit(Why::Overflow);
        let minus = self.def(Inst::IntNeg(v, x), Ty::INT);
        let zero = self.word(Value::small_int(0).bits());
        let below = self.def(Inst::IntCmp(Cmp::Lt, v, zero), Ty::BOOL);
        Some(self.def(Inst::Select(below, minus, v), Ty::INT))
    }

    /// `math.floor(v)`, `math.ceil(v)` or `math.trunc(v)`.
    fn whole(&mut self, name: &str, v: V) -> Option<V> {
        if self.bad(Why::Overflow) {
            return None;
        }
        let v = self.guessed_number(v)?;
        if self.ty(v).is_int() {
            return Some(v);
        }
        let f = self.as_float(v);
        let x = self.exit(Why::Overflow);
        let i = self.def(Inst::Truncate(f, x), Ty::RAW);
        let i = self.def(Inst::Tag(i), Ty::INT);
        // What was cut off went the wrong way for numbers of one sign.
        let (wrong, step) = match name {
            "floor" => (Cmp::Gt, -1),
            "ceil" => (Cmp::Lt, 1),
            _ => return Some(i),
        };
        let cut = self.def(Inst::IntToFloat(i), Ty::F64);
        let is_wrong = self.def(Inst::FloatCmp(wrong, cut, f), Ty::BOOL);
        let step = self.word(Value::small_int(step).bits());
        let zero = self.word(Value::small_int(0).bits());
        let step = self.def(Inst::Select(is_wrong, step, zero), Ty::INT);
        let x = self.exit(Why::Overflow);
        Some(self.def(Inst::Int(IntOp::Add, i, step, x), Ty::INT))
    }

    /// A function of `math` without the object of its result. What is not finite is left to the module itself.
    fn float_function(&mut self, name: &str, v: V) -> Option<V> {
        let which = FLOAT_FUNCTIONS.iter().position(|f| f.0 == name)?;
        if self.bad(Why::Zero) {
            return None;
        }
        let which = self.raw(which as i64);
        let f = self.number_as_float(v);
        let call = Inst::Call(id::float_function, [which, f].into(), None);
        let r = self.def(call, Ty::F64);
        self.guard_finite(r);
        Some(r)
    }

    /// The class of a value, where it is known; that of instances as long as its bases stay.
    fn exact_class(&mut self, v: V) -> Option<Gc<TypeObj>> {
        let t = self.ty(v);
        let builtin = |c: C| Some(habu_runtime::runtime::class(c));
        match t.kinds {
            kind::INT => return builtin(C::Int),
            kind::FLOAT => return builtin(C::Float),
            kind::BOOL => return builtin(C::Bool),
            kind::NONE => return builtin(C::None),
            _ if t.shape != 0 => return class_of_shape(t.shape),
            _ => {}
        }
        let shape = *self.env.shapes.get(&v)?;
        let class = class_of_shape(shape).filter(|_| !self.bad(Why::Class))?;
        self.assume(class.value(), offset_of!(TypeObj, mro) as u64, Why::Class);
        Some(class)
    }

    /// `isinstance(v, c)`.
    fn is_instance(&mut self, v: V, c: V) -> Option<V> {
        let meta = habu_runtime::runtime::class(C::Type);
        let known = self
            .constant_of(c)
            .and_then(Value::from_bits)
            .and_then(|c| c.cast::<TypeObj>())
            .filter(|&c| class::of(c.value()) == meta);
        if let Some(c) = known
            && let Some(t) = self.exact_class(v)
            && (class::is_subclass(t, c)
                || self.ty(v).kinds != kind::OBJECT
                || self.ty(v).shape != 0)
        {
            // Instances of Python classes may say another `__class__`.
            let is = class::is_subclass(t, c);
            self.f.relied.push(v);
            return Some(self.word(Value::bool(is).bits()));
        }
        self.instance_again(v, c)
    }

    /// The same where nothing is known: the last shape of an instance of that very class is remembered.
    fn instance_again(&mut self, v: V, c: V) -> Option<V> {
        if self.bad(Why::Kind) {
            return None;
        }
        let v = self.as_word(v);
        let last: &'static AtomicU64 = Box::leak(Box::new(AtomicU64::new(u64::MAX)));
        let last = self.raw(last as *const AtomicU64 as i64);
        let shape = self.def(Inst::LoadShape(v), Ty::RAW);
        let known = self.def(Inst::LoadRaw(last, 0), Ty::RAW);
        let same = self.def(Inst::RawCmp(Cmp::Eq, shape, known), Ty::BOOL);
        let (is, ask) = self.split(same);
        self.enter(ask);
        let told = self.plain(id::plain_instance, &[v, c, last], Ty::word(kind::BOOL))?;
        let yes = self.word(Value::TRUE.bits());
        Some(self.rejoin([(self.cur, told), (is, yes)], Ty::word(kind::BOOL)))
    }

    /// The lesser or greater of two numbers of one kind: the first one unless the second is strictly better.
    fn extreme(&mut self, c: Cmp, a: V, b: V) -> Option<V> {
        let (ta, tb) = (self.ty(a), self.ty(b));
        if ta.is_int() && tb.is_int() {
            let better = self.def(Inst::IntCmp(c, b, a), Ty::BOOL);
            return Some(self.def(Inst::Select(better, b, a), Ty::INT));
        }
        if ta.rep == Rep::F64 && tb.is_float() || ta.is_float() && tb.rep == Rep::F64 {
            let (a, b) = (self.as_float(a), self.as_float(b));
            let better = self.def(Inst::FloatCmp(c, b, a), Ty::BOOL);
            return Some(self.def(Inst::Select(better, b, a), Ty::F64));
        }
        None
    }

    pub fn is_builtin(&self, b: Gc<BuiltinObj>, name: &str) -> bool {
        builtin_named(habu_runtime::threads::current(), name) == Ok(b.value())
    }

    fn length_of(&mut self, v: V) -> Option<V> {
        if let Some(n) = self.known_length(v) {
            return Some(self.def(Inst::Tag(n), Ty::INT));
        }
        if self.bad(Why::Kind) || self.ty(v).shape != 0 || self.ty(v).rep != Rep::Word {
            return self.plain(id::plain_length, &[v], Ty::INT);
        }
        // Most often it is a list or a text.
        let shape = self.def(Inst::LoadShape(v), Ty::RAW);
        self.length_by_shape(v, shape, &[C::List, C::Str])
    }

    fn length_by_shape(&mut self, v: V, shape: V, classes: &[C]) -> Option<V> {
        let [class, rest @ ..] = classes else {
            return self.plain(id::plain_length, &[v], Ty::INT);
        };
        let class = class.shape();
        let want = self.raw(class as i64);
        let is = self.def(Inst::RawCmp(Cmp::Eq, shape, want), Ty::BOOL);
        let (is, other) = self.split(is);
        self.enter(other);
        let y = self.length_by_shape(v, shape, rest)?;
        let other = self.cur;
        self.enter(is);
        let known = self.def(Inst::Known(v), Ty::shape(class));
        let n = self.known_length(known)?;
        let x = self.def(Inst::Tag(n), Ty::INT);
        Some(self.rejoin([(self.cur, x), (other, y)], Ty::INT))
    }

    /// `float(v)`, `int(v)`, `bool(v)` of numbers.
    pub fn conversion(&mut self, class: Value, args: &[V]) -> Option<V> {
        use habu_runtime::runtime::class_value;
        let &[v] = args else { return None };
        let t = self.ty(v);
        if class == class_value(C::Str) && t.is_int() {
            return Some(self.call_as(id::int_text, &[v], Ty::shape(C::Str.shape())));
        }
        if class == class_value(C::Float) && (t.is_float() || t.is_int()) {
            return Some(self.as_float(v));
        }
        if class == class_value(C::Int) {
            return match () {
                _ if t.is_int() => Some(v),
                _ if t.is_float() && !self.bad(Why::Overflow) => {
                    let f = self.as_float(v);
                    let x = self.exit(Why::Overflow);
                    let i = self.def(Inst::Truncate(f, x), Ty::RAW);
                    Some(self.def(Inst::Tag(i), Ty::INT))
                }
                _ => None,
            };
        }
        let plain = kind::INT | kind::FLOAT | kind::BOOL | kind::NONE;
        (class == class_value(C::Bool) && t.only(plain)).then(|| self.truth(v))
    }

    /// Does this native function run no Python code on these arguments, nor look at frames, nor change namespaces?
    pub fn is_leaf(&self, b: Gc<BuiltinObj>, args: &[V], method: bool) -> bool {
        let name = b.def().name;
        let plain = |v: V| {
            let t = self.ty(v);
            t.only(kind::INT | kind::FLOAT | kind::BOOL | kind::NONE)
                || t.shape == C::Str.shape()
                || t.shape == C::Bytes.shape()
        };
        if !method {
            let module = b.module.get().and_then(|m| m.cast::<StrObj>());
            let module = module.map(|m| m.to_rust().into_owned());
            return b.owner.bits() == 0
                && match module.as_deref() {
                    Some("builtins") => {
                        PLAIN_FUNCTIONS.contains(&name) && args.iter().all(|&a| plain(a))
                            || name == "id"
                    }
                    Some("math") => {
                        MATH_FUNCTIONS.contains(&name)
                            && args
                                .iter()
                                .all(|&a| self.ty(a).only(kind::INT | kind::FLOAT | kind::BOOL))
                    }
                    Some("time") => matches!(name, "perf_counter" | "time" | "monotonic"),
                    _ => false,
                };
        }
        let Some(owner) = b.owner() else { return false };
        let is =
            |c: C| owner == habu_runtime::runtime::class(c) && self.ty(args[0]).shape == c.shape();
        let rest_plain = args[1..].iter().all(|&a| plain(a));
        if owner == habu_runtime::runtime::class(C::List) && self.is_list(args[0]) {
            matches!(
                (name, args.len()),
                ("append", 2) | ("pop" | "clear" | "copy" | "reverse", 1)
            ) || matches!((name, args.len()), ("pop", 2) | ("insert", 3))
                && self.ty(args[1]).is_int()
        } else if is(C::Str) {
            STR_METHODS.contains(&name) && rest_plain
        } else if is(C::Dict) {
            matches!(
                (name, args.len()),
                ("keys" | "values" | "items" | "copy", 1)
            )
        } else {
            false
        }
    }

    /// May `method` know what to do for a method of this name with so many arguments beside its receiver?
    pub fn has_form(name: &str, n: usize) -> bool {
        matches!(
            (name, n),
            ("append" | "add", 1) | ("pop", 0 | 1) | ("insert", 2) | ("get", 1 | 2)
        )
    }

    pub fn method(&mut self, owner: Gc<TypeObj>, name: &str, args: &[V]) -> Option<V> {
        let lists = habu_runtime::runtime::class(C::List);
        match (name, args) {
            // What it checks is that nothing else is given.
            ("__init__", &[_]) if owner == habu_runtime::runtime::class(C::Object) => {
                Some(self.word(Value::NONE.bits()))
            }
            ("append", &[l, v]) if owner == lists && self.is_list(l) => {
                self.append(l, v);
                Some(self.word(Value::NONE.bits()))
            }
            ("pop", &[l]) if owner == lists && self.is_list(l) => {
                let last = self.word(Value::small_int(-1).bits());
                self.plain(id::plain_pop, &[l, last], Ty::ANY)
            }
            ("pop", &[l, i]) if owner == lists && self.is_list(l) && self.ty(i).may(kind::INT) => {
                self.plain(id::plain_pop, &[l, i], Ty::ANY)
            }
            ("insert", &[l, i, v])
                if owner == lists && self.is_list(l) && self.ty(i).may(kind::INT) =>
            {
                let v = self.as_word(v);
                self.plain(id::plain_insert, &[l, i, v], Ty::word(kind::NONE))
            }
            ("get", &[d, k]) if self.is_exactly(owner, C::Dict, d) => {
                let none = self.word(Value::NONE.bits());
                self.key_get(d, k, none)
            }
            ("get", &[d, k, other]) if self.is_exactly(owner, C::Dict, d) => {
                self.key_get(d, k, other)
            }
            ("add", &[s, v]) if self.is_exactly(owner, C::Set, s) => {
                self.plain(id::plain_add, &[s, v], Ty::word(kind::NONE))
            }
            _ => None,
        }
    }

    fn is_exactly(&self, owner: Gc<TypeObj>, c: C, v: V) -> bool {
        owner == habu_runtime::runtime::class(c) && self.ty(v).shape == c.shape()
    }

    /// A list, or an instance of a class derived from it: methods of `list` itself do the same to both.
    fn is_list(&self, v: V) -> bool {
        let derived = |s: &u32| {
            class_of_shape(*s).is_some_and(|t| t.instance_kind.get() == kinds::LIST as u64)
        };
        self.ty(v).shape == C::List.shape() || self.env.shapes.get(&v).is_some_and(derived)
    }
}
