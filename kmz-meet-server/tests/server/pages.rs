//! The pages of the browser client: headers, caching, device cookie.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::common::{TestServer, set_cookie};
use reqwest::{Method, Response};
use serde_json::json;

async fn get(server: &TestServer, path: &str) -> Response {
    server
        .browser()
        .request(Method::GET, path)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn answers_have_headers_that_keep_browsers_on_this_origin() {
    let server = TestServer::start().await;
    for path in [
        "/",
        "/mutiger-dachs-lomi",
        "/api/v1/session",
        "/api/v1/nothing",
        "/missing.js",
        "/healthz",
    ] {
        let answer = get(&server, path).await;
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
        let websocket = server.origin.replace("http://", "ws://");
        assert!(
            policy.contains(&format!("connect-src 'self' {websocket};")),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(
            policy.contains("require-trusted-types-for 'script'"),
            "{policy}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert!(
            headers["permissions-policy"]
                .to_str()
                .unwrap()
                .contains("camera=(self)")
        );
    }
}

#[tokio::test]
async fn opener_policy_is_loose_only_where_platforms_open_windows() {
    let (server, teacher) = TestServer::with_teacher("t").await;
    let room = teacher.post("/api/v1/rooms", json!({})).await.body;
    let known = format!("/{}", room["name"].as_str().unwrap());
    for (path, policy) in [
        ("/lti/register/x", "unsafe-none"),
        ("/lti/login", "unsafe-none"),
        ("/lti", "unsafe-none"),
        ("/bigbluebutton/api/join?x=1", "unsafe-none"),
        (known.as_str(), "unsafe-none"),
        ("/no-such-room", "unsafe-none"),
        ("/tenant/no-such-room", "unsafe-none"),
        ("/", "same-origin"),
        ("/sign-in?next=/rooms", "same-origin"),
        ("/sign-in/", "same-origin"),
        ("/rooms", "same-origin"),
        ("/check", "same-origin"),
        ("/api/docs", "same-origin"),
        ("/api/v1/nothing", "same-origin"),
    ] {
        let answer = get(&server, path).await;
        assert_eq!(
            answer.headers()["cross-origin-opener-policy"],
            policy,
            "{path}"
        );
    }
}

#[tokio::test]
async fn path_of_a_possible_room_is_the_page_and_no_other_is() {
    let server = TestServer::start().await;
    for path in [
        "/",
        "/sign-in",
        "/mutiger-dachs-lomi",
        "/index.html",
        "/my.room",
        "/tenant/Klasse.7b?jwt=a.b.c",
    ] {
        let answer = get(&server, path).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(answer.headers()["cache-control"], "no-cache");
    }
    for path in [
        "/missing.js",
        "/assets/missing.css",
        "/assets/missing",
        "/robots.TXT",
        "/api",
        "/api/v1/nothing",
        "/api/v2/session",
    ] {
        assert_eq!(get(&server, path).await.status(), 404, "{path}");
    }
    server
        .browser()
        .delete("/a-room")
        .await
        .is_problem(405, "method_not_allowed");
    server
        .browser()
        .delete("/api/v1/rooms")
        .await
        .is_problem(405, "method_not_allowed");
}

#[tokio::test]
async fn browser_gets_one_device_cookie() {
    let server = TestServer::start().await;
    let cookie = set_cookie(&get(&server, "/a-room").await).unwrap();
    assert!(cookie.starts_with("__Host-kmz_device="), "{cookie}");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("Secure"),
        "{cookie}"
    );
    let mut browser = server.browser();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    let again = browser
        .request(Method::GET, "/a-room")
        .send()
        .await
        .unwrap();
    assert_eq!(set_cookie(&again), None);
    // The server replaces an invented cookie.
    browser.cookie = Some("__Host-kmz_device=me".to_owned());
    let again = browser
        .request(Method::GET, "/a-room")
        .send()
        .await
        .unwrap();
    assert!(set_cookie(&again).is_some());
    assert_eq!(set_cookie(&get(&server, "/api/v1/config").await), None);
}

#[tokio::test]
async fn health_metrics_and_config_are_served() {
    let server = TestServer::start().await;
    let answer = get(&server, "/healthz").await;
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.text().await.unwrap().as_str()
        ),
        (200, "ok")
    );
    let metrics = get(&server, "/metrics").await.text().await.unwrap();
    assert!(metrics.contains("\nkmz_meet_conferences 0\n"), "{metrics}");
    assert!(
        metrics.contains("\nkmz_meet_media_forwarded_packets_total 0\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains("\nkmz_meet_relayed_clients 0\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains("\nkmz_meet_media_dropped_packets_total{reason=\"not_relayed\"} 0\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains("\nkmz_meet_media_dropped_packets_total{reason=\"malformed\"} 0\n"),
        "{metrics}"
    );
    let config = server.browser().get("/api/v1/config").await.body;
    assert_eq!(config["capacity"], 70);
    assert_eq!(config["max_name_chars"], 60);
}

/// What `/metrics` answers to a request with these headers.
async fn metrics(server: &TestServer, headers: &[(&str, &str)]) -> (u16, String) {
    let mut request = server.browser().request(Method::GET, "/metrics");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn metrics_without_a_token_open_to_this_machine_only() {
    let server = TestServer::start().await;
    assert_eq!(metrics(&server, &[]).await.0, 200);
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
        let (status, text) = metrics(&server, &[(header, "192.0.2.7")]).await;
        assert_eq!(status, 404, "{header}");
        assert!(!text.contains("kmz_meet_conferences"), "{text}");
    }
    // A proxy on this machine that adds no header, but passes on the host or names another one.
    for host in [
        "meet.example",
        "kmz-meet:8080",
        "192.0.2.7",
        "localhost.example",
        "127.0.0.1.example",
        "?",
    ] {
        let (status, text) = metrics(&server, &[("host", host)]).await;
        assert_eq!(status, 404, "{host}");
        assert!(!text.contains("kmz_meet_conferences"), "{text}");
    }
    for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:9", "[::1]:8080"] {
        assert_eq!(metrics(&server, &[("host", host)]).await.0, 200, "{host}");
    }
    // A proxy on this machine that tells nothing about the client.
    let proxied = TestServer::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    });
    assert_eq!(metrics(&proxied.await, &[]).await.0, 404);
}

#[tokio::test]
async fn metrics_with_a_token_open_to_its_bearer_only() {
    let token = "0123456789abcdef";
    let server =
        TestServer::start_with(|config| config.metrics_token = Some(token.parse().unwrap())).await;
    for wrong in [
        "Bearer 0123456789abcdeF",
        "Bearer 0123456789abcde",
        "Bearer ",
        "Basic 0123456789abcdef",
        "0123456789abcdef",
    ] {
        let (status, text) = metrics(&server, &[("authorization", wrong)]).await;
        assert_eq!(status, 401, "{wrong}");
        assert!(!text.contains("kmz_meet_conferences"), "{text}");
    }
    assert_eq!(metrics(&server, &[]).await.0, 401);
    let right = format!("Bearer {token}");
    let by_proxy = [
        ("authorization", right.as_str()),
        ("x-forwarded-for", "192.0.2.7"),
    ];
    let (status, text) = metrics(&server, &by_proxy).await;
    assert_eq!(status, 200);
    assert!(text.contains("\nkmz_meet_conferences 0\n"), "{text}");
}

#[tokio::test]
async fn path_of_ours_with_a_slash_redirects_and_a_deep_one_is_404() {
    let server = TestServer::start().await;
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let ask = async |path: &str| {
        let request = http.get(format!("{}{path}", server.origin));
        request
            .header("accept", "text/html,*/*")
            .header("accept-language", "en")
            .send()
            .await
            .unwrap()
    };
    for (path, to) in [
        ("/lti/", "/lti"),
        ("/api/docs/", "/api/docs"),
        ("/metrics/", "/metrics"),
        ("//lti//", "/lti"),
    ] {
        let answer = ask(path).await;
        assert_eq!(answer.status(), 308, "{path}");
        assert_eq!(answer.headers()["location"], to, "{path}");
    }
    for path in [
        "/sign-in/",
        "/rooms/",
        "/check/",
        "/tenant/Klasse7b?jwt=a.b.c",
        "/klasse7b/",
    ] {
        assert_eq!(ask(path).await.status(), 200, "{path}");
    }
    for path in [
        "/lti/nothing",
        "/rooms/7",
        "/account/nope",
        "/check/x",
        "/a/b/c",
        "/nope/nope/nope/nope",
    ] {
        let answer = ask(path).await;
        assert_eq!(answer.status(), 404, "{path}");
        let page = answer.text().await.unwrap();
        assert!(
            page.contains("There is nothing here") && page.contains("href=\"/\""),
            "{path}: {page}"
        );
    }
}

#[tokio::test]
async fn path_of_two_parts_is_a_room_only_in_a_frame_or_with_a_token() {
    let server = TestServer::start().await;
    let ask = async |path: &str, purpose: &str| {
        let request = server.browser().request(Method::GET, path);
        let request = request.header("sec-fetch-dest", purpose);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.text().await.unwrap())
    };
    // The client tells whether there is a room or nothing.
    let (status, page) = ask("/mutiger-dachs-lomi", "document").await;
    assert_eq!(status, 200);
    for (path, purpose) in [
        ("/nope/nope", "document"),
        ("/a/b", "empty"),
        ("/klasse/7b/", "document"),
        ("/tenant/Klasse.7b?lang=de", "document"),
        ("/nope/nope?jwtx=1&x=jwt", "document"),
        ("/nope//nope", "iframes"),
    ] {
        let (status, shown) = ask(path, purpose).await;
        assert_eq!((status, &shown), (404, &page), "{path}");
    }
    for (path, purpose) in [
        ("/tenant/Klasse7b?jwt=a.b.c", "document"),
        ("/tenant/Mathe%20%C3%9Cbung?lang=de&jwt=a.b.c", "document"),
        ("/tenant/Klasse7b", "iframe"),
        ("/tenant/Klasse7b/", "frame"),
        ("/tenant/Klasse7b", "embed"),
        ("/tenant/Klasse7b", "object"),
    ] {
        let (status, shown) = ask(path, purpose).await;
        assert_eq!((status, &shown), (200, &page), "{path} {purpose}");
    }
    // Our own paths are no tenants, whoever embeds them.
    for path in ["/rooms/7?jwt=a", "/lti/room", "/sign-in/x"] {
        assert_eq!(ask(path, "iframe").await.0, 404, "{path}");
    }
    // A browser that opens such a path gets the device cookie.
    let answer = get(&server, "/nope/nope").await;
    assert!(set_cookie(&answer).is_some());
}
