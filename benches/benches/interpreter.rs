//! The interpreter: what an instruction, a cached attribute, a call costs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use habu_benches::{ROUNDS, Runtime};
use habu_jit::Mode;

fn loops(c: &mut Criterion) {
    let r = Runtime::start(Mode::Off);
    let mut g = c.benchmark_group("interpreter");
    g.throughput(Throughput::Elements(ROUNDS as u64));
    r.each_loop(|name, call| {
        g.bench_function(name, |b| b.iter(call));
    });
    g.finish();
}

criterion_group!(benches, loops);
criterion_main!(benches);
