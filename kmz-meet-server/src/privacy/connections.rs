//! All ports on which this server is reached, and all hosts that it turns to: as the configuration and the schools name them.

use std::collections::BTreeSet;

use url::Url;

use crate::config::{Config, MailConfig, Security};
use crate::openid::SignInProvider;
use crate::store::{Database, KeptPlatform, Record, RecordFilter, StoreError, Webhook};

/// Rows of one kind that are read: more than any installation has.
const MAX_ROWS: u64 = 10_000;

/// What somebody reaches this server for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortUse {
    /// Pages, interface, signalling, and TURN for networks that let nothing else through.
    Pages,
    /// The same from a proxy that sends the PROXY protocol.
    Proxied,
    /// Sound and pictures.
    Media,
}

/// A port that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    /// Address and port, or the port alone.
    pub address: String,
    pub used_for: PortUse,
    /// The key that sets it.
    pub key: &'static str,
}

/// Why this server turns to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    Database,
    Mail,
    Register,
    LearningPlatform,
    Webhook,
    SignIn,
    Permitted,
}

/// A host that this server turns to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outgoing {
    pub purpose: Purpose,
    /// With its port, where that is not the usual one.
    pub host: String,
    pub is_encrypted: bool,
    /// The key that sets it, or the id of the school that entered it.
    pub set_by: String,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connections {
    pub ports: Vec<Port>,
    pub outgoing: Vec<Outgoing>,
}

impl Connections {
    /// Reads them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read(config: &Config, store: &Database) -> Result<Self, StoreError> {
        let mut outgoing: BTreeSet<Outgoing> = configured(config).into_iter().collect();
        let all = RecordFilter {
            limit: MAX_ROWS,
            ..RecordFilter::default()
        };
        for webhook in Record::<Webhook>::list(store, all).await? {
            let by = webhook.school.unwrap_or_default();
            outgoing.extend(to_url(Purpose::Webhook, &webhook.data.url, &by));
        }
        for platform in Record::<KeptPlatform>::list(store, all).await? {
            let (by, platform) = (platform.school.unwrap_or_default(), platform.data.0);
            for url in [platform.token_endpoint.as_str(), platform.jwks_uri.as_str()] {
                outgoing.extend(to_url(Purpose::LearningPlatform, url, &by));
            }
        }
        for provider in Record::<SignInProvider>::list(store, all).await? {
            let by = provider.school.unwrap_or_default();
            outgoing.extend(to_url(Purpose::SignIn, &provider.data.issuer, &by));
        }
        Ok(Self {
            ports: ports(config),
            outgoing: outgoing.into_iter().collect(),
        })
    }
}

fn ports(config: &Config) -> Vec<Port> {
    let port = |protocol, address: String, used_for, key| Port {
        protocol,
        address,
        used_for,
        key,
    };
    let mut ports = vec![port(
        "tcp",
        config.listen.to_string(),
        PortUse::Pages,
        "listen",
    )];
    if let Some(address) = config.proxy_listen {
        ports.push(port(
            "tcp",
            address.to_string(),
            PortUse::Proxied,
            "proxy_listen",
        ));
    }
    let media = match config.media_port {
        0 => "*".to_owned(),
        fixed => fixed.to_string(),
    };
    ports.push(port("udp", media, PortUse::Media, "media_port"));
    let extra = config.media_extra_ports.iter();
    ports.extend(extra.map(|extra| {
        port(
            "udp",
            extra.to_string(),
            PortUse::Media,
            "media_extra_ports",
        )
    }));
    ports
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "::1")
}

/// What a URL leads to; `None`: to no host, such as a socket or a file of this machine.
fn to_url(purpose: Purpose, url: &str, set_by: &str) -> Option<Outgoing> {
    let url: Url = url.parse().ok()?;
    let name = url.host_str().filter(|host| !host.is_empty())?;
    let host = match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    };
    Some(Outgoing {
        purpose,
        is_encrypted: url.scheme() == "https" || is_this_machine(name),
        host,
        set_by: set_by.to_owned(),
    })
}

/// A database on another machine. Its URL says whether the connection must be encrypted.
fn to_database(url: &str) -> Option<Outgoing> {
    let parsed: Url = url.parse().ok()?;
    let asks = |name: &str, values: &[&str]| {
        let mut asked = parsed.query_pairs().filter(|(key, _)| key == name);
        asked.any(|(_, value)| values.contains(&&*value))
    };
    // A socket of this machine is named in the query.
    let is_socket = parsed
        .query_pairs()
        .any(|(key, value)| key == "host" && value.starts_with('/'));
    if is_socket || !parsed.scheme().starts_with("postgres") {
        return None;
    }
    let is_encrypted = asks("sslmode", &["require", "verify-ca", "verify-full"]);
    let mut to = to_url(Purpose::Database, url, "database_url")?;
    to.is_encrypted |= is_encrypted;
    Some(to)
}

fn configured(config: &Config) -> Vec<Outgoing> {
    let mut found = Vec::new();
    found.extend(config.database_url.as_deref().and_then(to_database));
    if let Some(MailConfig::Smtp(smtp, _)) = &config.mail {
        found.push(Outgoing {
            purpose: Purpose::Mail,
            host: format!("{}:{}", smtp.host, smtp.port),
            // Without protection it is on this machine.
            is_encrypted: smtp.security != Security::Plain || is_this_machine(&smtp.host),
            set_by: "mail_url".to_owned(),
        });
    }
    let register = config.teacher_register.as_deref();
    found.extend(register.and_then(|url| to_url(Purpose::Register, url, "teacher_register")));
    found.extend(config.outgoing_hosts.iter().map(|host| Outgoing {
        purpose: Purpose::Permitted,
        host: host.clone(),
        is_encrypted: true,
        set_by: "outgoing_hosts".to_owned(),
    }));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn database_without_encryption_on_another_machine_is_named_as_such() {
        let is_encrypted = |url| to_database(url).map(|to| (to.host, to.is_encrypted));
        assert_eq!(
            is_encrypted("postgres://u:geheim@db.lan/x"),
            Some(("db.lan".to_owned(), false))
        );
        assert_eq!(
            is_encrypted("postgres://u@db.lan:5433/x?sslmode=verify-full"),
            Some(("db.lan:5433".to_owned(), true))
        );
        assert_eq!(
            is_encrypted("postgres://u@localhost/x"),
            Some(("localhost".to_owned(), true))
        );
        assert_eq!(
            is_encrypted("postgres://u@localhost/x?host=/run/postgresql"),
            None
        );
        assert_eq!(is_encrypted("sqlite://x.sqlite"), None);
    }
}
