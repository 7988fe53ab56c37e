//! How the tables came to be, step by step. A step that was released is never changed.

mod m0001_first;
mod m0002_records;
mod m0003_room_version;
mod m0004_accounts;
mod m0005_tables;
mod m0006_self_tests;
mod m0007_contracts;
mod m0008_mail;
mod m0009_teachers;
mod m0010_sealed_drops;
mod m0011_single_sign_on;
mod m0012_console;
mod m0015_persons;
mod m0016_answers;
mod m0017_passkeys;
mod m0019_class_lists;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first::Migration),
            Box::new(m0002_records::Migration),
            Box::new(m0003_room_version::Migration),
            Box::new(m0004_accounts::Migration),
            Box::new(m0005_tables::Migration),
            Box::new(m0006_self_tests::Migration),
            Box::new(m0007_contracts::Migration),
            Box::new(m0008_mail::Migration),
            Box::new(m0009_teachers::Migration),
            Box::new(m0010_sealed_drops::Migration),
            Box::new(m0011_single_sign_on::Migration),
            Box::new(m0012_console::Migration),
            Box::new(m0015_persons::Migration),
            Box::new(m0016_answers::Migration),
            Box::new(m0017_passkeys::Migration),
            Box::new(m0019_class_lists::Migration),
        ]
    }
}
