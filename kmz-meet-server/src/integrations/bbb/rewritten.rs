//! Queries that browsers and proxies rewrote on the way, while the checksum is that of the client's own text. Browsers encode
//! quotes, angle brackets, spaces and everything beyond ASCII (WHATWG URL, 'special-query percent-encode set').

/// The characters that JavaScript's `encodeURIComponent` leaves as they are, beside letters and digits.
const LEFT_BY_SCRIPTS: &[u8] = b"-_.!~*'()";
/// The unreserved characters of RFC 3986 (2.3), beside letters and digits.
const UNRESERVED: &[u8] = b"-._~";

/// What the client may have signed: other ways to write the same parameters in the same order, the most usual first. All of
/// them mean exactly what was sent.
pub(super) fn likely(sent: &str) -> Vec<String> {
    let quote = |byte: u8| byte == b'\'';
    let quotes = |byte: u8| matches!(byte, b'\'' | b'"' | b'<' | b'>');
    let beyond = |byte: u8| byte == b'\'' || !byte.is_ascii();
    let all = |byte: u8| quotes(byte) || !byte.is_ascii();
    let spaces = |byte: u8| all(byte) || byte == b' ';
    let forms = [
        undone(sent, quote),
        undone(sent, beyond),
        undone(sent, quotes),
        undone(sent, all),
        undone(sent, spaces),
        Some(encoded(sent, LEFT_BY_SCRIPTS, "%20")),
        Some(encoded(sent, LEFT_BY_SCRIPTS, "+")),
        Some(encoded(sent, UNRESERVED, "%20")),
        Some(encoded(sent, UNRESERVED, "+")),
        Some(encoded(sent, b"*-._", "+")),
    ];
    let meant: Vec<_> = parameters(sent).collect();
    let mut likely: Vec<String> = Vec::new();
    for form in forms.into_iter().flatten() {
        // A form with another meaning must not borrow this checksum.
        if form != sent && !likely.contains(&form) && parameters(&form).eq(meant.iter().cloned()) {
            likely.push(form);
        }
    }
    likely
}

fn parameters(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    url::form_urlencoded::parse(query.as_bytes()).into_owned()
}

/// The query with these bytes decoded.
fn undone(sent: &str, which: impl Fn(u8) -> bool) -> Option<String> {
    let bytes = sent.as_bytes();
    let mut written = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let pair = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%');
        match pair.and_then(unhex).filter(|byte| which(*byte)) {
            Some(plain) => {
                written.push(plain);
                at += 3;
            }
            None => {
                written.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8(written).ok()
}

/// The query as a library writes it that leaves these characters as they are.
fn encoded(sent: &str, left: &[u8], space: &str) -> String {
    let encode = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            use std::fmt::Write;
            if byte == b' ' {
                out.push_str(space);
            } else if byte.is_ascii_alphanumeric() || left.contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
    };
    let pairs: Vec<String> = parameters(sent)
        .map(|(name, value)| format!("{}={}", encode(&name), encode(&value)))
        .collect();
    pairs.join("&")
}

fn unhex(pair: &[u8]) -> Option<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    match pair {
        [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::Query;
    use super::*;
    use proptest::prelude::*;

    /// Whether two queries mean the same.
    fn same(one: &str, other: &str) -> bool {
        parameters(one).eq(parameters(other)) && Query::read(one).ok() == Query::read(other).ok()
    }

    #[test]
    fn query_rewritten_by_a_browser_has_the_signed_text_among_its_forms() {
        for (signed, sent) in [
            (
                "fullName=Sinead+O'Brien&role=VIEWER",
                "fullName=Sinead+O%27Brien&role=VIEWER",
            ),
            ("fullName=O'Brien%20%C3%9C", "fullName=O%27Brien%20%C3%9C"),
            ("fullName=Jörg+Müller", "fullName=J%C3%B6rg+M%C3%BCller"),
            ("fullName=Jörg O'Neil", "fullName=J%C3%B6rg%20O%27Neil"),
            ("name=\"Mathe\" <7b>", "name=%22Mathe%22%20%3C7b%3E"),
            ("fullName=Anna%20Lena", "fullName=Anna+Lena"),
            ("fullName=Anna+Lena", "fullName=Anna%20Lena"),
            ("meetingID=a%5B0%5D&x=(1)!", "meetingID=a[0]&x=%281%29%21"),
        ] {
            assert!(same(signed, sent), "{signed}");
            assert!(
                likely(sent).contains(&signed.to_owned()),
                "{signed}: {:?}",
                likely(sent)
            );
        }
    }

    proptest! {
        #[test]
        fn likely_form_of_any_query_says_the_same(sent in "([a-c]{1,3}=([a-z+'\"<> ü&=]|%2[0-9A-F]|%[0-9A-Fa-f]{2}|%){0,9}&?){1,4}") {
            for form in likely(&sent) {
                prop_assert!(same(&form, &sent), "{form}");
            }
        }
    }
}
