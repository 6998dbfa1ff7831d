//! `habu`: the command line. It holds no semantics: it turns arguments into settings and a program to run.

#[global_allocator]
static ALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod cli;

fn main() {
    // Deep recursion needs room on the native stack: the program runs on a thread that has it.
    let run = std::thread::Builder::new()
        .stack_size(cli::STACK_BYTES)
        .spawn(|| -> i32 {
            // From here, not from `main`: after a fork this thread is the only one that the child has.
            std::process::exit(cli::main())
        });
    // Signals are for that thread: here one would be noted only after `os.kill` had returned there.
    habu_stdlib::leave_signals_to_others();
    let code = match run.map(|t| t.join()) {
        Ok(Ok(code)) => code,
        Ok(Err(_)) => 134,
        Err(e) => {
            eprintln!("habu: cannot start: {e}");
            1
        }
    };
    std::process::exit(code)
}
