//! The widths that a text's characters come in, and fast ways to find some of them.

/// One code point in its width.
pub trait Unit: Copy {
    fn get(self) -> u32;
    /// Where `ch` first stands.
    fn find(s: &[Self], ch: u32) -> Option<usize> {
        s.iter().position(|u| u.get() == ch)
    }
    fn rfind(s: &[Self], ch: u32) -> Option<usize> {
        s.iter().rposition(|u| u.get() == ch)
    }
    /// Where one of the three first stands, or else a character above 255; `None`: not in this width.
    fn find_few(_: &[Self], _: (u8, u8, u8)) -> Option<Option<usize>> {
        None
    }
    /// Where the literal `p` first stands.
    fn find_all(s: &[Self], p: &[u32]) -> Option<usize> {
        let mut from = 0;
        while from + p.len() <= s.len() {
            let i = from + Self::find(&s[from..=s.len() - p.len()], p[0])?;
            if p.iter().zip(&s[i..]).all(|(&a, b)| a == b.get()) {
                return Some(i);
            }
            from = i + 1;
        }
        None
    }
}
impl Unit for u8 {
    #[inline(always)]
    fn get(self) -> u32 {
        self as u32
    }
    fn find(s: &[u8], ch: u32) -> Option<usize> {
        memchr::memchr(u8::try_from(ch).ok()?, s)
    }
    fn rfind(s: &[u8], ch: u32) -> Option<usize> {
        memchr::memrchr(u8::try_from(ch).ok()?, s)
    }
    fn find_few(s: &[u8], (a, b, z): (u8, u8, u8)) -> Option<Option<usize>> {
        Some(if a == z {
            match a == b {
                true => memchr::memchr(a, s),
                false => memchr::memchr2(a, b, s),
            }
        } else {
            memchr::memchr3(a, b, z, s)
        })
    }
}
impl Unit for u16 {
    #[inline(always)]
    fn get(self) -> u32 {
        self as u32
    }
}
impl Unit for u32 {
    #[inline(always)]
    fn get(self) -> u32 {
        self
    }
}
