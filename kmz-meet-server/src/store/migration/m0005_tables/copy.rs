//! Copies the documents. One that cannot be read stays where it is, and is named in the log: it was of no use before either.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{ConnectionTrait, QueryResult};
use sea_orm_migration::prelude::*;
use serde_json::Value;

/// Documents that are read at a time.
const PAGE: u64 = 200;

/// A document and its columns.
struct Document {
    id: String,
    school: String,
    parent: Option<String>,
    key: Option<String>,
    due_at: Option<i64>,
    expires_at: Option<i64>,
    created_at: i64,
    data: Value,
}

/// The rows of one document: table, columns, values. The first one is the document's own.
type Rows = Vec<(&'static str, Vec<(&'static str, Expr)>)>;

/// What becomes of a document; nothing if it is damaged.
type ToRows = fn(&Document) -> Option<Rows>;

pub(super) async fn all(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let kinds: [(&str, ToRows); 5] = [
        ("api_key", api_key),
        ("webhook", webhook),
        ("delivery", delivery),
        ("lti_platform", platform),
        ("attendance", attendance),
    ];
    for (kind, rows) in kinds {
        copy(manager, kind, rows).await?;
    }
    Ok(())
}

async fn copy(manager: &SchemaManager<'_>, kind: &str, rows: ToRows) -> Result<(), DbErr> {
    let database = manager.get_connection();
    let mut after = String::new();
    loop {
        let page = Query::select()
            .columns([
                "id",
                "school_id",
                "parent",
                "key",
                "due_at",
                "expires_at",
                "created_at",
                "data",
            ])
            .from("records")
            .and_where(Expr::col("kind").eq(kind))
            .and_where(Expr::col("id").gt(after.as_str()))
            .order_by("id", Order::Asc)
            .limit(PAGE)
            .to_owned();
        let page = database.query_all(&page).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.try_get("", "id")?;
        let mut copied = Vec::new();
        for row in &page {
            let id: String = row.try_get("", "id")?;
            let is_copied = match read(row)?.as_ref().and_then(rows) {
                Some(rows) => insert(manager, rows).await?,
                None => false,
            };
            if is_copied {
                copied.push(id);
            } else {
                tracing::error!(%kind, %id, "a damaged document is left in the table 'records'");
            }
        }
        let done = Query::delete()
            .from_table("records")
            .and_where(Expr::col("id").is_in(copied))
            .to_owned();
        database.execute(&done).await?;
    }
}

fn read(row: &QueryResult) -> Result<Option<Document>, DbErr> {
    let data: String = row.try_get("", "data")?;
    let school: Option<String> = row.try_get("", "school_id")?;
    let (Some(school), Ok(data)) = (school, serde_json::from_str(&data)) else {
        return Ok(None);
    };
    Ok(Some(Document {
        id: row.try_get("", "id")?,
        school,
        parent: row.try_get("", "parent")?,
        key: row.try_get("", "key")?,
        due_at: row.try_get("", "due_at")?,
        expires_at: row.try_get("", "expires_at")?,
        created_at: row.try_get("", "created_at")?,
        data,
    }))
}

/// Says whether there was room for the first of them: something unique may be there already.
async fn insert(manager: &SchemaManager<'_>, rows: Rows) -> Result<bool, DbErr> {
    let database = manager.get_connection();
    for (number, (table, row)) in rows.into_iter().enumerate() {
        let (columns, values): (Vec<&'static str>, Vec<Expr>) = row.into_iter().unzip();
        let mut insert = Query::insert();
        insert
            .into_table(table)
            .columns(columns)
            .values_panic(values)
            .on_conflict(OnConflict::new().do_nothing().to_owned());
        let inserted = database.execute(&insert).await?;
        if number == 0 && inserted.rows_affected() == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Document {
    /// The columns that things of a school have in common.
    fn row(&self) -> Vec<(&'static str, Expr)> {
        vec![
            ("id", self.id.clone().into()),
            ("school_id", self.school.clone().into()),
            ("created_at", self.created_at.into()),
        ]
    }
}

/// PostgreSQL holds no NUL in texts; documents had it escaped.
fn text(value: &Value) -> Option<String> {
    Some(value.as_str()?.replace('\0', "\u{fffd}"))
}

/// Null where it is missing, too.
fn optional_text(value: &Value) -> Expr {
    text(value).into()
}

fn optional_number(value: &Value) -> Expr {
    value.as_i64().into()
}

/// A list as JSON; an empty one where it is missing.
fn list(value: &Value) -> Expr {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    serde_json::to_string(list)
        .unwrap_or_else(|_| "[]".to_owned())
        .into()
}

fn flag(value: &Value) -> Expr {
    value.as_bool().unwrap_or(false).into()
}

fn api_key(document: &Document) -> Option<Rows> {
    let data = &document.data;
    let mut row = document.row();
    row.extend([
        ("name", text(&data["name"])?.into()),
        ("scopes", list(&data["scopes"])),
        ("expires_at", document.expires_at.into()),
    ]);
    Some(vec![("api_keys", row)])
}

fn webhook(document: &Document) -> Option<Rows> {
    let data = &document.data;
    let mut row = document.row();
    row.extend([
        ("url", text(&data["url"])?.into()),
        ("events", list(&data["events"])),
        ("secret", text(&data["secret"])?.into()),
        ("active", flag(&data["active"])),
    ]);
    Some(vec![("webhooks", row)])
}

fn delivery(document: &Document) -> Option<Rows> {
    let data = &document.data;
    let mut row = document.row();
    row.extend([
        ("webhook_id", optional_text(&data["webhook"])),
        // Earlier versions did not note the room of one that no webhook signs.
        ("room_id", optional_text(&data["room"])),
        ("key", document.key.clone().into()),
        ("event", text(&data["event"])?.into()),
        ("method", text(&data["method"])?.into()),
        ("url", text(&data["url"])?.into()),
        ("headers", list(&data["headers"])),
        ("body", optional_text(&data["body"])),
        ("state", text(&data["state"])?.into()),
        ("attempts", data["attempts"].as_i64().unwrap_or(0).into()),
        ("last_status", optional_number(&data["last_status"])),
        ("last_error", optional_text(&data["last_error"])),
        ("last_at", optional_number(&data["last_at"])),
        ("due_at", document.due_at.into()),
        ("expires_at", document.expires_at.into()),
    ]);
    Some(vec![("deliveries", row)])
}

fn platform(document: &Document) -> Option<Rows> {
    let data = &document.data;
    let issuer = text(&data["issuer"])?;
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, issuer.as_bytes()));
    let mut row = document.row();
    row.extend([
        ("name", text(&data["name"])?.into()),
        ("issuer", issuer.into()),
        ("issuer_hash", hash.into()),
        ("key", document.key.clone().into()),
        ("client_id", text(&data["client_id"])?.into()),
        ("deployment_ids", list(&data["deployment_ids"])),
        (
            "authorization_endpoint",
            text(&data["authorization_endpoint"])?.into(),
        ),
        ("token_endpoint", text(&data["token_endpoint"])?.into()),
        ("jwks_uri", text(&data["jwks_uri"])?.into()),
        ("state", text(&data["state"])?.into()),
        ("page_origins", list(&data["page_origins"])),
        ("proven", flag(&data["proven"])),
        ("named_only", flag(&data["named_only"])),
        ("audience", optional_text(&data["audience"])),
    ]);
    Some(vec![("lti_platforms", row)])
}

fn attendance(document: &Document) -> Option<Rows> {
    let data = &document.data;
    let mut row = document.row();
    row.extend([
        ("room_id", document.parent.clone().into()),
        ("conference_id", text(&data["conference"])?.into()),
        ("started_at", data["started_at"].as_i64()?.into()),
        ("ended_at", data["ended_at"].as_i64()?.into()),
        ("graded_at", optional_number(&data["graded_at"])),
        ("expires_at", document.expires_at.into()),
    ]);
    let mut rows = vec![("attendance", row)];
    for (number, person) in (0_i64..).zip(data["people"].as_array()?) {
        rows.push((
            "attendance_rows",
            vec![
                ("attendance_id", document.id.clone().into()),
                ("number", number.into()),
                ("user_id", optional_text(&person["user"])),
                ("name", text(&person["name"])?.into()),
                ("moderator", flag(&person["moderator"])),
                ("listed", flag(&person["listed"])),
                ("first_at", person["first_at"].as_i64()?.into()),
                ("last_at", person["last_at"].as_i64()?.into()),
                (
                    "measured_minutes",
                    person["measured_minutes"].as_i64()?.into(),
                ),
                (
                    "corrected_minutes",
                    optional_number(&person["corrected_minutes"]),
                ),
            ],
        ));
    }
    Some(rows)
}
