//! The same loops in native code.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use habu_benches::{LOOPS, Runtime};
use habu_jit::Mode;
use habu_runtime::value::Value;

const ROUNDS: i64 = 3000;

fn loops(c: &mut Criterion) {
    let r = Runtime::start(Mode::On);
    let mut g = c.benchmark_group("native");
    g.throughput(Throughput::Elements(ROUNDS as u64));
    for (name, source) in LOOPS {
        r.run(source);
        let f = r.get("f");
        g.bench_function(name, |b| b.iter(|| r.call(f, &[Value::small_int(ROUNDS)])));
    }
    g.finish();
}

criterion_group!(benches, loops);
criterion_main!(benches);
