//! What the console shows: notices, the log of administrators' actions, launches that failed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string, string_null, text};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0012_console"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let notices = Table::create()
            .table("notices")
            .col(string("id").primary_key())
            .col(string("kind"))
            .col(text("text_de"))
            .col(text("text_en"))
            .col(big_integer("from_at"))
            .col(big_integer_null("until_at"))
            .col(big_integer("created_at"))
            .to_owned();
        manager.create_table(notices).await?;
        // Without a foreign key: what was done stays known when the school or the account is gone.
        let audit = Table::create()
            .table("audit")
            .col(string("id").primary_key())
            .col(big_integer("created_at"))
            .col(string_null("school_id"))
            .col(string("actor_kind"))
            .col(string("actor_id"))
            .col(string("actor_name"))
            .col(string("action"))
            .col(string("target"))
            .to_owned();
        manager.create_table(audit).await?;
        let failures = Table::create()
            .table("launch_failures")
            .col(string("platform_id"))
            .col(string("code"))
            .col(big_integer("count"))
            .col(big_integer("last_at"))
            .primary_key(Index::create().col("platform_id").col("code"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("platform_id")
                    .to("lti_platforms", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(failures).await?;
        for (name, table, column) in [
            ("notices_until", "notices", "until_at"),
            ("audit_created", "audit", "created_at"),
            ("audit_school", "audit", "school_id"),
            ("launch_failures_last", "launch_failures", "last_at"),
        ] {
            let index = Index::create()
                .name(name)
                .table(table)
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
