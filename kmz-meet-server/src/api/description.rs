//! `openapi/openapi.json`: what `utoipa` gathers from the handlers, and what holds for all of them.

use serde_json::{Map, Value, json};

use super::operation::take_declared;
use super::webhook_messages;
use crate::http::described_codes;
use crate::http::page::SCHOOL;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// What a school has. Operators name the school in the query.
const OF_A_SCHOOL: [&str; 13] = [
    "attendance",
    "audit",
    "bbb",
    "conferences",
    "incidents",
    "jitsi",
    "keys",
    "lti",
    "rooms",
    "school",
    "school-activity",
    "self-test-counts",
    "webhooks",
];

fn is_of_a_school(path: &str) -> bool {
    let path = path.strip_prefix("/api/v1/").unwrap_or_default();
    OF_A_SCHOOL.contains(&path.split('/').next().unwrap_or_default())
}

/// Adds what every operation has in common: how callers are known, refusals, limits.
pub fn complete(mut api: Value) -> Value {
    no_null_defaults(&mut api);
    list_codes(&mut api["info"]["description"]);
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
        "headers": {"Retry-After": {"$ref": "#/components/headers/Retry-After"}},
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }});
    api["components"]["headers"] = headers();
    api["components"]["parameters"] = json!({"School": {
        "name": SCHOOL, "in": "query", "required": false,
        "description": "For operators: the id of the school in which to act. Their own when absent; other callers have no other.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9A-Za-z_-]{1,64}$"},
    }});
    api["components"]["schemas"]["WebhookMessage"] = webhook_messages::message_schema();
    api["webhooks"] = webhook_messages::operations();
    let Some(paths) = api["paths"].as_object_mut() else {
        return api;
    };
    for (path, item) in paths.iter_mut() {
        for method in METHODS {
            let Some(operation) = item.get_mut(method).and_then(Value::as_object_mut) else {
                continue;
            };
            let declared = take_declared(operation);
            if !declared.open {
                operation.insert("security".into(), json!([{"key": []}, {"session": []}]));
                let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
                if let Some(parameters) = parameters.as_array_mut().filter(|_| is_of_a_school(path))
                {
                    parameters.push(json!({"$ref": "#/components/parameters/School"}));
                }
            }
            name(operation);
            if let Some(responses) = operation
                .get_mut("responses")
                .and_then(Value::as_object_mut)
            {
                responses.insert(
                    "default".into(),
                    json!({"$ref": "#/components/responses/Problem"}),
                );
                for (status, response) in responses.iter_mut() {
                    // Handlers say `body = Problem`; on the wire it has a media type of its own.
                    as_problem(response);
                    describe(status, response);
                }
                if let Some(done) = responses.get_mut("200").filter(|_| declared.entity_tag) {
                    done["headers"]["ETag"] = json!({"$ref": "#/components/headers/ETag"});
                }
            }
            let parameters = operation
                .get_mut("parameters")
                .and_then(Value::as_array_mut);
            let inline = |parameter: &&mut Value| parameter.get("$ref").is_none();
            for parameter in parameters.into_iter().flatten().filter(inline) {
                never_null(&mut parameter["schema"]);
            }
            if declared.repetition.is_some() {
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

/// The guide's list of codes, in the place that it has for it.
fn list_codes(guide: &mut Value) {
    let text = guide.as_str().unwrap_or_default();
    *guide = text.replace("<!-- codes -->", &described_codes()).into();
}

/// A field that may be absent has no value then, not null; generated clients would ask for it.
fn no_null_defaults(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.get("default") == Some(&Value::Null) {
                fields.remove("default");
            }
            fields.values_mut().for_each(no_null_defaults);
        }
        Value::Array(list) => list.iter_mut().for_each(no_null_defaults),
        _ => {}
    }
}

/// Headers that answers may have.
fn headers() -> Value {
    let text =
        |description: &str| json!({"description": description, "schema": {"type": "string"}});
    let number = |description: &str| json!({"description": description, "schema": {"type": "integer", "minimum": 0}});
    json!({
        "ETag": text("What `If-Match` names."),
        "Retry-After": number("With 429 and 503: seconds until it is worth trying again."),
        "RateLimit": text("What is left of the limit: `\"minute\";r=<requests>;t=<seconds>` (draft-ietf-httpapi-ratelimit-headers)."),
        "RateLimit-Policy": text("The limit: `\"minute\";q=<requests>;w=60`."),
        "Idempotent-Replayed": text("`true` when this is the answer of an earlier request with the same `Idempotency-Key`."),
    })
}

/// Handlers are called `show` or `list` in the module of their resource; clients that are generated want one name for each
/// operation.
fn name(operation: &mut Map<String, Value>) {
    let tag = operation["tags"][0].as_str().unwrap_or_default();
    let handler = operation["operationId"].as_str().unwrap_or_default();
    let name = format!("{tag}_{handler}");
    operation.insert("operationId".into(), name.into());
}

/// OpenAPI wants a description of every answer (4.8.17), and every answer says what is left of the limit.
fn describe(status: &str, response: &mut Value) {
    if response.get("$ref").is_some() {
        return;
    }
    let said = response["description"].as_str().unwrap_or_default();
    if said.is_empty() {
        response["description"] = match status {
            "201" => "Made",
            "204" => "Done",
            _ => "The answer",
        }
        .into();
    }
    response["headers"]["RateLimit"] = json!({"$ref": "#/components/headers/RateLimit"});
    response["headers"]["RateLimit-Policy"] =
        json!({"$ref": "#/components/headers/RateLimit-Policy"});
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
