//! Generators that ran where their items are taken, after an exit: they become objects, their frames go on in the
//! interpreter until they yield or end, and what takes the items goes on with what they give.
//!
//! What must hold: the frames of the exit are complete, and what exits keep for takers has been read before anything runs,
//! since it stands where the frames of calls will be.

use crate::deopt::ExitFrame;
use crate::ir::Taking;
use habu_heap::Value;
use habu_runtime::core::{dict, list};
use habu_runtime::interp::frame::{self, Frame};
use habu_runtime::interp::tier::{LEFT, RAISED, given, run_left};
use habu_runtime::interp::{Op, OpsObj, counted, gens, loops};
use habu_runtime::modules::builtins;
use habu_runtime::object::*;
use habu_runtime::ops::iter;
use habu_runtime::thread::{R, Raised, Thread};
use habu_runtime::types;

/// Where the interpreter goes on.
#[derive(Clone, Copy)]
pub struct At {
    pub status: u64,
    pub ip: *mut Op,
    pub sp: *mut u64,
    pub fp: *mut u64,
}

/// A generator that has become an object, with the words that are kept for who takes its items.
struct Made {
    frame: usize,
    generator: Gc<GeneratorObj>,
    kept: Vec<Value>,
}

/// Let the generators among these frames go on until the outermost of them has given an item, or nothing more; where
/// its caller goes on then.
///
/// # Safety
/// The frames stand at `fp`, complete but for their generators, and `at` is the innermost one's place.
pub unsafe fn go_on(th: &Thread, frames: &[ExitFrame], fp: *mut u64, mut at: At) -> At {
    // SAFETY: the caller's promise.
    unsafe {
        let mut made = Vec::new();
        for (k, f) in frames.iter().enumerate() {
            let Some((taking, first)) = f.taking else {
                continue;
            };
            match make(th, fp.add(f.base as usize), taking, first) {
                Ok((generator, kept)) => made.push(Made {
                    frame: k,
                    generator,
                    kept,
                }),
                Err(Raised) => {
                    // What called it gets the MemoryError.
                    at = place_of(&frames[k - 1], fp, RAISED);
                    break;
                }
            }
        }
        while let Some(m) = made.pop() {
            th.trampoline
                .set([at.ip as u64, at.sp as u64, at.fp as u64]);
            th.fp.set(at.fp);
            th.mutator.vm_top.set(at.sp);
            let r = given(th, run_left(th, at.status));
            at = place_of(&frames[m.frame - 1], fp, LEFT);
            th.fp.set(at.fp);
            th.mutator.vm_top.set(at.sp);
            if let Some((taking, _)) = frames[m.frame].taking {
                let ended = gens::is_closed(m.generator);
                let item = r.map(|v| (!ended).then_some(v));
                if take(th, taking, &m, item, &mut at).is_err() {
                    at.status = RAISED;
                }
            }
        }
        at
    }
}

/// Where the frame stands.
unsafe fn place_of(f: &ExitFrame, fp: *mut u64, status: u64) -> At {
    // SAFETY: the callers' promise: a frame of the exit.
    unsafe {
        let here = fp.add(f.base as usize);
        let ops: Gc<OpsObj> = Gc::from_raw(f.ops as *mut OpsObj);
        let mut ip = ops.start().add(f.op as usize);
        if counted::is_count((*ip).h) {
            ip = ip.add(1);
        }
        At {
            status,
            ip,
            sp: here.add((f.locals + f.depth) as usize),
            fp: here,
        }
    }
}

unsafe fn make(
    th: &Thread,
    here: *mut u64,
    taking: Taking,
    first: u32,
) -> R<(Gc<GeneratorObj>, Vec<Value>)> {
    // SAFETY: the callers' promise: the exit has stored the words from `first` on, which are values.
    unsafe {
        let word = |k: usize| *here.add(first as usize + k);
        let kept = (0..taking.words())
            .map(|k| Value::from_bits_unchecked(word(k + 1)))
            .collect();
        *here.offset(frame::FUNC) = word(0);
        Ok((gens::of_running(th, Frame(here))?, kept))
    }
}

/// Hand an item (or the end) over to who takes the items.
unsafe fn take(
    th: &Thread,
    taking: Taking,
    m: &Made,
    item: R<Option<Value>>,
    at: &mut At,
) -> R<()> {
    // SAFETY: `at` is a complete frame at the instruction that takes the items, with room for one more operand.
    unsafe {
        let it = m.generator.value();
        if taking == Taking::Loop {
            *at.sp = it.bits();
            at.sp = at.sp.add(1);
            (at.ip, at.sp) = loops::given(at.ip, at.sp, at.fp, item?);
            return Ok(());
        }
        let r = rest(th, taking, m, item?)?;
        *at.sp = r.bits();
        at.sp = at.sp.add(1);
        if taking != Taking::List {
            // The call is done.
            at.ip = at.ip.add(2);
        }
        Ok(())
    }
}

/// Take this item and all that are left.
fn rest(th: &Thread, taking: Taking, m: &Made, item: Option<Value>) -> R {
    let generator = m.generator.value();
    let items = iter::Items::of(generator);
    let kept = &m.kept;
    match (taking, item) {
        (Taking::Sum, None) => match types::float::get(kept[0]).filter(|_| !kept[0].is_int()) {
            Some(sum) => types::float::new(th, builtins::total(sum, lost(kept))),
            None => Ok(kept[0]),
        },
        (Taking::Sum, Some(v)) => builtins::sum_on(th, kept[0], lost(kept), v, &items),
        (Taking::Set, Some(v)) => {
            dict::set_add(th, kept[0], v)?;
            types::set::update(th, kept[0], generator)?;
            Ok(kept[0])
        }
        (Taking::List, Some(v)) => {
            let l: Gc<ListObj> = habu_runtime::thread::expect(kept[0]);
            list::push(th, l, v)?;
            iter::extend_rest(th, l, &items)?;
            Ok(kept[0])
        }
        (_, None) => Ok(kept[0]),
        (Taking::Loop, Some(v)) => Ok(v),
    }
}

fn lost(kept: &[Value]) -> f64 {
    types::float::get(kept[1]).unwrap_or(0.0)
}
