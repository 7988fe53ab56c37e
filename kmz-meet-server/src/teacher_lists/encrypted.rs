//! Workbooks with a password ([MS-OFFCRYPTO] 2.3.4): agile encryption, which Office and LibreOffice write, and standard
//! encryption, which Office 2007 wrote.
//!
//! The container is a compound file ([MS-CFB]). What the file says of its sizes, its algorithms and the work that the
//! password shall cost is bounded before it is believed.

mod agile;
mod cipher;
mod container;
mod standard;

use super::{MAX_PASSWORD_CHARS, Refusal};
use cipher::Password;

/// What Excel takes for a workbook that anybody may read, but not change.
const NO_PASSWORD: &str = "VelvetSweatshop";

/// The workbook inside, a package.
pub fn open(bytes: &[u8], password: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let (info, package) = container::streams(bytes)?;
    let version = info.get(..4).ok_or(Refusal::Damaged)?;
    let decrypt = |password: &str| -> Result<Vec<u8>, Refusal> {
        let password = Password::new(password);
        match version {
            [4, 0, 4, 0] => agile::decrypt(&info, &package, &password),
            [2..=4, 0, 2, 0] => standard::decrypt(&info, &package, &password),
            _ => Err(Refusal::UnknownEncryption),
        }
    };
    match password.filter(|password| !password.is_empty()) {
        Some(password) if password.chars().count() > MAX_PASSWORD_CHARS => {
            Err(Refusal::WrongPassword)
        }
        Some(password) => decrypt(password),
        None => decrypt(NO_PASSWORD).map_err(|refusal| match refusal {
            Refusal::WrongPassword => Refusal::PasswordNeeded,
            other => other,
        }),
    }
}
