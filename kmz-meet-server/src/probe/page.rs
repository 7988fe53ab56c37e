//! The web page: whether it is reached, and the self test that it begins for us.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use rustls::ClientConfig;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::{Host, Url};

use super::checks::{Ice, UFRAG};
use super::error::ProbeError;
use super::found::PathFound;

/// Of one request.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Where others are testing, a place is waited for so often, and so long each time.
const MAX_TRIES: usize = 12;
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Media addresses that are tried.
const MAX_ADDRESSES: usize = 16;

/// A server as it is reached from here.
pub struct Server {
    url: Url,
    http: reqwest::Client,
    pub tls: Arc<ClientConfig>,
}

#[derive(Debug, Deserialize)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

#[derive(Debug, Deserialize)]
struct MediaAddress {
    address: IpAddr,
    port: u16,
}

#[derive(Debug, Deserialize)]
struct Network {
    media: Vec<MediaAddress>,
}

/// A test that runs.
#[derive(Debug, Deserialize)]
pub struct Test {
    id: String,
    pub sender_relay: Credentials,
    network: Network,
}

impl Test {
    /// Where the server says that it receives media.
    pub fn media(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        let all = self.network.media.iter().take(MAX_ADDRESSES);
        all.map(|one| SocketAddr::new(one.address, one.port))
    }
}

#[derive(Deserialize)]
struct Connection {
    sender: String,
}

impl Server {
    /// The server with this host; `https` unless the text is an address that says otherwise.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn at(text: &str, tls: ClientConfig) -> Result<Self, ProbeError> {
        let wrong = || ProbeError::Host(text.to_owned());
        let whole = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let url = Url::parse(&whole).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(wrong());
        }
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| ProbeError::Tls(error.to_string()))?;
        Ok(Self {
            url,
            http,
            tls: Arc::new(tls),
        })
    }

    /// Scheme, host and port, as people write them.
    pub fn url(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Without the brackets of an IPv6 address.
    pub fn host(&self) -> String {
        match self.url.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        }
    }

    pub fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(443)
    }

    /// The path of the relay, not tried yet.
    pub fn relay_path(&self) -> PathFound {
        PathFound::relay(self.host(), self.port(), self.is_secure())
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Refused> {
        let url = self.url.join(path).map_err(|error| Refused::new(&error))?;
        let sent = self.http.post(url).json(body).send().await;
        let answer = sent.map_err(|error| Refused::new(&error))?;
        let status = answer.status();
        if !status.is_success() {
            let header = answer.headers().get("retry-after");
            let seconds = header
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.parse().ok());
            return Err(Refused {
                why: match status {
                    StatusCode::NOT_FOUND => {
                        "the page has no self test: it is another program, or an older version"
                            .into()
                    }
                    _ => format!("the page answers {status}"),
                },
                again: (status == StatusCode::TOO_MANY_REQUESTS)
                    .then(|| Duration::from_secs(seconds.unwrap_or(5)).min(MAX_WAIT)),
            });
        }
        answer.json().await.map_err(|error| Refused::new(&error))
    }

    /// Begins a test; gives how long the page took.
    ///
    /// # Errors
    /// In plain words.
    pub async fn begin(&self) -> Result<(Test, Duration), String> {
        let mut tries = 0;
        loop {
            let start = Instant::now();
            match self.post("/api/v1/self-tests", &json!({})).await {
                Ok(test) => return Ok((test, start.elapsed())),
                Err(Refused {
                    again: Some(wait), ..
                }) if tries < MAX_TRIES => {
                    tries += 1;
                    tokio::time::sleep(wait).await;
                }
                Err(Refused { why, .. }) => return Err(why),
            }
        }
    }

    /// A connection of the test, to send checks on.
    ///
    /// # Errors
    /// In plain words.
    pub async fn connect(&self, test: &Test) -> Result<Ice, String> {
        let path = format!("/api/v1/self-tests/{}/connections", test.id);
        let body = json!({
            "sender": {"sdp": offer("sendonly"), "sections": {"microphone": "0"}},
            "receiver": {"sdp": offer("recvonly"), "sections": {"audio_slots": ["0"]}},
        });
        let connection: Connection = self
            .post(&path, &body)
            .await
            .map_err(|refused| refused.why)?;
        let value = |name: &str| {
            let lines = &mut connection.sender.lines();
            lines
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        match (value("a=ice-ufrag:"), value("a=ice-pwd:")) {
            (Some(ufrag), Some(password)) => Ok(Ice {
                ufrag: ufrag.to_owned(),
                password: password.to_owned(),
            }),
            _ => Err("the server's answer has no ICE credentials".into()),
        }
    }
}

/// Why the page did not do what was asked.
struct Refused {
    why: String,
    /// When it is worth trying again.
    again: Option<Duration>,
}

impl Refused {
    /// With all that is below the error: libraries wrap what really happened.
    fn new(error: &dyn std::error::Error) -> Self {
        let mut why = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            let text = inner.to_string();
            if !why.contains(&text) {
                why = format!("{why}: {text}");
            }
            source = inner.source();
        }
        Self { why, again: None }
    }
}

/// An offer with one voice. Nothing is ever encrypted by it, so its fingerprint is nobody's.
fn offer(direction: &str) -> String {
    let fingerprint = ["00"; 32].join(":");
    format!(
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
         m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:{UFRAG}\r\n\
         a=ice-pwd:nobodyknowsthispassword\r\na=fingerprint:sha-256 {fingerprint}\r\na=setup:actpass\r\na=rtcp-mux\r\n\
         a={direction}\r\na=rtpmap:111 opus/48000/2\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<(String, u16, bool)> {
        let server = Server::at(text, super::super::tls::client(None).unwrap()).ok()?;
        Some((server.host(), server.port(), server.is_secure()))
    }

    #[test]
    fn host_is_a_name_an_address_or_a_page() {
        assert_eq!(
            at("meet.example.org"),
            Some(("meet.example.org".into(), 443, true))
        );
        assert_eq!(
            at("meet.example.org:8443"),
            Some(("meet.example.org".into(), 8_443, true))
        );
        assert_eq!(
            at("http://[::1]:8080/test"),
            Some(("::1".into(), 8_080, false))
        );
        for wrong in ["", "ftp://x", "a b", "https://"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
