//! The command line.
//!
//! It is part of the library, so that the server's asynchronous code is compiled once: a program that awaits it compiles it again.

mod accounts;
mod contracts;
mod privacy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use accounts::{AccountRole, KeyCommand, SessionCommand, key, session};
use clap::{Parser, Subcommand};
use contracts::{ContractCommand, contract};
use privacy::{PrivacyCommand, privacy};

use crate::admin::{Admin, AdminError};
use crate::capacity::{CLASS, Measured};
use crate::config::Config;
use crate::data_dir::Finding;
use crate::teacher_imports::command::{self, Wanted};
use crate::{api, backup, capacity, clock, data_dir, logging, mail, probe, serve};

/// Video conferences for schools.
#[derive(Parser)]
#[command(name = "kmz-meet", version)]
struct Arguments {
    /// The configuration file; every key in it can also be set as KMZ_MEET_...
    #[arg(long, global = true, env = "KMZ_MEET_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server
    Serve {
        /// Make a demo school, teacher and room
        #[arg(long)]
        demo: bool,
    },
    /// Schools and their API keys
    #[command(subcommand)]
    School(SchoolCommand),
    /// Contracts of schools: the data-processing agreements without which nothing opens
    #[command(subcommand)]
    Contract(ContractCommand),
    /// Accounts of teachers, of schools' administrators and of operators
    #[command(subcommand)]
    Teacher(TeacherCommand),
    /// Where somebody is signed in
    #[command(subcommand)]
    Session(SessionCommand),
    /// API keys of schools
    #[command(subcommand)]
    Key(KeyCommand),
    /// Make accounts of a list of teachers, CSV or XLSX
    Import {
        file: PathBuf,
        /// Name of the school
        #[arg(long)]
        school: String,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
        /// A file whose first line is the password of the list
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Write letters with one-time links into this PDF
        #[arg(long, value_name = "FILE")]
        letters: Option<PathBuf>,
    },
    /// Write a backup: the database, the keys and the files of the data directory, without chat, rosters and sessions
    Backup {
        /// A new file
        file: PathBuf,
        /// Encrypt it to this public key of age, such as age1…; its private key belongs to another place
        #[arg(long, value_name = "KEY")]
        recipient: Option<String>,
    },
    /// Put a backup in the place of what is there, without those who were erased since; stop the server first
    Restore {
        file: PathBuf,
        /// The file of the private key, if the backup is encrypted
        #[arg(long, value_name = "FILE")]
        identity: Option<PathBuf>,
        /// Also where there is a database already
        #[arg(long)]
        replace: bool,
    },
    /// Papers on data protection and accessibility, and the report that checks them
    #[command(subcommand)]
    Privacy(PrivacyCommand),
    /// About the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Measure how many classes this machine carries, and keep to it from the next start on
    Capacity,
    /// Test the network between this machine and a server: its page, every UDP port for media, and the relay
    ///
    /// Exit codes: 0, the direct way is open; 2, only the relay on the port of the page; 3, only the page; 4, not even that;
    /// 1, nothing could be tried.
    Probe {
        /// Such as meet.example.org, or http://localhost:8080
        host: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Trust the authorities in this PEM file, too
        #[arg(long, value_name = "FILE")]
        authorities: Option<PathBuf>,
    },
    /// Print the description of the REST API
    Openapi,
}

#[derive(Subcommand)]
enum SchoolCommand {
    /// Make a school; prints its first API key, or what comes next before it gets one
    Add {
        name: String,
        /// The school has signed the data-processing agreement, and the paper is in your files
        #[arg(long)]
        contract_signed: bool,
    },
    /// Print all schools and how their contracts stand
    List,
    /// Make another API key of a school, with every scope; prints it
    Key {
        /// Name of the school
        school: String,
    },
    /// Print how many self tests reached what, by month and school
    Tests,
    /// Set the time zone in which a school's times are told; prints it
    TimeZone {
        /// Name of the school
        school: String,
        /// Name of the IANA database, such as Europe/Berlin
        zone: String,
    },
}

#[derive(Subcommand)]
enum TeacherCommand {
    /// Make an account; prints the password
    Add {
        username: String,
        /// As others see it, such as "Frau Beispiel"
        #[arg(long)]
        name: String,
        /// Name of the school
        #[arg(long)]
        school: String,
        #[arg(long, value_enum, default_value = "teacher")]
        role: AccountRole,
    },
    /// Make a new password and end all sessions; prints the password
    Password { username: String },
    /// End all sessions
    Sessions { username: String },
    /// Remove the second factor of somebody who lost it
    SecondFactorOff { username: String },
    /// Lock an account: it is signed out everywhere and out of running conferences; its rooms stay
    Lock { username: String },
    /// Unlock an account
    Unlock { username: String },
    /// Remove an account
    Remove {
        username: String,
        /// Its rooms, too; what runs in them ends
        #[arg(long)]
        with_rooms: bool,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say whether the configuration is right, without starting
    Check,
}

/// Read when no other file is named.
const DEFAULT_FILE: &str = "kmz-meet.toml";
/// Of a report in which some point does not hold.
const DOES_NOT_HOLD: u8 = 2;

/// Runs what the command line asks for, to its end.
pub fn main() -> ExitCode {
    // Before anything is made, whatever is asked for.
    data_dir::make_only_private_files();
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            // One line, whatever a library put into its message.
            let line = error
                .to_string()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            eprintln!("kmz-meet: {line}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match arguments.command {
        Command::Serve { demo } => {
            let config = load(arguments.config)?;
            logging::start(&config);
            let runtime = runtime()?;
            let result = runtime.block_on(serve::serve(config, demo));
            // Work in the background must not hold up the end.
            runtime.shutdown_background();
            result?;
        }
        Command::School(command) => {
            administer(arguments.config, async |admin| school(admin, command).await)?;
        }
        Command::Contract(command) => {
            administer(arguments.config, async |admin| {
                contract(admin, command).await
            })?;
        }
        Command::Teacher(command) => {
            administer(arguments.config, async |admin| {
                teacher(admin, command).await
            })?;
        }
        Command::Session(command) => {
            administer(arguments.config, async |admin| {
                session(admin, command).await
            })?;
        }
        Command::Key(command) => {
            administer(arguments.config, async |admin| key(admin, command).await)?;
        }
        Command::Import {
            file,
            school,
            dry_run,
            password_file,
            letters,
        } => {
            let config = load(arguments.config)?;
            let wanted = Wanted {
                file: &file,
                password_file: password_file.as_deref(),
                school: &school,
                dry_run,
                letters: letters.as_deref(),
            };
            let said = runtime()?.block_on(import(&config, &wanted))?;
            println!("{said}");
        }
        Command::Backup { file, recipient } => {
            let config = load(arguments.config)?;
            let (now, recipient) = (clock::system().now(), recipient.as_deref());
            let said = runtime()?.block_on(backup::backup(&config, &file, recipient, now))?;
            println!("{said}");
        }
        Command::Restore {
            file,
            identity,
            replace,
        } => {
            let config = load(arguments.config)?;
            let (now, identity) = (clock::system().now(), identity.as_deref());
            let restored = backup::restore(&config, &file, identity, replace, now);
            let restored = runtime()?.block_on(restored)?;
            println!(
                "The backup of {} is in place. Accounts in it that were erased since, and are erased again: {}.",
                clock::rfc3339(restored.made_at),
                restored.erased
            );
        }
        Command::Privacy(command) => {
            let config = load(arguments.config)?;
            let (said, holds) = runtime()?.block_on(privacy(&config, command))?;
            println!("{}", said.trim_end());
            if !holds {
                return Ok(ExitCode::from(DOES_NOT_HOLD));
            }
        }
        Command::Config(ConfigCommand::Check) => {
            let config = load(arguments.config)?;
            let mut starts = true;
            for finding in data_dir::examine(&config.data_dir) {
                match finding {
                    Finding::Mendable(what) => eprintln!("kmz-meet: warning: {what}"),
                    Finding::Fatal(why) => {
                        eprintln!("kmz-meet: {why}");
                        starts = false;
                    }
                }
            }
            if let Some(mail) = &config.mail {
                let templates = mail::examine(&config.data_dir)
                    .into_iter()
                    .map(|wrong| format!("a template of mails cannot be used: {wrong}"));
                let server = mail::check(mail).err().map(|error| error.to_string());
                for why in templates.chain(server) {
                    eprintln!("kmz-meet: {why}");
                    starts = false;
                }
            }
            if !starts {
                return Err("the server does not start with this configuration".into());
            }
            println!("The configuration is right.");
        }
        Command::Capacity => {
            let config = load(arguments.config)?;
            println!("{}", runtime()?.block_on(measured_capacity(&config))?);
        }
        Command::Openapi => {
            print!("{}", api::openapi());
        }
        Command::Probe {
            host,
            json,
            authorities,
        } => {
            let wanted = probe::Wanted {
                host: &host,
                authorities: authorities.as_deref(),
                json,
            };
            return Ok(runtime()?.block_on(probe::run(wanted))?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens what the server with this configuration uses, does one thing with it, and prints what it says.
fn administer(
    file: Option<PathBuf>,
    command: impl AsyncFnOnce(&Admin) -> Result<String, AdminError>,
) -> Result<(), Box<dyn std::error::Error>> {
    let config = load(file)?;
    let said = runtime()?.block_on(async {
        let admin = Admin::open(&config).await?;
        command(&admin).await
    })?;
    println!("{}", said.trim_end());
    Ok(())
}

/// Gives what is printed.
async fn school(admin: &Admin, command: SchoolCommand) -> Result<String, AdminError> {
    match command {
        SchoolCommand::Add {
            name,
            contract_signed,
        } => admin.add_school(&name, contract_signed).await,
        SchoolCommand::List => admin.list_schools().await,
        SchoolCommand::Key { school } => admin.add_key(&school).await,
        SchoolCommand::Tests => admin.self_test_counts().await,
        SchoolCommand::TimeZone { school, zone } => admin.set_time_zone(&school, &zone).await,
    }
}

/// Gives what is printed.
async fn import(
    config: &Config,
    wanted: &Wanted<'_>,
) -> Result<String, Box<dyn std::error::Error>> {
    let admin = Admin::open(config).await?;
    let url = config.public_url_at(config.listen.port());
    let clock = clock::system();
    Ok(command::import(admin.store(), &*clock, &url, wanted).await?)
}

/// Measures and keeps the capacity. Gives what is printed.
async fn measured_capacity(config: &Config) -> Result<String, Box<dyn std::error::Error>> {
    data_dir::open(&config.data_dir)?;
    let measured = capacity::measure(config.media_threads).await?;
    measured.write(&config.data_dir)?;
    let Measured {
        classes,
        nanos_per_packet,
        packets_per_second_of_class,
        bits_per_second_of_class,
        media_threads,
        cores,
    } = measured;
    let (people, class) = (measured.people(), CLASS);
    let (threads, of_threads) = if media_threads == 1 {
        ("thread", "thread's")
    } else {
        ("threads", "threads'")
    };
    let micros = nanos_per_packet as f64 / 1_000.0;
    let megabits = bits_per_second_of_class.div_ceil(1_000_000);
    let network = u64::from(classes) * megabits;
    let limit = match config.max_people {
        None => format!(
            "From its next start on, the server keeps below {people} people. `max_people` sets another limit, or none."
        ),
        Some(0) => "The server has no limit, because `max_people` is 0.".to_owned(),
        Some(set) => format!("The server keeps below {set} people, because `max_people` says so."),
    };
    Ok(format!(
        "{classes} classes of {class} ({people} people).\n\n\
         Measured: a class of {class} on loopback, and the media {of_threads} time for each packet that one of the {class} received: \
         {micros:.1} µs, {media_threads} media {threads} on {cores} cores.\n\
         A class is one large picture, eight small ones and three voices for everybody else: {packets_per_second_of_class} \
         packets a second.\n\
         The network is not measured: a class needs {megabits} Mbit/s from the server, all of them {network} Mbit/s.\n\n\
         {limit}"
    ))
}

/// Gives what is printed.
async fn teacher(admin: &Admin, command: TeacherCommand) -> Result<String, AdminError> {
    match command {
        TeacherCommand::Add {
            username,
            name,
            school,
            role,
        } => {
            admin
                .add_teacher(&school, (&username, &name), role.into())
                .await
        }
        TeacherCommand::Password { username } => admin.reset_password(&username).await,
        TeacherCommand::Sessions { username } => {
            let ended = admin.end_sessions(&username).await?;
            Ok(format!(
                "{username} is signed out everywhere ({ended} sessions)."
            ))
        }
        TeacherCommand::SecondFactorOff { username } => {
            admin.remove_second_factor(&username).await?;
            Ok(format!(
                "{username} signs in by the password alone, until a new second factor is set up."
            ))
        }
        TeacherCommand::Lock { username } => {
            admin.set_locked(&username, true).await?;
            Ok(format!("{username} is locked."))
        }
        TeacherCommand::Unlock { username } => {
            admin.set_locked(&username, false).await?;
            Ok(format!("{username} may sign in again."))
        }
        TeacherCommand::Remove {
            username,
            with_rooms,
        } => {
            admin.remove_teacher(&username, with_rooms).await?;
            Ok(format!("{username} is removed."))
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

fn load(file: Option<PathBuf>) -> Result<Config, Box<dyn std::error::Error>> {
    let file = file.or_else(|| {
        Path::new(DEFAULT_FILE)
            .is_file()
            .then(|| DEFAULT_FILE.into())
    });
    let variables = std::env::vars_os().filter_map(|(key, value)| {
        // Foreign variables may be anything.
        Some((
            key.into_string().ok()?,
            value.to_string_lossy().into_owned(),
        ))
    });
    Ok(Config::load(file.as_deref(), variables)?)
}
