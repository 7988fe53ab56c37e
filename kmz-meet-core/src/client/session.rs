//! Signing in over REST, for headless teachers.

use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};

use super::options::ClientError;

/// Signs in and gives the value for [`super::Options::cookie`].
///
/// # Errors
/// [`ClientError::SignIn`] with the status when the server refuses (401: wrong name or password, 429: too many attempts).
pub async fn sign_in(base: &str, username: &str, password: &str) -> Result<String, ClientError> {
    let url = format!("{}/api/v1/session", base.trim_end_matches('/'));
    let failed = |error: reqwest::Error| ClientError::Connection(error.to_string());
    // Cookies are carried by hand: a cookie store would keep back `__Host-` cookies on plain http to the loopback address.
    let response = reqwest::Client::builder()
        .no_proxy()
        .build()
        .map_err(failed)?
        .post(url)
        .header(ORIGIN, base.trim_end_matches('/'))
        .json(&serde_json::json!({ "username": username, "password": password }))
        .send()
        .await
        .map_err(failed)?;
    if !response.status().is_success() {
        return Err(ClientError::SignIn(response.status().as_u16()));
    }
    let cookies: Vec<String> = response
        .headers()
        .get_all(SET_COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .filter_map(|value| value.split(';').next())
        .map(|pair| pair.trim().to_owned())
        .collect();
    if cookies.is_empty() {
        return Err(ClientError::Connection(
            "the server set no session cookie".into(),
        ));
    }
    Ok(cookies.join("; "))
}

/// Gives the session back.
///
/// # Errors
/// When the server cannot be reached.
pub async fn sign_out(base: &str, cookie: &str) -> Result<(), ClientError> {
    let failed = |error: reqwest::Error| ClientError::Connection(error.to_string());
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .map_err(failed)?
        .delete(format!("{}/api/v1/session", base.trim_end_matches('/')))
        .header(ORIGIN, base.trim_end_matches('/'))
        .header(COOKIE, cookie)
        .send()
        .await
        .map_err(failed)?;
    Ok(())
}
