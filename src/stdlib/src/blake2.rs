//! `_blake2`: BLAKE2b and BLAKE2s with all their parameters, by the definition in RFC 7693 and the BLAKE2 paper.
//!
//! What must hold: as in `hashes.rs`, a hash object's state is native memory behind a `NativeBox`.

use crate::hashes::data;
use crate::native_state;
use habu_runtime::classes::C;
use habu_runtime::core::{class, class_make, int, parse, string};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::ops;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, type_flags as tf};
use habu_runtime::thread::{R, Thread};
use habu_runtime::types::{bytes, iters};
use habu_runtime::value::{Slot, Value};

/// The order in which each round takes the words of a block; rounds 10 and 11 are 0 and 1 again.
const ORDER: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/// Which four words each of the eight mixing steps of a round works on.
const STEPS: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];
/// The first 64 bits of the fractions of the square roots of the first eight primes; BLAKE2s has their upper halves.
const START: [u64; 8] = [
    0x6a09e667f3bcc908,
    0xbb67ae8584caa73b,
    0x3c6ef372fe94f82b,
    0xa54ff53a5f1d36f1,
    0x510e527fade682d1,
    0x9b05688c2b3e6c1f,
    0x1f83d9abfb41bd6b,
    0x5be0cd19137e2179,
];

/// One of the two functions; sizes are in bytes.
struct Flavour {
    name: &'static str,
    block: usize,
    digest: usize,
    salt: usize,
    /// Bytes of a node's offset.
    offset: usize,
}
static FLAVOURS: [Flavour; 2] = [
    Flavour {
        name: "blake2b",
        block: 128,
        digest: 64,
        salt: 16,
        offset: 8,
    },
    Flavour {
        name: "blake2s",
        block: 64,
        digest: 32,
        salt: 8,
        offset: 6,
    },
];

/// The words of a state of either width.
#[derive(Clone)]
enum Words {
    B([u64; 8]),
    S([u32; 8]),
}
macro_rules! mixer {
    ($name:ident $t:ty, $rounds:literal, $start:expr, [$r1:literal $r2:literal $r3:literal $r4:literal]) => {
        /// Mix a block into the state; `count` bytes have come up to its end.
        fn $name(h: &mut [$t; 8], block: &[u8], count: u128, last: bool, last_node: bool) {
            const SIZE: usize = size_of::<$t>();
            let start: [$t; 8] = std::array::from_fn($start);
            let m: [$t; 16] = std::array::from_fn(|i| {
                let mut w = [0; SIZE];
                w.copy_from_slice(&block[i * SIZE..(i + 1) * SIZE]);
                <$t>::from_le_bytes(w)
            });
            let mut v: [$t; 16] = std::array::from_fn(|i| if i < 8 { h[i] } else { start[i - 8] });
            v[12] ^= count as $t;
            v[13] ^= (count >> (8 * SIZE)) as $t;
            if last {
                v[14] = !v[14];
            }
            if last && last_node {
                v[15] = !v[15];
            }
            for round in 0..$rounds {
                let order = &ORDER[round % 10];
                for (i, &[a, b, c, d]) in STEPS.iter().enumerate() {
                    let (x, y) = (m[order[2 * i]], m[order[2 * i + 1]]);
                    v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
                    v[d] = (v[d] ^ v[a]).rotate_right($r1);
                    v[c] = v[c].wrapping_add(v[d]);
                    v[b] = (v[b] ^ v[c]).rotate_right($r2);
                    v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
                    v[d] = (v[d] ^ v[a]).rotate_right($r3);
                    v[c] = v[c].wrapping_add(v[d]);
                    v[b] = (v[b] ^ v[c]).rotate_right($r4);
                }
            }
            for i in 0..8 {
                h[i] ^= v[i] ^ v[i + 8];
            }
        }
    };
}
mixer!(mix_b u64, 12, |i| START[i], [32 24 16 63]);
mixer!(mix_s u32, 10, |i| (START[i] >> 32) as u32, [16 12 8 7]);

#[derive(Clone)]
struct State {
    flavour: usize,
    words: Words,
    /// What is not mixed in yet: the last block is told so, hence a full one waits for what follows.
    rest: Vec<u8>,
    count: u128,
    size: usize,
    last_node: bool,
}
impl State {
    fn new(flavour: usize, parameters: &[u8], size: usize, last_node: bool) -> State {
        let words = match flavour {
            0 => Words::B(std::array::from_fn(|i| {
                let mut w = [0; 8];
                w.copy_from_slice(&parameters[i * 8..i * 8 + 8]);
                START[i] ^ u64::from_le_bytes(w)
            })),
            _ => Words::S(std::array::from_fn(|i| {
                let mut w = [0; 4];
                w.copy_from_slice(&parameters[i * 4..i * 4 + 4]);
                (START[i] >> 32) as u32 ^ u32::from_le_bytes(w)
            })),
        };
        State {
            flavour,
            words,
            rest: Vec::new(),
            count: 0,
            size,
            last_node,
        }
    }
    fn mix(&mut self, block: &[u8], last: bool) {
        match &mut self.words {
            Words::B(h) => mix_b(h, block, self.count, last, self.last_node),
            Words::S(h) => mix_s(h, block, self.count, last, self.last_node),
        }
    }
    fn update(&mut self, b: &[u8]) {
        let size = FLAVOURS[self.flavour].block;
        self.rest.extend_from_slice(b);
        let all = std::mem::take(&mut self.rest);
        let mut left = &all[..];
        while left.len() > size {
            let (block, more) = left.split_at(size);
            self.count += size as u128;
            self.mix(block, false);
            left = more;
        }
        self.rest = left.to_vec();
    }
    fn finish(mut self) -> Vec<u8> {
        let mut block = std::mem::take(&mut self.rest);
        self.count += block.len() as u128;
        block.resize(FLAVOURS[self.flavour].block, 0);
        self.mix(&block, true);
        let mut out: Vec<u8> = match self.words {
            Words::B(h) => h.iter().flat_map(|w| w.to_le_bytes()).collect(),
            Words::S(h) => h.iter().flat_map(|w| w.to_le_bytes()).collect(),
        };
        out.truncate(self.size);
        out
    }
}

// The one word: the box with the state.
fn slot(v: Value) -> &'static Slot {
    // SAFETY: hash objects have this native word.
    unsafe { v.cast_unchecked::<Instance>() }.word(1)
}
fn state(v: Value) -> &'static mut State {
    let b = slot(v).get().unwrap_or(Value::NONE);
    // SAFETY: the box holds a state until it dies, which is after the object on the stack; methods run one at a time
    // under the GIL and hold no other reference.
    unsafe { native_state::get(b) }
}
fn wrap(th: &Thread, cls: Gc<TypeObj>, s: State) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    let b = native_state::new(th, s)?;
    th.set_in(v, slot(v), Some(b));
    Ok(v)
}
fn make(th: &Thread, cls: Gc<TypeObj>, a: Args, flavour: usize) -> R {
    let f = &FLAVOURS[flavour];
    let p = parse::Params {
        func: f.name,
        names: [
            "data",
            "digest_size",
            "key",
            "salt",
            "person",
            "fanout",
            "depth",
            "leaf_size",
            "node_offset",
            "node_depth",
            "inner_size",
            "last_node",
            "usedforsecurity",
            "string",
        ],
        pos_only: 0,
        required: 0,
        max_pos: 1,
    };
    let [
        given,
        size,
        key,
        salt,
        person,
        fanout,
        depth,
        leaf,
        node,
        node_depth,
        inner,
        last,
        _,
        old,
    ] = parse::parse(th, a, &p)?;
    let number = |v: Option<Value>, default: i64| v.map_or(Ok(default), |v| parse::as_isize(th, v));
    let bad = |text: String| error::value_error(th, &text);
    let size = number(size, f.digest as i64)?;
    if !(1..=f.digest as i64).contains(&size) {
        return Err(bad(format!(
            "digest_size for {} must be between 1 and {} bytes, here it is {size}",
            ["Blake2b", "Blake2s"][flavour],
            f.digest
        )));
    }
    let part = |v: Option<Value>, what: &str, most: usize| -> R<&'static [u8]> {
        let b = v.map_or(Ok(&[][..]), |v| bytes::buffer(th, v))?;
        match b.len() > most {
            true => Err(bad(format!("maximum {what} length is {most} bytes"))),
            false => Ok(b),
        }
    };
    let salt = part(salt, "salt", f.salt)?;
    let person = part(person, "person", f.salt)?;
    let byte = |v: Option<Value>,
                what: &str,
                range: std::ops::RangeInclusive<i64>,
                default: i64|
     -> R<u8> {
        let n = number(v, default)?;
        match range.contains(&n) {
            true => Ok(n as u8),
            false => Err(bad(format!(
                "{what} must be between {} and {}",
                range.start(),
                range.end()
            ))),
        }
    };
    let fanout = byte(fanout, "fanout", 0..=255, 1)?;
    let depth = byte(depth, "depth", 1..=255, 1)?;
    let wide = |v: Option<Value>| -> R<u64> {
        match v {
            Some(v) if ops::truth(th, v)? => match int::to_i64(parse::index(th, v)?) {
                Some(n) if n >= 0 => Ok(n as u64),
                Some(_) => Err(bad("value must be positive".into())),
                None => Ok(u64::MAX),
            },
            _ => Ok(0),
        }
    };
    let leaf = wide(leaf)?;
    if leaf > u32::MAX as u64 {
        return Err(error::raise(th, C::OverflowError, "leaf_size is too large"));
    }
    let node = wide(node)?;
    if f.offset == 6 && node >> 48 != 0 {
        return Err(error::raise(
            th,
            C::OverflowError,
            "node_offset is too large",
        ));
    }
    let node_depth = byte(node_depth, "node_depth", 0..=255, 0)?;
    let inner = byte(inner, "inner_size", 0..=f.digest as i64, 0)?;
    let key = part(key, "key", f.digest)?;
    let last = last.map_or(Ok(false), |v| ops::truth(th, v))?;
    let mut block = vec![size as u8, key.len() as u8, fanout, depth];
    block.extend_from_slice(&(leaf as u32).to_le_bytes());
    block.extend_from_slice(&node.to_le_bytes()[..f.offset]);
    block.extend_from_slice(&[node_depth, inner]);
    // What is left of the first half is reserved; salt and person are a quarter each.
    block.resize(f.digest - 2 * f.salt, 0);
    for b in [salt, person] {
        block.extend_from_slice(b);
        block.resize(block.len() + f.salt - b.len(), 0);
    }
    let mut s = State::new(flavour, &block, size as usize, last);
    if !key.is_empty() {
        let mut first = key.to_vec();
        first.resize(f.block, 0);
        s.update(&first);
    }
    if let Some(v) = given.or(old) {
        s.update(data(th, v)?);
    }
    wrap(th, cls, s)
}
fn new_b(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    make(th, cls, a, 0)
}
fn new_s(th: &Thread, cls: Gc<TypeObj>, a: Args) -> R {
    make(th, cls, a, 1)
}
fn update(th: &Thread, v: Value, x: Value) -> R {
    let b = data(th, x)?;
    state(v).update(b);
    Ok(Value::NONE)
}
fn digest(th: &Thread, v: Value) -> R {
    bytes::new(th, &state(v).clone().finish())
}
fn hexdigest(th: &Thread, v: Value) -> R {
    let all = state(v).clone().finish();
    let text: String = all.iter().map(|b| format!("{b:02x}")).collect();
    string::new_value(th, &text)
}
fn copy(th: &Thread, v: Value) -> R {
    wrap(th, class::of(v), state(v).clone())
}
static METHODS: [MethodDef; 4] = [
    m2("update", update).sig("($self, data, /)"),
    m1("digest", digest).sig("($self, /)"),
    m1("hexdigest", hexdigest).sig("($self, /)"),
    m1("copy", copy).sig("($self, /)"),
];
fn flavour(v: Value) -> &'static Flavour {
    &FLAVOURS[state(v).flavour]
}
static GETSET: [GetSetDef; 3] = [
    gs("name", |th, v| string::new_value(th, flavour(v).name)),
    gs("block_size", |th, v| int::from_usize(th, flavour(v).block)),
    gs("digest_size", |th, v| int::from_usize(th, state(v).size)),
];
static BLAKE2B: TypeSpec = TypeSpec::new("blake2b", kinds::RECORD)
    .module("_blake2")
    .words(1)
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new_b);
static BLAKE2S: TypeSpec = TypeSpec::new("blake2s", kinds::RECORD)
    .module("_blake2")
    .words(1)
    .flags(tf::BASE)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(new_s);

pub fn init(th: &Thread) -> R<Gc<ModuleObj>> {
    let h = m::new(th, "_blake2", &[])?;
    for (spec, f) in [&BLAKE2B, &BLAKE2S].into_iter().zip(&FLAVOURS) {
        let c = class_make::from_spec(th, spec, None)?;
        let numbers = [
            ("SALT_SIZE", f.salt as i64),
            ("PERSON_SIZE", f.salt as i64),
            ("MAX_KEY_SIZE", f.digest as i64),
            ("MAX_DIGEST_SIZE", f.digest as i64),
        ];
        for (name, n) in numbers {
            let n = Value::small_int(n);
            habu_runtime::core::dict::set_text(th, c.dict(), name, n)?;
            let upper = format!("{}_{name}", f.name.to_uppercase());
            m::set(th, h, &upper, n)?;
        }
        m::set(th, h, spec.name, c.value())?;
    }
    Ok(h)
}
