//! A request to a service of a platform, with a token; and what all services have in common.

use axum::http::{HeaderMap, HeaderValue, Method, header};
use guarded_http::Response;
use serde_json::Value;
use url::Url;

use super::error::ServiceError;
use crate::model::Platform;
use crate::tool::Bridge;

/// Pages of a list that are read.
pub(super) const MAX_PAGES: usize = 20;

impl Bridge {
    /// Asks a service. A platform may take tokens back before their time: then once more, with a new one.
    pub(super) async fn ask(
        &self,
        platform: &Platform,
        wanted: &[&str],
        method: Method,
        url: &Url,
        accept: &str,
        body: Option<(&str, Value)>,
    ) -> Result<Response, ServiceError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, value(accept)?);
        let mut bytes = Vec::new();
        if let Some((kind, body)) = body {
            headers.insert(header::CONTENT_TYPE, value(kind)?);
            bytes = body.to_string().into_bytes();
        }
        let once = async || {
            let token = self.token(platform, wanted).await?;
            let mut headers = headers.clone();
            headers.insert(header::AUTHORIZATION, value(&format!("Bearer {token}"))?);
            let answer = self
                .http
                .send(method.clone(), url, headers, bytes.clone())
                .await?;
            match answer.status {
                status if status.is_success() => Ok(answer),
                status => Err(ServiceError::Status(status.as_u16())),
            }
        };
        match once().await {
            Err(ServiceError::Status(401)) => {
                self.tokens.forget(&platform.id, wanted);
                once().await
            }
            other => other,
        }
    }
}

fn value(text: &str) -> Result<HeaderValue, ServiceError> {
    HeaderValue::from_str(text).map_err(|_| ServiceError::Damaged)
}

pub(super) fn read<T: serde::de::DeserializeOwned>(answer: &Response) -> Result<T, ServiceError> {
    serde_json::from_slice(&answer.body).map_err(|_| ServiceError::Damaged)
}

/// The address of a part of a resource: before the query, which stays.
pub(super) fn below(url: &Url, part: &str) -> Url {
    let mut url = url.clone();
    let path = format!("{}/{part}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

/// `rel="next"` of a `Link` header; some platforms write typographic quotation marks.
pub(super) fn next_page(headers: &HeaderMap, base: &Url) -> Option<Url> {
    let links = headers.get_all(header::LINK).iter();
    for link in links {
        let link = String::from_utf8_lossy(link.as_bytes());
        for one in link.split(",<").flat_map(|part| part.split(", <")) {
            let (target, parameters) = one.trim_start_matches('<').split_once('>')?;
            let is_next = parameters.split(';').any(|parameter| {
                let quotes = |c: char| matches!(c, '"' | '\'' | '“' | '”' | '„');
                parameter
                    .trim()
                    .strip_prefix("rel=")
                    .is_some_and(|rel| rel.trim_matches(quotes) == "next")
            });
            if is_next {
                return base.join(target).ok();
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_below_a_url_goes_before_its_query() {
        let url =
            Url::parse("https://m.example/services.php/2/lineitems/7/lineitem?type_id=3").unwrap();
        assert_eq!(
            below(&url, "scores").as_str(),
            "https://m.example/services.php/2/lineitems/7/lineitem/scores?type_id=3"
        );
    }

    #[test]
    fn link_header_with_any_quotation_marks_gives_the_next_page() {
        let base = Url::parse("https://m.example/a?x=1").unwrap();
        for link in [
            "<https://m.example/b?from=50>; rel=\"next\"",
            "<https://m.example/b?from=50>; rel=“next”",
            "</b?from=50>; rel=next",
            "<https://m.example/z>; rel=\"prev\", <https://m.example/b?from=50>; rel=\"next\"",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(
                header::LINK,
                HeaderValue::from_bytes(link.as_bytes()).unwrap(),
            );
            assert_eq!(
                next_page(&headers, &base).unwrap().as_str(),
                "https://m.example/b?from=50",
                "{link}"
            );
        }
        let mut headers = HeaderMap::new();
        headers.insert(
            header::LINK,
            HeaderValue::from_static("<https://m.example/z>; rel=\"last\""),
        );
        assert_eq!(next_page(&headers, &base), None);
    }
}
