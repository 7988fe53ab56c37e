//! Which account is whose at which provider of sign-ins.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0011_single_sign_on"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let links = Table::create()
            .table("sign_in_links")
            .col(string("id").primary_key())
            .col(string("provider_id"))
            .col(string("subject"))
            .col(string("user_id"))
            .col(big_integer("made").default(0))
            .col(big_integer("created_at"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("user_id")
                    .to("users", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .to_owned();
        manager.create_table(links).await?;
        // A subject is one account, and an account is one subject of a provider.
        for (name, second) in [
            ("sign_in_links_subject", "subject"),
            ("sign_in_links_account", "user_id"),
        ] {
            let index = Index::create()
                .name(name)
                .table("sign_in_links")
                .col("provider_id")
                .col(second)
                .unique()
                .to_owned();
            manager.create_index(index).await?;
        }
        let of_user = Index::create()
            .name("sign_in_links_user")
            .table("sign_in_links")
            .col("user_id")
            .to_owned();
        manager.create_index(of_user).await
    }
}
