use crate::common::machine::Machine;
use kmz_meet_server::clock;

#[test]
fn commands_lead_a_school_from_the_request_to_the_end() {
    let machine = Machine(tempfile::tempdir().unwrap());
    let school = "Schiller-Schule";
    let made = machine.said(&["school", "add", school]);
    assert!(made.contains("contract send"), "{made}");
    let teacher = [
        "teacher",
        "add",
        "muster",
        "--name",
        "Frau Muster",
        "--school",
        school,
    ];
    assert!(machine.refused(&teacher).contains("contract show"));
    assert!(
        machine
            .refused(&["school", "key", school])
            .contains("contract show")
    );
    let waiting = machine.said(&["contract", "waiting"]);
    assert!(waiting.contains("requested"), "{waiting}");
    let form = machine.said(&["contract", "form", school]);
    assert!(
        form.contains("Kreismedienzentrum") && form.contains(school),
        "{form}"
    );
    let form = machine.said(&["contract", "form", school, "--language", "en"]);
    assert!(form.contains("Data-processing agreement"), "{form}");
    let printed = machine.0.path().join("form.pdf");
    machine.said(&[
        "contract",
        "form",
        school,
        "--pdf",
        printed.to_str().unwrap(),
    ]);
    assert!(std::fs::read(&printed).unwrap().starts_with(b"%PDF-1.7"));
    let sent = machine.said(&["contract", "send", school]);
    assert!(sent.contains("contract sign"), "{sent}");
    let scan = machine.0.path().join("scan.pdf");
    let file = scan.to_str().unwrap();
    std::fs::write(&scan, "<html>").unwrap();
    let today = clock::rfc3339(clock::system().now())[..10].to_owned();
    let sign = [
        "contract",
        "sign",
        school,
        "--signer",
        "=Leitung",
        "--on",
        &today,
        "--document",
        file,
    ];
    let refused = machine.refused(&sign);
    assert!(
        refused.contains("scan.pdf") && refused.contains("PDF"),
        "{refused}"
    );
    std::fs::write(&scan, super::pdf("1")).unwrap();
    let in_future = [
        "contract",
        "sign",
        school,
        "--signer",
        "x",
        "--on",
        "2090-01-01",
        "--document",
        file,
    ];
    assert!(machine.refused(&in_future).contains("has not come"));
    let signed = machine.said(&sign);
    assert!(signed.contains("holds until it is ended"), "{signed}");
    assert_eq!(machine.said(&teacher).trim().len(), 19);
    assert_eq!(
        machine.said(&["school", "key", school]).split('.').count(),
        3
    );
    let list = machine.said(&["school", "list"]);
    assert!(list.contains("signed") && list.contains(school), "{list}");
    machine.said(&["teacher", "lock", "muster"]);
    let ended = machine.said(&["contract", "end", school, "--note", "geschlossen"]);
    assert!(ended.contains("nothing opens"), "{ended}");
    // An account that was locked is not let in again either.
    assert!(
        machine
            .refused(&["teacher", "unlock", "muster"])
            .contains("contract show")
    );
    assert!(
        machine
            .refused(&["contract", "send", "Lessing"])
            .contains("school add")
    );
    let history = machine.said(&["contract", "show", school]);
    for part in [
        "requested",
        "form_sent",
        "signed by =Leitung",
        "command line",
        "(geschlossen)",
    ] {
        assert!(history.contains(part), "{part}: {history}");
    }
    let year = &today[..4];
    let csv = machine.said(&["contract", "list", "--year", year]);
    assert!(csv.starts_with("\u{feff}Schule;Stand;"), "{csv}");
    assert!(
        csv.contains("\"beendet\"") && csv.contains("\"'=Leitung\""),
        "{csv}"
    );
    assert!(
        machine
            .refused(&["contract", "list", "--year", "2090"])
            .contains("2090")
    );
    assert!(
        machine
            .said(&["contract", "request", school])
            .contains("contract send")
    );
}
