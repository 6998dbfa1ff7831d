//! Memory for machine code: one reserved region, mapped twice, so that no page is ever writable and executable.
//!
//! What must hold: code is written through the writable view, and its address in the executable view is handed out
//! only when it is complete. Room is never reused: a thread may still be inside code that nobody enters any more.

use std::sync::Mutex;

/// The most machine code a process may have.
pub const LIMIT: usize = 64 << 20;

struct Region {
    write: usize,
    exec: usize,
    used: usize,
}

static REGION: Mutex<Option<Region>> = Mutex::new(None);

fn map() -> Option<Region> {
    let (write, exec) = anonymous().or_else(of_a_file)?;
    Some(Region {
        write,
        exec,
        used: 0,
    })
}

const WRITE: i32 = libc::PROT_READ | libc::PROT_WRITE;
const EXEC: i32 = libc::PROT_READ | libc::PROT_EXEC;

fn mapping(prot: i32, flags: i32, fd: i32) -> Option<usize> {
    // SAFETY: a new mapping of memory of our own.
    let p = unsafe { libc::mmap(std::ptr::null_mut(), LIMIT, prot, flags, fd, 0) };
    (p != libc::MAP_FAILED).then_some(p as usize)
}

/// Two views of anonymous memory: perf(1) looks names up only for that. A second view is what `mremap` of no old bytes
/// makes.
fn anonymous() -> Option<(usize, usize)> {
    let write = mapping(WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS, -1)?;
    // SAFETY: the mapping just made; failures are checked.
    unsafe {
        let exec = libc::mremap(write as *mut _, 0, LIMIT, libc::MREMAP_MAYMOVE);
        if exec != libc::MAP_FAILED && libc::mprotect(exec, LIMIT, EXEC) == 0 {
            return Some((write, exec as usize));
        }
        libc::munmap(write as *mut _, LIMIT);
    }
    None
}

/// Two views of a file in memory, where there is no such `mremap`.
fn of_a_file() -> Option<(usize, usize)> {
    // SAFETY: a file of our own; failures are checked.
    unsafe {
        let fd = libc::memfd_create(c"habu-code".as_ptr(), libc::MFD_CLOEXEC);
        if fd < 0 {
            return None;
        }
        let there = libc::ftruncate(fd, LIMIT as i64) == 0;
        let view = |prot| mapping(prot, libc::MAP_SHARED, fd);
        let both = there.then(|| view(WRITE).zip(view(EXEC))).flatten();
        libc::close(fd);
        both
    }
}

/// In the child of a fork: the parent's code stays, but its room is the parent's, who goes on filling it.
pub fn forked() {
    *REGION.lock().unwrap_or_else(|p| p.into_inner()) = None;
}

/// Copy finished machine code to where it can run; `None` when there is no room.
pub fn install(code: &[u8]) -> Option<usize> {
    let mut g = REGION.lock().unwrap_or_else(|p| p.into_inner());
    if g.is_none() {
        *g = map();
    }
    let r = g.as_mut()?;
    let at = r.used.next_multiple_of(32);
    if at + code.len() > LIMIT {
        return None;
    }
    // SAFETY: `[at, at + len)` of the writable view is unused.
    unsafe {
        std::ptr::copy_nonoverlapping(code.as_ptr(), (r.write + at) as *mut u8, code.len());
        clear_cache(r.exec + at, code.len());
    }
    r.used = at + code.len();
    Some(r.exec + at)
}

#[cfg(target_arch = "aarch64")]
unsafe fn clear_cache(start: usize, len: usize) {
    // SAFETY: cache maintenance by address over memory that is mapped.
    unsafe {
        let sizes: usize;
        std::arch::asm!("mrs {0}, ctr_el0", out(reg) sizes);
        // The shortest lines of either kind of cache, in bytes.
        let line = 4 << (sizes & 15).min(sizes >> 16 & 15);
        let lines = || (start & !(line - 1)..start + len).step_by(line);
        for p in lines() {
            std::arch::asm!("dc cvau, {0}", in(reg) p);
        }
        // What was written is out before old instructions are dropped, or they would be fetched again.
        std::arch::asm!("dsb ish");
        for p in lines() {
            std::arch::asm!("ic ivau, {0}", in(reg) p);
        }
        std::arch::asm!("dsb ish", "isb");
    }
}

/// Code that another thread has installed is about to run here: what this processor fetched ahead is dropped.
#[cfg(target_arch = "aarch64")]
pub fn made_elsewhere() {
    // SAFETY: a barrier.
    unsafe { std::arch::asm!("isb", options(nostack, preserves_flags)) }
}

/// x86-64 does so by itself.
#[cfg(not(target_arch = "aarch64"))]
pub fn made_elsewhere() {}

/// x86-64 keeps instruction fetches coherent.
#[cfg(not(target_arch = "aarch64"))]
unsafe fn clear_cache(_: usize, _: usize) {}

pub fn used() -> usize {
    let g = REGION.lock().unwrap_or_else(|p| p.into_inner());
    g.as_ref().map_or(0, |r| r.used)
}
