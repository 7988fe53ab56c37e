//! Signatures of webhooks, by the Standard Webhooks specification 1.0.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const PREFIX: &str = "whsec_";

/// A new secret: 32 random bytes, written as the specification wants.
pub fn new_secret() -> String {
    let bytes: [u8; 32] = rand::random();
    format!("{PREFIX}{}", STANDARD.encode(bytes))
}

/// The `webhook-signature` header of a message. `None` when the secret is not one of ours.
pub fn sign(secret: &str, id: &str, timestamp_seconds: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let tag = hmac::sign(&key, format!("{id}.{timestamp_seconds}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_of_the_specifications_example_gives_its_signature() {
        // The values of the reference libraries' own tests.
        let signature = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(
            signature.as_deref(),
            Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        );
    }

    #[test]
    fn new_secret_is_another_each_time_and_usable() {
        let (one, two) = (new_secret(), new_secret());
        assert_ne!(one, two);
        assert!(sign(&one, "a", 1, "x").is_some());
        assert_eq!(sign("nothing", "a", 1, "x"), None);
    }
}
