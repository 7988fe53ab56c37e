//! A cell of a table for spreadsheets.

/// RFC 4180 quoting, and an apostrophe before what could be a formula.
pub fn cell(text: &str) -> String {
    let risky = text.trim_start().starts_with([
        '=', '+', '-', '@', '\t', '\r', '|', '%', '＝', '＋', '－', '＠',
    ]);
    let safe = if risky {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    format!("\"{}\"", safe.replace('"', "\"\""))
}
