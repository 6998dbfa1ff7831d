//! Calls on ways that are rarely taken: to a floor of code that saves every register, so that such a call costs the way
//! beside it nothing. Without it each float that may have to go to the heap, each store that may have to be told to the
//! collector would empty the registers of the loop around it.
//!
//! What must hold: the callee saves all registers, so nothing comes back in one: operands and result stand in the
//! thread.

use crate::helpers::{TABLE, id};
use crate::lower::{self, Effort};
use cranelift_codegen::Context;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{
    AbiParam, Function, InstBuilder, MemFlagsData, Signature, UserFuncName, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use habu_runtime::thread::Thread;
use std::mem::offset_of;
use std::sync::OnceLock;

/// Helpers that are called this way.
const HELPERS: [u16; 4] = [id::box_float, id::barrier, id::allocate, id::float_power];

/// Where operand `i` of a call stands in the thread; the result stands at the first place.
pub const fn operand(i: usize) -> i32 {
    (offset_of!(Thread, aside) + 8 * i) as i32
}

/// What to call instead of the helper; `None` where no memory for code is to be had.
pub fn address(h: u16) -> Option<u64> {
    static MADE: OnceLock<[Option<u64>; HELPERS.len()]> = OnceLock::new();
    let made = MADE.get_or_init(|| HELPERS.map(make));
    let at = HELPERS.iter().position(|&k| k == h)?;
    made[at]
}

/// Of these calls: only the thread is an argument. What is wanted in a certain register here would be moved there on
/// the way beside, too.
pub fn signature() -> Signature {
    with_words(CallConv::PreserveAll, 0)
}

fn with_words(how: CallConv, words: usize) -> Signature {
    let mut sig = Signature::new(how);
    let word = AbiParam::new(types::I64);
    sig.params.resize(1 + words, word);
    sig
}

/// The code that calls the helper.
fn make(h: u16) -> Option<u64> {
    let helper = &TABLE[h as usize];
    let isa = lower::host(Effort::default())?;
    let mut ctx = Context::new();
    ctx.func = Function::with_name_signature(UserFuncName::user(0, h as u32), signature());
    let mut fctx = FunctionBuilderContext::new();
    let mut b = FunctionBuilder::new(&mut ctx.func, &mut fctx);
    let block = b.create_block();
    b.append_block_params_for_function_params(block);
    b.switch_to_block(block);
    b.seal_block(block);
    let mut plain = with_words(isa.default_call_conv(), helper.args);
    plain.returns.push(AbiParam::new(types::I64));
    let plain = b.import_signature(plain);
    let target = b.ins().iconst(types::I64, helper.address as i64);
    let th = b.block_params(block)[0];
    let mem = MemFlagsData::trusted();
    let mut args = vec![th];
    for i in 0..helper.args {
        args.push(b.ins().load(types::I64, mem, th, operand(i)));
    }
    let call = b.ins().call_indirect(plain, target, &args);
    let r = b.inst_results(call)[0];
    b.ins().store(mem, r, th, operand(0));
    b.ins().return_(&[]);
    b.finalize(isa.frontend_config());
    let mut control = ControlPlane::default();
    let code = ctx.compile(isa.as_ref(), &mut control).ok()?;
    crate::memory::install(code.code_buffer()).map(|at| at as u64)
}
