//! Handlers call each other in tail position, which LLVM turns into jumps only when it optimizes; other builds
//! run the same handlers behind a trampoline.
fn main() {
    println!("cargo::rustc-check-cfg=cfg(habu_threaded)");
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    if matches!(level.as_str(), "2" | "3") {
        println!("cargo::rustc-cfg=habu_threaded");
    }
}
