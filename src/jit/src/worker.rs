//! The compiler thread: it turns the representation into machine code while the program goes on in the interpreter.
//!
//! What must hold: a job holds nothing of the heap but words that the code object being compiled keeps alive, so the
//! thread is none of the runtime's and never stops the world. Whoever asked for a piece of code asks again until it is
//! there: nothing is patched from here. A fork waits for the piece in work, since the child has no such thread.

use crate::build::Bailout;
use crate::ir::Func;
use crate::record::CodeRecord;
use crate::unit::CodeId;
use habu_runtime::interp::tier::Entry;
use rustc_hash::FxHashMap as HashMap;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};

/// A piece of code: a function, or what begins at a bytecode offset in it.
pub type Piece = (CodeId, Option<u32>);

/// More pieces than this are not taken on: what is hot then asks again, and has seen more.
const MOST: usize = 3;
const STACK_BYTES: usize = 16 << 20;

pub struct Job {
    pub piece: Piece,
    pub func: Func,
    pub record: &'static CodeRecord,
}

pub enum Progress {
    /// Nobody asked for it.
    Unknown,
    Working,
    Done(Result<Entry, Bailout>),
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Box<Job>>,
    /// Asked for and not fetched: the result, once it is there.
    pieces: HashMap<Piece, Option<Result<Entry, Bailout>>>,
    running: bool,
}

pub struct Worker {
    queue: Mutex<Queue>,
    more: Condvar,
    /// Held while a piece is in work.
    busy: Mutex<()>,
    make: fn(&Func, &'static CodeRecord) -> Result<Entry, Bailout>,
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(|p| p.into_inner())
}

impl Worker {
    pub fn new(make: fn(&Func, &'static CodeRecord) -> Result<Entry, Bailout>) -> Worker {
        Worker {
            queue: Mutex::default(),
            more: Condvar::new(),
            busy: Mutex::new(()),
            make,
        }
    }

    /// How far a piece is; what is done is handed out once.
    pub fn progress(&self, piece: Piece) -> Progress {
        let mut q = lock(&self.queue);
        match q.pieces.get(&piece) {
            None => Progress::Unknown,
            Some(None) => Progress::Working,
            Some(Some(_)) => match q.pieces.remove(&piece).flatten() {
                Some(r) => Progress::Done(r),
                None => Progress::Unknown,
            },
        }
    }

    pub fn is_full(&self) -> bool {
        lock(&self.queue).jobs.len() >= MOST
    }

    /// Take a piece on. `Err`: there is no thread to do it.
    pub fn submit(&'static self, job: Box<Job>) -> Result<(), Box<Job>> {
        let mut q = lock(&self.queue);
        if !q.running {
            let t = std::thread::Builder::new()
                .name("habu-compiler".into())
                .stack_size(STACK_BYTES)
                .spawn(move || self.run());
            if t.is_err() {
                return Err(job);
            }
            q.running = true;
        }
        q.pieces.insert(job.piece, None);
        q.jobs.push_back(job);
        self.more.notify_one();
        Ok(())
    }

    fn run(&self) {
        leave_signals_to_others();
        loop {
            let job = {
                let mut q = lock(&self.queue);
                loop {
                    match q.jobs.pop_front() {
                        Some(j) => break j,
                        None => q = self.more.wait(q).unwrap_or_else(|p| p.into_inner()),
                    }
                }
            };
            let piece = job.piece;
            let busy = lock(&self.busy);
            let r = (self.make)(&job.func, job.record);
            drop(job);
            if let Some(p) = lock(&self.queue).pieces.get_mut(&piece) {
                *p = Some(r);
            }
            drop(busy);
        }
    }

    /// Call `f`, which forks and gives 0 in the child: there the thread is gone, and what it had to do.
    pub fn fork(&self, f: &mut dyn FnMut() -> i32) -> i32 {
        let _busy = lock(&self.busy);
        let mut q = lock(&self.queue);
        let pid = f();
        if pid == 0 {
            *q = Queue::default();
        }
        pid
    }
}

/// Signals are for the threads that run Python.
fn leave_signals_to_others() {
    // SAFETY: a set of all signals, blocked for this thread.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &all, std::ptr::null_mut());
    }
}
