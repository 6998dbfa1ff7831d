//! How long the native tier takes, by the size of the function: each is made anew and called once, which compiles
//! it; running it once costs next to nothing beside that.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use habu_benches::Runtime;
use habu_jit::Mode;
use habu_runtime::value::Value;

/// A function of so many statements.
fn source(statements: usize) -> String {
    let mut s = String::from("def f(x):\n    y = 1\n");
    for i in 0..statements {
        s += &match i % 4 {
            0 => format!("    y = (x + {i}) * y & 65535\n"),
            1 => format!("    if y > {}:\n        x = x + 1\n", i * 100),
            2 => "    x = x ^ y\n".into(),
            _ => "    y = y - x\n".into(),
        };
    }
    s + "    return y\n"
}

fn tier(c: &mut Criterion) {
    let r = Runtime::start(Mode::Eager);
    let mut g = c.benchmark_group("tier");
    g.sample_size(20);
    for statements in [10, 40, 160] {
        let text = source(statements);
        g.throughput(Throughput::Elements(statements as u64));
        g.bench_function(BenchmarkId::new("statements", statements), |b| {
            b.iter_batched(
                || {
                    r.run(&text);
                    r.get("f")
                },
                |f| r.call(f, &[Value::small_int(7)]),
                criterion::BatchSize::PerIteration,
            )
        });
    }
    g.finish();
}

criterion_group!(benches, tier);
criterion_main!(benches);
