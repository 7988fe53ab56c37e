//! Teachers who ask for an account, up to where a test begins.

use kmz_meet_server::clock::Clock;
use kmz_meet_server::language::Language;
use kmz_meet_server::teacher_requests::{self, KeptRequest, Mail, NewRequest};

use super::TestServer;

/// Asks a school as the open operation does, and gives what is mailed.
pub async fn ask(server: &TestServer, school: &str, name: &str, email: &str) -> Option<Mail> {
    let store = &server.app.store;
    let asked = NewRequest {
        school: &store.school(school).await.unwrap().unwrap(),
        name,
        email: &email.parse().unwrap(),
        language: Language::German,
    };
    let register = &server.app.teacher_requests.register;
    let noted = teacher_requests::ask(store, server.clock.now(), register, &asked).await;
    noted.unwrap().map(|(_, mail)| mail)
}

/// Asks school `a`, and gives the token of the mailed link.
pub async fn asked(server: &TestServer, name: &str, email: &str) -> String {
    match ask(server, "a", name, email).await {
        Some(Mail::ConfirmAddress { token }) => token,
        other => panic!("{other:?}"),
    }
}

/// Opens the mailed link, which proves the address.
pub async fn confirm(server: &TestServer, token: &str) -> KeptRequest {
    let (store, now) = (&server.app.store, server.clock.now());
    let request = teacher_requests::by_token(store, now, token).await;
    let request = request.unwrap().unwrap();
    let confirmed = teacher_requests::confirm(store, now, &request).await;
    confirmed.unwrap()
}

/// A request to school `a` whose address is proved.
pub async fn confirmed(server: &TestServer, name: &str, email: &str) -> KeptRequest {
    confirm(server, &asked(server, name, email).await).await
}

/// The id of a request to school `a` whose address is proved, with a proof of the employment.
pub async fn with_proof(server: &TestServer, name: &str, email: &str) -> String {
    let request = confirmed(server, name, email).await;
    let (store, proofs) = (&server.app.store, &server.app.teacher_requests.proofs);
    let file = b"%PDF-1.7".to_vec();
    let added = teacher_requests::add_proof(store, proofs, &request, file).await;
    added.unwrap();
    request.id
}
