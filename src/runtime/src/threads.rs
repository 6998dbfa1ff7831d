//! Attaching native threads to the runtime.

use crate::runtime::rt;
use crate::thread::{Thread, poll};
use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

thread_local! {
    static CURRENT: Cell<*const Thread> = const { Cell::new(std::ptr::null()) };
}

/// The attached threads.
static ALL: Mutex<Vec<Attached>> = Mutex::new(Vec::new());

struct Attached(*const Thread);

// SAFETY: the structures stay where they are; what is read of another thread is read under the GIL.
unsafe impl Send for Attached {}

fn all() -> std::sync::MutexGuard<'static, Vec<Attached>> {
    ALL.lock().unwrap_or_else(|p| p.into_inner())
}

/// Every attached thread.
pub fn each(f: &mut dyn FnMut(&Thread)) {
    let list: Vec<*const Thread> = all().iter().map(|a| a.0).collect();
    for t in list {
        // SAFETY: attached threads' structures are never freed.
        f(unsafe { &*t })
    }
}

/// After a fork only this thread is left.
pub fn after_fork(th: &Thread) {
    all().retain(|a| std::ptr::eq(a.0, th));
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);
static VM_STACK: AtomicUsize = AtomicUsize::new(0);

/// The running thread, for the rare places that are not handed it.
pub fn current() -> &'static Thread {
    let p = CURRENT.with(|c| c.get());
    assert!(!p.is_null(), "no runtime thread here");
    // SAFETY: set by `attach`, valid until `detach`.
    unsafe { &*p }
}

/// Bytes of VM stack that a thread reserves: room for a million frames where the system gives it.
const VM_BYTES: usize = 1 << 30;

fn reserve_vm_stack() -> (*mut u64, usize) {
    let mut n = VM_BYTES;
    loop {
        // SAFETY: an anonymous mapping of our own.
        let p = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                n,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if p != libc::MAP_FAILED {
            VM_STACK.store(n, Relaxed);
            return (p as *mut u64, n);
        }
        n /= 2;
        if n < 1 << 20 {
            eprintln!("habu: not enough memory for a stack");
            std::process::exit(1);
        }
    }
}

static SHARED: AtomicBool = AtomicBool::new(false);

/// Has there never been a second thread?
#[inline(always)]
pub fn is_alone() -> bool {
    !SHARED.load(Relaxed)
}

/// Make this native thread a runtime thread. It stays attached until `detach`.
pub fn attach(main: bool) -> &'static Thread {
    // SAFETY: all-zero is a valid empty `Thread` but for the mutator, which is made anew.
    let th: &'static Thread = unsafe {
        let mut b: Box<std::mem::MaybeUninit<Thread>> = Box::new(std::mem::MaybeUninit::zeroed());
        std::ptr::addr_of_mut!((*b.as_mut_ptr()).mutator).write(habu_heap::Mutator::new());
        &*(Box::into_raw(b) as *const Thread)
    };
    let (base, bytes) = reserve_vm_stack();
    th.vm_base.set(base);
    // SAFETY: the end of the mapping.
    th.vm_limit.set(unsafe { base.add(bytes / 8 - 1024) });
    th.mutator.vm_base.set(base);
    th.mutator.vm_top.set(base);
    th.id.store(NEXT_ID.fetch_add(1, Relaxed), Relaxed);
    th.is_main.set(main);
    if !main {
        SHARED.store(true, Relaxed);
    }
    th.depth_limit
        .set((rt().recursion_limit.load(Relaxed) as u64) << 32);
    CURRENT.with(|c| c.set(th));
    // SAFETY: the thread structure stays where it is.
    unsafe { th.mutator.attach() };
    let (lo, hi) = th.mutator.stack_bounds();
    let room = hi.saturating_sub(lo);
    // Keep a quarter of small stacks, at most 1 MB, for native code that does not check.
    th.native_limit.set(lo + (room / 4).min(1 << 20));
    th.native_base.set(hi);
    all().push(Attached(th));
    if crate::interp::events::wanted() != 0 {
        th.mutator.poll.fetch_or(poll::TRACE, Relaxed);
    }
    th
}

/// # Safety
/// The thread runs no Python code any more and nothing refers to its frames.
pub unsafe fn detach(th: &'static Thread) {
    all().retain(|a| !std::ptr::eq(a.0, th));
    th.recent.free();
    // SAFETY: the caller's promise.
    unsafe {
        th.mutator.detach();
        libc::munmap(th.vm_base.get() as *mut _, VM_STACK.load(Relaxed));
    }
    CURRENT.with(|c| c.set(std::ptr::null()));
}
