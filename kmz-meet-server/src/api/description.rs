//! `openapi/openapi.json`: what `utoipa` gathers from the handlers, and what holds for all of them.

use serde_json::{Value, json};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
/// What needs nobody to be known.
const OPEN: [(&str, &str); 4] = [
    ("/api/v1/config", "get"),
    ("/api/v1/session", "get"),
    ("/api/v1/session", "post"),
    ("/api/v1/session", "delete"),
];
/// Creations that take an `Idempotency-Key`.
const NOT_CREATIONS: [&str; 2] = ["/api/v1/session", "/mute"];

/// Adds what every operation has in common: how callers are known, refusals, limits.
pub fn complete(mut api: Value) -> Value {
    api["components"]["securitySchemes"] = json!({
        "key": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An API key of a school, or the ticket of a moderator (attendance of that room only).",
        },
        "session": {
            "type": "apiKey", "in": "cookie", "name": "__Host-kmz_session",
            "description": "A person who signed in at this browser.",
        },
    });
    api["components"]["responses"] = json!({"Problem": {
        "description": "A refusal: a problem document (RFC 9457) with a stable `code`. 429 says in `Retry-After` when to go on.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }});
    let Some(paths) = api["paths"].as_object_mut() else {
        return api;
    };
    for (path, item) in paths {
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            if !OPEN.contains(&(path.as_str(), method)) {
                operation.insert("security".into(), json!([{"key": []}, {"session": []}]));
            }
            if let Some(responses) = operation
                .get_mut("responses")
                .and_then(Value::as_object_mut)
            {
                responses.insert(
                    "default".into(),
                    json!({"$ref": "#/components/responses/Problem"}),
                );
                // Handlers say `body = Problem`; on the wire it has a media type of its own.
                for response in responses.values_mut() {
                    as_problem(response);
                }
            }
            let parameters = operation
                .get_mut("parameters")
                .and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                never_null(&mut parameter["schema"]);
            }
            let creates = method == "post" && !NOT_CREATIONS.iter().any(|end| path.ends_with(end));
            if creates {
                let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
                if let Some(parameters) = parameters.as_array_mut() {
                    parameters.push(json!({
                        "name": "Idempotency-Key", "in": "header", "required": false,
                        "description": "The same key again within a day gives the first answer again.",
                        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]{1,200}$"},
                    }));
                }
            }
        }
    }
    api
}

/// A parameter may be absent; a null it cannot be.
fn never_null(schema: &mut Value) {
    if let Some(types) = schema["type"].as_array() {
        let mut rest = types.iter().filter(|kind| *kind != "null");
        if let (Some(only), None) = (rest.next(), rest.next()) {
            schema["type"] = only.clone();
        }
    }
}

fn as_problem(response: &mut Value) {
    let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else {
        return;
    };
    let is_problem = content
        .get("application/json")
        .is_some_and(|json| json["schema"]["$ref"] == "#/components/schemas/Problem");
    if is_problem && let Some(problem) = content.remove("application/json") {
        content.insert("application/problem+json".into(), problem);
    }
}
