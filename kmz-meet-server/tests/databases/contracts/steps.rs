use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{World, pdf};

#[tokio::test]
async fn contract_from_form_to_end_keeps_who_did_what_and_when() {
    let world = World::new().await;
    let sent = world
        .step(json!({"step": "send_form", "note": "per Post"}))
        .await;
    assert_eq!(sent.status, 201, "{sent:?}");
    assert_eq!(
        (&sent.body["state"], &sent.body["open"]),
        (&json!("form_sent"), &json!(false))
    );
    let signed = world.sign(&pdf("1"), Some("2027-07-31")).await;
    assert_eq!(signed.status, 201, "{signed:?}");
    assert_eq!(
        (&signed.body["state"], &signed.body["open"]),
        (&json!("signed"), &json!(true))
    );
    // Midnight in Berlin, in summer.
    assert_eq!(signed.body["valid_until"], 1_817_071_200_000_i64);
    assert_eq!(world.step(json!({"step": "end"})).await.status, 201);
    let contract = world.contract().await;
    let history = contract["history"].as_array().unwrap();
    let states: Vec<&str> = history
        .iter()
        .map(|one| one["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["form_sent", "signed", "ended"]);
    assert_eq!(history[0]["note"], "per Post");
    assert_eq!(history[0]["by"], "id-otto");
    assert_eq!(history[0]["by_name"], "Frau otto");
    assert_eq!(history[0]["at"], 1_800_000_000_000_i64);
    assert_eq!(history[1]["signer"], "Frau Leitung");
    assert_eq!(history[1]["last_day"], "2027-07-31");
    assert_eq!(
        history[1]["document_sha256"],
        contract["documents"][0]["sha256"]
    );
    assert_eq!(
        (&contract["state"], &contract["open"]),
        (&json!("ended"), &json!(false))
    );
}

#[tokio::test]
async fn step_that_does_not_fit_is_refused_with_the_reason() {
    let world = World::new().await;
    for (body, status, code) in [
        (json!({"step": "request"}), 409, "not_now"),
        (json!({"step": "sign"}), 422, "invalid"),
        (json!({"step": "end", "signer": "x"}), 422, "invalid"),
        (
            json!({"step": "send_form", "last_day": "2027-07-31"}),
            422,
            "invalid",
        ),
        (
            json!({"step": "sign", "signer": "x", "signed_on": "2027-01-15", "document_id": "x"}),
            422,
            "invalid",
        ),
        (
            json!({"step": "sign", "signer": "x", "signed_on": "15.01.2027", "document_id": "x"}),
            422,
            "invalid",
        ),
        (json!({"step": "expire"}), 400, "bad_request"),
        (
            json!({"step": "end", "note": "x".repeat(501)}),
            422,
            "invalid",
        ),
        (json!({}), 400, "bad_request"),
    ] {
        let answer = world.step(body.clone()).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (status, &json!(code)),
            "{body}"
        );
    }
    let document = world.upload(pdf("1")).await.body["id"].clone();
    for (signed_on, last_day) in [
        ("2027-01-16", "2027-07-31"),
        ("2027-01-15", "2027-01-14"),
        ("2027-01-15", "2077-01-14"),
    ] {
        let body = json!({"step": "sign", "signer": "x", "signed_on": signed_on, "last_day": last_day, "document_id": document});
        world.step(body).await.is_problem(422, "invalid");
    }
    assert_eq!(world.contract().await["state"], "requested");
    assert_eq!(world.contract().await["history"], json!([]));
}

#[tokio::test]
async fn document_of_another_school_signs_nothing() {
    let world = World::new().await;
    let path = "/api/v1/schools/home/contract/documents";
    let foreign = world.operator.request(Method::POST, path).body(pdf("1"));
    let foreign = crate::common::Answer::of(foreign).await.body["id"].clone();
    let body =
        json!({"step": "sign", "signer": "x", "signed_on": "2027-01-15", "document_id": foreign});
    world.step(body).await.is_problem(422, "invalid");
    let read = format!(
        "/api/v1/schools/a/contract/documents/{}",
        foreign.as_str().unwrap()
    );
    world.operator.get(&read).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn signature_that_was_withdrawn_is_not_given_again_by_the_same_paper() {
    let world = World::new().await;
    assert_eq!(world.sign(&pdf("1"), None).await.status, 201);
    assert_eq!(world.step(json!({"step": "end"})).await.status, 201);
    world
        .step(json!({"step": "end"}))
        .await
        .is_problem(409, "not_now");
    world.sign(&pdf("1"), None).await.is_problem(422, "invalid");
    assert_eq!(world.sign(&pdf("2"), None).await.status, 201);
    world
        .step(json!({"step": "send_form"}))
        .await
        .is_problem(409, "not_now");
}

#[tokio::test]
async fn step_to_what_somebody_else_changed_is_refused() {
    let world = World::new().await;
    let path = "/api/v1/schools/a/contract";
    let read = world
        .operator
        .request(Method::GET, path)
        .send()
        .await
        .unwrap();
    let tag = read.headers()["etag"].to_str().unwrap().to_owned();
    let step = |key: &str| {
        let request = world
            .operator
            .request(Method::POST, &format!("{path}/changes"));
        let request = request
            .header("if-match", &tag)
            .header("idempotency-key", key);
        request.json(&json!({"step": "send_form"})).send()
    };
    assert_eq!(step("1").await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(
        step("2").await.unwrap().status(),
        StatusCode::PRECONDITION_FAILED
    );
    // The same request again is done once.
    assert_eq!(step("1").await.unwrap().status(), StatusCode::CONFLICT);
    assert_eq!(
        world.contract().await["history"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn many_steps_at_once_are_taken_one_after_the_other() {
    let world = World::new().await;
    let steps = (0..8).map(|_| world.step(json!({"step": "send_form"})));
    let answers = futures_util::future::join_all(steps).await;
    let taken = answers.iter().filter(|answer| answer.status == 201).count();
    assert!(taken >= 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.is_problem(412, "changed_meanwhile");
    }
    let contract = world.contract().await;
    assert_eq!(contract["history"].as_array().unwrap().len(), taken);
}
