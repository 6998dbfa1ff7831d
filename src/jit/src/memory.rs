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
    // SAFETY: plain mappings of memory of our own; failures are checked. A second view of shared memory is what
    // `mremap` of no old bytes makes. Anonymous memory, since perf(1) looks names up only for that.
    unsafe {
        let write = libc::mmap(
            std::ptr::null_mut(),
            LIMIT,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        if write == libc::MAP_FAILED {
            return None;
        }
        let exec = libc::mremap(write, 0, LIMIT, libc::MREMAP_MAYMOVE);
        if exec == libc::MAP_FAILED
            || libc::mprotect(exec, LIMIT, libc::PROT_READ | libc::PROT_EXEC) != 0
        {
            libc::munmap(write, LIMIT);
            return None;
        }
        Some(Region {
            write: write as usize,
            exec: exec as usize,
            used: 0,
        })
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
        let mut p = start & !63;
        while p < start + len {
            std::arch::asm!("dc cvau, {0}", "ic ivau, {0}", in(reg) p);
            p += 64;
        }
        std::arch::asm!("dsb ish", "isb");
    }
}

/// x86-64 keeps instruction fetches coherent.
#[cfg(not(target_arch = "aarch64"))]
unsafe fn clear_cache(_: usize, _: usize) {}

pub fn used() -> usize {
    let g = REGION.lock().unwrap_or_else(|p| p.into_inner());
    g.as_ref().map_or(0, |r| r.used)
}
