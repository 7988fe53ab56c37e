//! What has a shape of its own gets a table: API keys, webhooks, deliveries, LTI platforms, attendance. Until now each of
//! them was a document in `records`; the documents are copied and deleted.
//!
//! All of it is one transaction with the note that it is done: a server that is killed meanwhile begins anew. What the
//! documents look like is written down here, not taken from today's types, and a field that a document of an older version
//! does not have gets what it meant then.

mod copy;
mod tables;

use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Also with SQLite, which does not do so by itself.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tables::create(manager).await?;
        copy::all(manager).await?;
        // After the platforms are gone from there: the index of PostgreSQL takes no text of any length, as issuers were.
        let parent = Index::create()
            .name("records_parent")
            .table("records")
            .col("kind")
            .col("parent")
            .col("id")
            .to_owned();
        manager.create_index(parent).await
    }
}
