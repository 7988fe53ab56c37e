//! The content security policy of our pages. What tenants said is a part of it, so what was built is read again before it is
//! used: as browsers read it.

use axum::http::HeaderValue;
use lti_bridge::WebOrigin;

/// Its directives, in their order. No other one may be in it, and each once.
const DIRECTIVES: [&str; 13] = [
    "default-src",
    "script-src",
    "style-src",
    "img-src",
    "font-src",
    "connect-src",
    "media-src",
    "worker-src",
    "manifest-src",
    "base-uri",
    "form-action",
    "frame-ancestors",
    "require-trusted-types-for",
];
const LAST: &str = "trusted-types";

/// For pages that nobody frames, and where a policy cannot be made.
pub const CLOSED: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");

/// The policy of pages which these origins may frame. Older Safari does not count WebSockets as 'self', so their address
/// is named.
pub fn policy(websocket: &str, ancestors: &[WebOrigin]) -> HeaderValue {
    for ancestors in [ancestors, &[]] {
        let text = written(websocket, ancestors);
        if is_as_meant(&text, ancestors.len())
            && let Ok(value) = HeaderValue::try_from(text)
        {
            return value;
        }
        tracing::error!("the content security policy is not as meant; nobody may frame rooms");
    }
    CLOSED
}

fn written(websocket: &str, ancestors: &[WebOrigin]) -> String {
    let ancestors: Vec<&str> = ancestors.iter().map(WebOrigin::as_str).collect();
    let ancestors = if ancestors.is_empty() {
        "'none'".to_owned()
    } else {
        ancestors.join(" ")
    };
    // Text becomes markup only in Svelte's own templates.
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self' {websocket}; media-src 'self' blob: mediastream:; worker-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}; \
         require-trusted-types-for 'script'; trusted-types svelte-trusted-html"
    )
}

/// Whether it has the directives that it is to have, in one policy, and so many origins that may frame.
fn is_as_meant(text: &str, ancestors: usize) -> bool {
    // A comma in a header begins another policy.
    if text.contains(',') {
        return false;
    }
    let mut names = DIRECTIVES.into_iter().chain([LAST]);
    let mut directives = text.split(';').map(str::split_ascii_whitespace);
    let all = directives.by_ref().all(|mut words| {
        let name = words.next();
        let expected = names.next();
        if name.is_none() || name != expected {
            return false;
        }
        if name != Some("frame-ancestors") {
            return true;
        }
        let sources: Vec<&str> = words.collect();
        if ancestors == 0 {
            return sources == ["'none'"];
        }
        sources.len() == ancestors && sources.iter().all(|word| word.parse::<WebOrigin>().is_ok())
    });
    all && names.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_has_the_origins_that_may_frame() {
        let origins = ["https://a.example", "https://[::1]:8443"].map(|text| text.parse().unwrap());
        let policy = policy("wss://meet.example", &origins);
        let policy = policy.to_str().unwrap();
        assert!(
            policy.contains("; frame-ancestors https://a.example https://[::1]:8443; require-"),
            "{policy}"
        );
        assert!(policy.contains("connect-src 'self' wss://meet.example;"));
    }

    #[test]
    fn policy_that_is_not_as_meant_is_not_used() {
        let right = written("wss://meet.example", &[]);
        assert!(is_as_meant(&right, 0));
        for (from, to) in [
            ("'none'; require", "https://a;sandbox; require"),
            ("'none'; require", "https://a,default-src; require"),
            ("'none'; require", "https://a.example; require"),
            ("'none'; require", "; require"),
            ("frame-ancestors 'none'; ", ""),
            ("wss://meet.example", "wss://meet.example; script-src *"),
        ] {
            let wrong = right.replace(from, to);
            assert_ne!(wrong, right);
            assert!(!is_as_meant(&wrong, 0), "{wrong}");
        }
        // The address of the operator, and nothing that could be used with it.
        assert_eq!(policy("wss://a; sandbox", &[]), CLOSED);
    }
}
