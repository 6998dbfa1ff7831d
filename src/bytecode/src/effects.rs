//! How far each instruction moves the top of the stack. `jump` asks about the taken branch of a jump.

use crate::opcode::Op;

pub fn stack_effect(op: Op, arg: u32, jump: bool) -> i32 {
    let n = arg as i32;
    let _ = jump;
    match op {
        Op::BINARY_SLICE => -2,
        Op::BUILD_TEMPLATE => -1,
        Op::CALL_FUNCTION_EX => -3,
        Op::CHECK_EG_MATCH | Op::CHECK_EXC_MATCH => 0,
        Op::CLEANUP_THROW => -1,
        Op::DELETE_SUBSCR => -2,
        Op::END_FOR | Op::END_SEND | Op::POP_ITER | Op::POP_TOP | Op::POP_EXCEPT => -1,
        Op::FORMAT_SIMPLE => 0,
        Op::FORMAT_WITH_SPEC => -1,
        Op::GET_AITER | Op::GET_ITER | Op::GET_YIELD_FROM_ITER | Op::GET_AWAITABLE => 0,
        Op::GET_ANEXT | Op::GET_LEN | Op::LOAD_BUILD_CLASS | Op::LOAD_LOCALS => 1,
        Op::MAKE_FUNCTION => 0,
        Op::MATCH_KEYS | Op::MATCH_MAPPING | Op::MATCH_SEQUENCE => 1,
        Op::NOP | Op::SETUP_ANNOTATIONS | Op::TO_BOOL => 0,
        Op::PUSH_EXC_INFO | Op::PUSH_NULL | Op::RETURN_GENERATOR | Op::WITH_EXCEPT_START => 1,
        Op::RETURN_VALUE => -1,
        Op::STORE_SLICE => -4,
        Op::STORE_SUBSCR => -3,
        Op::UNARY_INVERT | Op::UNARY_NEGATIVE | Op::UNARY_NOT => 0,
        Op::BINARY_OP | Op::COMPARE_OP | Op::CONTAINS_OP | Op::IS_OP => -1,
        Op::BUILD_INTERPOLATION => -(1 + (n & 1)),
        Op::BUILD_LIST | Op::BUILD_SET | Op::BUILD_SLICE | Op::BUILD_STRING | Op::BUILD_TUPLE => 1 - n,
        Op::BUILD_MAP => 1 - 2 * n,
        Op::CALL => -1 - n,
        Op::CALL_KW => -2 - n,
        Op::CALL_INTRINSIC_1 | Op::CONVERT_VALUE => 0,
        Op::CALL_INTRINSIC_2 => -1,
        Op::COPY => 1,
        Op::COPY_FREE_VARS | Op::MAKE_CELL => 0,
        Op::DELETE_ATTR => -1,
        Op::DELETE_DEREF | Op::DELETE_FAST | Op::DELETE_GLOBAL | Op::DELETE_NAME => 0,
        Op::DICT_MERGE | Op::DICT_UPDATE | Op::LIST_APPEND | Op::LIST_EXTEND | Op::SET_ADD | Op::SET_UPDATE => -1,
        Op::END_ASYNC_FOR => -2,
        Op::EXTENDED_ARG => 0,
        Op::FOR_ITER => 1,
        Op::IMPORT_FROM => 1,
        Op::IMPORT_NAME => -1,
        Op::JUMP_BACKWARD | Op::JUMP_BACKWARD_NO_INTERRUPT | Op::JUMP_FORWARD => 0,
        Op::LOAD_ATTR => n & 1,
        Op::LOAD_COMMON_CONSTANT
        | Op::LOAD_CONST
        | Op::LOAD_DEREF
        | Op::LOAD_FAST
        | Op::LOAD_FAST_AND_CLEAR
        | Op::LOAD_FAST_CHECK
        | Op::LOAD_NAME
        | Op::LOAD_SMALL_INT
        | Op::LOAD_SPECIAL => 1,
        Op::LOAD_FROM_DICT_OR_DEREF | Op::LOAD_FROM_DICT_OR_GLOBALS => 0,
        Op::LOAD_GLOBAL => 1 + (n & 1),
        Op::LOAD_SUPER_ATTR => (n & 1) - 2,
        Op::MAP_ADD | Op::MATCH_CLASS => -2,
        Op::POP_JUMP_IF_FALSE | Op::POP_JUMP_IF_NONE | Op::POP_JUMP_IF_NOT_NONE | Op::POP_JUMP_IF_TRUE => -1,
        Op::RAISE_VARARGS => -n,
        Op::RERAISE | Op::SET_FUNCTION_ATTRIBUTE => -1,
        Op::SEND | Op::SWAP | Op::YIELD_VALUE | Op::RESUME => 0,
        Op::STORE_ATTR => -2,
        Op::STORE_DEREF | Op::STORE_FAST | Op::STORE_GLOBAL | Op::STORE_NAME => -1,
        Op::UNPACK_EX => (n & 0xff) + (n >> 8),
        Op::UNPACK_SEQUENCE => n - 1,
    }
}
