//! What kind of file a signed document is, by what is in it: its name and what the browser says of it count for nothing.

/// What is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    Pdf,
    Jpeg,
    Png,
}

/// Writers put little behind the end of a PDF; readers look for it in the last 1,024 bytes (ISO 32000-1, annex H, note 18).
const PDF_TAIL: usize = 1_024;

impl DocumentKind {
    /// The kind of a whole file: one that begins as such a file and does not end as one is damaged, or something else, too.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let tail = &bytes[bytes.len().saturating_sub(PDF_TAIL)..];
        if bytes.starts_with(b"%PDF-1.") || bytes.starts_with(b"%PDF-2.") {
            tail.windows(5)
                .any(|part| part == b"%%EOF")
                .then_some(Self::Pdf)
        } else if bytes.starts_with(b"\xFF\xD8\xFF") {
            bytes.ends_with(b"\xFF\xD9").then_some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR") {
            // The chunk IEND is empty, so its checksum is always the same (ISO/IEC 15948, 11.2.5).
            bytes
                .ends_with(b"\0\0\0\0IEND\xAE\x42\x60\x82")
                .then_some(Self::Png)
        } else {
            None
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// Of a media type that is stored.
    #[must_use]
    pub fn of_media_type(text: &str) -> Option<Self> {
        [Self::Pdf, Self::Jpeg, Self::Png]
            .into_iter()
            .find(|kind| kind.media_type() == text)
    }

    /// As the name of such a file ends.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] =
        b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\0\0\0\0\0\0\0\0IEND\xAE\x42\x60\x82";

    #[test]
    fn kind_of_a_file_is_by_its_bytes() {
        assert_eq!(
            DocumentKind::of(b"%PDF-1.7\n...\n%%EOF\n"),
            Some(DocumentKind::Pdf)
        );
        assert_eq!(
            DocumentKind::of(b"\xFF\xD8\xFF\xE0...\xFF\xD9"),
            Some(DocumentKind::Jpeg)
        );
        assert_eq!(DocumentKind::of(PNG), Some(DocumentKind::Png));
        for kind in [DocumentKind::Pdf, DocumentKind::Jpeg, DocumentKind::Png] {
            assert_eq!(DocumentKind::of_media_type(kind.media_type()), Some(kind));
        }
    }

    #[test]
    fn kind_of_what_only_looks_like_a_document_is_none() {
        let archive_behind = [b"%PDF-1.7\n%%EOF\n".as_slice(), &[b'P'; 2_000]].concat();
        let files: [&[u8]; 10] = [
            b"",
            b"<!doctype html><script>alert(1)</script>%PDF-1.7 %%EOF",
            b" %PDF-1.7 %%EOF",
            b"%PDF-<script>alert(1)</script>%%EOF",
            b"%PDF-1.7 cut off",
            &archive_behind,
            b"\xFF\xD8\xFF cut off",
            b"\xFF\xD8\xFF\xE0...\xFF\xD9<script>",
            &PNG[..PNG.len() - 1],
            b"PK\x03\x04 %PDF-1.7 %%EOF",
        ];
        for file in files {
            assert_eq!(DocumentKind::of(file), None, "{file:?}");
        }
    }
}
