//! `_md5`, `_sha1`, `_sha2`, `_sha3`: hash functions by the RustCrypto crates.
//!
//! What must hold: a hash object's state is native memory behind a `NativeBox`, which the collector drops with it.

use crate::native_state;
use digest::{DynDigest, ExtendableOutput};
use habu_runtime::core::{class, class_make, int, parse, string};
use habu_runtime::error;
use habu_runtime::kinds;
use habu_runtime::modules as m;
use habu_runtime::object::*;
use habu_runtime::spec::{
    Args, GetSetDef, MethodDef, TypeSpec, gs, m1, m2, mk, mv, type_flags as tf,
};
use habu_runtime::thread::{R, Thread, expect};
use habu_runtime::types::{bytes, iters};
use habu_runtime::value::{Slot, Value};

/// An algorithm: its name, block size in bytes, and a fresh state.
struct Algorithm {
    name: &'static str,
    block: i64,
    start: fn() -> State,
}
macro_rules! algorithms {
    ($($name:literal $block:literal $t:ty;)*) => {
        static ALGORITHMS: &[Algorithm] = &[$(Algorithm {
            name: $name,
            block: $block,
            start: || State::Fixed(Box::new(<$t>::default())),
        },)*
        Algorithm {
            name: "shake_128",
            block: 168,
            start: || State::Extendable(Extendable::Shake128(Default::default())),
        },
        Algorithm {
            name: "shake_256",
            block: 136,
            start: || State::Extendable(Extendable::Shake256(Default::default())),
        }];
    };
}
algorithms! {
    "md5" 64 md5::Md5;
    "sha1" 64 sha1::Sha1;
    "sha224" 64 sha2::Sha224;
    "sha256" 64 sha2::Sha256;
    "sha384" 128 sha2::Sha384;
    "sha512" 128 sha2::Sha512;
    "sha3_224" 144 sha3::Sha3_224;
    "sha3_256" 136 sha3::Sha3_256;
    "sha3_384" 104 sha3::Sha3_384;
    "sha3_512" 72 sha3::Sha3_512;
}

/// A function whose results are as long as one asks; it says 0 for its size, as `hashlib` does.
#[derive(Clone)]
enum Extendable {
    Shake128(shake::Shake128),
    Shake256(shake::Shake256),
}
impl Extendable {
    fn update(&mut self, b: &[u8]) {
        match self {
            Extendable::Shake128(s) => digest::Update::update(s, b),
            Extendable::Shake256(s) => digest::Update::update(s, b),
        }
    }
    fn finish(self, n: usize) -> Box<[u8]> {
        match self {
            Extendable::Shake128(s) => s.finalize_boxed(n),
            Extendable::Shake256(s) => s.finalize_boxed(n),
        }
    }
}
/// The state of a hash object.
enum State {
    Fixed(Box<dyn DynDigest>),
    Extendable(Extendable),
}
impl State {
    fn update(&mut self, b: &[u8]) {
        match self {
            State::Fixed(s) => s.update(b),
            State::Extendable(s) => s.update(b),
        }
    }
    fn copy(&self) -> State {
        match self {
            State::Fixed(s) => State::Fixed(s.box_clone()),
            State::Extendable(s) => State::Extendable(s.clone()),
        }
    }
    fn size(&self) -> usize {
        match self {
            State::Fixed(s) => s.output_size(),
            State::Extendable(_) => 0,
        }
    }
}

// Words: the box with the state, the algorithm's number.
fn slot(v: Value, i: usize) -> &'static Slot {
    // SAFETY: hash objects have these native words.
    unsafe { v.cast_unchecked::<Instance>() }.word(1 + i)
}
fn algorithm(v: Value) -> &'static Algorithm {
    &ALGORITHMS[slot(v, 1).get().and_then(|n| n.as_int()).unwrap_or(0) as usize]
}
fn state(v: Value) -> &'static mut State {
    let b = slot(v, 0).get().unwrap_or(Value::NONE);
    // SAFETY: the box holds a state until it dies, which is after the object on the stack; methods run one at a time
    // under the GIL and hold no other reference.
    unsafe { native_state::get(b) }
}
fn wrap(th: &Thread, cls: Gc<TypeObj>, number: usize, s: State) -> R {
    // SAFETY: just made with this class's layout.
    let v = unsafe { Value::from_ptr(iters::alloc(th, cls)?) };
    let b = native_state::new(th, s)?;
    th.set_in(v, slot(v, 0), Some(b));
    slot(v, 1).init(Some(Value::small_int(number as i64)));
    Ok(v)
}
/// The bytes to be hashed.
pub fn data(th: &Thread, v: Value) -> R<&'static [u8]> {
    if v.is::<StrObj>() {
        return Err(error::type_error(
            th,
            "Strings must be encoded before hashing",
        ));
    }
    match bytes::bytes_like(th, v)? {
        Some(b) => Ok(b),
        None => Err(error::type_error(
            th,
            "object supporting the buffer API required",
        )),
    }
}
fn make(th: &Thread, a: Args, module: &str, number: usize) -> R {
    let p = parse::Params {
        func: ALGORITHMS[number].name,
        names: ["data", "usedforsecurity", "string"],
        pos_only: 0,
        required: 0,
        max_pos: 1,
    };
    let [given, _, old] = parse::parse(th, a, &p)?;
    let me = habu_runtime::import::import_module(th, module)?;
    let cls: Gc<TypeObj> = expect(habu_runtime::core::attr::get_text(th, me, "_Hash")?);
    let mut s = (ALGORITHMS[number].start)();
    if let Some(v) = given.or(old) {
        s.update(data(th, v)?);
    }
    wrap(th, cls, number, s)
}
fn update(th: &Thread, v: Value, x: Value) -> R {
    let b = data(th, x)?;
    state(v).update(b);
    Ok(Value::NONE)
}
/// The result; extendable functions are told its length.
fn finished(th: &Thread, a: &[Value], func: &str) -> R<Box<[u8]>> {
    match (state(a[0]).copy(), a.get(1)) {
        (State::Fixed(s), None) => Ok(s.finalize()),
        (State::Extendable(s), Some(&n)) => {
            let n = parse::as_isize(th, n)?;
            if !(0..1 << 29).contains(&n) {
                return Err(error::value_error(th, "invalid length"));
            }
            Ok(s.finish(n as usize))
        }
        (State::Fixed(_), Some(_)) => {
            let text = format!("_Hash.{func}() takes no arguments (1 given)");
            Err(error::type_error(th, &text))
        }
        (State::Extendable(_), None) => {
            let text = format!("{func}() missing required argument 'length' (pos 1)");
            Err(error::type_error(th, &text))
        }
    }
}
fn digest_bytes(th: &Thread, a: &[Value]) -> R {
    bytes::new(th, &finished(th, a, "digest")?)
}
fn hexdigest(th: &Thread, a: &[Value]) -> R {
    let all = finished(th, a, "hexdigest")?;
    let text: String = all.iter().map(|b| format!("{b:02x}")).collect();
    string::new_value(th, &text)
}
fn copy(th: &Thread, v: Value) -> R {
    let number = slot(v, 1).get().and_then(|n| n.as_int()).unwrap_or(0);
    wrap(th, class::of(v), number as usize, state(v).copy())
}
static METHODS: [MethodDef; 4] = [
    m2("update", update).sig("($self, obj, /)"),
    mv("digest", digest_bytes, 1, 2),
    mv("hexdigest", hexdigest, 1, 2),
    m1("copy", copy).sig("($self, /)"),
];
static GETSET: [GetSetDef; 3] = [
    gs("name", |th, v| string::new_value(th, algorithm(v).name)),
    gs("block_size", |_, v| {
        Ok(Value::small_int(algorithm(v).block))
    }),
    gs("digest_size", |th, v| int::from_usize(th, state(v).size())),
];
/// One class a module: they differ in the name of their module only.
macro_rules! module {
    ($init:ident $name:literal $spec:ident [$($f:literal $n:literal),*] $count:literal) => {
        static $spec: TypeSpec = TypeSpec::new("_Hash", kinds::RECORD)
            .module($name)
            .words(2)
            .flags(tf::NO_NEW)
            .methods(&METHODS)
            .getset(&GETSET);
        pub fn $init(th: &Thread) -> R<Gc<ModuleObj>> {
            static FUNCTIONS: [MethodDef; $count] =
                [$(mk($f, |th, a| make(th, a, $name, $n))),*];
            let h = m::new(th, $name, &FUNCTIONS)?;
            let c = class_make::from_spec(th, &$spec, None)?;
            m::set(th, h, "_Hash", c.value())?;
            Ok(h)
        }
    };
}
module!(md5_module "_md5" MD5 ["md5" 0] 1);
module!(sha1_module "_sha1" SHA1 ["sha1" 1] 1);
module!(sha2_module "_sha2" SHA2 ["sha224" 2, "sha256" 3, "sha384" 4, "sha512" 5] 4);
module!(sha3_module "_sha3" SHA3 ["sha3_224" 6, "sha3_256" 7, "sha3_384" 8, "sha3_512" 9, "shake_128" 10, "shake_256" 11] 6);
