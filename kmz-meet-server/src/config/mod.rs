//! What an operator can set: one TOML file, and every key also as `KMZ_MEET_...`, which wins.

mod error;
mod mail;
mod network;
mod prefix;
mod privacy;
mod public_url;
mod secret;
mod values;
mod web_page;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

pub use error::ConfigError;
use kmz_meet_core::sfu::{MAX_PORTS, MAX_THREADS};
use lettre::message::Mailbox;
use mail::MailRoute;
pub use mail::{Letterhead, MailConfig, Security, Smtp};
pub use network::Network;
pub use prefix::PREFIX;
pub use privacy::PrivacyConfig;
pub use public_url::{Entry, PublicUrl};
pub use secret::Secret;
use values::Values;
pub use web_page::WebPage;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// Certificate chain and key, PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// The configuration of a server. Everything has a default that is safe.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where HTTP is served.
    pub listen: SocketAddr,
    /// The same for a proxy that begins every connection with a header of the PROXY protocol. Not set: there is none.
    pub proxy_listen: Option<SocketAddr>,
    /// Database, keys and `demo.json`. Made when it is missing.
    pub data_dir: PathBuf,
    /// UDP port for all media; 0 takes any free one.
    pub media_port: u16,
    /// More UDP ports, announced behind the first.
    pub media_extra_ports: Vec<u16>,
    /// Addresses announced to browsers. Empty: those of this machine's interfaces.
    pub media_addresses: Vec<IpAddr>,
    /// Packets a second that one participant may send.
    pub media_packets_per_second: u32,
    /// Media threads. Not set: as many as the machine has cores.
    pub media_threads: Option<NonZeroUsize>,
    /// Under which browsers reach this server. Not set: `http(s)://localhost:<port>`.
    pub public_url: Option<PublicUrl>,
    /// A `postgres://` or `sqlite://` URL. Not set: SQLite in the data directory.
    pub database_url: Option<String>,
    /// HTTPS. Not set: plain HTTP (for localhost, or behind a proxy that speaks HTTPS).
    pub tls: Option<Tls>,
    pub log_format: LogFormat,
    /// What is logged, as in `info` or `kmz_meet_server=debug`.
    pub log: String,
    /// Most people in one conference.
    pub capacity: u32,
    /// Most people on this server, in all conferences; 0: no limit. Not set: what `kmz-meet capacity` measured, else no limit.
    pub max_people: Option<u32>,
    /// How long a conference without anybody connected is kept.
    pub empty_after: Duration,
    /// Proxies that are believed who their clients are, by `X-Forwarded-For` and at `proxy_listen`.
    pub trusted_proxies: Vec<Network>,
    /// Hosts with private addresses that this server may call, such as a Moodle in the same network.
    pub outgoing_hosts: Vec<String>,
    /// Whether it may call itself and its neighbours on this machine, by http too. Only the demo does.
    pub outgoing_loopback: bool,
    /// Requests to the API that each caller may make.
    pub api_requests_per_minute: u32,
    /// Whoever reads `/metrics` says it. Not set: only programs on this machine read it.
    pub metrics_token: Option<Secret>,
    /// Shown to people who need help.
    pub contact: Option<String>,
    /// What teachers, pupils and parents read before a lesson; invitations name it.
    pub information_url: Option<WebPage>,
    /// A list of the teachers whom an office knows already: a file, or an https address. Not set: nobody is known.
    pub teacher_register: Option<String>,
    /// How mails leave. Not set: there are none.
    pub mail: Option<MailConfig>,
    /// Whether operators sign in with a second factor only.
    pub operators_need_second_factor: bool,
    /// Who runs the service, as in a contract.
    pub operator_name: Option<String>,
    /// Where that is: street and town in one line.
    pub operator_address: Option<String>,
    /// Gets mails about contracts.
    pub operator_email: Option<String>,
    /// What the papers on privacy and accessibility say of the operator.
    pub privacy: PrivacyConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8080)),
            proxy_listen: None,
            data_dir: PathBuf::from("data"),
            media_port: 10_000,
            media_extra_ports: Vec::new(),
            media_addresses: Vec::new(),
            media_packets_per_second: 2_500,
            media_threads: None,
            public_url: None,
            database_url: None,
            tls: None,
            log_format: LogFormat::Text,
            log: "info,sea_orm_migration=warn,sqlx=warn,rtc_dtls=off,rtc_srtp=off,rtc_stun=off"
                .to_owned(),
            capacity: 70,
            max_people: None,
            empty_after: Duration::from_mins(5),
            trusted_proxies: Vec::new(),
            outgoing_hosts: Vec::new(),
            outgoing_loopback: false,
            api_requests_per_minute: 1_200,
            metrics_token: None,
            contact: None,
            information_url: None,
            teacher_register: None,
            mail: None,
            operators_need_second_factor: false,
            operator_name: None,
            operator_address: None,
            operator_email: None,
            privacy: PrivacyConfig::default(),
        }
    }
}

impl Config {
    /// Reads the file (if any) and the variables.
    ///
    /// # Errors
    /// One line that names the key and how to mend it.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut values = Values::read(file, variables)?;
        let config = Self::from_values(&mut values)?;
        values.finish()?;
        config.check_proxy_listen()?;
        config.check_extra_ports()?;
        Ok(config)
    }

    fn check_proxy_listen(&self) -> Result<(), ConfigError> {
        let Some(address) = self.proxy_listen else {
            return Ok(());
        };
        let is_one_port = address.port() != 0 && address.port() == self.listen.port();
        let either = [address.ip(), self.listen.ip()];
        if is_one_port && (either[0] == either[1] || either.iter().any(IpAddr::is_unspecified)) {
            return Err(ConfigError::one_port("proxy_listen", "listen"));
        }
        if self.trusted_proxies.is_empty() {
            return Err(ConfigError::nobody_trusted(
                "proxy_listen",
                "trusted_proxies",
            ));
        }
        Ok(())
    }

    fn check_extra_ports(&self) -> Result<(), ConfigError> {
        const MAX_EXTRA_PORTS: usize = MAX_PORTS - 1;
        let extra = &self.media_extra_ports;
        let different: BTreeSet<u16> = extra.iter().copied().collect();
        let is_good = extra.len() <= MAX_EXTRA_PORTS
            && different.len() == extra.len()
            && !different.contains(&0)
            && !different.contains(&self.media_port);
        is_good
            .then_some(())
            .ok_or_else(|| ConfigError::ports("media_extra_ports", "media_port", MAX_EXTRA_PORTS))
    }

    fn from_values(values: &mut Values) -> Result<Self, ConfigError> {
        let default = Self::default();
        let certificate: Option<PathBuf> =
            values.take("tls_certificate", "a path of a PEM file")?;
        let key: Option<PathBuf> = values.take("tls_key", "a path of a PEM file")?;
        let tls = match (certificate, key) {
            (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
            (None, None) => None,
            (Some(_), None) => return Err(ConfigError::missing("tls_key", "tls_certificate")),
            (None, Some(_)) => return Err(ConfigError::missing("tls_certificate", "tls_key")),
        };
        let minutes = values.take_in("empty_minutes", 1..=24 * 60)?;
        Ok(Self {
            listen: values
                .take(
                    "listen",
                    "an address with a port, such as 0.0.0.0:8080 or [::]:8080",
                )?
                .unwrap_or(default.listen),
            proxy_listen: values.take(
                "proxy_listen",
                "an address with a port, such as 127.0.0.1:8444 or [::1]:8444",
            )?,
            data_dir: values
                .take("data_dir", "the path of a directory")?
                .unwrap_or(default.data_dir),
            media_port: values
                .take("media_port", "a UDP port, 0 to 65535")?
                .unwrap_or(default.media_port),
            media_extra_ports: values
                .take_list("media_extra_ports", "UDP ports, separated by commas")?,
            media_addresses: values
                .take_list("media_addresses", "IP addresses, separated by commas")?,
            media_packets_per_second: values
                .take_in("media_packets_per_second", 0..=1_000_000)?
                .unwrap_or(default.media_packets_per_second),
            media_threads: values
                .take_in("media_threads", 1..=MAX_THREADS as u32)?
                .and_then(|threads| NonZeroUsize::new(threads as usize)),
            public_url: values.take(
                "public_url",
                "http:// or https:// and a host, without a path, such as https://meet.example.org",
            )?,
            database_url: values.take_database_url()?,
            tls,
            log_format: values
                .take("log_format", "text or json")?
                .unwrap_or(default.log_format),
            log: values.take_log()?.unwrap_or(default.log),
            capacity: values
                .take_in("capacity", 2..=500)?
                .unwrap_or(default.capacity),
            max_people: values.take_in("max_people", 0..=1_000_000)?,
            empty_after: minutes.map_or(default.empty_after, |minutes| {
                Duration::from_mins(u64::from(minutes))
            }),
            trusted_proxies: values.take_list(
                "trusted_proxies",
                "IP addresses or networks such as 10.0.0.0/8, separated by commas",
            )?,
            outgoing_hosts: values.take_list(
                "outgoing_hosts",
                "host names, separated by commas, such as moodle.school.lan",
            )?,
            outgoing_loopback: default.outgoing_loopback,
            api_requests_per_minute: values
                .take_in("api_requests_per_minute", 10..=10_000_000)?
                .unwrap_or(default.api_requests_per_minute),
            metrics_token: values.take_secret("metrics_token")?,
            contact: values.take("contact", "a text")?,
            information_url: values.take(
                "information_url",
                "http:// or https:// and a page, such as https://meet.example.org/help",
            )?,
            teacher_register: values.take("teacher_register", "a file or an https address")?,
            mail: Self::mail_from_values(values)?,
            operators_need_second_factor: values
                .take("operators_need_second_factor", "true or false")?
                .unwrap_or(default.operators_need_second_factor),
            operator_name: values.take("operator_name", "a text")?,
            operator_address: values.take("operator_address", "a text")?,
            operator_email: values.take_mail_address("operator_email")?,
            privacy: PrivacyConfig::from_values(values)?,
        })
    }

    fn mail_from_values(values: &mut Values) -> Result<Option<MailConfig>, ConfigError> {
        let mailbox = "an address, such as noreply@school.example or KMZ <noreply@school.example>";
        let route = values.take_mail_url()?;
        let from: Option<Mailbox> = values.take("mail_from", mailbox)?;
        let reply_to: Option<Mailbox> = values.take("mail_reply_to", mailbox)?;
        let authorities: Option<PathBuf> =
            values.take("mail_authorities", "a path of a PEM file")?;
        match (route, from) {
            (None, _) => Ok(None),
            (Some(MailRoute::Show), _) => Ok(Some(MailConfig::Show)),
            (Some(MailRoute::Smtp(_)), None) => {
                Err(ConfigError::needed("mail_from", "mail_url", mailbox))
            }
            (Some(MailRoute::Smtp(smtp)), Some(from)) => {
                let letterhead = Letterhead {
                    from,
                    reply_to,
                    authorities,
                };
                Ok(Some(MailConfig::Smtp(smtp, Box::new(letterhead))))
            }
        }
    }

    /// Mails are shown instead of sent, where nothing else is set.
    pub fn show_mail(&mut self) {
        self.mail.get_or_insert(MailConfig::Show);
    }

    /// Under which browsers reach this server, when it listens at `port`.
    pub fn public_url_at(&self, port: u16) -> PublicUrl {
        self.public_url
            .clone()
            .unwrap_or_else(|| PublicUrl::localhost(self.tls.is_some(), port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> Result<Config, String> {
        let variables = variables
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Config::load(None, variables).map_err(|error| error.to_string())
    }

    fn with_file(content: &str) -> Result<Config, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kmz-meet.toml");
        std::fs::write(&path, content).unwrap();
        Config::load(Some(&path), []).map_err(|error| error.to_string())
    }

    #[test]
    fn mail_keys_need_each_other_and_repeat_no_password() {
        let mail = |url, from| {
            load(&[("KMZ_MEET_MAIL_URL", url), ("KMZ_MEET_MAIL_FROM", from)])
                .map(|config| config.mail)
        };
        assert_eq!(mail("", "a@school.example"), Ok(None));
        assert_eq!(mail("show", ""), Ok(Some(MailConfig::Show)));
        let error = mail("smtps://mail.school.example", "").unwrap_err();
        assert!(error.contains("KMZ_MEET_MAIL_FROM"), "{error}");
        let error = mail("smtps://a:geheim@mail.school.example/x", "").unwrap_err();
        assert!(error.contains("KMZ_MEET_MAIL_URL"), "{error}");
        assert!(!error.contains("geheim"), "{error}");
        let Ok(Some(MailConfig::Smtp(smtp, letterhead))) =
            mail("smtps://mail.school.example", "KMZ <kmz@school.example>")
        else {
            panic!("it is not taken");
        };
        assert_eq!(smtp.host, "mail.school.example");
        assert_eq!(letterhead.from.name.as_deref(), Some("KMZ"));
        for from in [
            "kmz",
            "a@school.example, b@school.example",
            "a@b\r\nBcc: c@d",
        ] {
            assert!(mail("smtps://mail.school.example", from).is_err(), "{from}");
        }
    }

    #[test]
    fn variables_foreign_or_empty_are_not_read() {
        let config = load(&[
            ("PATH", "/bin"),
            ("KMZ_MEET_LISTEN", "127.0.0.1:1234"),
            ("KMZ_MEET_MEDIA_PORT", "11000"),
            ("KMZ_MEET_MEDIA_ADDRESSES", "10.0.0.1, ::1"),
            ("KMZ_MEET_PUBLIC_URL", "https://meet.example.org/"),
            ("KMZ_MEET_CAPACITY", ""),
        ])
        .unwrap();
        assert_eq!(config.listen.port(), 1234);
        assert_eq!(config.media_port, 11_000);
        assert_eq!(config.media_addresses.len(), 2);
        assert_eq!(
            config.public_url.unwrap().as_str(),
            "https://meet.example.org"
        );
        assert_eq!(config.capacity, 70);
    }

    #[test]
    fn file_beside_variables_gives_way_to_them() {
        let config =
            with_file("listen = '127.0.0.1:1'\nmedia_addresses = ['10.0.0.1']\ncapacity = 30\n")
                .unwrap();
        assert_eq!((config.listen.port(), config.capacity), (1, 30));
        assert_eq!(config.media_addresses.len(), 1);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kmz-meet.toml");
        std::fs::write(&path, "capacity = 30").unwrap();
        let variable = ("KMZ_MEET_CAPACITY".to_owned(), "31".to_owned());
        assert_eq!(Config::load(Some(&path), [variable]).unwrap().capacity, 31);
    }

    #[test]
    fn error_is_one_line_with_the_key_as_it_was_written() {
        let cases = [
            load(&[("KMZ_MEET_LISTEN", "8080")]),
            load(&[("KMZ_MEET_LISTEN", "a\nb")]),
            load(&[("KMZ_MEET_MEDIA_PORT", "70000")]),
            load(&[("KMZ_MEET_MEDIA_ADDRESSES", "10.0.0.1;10.0.0.2")]),
            load(&[("KMZ_MEET_MEDIA_THREADS", "0")]),
            load(&[("KMZ_MEET_MEDIA_THREADS", "27")]),
            load(&[("KMZ_MEET_PUBLIC_URL", "meet.example.org")]),
            load(&[("KMZ_MEET_PUBLIC_URL", "https://meet.example.org/path")]),
            load(&[("KMZ_MEET_CAPACITY", "1")]),
            load(&[("KMZ_MEET_INFORMATION_URL", "javascript:alert(1)")]),
            load(&[("KMZ_MEET_TLS_KEY", "key.pem")]),
            load(&[("KMZ_MEET_LISTN", "127.0.0.1:1")]),
        ];
        for case in cases {
            let error = case.unwrap_err();
            assert!(error.contains("KMZ_MEET_"), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        for file in [
            "listen = 8080",
            "liste = ''",
            "capacity = [",
            "[tls]\nkey = 'x'",
        ] {
            let error = with_file(file).unwrap_err();
            assert!(error.contains("kmz-meet.toml"), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }

    #[test]
    fn error_of_proxy_listen_that_nobody_can_use_says_what_to_set() {
        let listen = |address, proxy, trusted| {
            load(&[
                ("KMZ_MEET_LISTEN", address),
                ("KMZ_MEET_PROXY_LISTEN", proxy),
                ("KMZ_MEET_TRUSTED_PROXIES", trusted),
            ])
        };
        for address in ["127.0.0.1:8443", "0.0.0.0:8443", "[::]:8443"] {
            let error = listen(address, "127.0.0.1:8443", "127.0.0.1").unwrap_err();
            assert!(error.contains("KMZ_MEET_PROXY_LISTEN"), "{error}");
            assert!(error.contains("KMZ_MEET_LISTEN"), "{error}");
        }
        let error = listen("0.0.0.0:8443", "127.0.0.1:8444", "").unwrap_err();
        assert!(error.contains("KMZ_MEET_TRUSTED_PROXIES"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        let error = listen("0.0.0.0:8443", "8444", "127.0.0.1").unwrap_err();
        assert!(error.contains("KMZ_MEET_PROXY_LISTEN"), "{error}");
        let config = listen("10.0.0.1:8443", "127.0.0.1:8443", "127.0.0.1").unwrap();
        assert_eq!(config.proxy_listen.unwrap().port(), 8443);
    }

    #[test]
    fn error_of_extra_ports_that_cannot_be_told_apart_names_both_keys() {
        let ports = |list| load(&[("KMZ_MEET_MEDIA_EXTRA_PORTS", list)]);
        let config = ports("443, 3478").unwrap();
        assert_eq!(config.media_extra_ports, [443, 3478]);
        for list in ["443,443", "10000", "0", "1,2,3,4,5"] {
            let error = ports(list).unwrap_err();
            assert!(error.contains("KMZ_MEET_MEDIA_EXTRA_PORTS"), "{error}");
            assert!(error.contains("KMZ_MEET_MEDIA_PORT"), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
        assert!(ports("443;3478").unwrap_err().contains("EXTRA_PORTS"));
    }

    #[test]
    fn operator_of_a_file_is_read_and_an_address_that_is_none_is_refused() {
        let config = with_file(
            "operator_name = 'KMZ'\noperator_address = 'Ring 1, Stadt'\noperator_email = 'a@b.example'",
        );
        let config = config.unwrap();
        assert_eq!(config.operator_name.as_deref(), Some("KMZ"));
        assert_eq!(config.operator_address.as_deref(), Some("Ring 1, Stadt"));
        assert_eq!(config.operator_email.as_deref(), Some("a@b.example"));
        for wrong in ["kmz", "a@", "@b", "a b@c", "a@b@c", "Kmz <a@b.example>"] {
            let error = load(&[("KMZ_MEET_OPERATOR_EMAIL", wrong)]).unwrap_err();
            assert!(error.contains("KMZ_MEET_OPERATOR_EMAIL"), "{error}");
        }
    }

    #[test]
    fn error_of_a_misspelt_key_names_the_nearest_one() {
        let error = load(&[("KMZ_MEET_DATADIR", "x")]).unwrap_err();
        assert!(error.contains("KMZ_MEET_DATA_DIR"), "{error}");
    }

    #[test]
    fn error_of_a_wrong_metrics_token_names_it_and_does_not_repeat_it() {
        for token in ["tooshort", "has a blank but is long"] {
            let error = load(&[("KMZ_MEET_METRICS_TOKEN", token)]).unwrap_err();
            assert!(error.contains("KMZ_MEET_METRICS_TOKEN"), "{error}");
            assert!(!error.contains(token), "{error}");
        }
        let config = load(&[("KMZ_MEET_METRICS_TOKEN", "0123456789abcdef")]).unwrap();
        assert!(config.metrics_token.unwrap().is(b"0123456789abcdef"));
    }

    #[test]
    fn error_of_a_wrong_database_url_does_not_repeat_it() {
        let error = load(&[("KMZ_MEET_DATABASE_URL", "mysql://user:secret@host/db")]).unwrap_err();
        assert!(!error.contains("secret"), "{error}");
    }
}
