//! An authenticator app (RFC 6238).

use kmz_meet_server::clock::Clock;
use serde_json::Value;
use totp_rs::{Builder, Secret};

use super::TestServer;

/// The code that an app shows now. `setup` is what the server told when the app was begun.
pub fn app_code(server: &TestServer, setup: &Value) -> String {
    let secret = Secret::try_from_base32(setup["secret"].as_str().unwrap()).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let seconds = u64::try_from(server.clock.now() / 1_000).unwrap();
    totp.generate(seconds).to_string()
}
