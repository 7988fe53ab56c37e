//! Results of self tests, and how many tests of each school reached what.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, string_null, text};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_self_tests"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let results = Table::create()
            .table("self_test_results")
            .col(string("code").primary_key())
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(text("data"))
            .to_owned();
        manager.create_table(results).await?;
        let counts = Table::create()
            .table("self_test_counts")
            .col(string("id").primary_key())
            .col(string_null("school_id"))
            .col(string("month"))
            .col(big_integer("direct").default(0))
            .col(big_integer("relay").default(0))
            .col(big_integer("nothing").default(0))
            .col(big_integer("expires_at"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("school_id")
                    .to("schools", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(counts).await?;
        for (name, table, column) in [
            (
                "self_test_results_created",
                "self_test_results",
                "created_at",
            ),
            (
                "self_test_results_expires",
                "self_test_results",
                "expires_at",
            ),
            ("self_test_counts_school", "self_test_counts", "school_id"),
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
