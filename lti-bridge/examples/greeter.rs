//! A tool that greets whom a course sends.
//!
//! ```sh
//! cargo run --example greeter
//! ```
//! prints a registration URL for a platform on the same machine. Everything is forgotten when the program ends: a real one
//! implements `Store` over its database.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use lti_bridge::guarded_http::{GuardedClient, Policy};
use lti_bridge::{
    Bridge, ContentItem, Invitation, Launch, LaunchHandler, MemoryStore, Refused, Role, Settings,
    SigningKey, Words,
};
use url::Url;

const ORIGIN: &str = "http://localhost:8091";

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
        let role = match launch.role {
            Role::Instructor => "teacher",
            Role::Learner => "learner",
        };
        Url::parse(&format!("{ORIGIN}/hello/{role}")).map_err(refused)
    }

    async fn create_content_item(&self, _: &Launch, title: &str) -> Result<ContentItem, Refused> {
        Ok(ContentItem {
            id: "the-only-page".to_owned(),
            title: title.to_owned(),
        })
    }
}

async fn hello(Path(role): Path<String>) -> String {
    format!("Hello, {role}. The platform says that it is you.\n")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = Arc::new(MemoryStore::default());
    let invitation = Invitation {
        tenant: "my-school".to_owned(),
        approved: true,
        once: false,
    };
    store.invite("try-it", invitation);
    let settings = Settings::new(
        Url::parse(&format!("{ORIGIN}/lti"))?,
        "Greeter",
        Words::new("Grüßt, wen ein Kurs schickt", "Greets whom a course sends"),
        // A real program keeps its key, so that logins under way survive a restart.
        SigningKey::random()?,
    );
    // A platform on this machine may be asked, by http too. The default is the public internet by https.
    let http = GuardedClient::new(Policy::default().allow_loopback(true));
    let tool = Bridge::new(settings, store, Arc::new(Pages), http);
    println!(
        "register a platform with {}",
        tool.registration_url("try-it")
    );
    println!("or by hand, with the values at {ORIGIN}/lti");
    let app: Router = Router::new()
        .route("/hello/{role}", get(hello))
        .nest("/lti", tool.router());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8091").await?;
    axum::serve(listener, app).await?;
    Ok(())
}
