//! Operators' keys, and who may do what operators do.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kmz_meet_server::store::UserRole;
use reqwest::Method;
use serde_json::{Value, json};

use super::{RECIPIENTS, World, protected, sealed};
use crate::common::{Answer, Browser};

#[tokio::test]
async fn link_without_any_key_is_not_made() {
    let world = World::new().await;
    world.invites("a").await.is_problem(409, "no_operator_key");
    let key = world.key(0).await;
    let path = format!("/api/v1/operator-keys/{}", key["id"].as_str().unwrap());
    let retired = world.operator.patch(&path, json!({"retired": true})).await;
    assert_eq!(retired.status, 200, "{retired:?}");
    world.invites("a").await.is_problem(409, "no_operator_key");
}

#[tokio::test]
async fn key_that_is_retired_opens_old_lists_and_gets_no_new_ones() {
    let world = World::new().await;
    let old = world.key(0).await;
    let link = world.link("a").await;
    assert_eq!(world.sends(&link, &[&old], sealed(1, 70)).await.status, 204);
    let new = world.key(1).await;
    let path = format!("/api/v1/operator-keys/{}", old["id"].as_str().unwrap());
    let retired = world.operator.patch(&path, json!({"retired": true})).await;
    assert_eq!(retired.body["retired_at"], 1_800_000_000_000_i64);
    let next = world.link("a").await;
    let shown = world.looks(&next).await.body;
    assert_eq!(shown["keys"].as_array().unwrap().len(), 1);
    assert_eq!(shown["keys"][0]["id"], new["id"]);
    // A list that was being sealed to the old one is sealed anew; the old one is still there to open what came before.
    let late = world.sends(&next, &[&old], sealed(1, 70)).await;
    late.is_problem(409, "keys_changed");
    assert_eq!(world.sends(&next, &[&new], sealed(1, 70)).await.status, 204);
    let deleted = world.operator.delete(&path).await;
    deleted.is_problem(409, "key_needed");
    for link in [&link, &next] {
        let drop = format!("/api/v1/sealed-drops/{}", link.id);
        assert_eq!(world.operator.delete(&drop).await.status, 204);
    }
    assert_eq!(world.operator.delete(&path).await.status, 204);
    world
        .operator
        .delete(&path)
        .await
        .is_problem(404, "not_found");
}

#[tokio::test]
async fn key_whose_private_half_is_not_protected_is_refused() {
    let world = World::new().await;
    let secret = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    let plain = STANDARD.encode(format!("{secret}\n").repeat(3));
    let to_a_key = STANDARD.encode(sealed(1, 110));
    let weak = STANDARD.decode(protected()).unwrap();
    let weak = String::from_utf8(weak).unwrap().replace(" 18\n", " 10\n");
    for identity in [secret.repeat(3), plain, to_a_key, STANDARD.encode(weak)] {
        let body = json!({"label": "x", "recipient": RECIPIENTS[0], "identity": identity});
        let answer = world.operator.post("/api/v1/operator-keys", body).await;
        answer.is_problem(422, "invalid");
    }
    for recipient in [secret, "age1x", "", "ssh-ed25519 AAAA"] {
        let body = json!({"label": "x", "recipient": recipient, "identity": protected()});
        let answer = world.operator.post("/api/v1/operator-keys", body).await;
        answer.is_problem(422, "invalid");
    }
    world.key(0).await;
    let body = json!({"label": "x", "recipient": RECIPIENTS[0], "identity": protected()});
    let twice = world.operator.post("/api/v1/operator-keys", body).await;
    twice.is_problem(422, "invalid");
}

#[tokio::test]
async fn operations_of_operators_refuse_everybody_else() {
    let world = World::new().await;
    let key = world.key(0).await;
    let link = world.link("a").await;
    assert_eq!(world.sends(&link, &[&key], sealed(1, 70)).await.status, 204);
    let server = &world.server;
    server.teacher("a", "tom").await;
    server.person("a", "frida", UserRole::SchoolAdmin).await;
    server.person("b", "erna", UserRole::SchoolAdmin).await;
    let key_path = format!("/api/v1/operator-keys/{}", key["id"].as_str().unwrap());
    let drop_path = format!("/api/v1/sealed-drops/{}", link.id);
    let content = format!("{drop_path}/content");
    let new_key = json!({"label": "x", "recipient": RECIPIENTS[1], "identity": protected()});
    let tries = [
        (Method::GET, "/api/v1/operator-keys", Value::Null),
        (Method::POST, "/api/v1/operator-keys", new_key),
        (Method::PATCH, key_path.as_str(), json!({"retired": true})),
        (Method::DELETE, key_path.as_str(), Value::Null),
        (Method::GET, "/api/v1/sealed-drops", Value::Null),
        (Method::POST, "/api/v1/schools/a/sealed-drops", Value::Null),
        (Method::GET, content.as_str(), Value::Null),
        (Method::DELETE, drop_path.as_str(), Value::Null),
    ];
    let ask = async |browser: &Browser| {
        let mut statuses = Vec::new();
        for (method, path, body) in &tries {
            let mut request = browser.request(method.clone(), path);
            if !body.is_null() {
                request = request.json(body);
            }
            let answer = Answer::of(request).await;
            assert!(!answer.body.to_string().contains(&link.id), "{answer:?}");
            statuses.push(answer.status);
        }
        statuses
    };
    assert_eq!(ask(&server.browser()).await, [401; 8]);
    // Who is of another school does not find the one that a path names.
    let of_b = [403, 403, 403, 403, 403, 404, 403, 403];
    for (name, statuses) in [("tom", [403; 8]), ("frida", [403; 8]), ("erna", of_b)] {
        let browser = server.signed_in(name).await;
        assert_eq!(ask(&browser).await, statuses, "{name}");
    }
    // Whose role was taken away is none from the next request on, with the same session.
    world
        .server
        .execute("UPDATE users SET role = 'school_admin' WHERE username = 'otto'")
        .await;
    assert_eq!(ask(&world.operator).await, [403; 8]);
    world
        .server
        .execute("UPDATE users SET role = 'operator' WHERE username = 'otto'")
        .await;
    assert_eq!(world.content(&world.operator, &link.id).await.0, 200);
}
