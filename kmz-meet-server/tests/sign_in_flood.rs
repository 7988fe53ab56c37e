//! Others guess passwords, and the teacher still signs in. The tests print how fast. They bound tries and not seconds, so that
//! they hold on slow machines, too: the server itself answers an attempt within seconds.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Browser, TestServer, set_cookie};
use kmz_meet_server::limits::AGED;
use kmz_meet_server::store::Contract;
use reqwest::Method;
use serde_json::json;

/// Our page repeats a sign-in that got no turn so often, once a second.
const TRIES_OF_OUR_PAGE: u32 = 60;
/// A browser that signed in before, or has an aged cookie, gets its turn whatever others send.
const FIRST_TRY: u32 = 1;
/// Guesses before the teacher signs in: more than the server can verify at once.
const BEFORE: usize = 500;
/// The pause between two of these.
const BURST: Duration = Duration::from_millis(5);

/// Each test loads the whole machine, so they take turns.
static MACHINE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn school(configure: impl FnOnce(&mut kmz_meet_server::config::Config)) -> TestServer {
    let server = TestServer::start_with(configure).await;
    server.school("a", Contract::Signed).await;
    server.teacher("a", "berta").await;
    server
}

/// A browser with connections of its own.
fn new_browser(server: &TestServer) -> Browser {
    Browser {
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
        ..server.browser()
    }
}

fn sign_in(browser: &Browser, from: &str, name: &str, password: &str) -> reqwest::RequestBuilder {
    browser
        .request(Method::POST, "/api/v1/session")
        .header("x-forwarded-for", from)
        .json(&json!({"username": name, "password": password}))
}

/// Every guess names the teacher's account.
fn at_berta(_: usize) -> String {
    "berta".to_owned()
}

/// Sends wrong passwords until it is dropped.
struct Guesses {
    sent: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

impl Guesses {
    async fn start(
        server: &TestServer,
        every: Duration,
        name: fn(usize) -> String,
        from: fn(usize) -> String,
    ) -> Self {
        let (sent, over) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let guesses = Self {
            sent: sent.clone(),
            over: over.clone(),
        };
        let browser = new_browser(server);
        tokio::spawn(async move {
            while !over.load(Ordering::SeqCst) {
                let number = sent.fetch_add(1, Ordering::SeqCst);
                let pause = if number < BEFORE { BURST } else { every };
                tokio::time::sleep(pause).await;
                let request = sign_in(&browser, &from(number), &name(number), "wrong");
                tokio::spawn(async move {
                    let status = request.send().await.unwrap().status().as_u16();
                    assert!(matches!(status, 401 | 429), "{status}");
                });
            }
        });
        while guesses.sent.load(Ordering::SeqCst) < BEFORE {
            tokio::time::sleep(BURST).await;
        }
        guesses
    }
}

impl Drop for Guesses {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

/// The teacher signs in, and tries again where the server says that there was no turn; how many tries it took.
async fn tries_until_signed_in(browser: &Browser, from: &str, at_most: u32) -> u32 {
    for tries in 1..=at_most {
        let answer = sign_in(browser, from, "berta", "bertaberta").send().await;
        let answer = answer.unwrap();
        if answer.status() == 200 {
            return tries;
        }
        assert_eq!(answer.headers()["retry-after"], "1");
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "no_turn");
    }
    panic!("no turn within {at_most} tries");
}

/// The teacher signs in ten times, each time with a browser of this function.
async fn signs_in(what: &str, from: &str, at_most: u32, browser: impl Fn() -> Browser) {
    let mut waits = Vec::new();
    for _ in 0..10 {
        let start = Instant::now();
        let tries = tries_until_signed_in(&browser(), from, at_most).await;
        waits.push((start.elapsed(), tries));
    }
    waits.sort_unstable();
    println!("{what}: {waits:?}");
}

/// A browser with the `known` cookie that it got by signing in.
async fn known_browser(server: &TestServer) -> Browser {
    let mut browser = new_browser(server);
    let answer = browser.sign_in("berta", "bertaberta").await;
    assert!(set_cookie(&answer).is_some());
    let cookies = answer.headers().get_all("set-cookie").iter();
    let known = cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .find(|cookie| cookie.starts_with("__Host-kmz_known="))
        .unwrap();
    browser.cookie = known.split(';').next().map(str::to_owned);
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn teacher_signs_in_during_guesses_from_the_same_address() {
    let _turn = MACHINE.lock().await;
    let server = school(|_| {}).await;
    let known = known_browser(&server).await;
    let here = |_| "ignored".to_owned();
    let _guesses = Guesses::start(&server, Duration::from_millis(50), at_berta, here).await;
    signs_in("new browser", "ignored", TRIES_OF_OUR_PAGE, || {
        new_browser(&server)
    })
    .await;
    signs_in("known browser", "ignored", FIRST_TRY, || known.clone()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn teacher_signs_in_during_guesses_behind_the_same_proxy() {
    let _turn = MACHINE.lock().await;
    // Behind a proxy the server knows only the address.
    let server = school(|config| config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await;
    let known = known_browser(&server).await;
    let here = |_| "192.0.2.1".to_owned();
    let _guesses = Guesses::start(&server, Duration::from_millis(50), at_berta, here).await;
    signs_in("new browser", "192.0.2.1", TRIES_OF_OUR_PAGE, || {
        new_browser(&server)
    })
    .await;
    signs_in("known browser", "192.0.2.1", FIRST_TRY, || known.clone()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn teacher_signs_in_during_guesses_from_a_hundred_networks() {
    let _turn = MACHINE.lock().await;
    let server = school(|config| config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await;
    let known = known_browser(&server).await;
    let network = |number| format!("2001:db8:{}::1", number % 100);
    // Each guess names another account, so that no count of an account makes them cheap.
    let name = |number| format!("teacher-{number}");
    let _guesses = Guesses::start(&server, Duration::from_millis(5), name, network).await;
    signs_in("new browser", "192.0.2.1", TRIES_OF_OUR_PAGE, || {
        new_browser(&server)
    })
    .await;
    signs_in("known browser", "192.0.2.1", FIRST_TRY, || known.clone()).await;
}

/// A browser that opened the page, with connections of its own.
async fn with_device(server: &TestServer) -> Browser {
    let mut browser = new_browser(server);
    let page = browser.request(Method::GET, "/").send().await.unwrap();
    let cookie = set_cookie(&page).unwrap();
    browser.cookie = cookie.split(';').next().map(str::to_owned);
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn aged_cookie_signs_in_during_a_flood_of_new_connections() {
    let _turn = MACHINE.lock().await;
    let server = Arc::new(school(|_| {}).await);
    let (teacher, new) = (with_device(&server).await, with_device(&server).await);
    server.clock.advance(AGED);
    let over = Arc::new(AtomicBool::new(false));
    let flood = {
        let (server, over) = (server.clone(), over.clone());
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(Duration::from_millis(8));
            let mut sent = tokio::task::JoinSet::new();
            while !over.load(Ordering::SeqCst) {
                ticks.tick().await;
                // Each guess has a connection of its own.
                let browser = new_browser(&server);
                sent.spawn(async move {
                    sign_in(&browser, "ignored", "berta", "wrong")
                        .send()
                        .await
                        .is_ok()
                });
                while sent.try_join_next().is_some() {}
            }
        })
    };
    tokio::time::sleep(Duration::from_secs(3)).await;
    signs_in("aged cookie", "ignored", FIRST_TRY, || Browser {
        http: new_browser(&server).http,
        ..teacher.clone()
    })
    .await;
    // A new browser has a share of the turns, and the server tells it to come again.
    let young = Browser {
        cookie: with_device(&server).await.cookie,
        ..new
    };
    let tries = tries_until_signed_in(&young, "ignored", TRIES_OF_OUR_PAGE).await;
    println!("new browser: {tries} tries");
    over.store(true, Ordering::SeqCst);
    flood.await.unwrap();
}

#[tokio::test]
async fn sign_in_after_many_requests_for_pages_is_accepted() {
    let _turn = MACHINE.lock().await;
    let server = school(|config| config.api_requests_per_minute = 10).await;
    let (pupil, teacher) = (server.browser(), server.signed_in("berta").await);
    for _ in 0..30 {
        assert_eq!(pupil.get("/api/v1/config").await.status, 200);
        assert_eq!(pupil.get("/api/v1/session").await.status, 200);
        assert_eq!(
            pupil.sign_in("nobody", "wrong").await.status().as_u16() / 100,
            4
        );
    }
    let session = teacher.get("/api/v1/session").await;
    assert_eq!(session.body["user"]["username"], "berta");
    let answer = server.browser().sign_in("berta", "bertaberta").await;
    assert_eq!(answer.status(), 200);
    // The server still counts requests that cost something.
    let mut last = pupil.get("/api/v1/rooms").await;
    for _ in 0..10 {
        last = pupil.get("/api/v1/rooms").await;
    }
    last.is_problem(429, "too_many_requests");
}
