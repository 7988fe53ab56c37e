//! Who may do what: a row for each route.

use serde_json::{Value, json};

/// Who may do it, besides a key with the scope.
#[derive(Clone, Copy, PartialEq)]
pub enum Teachers {
    /// Teachers, for what is their own.
    Own,
    /// Only school admins and operators.
    None,
    /// The same, signed in: no key, whatever its scopes.
    People,
    /// Only operators, whatever their school.
    Operators,
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

/// What concerns all schools.
fn operators(operation: &'static str) -> Row {
    Row {
        operation,
        scope: Some("school:write"),
        teachers: Teachers::Operators,
        body: NOTHING,
    }
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
    use Teachers::{None, Own, People};
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
        // Operators' own, and links that need nobody to be known: `tests/sealed_drops.rs`.
        operators("get /api/v1/operator-keys"),
        with(
            operators("post /api/v1/operator-keys"),
            || json!({"label": "x", "recipient": "x", "identity": "x"}),
        ),
        open("patch /api/v1/operator-keys/{id}"),
        open("delete /api/v1/operator-keys/{id}"),
        operators("get /api/v1/sealed-drops"),
        operators("post /api/v1/schools/{school_id}/sealed-drops"),
        open("get /api/v1/sealed-drops/{id}/content"),
        open("delete /api/v1/sealed-drops/{id}"),
        open("get /api/v1/drop-link"),
        open("put /api/v1/drop-link/content"),
        // `tests/password_links.rs`
        open("get /api/v1/account"),
        open("put /api/v1/account/address"),
        open("post /api/v1/account/address/confirmation"),
        open("put /api/v1/password"),
        open("post /api/v1/password/forgotten"),
        open("post /api/v1/password/link"),
        // `tests/second_factor.rs`
        open("post /api/v1/session/code"),
        open("post /api/v1/account/second-factor"),
        open("put /api/v1/account/second-factor"),
        open("post /api/v1/account/second-factor/removal"),
        open("post /api/v1/account/second-factor/recovery-codes"),
        row(
            "delete /api/v1/schools/{school_id}/users/{user_id}/second-factor",
            "school:write",
            People,
        ),
        operators("get /api/v1/mails"),
        row(
            "get /api/v1/schools/{school_id}/mails",
            "school:write",
            None,
        ),
        operators("get /api/v1/mail-templates"),
        operators("get /api/v1/mail-templates/{name}/{language}"),
        with(
            operators("post /api/v1/mail-templates/{name}/{language}/preview"),
            || json!({"text": "Subject: x\n\n{link}"}),
        ),
        // `tests/databases/passkeys.rs`
        open("post /api/v1/session/passkey"),
        open("post /api/v1/session/passkey/options"),
        open("get /api/v1/account/passkeys"),
        open("post /api/v1/account/passkeys"),
        open("post /api/v1/account/passkeys/options"),
        open("post /api/v1/account/passkeys/proof"),
        open("post /api/v1/account/passkeys/{id}/removal"),
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
        row(
            "get /api/v1/rooms/{id}/substitute-passes",
            "tickets:write",
            Own,
        ),
        with(
            row(
                "post /api/v1/rooms/{id}/substitute-passes",
                "tickets:write",
                Own,
            ),
            || json!({"label": "x", "valid_minutes": 60}),
        ),
        row(
            "delete /api/v1/rooms/{id}/substitute-passes/{pass_id}",
            "tickets:write",
            Own,
        ),
        // By the link of a pass: `tests/substitutes.rs`.
        open("post /api/v1/substitute-passes/entry"),
        row("get /api/v1/rooms/{id}/class-list", "tickets:write", Own),
        with(
            row("put /api/v1/rooms/{id}/class-list", "tickets:write", Own),
            || json!({"names": ["Anna", "Ben"]}),
        ),
        row(
            "post /api/v1/rooms/{id}/class-list/reading",
            "tickets:write",
            Own,
        ),
        row(
            "get /api/v1/rooms/{id}/class-list/cards",
            "tickets:write",
            Own,
        ),
        row(
            "delete /api/v1/rooms/{id}/class-list/cards",
            "tickets:write",
            Own,
        ),
        row(
            "post /api/v1/rooms/{id}/class-list/cards/renew",
            "tickets:write",
            Own,
        ),
        row(
            "post /api/v1/rooms/{id}/class-list/cards/{pupil_id}/renew",
            "tickets:write",
            Own,
        ),
        row(
            "delete /api/v1/rooms/{id}/class-list/cards/{pupil_id}",
            "tickets:write",
            Own,
        ),
        // By what opens with a card: `tests/databases/class_cards`.
        open("post /api/v1/pupil-cards/entry"),
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
        with(
            row(
                "patch /api/v1/rooms/{id}/conference/participants/{participant}",
                "conferences:write",
                Own,
            ),
            || json!({"marked": true}),
        ),
        row(
            "post /api/v1/rooms/{id}/conference/participants/{participant}/lobby",
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
        row("get /api/v1/incidents", "attendance:read", None),
        row("get /api/v1/rooms/{id}/incidents", "attendance:read", Own),
        row("get /api/v1/incidents/{id}", "attendance:read", Own),
        row(
            "get /api/v1/incidents/{id}/document",
            "attendance:read",
            Own,
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
        row(
            "get /api/v1/schools/{school_id}/teacher-imports",
            "teachers:read",
            None,
        ),
        row(
            "post /api/v1/schools/{school_id}/teacher-imports",
            "teachers:write",
            None,
        ),
        row(
            "get /api/v1/schools/{school_id}/teacher-imports/{id}",
            "teachers:read",
            None,
        ),
        row(
            "delete /api/v1/schools/{school_id}/teacher-imports/{id}",
            "teachers:write",
            None,
        ),
        row(
            "get /api/v1/schools/{school_id}/teacher-imports/{id}/rows",
            "teachers:read",
            None,
        ),
        row(
            "post /api/v1/schools/{school_id}/teacher-imports/{id}/confirm",
            "teachers:write",
            None,
        ),
        row(
            "post /api/v1/schools/{school_id}/teacher-imports/{id}/undo",
            "teachers:write",
            None,
        ),
        row(
            "post /api/v1/schools/{school_id}/teacher-imports/{id}/letters",
            "teachers:write",
            None,
        ),
        row(
            "post /api/v1/schools/{school_id}/teacher-imports/{id}/mails",
            "teachers:write",
            None,
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
                People,
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
                People,
            ),
            || json!({"shown": false}),
        ),
        row(
            "delete /api/v1/schools/{school_id}/sign-in-providers/{id}",
            "school:write",
            People,
        ),
        row(
            "delete /api/v1/schools/{school_id}/sign-in-providers/{id}/links/{user_id}",
            "school:write",
            People,
        ),
        open("get /api/v1/teacher-requests/schools"),
        // Strangers' own requests: `tests/teacher_requests.rs`.
        open("post /api/v1/teacher-requests"),
        open("post /api/v1/teacher-requests/confirm"),
        open("put /api/v1/teacher-requests/answer"),
        open("put /api/v1/teacher-requests/proof"),
        row(
            "get /api/v1/schools/{school_id}/teacher-requests",
            "teachers:read",
            None,
        ),
        row(
            "get /api/v1/schools/{school_id}/teacher-requests/{id}",
            "teachers:read",
            None,
        ),
        row(
            "get /api/v1/schools/{school_id}/teacher-requests/{id}/proof",
            "teachers:write",
            None,
        ),
        with(
            row(
                "post /api/v1/schools/{school_id}/teacher-requests/{id}/ask",
                "teachers:write",
                None,
            ),
            || json!({"text": "x"}),
        ),
        with(
            row(
                "post /api/v1/schools/{school_id}/teacher-requests/{id}/refuse",
                "teachers:write",
                None,
            ),
            || json!({"text": "x"}),
        ),
        row(
            "post /api/v1/schools/{school_id}/teacher-requests/{id}/accept",
            "teachers:write",
            None,
        ),
        row(
            "get /api/v1/schools/{school_id}/teachers",
            "teachers:read",
            None,
        ),
        with(
            row(
                "post /api/v1/schools/{school_id}/teachers",
                "teachers:write",
                None,
            ),
            || json!({"name": "Gerda Gast"}),
        ),
        with(
            row(
                "patch /api/v1/schools/{school_id}/teachers/{id}",
                "teachers:write",
                None,
            ),
            || json!({"locked": false}),
        ),
        row(
            "post /api/v1/schools/{school_id}/teachers/{id}/mail",
            "teachers:write",
            None,
        ),
        // Of an account in use: a key may have letters of those that nobody used yet.
        row(
            "post /api/v1/schools/{school_id}/teachers/{id}/letter",
            "teachers:write",
            People,
        ),
        row(
            "get /api/v1/schools/{school_id}/teachers/{id}/export",
            "teachers:write",
            None,
        ),
        row(
            "delete /api/v1/schools/{school_id}/teachers/{id}",
            "teachers:write",
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
        row("get /api/v1/lti/platforms/{id}/failures", "lti:write", None),
        row("post /api/v1/lti/invitations", "lti:write", None),
        row("get /api/v1/jitsi/apps", "school:write", None),
        with(
            row("post /api/v1/jitsi/apps", "school:write", None),
            || json!({"app_id": "new", "algorithm": "HS256", "key": "0123456789abcdef"}),
        ),
        row("delete /api/v1/jitsi/apps/{id}", "school:write", None),
        operators("get /api/v1/schools"),
        with(
            operators("post /api/v1/schools"),
            || json!({"name": "Neue Schule"}),
        ),
        row("get /api/v1/schools/{school_id}", "school:write", None),
        with(
            operators("patch /api/v1/schools/{school_id}"),
            || json!({"domains": ["schule.example"]}),
        ),
        row(
            "get /api/v1/schools/{school_id}/contract",
            "school:write",
            None,
        ),
        with(
            operators("post /api/v1/schools/{school_id}/contract/changes"),
            || json!({"step": "end"}),
        ),
        with(
            operators("post /api/v1/schools/{school_id}/contract/documents"),
            || json!("no document"),
        ),
        operators("get /api/v1/schools/{school_id}/contract/documents/{id}"),
        row(
            "get /api/v1/schools/{school_id}/contract/form",
            "school:write",
            None,
        ),
        operators("get /api/v1/contract-lists/{year}/csv"),
        operators("get /api/v1/contract-lists/{year}/paper"),
        operators("get /api/v1/privacy/{paper}/{format}"),
        row(
            "get /api/v1/schools/{school_id}/privacy/{language}/{format}",
            "school:write",
            None,
        ),
        // Of anybody: `databases/self_tests.rs`.
        open("get /api/v1/network"),
        open("post /api/v1/self-tests"),
        open("post /api/v1/self-tests/{id}/connections"),
        open("post /api/v1/self-tests/{id}/report"),
        open("get /api/v1/self-test-results/{code}"),
        row("get /api/v1/self-test-counts", "school:write", None),
        row("get /api/v1/school-activity", "school:write", None),
        // Of operators, who see every school, and of anybody: `tests/console.rs`.
        row("get /api/v1/audit", "school:write", None),
        row("get /api/v1/audit/csv", "school:write", None),
        open("get /api/v1/current-notices"),
        operators("get /api/v1/notices"),
        open("post /api/v1/notices"),
        open("put /api/v1/notices/{id}"),
        open("delete /api/v1/notices/{id}"),
    ]
}

pub fn sign_in_provider() -> Value {
    json!({"issuer": "https://id.example", "client_id": "c", "client_secret": "s", "label": {"de": "A", "en": "B"}})
}

pub fn platform(client_id: &str) -> Value {
    json!({"issuer": "https://moodle.example", "client_id": client_id, "deployment_ids": ["1"], "jwks_uri": "https://moodle.example/certs.php",
        "authorization_endpoint": "https://moodle.example/auth.php", "token_endpoint": "https://moodle.example/token.php"})
}
