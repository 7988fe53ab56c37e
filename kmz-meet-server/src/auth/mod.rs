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
    AnySession, Callers, MaybeSession, MaybeSettingUp, MaybeSignedIn, NewSession, OwnSession,
    SignIn, SignedIn, Whence, after_first_step, is_second_factor_required, session_id, sign_in,
    sign_in_by_code, sign_out, start_session,
};
