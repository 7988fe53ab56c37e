//! Tries every combination of what a request can carry and what can be true of a room: some thousands.

use std::time::{Duration, Instant};

use super::*;
use crate::auth::OwnSession;
use crate::credentials::{self, Ticket, TicketRole};
use crate::limits::limit_key::LimitKey;
use crate::signaling::frame::PagesAround;
use crate::store::{User, UserRole};
use crate::user_id::UserId;

const OWNER: &str = "owner";
const OTHER: &str = "other";
const CLAIMED: &str = "claimed";
const ROLES: [TicketRole; 4] = [
    TicketRole::Moderator,
    TicketRole::Member,
    TicketRole::Invited,
    TicketRole::Guest,
];

fn session(user: &str) -> OwnSession {
    OwnSession {
        user: User {
            id: user.to_owned(),
            school: "school".to_owned(),
            username: user.to_owned(),
            name: "Frau Beispiel".to_owned(),
            role: UserRole::Moderator,
            password_hash: String::new(),
            email: None,
            created_at: 0,
        },
        token_hash: "hash".to_owned(),
    }
}

fn tokens() -> Vec<Token> {
    let mut tokens = vec![Token::Absent, Token::Refused(RefusalReason::NotYet)];
    for role in ROLES {
        for bits in 0..8_u8 {
            tokens.push(Token::Valid(Ticket {
                room: "room".to_owned(),
                identity: credentials::Identity {
                    user: UserId::of_nobody(CLAIMED.to_owned()),
                    role,
                    unidentified: bits & 1 > 0,
                },
                name: Some("Anna".to_owned()),
                may_start: bits & 2 > 0,
                meeting: (bits & 4 > 0).then(|| "meeting".to_owned()),
                return_url: None,
            }));
        }
    }
    tokens
}

fn requests() -> Vec<JoinRequest> {
    let seats = [
        SeatClaim::Absent,
        SeatClaim::Invalid,
        SeatClaim::Of {
            conference: ConferenceId("c".to_owned()),
            participant: ParticipantId("p".to_owned()),
        },
    ];
    let sessions = [None, Some(session(OWNER)), Some(session(OTHER))];
    let mut requests = Vec::new();
    for token in tokens() {
        for seat in &seats {
            for session in &sessions {
                for framed in [false, true] {
                    requests.push(JoinRequest {
                        room: "room".to_owned(),
                        name: "Anna".to_owned(),
                        password: None,
                        seat: seat.clone(),
                        token: token.clone(),
                        session: session.clone(),
                        around: framed
                            .then(|| PagesAround::read("around=https://a.example"))
                            .flatten(),
                        device: Some("device".to_owned()),
                        visitor: LimitKey {
                            address: [192, 0, 2, 1].into(),
                            person: None,
                            known_for: Duration::ZERO,
                            connected: Instant::now(),
                        },
                        said_at: Instant::now(),
                    });
                }
            }
        }
    }
    requests
}

/// All facts that can be true of a room for this request.
fn facts(request: &JoinRequest) -> Vec<RoomFacts> {
    let frames = match request.around {
        Some(_) => vec![Frame::Own, Frame::Foreign],
        None => vec![Frame::Own],
    };
    let has_meeting = request
        .ticket()
        .is_some_and(|ticket| ticket.meeting.is_some());
    let mut facts = Vec::new();
    for frame in frames {
        for is_open in [true, !has_meeting] {
            for contract in [None, Some(OpenSchool::for_test("s"))] {
                facts.push(RoomFacts {
                    owner: Some(OWNER.to_owned()),
                    frame,
                    is_open,
                    pass_holds: true,
                    card_holds: true,
                    contract: contract.clone(),
                });
            }
        }
    }
    facts
}

/// Every request with all facts, and the entry to which they lead.
fn entries() -> Vec<(JoinRequest, RoomFacts, Entry)> {
    let mut entries = Vec::new();
    for request in requests() {
        if before_room(&request, false).is_some() {
            continue;
        }
        for facts in facts(&request) {
            if let Decision::Enter(entry) = decide(&request, Some(&facts)) {
                entries.push((request.clone(), facts, entry));
            }
        }
    }
    assert!(entries.len() > 1_000, "{}", entries.len());
    entries
}

#[test]
fn conference_without_a_contract_is_started_by_nobody() {
    for (request, facts, entry) in entries() {
        let role = request.ticket().map(|ticket| ticket.identity.role);
        if entry.starts.is_some() {
            assert!(
                facts.contract.is_some() && facts.is_open,
                "{facts:?} {role:?}"
            );
        }
        if matches!(entry.identity, Some(Identity::Owner { .. })) {
            assert!(entry.starts.is_some(), "{facts:?} {role:?}");
        }
    }
}

#[test]
fn moderator_owns_the_room_or_has_a_ticket_that_says_so() {
    for (request, facts, entry) in entries() {
        let Some(Identity::Owner { user }) = entry.identity else {
            continue;
        };
        match request.ticket() {
            Some(ticket) => {
                assert_eq!(ticket.identity.role, TicketRole::Moderator);
                assert_eq!(user, CLAIMED);
            }
            None => {
                assert_eq!(user, OWNER);
                assert_eq!(facts.frame, Frame::Own);
            }
        }
    }
}

#[test]
fn moderator_with_a_contract_always_gets_in() {
    let mut tried = 0;
    for (request, facts, entry) in entries() {
        let by_ticket =
            request.ticket().map(|ticket| ticket.identity.role) == Some(TicketRole::Moderator);
        let by_account = matches!(request.token, Token::Absent)
            && request.user(facts.frame).map(|user| user.id.as_str()) == Some(OWNER);
        if !(by_ticket || by_account) || facts.contract.is_none() || !facts.is_open {
            continue;
        }
        tried += 1;
        assert!(entry.starts.is_some());
        assert!(matches!(entry.identity, Some(Identity::Owner { .. })));
        if let Some(seat) = entry.seat {
            assert_eq!(seat.leads_on, LeadsOn::Always);
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn session_counts_for_nothing_in_the_frame_of_a_foreign_page() {
    for (request, facts, entry) in entries() {
        if facts.frame == Frame::Foreign {
            let stranger = JoinRequest {
                session: None,
                ..request.clone()
            };
            assert_eq!(
                decide(&stranger, Some(&facts)),
                Decision::Enter(entry),
                "{facts:?}"
            );
            assert_eq!(request.session_id(facts.frame), None);
        }
    }
}

#[test]
fn expired_ticket_does_not_fall_back_to_the_account_of_somebody_else() {
    for (request, facts, entry) in entries() {
        if matches!(request.token, Token::Refused(_)) {
            let seat = entry.seat.expect("others were refused before");
            assert_eq!(seat.owner, SeatOwner::Bearer);
            if request.user(facts.frame).map(|user| user.id.as_str()) != Some(OWNER) {
                assert_eq!(seat.leads_on, LeadsOn::Never);
            }
        }
    }
}

#[test]
fn ticket_says_who_comes_whoever_is_signed_in() {
    for (request, facts, entry) in entries() {
        if request.ticket().is_some() {
            let elsewhere = JoinRequest {
                session: None,
                ..request.clone()
            };
            assert_eq!(decide(&elsewhere, Some(&facts)), Decision::Enter(entry));
        }
    }
}

#[test]
fn guest_ticket_gives_nobody_a_list_a_user_or_the_seat_of_one() {
    for (request, _, entry) in entries() {
        let Some(ticket) = request.ticket() else {
            continue;
        };
        if ticket.identity.role == TicketRole::Guest {
            assert!(matches!(
                entry.identity,
                None | Some(Identity::Guest { .. })
            ));
            if let Some(seat) = entry.seat {
                assert_eq!(seat.owner, SeatOwner::Guest);
            }
        }
        if let Some(Identity::Verified { listed, .. }) = entry.identity {
            assert_eq!(listed, ticket.identity.role == TicketRole::Member);
        }
    }
}

#[test]
fn lack_of_a_contract_is_told_to_those_alone_whom_a_contract_would_let_start() {
    let holds = OpenSchool::for_test("school");
    let mut told = 0;
    for (request, facts, entry) in entries() {
        let with = RoomFacts {
            contract: Some(holds.clone()),
            ..facts.clone()
        };
        let Decision::Enter(with) = decide(&request, Some(&with)) else {
            panic!("enters without a contract alone: {facts:?}");
        };
        let lacks = with.starts.is_some() && facts.contract.is_none();
        assert_eq!(entry.lacks_contract, lacks, "{facts:?}");
        told += usize::from(lacks);
    }
    assert!(told > 10, "{told}");
}

#[test]
fn meeting_that_is_over_is_open_to_seats_only() {
    let mut tried = 0;
    for request in requests() {
        for facts in facts(&request).iter().filter(|facts| !facts.is_open) {
            tried += 1;
            match decide(&request, Some(facts)) {
                Decision::Enter(entry) => {
                    assert!(entry.seat.is_some());
                    assert_eq!(entry.identity, None);
                    assert!(entry.starts.is_none());
                }
                decision => assert_eq!(decision, Decision::Nothing),
            }
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn pass_that_does_not_hold_is_told_whatever_else_is_true() {
    let mut tried = 0;
    for request in requests() {
        for facts in facts(&request) {
            tried += 1;
            let ended = RoomFacts {
                pass_holds: false,
                ..facts
            };
            assert_eq!(
                decide(&request, Some(&ended)),
                Decision::Refused(RefusalReason::PassEnded),
                "{ended:?}"
            );
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn card_that_does_not_hold_is_told_whatever_else_is_true() {
    let mut tried = 0;
    for request in requests() {
        for facts in facts(&request) {
            tried += 1;
            let ended = RoomFacts {
                card_holds: false,
                ..facts
            };
            assert_eq!(
                decide(&request, Some(&ended)),
                Decision::Refused(RefusalReason::CardEnded),
                "{ended:?}"
            );
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn pass_of_a_room_that_does_not_exist_is_over() {
    let mut tried = 0;
    for mut request in requests() {
        let Token::Valid(ticket) = &mut request.token else {
            continue;
        };
        tried += 1;
        ticket.identity.user = UserId::of_substitute("school", "pass");
        assert_eq!(
            decide(&request, None),
            Decision::Refused(RefusalReason::PassEnded)
        );
        if let Token::Valid(ticket) = &mut request.token {
            ticket.identity.user = UserId::of_card("school", "card");
        }
        assert_eq!(
            decide(&request, None),
            Decision::Refused(RefusalReason::CardEnded)
        );
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn room_that_does_not_exist_is_answered_like_one_that_does_not_run() {
    for request in requests() {
        if before_room(&request, false).is_none() {
            // `enter` answers the same if no conference runs.
            assert_eq!(decide(&request, None), nothing(&request));
        }
    }
}

#[test]
fn contract_is_read_wherever_it_changes_the_decision() {
    let room = crate::store::Room {
        id: "room".to_owned(),
        // Not the one of its owner.
        school: "room's school".to_owned(),
        owner: Some(OWNER.to_owned()),
        name: "room".to_owned(),
        title: None,
        welcome: None,
        origin: crate::store::RoomSource::Own,
        external: None,
        policy: kmz_meet_core::signal::Policy::default(),
        password: None,
        created_at: 0,
    };
    for request in requests() {
        for facts in facts(&request) {
            let with = |contract| RoomFacts {
                contract,
                ..facts.clone()
            };
            let matters = decide(&request, Some(&with(Some(OpenSchool::for_test("school")))))
                != decide(&request, Some(&with(None)));
            let read = contract_to_read(&request, &room, facts.frame, facts.is_open);
            assert!(!matters || read == Some("room's school"), "{facts:?}");
            if matches!(request.token, Token::Absent) && request.session.is_none() {
                assert_eq!(read, None, "a guest costs no look-up");
            }
        }
    }
}

#[test]
fn request_with_an_ended_session_a_refused_token_or_no_name_is_answered_before_any_room() {
    let all = requests();
    let plain = all.first().expect("there are requests").clone();
    assert_eq!(before_room(&plain, false), None);
    assert_eq!(before_room(&plain, true), Some(RefusalReason::SignedOut));
    let nameless = JoinRequest {
        name: "  ".to_owned(),
        ..plain.clone()
    };
    assert_eq!(before_room(&nameless, false), Some(RefusalReason::BadName));
    let teacher = JoinRequest {
        session: Some(session(OWNER)),
        ..nameless.clone()
    };
    assert_eq!(before_room(&teacher, false), None);
    let seated = JoinRequest {
        seat: SeatClaim::Invalid,
        ..nameless
    };
    assert_eq!(before_room(&seated, false), None);
    let early = JoinRequest {
        token: Token::Refused(RefusalReason::NotYet),
        ..plain
    };
    assert_eq!(before_room(&early, true), Some(RefusalReason::NotYet));
    let early_with_seat = JoinRequest {
        seat: SeatClaim::Invalid,
        ..early
    };
    assert_eq!(before_room(&early_with_seat, true), None);
}
