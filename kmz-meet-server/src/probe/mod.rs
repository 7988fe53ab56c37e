//! Tests the network between this machine and a server: the web page, every UDP address at which it receives media, and the
//! relay on the port of the page. For the administrator of a school's network, who has no browser at the firewall.
//!
//! What is sent are the connectivity checks of ICE (RFC 8445), which the media plane answers as it answers those of a browser.
//! The credentials are those of a self test (`api/self_tests.rs`), which anybody may begin.

mod checks;
mod error;
mod found;
mod page;
mod relay;
mod tls;
mod udp;

use std::path::Path;
use std::process::ExitCode;

pub use error::ProbeError;
use found::{Found, PathFound, Verdict};
use page::{Server, Test};

/// What is tried, and how it is told.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// A host, or the address of a server's page.
    pub host: &'a str,
    /// PEM file of authorities that are trusted besides the system's.
    pub authorities: Option<&'a Path>,
    pub json: bool,
}

/// Tries all of it, and prints what was found. Exit codes: 0, the direct way is open; 2, the relay alone; 3, the page alone;
/// 4, not even the page.
///
/// # Errors
/// When nothing could be tried.
pub async fn run(wanted: Wanted<'_>) -> Result<ExitCode, ProbeError> {
    let tls = tls::client(wanted.authorities)?;
    let server = Server::at(wanted.host, tls)?;
    let crypto = rtc_crypto::default_provider().map_err(|_| ProbeError::Crypto)?;
    let found = match server.begin().await {
        Ok((test, page_ms)) => {
            let paths = try_all(&server, &test, &crypto).await;
            Found::new(server.url(), Ok(page_ms), paths)
        }
        Err(why) => Found::new(server.url(), Err(why), Vec::new()),
    };
    if wanted.json {
        println!("{}", found.to_json());
    } else {
        print!("{found}");
    }
    Ok(match found.verdict {
        Verdict::Direct => ExitCode::SUCCESS,
        Verdict::Relay => ExitCode::from(2),
        Verdict::Page => ExitCode::from(3),
        Verdict::Nothing => ExitCode::from(4),
    })
}

/// One after the other, so that they do not disturb each other. The relay is first: each address where UDP is blocked takes
/// seconds, and the test ends after some.
async fn try_all(server: &Server, test: &Test, crypto: &checks::Crypto) -> Vec<PathFound> {
    let relay = match server.connect(test).await {
        Ok(ice) => relay::probe(server, test, &ice, crypto).await,
        Err(why) => server.relay_path().failed(why),
    };
    let mut paths = Vec::new();
    match server.connect(test).await {
        Ok(ice) => {
            for address in test.media() {
                paths.push(udp::probe(address, &ice, crypto).await);
            }
        }
        Err(why) => paths.extend(
            test.media()
                .map(|address| PathFound::udp(address).failed(why.clone())),
        ),
    }
    paths.push(relay);
    paths
}
