//! Addresses of electronic mail (RFC 5321), in the one form in which they are kept and compared.

use std::fmt;
use std::str::FromStr;

/// RFC 5321, 4.5.3.1: of a path without its brackets, and of what is before the `@`.
pub const MAX_BYTES: usize = 254;
const MAX_LOCAL_BYTES: usize = 64;
const MAX_LABEL_BYTES: usize = 63;

/// An address in lower case, of ASCII alone. Quoted local parts, routes and address literals are no addresses of people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(String);

/// Not such an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no address of electronic mail, such as name@school.example")]
pub struct NoAddress;

impl EmailAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// So that its owner knows it again and nobody else learns it, such as `b…@school.example`.
    pub fn masked(&self) -> String {
        let first: String = self.0.chars().take(1).collect();
        format!("{first}…@{}", self.domain())
    }
}

/// The domains in which people of a school have their addresses. A subdomain is another domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains {
    /// Those that the school named. None: every domain will do that no other school named.
    pub own: Vec<String>,
    /// Those that other schools named.
    pub of_others: Vec<String>,
}

impl Domains {
    /// Whether somebody of the school may have this address.
    pub fn permit(&self, address: &EmailAddress) -> bool {
        let has = |domains: &[String]| domains.iter().any(|one| one == address.domain());
        if self.own.is_empty() {
            !has(&self.of_others)
        } else {
            has(&self.own)
        }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for EmailAddress {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let text = text.trim().to_ascii_lowercase();
        let (local, domain) = text.split_once('@').ok_or(NoAddress)?;
        if text.len() > MAX_BYTES || !is_local(local) || !is_domain(domain) {
            return Err(NoAddress);
        }
        Ok(Self(text))
    }
}

/// A dot-atom (RFC 5322, 3.2.3), without the signs by which mail servers once were told to send elsewhere.
fn is_local(local: &str) -> bool {
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"#$&'*+-/=?^_`{|}~".contains(&byte);
    local.len() <= MAX_LOCAL_BYTES
        && local
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(atom))
}

/// At least two labels of a host name (RFC 1123, 2.1), the last of which is no number.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=MAX_LABEL_BYTES).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let labels: Vec<&str> = domain.split('.').collect();
    labels.len() >= 2
        && labels.iter().all(|label| is_label(label))
        && labels
            .last()
            .is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_kept_in_lower_case_and_masked_for_others() {
        let address: EmailAddress = " Berta.Beispiel@Schule.Example ".parse().unwrap();
        assert_eq!(address.as_str(), "berta.beispiel@schule.example");
        assert_eq!(address.domain(), "schule.example");
        assert_eq!(address.masked(), "b…@schule.example");
    }

    #[test]
    fn address_in_a_domain_of_another_school_is_permitted_only_where_it_is_ones_own_too() {
        let list = |domains: &[&str]| domains.iter().map(|one| (*one).to_owned()).collect();
        let permits = |own: &[&str], of_others: &[&str], address: &str| {
            let domains = Domains {
                own: list(own),
                of_others: list(of_others),
            };
            domains.permit(&address.parse().unwrap())
        };
        assert!(permits(&[], &[], "a@B.example"));
        assert!(permits(&[], &["b.example"], "a@sub.b.example"));
        assert!(!permits(&[], &["b.example"], "a@B.example"));
        assert!(permits(&["b.example"], &["b.example"], "a@b.example"));
        assert!(!permits(&["c.example"], &[], "a@b.example"));
        assert!(!permits(&["c.example"], &[], "a@sub.c.example"));
    }

    #[test]
    fn text_that_leads_elsewhere_or_breaks_a_header_is_no_address() {
        let long = format!("{}@school.example", "a".repeat(MAX_LOCAL_BYTES + 1));
        for text in [
            "",
            "berta",
            "@school.example",
            "berta@",
            "berta@school",
            "berta@127.0.0.1",
            "berta@[127.0.0.1]",
            "berta@school..example",
            "berta@-school.example",
            ".berta@school.example",
            "ber..ta@school.example",
            "berta@school.example, clara@school.example",
            "berta@school.example\r\nBcc: clara@school.example",
            "berta\n@school.example",
            "\"berta beispiel\"@school.example",
            "berta%other.example@school.example",
            "other.example!berta@school.example",
            "Berta <berta@school.example>",
            "berta@school.example@other.example",
            "bertä@school.example",
            "berta@schüle.example",
            "berta\0@school.example",
            &long,
        ] {
            assert_eq!(text.parse::<EmailAddress>(), Err(NoAddress), "{text:?}");
        }
    }
}
