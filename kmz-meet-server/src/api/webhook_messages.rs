//! What webhooks are sent, as `webhooks` of the OpenAPI description (3.1). `crate::webhooks` writes these messages.

use serde_json::{Map, Value, json};

use crate::deliveries::Event;

const EVENTS: [Event; 4] = [
    Event::ConferenceStarted,
    Event::ConferenceEnded,
    Event::ParticipantJoined,
    Event::ParticipantLeft,
];

fn summary(event: Event) -> &'static str {
    match event {
        Event::ConferenceStarted => "The first person is in a room",
        Event::ConferenceEnded => "A conference is over",
        Event::ParticipantJoined => "Somebody came in",
        Event::ParticipantLeft => "Somebody left",
    }
}

/// The operations that a receiver implements, by event.
pub fn operations() -> Value {
    let operations: Map<String, Value> = EVENTS
        .into_iter()
        .map(|event| (event.as_str().to_owned(), json!({"post": operation(event)})))
        .collect();
    operations.into()
}

fn operation(event: Event) -> Value {
    let header = |name: &str, description: &str| json!({"name": name, "in": "header", "required": true, "description": description, "schema": {"type": "string"}});
    json!({
        "tags": ["webhooks"],
        "operationId": format!("on_{}", event.as_str().replace('.', "_")),
        "summary": summary(event),
        "parameters": [
            header("webhook-id", "The same for every try of the same message."),
            header("webhook-timestamp", "Seconds since the Unix epoch, when this try was made."),
            header("webhook-signature", "`v1,` and the HMAC-SHA-256 of `{webhook-id}.{webhook-timestamp}.{body}`, in Base64."),
        ],
        "requestBody": {
            "required": true,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/WebhookMessage"}}},
        },
        "responses": {
            "2XX": {"description": "Taken. The body is not read."},
            "410": {"description": "The receiver is gone: the webhook is silenced."},
            "default": {"description": "Tried again later."},
        },
    })
}

/// The schema of `WebhookMessage`.
pub fn message_schema() -> Value {
    let text = json!({"type": "string"});
    let text_or_none = json!({"type": ["string", "null"]});
    json!({
        "type": "object",
        "description": "What happened.",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"$ref": "#/components/schemas/Event"},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {
                "type": "object",
                "required": ["conference", "room"],
                "properties": {
                    "conference": text,
                    "room": {
                        "type": "object",
                        "required": ["id", "name", "title", "external"],
                        "properties": {"id": text, "name": text, "title": text_or_none, "external": text_or_none},
                    },
                    "participant": {
                        "type": "object",
                        "description": "Who came or left.",
                        "required": ["id", "user", "name", "role"],
                        "properties": {
                            "id": text,
                            "user": {
                                "type": ["string", "null"],
                                "description": "As the integrator's ticket says; null for guests.",
                            },
                            "name": text,
                            "role": {"type": "string", "enum": ["moderator", "participant"]},
                        },
                    },
                    "participant_events_left_out": {
                        "type": "integer",
                        "minimum": 1,
                        "description": "With `conference.ended`: of how many comings and goings nothing was sent.",
                    },
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_of_every_event_name_its_schema() {
        let api: Value = serde_json::from_str(&super::super::openapi::openapi()).unwrap();
        let events = api["components"]["schemas"]["Event"]["enum"]
            .as_array()
            .unwrap();
        let described = api["webhooks"].as_object().unwrap();
        assert_eq!(described.len(), events.len());
        for event in events {
            let operation = &described[event.as_str().unwrap()]["post"];
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            assert_eq!(schema["$ref"], "#/components/schemas/WebhookMessage");
        }
    }
}
