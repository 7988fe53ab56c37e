//! Texts in tables for spreadsheets.

/// A cell: quoted by RFC 4180, and with an apostrophe before what a spreadsheet could take for a formula.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cell_that_could_be_a_formula_begins_with_an_apostrophe() {
        for text in ["=1+1", " +2", "-3", "@x", "|y", "%z", "＝1"] {
            assert_eq!(cell(text), format!("\"'{text}\""));
        }
        assert_eq!(cell("A;\"B\""), "\"A;\"\"B\"\"\"");
        assert_eq!(cell("Anna"), "\"Anna\"");
    }
}
