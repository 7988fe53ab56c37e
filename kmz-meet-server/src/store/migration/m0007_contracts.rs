//! The contract of a school: until when it holds, how it came to be, and the signed documents, which are stored encrypted.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary, string, string_null, text};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_contracts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column at a time: SQLite takes no more.
        let columns = [
            big_integer_null("valid_until"),
            text("domains").default("[]").to_owned(),
        ];
        for column in columns {
            let table = Table::alter()
                .table("schools")
                .add_column(column)
                .to_owned();
            manager.alter_table(table).await?;
        }
        let of_school = || {
            ForeignKey::create()
                .from_col("school_id")
                .to("schools", "id")
                .on_delete(ForeignKeyAction::Cascade)
                .to_owned()
        };
        let documents = Table::create()
            .table("contract_documents")
            .col(string("id").primary_key())
            .col(string("school_id"))
            .col(big_integer("created_at"))
            .col(string("sha256"))
            .col(string("media_type"))
            .col(big_integer("size"))
            .col(binary("ciphertext"))
            .foreign_key(&mut of_school())
            .to_owned();
        manager.create_table(documents).await?;
        let changes = Table::create()
            .table("contract_changes")
            .col(string("id").primary_key())
            .col(string("school_id"))
            .col(big_integer("created_at"))
            .col(string("changed_by"))
            .col(string("state"))
            .col(string_null("signer"))
            .col(string_null("signed_on"))
            .col(big_integer_null("valid_until"))
            .col(string_null("document_id"))
            .col(string_null("document_sha256"))
            .col(string_null("note"))
            .foreign_key(&mut of_school())
            .to_owned();
        manager.create_table(changes).await?;
        for (name, table, column) in [
            (
                "contract_documents_school",
                "contract_documents",
                "school_id",
            ),
            ("contract_changes_school", "contract_changes", "school_id"),
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
