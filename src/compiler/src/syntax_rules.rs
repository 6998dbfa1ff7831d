//! The special cases of CPython's grammar errors, told from the tokens of the offending line.

use crate::error::Error;
use crate::syntax::{Reporter, expr_name};
use crate::tokenizer::{Kind, Token};
use ruff_python_ast as r;
use ruff_text_size::Ranged;

const AUGMENTED: [&str; 13] = [
    "+=", "-=", "*=", "/=", "//=", "%=", "@=", "&=", "|=", "^=", ">>=", "<<=", "**=",
];
const STATEMENTS: [&str; 14] = [
    "pass", "break", "continue", "return", "raise", "import", "from", "del", "global", "nonlocal",
    "assert", "class", "def", "try",
];

impl Reporter<'_> {
    fn word(&self, i: usize) -> &str {
        self.tokens.get(i).map_or("", |t| self.text(t))
    }

    fn span(&self, a: usize, b: usize, message: impl Into<String>) -> Option<Error> {
        let (a, b) = (self.tokens.get(a)?, self.tokens.get(b)?);
        Some(Error::new(self.lines.pos(a.start, b.end), message))
    }

    fn token_error(&self, i: usize, message: impl Into<String>) -> Option<Error> {
        let mut e = self.generic(self.tokens.get(i)?);
        e.message = message.into();
        Some(e)
    }

    /// First and last (exclusive) token of the logical line around `i`.
    fn line(&self, i: usize) -> (usize, usize) {
        let edge = |t: &Token| {
            matches!(
                t.kind,
                Kind::Newline | Kind::Indent | Kind::Dedent | Kind::EndMarker
            )
        };
        let mut a = i.min(self.tokens.len());
        while a > 0 && !edge(&self.tokens[a - 1]) {
            a -= 1;
        }
        let mut b = i;
        while b < self.tokens.len() && !edge(&self.tokens[b]) {
            b += 1;
        }
        (a, b)
    }

    /// Bracket depth of a token; a closing bracket counts as inside.
    fn depth(&self, i: usize) -> u32 {
        let Some(t) = self.tokens.get(i) else {
            return 0;
        };
        t.level + u32::from(t.kind == Kind::Op && matches!(self.text(t), ")" | "]" | "}"))
    }

    /// The bracket that is open at token `i`.
    fn opener(&self, i: usize) -> Option<usize> {
        let level = self.depth(i);
        if level == 0 {
            return None;
        }
        (0..i).rev().find(|k| {
            self.tokens[*k].level == level - 1 && matches!(self.word(*k), "(" | "[" | "{")
        })
    }

    fn is_call(&self, open: usize, line_start: usize) -> bool {
        if self.word(open) != "(" || open == 0 {
            return false;
        }
        let before = &self.tokens[open - 1];
        let w = self.text(before);
        let callable = matches!(before.kind, Kind::Name) && !crate::syntax::is_keyword(w)
            || matches!(w, ")" | "]");
        callable && !self.is_parameters(open, line_start)
    }

    /// Whether the bracket holds the parameters of a `def`.
    fn is_parameters(&self, open: usize, line_start: usize) -> bool {
        let d = if self.word(line_start) == "async" {
            line_start + 1
        } else {
            line_start
        };
        self.word(d) == "def"
            && self.tokens[open].level == 0
            && !(d..open).any(|k| self.word(k) == "(" && self.tokens[k].level == 0)
    }

    /// Index of the `lambda` whose parameters hold token `i`.
    fn lambda_of(&self, i: usize) -> Option<usize> {
        let level = self.depth(i);
        for k in (0..i).rev() {
            let t = &self.tokens[k];
            if t.kind == Kind::Newline || t.level < level {
                return None;
            }
            if t.level == level {
                match self.text(t) {
                    ":" => return None,
                    "lambda" => return Some(k),
                    _ => {}
                }
            }
        }
        None
    }

    /// Start of the element around `i`, at its bracket level.
    fn element_start(&self, i: usize) -> usize {
        let level = self.depth(i);
        let mut k = i;
        while k > 0 {
            let t = &self.tokens[k - 1];
            if t.level < level
                || (t.level == level && t.kind == Kind::Op && self.text(t) == ",")
                || t.kind == Kind::Newline
            {
                break;
            }
            k -= 1;
        }
        k
    }

    pub fn rules(&self, at: u32, exprs: &[&r::Expr]) -> Option<Error> {
        let i = self.token_at(at);
        let (a, b) = self.line(i);
        let head = self.word(a);
        if self.word(i) == "<>" {
            return self.token_error(i, "invalid syntax. Maybe you meant '!=' instead of '<>'?");
        }
        self.definition(i, a, b)
            .or_else(|| self.parameters(i, a))
            .or_else(|| self.arguments(i, a, b))
            .or_else(|| self.displays(i))
            .or_else(|| self.handlers(i, a, b, exprs))
            .or_else(|| self.targets(i, a, exprs))
            .or_else(|| self.stars(i, a))
            .or_else(|| self.conditional(i, a, b))
            .or_else(|| {
                if AUGMENTED.contains(&self.word(i))
                    && self.tokens[i].level == 0
                    && i > a
                    && (a..i).any(|k| self.word(k) == "," && self.tokens[k].level == 0)
                {
                    return self.span(
                        a,
                        i - 1,
                        "'tuple' is an illegal expression for augmented assignment",
                    );
                }
                if head == "elif" && i == a {
                    let col = self.lines.line_col(self.tokens[a].start).1;
                    let mut k = a;
                    while k > 0 {
                        k -= 1;
                        let t = &self.tokens[k];
                        let starts = k == 0
                            || matches!(
                                self.tokens[k - 1].kind,
                                Kind::Newline | Kind::Indent | Kind::Dedent
                            );
                        if starts && t.kind == Kind::Name && self.lines.line_col(t.start).1 == col {
                            if self.text(t) == "else" {
                                return self.token_error(a, "'elif' block follows an 'else' block");
                            }
                            break;
                        }
                    }
                }
                None
            })
            .or_else(|| {
                // A quote inside a string cuts it in two.
                let string =
                    |k: usize| matches!(self.tokens.get(k).map(|t| t.kind), Some(Kind::String));
                if i > a
                    && string(i - 1)
                    && self.tokens[i].kind == Kind::Name
                    && !crate::syntax::is_keyword(self.word(i))
                {
                    let end = (i..b).find(|k| string(*k))?;
                    return self.span(
                        i,
                        end - 1,
                        "invalid syntax. Is this intended to be part of the string?",
                    );
                }
                None
            })
    }

    fn definition(&self, i: usize, a: usize, b: usize) -> Option<Error> {
        let d = if self.word(a) == "async" { a + 1 } else { a };
        if self.word(i) == "]"
            && i > a + 1
            && self.word(i - 1) == "["
            && matches!(self.word(d), "def" | "class" | "type")
            && self.tokens[i].level == 0
        {
            return self.token_error(i, "Type parameter list cannot be empty");
        }
        if self.word(d) == "def"
            && d + 1 < b
            && self.tokens[d + 1].kind == Kind::Name
            && i > d + 1
            && self.tokens[i].level == 0
        {
            let opened = (d..i).any(|k| self.word(k) == "(" && self.tokens[k].level == 0);
            if !opened && self.word(i) != "(" && self.word(i) != "[" {
                return self.token_error(i, "expected '('");
            }
        }
        None
    }

    fn parameters(&self, i: usize, a: usize) -> Option<Error> {
        let (start, lambda) = match self.lambda_of(i) {
            Some(l) => (l + 1, true),
            None => {
                let open = self.opener(i)?;
                if !self.is_parameters(open, a) {
                    return None;
                }
                (open + 1, false)
            }
        };
        let level = self.depth(i);
        let before = |w: &str| {
            (start..i)
                .rev()
                .find(|k| self.word(*k) == w && self.tokens[*k].level == level)
        };
        // The parser may report the parameter before or after the odd token.
        let next = if matches!(self.word(i), "/" | "=" | "(") {
            i
        } else {
            (i..(i + 3).min(self.tokens.len()))
                .find(|k| self.word(*k) == "=")
                .unwrap_or(i)
        };
        let element = self.element_start(i).max(start);
        if element > start
            && (start..element).any(|k| self.word(k) == "**" && self.depth(k) == level)
            && matches!(self.tokens[i].kind, Kind::Name | Kind::Op)
            && i <= element + 1
            && !matches!(self.word(i), ")" | ":")
        {
            return self.token_error(element, "arguments cannot follow var-keyword argument");
        }
        if self.word(i) == "=" || self.word(i.saturating_sub(1)) == "=" {
            let eq = if self.word(i) == "=" { i } else { i - 1 };
            match self.word(element) {
                "**" => {
                    return self.token_error(eq, "var-keyword argument cannot have default value");
                }
                "*" => {
                    return self
                        .token_error(eq, "var-positional argument cannot have default value");
                }
                _ => {}
            }
        }
        if lambda && i > start && self.word(i - 1) == "*" && matches!(self.word(i), ":" | ",") {
            return self.token_error(i - 1, "named arguments must follow bare *");
        }
        match self.word(i) {
            "/" if i == start => {
                return self.token_error(i, "at least one argument must precede /");
            }
            "/" if before("/").is_some() => return self.token_error(i, "/ may appear only once"),
            "/" if before("*").is_some() => return self.token_error(i, "/ must be ahead of *"),
            "*" if i > start && self.word(i - 1) == "/" => {
                return self.token_error(i, "expected comma between / and *");
            }
            "*" if before("*").is_some() => {
                return self.token_error(i, "* argument may appear only once");
            }
            "(" => {
                let close = (i + 1..self.tokens.len())
                    .find(|k| self.word(*k) == ")" && self.tokens[*k].level == level)?;
                let plain = (i + 1..close)
                    .all(|k| self.tokens[k].kind == Kind::Name || self.word(k) == ",");
                if plain && close > i + 1 {
                    let what = if lambda {
                        "Lambda expression"
                    } else {
                        "Function"
                    };
                    return self.span(
                        i,
                        close,
                        format!("{what} parameters cannot be parenthesized"),
                    );
                }
            }
            "," | ")" | ":" if i > start && self.word(i - 1) == "=" => {
                return self.token_error(i - 1, "expected default value expression");
            }
            _ => {}
        }
        if self.word(next) == "=" && matches!(self.word(next + 1), "," | ")") {
            return self.token_error(next, "expected default value expression");
        }
        if i > start && self.word(i - 1) == "*" && crate::syntax::is_keyword(self.word(i)) {
            return self.token_error(i, "invalid syntax");
        }
        None
    }

    fn arguments(&self, i: usize, a: usize, b: usize) -> Option<Error> {
        // `=` right after what may not be a keyword name.
        let from = if i > a && self.word(i - 1) == "=" {
            i - 1
        } else {
            i
        };
        let eq = (from..b).find(|k| {
            self.word(*k) == "="
                && self.tokens[*k].level > 0
                && self.opener(*k).is_some_and(|o| self.is_call(o, a))
        })?;
        if self.lambda_of(eq).is_some() {
            return None;
        }
        let start = self.element_start(eq);
        if start > i || i > eq + 1 {
            return None;
        }
        let first = self.word(start);
        if eq == start + 1 && self.tokens[start].kind == Kind::Name {
            return match first {
                "True" | "False" | "None" => {
                    self.span(start, eq, format!("cannot assign to {first}"))
                }
                _ if matches!(self.word(eq + 1), "," | ")") => {
                    self.span(start, eq, "expected argument value expression")
                }
                _ => None,
            };
        }
        match first {
            "*" => self.span(start, eq, "cannot assign to iterable argument unpacking"),
            "**" => self.span(start, eq, "cannot assign to keyword argument unpacking"),
            _ => self.span(
                start,
                eq,
                "expression cannot contain assignment, perhaps you meant \"==\"?",
            ),
        }
    }

    fn displays(&self, i: usize) -> Option<Error> {
        let open = self.opener(i)?;
        let w = self.word(i);
        let level = self.depth(i);
        let comma_before =
            (open + 1..i).any(|k| self.word(k) == "," && self.tokens[k].level == level);
        let colon = (open + 1..i).any(|k| self.word(k) == ":" && self.tokens[k].level == level);
        if matches!(w, "for" | "async")
            && matches!(self.word(open), "[" | "{")
            && comma_before
            && !colon
        {
            let last = (open + 1..i).next_back()?;
            return self.span(
                open + 1,
                last,
                "did you forget parentheses around the comprehension target?",
            );
        }
        if self.word(open) == "{" && colon {
            if w == "*" && i > 0 && self.word(i - 1) == ":" {
                return self
                    .token_error(i, "cannot use a starred expression in a dictionary value");
            }
            if matches!(w, "}" | ",") && i > 0 && self.word(i - 1) == ":" {
                return self.token_error(i - 1, "expression expected after dictionary key and ':'");
            }
            let start = self.element_start(i);
            let has_colon =
                (start..i).any(|k| self.word(k) == ":" && self.tokens[k].level == level);
            if matches!(w, "}" | ",") && !has_colon && start < i && self.word(start) != "**" {
                let t = &self.tokens[i - 1];
                let mut p = self.lines.pos(t.end.saturating_sub(1), t.end);
                p.end_col = u32::MAX;
                return Some(Error::new(p, "':' expected after dictionary key"));
            }
        }
        // A `for` clause without `in`.
        let clause = (open + 1..i.max(open + 1))
            .rev()
            .find(|k| self.word(*k) == "for" && self.tokens[*k].level == level);
        if let Some(f) = clause
            && !(f..=i).any(|k| self.word(k) == "in" && self.tokens[k].level == level)
        {
            let stop = (f + 1..self.tokens.len()).find(|k| {
                self.tokens[*k].level == level
                    && self.tokens[*k].kind == Kind::Name
                    && crate::syntax::is_keyword(self.word(*k))
                    || self.tokens[*k].level < level
                    || matches!(self.word(*k), ")" | "]" | "}")
                        && self.tokens[*k].level + 1 == level
            })?;
            if self.word(stop) != "in" && stop > f + 1 {
                return self.token_error(stop, "'in' expected after for-loop variables");
            }
        }
        None
    }

    fn handlers(&self, i: usize, a: usize, b: usize, exprs: &[&r::Expr]) -> Option<Error> {
        if self.word(a) != "except" {
            return None;
        }
        let star = self.word(a + 1) == "*";
        if i == a {
            return self.token_error(
                i,
                "cannot have both 'except' and 'except*' on the same 'try'",
            );
        }
        let types = a + 1 + usize::from(star);
        if star && self.word(types) == ":" {
            return self.token_error(types, "expected one or more exception types");
        }
        let as_at = (types..b).find(|k| self.word(*k) == "as" && self.tokens[*k].level == 0)?;
        let comma = (types..as_at).any(|k| self.word(k) == "," && self.tokens[k].level == 0);
        if comma {
            let colon = (as_at..b).find(|k| self.word(*k) == ":").unwrap_or(b - 1);
            return self.span(
                types,
                colon - 1,
                "multiple exception types must be parenthesized when using 'as'",
            );
        }
        if i > as_at {
            let start = self.tokens.get(as_at + 1)?.start;
            let colon = (as_at..b).find(|k| self.word(*k) == ":" && self.tokens[*k].level == 0)?;
            if colon <= as_at + 2 && self.tokens[as_at + 1].kind == Kind::Name {
                return None;
            }
            let keyword = if star { "except*" } else { "except" };
            let x = exprs
                .iter()
                .filter(|x| x.range().start().to_u32() == start)
                .max_by_key(|x| x.range().len());
            let name = match x {
                Some(x) if !matches!(x, r::Expr::Name(_)) => expr_name(x),
                _ => match (self.word(as_at + 1), self.word(as_at + 2)) {
                    ("(", _) => "tuple",
                    ("[", _) => "list",
                    (_, ".") => "attribute",
                    (_, "[") => "subscript",
                    (_, "(") => "function call",
                    _ => "literal",
                },
            };
            return self.span(
                as_at + 1,
                colon - 1,
                format!("cannot use {keyword} statement with {name}"),
            );
        }
        None
    }

    /// What a target after `as` is, by its tokens.
    fn target_name(&self, i: usize, exprs: &[&r::Expr]) -> (&'static str, usize) {
        let level = self.tokens[i].level;
        let mut end = i;
        while let Some(t) = self.tokens.get(end) {
            let over = t.kind == Kind::Newline
                || t.level < level
                || (t.level == level && matches!(self.text(t), "," | ":" | "|" | "if"))
                || (matches!(self.text(t), ")" | "]" | "}") && t.level + 1 == level);
            if over && end > i {
                break;
            }
            end += 1;
        }
        let start = self.tokens[i].start;
        let stop = self.tokens[end - 1].end;
        let x = exprs
            .iter()
            .find(|x| x.range().start().to_u32() == start && x.range().end().to_u32() == stop);
        let by_operator = (i..end).any(|k| {
            self.tokens[k].level == level && matches!(self.word(k), "+" | "-" | "*" | "/")
        });
        let inner = (i + 1..end)
            .any(|k| self.tokens[k].level > level && matches!(self.word(k), "+" | "-" | "*" | "/"));
        let comma = (i + 1..end).any(|k| self.tokens[k].level > level && self.word(k) == ",");
        let name = match (x, self.word(i)) {
            (Some(x), _) => expr_name(x),
            _ if by_operator => "expression",
            (_, "(") if inner && !comma => "expression",
            (_, "(") => "tuple",
            (_, "[") => "list",
            (_, "{") => "dict literal",
            _ => match self.word(end - 1) {
                "]" => "subscript",
                ")" => "function call",
                _ if end > i + 1 && self.word(end - 2) == "." => "attribute",
                _ => "literal",
            },
        };
        (name, end - 1)
    }

    /// `import … as X` and `case … as X` where X is no name.
    fn targets(&self, i: usize, a: usize, exprs: &[&r::Expr]) -> Option<Error> {
        let head = self.word(a);
        if head == "import" && self.word(i) == "from" && self.tokens[i].level == 0 {
            let (_, b) = self.line(i);
            return self.span(
                a,
                b - 1,
                "Did you mean to use 'from ... import ...' instead?",
            );
        }
        let what = match head {
            "import" | "from" => "import",
            "case" => "pattern",
            _ => return None,
        };
        let as_at = (a..=i).rev().find(|k| self.word(*k) == "as")?;
        if i > as_at + 2 && self.tokens[i].level <= self.tokens[as_at].level && self.word(i) == ","
        {
            return None;
        }
        let first = as_at + 1;
        if what == "pattern"
            && self.word(first) == "_"
            && matches!(self.word(first + 1), ":" | ")" | "," | "]" | "|" | "if")
        {
            return self.token_error(first, "cannot use '_' as a target");
        }
        if first >= self.tokens.len()
            || matches!(self.tokens[first].kind, Kind::Newline | Kind::EndMarker)
        {
            return None;
        }
        let (name, end) = self.target_name(first, exprs);
        if end == first && self.tokens[first].kind == Kind::Name {
            return None;
        }
        self.span(first, end, format!("cannot use {name} as {what} target"))
    }

    fn stars(&self, i: usize, a: usize) -> Option<Error> {
        let w = self.word(i);
        let before = if i > a { self.word(i - 1) } else { "" };
        if w == "not" && matches!(before, "+" | "-" | "*" | "/" | "%" | "//" | "@" | "~") {
            let end = self.operand_end(i + 1);
            let start = self.tokens[i].start;
            return Some(Error::new(
                self.lines.pos(start, end),
                "'not' after an operator must be parenthesized",
            ));
        }
        if before == "*"
            && i >= 2
            && self.tokens[i].kind == Kind::Op
            && matches!(w, ")" | "]" | ":")
            && self.depth(i - 1) > 0
        {
            let prev = self.word(i - 2);
            let open = self.opener(i - 1)?;
            let argument = self.word(open) == "[" || self.is_call(open, a);
            if argument && matches!(prev, "(" | "[" | ",") {
                return self.token_error(i, "Invalid star expression");
            }
        }
        if before == "(" && matches!(w, "*" | "**") {
            let open = i - 1;
            if !self.is_call(open, a) && !self.is_parameters(open, a) && self.word(a) != "class" {
                let level = self.tokens[i].level;
                let close = (i..self.tokens.len())
                    .find(|k| self.word(*k) == ")" && self.tokens[*k].level + 1 == level)?;
                let comma =
                    (i..close).any(|k| self.word(k) == "," && self.tokens[k].level == level);
                if !comma && close > i + 1 {
                    let what = if w == "*" {
                        "starred"
                    } else {
                        "double starred"
                    };
                    return self.span(i, close - 1, format!("cannot use {what} expression here"));
                }
            }
        }
        None
    }

    fn conditional(&self, i: usize, a: usize, b: usize) -> Option<Error> {
        let w = self.word(i);
        if i > a
            && self.word(i - 1) == "else"
            && STATEMENTS.contains(&w)
            && (a..i).any(|k| self.word(k) == "if")
        {
            return self.token_error(
                i,
                "expected expression after 'else', but statement is given",
            );
        }
        if matches!(w, "pass" | "break" | "continue")
            && i > a
            && self.word(i + 1) == "if"
            && (i..b).any(|k| self.word(k) == "else")
        {
            return self.token_error(i, "expected expression before 'if', but statement is given");
        }
        None
    }
}
