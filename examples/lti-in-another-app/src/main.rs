//! `lti-bridge` in an axum program that has its own idea of a room: here it is a page that greets.
//!
//! ```sh
//! cargo run -p lti-in-another-app
//! ```
//! prints a registration URL for a platform on the same machine. Everything is forgotten when it ends: a real program
//! implements `Store` over its database.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use guarded_http::{GuardedClient, Policy};
use lti_bridge::{
    Bridge, ContentItem, Invitation, Launch, LaunchHandler, MemoryStore, Refused, Role, Settings,
    SigningKey, Words,
};
use url::Url;

const ADDRESS: &str = "127.0.0.1:8090";
const ORIGIN: &str = "http://localhost:8090";

/// Rooms are pages.
struct Pages;

fn refused(error: impl std::fmt::Display) -> Refused {
    Refused {
        code: "no_page",
        german: format!("Die Seite gibt es nicht: {error}"),
        english: format!("There is no such page: {error}"),
    }
}

#[async_trait]
impl LaunchHandler for Pages {
    async fn open(&self, launch: &Launch) -> Result<Url, Refused> {
        // The launch is verified. A real program signs what it passes on; a greeting is no secret.
        let kind = match launch.role {
            Role::Instructor => "teacher",
            Role::Learner => "pupil",
        };
        Url::parse(&format!("{ORIGIN}/hello/{kind}")).map_err(refused)
    }

    async fn create_content_item(&self, _: &Launch, title: &str) -> Result<ContentItem, Refused> {
        Ok(ContentItem {
            id: "the-only-page".to_owned(),
            title: title.to_owned(),
        })
    }
}

async fn hello(Path(kind): Path<String>) -> String {
    format!("Hello, {kind}. The platform says that it is you.\n")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = Arc::new(MemoryStore::default());
    store.invite(
        "try-it",
        Invitation {
            tenant: "my-school".to_owned(),
            approved: true,
            once: false,
        },
    );
    let settings = Settings::new(
        Url::parse(&format!("{ORIGIN}/lti"))?,
        "Greeter",
        Words::new("Grüßt, wen ein Kurs schickt", "Greets whom a course sends"),
        // A real program keeps its key, so that logins under way survive a restart.
        SigningKey::random()?,
    );
    // A platform on this machine may be asked, by http too. Elsewhere the default holds: public addresses, https only.
    let http = GuardedClient::new(Policy::default().allow_loopback(true));
    let bridge = Bridge::new(settings, store, Arc::new(Pages), http);
    println!(
        "register a platform with {}",
        bridge.registration_url("try-it")
    );
    println!("or by hand, with the values at {ORIGIN}/lti");
    let app: Router = Router::new()
        .route("/hello/{kind}", get(hello))
        .nest("/lti", bridge.router());
    let listener = tokio::net::TcpListener::bind(ADDRESS).await?;
    axum::serve(listener, app).await?;
    Ok(())
}
