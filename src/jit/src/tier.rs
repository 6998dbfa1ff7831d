//! The tier as the runtime sees it: what is hot comes in, machine code is put in place, what leaves too often is
//! built again without the guess that failed.

use crate::assumptions::Assumptions;
use crate::build::{self, Bailout, Builder, Globals, Hints, Seen, Start};
use crate::clock::{Part, timed};
use crate::deopt::ExitInfo;
use crate::ir::{Func, Why};
use crate::record::CodeRecord;
use crate::unit::{CodeId, SUSPENDING, Unit, code_id};
use crate::worker::{Job, Piece, Progress, Worker};
use crate::{lower, memory, outermost, passes, stats, text, validate};
use cranelift_codegen::control::ControlPlane;
use habu_bytecode::CodeFlags;
use habu_heap::Value;
use habu_runtime::interp::frame::Frame;
use habu_runtime::interp::tier::{self, Entry, NEVER, Place, Tier};
use habu_runtime::interp::{Op, made_ops};
use habu_runtime::object::*;
use habu_runtime::thread::Thread;
use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};
use std::time::Instant;

/// The thresholds, in one place.
pub mod threshold {
    /// Calls of a function, iterations of a loop before it is compiled.
    pub const CALLS: u32 = 8000;
    pub const LOOPS: u32 = 16000;
    /// Iterations left to a loop in which a generator with a hot loop of its own is used up.
    pub const TAKEN: u32 = 300;
    /// Failures of one exit before its guess is given up; twice as many with each further version.
    pub const FAILURES: u32 = 16;
    pub const BYTES_PER_FAILURE: u32 = 32;
    /// Failures of another exit of the same code that make its guess doubtful too.
    pub const DOUBTS: u32 = 2;
    /// Ends of a compiled inner loop before the loop around it is compiled.
    pub const LOOP_ENDS: u32 = 3;
    /// Pieces of code for one loop, by what the frame holds when it is entered.
    pub const VARIANTS: u32 = 3;
    /// Versions of one piece of code.
    pub const VERSIONS: u32 = 8;
    /// Callers that are looked at before a function is compiled.
    pub const CALLERS: u32 = 6;
    /// Iterations of a loop, calls of a function that make it worth compiling in place of what it calls.
    pub const ROUNDS_CALLING: u32 = 1000;
    pub const CALLS_CALLING: u32 = 2000;
    /// Iterations of a loop that make it worth compiling in place of the loop in it.
    pub const ROUNDS_AROUND: u32 = 4;
    /// Calls and iterations after which what was put off for another is asked for again.
    pub const CALLS_PUT_OFF: u32 = 4000;
    pub const LOOPS_PUT_OFF: u32 = 16000;
    /// Calls and iterations after which code that is being compiled is asked for again.
    pub const CALLS_AGAIN: u32 = 200;
    pub const LOOPS_AGAIN: u32 = 500;
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    Off,
    #[default]
    On,
    /// At the first call, without waiting.
    Eager,
}

#[derive(Clone, Debug, Default)]
pub struct Options {
    pub mode: Mode,
    /// Calls or iterations before code is compiled (and waited for), in place of the thresholds.
    pub hot: Option<u32>,
    /// Every N-th guard fails (0: none).
    pub deopt_every: u32,
    /// Names of functions whose forms are printed: `ir`, `clif`, `asm`, and `asm-ARCH` for another machine.
    pub dump: Vec<(String, String)>,
    /// Write a map of the code for perf(1).
    pub perf: bool,
    pub effort: lower::Effort,
    /// Wait for code instead of going on in the interpreter.
    pub wait: bool,
}

impl Options {
    /// Is code made on a thread of its own? Not where what happens must not depend on how fast that is.
    fn in_background(&self) -> bool {
        self.mode == Mode::On
            && !self.wait
            && self.hot.is_none()
            && self.deopt_every == 0
            && self.dump.is_empty()
            && std::thread::available_parallelism().is_ok_and(|n| n.get() > 1)
    }
}

/// What is known of a code object.
#[derive(Default)]
struct Known {
    versions: u32,
    /// Compiled loops, by the offset of their header.
    loops: HashMap<u32, Entry>,
    /// What the frame held whenever a loop was compiled: a word that differed is not guessed about.
    seen: HashMap<u32, Vec<Seen>>,
    /// Pieces that were compiled, or tried, at least once.
    asked: HashSet<Option<u32>>,
    /// Pieces (the whole, or the loop at an offset) that cannot be compiled.
    refused: HashSet<Option<u32>>,
}

impl Known {
    /// How often each piece of this code was compiled, roughly.
    fn rounds(&self) -> u32 {
        self.versions / self.pieces()
    }
    fn pieces(&self) -> u32 {
        1 + self.loops.len() as u32
    }
    /// Were all versions made?
    fn is_spent(&self) -> bool {
        self.versions >= threshold::VERSIONS * self.pieces()
    }
}

#[derive(Default)]
pub struct State {
    codes: HashMap<CodeId, Known>,
    hints: Hints,
    globals: Globals,
    pub assumptions: Assumptions,
    /// Entries of generators that run on their saved words.
    in_place: HashMap<usize, Place>,
    pub records: Vec<&'static CodeRecord>,
    pub refusals: HashMap<&'static str, u32>,
    /// Calls of known functions that became a part of who calls, and those that did not, by reason.
    pub inlined: u32,
    pub not_inlined: HashMap<&'static str, u32>,
    /// Code given up, by what its last exit guessed.
    pub given_up: HashMap<Why, u32>,
}

pub struct Native {
    options: Options,
    state: Mutex<State>,
    /// Made when the first code is hot: what it takes to know whether there is to be one is not for every start.
    worker: OnceLock<Option<Worker>>,
    pub compile_ns: AtomicU64,
    pub build_ns: AtomicU64,
    pub compiled: AtomicU32,
}

static NATIVE: OnceLock<Native> = OnceLock::new();
static DEOPT: AtomicI64 = AtomicI64::new(1);

/// The counter that `-X jit-deopt` counts down.
pub fn deopt_counter() -> *const AtomicI64 {
    &DEOPT
}

/// Put the tier in place.
pub fn install(options: Options) {
    if options.mode == Mode::Off || lower::host(options.effort).is_none() {
        return;
    }
    let (calls, loops) = match options.mode {
        Mode::Eager => (0, 0),
        _ => (
            options.hot.unwrap_or(threshold::CALLS),
            options.hot.unwrap_or(threshold::LOOPS),
        ),
    };
    let n = NATIVE.get_or_init(|| Native {
        options,
        state: Mutex::default(),
        worker: OnceLock::new(),
        compile_ns: AtomicU64::new(0),
        build_ns: AtomicU64::new(0),
        compiled: AtomicU32::new(0),
    });
    tier::install(n, calls, loops);
}

fn native() -> Option<&'static Native> {
    NATIVE.get()
}

impl Native {
    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|p| p.into_inner())
    }

    /// The code if it is there; else it is made now, or in the background. `None`: not now.
    fn obtain(
        &'static self,
        th: &Thread,
        func: Gc<FunctionObj>,
        start: impl FnOnce() -> Start,
        piece: Piece,
    ) -> Obtained {
        let worker = self.worker.get_or_init(|| {
            let wanted = self.options.in_background();
            wanted.then(|| Worker::new(make))
        });
        if let Some(w) = worker {
            match w.progress(piece) {
                // What it assumes may have changed meanwhile: then its first check leaves it.
                Progress::Done(Ok(e)) => {
                    memory::made_elsewhere();
                    return Obtained::Code(e);
                }
                Progress::Done(Err(b)) => return Obtained::Never(Some(b)),
                Progress::Working => return Obtained::Later,
                Progress::Unknown if w.is_full() => return Obtained::Later,
                Progress::Unknown => {}
            }
        }
        if !self.admits(piece) {
            return Obtained::Never(None);
        }
        let began = Instant::now();
        let made = self.represent(th, func, &start());
        self.build_ns
            .fetch_add(began.elapsed().as_nanos() as u64, Relaxed);
        let (f, record) = match made {
            Ok(x) => x,
            Err(b) => return Obtained::Never(Some(b)),
        };
        self.state().records.push(record);
        let job = Box::new(Job {
            piece,
            func: f,
            record,
        });
        let job = match worker {
            Some(w) => match w.submit(job) {
                Ok(()) => return Obtained::Later,
                Err(job) => job,
            },
            None => job,
        };
        match make(&job.func, record) {
            Ok(e) => Obtained::Code(e),
            Err(b) => Obtained::Never(Some(b)),
        }
    }

    /// The representation of a piece of code, optimized, and what will be kept of it.
    fn represent(
        &self,
        th: &Thread,
        func: Gc<FunctionObj>,
        start: &Start,
    ) -> Result<(Func, &'static CodeRecord), Bailout> {
        let offset = match start {
            Start::Call => 0,
            Start::Loop(at, _) | Start::Resume(at, _) => *at,
        };
        let unit = Rc::new(Unit::new(func, offset).ok_or(Bailout("too large"))?);
        let code = unit.code;
        let hints = self.state().hints.clone();
        let mut globals = std::mem::take(&mut self.state().globals);
        let expects_feedback = self.options.mode != Mode::Eager;
        let valid: &'static AtomicU64 = Box::leak(Box::new(AtomicU64::new(1)));
        let at = valid as *const AtomicU64 as u64;
        let built = timed(Part::Build, || {
            build::build(unit, start, &hints, &mut globals, expects_feedback, at)
        });
        self.state().globals = globals;
        let mut f = built?;
        self.note_calls(&f);
        passes::run(&mut f);
        if let Err(e) = timed(Part::Validate, || validate::check(&f)) {
            if cfg!(debug_assertions) || self.options.mode == Mode::Eager {
                eprintln!("{}", text::print(&f));
                unreachable!("the compiler made something it must not: {e}")
            }
            return Err(Bailout("not valid"));
        }
        if let Start::Resume(..) = start {
            f.place = crate::in_place::place(&f);
        }
        self.dump("ir", &f.bodies[0].name, || text::print(&f));
        self.keep_alive(th, code, &f.roots)?;
        let record = Box::leak(Box::new(CodeRecord {
            name: f.bodies[0].name.clone(),
            code: code.raw() as u64,
            id: f.bodies[0].code,
            codes: f.bodies.iter().map(|b| (b.ops, b.code)).collect(),
            osr: f.osr,
            words: lower::frame_words(&f),
            // As many as iterators that an exit may have to make.
            scratch: f.exits.len().min(1) as u32 * 64,
            place: f.place,
            exits: OnceLock::new(),
            seen: match start {
                Start::Loop(_, seen) => seen.clone(),
                _ => Vec::new(),
            },
            entry: AtomicU64::new(0),
            next: AtomicU64::new(0),
            rank: AtomicU32::new(0),
            valid,
            retired: AtomicBool::new(false),
            size: AtomicU32::new(0),
            compile_ns: AtomicU64::new(0),
        }));
        self.state().assumptions.add(&f.assumptions, record);
        Ok((f, record))
    }

    fn dump(&self, what: &str, name: &str, text: impl FnOnce() -> String) {
        let wanted = |(w, n): &(String, String)| w == what && (n == name || n == "*");
        if self.options.dump.iter().any(wanted) {
            eprintln!("{}", text());
        }
    }

    /// What became of the calls of known functions.
    fn note_calls(&self, f: &Func) {
        let mut s = self.state();
        s.inlined += f.bodies.len() as u32 - 1;
        for why in &f.not_inlined {
            *s.not_inlined.entry(why).or_default() += 1;
        }
    }

    /// Lower and place.
    fn machine_code(&self, f: &Func, record: &'static CodeRecord) -> Result<Entry, Bailout> {
        let isa = lower::host(self.options.effort).ok_or(Bailout("no such machine"))?;
        let mut l = timed(Part::Lower, || {
            lower::lower(f, record, isa.as_ref(), self.options.deopt_every)
        });
        if l.scratch > record.scratch {
            return Err(Bailout("too many iterators"));
        }
        let name = &f.bodies[0].name;
        self.dump("clif", name, || l.ctx.func.display().to_string());
        for arch in crate::foreign::ARCHITECTURES {
            let form = format!("asm-{arch}");
            self.dump(&form, name, || crate::foreign::assembly(f, record, arch));
        }
        l.ctx
            .set_disasm(self.options.dump.iter().any(|(w, _)| w == "asm"));
        let made = timed(Part::Cranelift, || {
            l.ctx.compile(isa.as_ref(), &mut ControlPlane::default())
        });
        let out = match made {
            Ok(o) => o,
            Err(e) => {
                if cfg!(debug_assertions) {
                    eprintln!(
                        "{}\n{}",
                        text::print(f),
                        cranelift_codegen::print_errors::pretty_error(e.func, e.inner)
                    );
                }
                return Err(Bailout("Cranelift refused"));
            }
        };
        self.dump("asm", name, || out.vcode.clone().unwrap_or_default());
        if !out.buffer.relocs().is_empty() {
            return Err(Bailout("relocations"));
        }
        let bytes = out.code_buffer();
        record.size.store(bytes.len() as u32, Relaxed);
        let at = timed(Part::Place, || memory::install(bytes));
        let at = at.ok_or(Bailout("no room for code"))?;
        if self.options.perf {
            note_for_perf(at, bytes.len(), record);
        }
        if record.exits.set(l.exits).is_err() {
            return Err(Bailout("exits set twice"));
        }
        record.entry.store(at as u64, Relaxed);
        if record.place != Place::Stack {
            self.state().in_place.insert(at, record.place);
        }
        // SAFETY: complete machine code with this signature lies there.
        Ok(unsafe { std::mem::transmute::<usize, Entry>(at) })
    }

    /// What the machine code mentions lives as long as the code object.
    fn keep_alive(&self, th: &Thread, code: Gc<CodeObj>, roots: &[u64]) -> Result<(), Bailout> {
        // No collection may come between reading the words and storing them: the array is made first, and the words
        // are all still reachable from the function being compiled.
        let old = code.native_consts.get().and_then(|a| a.cast::<ArrayObj>());
        let have = old.map_or(0, |a| a.len());
        let Ok(a) = habu_runtime::core::shape::array(th, have + roots.len()) else {
            th.take();
            return Err(Bailout("out of memory"));
        };
        if let Some(o) = old {
            for i in 0..have {
                th.set(a, a.slot(i), o.slot(i).get());
            }
        }
        for (i, &w) in roots.iter().enumerate() {
            th.set(a, a.slot(have + i), Value::from_bits(w));
        }
        th.set(code, &code.native_consts, Some(a.value()));
        Ok(())
    }

    fn refuse(&self, (code, offset): Piece, why: Bailout) {
        let mut s = self.state();
        s.codes.entry(code).or_default().refused.insert(offset);
        *s.refusals.entry(why.0).or_default() += 1;
    }

    /// What the words of the frame were each time this loop was to be compiled.
    fn all_seen(&self, code: Gc<CodeObj>, offset: u32, now: Vec<Seen>) -> Vec<Seen> {
        let mut s = self.state();
        let k = s.codes.entry(code_id(code)).or_default();
        let all = k.seen.entry(offset).or_insert_with(|| now.clone());
        for (a, n) in all.iter_mut().zip(now) {
            let unset = |s| matches!(s, Seen::Empty | Seen::Perhaps);
            if *a != n {
                *a = if unset(*a) || unset(n) {
                    Seen::Perhaps
                } else {
                    Seen::Any
                };
            }
        }
        all.clone()
    }

    /// Code that was compiled for a loop or a resumption.
    fn entry_at(&self, code: Gc<CodeObj>, offset: u32) -> Option<Entry> {
        let s = self.state();
        s.codes.get(&code_id(code))?.loops.get(&offset).copied()
    }

    /// Is something else compiled first where it makes this superfluous? Not where code is wanted at once.
    fn is_patient(&self) -> bool {
        self.options.mode == Mode::On && self.options.hot.is_none()
    }

    /// Was this piece compiled, or is it being?
    fn is_known(&self, piece: Piece) -> bool {
        let s = self.state();
        let known = s.codes.get(&piece.0);
        known.is_some_and(|k| k.asked.contains(&piece.1))
    }

    /// Code from the middle of the code on, where the frame stands.
    fn obtain_at(
        &'static self,
        th: &Thread,
        f: Frame,
        sp: *mut u64,
        offset: u32,
        start: fn(u32, Vec<Seen>) -> Start,
    ) -> Obtained {
        let code = f.code();
        if let Some(e) = self.entry_at(code, offset) {
            return Obtained::Code(e);
        }
        // SAFETY: the frame's words up to `sp` are in use.
        let look = || start(offset, self.all_seen(code, offset, unsafe { look(f, sp) }));
        let o = self.obtain(th, f.func(), look, (code_id(code), Some(offset)));
        match o {
            Obtained::Code(e) => {
                let mut s = self.state();
                let k = s.codes.entry(code_id(code)).or_default();
                k.loops.insert(offset, e);
            }
            Obtained::Never(Some(why)) => self.refuse((code_id(code), Some(offset)), why),
            _ => {}
        }
        o
    }

    /// The loop of `record` was entered with a frame that holds something else: code for that, beside what there is.
    /// `false`: there is none to be had.
    fn extend(&'static self, th: &Thread, record: &CodeRecord, f: Frame, sp: *mut u64) -> bool {
        let rank = record.rank.load(Relaxed) + 1;
        // SAFETY: as an exit has left the frame, its words up to `sp` are in use.
        let now = unsafe { look(f, sp) };
        let Some(offset) = record.osr.filter(|_| rank < threshold::VARIANTS) else {
            return false;
        };
        if record.seen.is_empty() || now == record.seen {
            return false;
        }
        let code = f.code();
        let start = || {
            self.all_seen(code, offset, now.clone());
            Start::Loop(offset, now)
        };
        match self.obtain(th, f.func(), start, (code_id(code), Some(offset))) {
            Obtained::Later => true,
            Obtained::Never(_) => false,
            Obtained::Code(e) => {
                let at = e as usize as u64;
                let s = self.state();
                let mut made = s.records.iter().rev();
                if let Some(r) = made.find(|r| r.entry.load(Relaxed) == at) {
                    r.rank.store(rank, Relaxed);
                }
                record.next.store(at, Relaxed);
                true
            }
        }
    }

    /// May this code be compiled (once more)?
    fn admits(&self, (code, offset): Piece) -> bool {
        let mut s = self.state();
        let k = s.codes.entry(code).or_default();
        if k.refused.contains(&offset) || k.is_spent() {
            return false;
        }
        k.versions += 1;
        k.asked.insert(offset);
        true
    }
}

/// What the frame holds, up to `sp`.
///
/// # Safety
/// The frame's words up to `sp` are in use.
unsafe fn look(f: Frame, sp: *mut u64) -> Vec<Seen> {
    // SAFETY: the caller's promise.
    let words = unsafe { std::slice::from_raw_parts(f.0, sp.offset_from(f.0) as usize) };
    let locals = f.code().nlocalsplus.get() as usize;
    let held = words.iter().enumerate();
    held.map(|(i, &w)| Builder::look(w, i < locals)).collect()
}

/// What comes of asking for code.
#[derive(Clone, Copy)]
enum Obtained {
    Code(Entry),
    /// It is being made, or will be: ask again.
    Later,
    Never(Option<Bailout>),
}

/// Does a RESUME stand in a `yield from`? Then most of its runs hand something on to another generator, for which the
/// interpreter needs no native stack.
fn only_forwards(code: Gc<CodeObj>, offset: u32) -> bool {
    const AFTER_YIELD_FROM: u8 = 2;
    let arg = code.bytecode().get(offset as usize + 1);
    arg.is_some_and(|a| a & 3 == AFTER_YIELD_FROM)
}

/// What the compiler thread does.
fn make(f: &Func, record: &'static CodeRecord) -> Result<Entry, Bailout> {
    let native = native().ok_or(Bailout("no tier"))?;
    let began = Instant::now();
    let r = native.machine_code(f, record);
    let ns = began.elapsed().as_nanos() as u64;
    record.compile_ns.store(ns, Relaxed);
    native.compile_ns.fetch_add(ns, Relaxed);
    native.compiled.fetch_add(r.is_ok() as u32, Relaxed);
    r
}

impl Tier for Native {
    fn hot_call(&'static self, th: &Thread, f: Frame) {
        let code = f.code();
        let Some(ops) = made_ops(code) else {
            return;
        };
        let piece = (code_id(code), None);
        if !self.is_known(piece) && self.is_patient() && outermost::caller_is_next(f) {
            // SAFETY: the code's own threaded code.
            return unsafe { tier::recount_start(ops, threshold::CALLS_PUT_OFF) };
        }
        match self.obtain(th, f.func(), || Start::Call, piece) {
            Obtained::Code(entry) => {
                code.entry.set(entry as usize as u64);
                // SAFETY: the code's own threaded code.
                unsafe { tier::install_start(ops, entry) }
            }
            // SAFETY: as above.
            Obtained::Later => unsafe { tier::recount_start(ops, threshold::CALLS_AGAIN) },
            Obtained::Never(Some(why)) => self.refuse(piece, why),
            Obtained::Never(None) => {}
        }
    }

    fn hot_resume(&'static self, th: &Thread, f: Frame, sp: *mut u64, op: *mut Op) {
        let code = f.code();
        if code.flags.get() as u32 & SUSPENDING != CodeFlags::GENERATOR {
            return;
        }
        let Some(offset) = habu_runtime::interp::ops_offset(code, op) else {
            return;
        };
        // SAFETY: a RESUME.
        if only_forwards(code, offset) {
            return;
        }
        let obtained = self.obtain_at(th, f, sp, offset, Start::Resume);
        match obtained {
            Obtained::Code(e) => {
                hurry_taker(f);
                let place = self.state().in_place.get(&(e as usize)).copied();
                // SAFETY: as above.
                unsafe { tier::install_resume(op, Some((e, place.unwrap_or_default())), NEVER) }
            }
            // SAFETY: as above.
            Obtained::Later => unsafe { tier::install_resume(op, None, threshold::CALLS_AGAIN) },
            Obtained::Never(_) => {}
        }
    }

    fn hot_loop(&'static self, th: &Thread, f: Frame, sp: *mut u64, op: *mut Op) {
        let code = f.code();
        if ![0, CodeFlags::GENERATOR].contains(&(code.flags.get() as u32 & SUSPENDING)) {
            return;
        }
        let jump = habu_runtime::interp::ops_offset(code, op);
        let Some(offset) = jump.and_then(|j| Unit::jump_target(code, j)) else {
            return;
        };
        if self.is_patient()
            && !self.is_known((code_id(code), Some(offset)))
            && let Some(ops) = made_ops(code)
            // SAFETY: the code's own threaded code.
            && unsafe { tier::hand_over_loop_around(ops, offset, threshold::ROUNDS_AROUND) }
        {
            // SAFETY: a backward jump.
            return unsafe { tier::set_loop_count(op, threshold::LOOPS_PUT_OFF) };
        }
        // SAFETY: a backward jump.
        match self.obtain_at(th, f, sp, offset, Start::Loop) {
            Obtained::Code(e) => {
                hurry_taker(f);
                unsafe { tier::install_loop(op, Some(e)) }
            }
            Obtained::Later => unsafe { tier::set_loop_count(op, threshold::LOOPS_AGAIN) },
            Obtained::Never(_) => {}
        }
    }

    fn changed(&self, owner: u64, what: Option<u64>) {
        let mut s = self.state();
        let s = &mut *s;
        s.assumptions.broken(owner, what, &mut s.hints);
    }

    fn fork(&self, f: &mut dyn FnMut() -> i32) -> i32 {
        let pid = match self.worker.get() {
            Some(Some(w)) => w.fork(f),
            _ => f(),
        };
        if pid == 0 {
            memory::forked();
        }
        pid
    }

    fn report(&self) -> String {
        stats::report(self)
    }
}

/// A line of the map that perf(1) reads for code made at run time. Without the file perf shows addresses: no error.
fn note_for_perf(at: usize, len: usize, record: &CodeRecord) {
    use std::io::Write;
    let path = format!("/tmp/perf-{}.map", std::process::id());
    if let Ok(mut f) = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
    {
        let osr = record.osr.map_or(String::new(), |o| format!("@{o}"));
        let _ = writeln!(f, "{at:x} {len:x} habu:{}{osr}", record.name);
    }
}

/// An exit was taken, for the `n`-th time, and has left the frame as it is now.
pub fn exited(th: &Thread, record: &CodeRecord, exit: &ExitInfo, n: u32, f: Frame, sp: *mut u64) {
    if record.retired.load(Relaxed) {
        return;
    }
    if !record.is_valid() {
        return retire(record, 0);
    }
    if matches!(exit.why, Why::Raised | Why::Poll | Why::Deep | Why::Kept) {
        return;
    }
    if exit.why == Why::LoopEnd {
        if n == threshold::LOOP_ENDS {
            hurry_outer_loops(record);
        }
        return;
    }
    if exit.entry && n >= threshold::FAILURES {
        let native = native().filter(|n| n.options.deopt_every == 0);
        if native.is_some_and(|native| native.extend(th, record, f, sp)) {
            return;
        }
    }
    // Asked at powers of two only: code that stays leaves often.
    if n < threshold::FAILURES || !n.is_power_of_two() || exit.why == Why::NotCompiled {
        return;
    }
    let Some(native) = native() else { return };
    if native.options.deopt_every != 0 {
        return;
    }
    {
        let mut s = native.state();
        let k = s.codes.entry(record.id).or_default();
        // Code whose versions are spent stays as it is: most of it serves.
        if n < failures(native, record) << k.rounds().min(10) || k.is_spent() {
            return;
        }
        *s.given_up.entry(exit.why).or_default() += 1;
        for e in record.exits.get().into_iter().flatten() {
            let doubtful = e.taken.load(Relaxed) >= threshold::DOUBTS;
            if doubtful
                && !e.entry
                && !says_nothing(e.why)
                && let Some(f) = e.frames.last()
            {
                // The hint names the code whose instruction guessed wrong: of inlined frames the innermost.
                s.hints.insert((code_of(record, f.ops), e.offset, e.why));
            }
        }
    }
    retire(record, 1);
}

/// Nobody enters this code any more; what it is code for is counted again. `cost`: how much of what versions there may
/// be was used up.
fn retire(record: &CodeRecord, cost: u32) {
    let Some(native) = native() else { return };
    record.retired.store(true, Relaxed);
    let mut s = native.state();
    let k = s.codes.entry(record.id).or_default();
    k.versions = (k.versions + cost).saturating_sub(1);
    // SAFETY: records name live code: it is running.
    let code: Gc<CodeObj> = unsafe { Gc::from_raw(record.code as *mut CodeObj) };
    let Some(ops) = made_ops(code) else {
        return;
    };
    match record.osr {
        None => {
            code.entry.set(tier::interpret as *const () as u64);
            // SAFETY: the code's own threaded code.
            unsafe {
                tier::uninstall_start(ops);
                tier::recount_start(ops, again(native, threshold::CALLS));
            }
        }
        Some(offset) => {
            k.loops.remove(&offset);
            // SAFETY: as above; the offset is a loop header's or a RESUME's.
            unsafe {
                tier::recount_loops(ops, offset, again(native, threshold::LOOPS));
                tier::recount_resume(ops, offset, again(native, threshold::CALLS));
            }
        }
    }
}

/// Failures of an exit after which its code is worth making anew: what takes long to make may fail more often.
fn failures(native: &Native, record: &CodeRecord) -> u32 {
    let bytes = record.size.load(Relaxed);
    match native.is_patient() {
        true => threshold::FAILURES.max(bytes / threshold::BYTES_PER_FAILURE),
        false => threshold::FAILURES,
    }
}

/// What code that was given up counts down from until it is compiled again.
fn again(native: &Native, threshold: u32) -> u32 {
    native.options.hot.unwrap_or(threshold / 8)
}

/// Exits that are no wrong guesses.
fn says_nothing(why: Why) -> bool {
    matches!(
        why,
        Why::Raised
            | Why::Poll
            | Why::Deep
            | Why::Kept
            | Why::LoopEnd
            | Why::NotCompiled
            | Why::Broken
    )
}

/// Who takes the items of a generator with a hot loop is better off with code that takes them where they are yielded.
fn hurry_taker(f: Frame) {
    let Some(taker) = f.prev().filter(|_| f.generator().is_some()) else {
        return;
    };
    if let Some(ops) = made_ops(taker.code()) {
        // SAFETY: the frame's own threaded code and instruction.
        unsafe { tier::hurry_loop_at(ops, taker.ip(), threshold::TAKEN) }
    }
}

/// The loops around a compiled one are hot too.
fn hurry_outer_loops(record: &CodeRecord) {
    // SAFETY: records name live code: it is running.
    let code: Gc<CodeObj> = unsafe { Gc::from_raw(record.code as *mut CodeObj) };
    if let (Some(ops), Some(at)) = (made_ops(code), record.osr) {
        // SAFETY: the code's own threaded code.
        unsafe { tier::hurry_loops_around(ops, at) }
    }
}

/// The code object whose threaded code this is.
fn code_of(record: &CodeRecord, ops: u64) -> CodeId {
    record
        .codes
        .iter()
        .find(|(o, _)| *o == ops)
        .map_or(record.id, |(_, c)| *c)
}
