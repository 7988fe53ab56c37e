//! What only operators of the service may do.

use crate::auth::{Caller, Who};
use crate::http::Problem;
use crate::store::{User, UserRole};

/// The operator who calls. A role that was taken away ends here: it is read with every request.
///
/// # Errors
/// `not_permitted` for everybody else.
pub fn operator(caller: &Caller) -> Result<&User, Problem> {
    match &caller.who {
        Who::User(user) if user.role == UserRole::Operator => Ok(user),
        _ => Err(Problem::not_operator()),
    }
}
