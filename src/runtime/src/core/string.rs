//! Text: code points in 1, 2 or 4 bytes each, with an ASCII flag and a cached hash.
//!
//! What must hold: the width is the smallest that fits, so equal strings have equal layouts; a string never
//! changes once anybody else can see it.

use super::recent;
use super::short::{self, Short};
use crate::classes::C;
use crate::object::*;
use crate::runtime::rt;
use crate::thread::{R, Thread};
use habu_heap::Header;
use std::borrow::Cow;
use std::sync::atomic::Ordering::Relaxed;

pub const WIDTH_MASK: u8 = 3;
pub const ASCII: u8 = 4;
pub const INTERNED: u8 = 8;

/// A string's code points in their width.
#[derive(Clone, Copy)]
pub enum Units<'a> {
    One(&'a [u8]),
    Two(&'a [u16]),
    Four(&'a [u32]),
}

impl StrObj {
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len.get() as usize
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    #[inline(always)]
    pub fn flags(&self) -> u8 {
        self.header.flags.load(Relaxed)
    }
    #[inline(always)]
    pub fn width_log2(&self) -> u8 {
        self.flags() & WIDTH_MASK
    }
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.flags() & ASCII != 0
    }
    #[inline(always)]
    pub fn data(&self) -> *const u8 {
        match self.owner.get() {
            // SAFETY: data stands right behind the struct.
            None => unsafe { (self as *const Self).add(1) as *const u8 },
            // SAFETY: an owner is a `RawBuf` whose bytes stand behind its struct.
            Some(b) => unsafe { (b.bits() as *const RawBuf).add(1) as *const u8 },
        }
    }
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: `len << width` bytes are there and never change.
        unsafe { std::slice::from_raw_parts(self.data(), self.len() << self.width_log2()) }
    }
    #[inline(always)]
    pub fn units(&self) -> Units<'_> {
        let (d, n) = (self.data(), self.len());
        // SAFETY: as above; data is 8-aligned.
        unsafe {
            match self.width_log2() {
                0 => Units::One(std::slice::from_raw_parts(d, n)),
                1 => Units::Two(std::slice::from_raw_parts(d as *const u16, n)),
                _ => Units::Four(std::slice::from_raw_parts(d as *const u32, n)),
            }
        }
    }
    /// Code point `i`.
    #[inline(always)]
    pub fn at(&self, i: usize) -> u32 {
        match self.units() {
            Units::One(s) => s[i] as u32,
            Units::Two(s) => s[i] as u32,
            Units::Four(s) => s[i],
        }
    }
    pub fn chars(&self) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + '_ {
        (0..self.len()).map(move |i| self.at(i))
    }
    /// As Rust text; lone surrogates become U+FFFD.
    pub fn to_rust(&self) -> Cow<'_, str> {
        if self.is_ascii() {
            // SAFETY: the flag says that all bytes are ASCII.
            return Cow::Borrowed(unsafe { std::str::from_utf8_unchecked(self.bytes()) });
        }
        Cow::Owned(
            self.chars()
                .map(|c| char::from_u32(c).unwrap_or('\u{fffd}'))
                .collect(),
        )
    }
    /// UTF-8, or `None` where a lone surrogate stands in the way.
    pub fn to_utf8(&self) -> Option<Cow<'_, str>> {
        if self.is_ascii() {
            return Some(self.to_rust());
        }
        let s: Option<String> = self.chars().map(char::from_u32).collect();
        s.map(Cow::Owned)
    }
    pub fn has_surrogates(&self) -> bool {
        self.width_log2() > 0 && self.chars().any(|c| (0xd800..0xe000).contains(&c))
    }
    #[inline]
    pub fn equals(&self, o: &StrObj) -> bool {
        std::ptr::eq(self, o)
            || (self.len() == o.len()
                && self.width_log2() == o.width_log2()
                && {
                    let (a, b) = (self.hash.get(), o.hash.get());
                    a == 0 || b == 0 || a == b
                }
                // SAFETY: both have that many bytes.
                && unsafe { equal_bytes(self.data(), o.data(), self.len() << self.width_log2()) })
    }
    /// Up to eight one-byte characters as a word, the first one lowest, if they stand in the object itself; what is
    /// behind them in the word may be anything.
    #[inline(always)]
    pub fn first_word(&self) -> Option<u64> {
        if self.len().wrapping_sub(1) >= 8 || self.owner.get().is_some() {
            return None;
        }
        // SAFETY: data stands behind the object and has room for whole words.
        Some(u64::from_le(unsafe {
            *((self as *const Self).add(1) as *const u64)
        }))
    }
    /// The same for strings whose hashes are known to be the same, without a call; `None` for long ones.
    #[inline(always)]
    pub fn same_short_text(&self, o: &StrObj) -> Option<bool> {
        let n = self.len();
        if n != o.len() || (self.flags() ^ o.flags()) & WIDTH_MASK != 0 {
            return Some(false);
        }
        let bytes = n << self.width_log2();
        if bytes > SHORT {
            return None;
        }
        // SAFETY: both have that many bytes.
        Some(unsafe { equal_short(self.data(), o.data(), bytes) })
    }
    #[inline]
    pub fn eq_str(&self, s: &str) -> bool {
        if self.is_ascii() {
            self.bytes() == s.as_bytes()
        } else {
            self.chars().eq(s.chars().map(|c| c as u32))
        }
    }
    /// The hash, never 0 once computed.
    #[inline(always)]
    pub fn hash(&self) -> u64 {
        match self.hash.get() {
            0 => self.hash_slow(),
            h => h,
        }
    }
    /// The hash, or 0.
    #[inline(always)]
    pub fn hash_if_known(&self) -> u64 {
        self.hash.get()
    }
    #[cold]
    #[inline(never)]
    fn hash_slow(&self) -> u64 {
        let h = ascii_hash(self.bytes());
        self.hash.set(h);
        h
    }
}

/// The hash of a `str` with these bytes (of its own width): never 0 but for the empty one.
pub fn ascii_hash(b: &[u8]) -> u64 {
    match crate::core::hash::bytes(b) {
        0 if !b.is_empty() => 1,
        h => h,
    }
}

/// Up to seven bytes as a number, the first one lowest.
#[inline(always)]
pub fn short_word(b: &[u8]) -> u64 {
    let n = b.len();
    match (b.first_chunk::<4>(), b.last_chunk::<4>()) {
        (Some(a), Some(z)) => {
            let (a, z) = (u32::from_le_bytes(*a), u32::from_le_bytes(*z));
            u64::from(a) | u64::from(z) << (8 * (n - 4))
        }
        _ => b.iter().rev().fold(0, |w, &c| w << 8 | u64::from(c)),
    }
}

/// So many bytes are compared and copied without a call, which would cost more than they do.
const SHORT: usize = 32;

/// # Safety
/// `n` bytes are readable at both places.
#[inline(always)]
unsafe fn equal_bytes(a: *const u8, b: *const u8, n: usize) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        if n <= SHORT {
            equal_short(a, b, n)
        } else {
            std::slice::from_raw_parts(a, n) == std::slice::from_raw_parts(b, n)
        }
    }
}

/// Are up to 32 bytes the same? They are read as two halves that may overlap.
///
/// # Safety
/// `n` bytes are readable at both places.
#[inline(always)]
unsafe fn equal_short(a: *const u8, b: *const u8, n: usize) -> bool {
    // SAFETY: the caller's promise; `n` says which reads are inside.
    unsafe {
        macro_rules! halves {
            ($t:ty) => {{
                let last = n - size_of::<$t>();
                let x = a.cast::<$t>().read_unaligned() ^ b.cast::<$t>().read_unaligned();
                let y = a.add(last).cast::<$t>().read_unaligned()
                    ^ b.add(last).cast::<$t>().read_unaligned();
                x | y == 0
            }};
        }
        match n {
            0 => true,
            1 => *a == *b,
            2..4 => halves!(u16),
            4..8 => halves!(u32),
            8..16 => halves!(u64),
            _ => halves!(u128),
        }
    }
}

/// Copy `n` bytes between places that do not overlap, few of them without a call.
///
/// # Safety
/// `n` bytes are readable at `src` and writable at `dst`.
#[inline(always)]
unsafe fn copy_bytes(src: *const u8, dst: *mut u8, n: usize) {
    // SAFETY: as above.
    unsafe {
        macro_rules! halves {
            ($t:ty) => {{
                let last = n - size_of::<$t>();
                let x = src.cast::<$t>().read_unaligned();
                let y = src.add(last).cast::<$t>().read_unaligned();
                dst.cast::<$t>().write_unaligned(x);
                dst.add(last).cast::<$t>().write_unaligned(y);
            }};
        }
        match n {
            0 => {}
            1 => *dst = *src,
            2..4 => halves!(u16),
            4..8 => halves!(u32),
            8..16 => halves!(u64),
            16..=SHORT => halves!(u128),
            _ => std::ptr::copy_nonoverlapping(src, dst, n),
        }
    }
}

/// An uninitialized string of `len` code points of this width; the caller fills the data at once.
#[inline]
pub(super) fn alloc_str(th: &Thread, len: usize, width: u8, ascii: bool) -> R<Gc<StrObj>> {
    let bytes = (len << width).div_ceil(8) * 8;
    let size = std::mem::size_of::<StrObj>() + bytes;
    let flags = width | if ascii { ASCII } else { 0 };
    let s: Gc<StrObj> = th.alloc(C::Str.shape(), flags, size)?;
    s.sizes.set(sizes(size / 8, 1));
    s.owner.init(None);
    s.len.set(len as u64);
    s.hash.set(0);
    Ok(s)
}

/// The string of two to eight one-byte characters in a word, the first one lowest; the others are 0.
#[inline(always)]
pub(super) fn of_word(th: &Thread, word: u64, len: usize) -> R<Gc<StrObj>> {
    debug_assert!((2..=8).contains(&len));
    let size = std::mem::size_of::<StrObj>() + 8;
    let ascii = word & 0x8080_8080_8080_8080 == 0;
    let s: Gc<StrObj> = th.alloc(C::Str.shape(), if ascii { ASCII } else { 0 }, size)?;
    s.sizes.set(sizes(size / 8, 1));
    s.owner.init(None);
    s.len.set(len as u64);
    s.hash.set(0);
    // SAFETY: the object has room for one word of characters.
    unsafe { *(s.raw().add(1) as *mut u64) = word.to_le() };
    Ok(s)
}

#[inline(always)]
fn fill(s: Gc<StrObj>, src: *const u8, bytes: usize) {
    // SAFETY: `s` was allocated with room for `bytes`.
    unsafe { copy_bytes(src, s.raw().add(1) as *mut u8, bytes) }
}

/// A new string of `len` (two or more) one-byte characters that `write` fills in; it must not allocate. `ascii`
/// says what they are.
#[inline(always)]
pub fn build(th: &Thread, len: usize, ascii: bool, write: impl FnOnce(&mut [u8])) -> R<Gc<StrObj>> {
    debug_assert!(len > 1);
    let s = alloc_str(th, len, 0, ascii)?;
    // SAFETY: the room is there, nobody else knows the object, and memory of the heap always holds something.
    let room = unsafe { std::slice::from_raw_parts_mut(s.raw().add(1) as *mut u8, len) };
    write(room);
    debug_assert!(!ascii || s.bytes().is_ascii());
    Ok(s)
}

/// Writes parts one behind the other into the room of `build`.
pub struct Filler<'a> {
    room: &'a mut [u8],
    at: usize,
}

impl<'a> Filler<'a> {
    pub fn new(room: &'a mut [u8]) -> Filler<'a> {
        Filler { room, at: 0 }
    }
    #[inline(always)]
    pub fn push(&mut self, b: &[u8]) {
        let to = &mut self.room[self.at..self.at + b.len()];
        // SAFETY: the slices have this length; new room overlaps with no text.
        unsafe { copy_bytes(b.as_ptr(), to.as_mut_ptr(), b.len()) }
        self.at += b.len();
    }
    #[inline(always)]
    pub fn push_many(&mut self, c: u8, n: usize) {
        self.room[self.at..self.at + n].fill(c);
        self.at += n;
    }
}

pub fn ascii(th: &Thread, b: &[u8]) -> R<Gc<StrObj>> {
    debug_assert!(b.is_ascii());
    match b {
        [] => return Ok(empty()),
        [c] => return Ok(latin1_char(*c)),
        _ => {}
    }
    let s = alloc_str(th, b.len(), 0, true)?;
    fill(s, b.as_ptr(), b.len());
    Ok(s)
}

pub fn empty() -> Gc<StrObj> {
    // SAFETY: set at start.
    unsafe { rt().empty_str.get_unchecked().cast_unchecked() }
}

#[inline(always)]
pub fn latin1_char(c: u8) -> Gc<StrObj> {
    // SAFETY: set at start.
    unsafe { rt().chars[c as usize].get_unchecked().cast_unchecked() }
}

#[inline]
pub fn char_str(th: &Thread, c: u32) -> R<Gc<StrObj>> {
    if c < 256 {
        return Ok(latin1_char(c as u8));
    }
    from_u32(th, &[c])
}

pub fn latin1(th: &Thread, b: &[u8]) -> R<Gc<StrObj>> {
    if b.len() < 2 {
        return ascii_or_char(b);
    }
    let s = alloc_str(th, b.len(), 0, b.is_ascii())?;
    fill(s, b.as_ptr(), b.len());
    Ok(s)
}

fn ascii_or_char(b: &[u8]) -> R<Gc<StrObj>> {
    Ok(match b {
        [] => empty(),
        [c, ..] => latin1_char(*c),
    })
}

pub fn new(th: &Thread, s: &str) -> R<Gc<StrObj>> {
    if s.is_ascii() {
        return ascii(th, s.as_bytes());
    }
    let mut b = Builder::new();
    b.push_str(s);
    b.finish(th)
}

pub fn new_value(th: &Thread, s: &str) -> R {
    Ok(new(th, s)?.value())
}

/// Code points in the smallest width.
pub fn from_u32(th: &Thread, s: &[u32]) -> R<Gc<StrObj>> {
    let max = s.iter().fold(0, |a, &c| a | c);
    if max < 256 {
        let v: Vec<u8> = s.iter().map(|&c| c as u8).collect();
        return latin1(th, &v);
    }
    if max < 0x10000 {
        let v: Vec<u16> = s.iter().map(|&c| c as u16).collect();
        let o = alloc_str(th, s.len(), 1, false)?;
        fill(o, v.as_ptr() as *const u8, v.len() * 2);
        return Ok(o);
    }
    let o = alloc_str(th, s.len(), 2, false)?;
    fill(o, s.as_ptr() as *const u8, s.len() * 4);
    Ok(o)
}

pub fn from_u16(th: &Thread, s: &[u16]) -> R<Gc<StrObj>> {
    let max = s.iter().fold(0, |a, &c| a | c);
    if max < 256 {
        let v: Vec<u8> = s.iter().map(|&c| c as u8).collect();
        return latin1(th, &v);
    }
    let o = alloc_str(th, s.len(), 1, false)?;
    fill(o, s.as_ptr() as *const u8, s.len() * 2);
    Ok(o)
}

/// `s[start..end]`.
pub fn slice(th: &Thread, s: Gc<StrObj>, start: usize, end: usize) -> R<Gc<StrObj>> {
    if start >= end {
        return Ok(empty());
    }
    if start == 0 && end == s.len() && s.header.shape.load(Relaxed) == C::Str.shape() {
        return Ok(s);
    }
    if s.is_ascii() {
        debug_assert!(end <= s.len());
        // SAFETY: in range of `s`, whose data does not move.
        let from = unsafe { s.data().add(start) };
        if end - start == 1 {
            // SAFETY: as above.
            return Ok(latin1_char(unsafe { *from }));
        }
        let n = end - start;
        if n <= recent::MOST {
            // SAFETY: ASCII of that length.
            return short_part(th, unsafe { recent::Key::of(from, n) }, n);
        }
        let o = alloc_str(th, n, 0, true)?;
        fill(o, from, n);
        return Ok(o);
    }
    match s.units() {
        Units::One(u) => latin1(th, &u[start..end]),
        Units::Two(u) => from_u16(th, &u[start..end]),
        Units::Four(u) => from_u32(th, &u[start..end]),
    }
}

/// The string of `n` characters that the key is of: the one that was cut out last, or a new one.
#[inline(always)]
pub fn short_part(th: &Thread, key: recent::Key, n: usize) -> R<Gc<StrObj>> {
    match th.recent.get(key) {
        Some(known) => Ok(known),
        None => new_part(th, key, n),
    }
}

#[inline(never)]
fn new_part(th: &Thread, key: recent::Key, n: usize) -> R<Gc<StrObj>> {
    let o = of_word(th, key.characters(), n)?;
    th.recent.put(key, o);
    Ok(o)
}

/// Room kept behind a string that grows by `+`: a quarter, from this size on.
const GROW_FROM: usize = 256;

/// `a + b`. Where `a` ends its buffer, `b` is written into the spare room behind it, so that building a string
/// by repeated `+` is linear. The claim is one compare-and-swap of the buffer's fill mark, where there are threads.
pub fn concat(th: &Thread, a: Gc<StrObj>, b: Gc<StrObj>) -> R<Gc<StrObj>> {
    if b.is_empty() && a.header.shape.load(Relaxed) == C::Str.shape() {
        return Ok(a);
    }
    if a.is_empty() && b.header.shape.load(Relaxed) == C::Str.shape() {
        return Ok(b);
    }
    let (wa, wb) = (a.width_log2(), b.width_log2());
    let len = a.len() + b.len();
    let ascii = a.is_ascii() && b.is_ascii();
    if wa != wb {
        let mut out = Builder::with_width(wa.max(wb), len);
        out.push(a);
        out.push(b);
        return out.finish(th);
    }
    if len <= short::MOST
        && let (Some(mut both), Some(b)) = (Short::of(a), Short::of(b))
    {
        both.push(b);
        return both.finish(th);
    }
    let (na, nb) = (a.bytes().len(), b.bytes().len());
    if na + nb < GROW_FROM {
        let s = alloc_str(th, len, wa, ascii)?;
        // SAFETY: the new string has room for both.
        unsafe {
            let d = s.raw().add(1) as *mut u8;
            copy_bytes(a.data(), d, na);
            copy_bytes(b.data(), d.add(na), nb);
        }
        return Ok(s);
    }
    let buf = match claim(a, na, nb) {
        Some(buf) => buf,
        None => {
            let room = (na + nb + (na + nb) / 2).div_ceil(8) * 8;
            let size = 24 + room;
            let buf: Gc<RawBuf> = th.alloc(C::Hidden.shape(), 0, size)?;
            buf.sizes.set(sizes(size / 8, 0));
            // SAFETY: the buffer has room for both; its first word is the fill mark.
            unsafe {
                fill_mark(buf).store((na + nb) as u64, Relaxed);
                std::ptr::copy_nonoverlapping(a.data(), buf_data(buf), na);
            }
            buf
        }
    };
    // SAFETY: bytes `na..na+nb` of the buffer are ours alone by the claim.
    unsafe { copy_bytes(b.data(), buf_data(buf).add(na), nb) };
    let head = std::mem::size_of::<StrObj>();
    let s: Gc<StrObj> = th.alloc(
        C::Str.shape(),
        wa | if ascii { ASCII } else { 0 } | SHARED,
        head,
    )?;
    s.sizes.set(sizes(head / 8, 1));
    s.owner.init(Some(buf.value()));
    s.len.set(len as u64);
    s.hash.set(0);
    Ok(s)
}

/// The string's data stands in a growing buffer.
const SHARED: u8 = 16;
/// The interned name of an attribute of `type` or `object`.
pub const OF_TYPE: u8 = 32;

fn buf_data(b: Gc<RawBuf>) -> *mut u8 {
    // SAFETY: data stands behind the struct.
    unsafe { b.raw().add(1) as *mut u8 }
}

/// The last word of a growing buffer counts the bytes in use.
fn fill_mark(b: Gc<RawBuf>) -> &'static std::sync::atomic::AtomicU64 {
    let words = b.sizes.get() as u32 as usize;
    // SAFETY: the buffer is `words` long.
    unsafe { &*((b.raw() as *const u64).add(words - 1) as *const std::sync::atomic::AtomicU64) }
}

fn claim(a: Gc<StrObj>, na: usize, nb: usize) -> Option<Gc<RawBuf>> {
    if a.flags() & SHARED == 0 {
        return None;
    }
    // SAFETY: a shared string's owner is a growing buffer.
    let buf: Gc<RawBuf> = unsafe { a.owner.get()?.cast_unchecked() };
    let room = (buf.sizes.get() as u32 as usize) * 8 - 24;
    if na + nb > room {
        return None;
    }
    let (mark, old, new) = (fill_mark(buf), na as u64, (na + nb) as u64);
    if crate::threads::is_alone() {
        if mark.load(Relaxed) != old {
            return None;
        }
        mark.store(new, Relaxed);
        return Some(buf);
    }
    mark.compare_exchange(old, new, Relaxed, Relaxed).ok()?;
    Some(buf)
}

/// Collects text and makes a string in the smallest width.
pub struct Builder {
    one: Vec<u8>,
    four: Vec<u32>,
    wide: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    pub fn new() -> Builder {
        Builder {
            one: Vec::new(),
            four: Vec::new(),
            wide: false,
        }
    }
    pub fn with_width(width: u8, len: usize) -> Builder {
        let mut b = Builder::new();
        if width > 0 {
            b.wide = true;
            b.four.reserve(len);
        } else {
            b.one.reserve(len);
        }
        b
    }
    pub fn len(&self) -> usize {
        if self.wide {
            self.four.len()
        } else {
            self.one.len()
        }
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    fn widen(&mut self) {
        self.wide = true;
        self.four = self.one.iter().map(|&b| b as u32).collect();
        self.one = Vec::new();
    }
    #[inline]
    pub fn push_char(&mut self, c: u32) {
        if !self.wide {
            if c < 256 {
                self.one.push(c as u8);
                return;
            }
            self.widen();
        }
        self.four.push(c)
    }
    pub fn push_str(&mut self, s: &str) {
        if !self.wide && s.is_ascii() {
            self.one.extend_from_slice(s.as_bytes());
            return;
        }
        for c in s.chars() {
            self.push_char(c as u32)
        }
    }
    pub fn push_ascii(&mut self, b: &[u8]) {
        debug_assert!(b.is_ascii());
        match self.wide {
            false => self.one.extend_from_slice(b),
            true => self.four.extend(b.iter().map(|&c| c as u32)),
        }
    }
    pub fn push(&mut self, s: Gc<StrObj>) {
        self.push_range(s, 0, s.len())
    }
    pub fn push_range(&mut self, s: Gc<StrObj>, a: usize, b: usize) {
        match s.units() {
            Units::One(u) if !self.wide => self.one.extend_from_slice(&u[a..b]),
            Units::One(u) => self.four.extend(u[a..b].iter().map(|&c| c as u32)),
            Units::Two(u) => {
                if !self.wide {
                    self.widen()
                }
                self.four.extend(u[a..b].iter().map(|&c| c as u32))
            }
            Units::Four(u) => {
                if !self.wide {
                    self.widen()
                }
                self.four.extend_from_slice(&u[a..b])
            }
        }
    }
    pub fn truncate(&mut self, n: usize) {
        self.one.truncate(n);
        self.four.truncate(n);
    }
    pub fn finish(self, th: &Thread) -> R<Gc<StrObj>> {
        if self.wide {
            from_u32(th, &self.four)
        } else {
            latin1(th, &self.one)
        }
    }
    pub fn finish_value(self, th: &Thread) -> R {
        Ok(self.finish(th)?.value())
    }
}

/// The interned string equal to `s`.
pub fn intern(th: &Thread, s: Gc<StrObj>) -> R<Gc<StrObj>> {
    if s.flags() & INTERNED != 0 {
        return Ok(s);
    }
    let table: Gc<DictObj> = match rt().interned.get() {
        Some(t) => crate::thread::expect(t),
        None => return Ok(s),
    };
    if let Some(found) = crate::core::dict::get_str(table, s) {
        // SAFETY: the table holds strings only.
        return Ok(unsafe { found.cast_unchecked() });
    }
    let s = if s.header.shape.load(Relaxed) == C::Str.shape() {
        s
    } else {
        copy(th, s)?
    };
    mark_interned(s);
    crate::core::dict::set_str(th, table, s, s.value())?;
    Ok(s)
}

fn mark_interned(s: Gc<StrObj>) {
    mark(s, INTERNED)
}

pub fn mark(s: Gc<StrObj>, flag: u8) {
    // SAFETY: the header is live; setting a flag does not disturb readers.
    unsafe { (*(s.raw() as *mut Header)).flags.fetch_or(flag, Relaxed) };
}

/// An exact `str` with the same text.
pub fn copy(th: &Thread, s: Gc<StrObj>) -> R<Gc<StrObj>> {
    let o = alloc_str(th, s.len(), s.width_log2(), s.is_ascii())?;
    fill(o, s.data(), s.bytes().len());
    Ok(o)
}

/// Make a fresh copy for a subclass of `str`, with an attribute word at the end.
pub fn copy_extended(th: &Thread, s: Gc<StrObj>, shape: u32) -> R<Gc<StrObj>> {
    let bytes = s.bytes().len().div_ceil(8) * 8;
    let size = std::mem::size_of::<StrObj>() + bytes + 8;
    let flags = s.width_log2() | (s.flags() & ASCII) | habu_heap::EXT;
    let o: Gc<StrObj> = th.alloc(shape, flags, size)?;
    o.sizes.set(sizes(size / 8, 1));
    o.owner.init(None);
    o.len.set(s.len() as u64);
    o.hash.set(s.hash.get());
    fill(o, s.data(), s.bytes().len());
    // SAFETY: the last word is the attribute word.
    unsafe { *(o.raw() as *mut u64).add(size / 8 - 1) = 0 };
    Ok(o)
}

pub fn intern_new(th: &Thread, s: &str) -> R<Gc<StrObj>> {
    if s.is_ascii() {
        return intern_ascii(th, s.as_bytes());
    }
    let s = new(th, s)?;
    intern(th, s)
}

/// The interned string of these ASCII bytes.
pub fn intern_ascii(th: &Thread, b: &[u8]) -> R<Gc<StrObj>> {
    let known = rt().interned.get().and_then(|d| d.cast::<DictObj>());
    // Single characters and the empty string are shared already.
    let (Some(known), true) = (known, b.len() > 1) else {
        let s = ascii(th, b)?;
        return intern(th, s);
    };
    // Most are there already: ask before making one.
    let hash = ascii_hash(b);
    if let Some(v) = crate::core::dict::get_ascii_hashed(known, b, hash) {
        return Ok(crate::thread::expect(v));
    }
    let s = ascii(th, b)?;
    s.hash.set(hash);
    mark_interned(s);
    crate::core::dict::set_hashed(th, known, s.value(), hash as i64, s.value())?;
    Ok(s)
}

/// For start-up, before the shared characters exist.
pub fn raw_latin1(th: &Thread, b: &[u8]) -> R<Gc<StrObj>> {
    let s = alloc_str(th, b.len(), 0, b.is_ascii())?;
    fill(s, b.as_ptr(), b.len());
    Ok(s)
}

/// Make a value string from formatted text.
#[macro_export]
macro_rules! pystr {
    ($th:expr, $($arg:tt)*) => { $crate::core::string::new_value($th, &format!($($arg)*)) };
}
