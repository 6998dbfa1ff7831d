//! A compiled code object as plain data: what the compiler hands over, what a `.pyc` stores, what the runtime
//! turns into a heap object. It holds no runtime values, so it can be made and read on any thread.

/// A constant. Strings are WTF-8-like: `Str` for ordinary text, `Surrogates` where lone surrogates occur.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    /// An int outside i64: sign and magnitude as hexadecimal digits (without prefix).
    BigInt {
        negative: bool,
        hex: String,
    },
    Float(f64),
    Complex(f64, f64),
    Str(Box<str>),
    /// Text with lone surrogates, as code points.
    Surrogates(Box<[u32]>),
    Bytes(Box<[u8]>),
    Tuple(Box<[Const]>),
    FrozenSet(Box<[Const]>),
    Slice(Box<[Const; 3]>),
    Code(Box<CodeUnit>),
}

/// `co_flags`, CPython's bits.
pub struct CodeFlags;

impl CodeFlags {
    pub const OPTIMIZED: u32 = 0x0001;
    pub const NEWLOCALS: u32 = 0x0002;
    pub const VARARGS: u32 = 0x0004;
    pub const VARKEYWORDS: u32 = 0x0008;
    pub const NESTED: u32 = 0x0010;
    pub const GENERATOR: u32 = 0x0020;
    pub const COROUTINE: u32 = 0x0080;
    pub const ITERABLE_COROUTINE: u32 = 0x0100;
    pub const ASYNC_GENERATOR: u32 = 0x0200;
    pub const FUTURE_DIVISION: u32 = 0x20000;
    pub const FUTURE_BARRY_AS_BDFL: u32 = 0x40_0000;
    pub const FUTURE_GENERATOR_STOP: u32 = 0x80_0000;
    pub const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    pub const METHOD: u32 = 0x800_0000;
}

/// Kinds of the "fast locals", as in `co_localspluskinds`.
pub mod local_kind {
    pub const ARG_POS: u8 = 0x02;
    pub const ARG_KW: u8 = 0x04;
    pub const ARG_VAR: u8 = 0x08;
    pub const HIDDEN: u8 = 0x10;
    pub const LOCAL: u8 = 0x20;
    pub const CELL: u8 = 0x40;
    pub const FREE: u8 = 0x80;
}

/// One code object. `code`, `exception_table` and `line_table` have CPython 3.14's formats (16-bit units with
/// `EXTENDED_ARG`, varint exception entries, location entries), only without `CACHE` units.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CodeUnit {
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
    pub stacksize: u32,
    pub flags: u32,
    pub code: Box<[u8]>,
    pub consts: Box<[Const]>,
    pub names: Box<[Box<str>]>,
    /// Locals, then cells that are not arguments, then free variables.
    pub localsplus_names: Box<[Box<str>]>,
    pub localsplus_kinds: Box<[u8]>,
    pub filename: Box<str>,
    pub name: Box<str>,
    pub qualname: Box<str>,
    pub firstlineno: u32,
    pub line_table: Box<[u8]>,
    pub exception_table: Box<[u8]>,
}
