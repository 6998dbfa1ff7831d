//! CPython's words and positions for what the parser crate rejects.
//!
//! The parser says where it stopped and roughly why; this module looks at the tokens around that place and at
//! the recovered tree. A tokenizer error anywhere outranks a grammar error, as in CPython, which tokenizes the
//! rest of the file before it reports.

use crate::ast::Pos;
use crate::error::{Error, ErrorKind};
use crate::position::LineIndex;
use crate::tokenizer::{self, Kind, Token};
use ruff_python_ast as r;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_parser::{ParseError, ParseErrorType};
use ruff_text_size::{Ranged, TextRange};

pub struct Reporter<'a> {
    pub source: &'a str,
    pub lines: &'a LineIndex,
    pub tokens: &'a [Token],
    pub tokenizer_error: Option<&'a Error>,
    pub open: &'a [(u8, u32)],
    pub tree: &'a r::Mod,
}

/// Every expression of a tree, with broken ones left out.
struct Collect<'t> {
    exprs: Vec<&'t r::Expr>,
    stmts: Vec<&'t r::Stmt>,
}

impl<'t> Visitor<'t> for Collect<'t> {
    fn visit_stmt(&mut self, s: &'t r::Stmt) {
        self.stmts.push(s);
        walk_stmt(self, s);
    }

    fn visit_expr(&mut self, e: &'t r::Expr) {
        if !e.range().is_empty() {
            self.exprs.push(e);
        }
        walk_expr(self, e);
    }
}

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

pub fn is_keyword(s: &str) -> bool {
    KEYWORDS.contains(&s)
}

/// What CPython calls an expression in "cannot assign to …".
pub fn expr_name(e: &r::Expr) -> &'static str {
    match e {
        r::Expr::Attribute(_) => "attribute",
        r::Expr::Subscript(_) => "subscript",
        r::Expr::Starred(_) => "starred",
        r::Expr::Name(_) => "name",
        r::Expr::List(_) => "list",
        r::Expr::Tuple(_) => "tuple",
        r::Expr::Lambda(_) => "lambda",
        r::Expr::Call(_) => "function call",
        r::Expr::BoolOp(_) | r::Expr::BinOp(_) | r::Expr::UnaryOp(_) => "expression",
        r::Expr::Generator(_) => "generator expression",
        r::Expr::Yield(_) | r::Expr::YieldFrom(_) => "yield expression",
        r::Expr::Await(_) => "await expression",
        r::Expr::ListComp(_) => "list comprehension",
        r::Expr::SetComp(_) => "set comprehension",
        r::Expr::DictComp(_) => "dict comprehension",
        r::Expr::Dict(_) => "dict literal",
        r::Expr::Set(_) => "set display",
        r::Expr::FString(_) => "f-string expression",
        r::Expr::TString(_) => "t-string expression",
        r::Expr::NoneLiteral(_) => "None",
        r::Expr::BooleanLiteral(b) if b.value => "True",
        r::Expr::BooleanLiteral(_) => "False",
        r::Expr::EllipsisLiteral(_) => "ellipsis",
        r::Expr::NumberLiteral(_) | r::Expr::StringLiteral(_) | r::Expr::BytesLiteral(_) => {
            "literal"
        }
        r::Expr::Compare(_) => "comparison",
        r::Expr::If(_) => "conditional expression",
        r::Expr::Named(_) => "named expression",
        _ => "expression",
    }
}

/// Whether the grammar takes it as `bitwise_or`, the level at which `=` may have been meant as `==`.
fn is_bitwise(e: &r::Expr) -> bool {
    !matches!(
        e,
        r::Expr::BoolOp(_)
            | r::Expr::Compare(_)
            | r::Expr::If(_)
            | r::Expr::Lambda(_)
            | r::Expr::Named(_)
            | r::Expr::Yield(_)
            | r::Expr::YieldFrom(_)
            | r::Expr::Starred(_)
    ) && !matches!(e, r::Expr::UnaryOp(u) if u.op == r::UnaryOp::Not)
}

/// The first part of a target that cannot be assigned to.
fn invalid_target(e: &r::Expr, deleting: bool) -> Option<&r::Expr> {
    match e {
        r::Expr::List(l) => l.elts.iter().find_map(|e| invalid_target(e, deleting)),
        r::Expr::Tuple(t) => t.elts.iter().find_map(|e| invalid_target(e, deleting)),
        r::Expr::Starred(s) => {
            if deleting {
                Some(e)
            } else {
                invalid_target(&s.value, deleting)
            }
        }
        r::Expr::Name(_) | r::Expr::Subscript(_) | r::Expr::Attribute(_) => None,
        r::Expr::Compare(c) if c.ops.first() == Some(&r::CmpOp::In) && !deleting => {
            invalid_target(&c.left, deleting)
        }
        _ => Some(e),
    }
}

impl<'a> Reporter<'a> {
    pub fn text(&self, t: &Token) -> &'a str {
        self.source
            .get(t.start as usize..t.end as usize)
            .unwrap_or("")
    }

    fn range_pos(&self, range: TextRange) -> Pos {
        self.lines.pos(range.start().to_u32(), range.end().to_u32())
    }

    /// Index of the first token that ends after `offset`.
    pub fn token_at(&self, offset: u32) -> usize {
        self.tokens
            .iter()
            .position(|t| t.end > offset || (t.start >= offset && t.kind != Kind::Dedent))
            .unwrap_or(self.tokens.len().saturating_sub(1))
    }

    fn unclosed(&self) -> Option<Error> {
        let (c, at) = self.open.last()?;
        let mut pos = self.lines.pos(*at, *at);
        pos.end_col = u32::MAX;
        Some(Error::new(
            pos,
            format!("'{}' was never closed", *c as char),
        ))
    }

    pub fn report(&self, errors: &[ParseError]) -> Error {
        if let Some(e) = self.tokenizer_error {
            return e.clone();
        }
        let Some(first) = errors.first() else {
            return Error::new(Pos::default(), "invalid syntax");
        };
        let error = self.grammar(first, errors);
        if let Some((_, open_at)) = self.open.last() {
            let open_line = self.lines.line_col(*open_at).0;
            let at_end = self
                .tokens
                .last()
                .is_none_or(|t| self.lines.line_col(t.end).0 < error.pos.line)
                || error.pos.line as usize >= self.lines.lines() as usize
                || self
                    .tokens
                    .last()
                    .is_none_or(|t| t.end <= first.location.start().to_u32());
            if (error.pos.line.max(error.pos.end_line) > open_line
                || (at_end && error.message == "invalid syntax"))
                && let Some(u) = self.unclosed()
            {
                return u;
            }
        }
        error
    }

    fn invalid(&self, offset: u32) -> Error {
        let i = self.token_at(offset);
        match self.tokens.get(i) {
            Some(t) => match t.kind {
                Kind::Indent => self.indentation(t.start, "unexpected indent"),
                Kind::Dedent => self.indentation(t.start, "unexpected unindent"),
                _ => self.generic(t),
            },
            None => Error::new(self.lines.pos(offset, offset), "invalid syntax"),
        }
    }

    /// "invalid syntax" at a token, or the better guess that a word of Python 2 allows.
    pub fn generic(&self, t: &Token) -> Error {
        let mut p = tokenizer::pos(t, self.lines);
        if t.kind == Kind::Newline || t.kind == Kind::EndMarker {
            p = self.lines.pos(t.start, t.start + 1);
            p.end_line = p.line;
            p.end_col = p.col + 1;
        }
        Error::new(p, "invalid syntax")
    }

    fn indentation(&self, offset: u32, message: impl Into<String>) -> Error {
        let p = self.lines.pos(offset, offset);
        Error {
            kind: ErrorKind::Indentation,
            message: message.into(),
            pos: p,
        }
    }

    fn collect(&self) -> Collect<'a> {
        let mut c = Collect {
            exprs: Vec::new(),
            stmts: Vec::new(),
        };
        match self.tree {
            r::Mod::Module(m) => m.body.iter().for_each(|s| c.visit_stmt(s)),
            r::Mod::Expression(e) => c.visit_expr(&e.body),
        }
        c
    }

    fn grammar(&self, e: &ParseError, all: &[ParseError]) -> Error {
        let start = e.location.start().to_u32();
        let pos = self.range_pos(e.location);
        let message = e.error.to_string();
        let c = self.collect();
        let target = matches!(
            e.error,
            ParseErrorType::InvalidAssignmentTarget
                | ParseErrorType::InvalidDeleteTarget
                | ParseErrorType::InvalidNamedAssignmentTarget
                | ParseErrorType::UnparenthesizedGeneratorExpression
                | ParseErrorType::PositionalAfterKeywordArgument
                | ParseErrorType::PositionalAfterKeywordUnpacking
                | ParseErrorType::InvalidArgumentUnpackingOrder
        );
        if !target && let Some(found) = self.rules(start, &c.exprs) {
            return found;
        }
        let exact = c.exprs.iter().find(|x| x.range() == e.location).copied();
        match &e.error {
            ParseErrorType::UnexpectedIndentation => {
                let i = self
                    .tokens
                    .iter()
                    .position(|t| t.kind == Kind::Indent && t.start >= start);
                let at = i.map_or(start, |i| self.tokens[i].start);
                return self.indentation(at, "unexpected indent");
            }
            ParseErrorType::OtherError(m) if m.starts_with("Expected an indented block after") => {
                return self.missing_block(start, m);
            }
            ParseErrorType::OtherError(m)
                if m.to_lowercase()
                    .contains("positional patterns cannot follow") =>
            {
                return Error::new(pos, "positional patterns follow keyword patterns");
            }
            ParseErrorType::OtherError(m) if m.contains("`except` or `finally`") => {
                let i = self.token_at(start);
                return match self.tokens.get(i) {
                    Some(t) => {
                        let mut err = self.generic(t);
                        err.message = "expected 'except' or 'finally' block".into();
                        err
                    }
                    None => Error::new(pos, "expected 'except' or 'finally' block"),
                };
            }
            ParseErrorType::InvalidAssignmentTarget
            | ParseErrorType::InvalidDeleteTarget
            | ParseErrorType::InvalidNamedAssignmentTarget
            | ParseErrorType::InvalidAugmentedAssignmentTarget
            | ParseErrorType::InvalidAnnotatedAssignmentTarget => {
                if let Some(x) = exact {
                    return self.bad_target(&e.error, x, &c);
                }
            }
            ParseErrorType::UnparenthesizedGeneratorExpression => {
                let i = self.token_at(start);
                let first = (0..i)
                    .rev()
                    .take_while(|k| self.tokens[*k].kind != Kind::Newline)
                    .last()
                    .unwrap_or(i);
                if self
                    .tokens
                    .get(first)
                    .is_some_and(|t| self.text(t) == "class")
                {
                    let at = (i..self.tokens.len())
                        .find(|k| self.text(&self.tokens[*k]) == "for")
                        .unwrap_or(i);
                    return self.generic(&self.tokens[at]);
                }
                return Error::new(pos, "Generator expression must be parenthesized");
            }
            ParseErrorType::PositionalAfterKeywordArgument
            | ParseErrorType::PositionalAfterKeywordUnpacking => {
                let what = if e.error == ParseErrorType::PositionalAfterKeywordArgument {
                    ""
                } else {
                    " unpacking"
                };
                let close = self.closing(start);
                let pos = close.map_or(pos, |t| tokenizer::pos(t, self.lines));
                return Error::new(
                    pos,
                    format!("positional argument follows keyword argument{what}"),
                );
            }
            ParseErrorType::InvalidArgumentUnpackingOrder => {
                return Error::new(
                    pos,
                    "iterable argument unpacking follows keyword argument unpacking",
                );
            }
            ParseErrorType::IterableUnpackingInComprehension => {
                return Error::new(pos, "iterable unpacking cannot be used in comprehension");
            }
            ParseErrorType::NonDefaultParamAfterDefaultParam => {
                return Error::new(
                    pos,
                    "parameter without a default follows parameter with a default",
                );
            }
            ParseErrorType::ParamAfterVarKeywordParam => {
                return Error::new(pos, "arguments cannot follow var-keyword argument");
            }
            ParseErrorType::VarParameterWithDefault => {
                let i = self.token_at(start);
                let eq = self.tokens[i..].iter().find(|t| self.text(t) == "=");
                let double = self.tokens[..=i.min(self.tokens.len() - 1)]
                    .iter()
                    .rev()
                    .take(3)
                    .any(|t| self.text(t) == "**");
                let what = if double {
                    "var-keyword"
                } else {
                    "var-positional"
                };
                let pos = eq.map_or(pos, |t| tokenizer::pos(t, self.lines));
                return Error::new(pos, format!("{what} argument cannot have default value"));
            }
            ParseErrorType::ExpectedKeywordParam => {
                let i = self.token_at(start);
                let star = self.tokens[..=i.min(self.tokens.len() - 1)]
                    .iter()
                    .rev()
                    .find(|t| self.text(t) == "*");
                let pos = star.map_or(pos, |t| tokenizer::pos(t, self.lines));
                return Error::new(pos, "named parameters must follow bare *");
            }
            ParseErrorType::EmptyTypeParams => {
                return Error::new(pos, "Type parameter list cannot be empty");
            }
            ParseErrorType::EmptyImportNames => {
                let i = self.token_at(start);
                if let Some(t) = self.tokens.get(i) {
                    let mut err = self.generic(t);
                    err.message = "Expected one or more names after 'import'".into();
                    return err;
                }
            }
            ParseErrorType::OtherError(m) if m.contains("railing comma not allowed") => {
                let i = self.token_at(start);
                let comma = self.tokens[..=i.min(self.tokens.len() - 1)]
                    .iter()
                    .rev()
                    .find(|t| self.text(t) == ",");
                if let Some(t) = comma {
                    let next = self.tokens.get(i).unwrap_or(t);
                    let mut err = self.generic(next);
                    err.message =
                        "trailing comma not allowed without surrounding parentheses".into();
                    return err;
                }
            }
            ParseErrorType::OtherError(m)
                if m.contains("Only one `*`") || m.contains("Only one '*'") =>
            {
                return Error::new(pos, "* argument may appear only once");
            }
            ParseErrorType::OtherError(m)
                if m.contains("Only one `/`") || m.contains("Only one '/'") =>
            {
                return Error::new(pos, "/ may appear only once");
            }
            ParseErrorType::OtherError(m)
                if m.contains("must be ahead of")
                    || m.contains("`/` parameter must appear before") =>
            {
                return Error::new(pos, "/ must be ahead of *");
            }
            ParseErrorType::OtherError(m)
                if m.contains("cannot be the first") || m.contains("`/` as the first") =>
            {
                return Error::new(pos, "at least one parameter must precede /");
            }
            ParseErrorType::FStringError(k) | ParseErrorType::TStringError(k) => {
                let letter = if matches!(e.error, ParseErrorType::FStringError(_)) {
                    'f'
                } else {
                    't'
                };
                return Error::new(pos, format!("{letter}-string: {}", quotes(&k.to_string())));
            }
            ParseErrorType::Lexical(_) => {
                return self.lexical(&message, pos, e.location);
            }
            _ => {}
        }
        self.by_tokens(e, all, &c, pos)
    }

    /// Errors of the parser's own lexer that ours does not know: escapes in literals and the like.
    fn lexical(&self, message: &str, pos: Pos, range: TextRange) -> Error {
        if message.contains("bytes can only contain ASCII") {
            let i = self
                .tokens
                .iter()
                .position(|t| t.start <= range.start().to_u32() && t.end >= range.end().to_u32());
            let pos = i.map_or(pos, |i| tokenizer::pos(&self.tokens[i], self.lines));
            return Error::new(pos, "bytes can only contain ASCII literal characters");
        }
        if message.contains("nicode") || message.contains("escape") || message.contains("brace") {
            let at = range.start().to_u32();
            let i = self
                .tokens
                .iter()
                .position(|t| t.start <= at && t.end >= at && t.end > t.start);
            if let Some(t) = i.map(|i| &self.tokens[i]) {
                return crate::escapes::unicode_error(self.text(t), tokenizer::pos(t, self.lines));
            }
        }
        self.invalid(range.start().to_u32())
    }

    fn missing_block(&self, start: u32, m: &str) -> Error {
        let what = m.trim_start_matches("Expected an indented block after ");
        // The statement is the last header before the place.
        let i = self
            .tokens
            .iter()
            .position(|t| t.start >= start && t.kind != Kind::Indent)
            .unwrap_or(self.tokens.len().saturating_sub(1));
        let here = self.tokens.get(i);
        let colon = self.tokens[..i]
            .iter()
            .rposition(|t| self.text(t) == ":")
            .unwrap_or(0);
        let mut head = colon;
        while head > 0
            && !matches!(
                self.tokens[head - 1].kind,
                Kind::Newline | Kind::Indent | Kind::Dedent | Kind::Nl
            )
        {
            head -= 1;
        }
        let line = self
            .tokens
            .get(head)
            .map_or(1, |t| self.lines.line_col(t.start).0);
        let first = self.tokens.get(head).map_or("", |t| self.text(t));
        let second = self.tokens.get(head + 1).map_or("", |t| self.text(t));
        let name = match first {
            "def" => "function definition".to_string(),
            "async" if second == "def" => "function definition".to_string(),
            "async" => format!("'{second}' statement"),
            "class" => "class definition".to_string(),
            "except" if second == "*" => "'except*' statement".to_string(),
            "" => what.replace('`', "'"),
            word => format!("'{word}' statement"),
        };
        let message = format!("expected an indented block after {name} on line {line}");
        match here {
            Some(t) => {
                let mut err = self.generic(t);
                if t.kind == Kind::Dedent || t.kind == Kind::EndMarker {
                    // The position of the next real token, or the end of the text.
                    let next = self.tokens[i..]
                        .iter()
                        .find(|t| t.kind != Kind::Dedent)
                        .unwrap_or(t);
                    err = self.generic(next);
                    if next.kind == Kind::EndMarker {
                        let last = self.tokens[..i].iter().rev().find(|t| t.end > t.start);
                        if let Some(l) = last {
                            err.pos = self.lines.pos(l.start, l.end);
                            err.pos.end_line = err.pos.line;
                        }
                    }
                }
                Error {
                    kind: ErrorKind::Indentation,
                    message,
                    ..err
                }
            }
            None => self.indentation(start, message),
        }
    }

    /// The bracket that closes the call around `offset`.
    fn closing(&self, offset: u32) -> Option<&Token> {
        let i = self.token_at(offset);
        let level = self.tokens.get(i)?.level;
        self.tokens[i..].iter().find(|t| {
            t.kind == Kind::Op && t.level < level && matches!(self.text(t), ")" | "]" | "}")
        })
    }

    fn bad_target(&self, kind: &ParseErrorType, x: &r::Expr, c: &Collect) -> Error {
        let pos = self.range_pos(x.range());
        match kind {
            ParseErrorType::InvalidNamedAssignmentTarget => Error::new(
                pos,
                format!("cannot use assignment expressions with {}", expr_name(x)),
            ),
            ParseErrorType::InvalidAugmentedAssignmentTarget => Error::new(
                pos,
                format!(
                    "'{}' is an illegal expression for augmented assignment",
                    expr_name(x)
                ),
            ),
            ParseErrorType::InvalidAnnotatedAssignmentTarget => match x {
                r::Expr::List(_) | r::Expr::Tuple(_) => Error::new(
                    pos,
                    format!("only single target (not {}) can be annotated", expr_name(x)),
                ),
                _ => Error::new(pos, "illegal target for annotation"),
            },
            ParseErrorType::InvalidDeleteTarget => {
                let bad = invalid_target(x, true).unwrap_or(x);
                Error::new(
                    self.range_pos(bad.range()),
                    format!("cannot delete {}", expr_name(bad)),
                )
            }
            _ => {
                let bad = invalid_target(x, false).unwrap_or(x);
                if let r::Expr::Compare(cmp) = bad {
                    let i = self.token_at(cmp.range().start().to_u32());
                    if i > 0 && self.text(&self.tokens[i - 1]) == "for" {
                        let k = self.token_at(cmp.left.range().end().to_u32());
                        return self.generic(&self.tokens[k]);
                    }
                }
                let pos = self.range_pos(bad.range());
                let name = expr_name(bad);
                // `yield x = 1`
                if matches!(bad, r::Expr::Yield(_) | r::Expr::YieldFrom(_)) {
                    return Error::new(pos, "assignment to yield expression not possible");
                }
                // A plain target of `=`: perhaps `==` was meant.
                let direct = c.stmts.iter().any(|s| match s {
                    r::Stmt::Assign(a) => a.targets.iter().any(|t| t.range() == bad.range()),
                    _ => false,
                });
                let after = self.tokens.get(self.token_at(bad.range().end().to_u32()));
                let next_eq = after.is_some_and(|t| self.text(t) == "=");
                let fixed = matches!(
                    bad,
                    r::Expr::NoneLiteral(_)
                        | r::Expr::BooleanLiteral(_)
                        | r::Expr::List(_)
                        | r::Expr::Tuple(_)
                        | r::Expr::Generator(_)
                );
                let chained = self.source[bad.range().end().to_usize()..]
                    .trim_start()
                    .starts_with('=')
                    && {
                        let eq = self.token_at(bad.range().end().to_u32());
                        let mut k = eq + 1;
                        let mut second = false;
                        while let Some(t) = self.tokens.get(k) {
                            if t.kind == Kind::Newline {
                                break;
                            }
                            if self.text(t) == "=" && t.level == self.tokens[eq].level {
                                second = true;
                            }
                            k += 1;
                        }
                        second
                    };
                if direct && next_eq && !fixed && is_bitwise(bad) && !chained {
                    return Error::new(
                        pos,
                        format!(
                            "cannot assign to {name} here. Maybe you meant '==' instead of '='?"
                        ),
                    );
                }
                Error::new(pos, format!("cannot assign to {name}"))
            }
        }
    }

    fn by_tokens(&self, e: &ParseError, _all: &[ParseError], c: &Collect, pos: Pos) -> Error {
        let start = e.location.start().to_u32();
        let mut i = self.token_at(start);
        // The parser may point at the whole offending construct; CPython at the first token it could not take.
        while i > 0
            && matches!(
                self.tokens.get(i).map(|t| t.kind),
                Some(Kind::Dedent | Kind::Indent)
            )
            && self.tokens[i].start > start
        {
            i -= 1;
        }
        let Some(t) = self.tokens.get(i) else {
            return self.invalid(start);
        };
        let word = self.text(t);
        let prev = i.checked_sub(1).and_then(|i| self.tokens.get(i));
        let prev_word = prev.map_or("", |p| self.text(p));
        let line_first = {
            let mut k = i;
            while k > 0
                && !matches!(
                    self.tokens[k - 1].kind,
                    Kind::Newline | Kind::Indent | Kind::Dedent
                )
                && self.text(&self.tokens[k - 1]) != ";"
            {
                k -= 1;
            }
            k
        };
        let head = self.tokens.get(line_first).map_or("", |t| self.text(t));
        if t.kind == Kind::Indent {
            return self.indentation(t.start, "unexpected indent");
        }
        // print and exec as statements.
        if matches!(head, "print" | "exec") && i == line_first + 1 && t.kind != Kind::Op {
            let end = self.line_end(i);
            let mut p = self.lines.pos(self.tokens[line_first].start, end);
            p.end_line = self.lines.line_col(end).0;
            return Error::new(
                p,
                format!("Missing parentheses in call to '{head}'. Did you mean {head}(...)?"),
            );
        }
        if let ParseErrorType::ExpectedToken { expected, .. } = &e.error {
            let want = expected.to_string();
            if want.contains(':') && !want.contains('=') {
                let compound = matches!(
                    head,
                    "if" | "elif"
                        | "else"
                        | "while"
                        | "for"
                        | "with"
                        | "try"
                        | "except"
                        | "finally"
                        | "class"
                        | "def"
                        | "async"
                        | "match"
                        | "case"
                );
                let forced = matches!(head, "def" | "else" | "finally" | "try");
                if word == "="
                    && matches!(head, "if" | "elif" | "while")
                    && prev.is_some_and(|p| p.kind == Kind::Name)
                    && i >= 2
                    && self.text(&self.tokens[i - 2]) != "."
                {
                    let p = prev.map_or(0, |p| p.start);
                    let end = self.operand_end(i + 1);
                    return Error::new(
                        self.lines.pos(p, end),
                        "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
                    );
                }
                if word == "="
                    && matches!(head, "if" | "elif" | "while")
                    && let Some(x) = c
                        .exprs
                        .iter()
                        .filter(|x| x.range().end().to_u32() <= t.start && is_bitwise(x))
                        .max_by_key(|x| (x.range().end(), x.range().len()))
                {
                    return Error::new(
                        self.range_pos(x.range()),
                        format!(
                            "cannot assign to {} here. Maybe you meant '==' instead of '='?",
                            expr_name(x)
                        ),
                    );
                }
                if compound && (t.kind == Kind::Newline || forced) {
                    let mut err = self.generic(t);
                    err.message = "expected ':'".into();
                    return err;
                }
                if prev_word == "lambda" || self.in_lambda(i) {
                    let mut err = self.generic(t);
                    err.message = if t.kind == Kind::Newline {
                        "expected ':'"
                    } else {
                        "invalid syntax"
                    }
                    .into();
                    return err;
                }
            }
            if want.contains("else") {
                // `a if b` without `else`.
                if let Some(x) = c.exprs.iter().find(|x| matches!(x, r::Expr::If(f) if f.test.range().end().to_u32() <= t.start && f.orelse.range().is_empty() && f.range().end().to_u32() >= f.test.range().end().to_u32())) {
                    let end = match x {
                        r::Expr::If(f) => f.test.range().end().to_u32(),
                        _ => x.range().end().to_u32(),
                    };
                    if word != ":" {
                        return Error::new(
                            self.lines.pos(x.range().start().to_u32(), end),
                            "expected 'else' after 'if' expression",
                        );
                    }
                }
            }
        }
        // A name where an argument is assigned: `f(a.b=1)`, `f(True=1)`.
        if word == "=" && t.level > 0 {
            let before = c
                .exprs
                .iter()
                .filter(|x| x.range().end().to_u32() == prev.map_or(0, |p| p.end))
                .max_by_key(|x| x.range().len());
            if let Some(x) = before {
                let p = self.lines.pos(x.range().start().to_u32(), t.end);
                return match x {
                    r::Expr::NoneLiteral(_) | r::Expr::BooleanLiteral(_) => {
                        Error::new(p, format!("cannot assign to {}", expr_name(x)))
                    }
                    r::Expr::Name(_) => {
                        let end = self.operand_end(i + 1);
                        Error::new(
                            self.lines.pos(x.range().start().to_u32(), end),
                            "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
                        )
                    }
                    _ => Error::new(
                        p,
                        "expression cannot contain assignment, perhaps you meant \"==\"?",
                    ),
                };
            }
        }
        // Two expressions side by side inside brackets.
        if t.level > 0 && self.starts_expression(t) {
            let left = c
                .exprs
                .iter()
                .filter(|x| {
                    x.range().end().to_u32() == prev.map_or(0, |p| p.end)
                        && !matches!(
                            x,
                            r::Expr::Starred(_)
                                | r::Expr::Named(_)
                                | r::Expr::Generator(_)
                                | r::Expr::Yield(_)
                        )
                })
                .max_by_key(|x| x.range().len());
            if let Some(l) = left
                && !(matches!(l, r::Expr::Name(_))
                    && matches!(
                        t.kind,
                        Kind::String | Kind::FStringStart | Kind::TStringStart
                    ))
                && !(matches!(l, r::Expr::Name(_))
                    && matches!(prev_word, "match" | "case" | "type" | "_"))
            {
                let right = c
                    .exprs
                    .iter()
                    .filter(|x| {
                        x.range().start().to_u32() == t.start
                            && !matches!(
                                x,
                                r::Expr::Starred(_) | r::Expr::Named(_) | r::Expr::Generator(_)
                            )
                    })
                    .max_by_key(|x| x.range().len())
                    .map_or(t.end, |x| x.range().end().to_u32());
                return Error::new(
                    self.lines.pos(l.range().start().to_u32(), right),
                    "invalid syntax. Perhaps you forgot a comma?",
                );
            }
        }
        if prev_word == "as" && matches!(head, "import" | "from") {
            let target = c
                .exprs
                .iter()
                .filter(|x| x.range().start().to_u32() == t.start)
                .max_by_key(|x| x.range().len());
            if let Some(x) = target {
                return Error::new(
                    self.range_pos(x.range()),
                    format!("cannot use {} as import target", expr_name(x)),
                );
            }
        }
        if matches!(e.error, ParseErrorType::OtherError(_)) {
            let m = quotes(&e.error.to_string());
            if m.starts_with("cannot") || m.starts_with("multiple") || m.starts_with("Duplicate") {
                return Error::new(pos, m);
            }
        }
        if t.kind == Kind::Dedent {
            let next = self.tokens[i..]
                .iter()
                .find(|t| t.kind != Kind::Dedent)
                .unwrap_or(t);
            return self.generic(next);
        }
        self.generic(t)
    }

    fn in_lambda(&self, i: usize) -> bool {
        let level = self.tokens[i].level;
        for t in self.tokens[..i].iter().rev() {
            if t.level < level || t.kind == Kind::Newline {
                return false;
            }
            if t.level == level && self.text(t) == ":" {
                return false;
            }
            if t.level == level && self.text(t) == "lambda" {
                return true;
            }
        }
        false
    }

    fn starts_expression(&self, t: &Token) -> bool {
        let w = self.text(t);
        match t.kind {
            Kind::Name => {
                !is_keyword(w)
                    || matches!(w, "None" | "True" | "False" | "not" | "lambda" | "await")
            }
            Kind::Number | Kind::String | Kind::FStringStart | Kind::TStringStart => true,
            Kind::Op => matches!(w, "(" | "[" | "{" | "..." | "~"),
            _ => false,
        }
    }

    pub fn operand_end(&self, i: usize) -> u32 {
        let Some(first) = self.tokens.get(i) else {
            return self.source.len() as u32;
        };
        let mut end = first.end;
        for t in &self.tokens[i..] {
            if t.level == first.level
                && (t.kind == Kind::Newline
                    || matches!(
                        self.text(t),
                        ":" | "," | ")" | "]" | "}" | "=" | "and" | "or" | "if" | "else"
                    ))
                || t.level < first.level
            {
                break;
            }
            end = t.end;
        }
        end
    }

    fn line_end(&self, i: usize) -> u32 {
        let mut end = self.tokens[i].end;
        for t in &self.tokens[i..] {
            if t.kind == Kind::Newline || self.text(t) == ";" {
                break;
            }
            end = t.end;
        }
        end
    }
}

/// The parser crate quotes with backticks.
fn quotes(s: &str) -> String {
    s.replace('`', "'")
}
