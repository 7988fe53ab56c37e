//! `house`: the floors. `house words`: the names; with `--report` it counts and never fails.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use house::{Unreadable, floors, words};

const USAGE: &str = "usage: house [words [--report]] [--root FOLDER]";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Unreadable> {
    let mut root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut is_words, mut is_report) = (false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "words" => is_words = true,
            "--report" => is_report = true,
            "--root" => {
                let folder = arguments.next();
                root = folder
                    .map(PathBuf::from)
                    .ok_or_else(|| Unreadable(USAGE.to_owned()))?;
            }
            _ => return Err(Unreadable(USAGE.to_owned())),
        }
    }
    if is_words {
        check_words(&root, is_report)
    } else {
        check_floors(&root)
    }
}

fn check_floors(root: &Path) -> Result<bool, Unreadable> {
    let report = floors::check(root)?;
    print!("{}", report.floors);
    for problem in &report.problems {
        eprintln!("{problem}");
    }
    if !report.problems.is_empty() {
        let count = report.problems.len();
        eprintln!(
            "{count} problems: a module uses lower floors only ({})",
            floors::PAGE
        );
    }
    Ok(report.problems.is_empty())
}

fn check_words(root: &Path, is_report: bool) -> Result<bool, Unreadable> {
    let found = words::check(root)?;
    if is_report {
        print!("{}", words::summary(&found));
        println!("{} names contain a retired word", found.len());
        return Ok(true);
    }
    for one in &found {
        eprintln!("{one}");
    }
    if !found.is_empty() {
        eprintln!(
            "{} names contain a retired word ({})",
            found.len(),
            words::PAGE
        );
    }
    Ok(found.is_empty())
}
