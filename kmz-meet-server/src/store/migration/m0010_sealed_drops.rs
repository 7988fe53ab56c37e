//! Keys of operators, and the lists that schools hand over sealed to them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, blob, integer, string, string_null, text,
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0010_sealed_drops"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = Table::create()
            .table("operator_keys")
            .col(string("id").primary_key())
            .col(string("label"))
            .col(string("recipient").unique_key())
            .col(text("identity"))
            .col(big_integer("created_at"))
            .col(string("created_by"))
            .col(big_integer_null("retired_at"))
            .to_owned();
        manager.create_table(keys).await?;
        let drops = Table::create()
            .table("sealed_drops")
            .col(string("id").primary_key())
            .col(string("school_id"))
            .col(string("token_hash").unique_key())
            .col(string("created_by"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(integer("tries").default(0))
            .col(big_integer_null("uploaded_at"))
            .col(big_integer("size").default(0))
            .col(text("keys"))
            .col(big_integer_null("closed_at"))
            .col(string_null("closed"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("school_id")
                    .to("schools", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(drops).await?;
        // Apart, so that nobody who lists drops reads megabytes.
        let contents = Table::create()
            .table("sealed_drop_contents")
            .col(string("drop_id").primary_key())
            .col(blob("ciphertext"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("drop_id")
                    .to("sealed_drops", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(contents).await?;
        for (name, column) in [
            ("sealed_drops_school", "school_id"),
            ("sealed_drops_expires", "expires_at"),
        ] {
            let index = Index::create()
                .name(name)
                .table("sealed_drops")
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
