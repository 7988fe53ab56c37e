//! Who may do what: a row for each route.

use serde_json::{Value, json};

/// Who may do it, besides a key with the scope.
#[derive(Clone, Copy, PartialEq)]
pub enum Teachers {
    /// Teachers, for what is their own.
    Own,
    /// Only school admins and operators.
    None,
}

pub struct Row {
    pub operation: &'static str,
    /// `None`: the route is public, or concerns the caller alone.
    pub scope: Option<&'static str>,
    pub teachers: Teachers,
    pub body: fn() -> Value,
}

const NOTHING: fn() -> Value = || Value::Null;

fn row(operation: &'static str, scope: &'static str, teachers: Teachers) -> Row {
    Row {
        operation,
        scope: Some(scope),
        teachers,
        body: NOTHING,
    }
}

fn with(row: Row, body: fn() -> Value) -> Row {
    Row { body, ..row }
}

fn open(operation: &'static str) -> Row {
    Row {
        operation,
        scope: None,
        teachers: Teachers::Own,
        body: || json!({"username": "x", "password": "y"}),
    }
}

pub fn rows() -> Vec<Row> {
    use Teachers::{None, Own};
    vec![
        open("get /api/v1/config"),
        open("get /api/v1/session"),
        open("post /api/v1/session"),
        open("delete /api/v1/session"),
        // One's own account: `databases/account.rs`.
        open("get /api/v1/account/sessions"),
        open("delete /api/v1/account/sessions"),
        open("delete /api/v1/account/sessions/{id}"),
        open("put /api/v1/account/password"),
        row("get /api/v1/rooms", "rooms:read", Own),
        with(row("post /api/v1/rooms", "rooms:write", Own), || json!({})),
        row("get /api/v1/rooms/suggested-name", "rooms:read", Own),
        row("get /api/v1/rooms/{id}", "rooms:read", Own),
        with(
            row("patch /api/v1/rooms/{id}", "rooms:write", Own),
            || json!({"password": "x"}),
        ),
        row("delete /api/v1/rooms/{id}", "rooms:write", Own),
        with(
            row("post /api/v1/rooms/{id}/tickets", "tickets:write", Own),
            || json!({"user": "1", "role": "moderator"}),
        ),
        row("get /api/v1/conferences", "conferences:read", Own),
        row("get /api/v1/rooms/{id}/conference", "conferences:read", Own),
        with(
            row(
                "patch /api/v1/rooms/{id}/conference",
                "conferences:write",
                Own,
            ),
            || json!({"policy": {"door": "closed"}}),
        ),
        row(
            "delete /api/v1/rooms/{id}/conference",
            "conferences:write",
            Own,
        ),
        with(
            row(
                "post /api/v1/rooms/{id}/conference/mute",
                "conferences:write",
                Own,
            ),
            || json!({"source": "camera"}),
        ),
        row(
            "delete /api/v1/rooms/{id}/conference/participants/{participant}",
            "conferences:write",
            Own,
        ),
        row("get /api/v1/rooms/{id}/attendance", "attendance:read", Own),
        row("get /api/v1/attendance/{id}", "attendance:read", Own),
        with(
            row("patch /api/v1/attendance/{id}", "attendance:write", Own),
            || json!({"corrections": []}),
        ),
        row("delete /api/v1/attendance/{id}", "attendance:write", Own),
        row("get /api/v1/attendance/{id}/csv", "attendance:read", Own),
        with(
            row(
                "post /api/v1/attendance/{id}/grades",
                "attendance:write",
                Own,
            ),
            || json!({"confirm": true, "measure": "minutes"}),
        ),
        row("get /api/v1/keys", "keys:write", None),
        with(
            row("post /api/v1/keys", "keys:write", None),
            || json!({"name": "x", "scopes": ["keys:write"]}),
        ),
        row("delete /api/v1/keys/{id}", "keys:write", None),
        row("get /api/v1/school", "rooms:read", Own),
        with(
            row("patch /api/v1/school", "school:write", None),
            || json!({"attendance_days": 3}),
        ),
        open("get /api/v1/sign-in-providers"),
        row(
            "get /api/v1/schools/{school_id}/sign-in-providers",
            "school:write",
            None,
        ),
        with(
            row(
                "post /api/v1/schools/{school_id}/sign-in-providers",
                "school:write",
                None,
            ),
            sign_in_provider,
        ),
        row(
            "get /api/v1/schools/{school_id}/sign-in-providers/{id}",
            "school:write",
            None,
        ),
        with(
            row(
                "patch /api/v1/schools/{school_id}/sign-in-providers/{id}",
                "school:write",
                None,
            ),
            || json!({"shown": false}),
        ),
        row(
            "delete /api/v1/schools/{school_id}/sign-in-providers/{id}",
            "school:write",
            None,
        ),
        row(
            "delete /api/v1/schools/{school_id}/sign-in-providers/{id}/links/{user_id}",
            "school:write",
            None,
        ),
        row("get /api/v1/webhooks", "webhooks:write", None),
        with(
            row("post /api/v1/webhooks", "webhooks:write", None),
            || json!({"url": "https://example.com/", "events": ["conference.ended"]}),
        ),
        row("get /api/v1/webhooks/{id}", "webhooks:write", None),
        with(
            row("patch /api/v1/webhooks/{id}", "webhooks:write", None),
            || json!({"active": false}),
        ),
        row("delete /api/v1/webhooks/{id}", "webhooks:write", None),
        row(
            "get /api/v1/webhooks/{id}/deliveries",
            "webhooks:write",
            None,
        ),
        row("get /api/v1/bbb/secrets", "bbb:write", None),
        row("post /api/v1/bbb/secrets", "bbb:write", None),
        row("delete /api/v1/bbb/secrets/{id}", "bbb:write", None),
        row("get /api/v1/lti/platforms", "lti:write", None),
        with(row("post /api/v1/lti/platforms", "lti:write", None), || {
            platform("new")
        }),
        row("get /api/v1/lti/platforms/{id}", "lti:write", None),
        with(
            row("patch /api/v1/lti/platforms/{id}", "lti:write", None),
            || json!({"state": "disabled"}),
        ),
        row("delete /api/v1/lti/platforms/{id}", "lti:write", None),
        row("post /api/v1/lti/invitations", "lti:write", None),
        row("get /api/v1/jitsi/apps", "school:write", None),
        with(
            row("post /api/v1/jitsi/apps", "school:write", None),
            || json!({"app_id": "new", "algorithm": "HS256", "key": "0123456789abcdef"}),
        ),
        row("delete /api/v1/jitsi/apps/{id}", "school:write", None),
        // Of anybody: `databases/self_tests.rs`.
        open("get /api/v1/network"),
        open("post /api/v1/self-tests"),
        open("post /api/v1/self-tests/{id}/connections"),
        open("post /api/v1/self-tests/{id}/report"),
        open("get /api/v1/self-test-results/{code}"),
        row("get /api/v1/self-test-counts", "school:write", None),
    ]
}

pub fn sign_in_provider() -> Value {
    json!({"issuer": "https://id.example", "client_id": "c", "client_secret": "s", "label": {"de": "A", "en": "B"}})
}

pub fn platform(client_id: &str) -> Value {
    json!({"issuer": "https://moodle.example", "client_id": client_id, "deployment_ids": ["1"], "jwks_uri": "https://moodle.example/certs.php",
        "authorization_endpoint": "https://moodle.example/auth.php", "token_endpoint": "https://moodle.example/token.php"})
}
