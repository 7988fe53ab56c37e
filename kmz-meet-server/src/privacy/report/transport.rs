//! What goes over the network, and what browsers are given.

use std::os::unix::fs::PermissionsExt;

use axum::http::header;

use super::subject::{Seen, Subject};
use crate::auth::Cookies;
use crate::csp;
use crate::tls;

/// The cookies that this service may have at all times.
const MAX_COOKIES: usize = 3;
/// Hosts that stand in the client's files without being asked: names of XML's kind, where messages explain themselves, samples.
const NAMES_ONLY: [&str; 3] = ["www.w3.org", "svelte.dev", "portal.example."];

pub(super) fn encrypted(on: &Subject<'_>, seen: &mut Seen) {
    let url = on.service.as_str();
    let own = on.config.listen.ip().is_loopback() && on.service.is_secure_context();
    seen.must(
        on.service.is_https() || own,
        format!("{}: {url}", on.say("Adresse", "address")),
        format!(
            "{url}: {}",
            on.say(
                "Der Dienst wird ohne HTTPS erreicht. Setze tls_certificate und tls_key, oder public_url auf die https-Adresse des Proxys.",
                "the service is reached without HTTPS. Set tls_certificate and tls_key, or public_url to the https address of the proxy.",
            )
        ),
    );
    if let Some(tls) = &on.config.tls {
        let mode = std::fs::metadata(&tls.key).map(|file| file.permissions().mode() & 0o077);
        seen.must(
            matches!(mode, Ok(0)),
            on.say(
                "der Schlüssel des Zertifikats ist nur für diesen Benutzer lesbar",
                "only this user can read the certificate's key",
            ),
            format!(
                "{}: {}",
                tls.key.display(),
                on.say(
                    "Andere Benutzer können den Schlüssel lesen, oder er fehlt.",
                    "other users can read the key, or it is missing."
                ),
            ),
        );
    }
    let suites = tls::provider().cipher_suites;
    let weak = suites.iter().map(rustls::SupportedCipherSuite::suite);
    let weak: Vec<String> = weak
        .filter(|suite| !tls::SUITES.contains(suite))
        .map(|suite| format!("{suite:?}"))
        .collect();
    seen.none(
        weak,
        format!(
            "{} {}",
            suites.len(),
            on.say("Verfahren, alle empfohlen", "suites, all recommended")
        ),
    );
    if let Some(headers) = on.answered.filter(|_| on.service.is_https()) {
        seen.must(
            headers.contains_key(header::STRICT_TRANSPORT_SECURITY),
            on.say(
                "der Server antwortet mit HSTS",
                "the server answers with HSTS",
            ),
            on.say(
                "Der Server antwortet ohne HSTS; lässt ein Proxy die Kopfzeile weg?",
                "the server answers without HSTS; does a proxy drop the header?",
            ),
        );
    }
}

/// The files that have one of these words in them.
fn with_words(on: &Subject<'_>, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let interface = ("openapi.json".to_owned(), on.interface.to_owned());
    for (name, text) in on.client.iter().chain([&interface]) {
        let text = text.to_lowercase();
        for word in words {
            if text.contains(word) {
                found.push(format!("{name}: {word}"));
            }
        }
    }
    found
}

fn looked_through(on: &Subject<'_>, seen: &mut Seen, words: &[&str]) {
    seen.must(
        !on.client.is_empty(),
        format!(
            "{} {}",
            on.client.len(),
            on.say(
                "Dateien für Browser durchsucht",
                "files for browsers searched"
            )
        ),
        on.say(
            "Diesem Programm fehlen die Dateien für Browser.",
            "this program lacks the files for browsers.",
        ),
    );
    let found = with_words(on, words);
    seen.none(found, format!("{}: 0", words.join(", ")));
}

pub(super) fn no_false_promise(on: &Subject<'_>, seen: &mut Seen) {
    looked_through(
        on,
        seen,
        &["ende-zu-ende", "end-to-end encr", "end-to-end-encr"],
    );
}

pub(super) fn no_recording(on: &Subject<'_>, seen: &mut Seen) {
    looked_through(
        on,
        seen,
        &[
            "mediarecorder",
            "startrecording",
            "\"recordings\"",
            "/recordings",
        ],
    );
}

pub(super) fn no_tracking(on: &Subject<'_>, seen: &mut Seen) {
    looked_through(
        on,
        seen,
        &["sendbeacon", "google-analytics", "matomo", "sentry.io"],
    );
}

/// Hosts in the files for browsers that are asked for something.
fn foreign_hosts(on: &Subject<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in on.client {
        for scheme in ["http://", "https://", "ws://", "wss://"] {
            for rest in text.split(scheme).skip(1) {
                let end = |one: char| !(one.is_ascii_alphanumeric() || one == '.' || one == '-');
                let host = rest.split(end).next().unwrap_or_default();
                if host.contains('.') && !NAMES_ONLY.contains(&host) {
                    found.push(format!("{name}: {host}"));
                }
            }
        }
    }
    found
}

/// What a policy lets browsers turn to beside this server.
fn beyond_this_server(policy: &str, websocket: &str) -> Vec<String> {
    let mut found = Vec::new();
    for directive in policy.split(';') {
        let mut words = directive.split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        // Who may show our pages in a frame: nothing is sent there.
        if name == "frame-ancestors"
            || !(name.ends_with("-src") || name.ends_with("action") || name.ends_with("uri"))
        {
            continue;
        }
        let own = |word: &&str| {
            matches!(
                *word,
                "'self'" | "'none'" | "data:" | "blob:" | "mediastream:"
            ) || *word == websocket
        };
        let foreign = words.filter(|word| !own(word));
        found.extend(foreign.map(|word| format!("{name} {word}")));
    }
    found
}

fn policy_is_own(on: &Subject<'_>, seen: &mut Seen) {
    let websocket = on.service.websocket();
    let policy = csp::policy(&websocket, &[]);
    let made = policy.to_str().unwrap_or_default().to_owned();
    let answered = on.answered.map(|headers| {
        let policy = headers.get(header::CONTENT_SECURITY_POLICY);
        policy
            .and_then(|policy| policy.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    });
    let by_server = answered.is_some();
    let policy = answered.unwrap_or(made);
    seen.must(
        policy.starts_with("default-src 'none'"),
        if by_server {
            on.say(
                "CSP, wie der laufende Server sie schickt",
                "the policy as the running server sends it",
            )
        } else {
            on.say(
                "CSP, wie das Programm sie schickt (der Server ist nicht erreichbar)",
                "the policy as the program sends it (the server is not reached)",
            )
        },
        format!(
            "{}: {policy:?}",
            on.say(
                "Die CSP fehlt oder ist eine andere",
                "the policy is missing or another"
            )
        ),
    );
    let foreign = beyond_this_server(&policy, &websocket);
    seen.none(
        foreign,
        on.say("CSP ohne fremde Hosts", "no foreign host in the policy"),
    );
}

pub(super) fn no_foreign_hosts(on: &Subject<'_>, seen: &mut Seen) {
    policy_is_own(on, seen);
    let hosts = foreign_hosts(on);
    seen.none(
        hosts,
        format!(
            "{} {}",
            on.client.len(),
            on.say(
                "Dateien für Browser ohne fremde Hosts",
                "files for browsers without foreign hosts"
            )
        ),
    );
}

pub(super) fn only_own_pictures(on: &Subject<'_>, seen: &mut Seen) {
    policy_is_own(on, seen);
}

pub(super) fn cookies(on: &Subject<'_>, seen: &mut Seen) {
    let cookies = Cookies::of(on.service);
    let names = [
        cookies.session_name(),
        cookies.device_name(),
        cookies.known_name(),
    ];
    seen.must(names.len() <= MAX_COOKIES, names.join(", "), "> 3");
    let Some(headers) = on.answered else {
        return;
    };
    let set = headers.get_all(header::SET_COOKIE).into_iter();
    let set = set.filter_map(|cookie| cookie.to_str().ok()?.split_once('='));
    let foreign = set
        .map(|(name, _)| name.to_owned())
        .filter(|name| !names.contains(&name.as_str()));
    seen.none(
        foreign.collect(),
        on.say(
            "die Startseite setzt keine anderen",
            "the start page sets no others",
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_with_a_foreign_host_names_it() {
        let own = "default-src 'none'; img-src 'self' data:; connect-src 'self' wss://a.example; frame-ancestors https://b.example";
        assert_eq!(
            beyond_this_server(own, "wss://a.example"),
            Vec::<String>::new()
        );
        let foreign = own.replace("data:", "data: https://c.example");
        assert_eq!(
            beyond_this_server(&foreign, "wss://a.example"),
            ["img-src https://c.example"]
        );
        assert_eq!(
            beyond_this_server(own, "wss://d.example"),
            ["connect-src wss://a.example"]
        );
    }
}
