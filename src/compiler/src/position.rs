//! Byte offsets to lines and columns, and the location an instruction carries.

use crate::ast::Pos;

/// Where each line of the source begins.
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    pub fn new(source: &str) -> LineIndex {
        let mut starts = vec![0];
        starts.extend(source.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        LineIndex { starts }
    }

    /// Line (from 1) and byte column (from 0) of an offset.
    pub fn line_col(&self, offset: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|s| *s <= offset);
        (line as u32, offset - self.starts[line - 1])
    }

    pub fn pos(&self, start: u32, end: u32) -> Pos {
        let (line, col) = self.line_col(start);
        let (end_line, end_col) = self.line_col(end);
        Pos { line, col, end_line, end_col }
    }

    /// Offset at which a line (from 1) begins.
    pub fn line_start(&self, line: u32) -> u32 {
        self.starts.get(line.max(1) as usize - 1).copied().unwrap_or_else(|| self.starts.last().copied().unwrap_or(0))
    }

    pub fn lines(&self) -> u32 {
        self.starts.len() as u32
    }
}

/// Location of an instruction: -1 in `line` is "none", -2 "that of the next instruction".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loc {
    pub line: i32,
    pub end_line: i32,
    pub col: i32,
    pub end_col: i32,
}

impl Loc {
    pub const NONE: Loc = Loc { line: -1, end_line: -1, col: -1, end_col: -1 };
    pub const NEXT: Loc = Loc { line: -2, end_line: -2, col: -2, end_col: -2 };

    pub fn line_only(line: i32) -> Loc {
        Loc { line, end_line: line, col: 0, end_col: 0 }
    }
}

impl From<Pos> for Loc {
    fn from(p: Pos) -> Loc {
        Loc { line: p.line as i32, end_line: p.end_line as i32, col: p.col as i32, end_col: p.end_col as i32 }
    }
}
