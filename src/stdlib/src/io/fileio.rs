//! `FileIO`: a file descriptor. Its calls of the system that other classes use too are in `descriptor`.

use super::descriptor::{MOST, seek_to, wait};
pub use super::descriptor::{read_all, read_into, seek_raw, write_from};
use super::*;
use crate::posix::path;
use habu_runtime::kinds;
use habu_runtime::modules::warnings;
use habu_runtime::spec::{Args, GetSetDef, MethodDef, gs, gss, m1, m2, mk, mv};
use habu_runtime::types::bytes;

const FD: usize = 0;
/// What is known of it, as bits.
const KNOWN: usize = 1;
const BLOCK: usize = 2;

const CREATED: i64 = 1;
pub const READS: i64 = 2;
pub const WRITES: i64 = 4;
const APPENDS: i64 = 8;
const CLOSES: i64 = 16;
pub const SEEKS: i64 = 32;
/// It was asked whether it seeks.
pub const ASKED: i64 = 64;
const FINALIZING: i64 = 128;
/// A character device, as terminals are.
const DEVICE: i64 = 256;
/// A buffered stream over it closes it.
const OWNED: i64 = 512;

fn num(v: Value, i: usize) -> i64 {
    slot(v, i).get().and_then(|n| n.as_int()).unwrap_or(-1)
}
fn set_num(v: Value, i: usize, n: i64) {
    slot(v, i).init(Some(Value::small_int(n)))
}
pub fn has(v: Value, bit: i64) -> bool {
    num(v, KNOWN) & bit != 0
}
pub fn set_bit(v: Value, bit: i64, on: bool) {
    let n = num(v, KNOWN);
    set_num(v, KNOWN, if on { n | bit } else { n & !bit });
}
pub fn set_owned(v: Value, on: bool) {
    set_bit(v, OWNED, on);
}
/// Of two that die together the outer one is closed, which closes the inner.
fn del(th: &Thread, v: Value) -> R {
    if has(v, OWNED) {
        Ok(Value::NONE)
    } else {
        base::del(th, v)
    }
}
pub fn fd(v: Value) -> i32 {
    num(v, FD) as i32
}
pub fn reads(v: Value) -> bool {
    has(v, READS)
}
pub fn writes(v: Value) -> bool {
    has(v, WRITES)
}
pub fn open(th: &Thread, v: Value) -> R<i32> {
    match fd(v) {
        f if f < 0 => Err(error::value_error(th, "I/O operation on closed file")),
        f => Ok(f),
    }
}
fn py_new(th: &Thread, cls: Gc<TypeObj>, _: Args) -> R {
    new(th, cls)
}
pub fn new(th: &Thread, cls: Gc<TypeObj>) -> R {
    let v = alloc(th, cls)?;
    set_num(v, FD, -1);
    set_num(v, KNOWN, CLOSES);
    set_num(v, BLOCK, BUFFER_SIZE as i64);
    Ok(v)
}
/// The FileIO of a standard stream: nothing is asked of the system.
pub fn over(th: &Thread, cls: Gc<TypeObj>, fd: i32, reading: bool, device: bool) -> R {
    let v = alloc(th, cls)?;
    set_num(v, FD, fd as i64);
    let kind = if device { DEVICE } else { 0 };
    set_num(v, KNOWN, kind | if reading { READS } else { WRITES });
    set_num(v, BLOCK, BUFFER_SIZE as i64);
    Ok(v)
}

/// The mode as bits and as flags of `open`.
fn parse_mode(th: &Thread, mode: &str) -> R<(i64, i32)> {
    let mut bits = 0;
    let (mut kinds, mut plus) = (0, 0);
    let mut flags = 0;
    for c in mode.chars() {
        match c {
            'x' => {
                kinds += 1;
                bits |= CREATED | WRITES;
                flags |= libc::O_EXCL | libc::O_CREAT;
            }
            'r' => {
                kinds += 1;
                bits |= READS;
            }
            'w' => {
                kinds += 1;
                bits |= WRITES;
                flags |= libc::O_CREAT | libc::O_TRUNC;
            }
            'a' => {
                kinds += 1;
                bits |= WRITES | APPENDS;
                flags |= libc::O_APPEND | libc::O_CREAT;
            }
            'b' => {}
            '+' => {
                plus += 1;
                bits |= READS | WRITES;
            }
            _ => {
                return Err(error::value_error(th, &format!("invalid mode: {mode}")));
            }
        }
        if kinds > 1 || plus > 1 {
            break;
        }
    }
    if kinds != 1 || plus > 1 {
        return Err(error::value_error(
            th,
            "Must have exactly one of create/read/write/append mode and at most one plus",
        ));
    }
    flags |= match bits & (READS | WRITES) {
        READS => libc::O_RDONLY,
        WRITES => libc::O_WRONLY,
        _ => libc::O_RDWR,
    };
    Ok((bits, flags | libc::O_CLOEXEC))
}
fn init_(th: &Thread, a: Args) -> R {
    let v = a.all()[0];
    let [file, mode, closefd, opener] = habu_runtime::args!(
        th,
        a.rest(),
        "FileIO",
        ["file", "mode", "closefd", "opener"],
        0,
        1,
        4
    );
    let file = file.unwrap_or(Value::NONE);
    let mode = match mode {
        Some(m) => parse::as_str(th, m, "FileIO() argument 'mode'")?
            .to_rust()
            .into_owned(),
        None => "r".into(),
    };
    let closefd = match closefd {
        Some(c) => ops::truth(th, c)?,
        None => true,
    };
    start(th, v, file, &mode, closefd, opener)?;
    Ok(Value::NONE)
}
pub fn start(
    th: &Thread,
    v: Value,
    file: Value,
    mode: &str,
    closefd: bool,
    opener: Option<Value>,
) -> R<()> {
    if fd(v) >= 0 {
        if has(v, CLOSES) {
            close_fd(th, v)?;
        } else {
            set_num(v, FD, -1);
        }
    }
    if file == Value::TRUE || file == Value::FALSE {
        warnings::warn(
            th,
            C::RuntimeWarning,
            "bool is used as a file descriptor",
            1,
        )?;
    }
    let given = match int::is_int(file)
        || class::special_of(file, habu_runtime::names::N::Index).is_some()
    {
        true => {
            let n = parse::as_i32(th, file)?;
            if n < 0 {
                return Err(error::value_error(th, "negative file descriptor"));
            }
            Some(n)
        }
        false => None,
    };
    let (bits, flags) = parse_mode(th, mode)?;
    set_num(v, KNOWN, bits | if closefd { CLOSES } else { 0 });
    let own = given.is_none();
    let f = match given {
        Some(f) => f,
        None => open_path(th, file, flags, closefd, opener)?,
    };
    set_num(v, FD, f as i64);
    let r = look(th, v, file);
    if r.is_err() && !own {
        set_num(v, FD, -1);
    } else if r.is_err() {
        let e = th.take();
        if close_fd(th, v).is_err() {
            th.take();
        }
        th.restore(e);
    }
    r
}
fn open_path(th: &Thread, file: Value, flags: i32, closefd: bool, opener: Option<Value>) -> R<i32> {
    if !closefd {
        return Err(error::value_error(
            th,
            "Cannot use closefd=False with file name",
        ));
    }
    let f = match opener.filter(|o| !o.is_none()) {
        None => {
            let bytes_of = habu_runtime::types::bytes::as_slice(file);
            let has_null = match file.cast::<StrObj>() {
                Some(s) => s.chars().any(|c| c == 0),
                None => bytes_of.is_some_and(|b| b.contains(&0)),
            };
            if has_null {
                return Err(error::value_error(th, "embedded null byte"));
            }
            let p = path::path(th, Some(file), "open")?;
            // SAFETY: the path is a C string.
            let mut open = || unsafe { libc::open(p.text.as_ptr(), flags, 0o666) as i64 };
            let mut r = wait(th, &mut open)?;
            if matches!(r, Err(libc::EMFILE | libc::ENFILE)) {
                atend::collect(th);
                r = wait(th, &mut open)?;
            }
            r.map_err(|e| error::os_error(th, e, Some(file)))? as i32
        }
        Some(o) => {
            let r = call::call(th, o, &[file, Value::small_int(flags as i64)])?;
            if !int::is_int(r) {
                return Err(error::type_error(th, "expected integer from opener"));
            }
            let f = parse::as_i32(th, r)?;
            if f < 0 {
                return Err(error::value_error(th, &format!("opener returned {f}")));
            }
            // SAFETY: a plain system call.
            unsafe {
                let old = libc::fcntl(f, libc::F_GETFD);
                libc::fcntl(f, libc::F_SETFD, old | libc::FD_CLOEXEC);
            }
            f
        }
    };
    Ok(f)
}
/// What the system says about the descriptor, and its name.
fn look(th: &Thread, v: Value, file: Value) -> R<()> {
    // SAFETY: zero bytes are a `stat`, and the call fills it.
    let (r, e, s) = th.blocked(|| unsafe {
        let mut s: libc::stat = std::mem::zeroed();
        let r = libc::fstat(fd(v), &mut s);
        (r, error::errno(), s)
    });
    if r < 0 {
        if e == libc::EBADF {
            return Err(error::os_error(th, e, None));
        }
    } else {
        if s.st_mode & libc::S_IFMT == libc::S_IFDIR {
            return Err(error::os_error(th, libc::EISDIR, Some(file)));
        }
        set_bit(v, DEVICE, s.st_mode & libc::S_IFMT == libc::S_IFCHR);
        if s.st_blksize > 1 {
            // 32 bits wide on some machines.
            #[allow(clippy::unnecessary_cast)]
            let size = s.st_blksize as i64;
            set_num(v, BLOCK, size.min(8 << 20));
        }
    }
    attr::set_text(th, v, "name", file)?;
    if has(v, APPENDS) {
        let r = seek_to(th, v, 0, 2);
        if let Err(e) = r
            && e != libc::ESPIPE
        {
            return Err(error::os_error(th, e, None));
        }
    }
    Ok(())
}
/// A buffer that suits it.
pub fn block_size(v: Value) -> usize {
    num(v, BLOCK).max(1) as usize
}
fn close_fd(th: &Thread, v: Value) -> R<()> {
    let f = fd(v);
    if f < 0 {
        return Ok(());
    }
    set_num(v, FD, -1);
    // SAFETY: the descriptor was ours.
    let (r, e) = th.blocked(|| (unsafe { libc::close(f) }, error::errno()));
    if r < 0 && e != libc::EINTR {
        return Err(error::os_error(th, e, None));
    }
    Ok(())
}

fn counted(n: Option<usize>) -> R {
    Ok(n.map_or(Value::NONE, |n| Value::small_int(n as i64)))
}
fn readall(th: &Thread, v: Value) -> R {
    match read_all(th, v)? {
        Some(b) => bytes::new(th, &b),
        None => Ok(Value::NONE),
    }
}
fn read(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    open(th, v)?;
    if !reads(v) {
        return Err(unsupported(th, "File not open for reading"));
    }
    let n = size_arg(th, a.get(1))?;
    if n < 0 {
        return ask(th, v, "readall", &[]);
    }
    let n = (n as usize).min(MOST);
    error::check_size(th, n)?;
    let mut b = vec![0; n];
    match read_into(th, v, &mut b)? {
        Some(n) => bytes::new(th, &b[..n]),
        None => Ok(Value::NONE),
    }
}
fn readinto(th: &Thread, v: Value, b: Value) -> R {
    open(th, v)?;
    if !reads(v) {
        return Err(unsupported(th, "File not open for reading"));
    }
    counted(read_into(th, v, room(th, b, "readinto")?)?)
}
fn write(th: &Thread, v: Value, b: Value) -> R {
    open(th, v)?;
    if !writes(v) {
        return Err(unsupported(th, "File not open for writing"));
    }
    if b.is::<StrObj>() {
        return Err(error::type_error(
            th,
            "a bytes-like object is required, not 'str'",
        ));
    }
    let n = write_from(th, v, data(th, b)?)?;
    // What a signal's handler raises is raised here, not somewhere behind.
    habu_runtime::polls::check(th)?;
    counted(n)
}
fn seek(th: &Thread, a: &[Value]) -> R {
    open(th, a[0])?;
    if a[1].is_float() {
        return Err(error::type_error(th, "an integer is required"));
    }
    let to = offset(th, a[1])?;
    let whence = match a.get(2) {
        Some(&w) => parse::as_i32(th, w)?,
        None => 0,
    };
    int::from_i64(th, seek_raw(th, a[0], to, whence)?)
}
fn tell(th: &Thread, v: Value) -> R {
    int::from_i64(th, seek_raw(th, v, 0, 1)?)
}
fn truncate(th: &Thread, a: &[Value]) -> R {
    let v = a[0];
    let f = open(th, v)?;
    if !writes(v) {
        return Err(unsupported(th, "File not open for writing"));
    }
    let size = match a.get(1).filter(|s| !s.is_none()) {
        Some(&s) => s,
        None => tell(th, v)?,
    };
    let n = offset(th, size)?;
    // SAFETY: a plain system call.
    path::sys(th, None, || unsafe { libc::ftruncate(f, n) as i64 })?;
    Ok(size)
}
pub fn seekable(th: &Thread, v: Value) -> R<bool> {
    open(th, v)?;
    if !has(v, ASKED) {
        let _ = seek_to(th, v, 0, 1);
    }
    Ok(has(v, SEEKS))
}
fn py_seekable(th: &Thread, v: Value) -> R {
    Ok(Value::bool(seekable(th, v)?))
}
fn readable(th: &Thread, v: Value) -> R {
    open(th, v)?;
    Ok(Value::bool(reads(v)))
}
fn writable(th: &Thread, v: Value) -> R {
    open(th, v)?;
    Ok(Value::bool(writes(v)))
}
fn fileno(th: &Thread, v: Value) -> R {
    Ok(Value::small_int(open(th, v)? as i64))
}
pub fn may_be_terminal(v: Value) -> bool {
    has(v, DEVICE)
}
pub fn is_terminal(th: &Thread, v: Value) -> R<bool> {
    let f = open(th, v)?;
    // SAFETY: a plain system call.
    Ok(th.blocked(|| unsafe { libc::isatty(f) }) == 1)
}
fn isatty(th: &Thread, v: Value) -> R {
    Ok(Value::bool(is_terminal(th, v)?))
}
pub fn close(th: &Thread, v: Value) -> R {
    let base = module::class(th, module::RAW_BASE)?;
    let f = attr::get_text(th, base, "close")?;
    let r = call::call(th, f, &[v]).map(drop);
    if !has(v, CLOSES) {
        set_num(v, FD, -1);
        r?;
        return Ok(Value::NONE);
    }
    let e = if r.is_err() { Some(th.take()) } else { None };
    if has(v, FINALIZING) && fd(v) >= 0 {
        dealloc_warn(th, v, v)?;
    }
    let closed = close_fd(th, v).map(|_| Value::NONE);
    match e {
        Some(e) => {
            let first = Err(th.restore(e));
            chain(th, first, || closed)
        }
        None => closed,
    }
}
fn dealloc_warn(th: &Thread, v: Value, source: Value) -> R {
    if fd(v) >= 0 && has(v, CLOSES) {
        let r = ops::repr::repr_string(th, source).and_then(|text| {
            warnings::warn(th, C::ResourceWarning, &format!("unclosed file {text}"), 1)
        });
        if r.is_err() {
            habu_runtime::modules::sys::unraisable(
                th,
                Some(v),
                "Exception ignored while finalizing file",
            );
        }
    }
    Ok(Value::NONE)
}
fn closed(_: &Thread, v: Value) -> R {
    Ok(Value::bool(fd(v) < 0))
}
fn closefd(_: &Thread, v: Value) -> R {
    Ok(Value::bool(has(v, CLOSES)))
}
fn mode_of(v: Value) -> &'static str {
    let both = has(v, READS) && has(v, WRITES);
    match () {
        _ if has(v, CREATED) => {
            if has(v, READS) {
                "xb+"
            } else {
                "xb"
            }
        }
        _ if has(v, APPENDS) => {
            if has(v, READS) {
                "ab+"
            } else {
                "ab"
            }
        }
        _ if both => "rb+",
        _ if has(v, READS) => "rb",
        _ => "wb",
    }
}
fn mode(th: &Thread, v: Value) -> R {
    string::new_value(th, mode_of(v))
}
fn block(_: &Thread, v: Value) -> R {
    Ok(Value::small_int(num(v, BLOCK)))
}
fn finalizing(_: &Thread, v: Value) -> R {
    Ok(Value::bool(has(v, FINALIZING)))
}
fn set_finalizing(th: &Thread, v: Value, x: Option<Value>) -> R<()> {
    let on = switch(th, x)?;
    set_bit(v, FINALIZING, on);
    Ok(())
}
fn repr(th: &Thread, v: Value) -> R {
    let cls = class::full_name(class::of(v));
    if fd(v) < 0 {
        return string::new_value(th, &format!("<{cls} [closed]>"));
    }
    let r = attr::get_text_opt(th, v, "name");
    let closefd = if has(v, CLOSES) { "True" } else { "False" };
    let name = match r? {
        None => format!("fd={}", fd(v)),
        Some(n) => {
            let r = ops::repr::guarded(th, v, || ops::repr::repr(th, n))?;
            let Some(r) = r.and_then(|r| r.cast::<StrObj>()) else {
                return Err(error::raise(
                    th,
                    C::RuntimeError,
                    &format!("reentrant call inside {cls}.__repr__"),
                ));
            };
            let mut b = string::Builder::new();
            b.push_str(&format!("<{cls} name="));
            b.push(r);
            b.push_str(&format!(" mode='{}' closefd={closefd}>", mode_of(v)));
            return b.finish_value(th);
        }
    };
    string::new_value(
        th,
        &format!("<{cls} {name} mode='{}' closefd={closefd}>", mode_of(v)),
    )
}

static METHODS: [MethodDef; 20] = [
    mk("__init__", init_),
    mv("read", read, 1, 2).sig("($self, size=-1, /)"),
    m1("readall", readall).sig("($self, /)"),
    m2("readinto", readinto).sig("($self, buffer, /)"),
    m2("write", write).sig("($self, b, /)"),
    mv("seek", seek, 2, 3).sig("($self, pos, whence=os.SEEK_SET, /)"),
    m1("tell", tell).sig("($self, /)"),
    mv("truncate", truncate, 1, 2).sig("($self, size=None, /)"),
    m1("close", close).sig("($self, /)"),
    m1("seekable", py_seekable).sig("($self, /)"),
    m1("readable", readable).sig("($self, /)"),
    m1("writable", writable).sig("($self, /)"),
    m1("fileno", fileno).sig("($self, /)"),
    m1("isatty", isatty).sig("($self, /)"),
    m1("_isatty_open_only", isatty),
    m2("_dealloc_warn", dealloc_warn),
    m1("__repr__", repr),
    mv("__reduce_ex__", bytesio::reduce, 2, 2),
    mv("__getstate__", no_state, 1, 1),
    m1("__del__", del),
];
static GETSET: [GetSetDef; 5] = [
    gs("closed", closed),
    gs("closefd", closefd),
    gs("mode", mode),
    gs("_blksize", block),
    gss("_finalizing", finalizing, set_finalizing),
];
pub static FILE_IO: TypeSpec = TypeSpec::new("FileIO", kinds::RECORD)
    .module("_io")
    .doc("A file descriptor as a stream of bytes.\n\nfile is a path or a descriptor; mode one of 'r', 'w', 'x', 'a' with '+' for both\nreading and writing. opener(path, flags) may open the path instead.")
    .sig("(file, mode='r', closefd=True, opener=None)")
    .words(3)
    .flags(base::FLAGS)
    .methods(&METHODS)
    .getset(&GETSET)
    .new_fn(py_new);
