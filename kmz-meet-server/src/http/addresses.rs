//! Addresses and origins of requests as types, and names of time zones.

use guarded_http::GuardedClient;
use lti_bridge::WebOrigin;
use url::Url;

use super::formats::{
    FOREIGN_ID, Form, MAX_ADDRESS_BYTES, OUTGOING_ADDRESS, WEB_ADDRESS, WEB_ORIGIN,
};
use super::texts::{ForeignId, Text, Unfit};
use crate::credentials::MAX_RETURN_URL_BYTES;
use crate::time_zone::{self, SchoolZone};

/// A page that a browser can open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress(Url);

impl From<WebAddress> for String {
    fn from(address: WebAddress) -> Self {
        address.0.into()
    }
}

/// Where the server sends requests, if the operator permits: [`OutgoingAddress::permitted`] gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingAddress(Url);

impl OutgoingAddress {
    /// The address.
    ///
    /// # Errors
    /// When the client does not send there.
    pub fn permitted(self, client: &GuardedClient) -> Result<Url, Unfit> {
        match client.check(&self.0) {
            Ok(()) => Ok(self.0),
            Err(error) => Err(Unfit::Value(format!("{error}."))),
        }
    }
}

/// `iss` of a platform's tokens. It need not be an address; one that is names the host of pages, which becomes a part of headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(ForeignId);

impl From<Issuer> for String {
    fn from(issuer: Issuer) -> Self {
        issuer.0.into()
    }
}

/// Whether the host of this address can become a part of headers.
pub(crate) fn check_host(url: &Url) -> Result<(), Unfit> {
    WebOrigin::of(url)
        .map(|_| ())
        .map_err(|error| Unfit::Value(format!("{error}.")))
}

impl Text for WebAddress {
    const FORM: Form = Form {
        name: "WebAddress",
        description: "A page that a browser can open.",
        shortest: Some(1),
        longest: MAX_RETURN_URL_BYTES,
        pattern: Some(WEB_ADDRESS),
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        if text.len() > MAX_RETURN_URL_BYTES {
            return Err(Unfit::Value(format!(
                "it is longer than {MAX_RETURN_URL_BYTES} characters."
            )));
        }
        let url = Url::parse(&text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https") && url.as_str().len() <= MAX_RETURN_URL_BYTES
        });
        let must = || Unfit::Value("it must begin with http:// or https://.".to_owned());
        url.map(Self).ok_or_else(must)
    }
}

impl Text for OutgoingAddress {
    const FORM: Form = Form {
        name: "OutgoingAddress",
        description: "Where the server sends requests: https, at a public address or a host that the operator permits; on a \
                      demonstration server also http at its own machine. A public IP address in place of the name is taken, too.",
        shortest: Some(1),
        longest: MAX_ADDRESS_BYTES,
        pattern: Some(OUTGOING_ADDRESS),
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        let url = Url::parse(&text).map_err(|error| Unfit::Value(format!("{error}.")))?;
        if text.len() > MAX_ADDRESS_BYTES {
            return Err(Unfit::Value(format!(
                "it is longer than {MAX_ADDRESS_BYTES} characters."
            )));
        }
        Ok(Self(url))
    }
}

impl Text for Issuer {
    const FORM: Form = FOREIGN_ID;

    fn parse(text: String) -> Result<Self, Unfit> {
        let issuer = ForeignId::parse(text)?;
        match Url::parse(issuer.as_str()) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => check_host(&url)?,
            _ => {}
        }
        Ok(Self(issuer))
    }
}

impl Text for WebOrigin {
    const FORM: Form = Form {
        name: "WebOrigin",
        description: "Where pages come from: scheme, host and perhaps a port, such as `https://moodle.example`.",
        shortest: Some(1),
        longest: 255,
        pattern: Some(WEB_ORIGIN),
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        text.parse()
            .map_err(|error| Unfit::Value(format!("{error}.")))
    }
}

impl Text for SchoolZone {
    const FORM: Form = Form {
        name: "TimeZone",
        description: "A name of the IANA database.",
        shortest: None,
        longest: time_zone::MAX_NAME,
        pattern: None,
    };

    fn parse(text: String) -> Result<Self, Unfit> {
        text.parse()
            .map_err(|error| Unfit::Value(format!("{error}.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use guarded_http::Policy;

    #[test]
    fn outgoing_address_of_an_own_network_is_given_to_nobody() {
        let client = GuardedClient::new(Policy::default());
        for text in [
            "http://a.example/",
            "https://127.0.0.1/",
            "https://10.0.0.7/hook",
        ] {
            let address = OutgoingAddress::parse(text.to_owned()).unwrap();
            assert!(address.permitted(&client).is_err(), "{text}");
        }
        let address = OutgoingAddress::parse("https://a.example/hook".to_owned()).unwrap();
        let url = address.permitted(&client).unwrap();
        assert_eq!(url.as_str(), "https://a.example/hook");
    }

    #[test]
    fn issuer_with_a_host_that_would_mean_something_in_a_header_is_refused() {
        for (text, fits) in [
            ("https://moodle.example", true),
            ("urn:platform:7", true),
            ("7", true),
            ("https://a;sandbox", false),
            ("", false),
        ] {
            assert_eq!(Issuer::parse(text.to_owned()).is_ok(), fits, "{text}");
        }
    }
}
