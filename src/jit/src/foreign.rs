//! Machine code to look at, of any machine: what `-X dump=asm-ARCH:NAME` prints. It is never run.
//!
//! What must hold: the text of a function is the same on each machine and in each run. So the processor is the
//! plainest of its kind, and words that differ from run to run, addresses and the numbers of shapes, are counted.

use crate::helpers::TABLE;
use crate::ir::Func;
use crate::lower::{self, Effort};
use crate::record::CodeRecord;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::{Function, InstructionData, Opcode, types};
use cranelift_codegen::isa;
use habu_runtime::classes::FIRST_DYNAMIC_SHAPE;
use rustc_hash::FxHashMap as HashMap;

pub const ARCHITECTURES: [&str; 2] = ["x86_64", "aarch64"];

/// What stands for the first address. Each takes as many instructions to make as a real one.
const FIRST_ADDRESS: i64 = 0x1111_2222_0000;

pub fn assembly(f: &Func, record: &CodeRecord, arch: &str) -> String {
    let machine = isa::lookup_by_name(&format!("{arch}-unknown-linux-gnu"))
        .ok()
        .and_then(|b| b.finish(lower::flags(Effort::Full)).ok());
    let Some(isa) = machine else {
        return format!("no code for {arch}");
    };
    let mut l = lower::lower(f, record, isa.as_ref(), 0);
    count_addresses(&mut l.ctx.func);
    l.ctx.set_disasm(true);
    match l.ctx.compile(isa.as_ref(), &mut ControlPlane::default()) {
        Ok(o) => o.vcode.clone().unwrap_or_default(),
        Err(e) => format!("no code for {arch}: {:?}", e.inner),
    }
}

/// Is this constant an address? Words of ints and small floats are none: those of ints are odd or small, those of
/// floats and machine integers reach into the highest bits. What is linked into the program may have a small address.
fn is_address(w: i64) -> bool {
    let linked = [
        crate::deopt::leave as *const () as i64,
        crate::tier::deopt_counter() as i64,
    ];
    (1 << 32..1 << 47).contains(&w)
        || linked.contains(&w)
        || TABLE.iter().any(|h| h.address as i64 == w)
}

fn count_addresses(func: &mut Function) {
    let mut addresses = HashMap::default();
    let mut shapes = HashMap::default();
    let blocks: Vec<_> = func.layout.blocks().collect();
    for b in blocks {
        let insts: Vec<_> = func.layout.block_insts(b).collect();
        for i in insts {
            let ty = func.dfg.ctrl_typevar(i);
            let InstructionData::UnaryImm {
                opcode: Opcode::Iconst,
                imm,
            } = &mut func.dfg.insts[i]
            else {
                continue;
            };
            let w = imm.bits();
            let counted = if ty == types::I64 && is_address(w) {
                let n = addresses.len() as i64 + 1;
                FIRST_ADDRESS + 16 * *addresses.entry(w).or_insert(n)
            } else if ty == types::I32 && w >= FIRST_DYNAMIC_SHAPE as i64 {
                let n = shapes.len() as i64;
                FIRST_DYNAMIC_SHAPE as i64 + *shapes.entry(w).or_insert(n)
            } else {
                continue;
            };
            *imm = counted.into();
        }
    }
}
