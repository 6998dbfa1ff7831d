//! `habu`: the command line. It holds no semantics: it turns arguments into settings and a program to run.

#[global_allocator]
static ALLOC: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod cli;

fn main() {
    // Deep recursion needs room on the native stack: the program runs on a thread that has it.
    for bytes in cli::STACK_BYTES {
        let Ok(thread) = std::thread::Builder::new()
            .stack_size(bytes)
            .spawn(cli::main)
        else {
            continue;
        };
        std::process::exit(thread.join().unwrap_or(134))
    }
    eprintln!("habu: not enough memory to start");
    std::process::exit(1)
}
