//! Threaded code as a heap object: instructions, then the bytecode offset of each, then the list of those whose
//! cache holds an `Entry`, which the collector has to follow.

use super::Op;
use crate::classes::C;
use crate::kinds;
use crate::object::*;
use crate::thread::{R, Thread};
use habu_heap::{Header, Tracer};

#[repr(C)]
pub struct OpsObj {
    pub header: Header,
    pub sizes: Word,
    /// Locals | (locals + operand stack) << 32
    pub frame: Word,
    pub count: Word,
    pub sites: Word,
}

impl Object for OpsObj {
    const KIND: u8 = kinds::OPS;
}

impl OpsObj {
    #[inline(always)]
    pub fn start(&self) -> *mut Op {
        // SAFETY: instructions stand behind the struct.
        unsafe { (self as *const Self).add(1) as *mut Op }
    }
    pub fn offsets(&self) -> &[u32] {
        let n = self.count.get() as usize;
        // SAFETY: `count` offsets stand behind the instructions.
        unsafe { std::slice::from_raw_parts(self.start().add(n) as *const u32, n) }
    }
    pub fn entry_sites(&self) -> &[u32] {
        let n = self.count.get() as usize;
        // SAFETY: site numbers stand behind the offsets.
        unsafe {
            std::slice::from_raw_parts(
                (self.start().add(n) as *const u32).add(n),
                self.sites.get() as usize,
            )
        }
    }
    /// The first instruction of this bytecode offset.
    pub fn op_at(&self, offset: u32) -> *mut Op {
        let i = self.offsets().partition_point(|&o| o < offset);
        // SAFETY: within the instructions.
        unsafe { self.start().add(i) }
    }
    #[inline(always)]
    pub fn locals(&self) -> usize {
        self.frame.get() as u32 as usize
    }
    #[inline(always)]
    pub fn frame_words(&self) -> usize {
        (self.frame.get() >> 32) as usize
    }
}

/// # Safety
/// Called by the collector with an OPS object.
pub unsafe fn ops_size(p: *const Header) -> usize {
    // SAFETY: the second word has the size, as in every sized object.
    unsafe { (*(p.add(1) as *const u32)) as usize * 8 }
}

/// # Safety
/// Called by the collector with an OPS object.
pub unsafe fn ops_trace(p: *mut Header, t: &mut Tracer) {
    // SAFETY: the kind is OPS.
    let o = unsafe { &*(p as *const OpsObj) };
    for &s in o.entry_sites() {
        // SAFETY: sites name cache words inside the instructions.
        unsafe { t.visit((*o.start().add(s as usize)).h as u64) }
    }
}

pub fn new_ops(
    th: &Thread,
    ops: &[Op],
    offsets: &[u32],
    sites: &[u32],
    locals: usize,
    stack: usize,
) -> R<Gc<OpsObj>> {
    let tail = (offsets.len() + sites.len()) * 4;
    let size = std::mem::size_of::<OpsObj>() + std::mem::size_of_val(ops) + tail.div_ceil(8) * 8;
    let o: Gc<OpsObj> = th.alloc(C::Hidden.shape(), 0, size)?;
    o.sizes.set(sizes(size / 8, 0));
    o.frame.set(locals as u64 | ((locals + stack) as u64) << 32);
    o.count.set(ops.len() as u64);
    o.sites.set(sites.len() as u64);
    // SAFETY: the object has room for all three parts.
    unsafe {
        std::ptr::copy_nonoverlapping(ops.as_ptr(), o.start(), ops.len());
        let p = o.start().add(ops.len()) as *mut u32;
        std::ptr::copy_nonoverlapping(offsets.as_ptr(), p, offsets.len());
        std::ptr::copy_nonoverlapping(sites.as_ptr(), p.add(offsets.len()), sites.len());
    }
    Ok(o)
}

/// The threaded code of a code object, if it has been made.
pub fn made_ops(code: Gc<CodeObj>) -> Option<Gc<OpsObj>> {
    code.ops.get()?.cast()
}

/// The bytecode offset of an instruction of this code.
pub fn ops_offset(code: Gc<CodeObj>, ip: *mut Op) -> Option<u32> {
    let (o, i) = holding(code, ip)?;
    o.offsets().get(i).copied()
}

/// The form of the code's threaded code that holds the instruction, and its number there.
fn holding(code: Gc<CodeObj>, ip: *mut Op) -> Option<(Gc<OpsObj>, usize)> {
    for form in [code.ops.get(), code.traced.get()] {
        let o: Gc<OpsObj> = form?.cast()?;
        let i = (ip as usize).wrapping_sub(o.start() as usize) / std::mem::size_of::<Op>();
        if i < o.count.get() as usize {
            return Some((o, i));
        }
    }
    None
}

/// The form that holds the instruction.
pub fn ops_holding(code: Gc<CodeObj>, ip: *mut Op) -> Option<Gc<OpsObj>> {
    Some(holding(code, ip)?.0)
}
