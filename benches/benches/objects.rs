//! Dicts, lists, texts and ints as the runtime's own functions see them.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use habu_benches::Runtime;
use habu_jit::Mode;
use habu_runtime::core::{dict, list, string};
use habu_runtime::object::{DictObj, Gc, ListObj, StrObj};
use habu_runtime::ops;
use habu_runtime::thread::expect;
use habu_runtime::value::Value;
use std::hint::black_box;

const SETUP: &str = "
d = {f'key{i}': i for i in range(1000)}
ints = {i * 7: i for i in range(1000)}
pairs = {(i, i + 1): i for i in range(1000)}
keys, numbers, tuples = list(d), list(ints), list(pairs)
# Equal keys that are other objects.
copies = [''.join([k[:2], k[2:]]) for k in keys]
words = 'the quick brown fox jumps over the lazy dog ' * 20
big, other, short = 7 ** 900, 5 ** 1000, 10 ** 18 + 9
";

fn objects(c: &mut Criterion) {
    let r = Runtime::start(Mode::Off);
    let th = r.th;
    r.run(SETUP);
    let list_of = |name: &str| -> Gc<ListObj> { expect(r.get(name)) };

    let mut g = c.benchmark_group("dict");
    g.throughput(Throughput::Elements(1000));
    for (what, table, keys) in [
        ("get by interned text", "d", "keys"),
        ("get by equal text", "d", "copies"),
        ("get by int", "ints", "numbers"),
        ("get by pair", "pairs", "tuples"),
    ] {
        let (d, keys): (Gc<DictObj>, _) = (expect(r.get(table)), list_of(keys));
        g.bench_function(what, |b| {
            b.iter(|| {
                for &k in list::items(keys) {
                    let _ = black_box(dict::get(th, d, k));
                }
            })
        });
    }
    g.bench_function("fill", |b| {
        let keys = list_of("keys");
        b.iter(|| {
            let Ok(d) = dict::new_dict(th) else { return };
            for &k in list::items(keys) {
                let _ = dict::set(th, d, k, Value::NONE);
            }
            black_box(d);
        })
    });
    g.finish();

    let mut g = c.benchmark_group("list");
    g.throughput(Throughput::Elements(1000));
    g.bench_function("fill", |b| {
        b.iter(|| {
            let Ok(l) = list::new(th) else { return };
            for i in 0..1000 {
                let _ = list::push(th, l, Value::small_int(i));
            }
            black_box(l);
        })
    });
    g.bench_function("copy", |b| {
        let keys = list_of("keys");
        b.iter(|| black_box(list::from_slice(th, list::items(keys)).is_ok()))
    });
    g.finish();

    let mut g = c.benchmark_group("str");
    let words: Gc<StrObj> = expect(r.get("words"));
    for method in ["split", "upper", "title", "strip", "encode"] {
        g.bench_function(method, |b| {
            b.iter(|| black_box(ops::call::method_named(th, words.value(), method, &[]).is_ok()))
        });
    }
    g.bench_function("slice of 5", |b| {
        b.iter(|| black_box(string::slice(th, words, 4, 9).is_ok()))
    });
    g.bench_function("hash of 5", |b| {
        b.iter(|| string::ascii_hash(black_box(b"quick")))
    });
    g.finish();

    let mut g = c.benchmark_group("int");
    use habu_bytecode::opcode::binary as op;
    let (big, other, short) = (r.get("big"), r.get("other"), r.get("short"));
    for (what, op, x, y) in [
        ("add 40 limbs", op::ADD, big, other),
        ("multiply 40 limbs", op::MULTIPLY, big, other),
        ("multiply by a limb", op::MULTIPLY, big, short),
        ("divide by a limb", op::FLOOR_DIVIDE, big, short),
    ] {
        g.bench_function(what, |b| {
            b.iter(|| black_box(ops::binary::binary(th, op, x, y).is_ok()))
        });
    }
    g.bench_function("text of 40 limbs", |b| {
        b.iter(|| black_box(ops::repr::repr(th, big).is_ok()))
    });
    g.finish();
}

criterion_group!(benches, objects);
criterion_main!(benches);
