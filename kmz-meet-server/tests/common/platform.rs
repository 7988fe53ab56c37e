//! A platform that speaks the BigBlueButton API, as Moodle does.

use aws_lc_rs::digest::{SHA256, digest};
use kmz_meet_core::signal::{ClientMessage, ServerMessage};

use super::TestServer;
use super::client::Client;

pub struct Platform {
    pub base: String,
    pub secret: String,
    pub http: reqwest::Client,
}

pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Platform {
    pub async fn of(server: &TestServer, school: &str) -> Self {
        let secret = server.app.bbb_secrets.new_secret(school).await.unwrap();
        Self {
            base: format!("{}/bigbluebutton/api", server.origin),
            secret: secret.data.secret,
            http: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
        }
    }

    pub fn url(&self, call: &str, query: &str) -> String {
        let text = format!("{call}{query}{}", self.secret);
        let checksum = hex(digest(&SHA256, text.as_bytes()).as_ref());
        let and = if query.is_empty() { "" } else { "&" };
        format!("{}/{call}?{query}{and}checksum={checksum}", self.base)
    }

    pub async fn get(&self, url: &str) -> String {
        let response = self.http.get(url).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()["content-type"],
            "text/xml; charset=utf-8"
        );
        response.text().await.unwrap()
    }

    pub async fn call(&self, call: &str, query: &str) -> String {
        self.get(&self.url(call, query)).await
    }

    /// Where `join` leads.
    pub async fn join(&self, query: &str) -> reqwest::Url {
        let response = self.http.get(self.url("join", query)).send().await.unwrap();
        assert_eq!(response.status(), 302, "{}", response.text().await.unwrap());
        response.headers()["location"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap()
    }
}

pub fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

pub fn failed(xml: &str, key: &str) {
    assert_eq!(element(xml, "returncode"), Some("FAILED"), "{xml}");
    assert_eq!(element(xml, "messageKey"), Some(key), "{xml}");
}

pub fn fragment(url: &reqwest::Url, name: &str) -> Option<String> {
    let fragment = url.fragment().unwrap();
    url::form_urlencoded::parse(fragment.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Follows a join link as the client does.
pub async fn enter(server: &TestServer, url: &reqwest::Url) -> (Client, ServerMessage) {
    let mut client = Client::connect(&server.browser()).await;
    let join = ClientMessage::Join {
        room: url.path().trim_start_matches('/').to_owned(),
        name: String::new(),
        password: None,
        seat: None,
        token: fragment(url, "ticket"),
    };
    client.say(&join).await;
    let answer = client.answer().await;
    (client, answer)
}

/// The return URL that the server sends for this ticket.
pub async fn return_url(server: &TestServer, ticket: &str) -> Option<String> {
    let join = serde_json::json!({"type": "join", "room": "any", "name": "", "token": ticket});
    let mut client = Client::connect(&server.browser()).await;
    client.send_text(&join.to_string()).await;
    match client.next().await {
        Some(ServerMessage::ReturnUrl { url }) => Some(url),
        _ => None,
    }
}

pub const ID: &str = "meetingID=0123456789012345678901234567890123456789-2-1%5B0%5D";

pub fn create() -> String {
    format!(
        "{ID}&name=Mathe+7b&attendeePW=attendee1234&moderatorPW=moderator123&logoutURL=https%3A%2F%2Fmoodle.example%2Fout\
         &record=false&welcome=%3Cb%3EHallo%3C%2Fb%3E+%25%25CONFNAME%25%25&muteOnStart=true&lockSettingsDisableCam=true\
         &lockSettingsDisableMic=false&lockSettingsDisablePrivateChat=false&lockSettingsDisablePublicChat=true\
         &lockSettingsDisableNotes=false&lockSettingsHideUserList=false&lockSettingsLockOnJoin=true\
         &meta_bbb-origin=Moodle&meta_bbb-context=%3Cspan%3EKurs%3C%2Fspan%3E"
    )
}
