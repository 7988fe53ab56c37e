use reqwest::Method;
use serde_json::json;

use super::{World, pdf};

const DOCUMENTS: &str = "/api/v1/schools/a/contract/documents";

#[tokio::test]
async fn document_comes_back_as_it_was_and_lies_encrypted() {
    let world = World::new().await;
    let bytes = pdf("Zwiebelkuchen-Unterschrift");
    let kept = world.upload(bytes.clone()).await;
    assert_eq!(kept.status, 201, "{kept:?}");
    assert_eq!(kept.body["media_type"], "application/pdf");
    assert_eq!(kept.body["size"], bytes.len());
    // The same file is the same document.
    assert_eq!(world.upload(bytes.clone()).await.body, kept.body);
    let path = format!("{DOCUMENTS}/{}", kept.body["id"].as_str().unwrap());
    let answer = world
        .operator
        .request(Method::GET, &path)
        .send()
        .await
        .unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert!(header("content-disposition").starts_with("attachment; filename=\"contract-"));
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(
        header("content-security-policy"),
        "default-src 'none'; sandbox"
    );
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(answer.bytes().await.unwrap(), bytes);
    // Nothing of it is readable on the disk, and the key is not in the database.
    let directory = &world.server.app.config.data_dir;
    let key = std::fs::read_to_string(directory.join("contracts.key")).unwrap();
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        let content = std::fs::read(&path).unwrap_or_default();
        let has = |text: &str| {
            content
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        assert!(!has("Zwiebelkuchen"), "{path:?}");
        assert_eq!(has(key.trim()), path.ends_with("contracts.key"), "{path:?}");
    }
}

#[tokio::test]
async fn document_that_is_none_or_too_large_is_refused() {
    let world = World::new().await;
    for bytes in [
        b"".to_vec(),
        b"<!doctype html><title>Vertrag.pdf</title><script>alert(1)</script>".to_vec(),
        b"%PDF-1.7 <script>alert(1)</script>".to_vec(),
        b"PK\x03\x04%PDF-1.7\n%%EOF".to_vec(),
        b"\xFF\xD8\xFF\xE0\xFF\xD9<script>".to_vec(),
        b"GIF89a".to_vec(),
    ] {
        let refused = world.upload(bytes).await;
        refused.is_problem(415, "unsupported_media_type");
    }
    let limit = 10 * 1024 * 1024;
    let sized = |size: usize| {
        let mut bytes = b"%PDF-1.7\n".to_vec();
        bytes.resize(size - 6, b' ');
        bytes.extend(b"%%EOF\n");
        bytes
    };
    world
        .upload(sized(limit + 1))
        .await
        .is_problem(413, "too_large");
    assert_eq!(world.upload(sized(limit)).await.status, 201);
    let documents = world.contract().await["documents"].clone();
    assert_eq!(documents.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn document_named_as_a_page_is_still_only_a_file() {
    let world = World::new().await;
    let polyglot = pdf("<html><script>fetch('/api/v1/schools')</script></html>");
    let request = world.operator.request(Method::POST, DOCUMENTS);
    let request = request.header("content-type", "text/html").body(polyglot);
    let kept = crate::common::Answer::of(request).await;
    assert_eq!(kept.status, 201, "{kept:?}");
    let path = format!("{DOCUMENTS}/{}", kept.body["id"].as_str().unwrap());
    let answer = world
        .operator
        .request(Method::GET, &path)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    let named = answer.headers()["content-disposition"].to_str().unwrap();
    assert!(
        named.starts_with("attachment;") && named.ends_with(".pdf\""),
        "{named}"
    );
}

#[tokio::test]
async fn documents_of_a_school_are_fifty_at_the_most() {
    let world = World::new().await;
    for number in 0..50 {
        let kept = world.upload(pdf(&number.to_string())).await;
        assert_eq!(kept.status, 201, "{kept:?}");
    }
    world.upload(pdf("50")).await.is_problem(409, "too_many");
    assert_eq!(world.upload(pdf("0")).await.status, 201);
}

#[tokio::test]
async fn document_of_a_lost_key_is_told_so() {
    let world = World::new().await;
    let kept = world.upload(pdf("1")).await.body["id"].clone();
    let key = world.server.app.config.data_dir.join("contracts.key");
    std::fs::remove_file(key).unwrap();
    let server = world.server.restarted().await;
    let operator = server.signed_in("otto").await;
    let path = format!("{DOCUMENTS}/{}", kept.as_str().unwrap());
    let lost = operator.get(&path).await;
    lost.is_problem(409, "not_now");
    assert!(
        lost.body["detail"]
            .as_str()
            .unwrap()
            .contains("contracts.key")
    );
    assert_eq!(json!(lost.status), 409);
}
