//! What teachers who asked are told by mail.

/// A mail that follows from a request. Its templates have the names of these variants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mail {
    /// Prove that the address is yours: the token is behind the `#` of the link to `/request`.
    ConfirmAddress {
        token: String,
    },
    /// Somebody asked for an account with your address, and you have one.
    HasAccount,
    /// There is an account now. The mail brings a one-time link for its first password.
    Accepted {
        user: String,
        username: String,
    },
    AskedBack {
        question: String,
    },
    Refused {
        reason: String,
    },
}
