//! A look at the tokens before parsing: how deep the tree may get, and so how much native stack it needs.

use crate::tokenizer::{Kind, Token};

/// What a source costs its readers: whether it breaks a nesting limit, and how deep its tree may get.
pub struct Survey {
    pub depth: usize,
    pub prefix: usize,
}

/// An upper bound for the depth of the syntax tree: operators in each open element, summed over the brackets.
pub fn survey(tokens: &[Token], src: &str) -> Survey {
    let (mut depth, mut total, mut prefix, mut run) = (0usize, 0usize, 0usize, 0usize);
    let mut stack: Vec<usize> = vec![0];
    let mut after_operand = false;
    for t in tokens {
        let text = &src[t.start as usize..t.end as usize];
        let mut bump = 0;
        match t.kind {
            Kind::Newline => {
                total = 0;
                stack.clear();
                stack.push(0);
            }
            Kind::Op => match text {
                "(" | "[" | "{" => {
                    stack.push(0);
                    bump = 1;
                }
                ")" | "]" | "}" => {
                    if stack.len() > 1
                        && let Some(n) = stack.pop()
                    {
                        total -= n;
                    }
                    // A call or subscript chain grows to the left.
                    bump = 1;
                }
                "," | ";" => {
                    if let Some(n) = stack.last_mut() {
                        total -= std::mem::take(n);
                    }
                }
                _ => bump = 1,
            },
            Kind::Name
                if matches!(
                    text,
                    "not"
                        | "lambda"
                        | "if"
                        | "else"
                        | "await"
                        | "and"
                        | "or"
                        | "in"
                        | "is"
                        | "for"
                        | "yield"
                ) =>
            {
                bump = 1;
            }
            Kind::Indent | Kind::FStringStart | Kind::TStringStart => bump = 1,
            _ => {}
        }
        if bump > 0 {
            if let Some(n) = stack.last_mut() {
                *n += 1;
            }
            total += 1;
            depth = depth.max(total);
        }
        // Runs of prefix operators, and right-growing chains, are recursion in any parser.
        let operand = match t.kind {
            Kind::Op => matches!(text, ")" | "]" | "}"),
            Kind::Name => !matches!(
                text,
                "not"
                    | "lambda"
                    | "else"
                    | "await"
                    | "if"
                    | "in"
                    | "is"
                    | "and"
                    | "or"
                    | "return"
                    | "yield"
            ),
            Kind::Number | Kind::String | Kind::FStringEnd | Kind::TStringEnd => true,
            _ => false,
        };
        let grows = match t.kind {
            Kind::Op => text == "**" || (!after_operand && matches!(text, "-" | "+" | "~")),
            Kind::Name => matches!(text, "not" | "lambda" | "else" | "await"),
            _ => false,
        };
        if grows {
            run += 1;
            prefix = prefix.max(run);
        } else if !(operand || text == ":" || (t.kind == Kind::Name && text == "if")) {
            run = 0;
        }
        after_operand = operand;
    }
    Survey { depth, prefix }
}
