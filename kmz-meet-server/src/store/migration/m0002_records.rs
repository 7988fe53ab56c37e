//! What integrations keep: documents with the few columns that are searched (ADR 5).

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string, string_null, text};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0002_records"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("records")
            .col(string("id").primary_key())
            .col(string("kind"))
            .col(string_null("school_id"))
            .col(string_null("parent"))
            .col(string_null("key"))
            .col(big_integer_null("due_at"))
            .col(big_integer_null("expires_at"))
            .col(big_integer("created_at"))
            .col(text("data"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("school_id")
                    .to("schools", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(table).await?;
        let key = Index::create()
            .name("records_key")
            .table("records")
            .col("kind")
            .col("key")
            .unique()
            .to_owned();
        manager.create_index(key).await?;
        let searched: [(&str, &[&str]); 3] = [
            ("records_school", &["kind", "school_id", "id"]),
            ("records_due", &["kind", "due_at"]),
            ("records_expires", &["expires_at"]),
        ];
        for (name, columns) in searched {
            let mut index = Index::create().name(name).table("records").to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
