//! The kinds: which Rust-side layout a heap object has. One table; the collector's descriptions come from it.
//!
//! What must hold: a kind with `Layout::Inst` is `header, attribute storage, native words, inline attributes`,
//! so that Python subclasses of it can carry attributes; the others carry them in an `EXT` word at their end.

use crate::object::*;
use habu_heap::{KindInfo, Layout};

macro_rules! kinds {
    ($($name:ident = $num:literal, $layout:expr;)*) => {
        $(pub const $name: u8 = $num;)*
        pub static KINDS: &[KindInfo] = &[
            KindInfo { name: "free", layout: Layout::Fixed { values: 0, words: 0 } },
            $(KindInfo { name: stringify!($name), layout: $layout },)*
        ];
    };
}

kinds! {
    INSTANCE = 1, Layout::Inst;
    STR = 2, Layout::Sized { start: 2 };
    BYTES = 3, Layout::Sized { start: 2 };
    INT = 4, Layout::Sized { start: 2 };
    FLOAT = 5, fixed::<FloatObj>();
    COMPLEX = 6, fixed::<ComplexObj>();
    TUPLE = 7, Layout::Sized { start: 3 };
    LIST = 8, fixed::<ListObj>();
    DICT = 9, fixed::<DictObj>();
    SET = 10, fixed::<SetObj>();
    FROZENSET = 11, fixed::<FrozenSetObj>();
    BYTEARRAY = 12, fixed::<ByteArrayObj>();
    ARRAY = 13, Layout::Sized { start: 2 };
    LISTBUF = 14, Layout::Sized { start: 3 };
    TABLE = 15, Layout::Sized { start: 7 };
    TYPE = 16, fixed::<TypeObj>();
    SHAPE = 17, fixed::<ShapeObj>();
    ENTRY = 18, fixed::<Entry>();
    CODE = 19, fixed::<CodeObj>();
    OPS = 20, Layout::Custom { size: crate::interp::ops_size, trace: crate::interp::ops_trace };
    GENERATOR = 21, Layout::Sized { start: 2 };
    WEAKREF = 22, Layout::Weak { values: 3, words: 4 };
    NATIVE_BOX = 23, Layout::Native { values: 2 };
    FUNCTION = 24, Layout::Inst;
    BUILTIN = 25, Layout::Inst;
    METHOD = 26, Layout::Inst;
    CELL = 27, Layout::Inst;
    MODULE = 28, Layout::Inst;
    SLICE = 29, Layout::Inst;
    RANGE = 30, Layout::Inst;
    EXC = 31, Layout::Inst;
    PROPERTY = 32, Layout::Inst;
    CLASSMETHOD = 33, Layout::Inst;
    STATICMETHOD = 34, Layout::Inst;
    MEMBER = 35, Layout::Inst;
    GETSET = 36, Layout::Inst;
    SUPER = 37, Layout::Inst;
    TRACEBACK = 38, Layout::Inst;
    FRAME = 39, Layout::Inst;
    LIST_ITER = 40, Layout::Inst;
    TUPLE_ITER = 41, Layout::Inst;
    RANGE_ITER = 42, Layout::Inst;
    DICT_ITER = 43, Layout::Inst;
    STR_ITER = 44, Layout::Inst;
    SEQ_ITER = 45, Layout::Inst;
    CALL_ITER = 46, Layout::Inst;
    ENUMERATE = 47, Layout::Inst;
    ZIP = 48, Layout::Inst;
    MAP = 49, Layout::Inst;
    FILTER = 50, Layout::Inst;
    REVERSED = 51, Layout::Inst;
    DICT_VIEW = 52, Layout::Inst;
    MAPPINGPROXY = 53, Layout::Inst;
    MEMORYVIEW = 54, Layout::Inst;
    GENERIC_ALIAS = 55, Layout::Inst;
    UNION = 56, Layout::Inst;
    BYTES_ITER = 57, Layout::Inst;
    // Objects of native classes whose words only their own module knows.
    RECORD = 58, Layout::Inst;
    RAW = 59, Layout::Sized { start: 2 };
    TUPLE_GETTER = 60, Layout::Inst;
}
