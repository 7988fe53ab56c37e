//! A browser that a platform sends to a tool.

use std::collections::HashMap;

use url::Url;

/// A login that was started.
#[derive(Clone, Debug)]
pub struct Login {
    /// Where the tool sent the browser: the platform's authorization endpoint.
    pub onward: Url,
    /// What the platform was asked there, `state` and `nonce` among it.
    pub asked: HashMap<String, String>,
    /// The cookies that bind the login to this browser, as a `Cookie` header has them.
    pub cookies: String,
}

impl Login {
    /// A login that the tool answered with this address and these cookies.
    #[must_use]
    pub fn new(onward: Url, cookies: String) -> Self {
        Self {
            asked: onward.query_pairs().into_owned().collect(),
            onward,
            cookies,
        }
    }
}

/// Follows no redirect and keeps no cookie by itself: tests say what comes back.
#[derive(Clone, Debug)]
pub struct Browser(pub reqwest::Client);

impl Default for Browser {
    fn default() -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Self(client.expect("an HTTP client"))
    }
}

impl Browser {
    /// Starts a login at the tool with this base URL.
    pub async fn start_login(&self, tool: &str, fields: &[(&str, &str)]) -> Login {
        let request = self.0.post(format!("{tool}/login")).form(fields);
        let response = request.send().await.expect("an answer to the login");
        assert_eq!(response.status(), 302);
        let text = |value: &reqwest::header::HeaderValue| {
            value.to_str().expect("a header of letters").to_owned()
        };
        let cookies: Vec<String> = response
            .headers()
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| Some(text(value).split(';').next()?.to_owned()))
            .collect();
        let onward = Url::parse(&text(&response.headers()["location"])).expect("a URL");
        Login::new(onward, cookies.join("; "))
    }

    /// Posts the platform's answer to a login.
    pub async fn launch(&self, tool: &str, login: &Login, token: &str) -> reqwest::Response {
        let fields = [("id_token", token), ("state", &login.asked["state"])];
        let mut request = self.0.post(format!("{tool}/launch")).form(&fields);
        if !login.cookies.is_empty() {
            request = request.header("cookie", &login.cookies);
        }
        request.send().await.expect("an answer to the launch")
    }
}
