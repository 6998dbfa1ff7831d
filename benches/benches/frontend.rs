//! The front end: source to code units, and code units to bytes and back.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use habu_bytecode::marshal;
use habu_compiler::{Options, compile};
use std::hint::black_box;

const SOURCES: [(&str, &str); 3] = [
    ("richards", include_str!("../../perf/programs/richards.py")),
    (
        "deltablue",
        include_str!("../../perf/programs/deltablue.py"),
    ),
    (
        "json_parser",
        include_str!("../../perf/programs/json_parser.py"),
    ),
];

fn front_end(c: &mut Criterion) {
    let mut g = c.benchmark_group("compile");
    for (name, source) in SOURCES {
        g.throughput(Throughput::Bytes(source.len() as u64));
        g.bench_function(name, |b| {
            b.iter(|| compile(black_box(source), name, &Options::default()).is_ok())
        });
    }
    g.finish();
    let mut g = c.benchmark_group("marshal");
    let (name, source) = SOURCES[1];
    let Ok(compiled) = compile(source, name, &Options::default()) else {
        panic!("{name} does not compile");
    };
    let bytes = marshal::write_code(&compiled.code);
    g.throughput(Throughput::Bytes(bytes.len() as u64));
    g.bench_function("write", |b| {
        b.iter(|| black_box(marshal::write_code(&compiled.code)))
    });
    g.bench_function("read", |b| {
        b.iter(|| black_box(marshal::read_code(&bytes).is_ok()))
    });
    g.finish();
}

criterion_group!(benches, front_end);
criterion_main!(benches);
