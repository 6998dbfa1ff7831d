//! `habu`: the command line. It holds no semantics: it turns arguments into settings and a program to run.

#[global_allocator]
static ALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod cli;

fn main() {
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
