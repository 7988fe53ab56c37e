use proptest::prelude::*;

use super::*;

const DAY: Timestamp = 24 * 3_600_000;
/// 2027-01-15 08:00 UTC.
const START: Timestamp = 1_800_000_000_000;

fn school() -> School {
    School {
        id: "a".to_owned(),
        name: "A".to_owned(),
        contract: Contract::Requested,
        valid_until: None,
        domains: Vec::new(),
    }
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn signature(on: &str, last: Option<&str>, document: &str) -> Step {
    Step::Sign(Signature {
        signer: "Frau Leitung".to_owned(),
        signed_on: date(on),
        last_day: last.map(date),
        document: "id".to_owned(),
        document_sha256: document.to_owned(),
    })
}

/// Takes a step as the store does: what is refused changes nothing.
fn take(
    school: &mut School,
    history: &mut Vec<ContractChange>,
    step: &Step,
    now: Timestamp,
) -> Result<(), Refused> {
    let after = next(school, history, step, (now, &SchoolZone::default()))?;
    school.contract = after.state;
    school.valid_until = after.valid_until;
    let document = match step {
        Step::Sign(signature) => Some(signature.document_sha256.clone()),
        _ => None,
    };
    history.push(ContractChange {
        id: history.len().to_string(),
        school: school.id.clone(),
        created_at: now,
        changed_by: "test".to_owned(),
        state: after.state,
        signer: None,
        signed_on: None,
        valid_until: after.valid_until,
        document: None,
        document_sha256: document,
        note: None,
    });
    Ok(())
}

#[test]
fn contract_from_request_to_renewal_and_end_takes_each_step() {
    let (mut school, mut history) = (school(), Vec::new());
    let mut step =
        |school: &mut School, step: Step, day| take(school, &mut history, &step, START + day * DAY);
    assert_eq!(step(&mut school, Step::Request, 0), Err(Refused::Requested));
    step(&mut school, Step::SendForm, 0).unwrap();
    step(&mut school, Step::SendForm, 1).unwrap();
    let sign = signature("2027-01-16", Some("2027-07-31"), "1");
    step(&mut school, sign, 2).unwrap();
    assert!(school.is_open(START + 2 * DAY));
    assert_eq!(step(&mut school, Step::SendForm, 3), Err(Refused::Holds));
    assert_eq!(step(&mut school, Step::Request, 3), Err(Refused::Holds));
    // 197 days later is 2027-07-31.
    assert!(school.is_open(START + 197 * DAY));
    assert!(!school.is_open(START + 198 * DAY));
    let renewal = signature("2027-07-01", Some("2028-07-31"), "2");
    step(&mut school, renewal, 180).unwrap();
    assert!(school.is_open(START + 198 * DAY));
    step(&mut school, Step::End, 200).unwrap();
    assert!(!school.is_open(START + 200 * DAY));
    assert_eq!(step(&mut school, Step::End, 200), Err(Refused::Ended));
    step(&mut school, Step::Request, 201).unwrap();
}

#[test]
fn signature_that_cannot_be_is_refused_with_the_reason() {
    let refused = |step: Step| {
        let zone = SchoolZone::default();
        next(&school(), &[], &step, (START, &zone)).unwrap_err()
    };
    for (step, reason) in [
        (signature("2027-01-16", None, "1"), Refused::SignedInFuture),
        (signature("2007-01-14", None, "1"), Refused::SignedLongAgo),
        (
            signature("2027-01-15", Some("2027-01-14"), "1"),
            Refused::EndsBeforeSignature,
        ),
        (
            signature("2026-01-15", Some("2027-01-14"), "1"),
            Refused::Over,
        ),
        (
            signature("2027-01-15", Some("2037-01-16"), "1"),
            Refused::TooLong,
        ),
        (
            signature("2027-01-15", Some("9999-12-31"), "1"),
            Refused::TooLong,
        ),
    ] {
        let error = refused(step);
        assert_eq!(error, reason);
        assert!(error.is_about_values());
    }
    // Today is a last day, and in Berlin it is over at 23:00 UTC.
    let zone = SchoolZone::default();
    let today = signature("2027-01-15", Some("2027-01-15"), "1");
    let after = next(&school(), &[], &today, (START, &zone)).unwrap();
    assert_eq!(after.valid_until, Some(START + 15 * 3_600_000));
}

#[test]
fn ended_contract_is_not_revived_by_its_old_paper() {
    let (mut school, mut history) = (school(), Vec::new());
    let first = signature("2027-01-10", None, "1");
    take(&mut school, &mut history, &first, START).unwrap();
    take(&mut school, &mut history, &Step::End, START + 5 * DAY).unwrap();
    let now = START + 6 * DAY;
    for (step, reason) in [
        (
            signature("2027-01-10", None, "2"),
            Refused::SignedBeforeEnd(date("2027-01-20")),
        ),
        (signature("2027-01-20", None, "1"), Refused::DocumentUsed),
    ] {
        assert_eq!(take(&mut school, &mut history, &step, now), Err(reason));
        assert_eq!(school.contract, Contract::Ended);
    }
    // Nor by a way round: a request and a form between the end and the old signature change nothing.
    let old = signature("2027-01-10", None, "2");
    let before_end = Refused::SignedBeforeEnd(date("2027-01-20"));
    for step in [Step::Request, Step::SendForm] {
        take(&mut school, &mut history, &step, now).unwrap();
        let refused = take(&mut school, &mut history, &old, now);
        assert_eq!(refused, Err(before_end.clone()), "after {step:?}");
    }
    let anew = signature("2027-01-20", None, "2");
    take(&mut school, &mut history, &anew, now).unwrap();
    assert!(school.is_open(now));
}

#[test]
fn renewal_that_ends_earlier_is_refused() {
    let (mut school, mut history) = (school(), Vec::new());
    let first = signature("2027-01-10", Some("2028-01-31"), "1");
    take(&mut school, &mut history, &first, START).unwrap();
    let shorter = signature("2027-01-11", Some("2027-12-31"), "2");
    let refused = take(&mut school, &mut history, &shorter, START);
    assert_eq!(refused, Err(Refused::Shortens));
    let unlimited = signature("2027-01-11", None, "2");
    take(&mut school, &mut history, &unlimited, START).unwrap();
    let limited = signature("2027-01-11", Some("2030-12-31"), "3");
    let refused = take(&mut school, &mut history, &limited, START);
    assert_eq!(refused, Err(Refused::Shortens));
}

fn steps() -> impl Strategy<Value = (Step, i64)> {
    let sign = (0..40_i64, prop::option::of(0..400_i64), 0..6_u8);
    let sign = sign.prop_map(|(ago, last, document)| {
        // From days to dates, as of a school's wall.
        let zone = SchoolZone::default();
        let day = |days: i64| zone.date(START + days * DAY).unwrap();
        Step::Sign(Signature {
            signer: "x".to_owned(),
            signed_on: day(ago),
            last_day: last.map(day),
            document: "id".to_owned(),
            document_sha256: document.to_string(),
        })
    });
    let step = prop_oneof![
        1 => Just(Step::Request),
        1 => Just(Step::SendForm),
        4 => sign,
        1 => Just(Step::End),
    ];
    (step, 0..40_i64)
}

proptest! {
    /// Beside it runs what a person would keep on paper: until when the last signature holds, unless something closed it.
    #[test]
    fn school_is_open_exactly_while_a_signature_holds(steps in prop::collection::vec(steps(), 1..20)) {
        let (mut school, mut history) = (school(), Vec::new());
        let mut now = START;
        let mut paper: Option<Option<Timestamp>> = None;
        let mut used = Vec::new();
        let mut ended_on = None;
        for (step, days) in steps {
            now += days * DAY;
            let before = (school.clone(), history.len());
            let holds = paper.is_some_and(|until| until.is_none_or(|until| now < until));
            prop_assert_eq!(school.is_open(now), holds);
            match take(&mut school, &mut history, &step, now) {
                Ok(()) => {
                    paper = match &step {
                        Step::Sign(signature) => {
                            prop_assert!(!used.contains(&signature.document_sha256));
                            prop_assert!(ended_on.is_none_or(|end| signature.signed_on >= end));
                            used.push(signature.document_sha256.clone());
                            let zone = SchoolZone::default();
                            Some(signature.last_day.map(|day| zone.end_of(day).unwrap()))
                        }
                        // Nothing but an end closes what holds.
                        Step::End => {
                            ended_on = SchoolZone::default().date(now);
                            None
                        }
                        _ => { prop_assert!(!holds); None }
                    };
                    prop_assert_eq!(history.len(), before.1 + 1);
                    if matches!(step, Step::Sign(_)) {
                        prop_assert!(school.is_open(now));
                    }
                }
                Err(_) => prop_assert_eq!((school.clone(), history.len()), before),
            }
            prop_assert_eq!(history.last().map_or(Contract::Requested, |last| last.state), school.contract);
        }
    }
}
