//! The command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kmz_meet_server::config::Config;
use kmz_meet_server::{api, logging, serve};

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
    /// About the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the description of the REST API
    Openapi,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say whether the configuration is right, without starting
    Check,
}

/// Read when no other file is named.
const DEFAULT_FILE: &str = "kmz-meet.toml";

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
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

fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    match arguments.command {
        Command::Serve { demo } => {
            let config = load(arguments.config)?;
            logging::start(&config);
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            let result = runtime.block_on(serve::serve(config, demo));
            // Work in the background must not hold up the end.
            runtime.shutdown_background();
            Ok(result?)
        }
        Command::Config(ConfigCommand::Check) => {
            load(arguments.config)?;
            println!("The configuration is right.");
            Ok(())
        }
        Command::Openapi => {
            print!("{}", api::openapi());
            Ok(())
        }
    }
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
