//! `habu`: the command line. It holds no semantics: it turns arguments into settings and a program to run.

#[global_allocator]
static ALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// mimalloc commits its whole first arena and asks for huge pages, of which the first allocations of each size touch
/// many: 7 MB and a millisecond of every start. It also fills the tables of an arena of 1 GB, 40 pages of them. It has to
/// be told before anything is allocated, so before `main`.
#[cfg(target_os = "linux")]
mod allocator {
    use std::ffi::{c_int, c_long};

    unsafe extern "C" {
        fn mi_option_set_default(option: c_int, value: c_long);
    }
    const ARENA_EAGER_COMMIT: c_int = 4;
    const PURGE_DELAY: c_int = 15;
    const ARENA_RESERVE: c_int = 23;
    const ARENA_KIB: c_long = 64 << 10;
    /// What one compilation has freed is what the next one needs: it goes back to the system after seconds, not after
    /// a tenth of one.
    const MILLISECONDS: c_long = 500;

    extern "C" fn prepare() {
        // SAFETY: stores into mimalloc's static table of options; what the environment says goes before it.
        unsafe {
            mi_option_set_default(ARENA_EAGER_COMMIT, 0);
            mi_option_set_default(ARENA_RESERVE, ARENA_KIB);
            mi_option_set_default(PURGE_DELAY, MILLISECONDS);
        }
        super::descriptors::note()
    }
    // SAFETY: the loader calls it with arguments that a C function may ignore; it needs nothing that is set up later.
    #[used]
    #[unsafe(link_section = ".init_array.00099")]
    static FIRST: extern "C" fn() = prepare;
}

/// Rust opens `/dev/null` for a standard descriptor that is closed when the process starts, so that no file takes its
/// number. To Python it shall be closed: what was missing is noted before that, and closed again.
#[cfg(target_os = "linux")]
mod descriptors {
    use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

    static CLOSED: AtomicU8 = AtomicU8::new(0);

    pub fn note() {
        for fd in 0..3 {
            // SAFETY: a plain system call.
            let open = unsafe { libc::fcntl(fd, libc::F_GETFD) } >= 0;
            CLOSED.fetch_or((!open as u8) << fd, Relaxed);
        }
    }

    pub fn close_again() {
        let closed = CLOSED.load(Relaxed);
        for fd in (0..3).filter(|fd| closed >> fd & 1 != 0) {
            // SAFETY: nobody but the standard library's own start has opened it.
            unsafe { libc::close(fd) };
        }
    }
}

mod cli;

fn main() {
    #[cfg(target_os = "linux")]
    descriptors::close_again();
    // Deep recursion needs room on the native stack: the program runs on a thread that has it.
    for bytes in cli::STACK_BYTES {
        let started = std::thread::Builder::new()
            .stack_size(bytes)
            .spawn(|| -> i32 {
                // From here, not from `main`: after a fork this thread is the only one that the child has.
                std::process::exit(cli::main())
            });
        let Ok(thread) = started else { continue };
        // Signals are for that thread: here one would be noted only after `os.kill` had returned there.
        habu_stdlib::leave_signals_to_others();
        std::process::exit(thread.join().unwrap_or(134))
    }
    eprintln!("habu: not enough memory to start");
    std::process::exit(1)
}
