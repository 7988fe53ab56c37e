//! Presentations, which are not shown.

use kmz_meet_core::signal::{Alert, ClientMessage, ServerMessage};

use super::{TEACHER, platform};
use crate::common::platform::{ID, create, element, enter};

/// Whether the teacher gets the alert when a meeting is created with this body and these parameters.
async fn is_told_of_presentation(parameters: &str, body: Option<(&str, &str)>) -> bool {
    let (server, platform) = platform().await;
    let url = platform.url("create", &format!("{}{parameters}", create()));
    let request = match body {
        Some((kind, body)) => platform
            .http
            .post(url)
            .header("content-type", kind)
            .body(body.to_owned()),
        None => platform.http.get(url),
    };
    let answer = request.send().await.unwrap().text().await.unwrap();
    assert_eq!(element(&answer, "returncode"), Some("SUCCESS"), "{answer}");
    let teacher = platform.join(&format!("{ID}&{TEACHER}")).await;
    let (mut teacher, _) = enter(&server, &teacher).await;
    teacher.say(&ClientMessage::Ping).await;
    loop {
        match teacher.next().await {
            Some(ServerMessage::Alert {
                alert: Alert::PresentationNotShown,
            }) => return true,
            Some(ServerMessage::Pong) => return false,
            Some(_) => {}
            None => panic!("the teacher is out"),
        }
    }
}

#[tokio::test]
async fn create_with_a_presentation_alerts_the_teacher() {
    // A presentation as Moodle sends it, one with its content, and one in a parameter.
    let by_url = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><modules><module name=\"presentation\"><document url=\"https://moodle.example/f/a.pdf\" filename=\"a.pdf\" /></module></modules>";
    let inside = "<modules><module name='presentation'><document name='a.txt'>SGFsbG8=</document></module></modules>";
    assert!(is_told_of_presentation("", Some(("application/xml", by_url))).await);
    assert!(is_told_of_presentation("", Some(("text/xml; charset=utf-8", inside))).await);
    let parameter = "&preUploadedPresentation=https%3A%2F%2Fmoodle.example%2Fa.pdf";
    assert!(is_told_of_presentation(parameter, None).await);
    // Without a presentation there is no alert.
    let empty = "<modules><module name=\"presentation\"></module></modules>";
    assert!(!is_told_of_presentation("", Some(("application/xml", empty))).await);
    assert!(!is_told_of_presentation("", None).await);
}
