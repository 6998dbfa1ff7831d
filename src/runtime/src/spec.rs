//! How native functions, attributes and classes are declared: static tables that the runtime turns into objects.

use crate::classes::C;
use crate::object::{Gc, TupleObj, TypeObj};
use crate::thread::{R, Thread};
use habu_heap::Value;
use std::marker::PhantomData;

/// A native function. Methods get their receiver as the first argument.
#[derive(Clone, Copy)]
pub enum NativeFn {
    F0(fn(&Thread) -> R),
    F1(fn(&Thread, Value) -> R),
    F2(fn(&Thread, Value, Value) -> R),
    F3(fn(&Thread, Value, Value, Value) -> R),
    /// Positional arguments only.
    V(fn(&Thread, &[Value]) -> R),
    /// Positional arguments, then the values of the keywords in the tuple.
    K(fn(&Thread, Args) -> R),
}

/// Arguments of a call, with the names of those that were passed by keyword.
pub struct Named<'a> {
    /// The positional ones, then one value for each name.
    pub all: &'a [Value],
    pub names: Option<Gc<TupleObj>>,
}

/// The same in two words, which calls pass in registers. A structure in memory would be copied from call to call, and
/// a copy that is read by larger pieces than it was just written by waits for them.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    first: *const Value,
    /// Without names the end of the values, with bit 0 set. Otherwise a `Named` with the same end, which keeps the
    /// names where the collector sees them.
    rest: usize,
    values: PhantomData<&'a Named<'a>>,
}

impl<'a> Args<'a> {
    #[inline(always)]
    fn end_of(all: &'a [Value]) -> usize {
        all.as_ptr_range().end as usize
    }
    #[inline(always)]
    pub fn positional_only(all: &'a [Value]) -> Args<'a> {
        Args {
            first: all.as_ptr(),
            rest: Args::end_of(all) | 1,
            values: PhantomData,
        }
    }
    #[inline(always)]
    pub fn of(named: &'a Named<'a>) -> Args<'a> {
        match named.names {
            None => Args::positional_only(named.all),
            Some(_) => Args {
                first: named.all.as_ptr(),
                rest: named as *const Named as usize,
                values: PhantomData,
            },
        }
    }
    #[inline(always)]
    fn named(self) -> Option<&'a Named<'a>> {
        // SAFETY: without bit 0 it is the `Named` that these were made of, which outlives them.
        (self.rest & 1 == 0).then(|| unsafe { &*(self.rest as *const Named<'a>) })
    }
    #[inline(always)]
    pub fn all(self) -> &'a [Value] {
        let end = match self.named() {
            None => self.rest - 1,
            Some(n) => Args::end_of(n.all),
        };
        // SAFETY: from the first value to the end of the slice that these were made of.
        unsafe { std::slice::from_raw_parts(self.first, (end - self.first as usize) / 8) }
    }
    #[inline(always)]
    pub fn names(self) -> Option<Gc<TupleObj>> {
        self.named().and_then(|n| n.names)
    }
    pub fn pos(self) -> &'a [Value] {
        &self.all()[..self.all().len() - self.kw_len()]
    }
    pub fn kw_len(self) -> usize {
        self.names().map_or(0, |n| n.len())
    }
    pub fn kw(self) -> impl Iterator<Item = (Value, Value)> + 'a {
        let n = self.kw_len();
        let vals = &self.all()[self.all().len() - n..];
        let names = self.names();
        (0..n).filter_map(move |i| names.map(|t| (t.items()[i], vals[i])))
    }
    /// The arguments after the first one, which is there.
    #[inline(always)]
    pub fn rest(self) -> Args<'a> {
        Args {
            first: self.all()[1..].as_ptr(),
            ..self
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MethodKind {
    Method,
    Class,
    Static,
}

pub struct MethodDef {
    pub name: &'static str,
    pub func: NativeFn,
    /// Number of arguments (receiver included), for `V`.
    pub min: u8,
    pub max: u8,
    pub kind: MethodKind,
    /// `__text_signature__`, or empty.
    pub sig: &'static str,
}

pub const MANY: u8 = 255;

const fn def(name: &'static str, func: NativeFn, min: u8, max: u8) -> MethodDef {
    MethodDef {
        name,
        func,
        min,
        max,
        kind: MethodKind::Method,
        sig: "",
    }
}
pub const fn m0(name: &'static str, f: fn(&Thread) -> R) -> MethodDef {
    def(name, NativeFn::F0(f), 0, 0)
}
pub const fn m1(name: &'static str, f: fn(&Thread, Value) -> R) -> MethodDef {
    def(name, NativeFn::F1(f), 1, 1)
}
pub const fn m2(name: &'static str, f: fn(&Thread, Value, Value) -> R) -> MethodDef {
    def(name, NativeFn::F2(f), 2, 2)
}
pub const fn m3(name: &'static str, f: fn(&Thread, Value, Value, Value) -> R) -> MethodDef {
    def(name, NativeFn::F3(f), 3, 3)
}
/// Between `min` and `max` positional arguments, the receiver counted.
pub const fn mv(name: &'static str, f: fn(&Thread, &[Value]) -> R, min: u8, max: u8) -> MethodDef {
    def(name, NativeFn::V(f), min, max)
}
pub const fn mk(name: &'static str, f: fn(&Thread, Args) -> R) -> MethodDef {
    def(name, NativeFn::K(f), 0, MANY)
}

impl MethodDef {
    /// Does a function that takes a slice take so many arguments?
    #[inline(always)]
    pub fn takes(&self, n: usize) -> bool {
        n >= self.min as usize && (self.max == MANY || n <= self.max as usize)
    }
    pub const fn class(mut self) -> MethodDef {
        self.kind = MethodKind::Class;
        self
    }
    pub const fn stat(mut self) -> MethodDef {
        self.kind = MethodKind::Static;
        self
    }
    pub const fn sig(mut self, s: &'static str) -> MethodDef {
        self.sig = s;
        self
    }
}

pub type Getter = fn(&Thread, Value) -> R;
pub type Setter = fn(&Thread, Value, Option<Value>) -> R<()>;

pub struct GetSetDef {
    pub name: &'static str,
    pub get: Getter,
    pub set: Option<Setter>,
}

pub const fn gs(name: &'static str, get: Getter) -> GetSetDef {
    GetSetDef {
        name,
        get,
        set: None,
    }
}
pub const fn gss(name: &'static str, get: Getter, set: Setter) -> GetSetDef {
    GetSetDef {
        name,
        get,
        set: Some(set),
    }
}

pub type NewFn = fn(&Thread, Gc<TypeObj>, Args) -> R;

pub mod type_flags {
    /// May be subclassed from Python.
    pub const BASE: u64 = 1;
    /// Instances (of subclasses made in Python) have a `__dict__`.
    pub const HAS_DICT: u64 = 2;
    /// Made by a class statement (or `type()`).
    pub const HEAP: u64 = 4;
    pub const ABSTRACT: u64 = 8;
    /// Attributes may not be set from Python.
    pub const IMMUTABLE: u64 = 16;
    /// `Cls()` is refused.
    pub const NO_NEW: u64 = 32;
    pub const WEAKREF: u64 = 64;
    pub const SEQUENCE: u64 = 128;
    pub const MAPPING: u64 = 256;
    /// Instances have a `__del__`.
    pub const FINALIZER: u64 = 512;
    /// A subclass of `type`.
    pub const META: u64 = 1024;
    /// match statement: `case Cls(x)` binds the subject itself.
    pub const MATCH_SELF: u64 = 2048;
    /// Attribute look-up goes the plain way (no `__getattribute__` of its own).
    pub const PLAIN_GETATTR: u64 = 4096;
    pub const PLAIN_SETATTR: u64 = 8192;
    /// A native class whose exact instances have a `__dict__` too.
    pub const DICT_ITSELF: u64 = 16384;
    /// Instances hold numbers: the first native word is a bytearray with them, the second their type code.
    pub const NUMBERS: u64 = 32768;
    /// A native class whose call is nothing but its spec's `new`: no `__init__`, no metaclass of its own.
    pub const DIRECT_NEW: u64 = 65536;
}

/// A native class.
pub struct TypeSpec {
    pub name: &'static str,
    pub module: &'static str,
    pub base: C,
    pub kind: u8,
    /// Words between the attribute storage and the inline attributes of instances (`Inst` kinds).
    pub native_words: u8,
    pub flags: u64,
    pub methods: &'static [MethodDef],
    pub getset: &'static [GetSetDef],
    pub new: Option<NewFn>,
    /// `new` and `__init__` in one, for calls of the very class.
    pub construct: Option<NewFn>,
    pub doc: &'static str,
    /// `__text_signature__`, or empty.
    pub sig: &'static str,
}

impl TypeSpec {
    pub const fn new(name: &'static str, kind: u8) -> TypeSpec {
        TypeSpec {
            name,
            module: "builtins",
            base: C::Object,
            kind,
            native_words: 0,
            flags: 0,
            methods: &[],
            getset: &[],
            new: None,
            construct: None,
            doc: "",
            sig: "",
        }
    }
    pub const fn module(mut self, m: &'static str) -> Self {
        self.module = m;
        self
    }
    pub const fn base(mut self, b: C) -> Self {
        self.base = b;
        self
    }
    pub const fn words(mut self, n: u8) -> Self {
        self.native_words = n;
        self
    }
    pub const fn flags(mut self, f: u64) -> Self {
        self.flags = f;
        self
    }
    pub const fn methods(mut self, m: &'static [MethodDef]) -> Self {
        self.methods = m;
        self
    }
    pub const fn getset(mut self, m: &'static [GetSetDef]) -> Self {
        self.getset = m;
        self
    }
    pub const fn new_fn(mut self, f: NewFn) -> Self {
        self.new = Some(f);
        self
    }
    pub const fn construct(mut self, f: NewFn) -> Self {
        self.construct = Some(f);
        self
    }
    pub const fn sig(mut self, s: &'static str) -> Self {
        self.sig = s;
        self
    }
    pub const fn doc(mut self, d: &'static str) -> Self {
        self.doc = d;
        self
    }
}

/// The six comparison methods `eq` to `ge` of a type whose `compare(th, a, b, op)` knows every operator.
#[macro_export]
macro_rules! comparisons {
    ($compare:path) => {
        $crate::comparisons!($compare: eq EQ, ne NE, lt LT, le LE, gt GT, ge GE);
    };
    ($compare:path: $($name:ident $op:ident),*) => {
        $(fn $name(th: &Thread, a: Value, b: Value) -> R {
            $compare(th, a, b, habu_bytecode::opcode::compare::$op)
        })*
    };
}
