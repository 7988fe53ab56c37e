//! Fetches URLs as a server would fetch what a stranger entered; of those that it refuses it says why.
//!
//! ```sh
//! cargo run --example fetch -- https://example.com/ https://localhost/ http://169.254.169.254/
//! ```

use std::time::Duration;

use guarded_http::http::{HeaderMap, HeaderValue, Method};
use guarded_http::url::Url;
use guarded_http::{GuardedClient, Policy};

#[tokio::main]
async fn main() {
    let policy = Policy::default()
        .timeout(Duration::from_secs(10))
        .user_agent(HeaderValue::from_static("fetch-example/1.0"));
    let client = GuardedClient::new(policy);
    for text in std::env::args().skip(1) {
        let Ok(url) = Url::parse(&text) else {
            println!("{text}: not a URL");
            continue;
        };
        match client
            .send(Method::GET, &url, HeaderMap::new(), Vec::new())
            .await
        {
            Ok(response) => println!("{text}: {}, {} bytes", response.status, response.body.len()),
            Err(error) => println!("{text}: {error}"),
        }
    }
}
