//! What the heap asks of the system: address space, memory, the bounds of a stack, a prefetch.

use std::ptr;

/// Address space without memory behind it.
pub fn reserve(bytes: usize) -> Option<usize> {
    // SAFETY: a fresh anonymous mapping touches nothing that exists.
    let p = unsafe {
        libc::mmap(
            ptr::null_mut(),
            bytes,
            libc::PROT_NONE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if p == libc::MAP_FAILED {
        None
    } else {
        Some(p as usize)
    }
}

/// Makes reserved address space usable (it reads as zeros); `false` if the system has no more.
///
/// # Safety
/// `[lo, hi)` is page-aligned and lies in what `reserve` gave.
pub unsafe fn commit(lo: usize, hi: usize) -> bool {
    // SAFETY: the caller's promise.
    unsafe { libc::mprotect(lo as *mut _, hi - lo, libc::PROT_READ | libc::PROT_WRITE) == 0 }
}

/// Lets the system back the range with large pages, which it does at the first touch of each: a start touches 500 pages
/// of the heap, and 2 us of every fault are its own.
///
/// # Safety
/// `[lo, hi)` is page-aligned and lies in what `reserve` gave.
pub unsafe fn want_large_pages(lo: usize, hi: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: the caller's promise; advice changes no contents, and a system that knows none of it refuses.
    unsafe {
        libc::madvise(lo as *mut _, hi - lo, libc::MADV_HUGEPAGE)
    };
    #[cfg(not(target_os = "linux"))]
    let _ = (lo, hi);
}

/// Gives the whole pages of `[lo, hi)` back; they read as zeros from then on.
///
/// # Safety
/// The range is committed and nobody needs what is in it.
pub unsafe fn release(lo: usize, hi: usize, page: usize) {
    let lo = (lo + page - 1) & !(page - 1);
    let hi = hi & !(page - 1);
    if lo < hi {
        // SAFETY: the caller's promise.
        unsafe { libc::madvise(lo as *mut _, hi - lo, libc::MADV_DONTNEED) };
    }
}

pub fn page_size() -> usize {
    // SAFETY: a plain libc call.
    let n = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    if n > 0 { n as usize } else { 4096 }
}

/// How much address space the process may still take, if that is limited.
pub fn address_space_left() -> Option<usize> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is a valid place for the answer.
    let ok = unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) } == 0;
    if !ok || limit.rlim_cur == libc::RLIM_INFINITY {
        return None;
    }
    let used = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|s| {
            s.split_whitespace()
                .next()
                .and_then(|n| n.parse::<usize>().ok())
        })
        .unwrap_or(0)
        * page_size();
    Some((limit.rlim_cur as usize).saturating_sub(used))
}

/// Lowest address and base of the calling thread's native stack.
pub fn stack_bounds() -> (usize, usize) {
    // SAFETY: plain libc calls about the current thread, with valid places for the answers.
    unsafe {
        let mut attr: libc::pthread_attr_t = std::mem::zeroed();
        let (mut lo, mut size) = (ptr::null_mut(), 0);
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attr) == 0 {
            libc::pthread_attr_getstack(&attr, &mut lo, &mut size);
            libc::pthread_attr_destroy(&mut attr);
        }
        (lo as usize, lo as usize + size)
    }
}

#[inline(always)]
pub fn prefetch<T>(p: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch never faults.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(p as *const i8)
    };
    #[cfg(target_arch = "aarch64")]
    // SAFETY: a prefetch never faults.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) p, options(nostack, readonly, preserves_flags))
    };
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = p;
}
