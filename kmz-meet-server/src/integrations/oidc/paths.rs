//! The addresses of these pages. Providers know two of them, so they never change.

/// Where a browser begins, followed by the provider's id.
pub const BEGIN: &str = "/sign-in/oidc";
/// Where providers send people back: one address for all of them, which each provider has to know.
pub const CALLBACK: &str = "/sign-in/oidc/callback";
/// Where providers send people after they signed out there.
pub const SIGNED_OUT: &str = "/sign-in/oidc/signed-out";
/// Where signing out goes on, for a browser that signed in by a provider.
pub(super) const SIGN_OUT: &str = "/sign-in/oidc/sign-out";
