//! Passkeys: public keys by which people confirm that it is them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string, text};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0017_passkeys"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let passkeys = Table::create()
            .table("passkeys")
            .col(string("id").primary_key())
            .col(string("user_id"))
            .col(text("credential_id"))
            .col(string("name"))
            .col(big_integer("transports"))
            .col(text("public_key"))
            .col(string("state"))
            .col(big_integer("created_at"))
            .col(big_integer_null("used_at"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("user_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(passkeys).await?;
        let credential = Index::create()
            .name("passkeys_credential")
            .table("passkeys")
            .col("credential_id")
            .unique()
            .to_owned();
        manager.create_index(credential).await?;
        let of_user = Index::create()
            .name("passkeys_user")
            .table("passkeys")
            .col("user_id")
            .col("id")
            .to_owned();
        manager.create_index(of_user).await
    }
}
