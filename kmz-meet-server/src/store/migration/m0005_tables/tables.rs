//! The new tables and their indexes.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, string, string_null, text, text_null,
};

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for table in [
        api_keys(),
        webhooks(),
        deliveries(),
        platforms(),
        attendance(),
        attendance_rows(),
    ] {
        manager.create_table(table).await?;
    }
    let searched: [(&str, &str, &[&str]); 12] = [
        ("api_keys_school", "api_keys", &["school_id", "id"]),
        ("api_keys_expires", "api_keys", &["expires_at"]),
        ("webhooks_school", "webhooks", &["school_id", "id"]),
        ("deliveries_webhook", "deliveries", &["webhook_id", "id"]),
        ("deliveries_room", "deliveries", &["room_id"]),
        ("deliveries_due", "deliveries", &["due_at"]),
        ("deliveries_expires", "deliveries", &["expires_at"]),
        ("deliveries_school", "deliveries", &["school_id"]),
        (
            "lti_platforms_school",
            "lti_platforms",
            &["school_id", "id"],
        ),
        ("lti_platforms_issuer", "lti_platforms", &["issuer_hash"]),
        ("attendance_room", "attendance", &["room_id", "id"]),
        ("attendance_expires", "attendance", &["expires_at"]),
    ];
    for (name, table, columns) in searched {
        let mut index = Index::create().name(name).table(table).to_owned();
        for column in columns {
            index.col(*column);
        }
        manager.create_index(index).await?;
    }
    Ok(())
}

/// A table of things that a school has, and that go with it.
fn of_school(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(string("id").primary_key())
        .col(string("school_id"))
        .col(big_integer("created_at"))
        .foreign_key(
            ForeignKey::create()
                .from_col("school_id")
                .to("schools", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn api_keys() -> TableCreateStatement {
    of_school("api_keys")
        .col(text("name"))
        .col(text("scopes"))
        .col(big_integer_null("expires_at"))
        .to_owned()
}

fn webhooks() -> TableCreateStatement {
    of_school("webhooks")
        .col(text("url"))
        .col(text("events"))
        .col(string("secret"))
        .col(boolean("active"))
        .col(big_integer("version").default(0))
        .to_owned()
}

fn deliveries() -> TableCreateStatement {
    // No foreign keys but the school's: a webhook and a room may be deleted while something is left for them.
    of_school("deliveries")
        .col(string_null("webhook_id"))
        .col(string_null("room_id"))
        .col(string_null("key").unique_key())
        .col(string("event"))
        .col(string("method"))
        .col(text("url"))
        .col(text("headers"))
        .col(text_null("body"))
        .col(string("state"))
        .col(big_integer("attempts"))
        .col(big_integer_null("last_status"))
        .col(text_null("last_error"))
        .col(big_integer_null("last_at"))
        .col(big_integer_null("due_at"))
        .col(big_integer_null("expires_at"))
        .to_owned()
}

fn platforms() -> TableCreateStatement {
    of_school("lti_platforms")
        .col(text("name"))
        .col(text("issuer"))
        .col(string("issuer_hash"))
        .col(string_null("key").unique_key())
        .col(text("client_id"))
        .col(text("deployment_ids"))
        .col(text("authorization_endpoint"))
        .col(text("token_endpoint"))
        .col(text("jwks_uri"))
        .col(string("state"))
        .col(text("page_origins"))
        .col(boolean("proven"))
        .col(boolean("named_only"))
        .col(text_null("audience"))
        .col(big_integer("version").default(0))
        .to_owned()
}

fn attendance() -> TableCreateStatement {
    // A lesson may end while its room is deleted, so no foreign key to rooms.
    of_school("attendance")
        .col(string_null("room_id"))
        .col(string("conference_id").unique_key())
        .col(big_integer("started_at"))
        .col(big_integer("ended_at"))
        .col(big_integer_null("graded_at"))
        .col(big_integer_null("expires_at"))
        .to_owned()
}

fn attendance_rows() -> TableCreateStatement {
    Table::create()
        .table("attendance_rows")
        .col(string("attendance_id"))
        .col(big_integer("number"))
        .col(text_null("user_id"))
        .col(text("name"))
        .col(boolean("moderator"))
        .col(boolean("listed"))
        .col(big_integer("first_at"))
        .col(big_integer("last_at"))
        .col(big_integer("measured_minutes"))
        .col(big_integer_null("corrected_minutes"))
        .col(big_integer("version").default(0))
        .primary_key(Index::create().col("attendance_id").col("number"))
        .foreign_key(
            ForeignKey::create()
                .from_col("attendance_id")
                .to("attendance", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}
