//! What platforms write as HTML, as plain text: pages of ours show no markup of others.

use kmz_meet_core::room::text::{line, lines, shortened};

/// Text of several lines. Links keep their addresses, so that they can be followed; blank lines go.
pub fn plain(html: &str, most: usize) -> Option<String> {
    let text = if has_lines(html) {
        nanohtml2text::html2text(html)
    } else {
        nanohtml2text::html2text(&html.replace('\n', "<br>"))
    };
    let text = text.replace('\u{a0}', " ");
    let rows: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|row| !row.is_empty())
        .collect();
    let text = shortened(&lines(&rows.join("\n"))?, most);
    (!text.is_empty()).then_some(text)
}

/// A title: platforms encode signs in it for their own pages. What looks like markup is part of it.
pub fn title(text: &str, most: usize) -> Option<String> {
    if !text.contains('&') {
        return line(text, most);
    }
    line(&nanohtml2text::html2text(&text.replace('<', "&lt;")), most)
}

/// Whether markup says where lines end; else line ends do.
fn has_lines(html: &str) -> bool {
    let html = html.to_ascii_lowercase();
    ["<br", "<p", "<div", "<li", "<h", "<tr"]
        .iter()
        .any(|tag| html.contains(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        plain(html, 2_000).unwrap_or_default()
    }

    #[test]
    fn text_of_a_link_keeps_its_address() {
        let link = text("Aufgaben: <a href=\"https://padlet.example/7b?a=1&amp;b=2\">hier</a>.");
        assert_eq!(link, "Aufgaben: hier (https://padlet.example/7b?a=1&b=2).");
        assert_eq!(
            text("<p>Lest <A HREF='https://a.example/'>das</A> und</p><p>https://b.example/x</p>"),
            "Lest das (https://a.example/) und\nhttps://b.example/x"
        );
        assert!(
            text("<a href=\"https://a.example/\">https://a.example/</a>")
                .starts_with("https://a.example/")
        );
        assert!(!text("<a href=\"javascript:alert(1)\">x</a>").contains("javascript"));
    }

    #[test]
    fn text_of_entities_is_the_characters_they_stand_for() {
        assert_eq!(
            text("&Uuml;bung &ndash; &#39;7b&#39; &#x1F642; &amp; &lt;b&gt; &hellip; a&nbsp;b"),
            "Übung – '7b' 🙂 & <b> … a b"
        );
    }

    #[test]
    fn text_of_what_pages_do_not_show_is_empty() {
        assert_eq!(
            text("<style>p { color: red }</style>Hallo<script>alert(1)</script><!-- nicht --> 7b"),
            "Hallo 7b"
        );
        assert_eq!(
            text("<STYLE type=x>\n.a{}\n</STYLE><div>A</div><div>B</div>"),
            "A\nB"
        );
    }

    #[test]
    fn text_of_plain_lines_keeps_them() {
        assert_eq!(text("Hallo\n\nZeile 2, 5 < 6"), "Hallo\nZeile 2, 5 < 6");
        assert_eq!(text("a<br/>b\nc"), "a\nb c");
        assert_eq!(plain("<p> </p>", 10), None);
        assert_eq!(text("Achtung \u{202e}txt"), "Achtung txt");
        assert_eq!(plain("abc", 2).as_deref(), Some("ab"));
    }

    #[test]
    fn title_with_entities_is_decoded() {
        assert_eq!(
            title("Mathe &amp; &Uuml;bung", 99).as_deref(),
            Some("Mathe & Übung")
        );
        assert_eq!(
            title("Mathe <7b> & <Physik>", 99).as_deref(),
            Some("Mathe <7b> & <Physik>")
        );
        assert_eq!(title(" a\u{202e}b\n c ", 99).as_deref(), Some("ab c"));
    }
}
