//! Leaving compiled code: from the raw values that an exit stored to frames that the interpreter runs on.
//!
//! What must hold: an exit has stored every word of the frame that memory did not have, raw; `ExitInfo` says how each
//! is to be read. Nothing is lost by a collection in the middle: raw floats look like words to it and keep at most
//! too much alive, and what virtual objects are made of is on the VM stack until they are made.

use crate::ir::{ABSENT, Taking, Why};
use crate::record::CodeRecord;
use crate::taken::At;
use habu_heap::Value;
use habu_runtime::classes::C;
use habu_runtime::interp::OpsObj;
use habu_runtime::interp::frame::{self, Frame, flag};
use habu_runtime::interp::gens;
use habu_runtime::interp::tier::{Entry, LEFT, Place, RAISED, run_left};
use habu_runtime::object::*;
use habu_runtime::thread::{R, Thread};
use habu_runtime::types;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How the word that an exit stored (or did not) becomes a word of the interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Float,
    /// The float in this scratch word; or `ABSENT`, and the word stays.
    Maybe(u32),
    Bool,
    /// Nothing was stored: this word.
    Constant(u64),
    /// A range iterator whose next, step and left stand in the scratch words from this one on.
    Range(u32),
    /// A list iterator: list, index.
    List(u32),
    /// A tuple: its first item's scratch word, how many there are, which of them are raw floats.
    Tuple(u32, u16, u16),
    /// An instance, and the scratch word of its first word that stands in one.
    Object(&'static ObjectForm, u32),
    /// The tuple or instance that this word of the frames got.
    Again(u32),
    /// A function with this code: in the scratch words from this one on stand a function with the same globals and what
    /// its closure is made of.
    Function(u64, u32, Closure),
}

/// An instance that an exit makes.
#[derive(Debug, PartialEq, Eq)]
pub struct ObjectForm {
    pub header: u64,
    pub words: Vec<WordForm>,
}

/// Where a word of such an instance comes from: from a scratch word of its own, or it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordForm {
    Word,
    Float,
    Constant(u64),
    /// Another instance, which this word of the frames or scratch word got before.
    Again(u32),
}

/// How the closure of a function stands in scratch words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closure {
    None,
    Tuple,
    /// So many cells.
    Cells(u32),
}

/// One frame to be made presentable.
#[derive(Clone, Debug)]
pub struct ExitFrame {
    /// Its locals, in words from the outermost frame's.
    pub base: u32,
    /// Threaded code, and the op to go on at (the call, for frames below the innermost).
    pub ops: u64,
    pub op: u32,
    pub locals: u32,
    pub depth: u32,
    /// Words of the frame that are not words yet.
    pub forms: Vec<(u32, Form)>,
    /// For inlined frames: the function, the caller's stack word that gets the result, more flags.
    pub func: u64,
    pub result: u32,
    pub flags: u64,
    /// For generators that ran where their items are taken.
    pub taking: Option<(Taking, u32)>,
    /// It has its header.
    pub framed: bool,
}

#[derive(Debug)]
pub struct ExitInfo {
    pub why: Why,
    pub line: u32,
    pub offset: u32,
    /// Outermost first.
    pub frames: Vec<ExitFrame>,
    /// Words of the outermost frame that the exit has stored.
    pub stored: Vec<u32>,
    /// It asks what the frame held when the loop was compiled: nothing was done yet.
    pub entry: bool,
    pub taken: AtomicU32,
}

/// What compiled code calls with the frame and the number of the exit; what it returns is what the code returns.
///
/// # Safety
/// Called by compiled code of `record` on its own frame.
pub unsafe extern "C" fn leave(th: &Thread, fp: *mut u64, record: &CodeRecord, id: u64) -> u64 {
    let Some(exit) = record.exits.get().and_then(|e| e.get(id as usize)) else {
        unreachable!("an exit that this code does not have")
    };
    let next = record.next.load(Relaxed);
    if exit.entry && exit.why != Why::Broken && next != 0 {
        // SAFETY: complete code for the same place; the frame is as it was when this code was entered.
        return unsafe { std::mem::transmute::<u64, Entry>(next)(th, fp) };
    }
    let mut fp = fp;
    if record.place != Place::Stack {
        // SAFETY: such code runs on saved words; its exits have stored behind the caller's frame.
        unsafe {
            let words = fp;
            fp = match record.place {
                Place::Shown => gens::frame_moved(th, words),
                _ => gens::frame_for(th, words),
            };
            crate::in_place::take_words(exit, words, fp);
        }
    }
    // Two threads may count as one: it only tells when to compile again, and an atomic sum takes longer than the rest.
    let n = exit.taken.load(Relaxed).wrapping_add(1);
    exit.taken.store(n, Relaxed);
    let mut status = if exit.why == Why::Raised {
        RAISED
    } else {
        LEFT
    };
    // SAFETY: the exit describes this frame.
    unsafe {
        let (mut ip, mut sp, mut top) = (std::ptr::null_mut(), fp, fp);
        th.mutator.vm_top.set(fp.add(record.scratch_end() as usize));
        for f in &exit.frames {
            let here = fp.add(f.base as usize);
            let ops: Gc<OpsObj> = Gc::from_raw(f.ops as *mut OpsObj);
            ip = ops.start().add(f.op as usize);
            if f.base != 0 {
                header(here, top, f);
            }
            for &(slot, form) in &f.forms {
                match formed(th, fp, *here.add(slot as usize), form) {
                    Ok(v) => *here.add(slot as usize) = v,
                    Err(_) => {
                        // Out of memory: the word is lost, and the MemoryError is what the frame gets.
                        *here.add(slot as usize) = Value::NONE.bits();
                        status = RAISED;
                    }
                }
            }
            *here.offset(frame::IP) = ip as u64 | 1;
            sp = here.add((f.locals + f.depth) as usize);
            top = here;
        }
        th.fp.set(top);
        th.mutator.vm_top.set(sp);
        crate::tier::exited(th, record, exit, n, Frame(fp), sp);
        finish(
            th,
            exit,
            fp,
            At {
                status,
                ip,
                sp,
                fp: top,
            },
        )
    }
}

/// Hand over: to the interpreter that called, or to one run here for a native caller.
unsafe fn finish(th: &Thread, exit: &ExitInfo, fp: *mut u64, mut at: At) -> u64 {
    // SAFETY: the frames are complete.
    unsafe {
        let native = *fp.offset(frame::FLAGS) & flag::NATIVE != 0;
        if native {
            Frame(fp).called_by_native();
        }
        if exit.frames.iter().any(|f| f.taking.is_some()) {
            at = crate::taken::go_on(th, &exit.frames, fp, at);
        }
        th.trampoline
            .set([at.ip as u64, at.sp as u64, at.fp as u64]);
        if !native {
            return at.status;
        }
        th.fp.set(at.fp);
        run_left(th, at.status)
    }
}

/// The header of a frame that was only inlined so far.
unsafe fn header(fp: *mut u64, prev: *mut u64, f: &ExitFrame) {
    // SAFETY: the words lie between the caller's operand stack and the frame, on the VM stack.
    unsafe {
        *fp.offset(frame::RET_SP) = prev.add(f.result as usize) as u64 | 1;
        // A generator's frame may have been elsewhere.
        *fp.offset(frame::PREV) = prev as u64 | 1;
        if f.framed {
            Frame(fp).complete();
            return;
        }
        let depth = (*prev.offset(frame::FLAGS) & !flag::LOW) + flag::DEPTH;
        *fp.offset(frame::FLAGS) = depth | flag::TAG | f.flags;
        *fp.offset(frame::EXTRA) = 0;
        *fp.offset(frame::FUNC) = f.func;
    }
}

/// Make an instance.
unsafe fn object(th: &Thread, o: &ObjectForm, fp: *mut u64, at: u32) -> R<u64> {
    // SAFETY: the exit's own scratch words.
    let scratch = unsafe { fp.add(at as usize) };
    let own = |w: &&WordForm| matches!(w, WordForm::Word | WordForm::Float);
    for (i, w) in o.words.iter().filter(own).enumerate() {
        if *w == WordForm::Float {
            // SAFETY: the word's own scratch word.
            unsafe {
                let x = types::float::new(th, f64::from_bits(*scratch.add(i)))?;
                *scratch.add(i) = x.bits();
            }
        }
    }
    let bytes = 8 * (1 + o.words.len());
    let Some(p) = th.mutator.alloc(o.header, bytes) else {
        return Err(habu_runtime::error::out_of_memory(th));
    };
    let (p, mut from) = (p.as_ptr() as *mut u64, scratch);
    for (i, w) in o.words.iter().enumerate() {
        // SAFETY: a word of the new object, which nobody else knows; the scratch words are values now.
        unsafe {
            *p.add(1 + i) = match w {
                WordForm::Constant(w) => *w,
                WordForm::Again(at) => *fp.add(*at as usize),
                WordForm::Word | WordForm::Float => {
                    let w = *from;
                    from = from.add(1);
                    w
                }
            };
        }
    }
    Ok(p as u64)
}

unsafe fn formed(th: &Thread, fp: *mut u64, raw: u64, form: Form) -> R<u64> {
    // SAFETY: scratch words were stored by the exit.
    let scratch = |i: u32| unsafe { *fp.add(i as usize) };
    Ok(match form {
        Form::Float => types::float::new(th, f64::from_bits(raw))?.bits(),
        Form::Maybe(at) if scratch(at) == ABSENT => raw,
        Form::Maybe(at) => types::float::new(th, f64::from_bits(scratch(at)))?.bits(),
        Form::Bool => Value::bool(raw & 1 != 0).bits(),
        Form::Constant(w) => w,
        Form::Range(at) => {
            let it: Gc<RangeIter> = th.alloc(C::RangeIter.shape(), 4, 40)?;
            it.attrs.init(Some(Value::TRUE));
            it.next.init_bits(scratch(at));
            it.step.init_bits(scratch(at + 1));
            it.left.init_bits(scratch(at + 2));
            it.value().bits()
        }
        Form::Again(at) => scratch(at),
        Form::Object(o, at) => {
            // SAFETY: the scratch words are the exit's own.
            unsafe { object(th, o, fp, at)? }
        }
        Form::Function(code, at, closure) => {
            let like: Gc<FunctionObj> =
                habu_runtime::thread::expect(Value::from_bits(scratch(at)).unwrap_or(Value::NONE));
            // SAFETY: the code's own address of a code object that it keeps alive; the words are values.
            let (code, words) = unsafe {
                let code: Gc<CodeObj> = Value::from_bits_unchecked(code).cast_unchecked();
                (code, fp.add(at as usize + 1) as *const Value)
            };
            let closure = match closure {
                Closure::None => None,
                // SAFETY: as above.
                Closure::Tuple => Some(unsafe { *words }),
                Closure::Cells(n) => {
                    // SAFETY: as above.
                    let cells = unsafe { std::slice::from_raw_parts(words, n as usize) };
                    Some(habu_runtime::core::tuple::new_value(th, cells)?)
                }
            };
            let f = types::function::new_like(th, code, like)?;
            th.set(f, &f.closure, closure);
            f.value().bits()
        }
        Form::Tuple(at, n, floats) => {
            for i in (0..n as u32).filter(|i| floats & 1 << i != 0) {
                let x = types::float::new(th, f64::from_bits(scratch(at + i)))?;
                // SAFETY: the item's own scratch word.
                unsafe { *fp.add((at + i) as usize) = x.bits() };
            }
            // SAFETY: the scratch words are values now.
            let items = unsafe {
                std::slice::from_raw_parts(fp.add(at as usize) as *const Value, n as usize)
            };
            habu_runtime::core::tuple::new_value(th, items)?.bits()
        }
        Form::List(at) => {
            let it: Gc<IndexIter> = th.alloc(C::ListIter.shape(), 3, 32)?;
            it.attrs.init(Some(Value::TRUE));
            it.source.init_bits(scratch(at));
            it.index.init_bits(scratch(at + 1));
            it.value().bits()
        }
    })
}
