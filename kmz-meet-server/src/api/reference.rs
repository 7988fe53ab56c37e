//! The API's reference for people, at `/api/docs`: made from the same description that programs read. No script.

use std::fmt::Write;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;

use super::openapi::openapi;
use crate::page::escaped;

static PAGE: LazyLock<String> = LazyLock::new(|| {
    let api: Value = serde_json::from_str(&openapi()).unwrap_or_default();
    render(&api)
});

/// The page.
pub async fn show() -> Response {
    Html(PAGE.as_str()).into_response()
}

/// The description itself.
pub async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi()).into_response()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The name of a schema that is referred to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// A type in a few words, with a link to what it refers to.
fn kind(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        let name = escaped(name);
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(list) = schema[key].as_array() {
            let kinds: Vec<String> = list.iter().map(kind).collect();
            return kinds.join(" | ");
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values
            .iter()
            .map(|value| format!("<code>{}</code>", escaped(&value.to_string())))
            .collect();
        return values.join(" | ");
    }
    if schema["type"] == "array" {
        return format!("list of {}", kind(&schema["items"]));
    }
    match &schema["type"] {
        Value::String(name) => escaped(name),
        Value::Array(names) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            escaped(&names.join(" or "))
        }
        _ => "any".to_owned(),
    }
}

fn operation(page: &mut String, method: &str, path: &str, operation: &Value) {
    let _ = write!(
        page,
        "<h3 id=\"{id}\"><code>{method} {path}</code></h3><p>{summary}</p>",
        id = escaped(text(operation, "operationId")),
        method = method.to_uppercase(),
        path = escaped(path),
        summary = escaped(text(operation, "summary")),
    );
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let rows: String = parameters
        .map(|parameter| {
            format!(
                "<dt><code>{}</code> ({})</dt><dd>{} {}</dd>",
                escaped(text(parameter, "name")),
                escaped(text(parameter, "in")),
                kind(&parameter["schema"]),
                escaped(text(parameter, "description")),
            )
        })
        .collect();
    if !rows.is_empty() {
        let _ = write!(page, "<dl>{rows}</dl>");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        let _ = write!(page, "<p>Body: {}</p>", kind(body));
    }
    let responses = operation["responses"].as_object().into_iter().flatten();
    let answers: String = responses
        .filter(|(status, _)| *status != "default")
        .map(|(status, response)| {
            let content = response["content"].as_object();
            let schema = content.and_then(|content| content.values().next());
            let what = schema.map(|media| kind(&media["schema"]));
            format!(
                "<li>{status} {} {}</li>",
                what.unwrap_or_default(),
                escaped(text(response, "description"))
            )
        })
        .collect();
    let _ = write!(page, "<ul>{answers}</ul>");
}

fn schema(page: &mut String, name: &str, schema: &Value) {
    let _ = write!(
        page,
        "<h3 id=\"{name}\">{name}</h3><p>{}</p>",
        escaped(text(schema, "description")),
        name = escaped(name),
    );
    // Flattened types are lists of parts.
    let parts: Vec<&Value> = match schema["allOf"].as_array() {
        Some(parts) => parts.iter().collect(),
        None => vec![schema],
    };
    for part in parts {
        if referred(part).is_some() {
            let _ = write!(page, "<p>with everything of {}</p>", kind(part));
        }
        let Some(properties) = part["properties"].as_object() else {
            if part["enum"].is_array() || part["oneOf"].is_array() {
                let _ = write!(page, "<p>{}</p>", kind(part));
            }
            continue;
        };
        let required = part["required"].as_array();
        let is_required =
            |name: &str| required.is_some_and(|names| names.iter().any(|one| one == name));
        let rows: String = properties
            .iter()
            .map(|(name, property)| {
                format!(
                    "<dt><code>{}</code>{}</dt><dd>{} {}</dd>",
                    escaped(name),
                    if is_required(name) { "" } else { " (optional)" },
                    kind(property),
                    escaped(text(property, "description")),
                )
            })
            .collect();
        let _ = write!(page, "<dl>{rows}</dl>");
    }
}

fn render(api: &Value) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>kmz-meet: the REST API</title>\
         <link rel=\"stylesheet\" href=\"/plain.css\"></head><body><main><h1>kmz-meet: the REST API</h1><p>{}</p>\
         <p>Programs read <a href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a> (OpenAPI 3.1). Callers send \
         <code>Authorization: Bearer</code> with an API key. Refusals are problem documents (RFC 9457); \
         429 says in <code>Retry-After</code> when to go on.</p>",
        escaped(text(&api["info"], "description"))
    );
    let mut tags: Vec<&str> = Vec::new();
    let paths = api["paths"].as_object();
    let operations: Vec<(&String, &String, &Value)> = paths
        .into_iter()
        .flatten()
        .flat_map(|(path, item)| {
            let item = item.as_object().into_iter().flatten();
            item.map(move |(method, operation)| (path, method, operation))
        })
        .collect();
    for (_, _, operation) in &operations {
        let tag = operation["tags"][0].as_str().unwrap_or("other");
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags.sort_unstable();
    for tag in tags {
        let _ = write!(page, "<h2>{}</h2>", escaped(tag));
        for (path, method, one) in &operations {
            if one["tags"][0].as_str().unwrap_or("other") == tag {
                operation(&mut page, method, path, one);
            }
        }
    }
    page.push_str("<h2>Types</h2>");
    let schemas = api["components"]["schemas"].as_object();
    for (name, one) in schemas.into_iter().flatten() {
        schema(&mut page, name, one);
    }
    page.push_str("</main></body></html>\n");
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_type_is_on_the_page() {
        let api: Value = serde_json::from_str(&openapi()).unwrap();
        let page = render(&api);
        for (path, item) in api["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                let heading = format!("<code>{} {path}</code>", method.to_uppercase());
                assert!(page.contains(&heading), "{heading}");
            }
        }
        for name in api["components"]["schemas"].as_object().unwrap().keys() {
            assert!(page.contains(&format!("<h3 id=\"{name}\">")), "{name}");
        }
    }
}
