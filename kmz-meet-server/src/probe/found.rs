//! What was found: as lines for people, and as JSON for programs.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;

use super::checks::Checks;

/// What all of it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// UDP is open.
    Direct,
    /// The relay alone.
    Relay,
    /// The page alone.
    Page,
    Nothing,
}

/// A path of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Udp,
    Relay,
}

/// A path, and what was found on it.
#[derive(Clone, Debug, Serialize)]
pub struct PathFound {
    kind: Kind,
    /// Address or host.
    to: String,
    port: u16,
    /// As in "UDP" or "TURN over TLS".
    protocol: &'static str,
    open: bool,
    /// Until the first answer, or until the relay was there, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    connect_ms: Option<f64>,
    /// The median, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    round_trip_ms: Option<f64>,
    /// Packets that were sent, and that came back.
    sent: usize,
    answered: usize,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// In milliseconds, with one digit after the point.
pub fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

impl PathFound {
    pub fn udp(address: SocketAddr) -> Self {
        Self::new(Kind::Udp, address.ip().to_string(), address.port(), "UDP")
    }

    pub fn relay(host: String, port: u16, secure: bool) -> Self {
        let protocol = if secure {
            "TURN over TLS"
        } else {
            "TURN over TCP"
        };
        Self::new(Kind::Relay, host, port, protocol)
    }

    fn new(kind: Kind, to: String, port: u16, protocol: &'static str) -> Self {
        Self {
            kind,
            to,
            port,
            protocol,
            open: false,
            connect_ms: None,
            round_trip_ms: None,
            sent: 0,
            answered: 0,
            why: None,
        }
    }

    pub fn failed(self, why: impl Into<String>) -> Self {
        Self {
            why: Some(why.into()),
            ..self
        }
    }

    /// With what came back.
    pub fn with(self, checks: &Checks, connect: Option<Duration>) -> Self {
        let (answered, sent) = checks.answered();
        let silent = (answered == 0).then(|| "no answer".to_owned());
        Self {
            open: answered > 0,
            connect_ms: connect.map(rounded),
            round_trip_ms: checks.round_trip().map(rounded),
            sent,
            answered,
            why: self.why.or(silent),
            ..self
        }
    }
}

impl fmt::Display for PathFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.kind {
            Kind::Udp => "direct way",
            Kind::Relay => "detour",
        };
        let port = match self.kind {
            Kind::Udp => format!("UDP port {}", self.port),
            Kind::Relay => format!("TCP port {} ({})", self.port, self.protocol),
        };
        write!(f, "{way:<11} {} at {}: ", port, self.to)?;
        if self.open {
            let lost = self.sent - self.answered;
            let time = self.round_trip_ms.unwrap_or_default();
            write!(
                f,
                "open, {time} ms there and back, {lost} of {} packets lost",
                self.sent
            )
        } else {
            write!(
                f,
                "blocked ({})",
                self.why.as_deref().unwrap_or("no answer")
            )
        }
    }
}

/// All that was found.
#[derive(Debug, Serialize)]
pub struct Found {
    pub verdict: Verdict,
    page: PageFound,
    paths: Vec<PathFound>,
}

#[derive(Debug, Serialize)]
struct PageFound {
    url: String,
    reached: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Found {
    pub fn new(url: String, page: Result<Duration, String>, paths: Vec<PathFound>) -> Self {
        let open = |kind| paths.iter().any(|path| path.kind == kind && path.open);
        let verdict = if open(Kind::Udp) {
            Verdict::Direct
        } else if open(Kind::Relay) {
            Verdict::Relay
        } else if page.is_ok() {
            Verdict::Page
        } else {
            Verdict::Nothing
        };
        let page = PageFound {
            url,
            reached: page.is_ok(),
            ms: page.as_ref().ok().copied().map(rounded),
            why: page.err(),
        };
        Self {
            verdict,
            page,
            paths,
        }
    }

    pub fn to_json(&self) -> String {
        // Numbers, texts and lists of them always have a form.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PageFound { url, ms, why, .. } = &self.page;
        match ms {
            Some(ms) => writeln!(f, "web page    {url}: open, {ms} ms")?,
            None => writeln!(
                f,
                "web page    {url}: not reached ({})",
                why.as_deref().unwrap_or("no answer")
            )?,
        }
        for path in &self.paths {
            writeln!(f, "{path}")?;
        }
        let blocked: Vec<String> = self
            .paths
            .iter()
            .filter(|path| path.kind == Kind::Udp && !path.open)
            .map(|path| format!("UDP port {} at {}", path.port, path.to))
            .collect();
        let blocked = blocked.join(", ");
        writeln!(f)?;
        match self.verdict {
            Verdict::Direct if blocked.is_empty() => {
                writeln!(
                    f,
                    "Everything works: picture and sound take the direct way."
                )
            }
            Verdict::Direct => writeln!(
                f,
                "Video works on the direct way. Blocked, and not needed as long as another one is open: {blocked}."
            ),
            Verdict::Relay => writeln!(
                f,
                "Video works, but through the web port: it stops sooner on a bad line. Allow outgoing {blocked}, and the answers."
            ),
            Verdict::Page => writeln!(
                f,
                "The page works, but picture and sound are blocked. Allow outgoing {blocked}, and the answers; and except the host \
                 from TLS inspection, so that the detour works."
            ),
            Verdict::Nothing => writeln!(
                f,
                "No test could begin. If the page is not reached: allow outgoing TCP to it, and check name and certificate. Where \
                 a proxy inspects TLS, name its authority by --authorities, and except the host from the inspection."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(kind: Kind, open: bool) -> PathFound {
        let path = match kind {
            Kind::Udp => PathFound::udp("192.0.2.1:10000".parse().unwrap()),
            Kind::Relay => PathFound::relay("meet.example".into(), 443, true),
        };
        PathFound {
            open,
            sent: 50,
            answered: if open { 49 } else { 0 },
            round_trip_ms: open.then_some(12.3),
            ..path
        }
    }

    fn on(paths: Vec<PathFound>) -> Found {
        Found::new(
            "https://meet.example".into(),
            Ok(Duration::from_millis(80)),
            paths,
        )
    }

    #[test]
    fn verdict_names_what_has_to_be_opened() {
        let relay = on(vec![path(Kind::Udp, false), path(Kind::Relay, true)]);
        assert_eq!(relay.verdict, Verdict::Relay);
        let text = relay.to_string();
        assert!(
            text.contains("Allow outgoing UDP port 10000 at 192.0.2.1"),
            "{text}"
        );
        assert!(
            text.contains("open, 12.3 ms there and back, 1 of 50 packets lost"),
            "{text}"
        );
        let page = on(vec![path(Kind::Udp, false), path(Kind::Relay, false)]);
        assert_eq!(page.verdict, Verdict::Page);
        let direct = on(vec![path(Kind::Udp, true), path(Kind::Relay, false)]);
        assert!(direct.to_string().contains("Everything works"));
        let nothing = Found::new("https://x".into(), Err("no route".into()), Vec::new());
        assert_eq!(nothing.verdict, Verdict::Nothing);
        assert!(nothing.to_string().contains("not reached (no route)"));
    }

    #[test]
    fn json_has_the_verdict_and_every_path() {
        let found = on(vec![path(Kind::Udp, true), path(Kind::Relay, false)]);
        let json: serde_json::Value = serde_json::from_str(&found.to_json()).unwrap();
        assert_eq!(json["verdict"], "direct");
        assert_eq!(json["page"]["reached"], true);
        assert_eq!(json["paths"][0]["port"], 10_000);
        assert_eq!(json["paths"][0]["answered"], 49);
        assert_eq!(json["paths"][1]["open"], false);
    }
}
