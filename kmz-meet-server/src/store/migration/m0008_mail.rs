//! Mails that wait or were sent, one-time links, second factors; people have an address, and sessions that only set up a
//! second factor are told apart.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, string, string_null, text, text_null,
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0008_mail"
    }
}

fn of_user() -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from_col("user_id")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column at a time: SQLite takes no more.
        let columns = [
            ("users", string_null("email")),
            ("users", big_integer("created_at").default(0).to_owned()),
            ("sessions", big_integer("limited").default(0).to_owned()),
        ];
        for (table, column) in columns {
            let table = Table::alter().table(table).add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        let mails = Table::create()
            .table("mails")
            .col(string("id").primary_key())
            .col(string_null("school_id"))
            .col(string_null("user_id"))
            .col(string("kind"))
            .col(string("recipient"))
            .col(text_null("content"))
            .col(big_integer("urgency").default(0))
            .col(string("state"))
            .col(big_integer("attempts").default(0))
            .col(big_integer_null("last_status"))
            .col(text_null("last_error"))
            .col(big_integer_null("last_at"))
            .col(big_integer_null("due_at"))
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"))
            .foreign_key(
                ForeignKey::create()
                    .from_col("school_id")
                    .to("schools", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            )
            .foreign_key(&mut of_user())
            .to_owned();
        let links = Table::create()
            .table("one_time_links")
            .col(string("token_hash").primary_key())
            .col(string("user_id"))
            .col(string("purpose"))
            .col(string_null("address"))
            .col(big_integer("created_at"))
            .col(big_integer("expires_at"))
            .col(big_integer_null("used_at"))
            .foreign_key(&mut of_user())
            .to_owned();
        let factors = Table::create()
            .table("second_factors")
            .col(string("user_id").primary_key())
            .col(text("secret"))
            .col(big_integer("created_at"))
            .col(big_integer_null("confirmed_at"))
            .col(big_integer("last_step").default(0))
            .col(big_integer("failures").default(0))
            .col(big_integer("next_at").default(0))
            .foreign_key(&mut of_user())
            .to_owned();
        let codes = Table::create()
            .table("recovery_codes")
            .col(string("code_hash").primary_key())
            .col(string("user_id"))
            .foreign_key(&mut of_user())
            .to_owned();
        for table in [mails, links, factors, codes] {
            manager.create_table(table).await?;
        }
        let email = Index::create()
            .name("users_email")
            .table("users")
            .col("email")
            .unique()
            .to_owned();
        manager.create_index(email).await?;
        for (name, table, columns) in [
            ("mails_due", "mails", ["due_at", "id"]),
            ("mails_expires", "mails", ["expires_at", "id"]),
            ("mails_recipient", "mails", ["recipient", "created_at"]),
            ("mails_school", "mails", ["school_id", "id"]),
            ("mails_user", "mails", ["user_id", "id"]),
            (
                "one_time_links_user",
                "one_time_links",
                ["user_id", "purpose"],
            ),
            (
                "one_time_links_expires",
                "one_time_links",
                ["expires_at", "token_hash"],
            ),
            (
                "recovery_codes_user",
                "recovery_codes",
                ["user_id", "code_hash"],
            ),
        ] {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
