//! Who calls: sessions, keys and tickets of a request, its address, its origin. What proves it is in `credentials`.

mod address;
mod caller;
mod cookies;
mod origin;
mod session;
mod user_agent;

pub use address::Connection;
pub use caller::{Caller, Who, verified_name};
pub use cookies::{Cookies, Device, SignOnCookie};
pub use origin::{check_origin, origin_permitted};
pub use session::{
    Callers, MaybeSession, MaybeSignedIn, NewSession, OwnSession, SignIn, Whence, session_id,
    sign_in, sign_out, start_session,
};
