//! The one opcode table. Names, numbers and meanings are CPython 3.14's; `LOAD_FAST_BORROW*`, `NOT_TAKEN`,
//! `CACHE` and the specialized forms do not exist here: there are no reference counts to borrow from, and
//! caches live beside the code.

/// What an instruction's argument refers to; `dis`, the assembler and the threaded translation all read this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arg {
    None,
    Plain,
    Const,
    Name,
    Local,
    Free,
    JumpForward,
    JumpBackward,
}

macro_rules! opcodes {
    ($($name:ident = $num:literal, $arg:ident;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[repr(u8)]
        pub enum Op { $($name = $num),* }

        impl Op {
            /// Every opcode in table order.
            pub const ALL: &'static [Op] = &[$(Op::$name),*];

            pub fn from_u8(n: u8) -> Option<Op> {
                match n { $($num => Some(Op::$name),)* _ => None }
            }

            pub fn name(self) -> &'static str {
                match self { $(Op::$name => stringify!($name)),* }
            }

            #[inline]
            pub fn arg_kind(self) -> Arg {
                match self { $(Op::$name => Arg::$arg),* }
            }
        }
    };
}

/// Opcodes from this number on have an argument.
pub const HAVE_ARGUMENT: u8 = 43;

opcodes! {
    BINARY_SLICE = 1, None;
    BUILD_TEMPLATE = 2, None;
    CALL_FUNCTION_EX = 4, None;
    CHECK_EG_MATCH = 5, None;
    CHECK_EXC_MATCH = 6, None;
    CLEANUP_THROW = 7, None;
    DELETE_SUBSCR = 8, None;
    END_FOR = 9, None;
    END_SEND = 10, None;
    FORMAT_SIMPLE = 12, None;
    FORMAT_WITH_SPEC = 13, None;
    GET_AITER = 14, None;
    GET_ANEXT = 15, None;
    GET_ITER = 16, None;
    GET_LEN = 18, None;
    GET_YIELD_FROM_ITER = 19, None;
    LOAD_BUILD_CLASS = 21, None;
    LOAD_LOCALS = 22, None;
    MAKE_FUNCTION = 23, None;
    MATCH_KEYS = 24, None;
    MATCH_MAPPING = 25, None;
    MATCH_SEQUENCE = 26, None;
    NOP = 27, None;
    POP_EXCEPT = 29, None;
    POP_ITER = 30, None;
    POP_TOP = 31, None;
    PUSH_EXC_INFO = 32, None;
    PUSH_NULL = 33, None;
    RETURN_GENERATOR = 34, None;
    RETURN_VALUE = 35, None;
    SETUP_ANNOTATIONS = 36, None;
    STORE_SLICE = 37, None;
    STORE_SUBSCR = 38, None;
    TO_BOOL = 39, None;
    UNARY_INVERT = 40, None;
    UNARY_NEGATIVE = 41, None;
    UNARY_NOT = 42, None;
    WITH_EXCEPT_START = 43, None;
    BINARY_OP = 44, Plain;
    BUILD_INTERPOLATION = 45, Plain;
    BUILD_LIST = 46, Plain;
    BUILD_MAP = 47, Plain;
    BUILD_SET = 48, Plain;
    BUILD_SLICE = 49, Plain;
    BUILD_STRING = 50, Plain;
    BUILD_TUPLE = 51, Plain;
    CALL = 52, Plain;
    CALL_INTRINSIC_1 = 53, Plain;
    CALL_INTRINSIC_2 = 54, Plain;
    CALL_KW = 55, Plain;
    COMPARE_OP = 56, Plain;
    CONTAINS_OP = 57, Plain;
    CONVERT_VALUE = 58, Plain;
    COPY = 59, Plain;
    COPY_FREE_VARS = 60, Plain;
    DELETE_ATTR = 61, Name;
    DELETE_DEREF = 62, Free;
    DELETE_FAST = 63, Local;
    DELETE_GLOBAL = 64, Name;
    DELETE_NAME = 65, Name;
    DICT_MERGE = 66, Plain;
    DICT_UPDATE = 67, Plain;
    END_ASYNC_FOR = 68, JumpBackward;
    EXTENDED_ARG = 69, Plain;
    FOR_ITER = 70, JumpForward;
    GET_AWAITABLE = 71, Plain;
    IMPORT_FROM = 72, Name;
    IMPORT_NAME = 73, Name;
    IS_OP = 74, Plain;
    JUMP_BACKWARD = 75, JumpBackward;
    JUMP_BACKWARD_NO_INTERRUPT = 76, JumpBackward;
    JUMP_FORWARD = 77, JumpForward;
    LIST_APPEND = 78, Plain;
    LIST_EXTEND = 79, Plain;
    LOAD_ATTR = 80, Name;
    LOAD_COMMON_CONSTANT = 81, Plain;
    LOAD_CONST = 82, Const;
    LOAD_DEREF = 83, Free;
    LOAD_FAST = 84, Local;
    LOAD_FAST_AND_CLEAR = 85, Local;
    LOAD_FAST_CHECK = 88, Local;
    LOAD_FROM_DICT_OR_DEREF = 90, Free;
    LOAD_FROM_DICT_OR_GLOBALS = 91, Name;
    LOAD_GLOBAL = 92, Name;
    LOAD_NAME = 93, Name;
    LOAD_SMALL_INT = 94, Plain;
    LOAD_SPECIAL = 95, Plain;
    LOAD_SUPER_ATTR = 96, Name;
    MAKE_CELL = 97, Free;
    MAP_ADD = 98, Plain;
    MATCH_CLASS = 99, Plain;
    POP_JUMP_IF_FALSE = 100, JumpForward;
    POP_JUMP_IF_NONE = 101, JumpForward;
    POP_JUMP_IF_NOT_NONE = 102, JumpForward;
    POP_JUMP_IF_TRUE = 103, JumpForward;
    RAISE_VARARGS = 104, Plain;
    RERAISE = 105, Plain;
    SEND = 106, JumpForward;
    SET_ADD = 107, Plain;
    SET_FUNCTION_ATTRIBUTE = 108, Plain;
    SET_UPDATE = 109, Plain;
    STORE_ATTR = 110, Name;
    STORE_DEREF = 111, Free;
    STORE_FAST = 112, Local;
    STORE_GLOBAL = 115, Name;
    STORE_NAME = 116, Name;
    SWAP = 117, Plain;
    UNPACK_EX = 118, Plain;
    UNPACK_SEQUENCE = 119, Plain;
    YIELD_VALUE = 120, Plain;
    RESUME = 128, Plain;
}

/// The argument of `BINARY_OP`. In-place forms are `plain + INPLACE` as in CPython; `SUBSCR` stands alone.
pub mod binary {
    pub const ADD: u32 = 0;
    pub const AND: u32 = 1;
    pub const FLOOR_DIVIDE: u32 = 2;
    pub const LSHIFT: u32 = 3;
    pub const MATRIX_MULTIPLY: u32 = 4;
    pub const MULTIPLY: u32 = 5;
    pub const REMAINDER: u32 = 6;
    pub const OR: u32 = 7;
    pub const POWER: u32 = 8;
    pub const RSHIFT: u32 = 9;
    pub const SUBTRACT: u32 = 10;
    pub const TRUE_DIVIDE: u32 = 11;
    pub const XOR: u32 = 12;
    pub const INPLACE: u32 = 13;
    pub const SUBSCR: u32 = 26;
}

/// `COMPARE_OP`: the operator is `arg >> 5`; bit 4 asks for a bool result (CPython 3.14's layout).
pub mod compare {
    pub const LT: u32 = 0;
    pub const LE: u32 = 1;
    pub const EQ: u32 = 2;
    pub const NE: u32 = 3;
    pub const GT: u32 = 4;
    pub const GE: u32 = 5;
    pub const TO_BOOL_FLAG: u32 = 16;
}

/// `CALL_INTRINSIC_1`
pub mod intrinsic1 {
    pub const PRINT: u32 = 1;
    pub const IMPORT_STAR: u32 = 2;
    pub const STOPITERATION_ERROR: u32 = 3;
    pub const ASYNC_GEN_WRAP: u32 = 4;
    pub const UNARY_POSITIVE: u32 = 5;
    pub const LIST_TO_TUPLE: u32 = 6;
    pub const TYPEVAR: u32 = 7;
    pub const PARAMSPEC: u32 = 8;
    pub const TYPEVARTUPLE: u32 = 9;
    pub const SUBSCRIPT_GENERIC: u32 = 10;
    pub const TYPEALIAS: u32 = 11;
}

/// `CALL_INTRINSIC_2`
pub mod intrinsic2 {
    pub const PREP_RERAISE_STAR: u32 = 1;
    pub const TYPEVAR_WITH_BOUND: u32 = 2;
    pub const TYPEVAR_WITH_CONSTRAINTS: u32 = 3;
    pub const SET_FUNCTION_TYPE_PARAMS: u32 = 4;
    pub const SET_TYPEPARAM_DEFAULT: u32 = 5;
}

/// `LOAD_COMMON_CONSTANT`
pub mod common_constant {
    pub const ASSERTION_ERROR: u32 = 0;
    pub const NOT_IMPLEMENTED_ERROR: u32 = 1;
    pub const BUILTIN_TUPLE: u32 = 2;
    pub const BUILTIN_ALL: u32 = 3;
    pub const BUILTIN_ANY: u32 = 4;
}

/// `LOAD_SPECIAL`
pub mod special {
    pub const ENTER: u32 = 0;
    pub const EXIT: u32 = 1;
    pub const AENTER: u32 = 2;
    pub const AEXIT: u32 = 3;
}

/// `SET_FUNCTION_ATTRIBUTE`
pub mod function_attribute {
    pub const DEFAULTS: u32 = 1;
    pub const KWDEFAULTS: u32 = 2;
    pub const ANNOTATIONS: u32 = 4;
    pub const CLOSURE: u32 = 8;
    pub const ANNOTATE: u32 = 16;
}
