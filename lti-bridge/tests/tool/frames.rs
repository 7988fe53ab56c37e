//! Launches in a frame, where cookies may not come back and the platform may store.
#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it does not expect"
)]

use crate::world::{Login, World};

/// The state that the page carries which asks the platform's storage.
fn asked_on(page: &str) -> String {
    assert!(page.contains("data-proof"), "{page}");
    let (_, rest) = page.split_once("name=\"state\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn login_in_a_frame_checks_for_cookies_first() {
    let world = World::new().await;
    let mut fields = world.initiation();
    fields.push(("lti_storage_target", "_parent".to_owned()));
    let response = world
        .http
        .post(format!("{}/lti/login", world.tool))
        .header("sec-fetch-dest", "iframe")
        .form(&fields)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let cookies: Vec<String> = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .collect();
    assert!(
        cookies[0].starts_with("__Host-lti-") && cookies[0].contains("SameSite=None; Partitioned")
    );
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains(&format!("frame-ancestors {}", world.platform.url))
            && !policy.contains("unsafe")
    );
    let page = response.text().await.unwrap();
    let attribute = |name: &str| {
        let (_, rest) = page.split_once(&format!("data-{name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.replace("&amp;", "&")
    };
    let check = attribute("check");
    let cookie = cookies[0].split(';').next().unwrap();
    let with = world
        .http
        .get(format!("{}{check}", world.tool))
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(with.text().await.unwrap(), r#"{"cookie":true}"#);
    let without = world
        .http
        .get(format!("{}{check}", world.tool))
        .send()
        .await
        .unwrap();
    assert_eq!(without.text().await.unwrap(), r#"{"cookie":false}"#);
    // Without the cookie, what the platform's storage kept does as well, once and after it was asked for it: whoever
    // started this login knows it too, and could have someone else send it.
    let onward = url::Url::parse(&attribute("onward")).unwrap();
    let login = Login::new(onward, String::new());
    let token = world.platform.sign(&world.claims(&login));
    let value = attribute("value");
    let fields = [
        ("id_token", token.as_str()),
        ("state", &login.asked["state"]),
        ("browser", value.as_str()),
    ];
    let answer = world.post("/lti/launch", &fields, None).await;
    assert_eq!((answer.status().as_u16(), world.opened()), (200, 0));
    // The page carries on a state that says that the storage was asked; the first one never does.
    let page = answer.text().await.unwrap();
    let state = asked_on(&page);
    let answer = world.post("/lti/launch", &fields, None).await;
    assert_eq!((answer.status().as_u16(), world.opened()), (200, 0));
    let again = |browser: &'static str| {
        [
            ("id_token", token.as_str()),
            ("state", state.as_str()),
            ("browser", browser),
        ]
    };
    let guessed = world.post("/lti/launch", &again("guessed"), None).await;
    assert!(guessed.status().is_client_error());
    let answer = world.post("/lti/launch", &again(""), None).await;
    assert!(answer.status().is_client_error(), "it is not asked twice");
    let value: &'static str = Box::leak(value.into_boxed_str());
    let answer = world.post("/lti/launch", &again(value), None).await;
    assert_eq!((answer.status().as_u16(), world.opened()), (303, 1));
    let answer = world.post("/lti/launch", &again(value), None).await;
    assert!(answer.status().is_client_error());
    assert_eq!(world.opened(), 1);
}

#[tokio::test]
async fn stored_secret_from_a_form_of_another_site_is_refused() {
    let world = World::new().await;
    for (site, status) in [
        ("cross-site", 400),
        ("same-site", 400),
        ("none", 400),
        ("same-origin", 303),
    ] {
        let mut fields = world.initiation();
        fields.push(("lti_storage_target", "_parent".to_owned()));
        let page = world
            .http
            .post(format!("{}/lti/login", world.tool))
            .header("sec-fetch-dest", "iframe")
            .form(&fields)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        let attribute = |name: &str| {
            let (_, rest) = page.split_once(&format!("data-{name}=\"")).unwrap();
            rest.split_once('"').unwrap().0.replace("&amp;", "&")
        };
        let onward = url::Url::parse(&attribute("onward")).unwrap();
        let login = Login::new(onward, String::new());
        let token = world.platform.sign(&world.claims(&login));
        let asking = world.launch(&login, &token).await;
        assert_eq!(asking.status(), 200);
        let state = asked_on(&asking.text().await.unwrap());
        let value = attribute("value");
        let answer = world
            .http
            .post(format!("{}/lti/launch", world.tool))
            .header("sec-fetch-site", site)
            .form(&[
                ("id_token", token.as_str()),
                ("state", &state),
                ("browser", &value),
            ])
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{site}");
    }
    assert_eq!(world.opened(), 1);
}
