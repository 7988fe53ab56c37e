//! A file as a flat list of tokens with lines. Comments are gone, doc comments too.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use crate::Unreadable;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or a keyword.
    Word,
    Lifetime,
    /// The content of a string.
    Text,
    /// Any other literal.
    Literal,
    /// Punctuation and brackets.
    Mark,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    pub line: usize,
    /// Of an opening bracket: where its closing one is. Of others: where they are themselves.
    pub close: usize,
    /// Whether it stands in an attribute.
    pub in_attribute: bool,
}

impl Token {
    pub fn is(&self, text: &str) -> bool {
        self.text == text && !matches!(self.kind, Kind::Text | Kind::Literal | Kind::Lifetime)
    }

    pub fn opens(&self) -> bool {
        self.kind == Kind::Mark && matches!(self.text.as_str(), "{" | "(" | "[")
    }
}

/// Marks of two characters that would be misread as two marks.
const PAIRS: [&str; 10] = ["::", "=>", "->", "!=", "==", "<=", ">=", "..", "&&", "||"];

/// The tokens of a file.
///
/// # Errors
/// When it is not Rust; with the line.
pub fn of(file: &str, text: &str) -> Result<Vec<Token>, Unreadable> {
    let stream: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| {
        Unreadable(format!("{file}:{}: {error}", error.span().start().line))
    })?;
    let mut tokens = Vec::new();
    flatten(stream, false, &mut tokens);
    Ok(tokens)
}

fn push(tokens: &mut Vec<Token>, kind: Kind, text: String, line: usize, in_attribute: bool) {
    let close = tokens.len();
    tokens.push(Token {
        kind,
        text,
        line,
        close,
        in_attribute,
    });
}

fn is_mark(tree: Option<&TokenTree>, mark: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

fn attribute(tree: Option<&TokenTree>) -> Option<TokenStream> {
    match tree {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            Some(group.stream())
        }
        _ => None,
    }
}

fn is_doc(stream: &TokenStream) -> bool {
    let first = stream.clone().into_iter().next();
    matches!(first, Some(TokenTree::Ident(word)) if word == "doc")
}

fn flatten(stream: TokenStream, in_attribute: bool, tokens: &mut Vec<Token>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    let mut attribute_at = None;
    while let Some(tree) = trees.get(at) {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                let in_attribute = in_attribute || attribute_at == Some(at);
                let opened = tokens.len();
                push(tokens, Kind::Mark, open.to_owned(), line, in_attribute);
                flatten(group.stream(), in_attribute, tokens);
                let closed = tokens.len();
                let end = group.span_close().start().line;
                push(tokens, Kind::Mark, close.to_owned(), end, in_attribute);
                if let Some(token) = tokens.get_mut(opened) {
                    token.close = closed;
                }
            }
            TokenTree::Ident(word) => {
                push(tokens, Kind::Word, word.to_string(), line, in_attribute);
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let content = text.strip_prefix('r').unwrap_or(&text).trim_matches('#');
                let content = content
                    .strip_prefix('"')
                    .and_then(|it| it.strip_suffix('"'));
                match content {
                    Some(content) => {
                        push(tokens, Kind::Text, content.to_owned(), line, in_attribute);
                    }
                    None => push(tokens, Kind::Literal, text, line, in_attribute),
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let bang = usize::from(is_mark(trees.get(at + 1), '!'));
                if let Some(stream) = attribute(trees.get(at + 1 + bang)) {
                    if is_doc(&stream) {
                        at += 2 + bang;
                        continue;
                    }
                    attribute_at = Some(at + 1 + bang);
                }
                push(tokens, Kind::Mark, "#".to_owned(), line, in_attribute);
            }
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                if let Some(TokenTree::Ident(word)) = trees.get(at + 1) {
                    push(tokens, Kind::Lifetime, word.to_string(), line, in_attribute);
                    at += 1;
                }
            }
            TokenTree::Punct(punct) => {
                let mut text = punct.as_char().to_string();
                if let (Spacing::Joint, Some(TokenTree::Punct(next))) =
                    (punct.spacing(), trees.get(at + 1))
                {
                    let pair = format!("{text}{}", next.as_char());
                    if PAIRS.contains(&pair.as_str()) {
                        text = pair;
                        at += 1;
                    }
                }
                push(tokens, Kind::Mark, text, line, in_attribute);
            }
        }
        at += 1;
    }
}
