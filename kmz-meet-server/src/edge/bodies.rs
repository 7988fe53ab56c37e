//! A time for the body of every request, whatever route takes it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::BODY_TIMEOUT;
use super::activity::{Activity, Incoming, Running};

/// Middleware: the body has to come in time, and the connection knows that a request runs until its answer was taken.
pub async fn bounded(request: Request, next: Next) -> Response {
    let activity = request.extensions().get::<Arc<Activity>>().cloned();
    let running = activity.as_ref().map(Activity::begin);
    let incoming = running.as_ref().map(Running::incoming);
    let response = next.run(request.map(|body| in_time(body, incoming))).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS
        && let Some(activity) = &activity
    {
        activity.upgraded();
    }
    match running {
        Some(running) => response.map(|body| {
            Body::new(Answering {
                body,
                _running: running,
            })
        }),
        None => response,
    }
}

fn in_time(body: Body, incoming: Option<Arc<Incoming>>) -> Body {
    if http_body::Body::is_end_stream(&body) {
        if let Some(incoming) = incoming {
            incoming.is_whole();
        }
        return body;
    }
    Body::new(InTime {
        body,
        incoming,
        timer: Box::pin(sleep(BODY_TIMEOUT)),
    })
}

/// The body of a request; it fails when it takes too long.
struct InTime {
    body: Body,
    incoming: Option<Arc<Incoming>>,
    timer: Pin<Box<Sleep>>,
}

impl http_body::Body for InTime {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        // First, so that bytes that trickle do not prolong it.
        if self.timer.as_mut().poll(context).is_ready() {
            let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(axum::Error::new(late))));
        }
        let frame = Pin::new(&mut self.body).poll_frame(context);
        let is_whole = match &frame {
            Poll::Ready(None) => true,
            Poll::Ready(Some(Ok(_))) => self.body.is_end_stream(),
            _ => false,
        };
        if is_whole && let Some(incoming) = self.incoming.take() {
            incoming.is_whole();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer; the request runs until it was taken.
struct Answering {
    body: Body,
    _running: Running,
}

impl http_body::Body for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::to_bytes;
    use futures_util::stream;

    use super::*;

    fn trickling(every: Duration, times: u32) -> Body {
        Body::from_stream(stream::unfold(0, move |number| async move {
            tokio::time::sleep(every).await;
            (number < times).then_some((Ok::<_, std::io::Error>("x"), number + 1))
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn body_that_trickles_for_ever_fails_in_time() {
        let start = tokio::time::Instant::now();
        let body = in_time(trickling(Duration::from_secs(1), 1_000), None);
        assert!(to_bytes(body, 10_000).await.is_err());
        assert!(start.elapsed() < BODY_TIMEOUT + Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn body_of_a_slow_line_is_read_whole() {
        let body = in_time(trickling(Duration::from_secs(1), 15), None);
        assert_eq!(to_bytes(body, 100).await.unwrap().len(), 15);
    }
}
