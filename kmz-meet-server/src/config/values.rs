//! The keys as they were written, from the file and the environment, with the place for messages.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::str::FromStr;

use figment::providers::{Format, Toml};
use figment::value::Value;
use figment::{Figment, Profile, Provider};

use super::error::ConfigError;
use super::mail::MailRoute;
use super::prefix::PREFIX;
use super::secret::Secret;

/// Every key there is. A key that is taken but not in this list could not be set.
const KEYS: [&str; 39] = [
    "listen",
    "proxy_listen",
    "data_dir",
    "media_port",
    "media_extra_ports",
    "media_addresses",
    "media_packets_per_second",
    "media_threads",
    "public_url",
    "database_url",
    "tls_certificate",
    "tls_key",
    "log_format",
    "log",
    "capacity",
    "max_people",
    "empty_minutes",
    "trusted_proxies",
    "outgoing_hosts",
    "api_requests_per_minute",
    "metrics_token",
    "contact",
    "information_url",
    "teacher_register",
    "mail_url",
    "mail_from",
    "mail_reply_to",
    "mail_authorities",
    "operators_need_second_factor",
    "operator_name",
    "operator_address",
    "operator_email",
    "data_protection_officer",
    "legal_basis",
    "supervisory_authority",
    "server_location",
    "processors",
    "accessibility_contact",
    "accessibility_enforcement",
];

/// Names the configuration file; it is no key of it.
pub const FILE_VARIABLE: &str = "KMZ_MEET_CONFIG";

struct Written {
    text: String,
    /// The key as the operator wrote it: `KMZ_MEET_LISTEN`, or `listen in kmz-meet.toml (KMZ_MEET_LISTEN)`.
    place: String,
}

/// What was written and not taken yet.
pub(super) struct Values(BTreeMap<String, Written>);

impl Values {
    pub(super) fn read(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut values = BTreeMap::new();
        if let Some(file) = file {
            for (key, text) in read_file(file)? {
                let place = format!("{key} in {}", file.display());
                values.insert(key, Written { text, place });
            }
        }
        for (variable, text) in variables {
            let Some(key) = variable.strip_prefix(PREFIX) else {
                continue;
            };
            // An empty variable is how a compose file or a shell says "not set".
            if variable == FILE_VARIABLE || text.trim().is_empty() {
                continue;
            }
            values.insert(
                key.to_lowercase(),
                Written {
                    text,
                    place: variable.clone(),
                },
            );
        }
        Ok(Self(values))
    }

    pub(super) fn take<T: FromStr>(
        &mut self,
        key: &str,
        expected: &str,
    ) -> Result<Option<T>, ConfigError> {
        debug_assert!(KEYS.contains(&key), "{key}");
        let Some(written) = self.0.remove(key) else {
            return Ok(None);
        };
        let parsed = written.text.trim().parse();
        parsed
            .map(Some)
            .map_err(|_| ConfigError::wrong_value(&written.place, &written.text, expected))
    }

    pub(super) fn take_in(
        &mut self,
        key: &str,
        range: RangeInclusive<u32>,
    ) -> Result<Option<u32>, ConfigError> {
        struct Bounded(u32);
        impl FromStr for Bounded {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
        let expected = format!("a number from {} to {}", range.start(), range.end());
        let written = self
            .0
            .get(key)
            .map(|written| (written.place.clone(), written.text.clone()));
        let number = self.take::<Bounded>(key, &expected)?.map(|number| number.0);
        match (number, written) {
            (Some(number), Some((place, text))) if !range.contains(&number) => {
                Err(ConfigError::wrong_value(&place, &text, &expected))
            }
            _ => Ok(number),
        }
    }

    pub(super) fn take_list<T: FromStr>(
        &mut self,
        key: &str,
        expected: &str,
    ) -> Result<Vec<T>, ConfigError> {
        let Some(written) = self.0.remove(key) else {
            return Ok(Vec::new());
        };
        let entries = written
            .text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        entries
            .map(|entry| {
                entry
                    .parse()
                    .map_err(|_| ConfigError::wrong_value(&written.place, &written.text, expected))
            })
            .collect()
    }

    /// It may hold a password, which must not be repeated in a message.
    pub(super) fn take_database_url(&mut self) -> Result<Option<String>, ConfigError> {
        let Some(written) = self.0.remove("database_url") else {
            return Ok(None);
        };
        let url = written.text.trim();
        let known = ["postgres://", "postgresql://", "sqlite:"];
        if known.iter().any(|scheme| url.starts_with(scheme)) {
            return Ok(Some(url.to_owned()));
        }
        let expected = "a URL that starts with postgres:// or sqlite://";
        Err(ConfigError::wrong_secret(&written.place, expected))
    }

    /// It may hold a password, too.
    pub(super) fn take_mail_url(&mut self) -> Result<Option<MailRoute>, ConfigError> {
        let Some(written) = self.0.remove("mail_url") else {
            return Ok(None);
        };
        let expected = "smtps://user:password@host, smtp://user:password@host (STARTTLS), smtp://127.0.0.1?tls=none \
             (on this machine only), or show; write signs in user and password as in URLs, such as %40 for @";
        let route = written.text.trim().parse();
        route
            .map(Some)
            .map_err(|()| ConfigError::wrong_secret(&written.place, expected))
    }

    /// One that could be one: the server that takes a mail knows.
    pub(super) fn take_mail_address(&mut self, key: &str) -> Result<Option<String>, ConfigError> {
        struct MailAddress(String);
        impl FromStr for MailAddress {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                let is_plain = |part: &str| {
                    !part.is_empty()
                        && !part.contains(['@', '<', '>', '"', ',', ';'])
                        && !part.contains(|one: char| one.is_whitespace() || one.is_control())
                };
                match text.split_once('@') {
                    Some((person, host)) if is_plain(person) && is_plain(host) => {
                        Ok(Self(text.to_owned()))
                    }
                    _ => Err(()),
                }
            }
        }
        let address = self.take::<MailAddress>(key, "an address such as kmz@example.org")?;
        Ok(address.map(|address| address.0))
    }

    /// It must not be repeated in a message.
    pub(super) fn take_secret(&mut self, key: &str) -> Result<Option<Secret>, ConfigError> {
        debug_assert!(KEYS.contains(&key), "{key}");
        let Some(written) = self.0.remove(key) else {
            return Ok(None);
        };
        let expected =
            "a secret of 16 to 200 letters, digits and signs, such as `openssl rand -hex 24` makes";
        let secret = written.text.trim().parse();
        secret
            .map(Some)
            .map_err(|()| ConfigError::wrong_secret(&written.place, expected))
    }

    pub(super) fn take_log(&mut self) -> Result<Option<String>, ConfigError> {
        let Some(written) = self.0.remove("log") else {
            return Ok(None);
        };
        if tracing_subscriber::EnvFilter::try_new(&written.text).is_ok() {
            return Ok(Some(written.text));
        }
        let expected =
            "a level (error, warn, info, debug) or a filter such as kmz_meet_server=debug";
        Err(ConfigError::wrong_value(
            &written.place,
            &written.text,
            expected,
        ))
    }

    /// Whatever was not taken is not known.
    pub(super) fn finish(self) -> Result<(), ConfigError> {
        let Some((key, written)) = self.0.into_iter().next() else {
            return Ok(());
        };
        let shown = |key: &str| {
            if written.place.starts_with(PREFIX) {
                format!("{PREFIX}{}", key.to_uppercase())
            } else {
                key.to_owned()
            }
        };
        let nearest = KEYS
            .iter()
            .map(|known| (strsim::levenshtein(&key, known), *known))
            .min()
            .filter(|(distance, _)| *distance <= 3)
            .map(|(_, known)| shown(known));
        let all = KEYS.map(shown).join(", ");
        Err(ConfigError::unknown(
            &written.place,
            nearest.as_deref(),
            &all,
        ))
    }
}

fn read_file(file: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    // Figment takes a missing file for an empty one; who names a file means it.
    std::fs::File::open(file).map_err(|error| ConfigError::unreadable(file, &error.to_string()))?;
    let data = Figment::new()
        .merge(Toml::file_exact(file))
        .data()
        .map_err(|error| ConfigError::unreadable(file, &error.to_string()))?;
    let keys = data
        .into_iter()
        .filter(|(profile, _)| *profile == Profile::Default);
    keys.flat_map(|(_, keys)| keys)
        .map(|(key, value)| match text_of(&value) {
            Some(text) => Ok((key, text)),
            // A table: the key in it would be the unknown one, so it is named as such.
            None => Ok((format!("[{key}]"), String::new())),
        })
        .collect()
}

/// Everything is text until it is parsed: one way for the file and for variables.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Bool(_, value) => Some(value.to_string()),
        Value::Num(_, number) => number
            .to_i128()
            .map(|number| number.to_string())
            .or_else(|| number.to_f64().map(|number| number.to_string())),
        Value::Array(_, values) => values
            .iter()
            .map(text_of)
            .collect::<Option<Vec<_>>>()
            .map(|all| all.join(",")),
        Value::Char(_, char) => Some(char.to_string()),
        Value::Dict(..) | Value::Empty(..) => None,
    }
}
