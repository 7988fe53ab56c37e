//! The few lines of a session description that a client reads: which section has which ids and SSRCs.

/// A media section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    pub mid: String,
    /// Ids of header extensions by URI.
    pub extensions: Vec<(u8, String)>,
    /// The first SSRC that is not one of retransmissions.
    pub ssrc: Option<u32>,
    /// The SSRC of its retransmissions.
    pub repair: Option<u32>,
}

impl Section {
    /// The id of the header extension whose URI ends so.
    #[must_use]
    pub fn extension(&self, end: &str) -> Option<u8> {
        self.extensions
            .iter()
            .find(|(_, uri)| uri.ends_with(end))
            .map(|(id, _)| *id)
    }
}

/// All media sections.
#[must_use]
pub fn sections(sdp: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in sdp.lines() {
        if line.starts_with("m=") {
            sections.push(Section::default());
            continue;
        }
        let Some(section) = sections.last_mut() else {
            continue;
        };
        if let Some(mid) = line.strip_prefix("a=mid:") {
            mid.trim().clone_into(&mut section.mid);
        } else if let Some(value) = line.strip_prefix("a=extmap:") {
            let mut words = value.split_whitespace();
            let id = words
                .next()
                .and_then(|id| id.split('/').next())
                .and_then(|id| id.parse().ok());
            if let (Some(id), Some(uri)) = (id, words.next()) {
                section.extensions.push((id, uri.to_owned()));
            }
        } else if let Some(value) = line.strip_prefix("a=ssrc-group:FID ") {
            let mut pair = value.split_whitespace().map(|ssrc| ssrc.parse().ok());
            section.ssrc = pair.next().flatten();
            section.repair = pair.next().flatten();
        } else if let Some(value) = line.strip_prefix("a=ssrc:")
            && section.ssrc.is_none()
        {
            section.ssrc = value.split(' ').next().and_then(|ssrc| ssrc.parse().ok());
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_of_an_answer_have_their_mid_ssrcs_and_extensions() {
        let sdp = "v=0\r\na=extmap:9 nowhere\r\nm=video 9 X 96\r\na=mid:7\r\na=extmap:3/sendonly urn:x:mid\r\n\
                   a=ssrc-group:FID 5 6\r\na=ssrc:5 cname:x\r\na=ssrc:6 cname:x\r\nm=audio 9 X 111\r\na=mid:8\r\na=ssrc:4 cname:y\r\n";
        let sections = sections(sdp);
        assert_eq!(sections.len(), 2);
        assert_eq!(
            (
                sections[0].mid.as_str(),
                sections[0].ssrc,
                sections[0].repair
            ),
            ("7", Some(5), Some(6))
        );
        assert_eq!(sections[0].extension(":mid"), Some(3));
        assert_eq!(
            (
                sections[1].mid.as_str(),
                sections[1].ssrc,
                sections[1].repair
            ),
            ("8", Some(4), None)
        );
    }
}
