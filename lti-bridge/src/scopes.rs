//! The scopes of the services that the tool asks platforms for.

/// Reads the class list (Names and Role Provisioning Services 2.0, 2.2).
pub const MEMBERS: &str =
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";
/// Makes and changes columns of the gradebook (Assignment and Grade Services 2.0, 3.1).
pub const LINE_ITEM: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem";
/// Reads the columns.
pub const LINE_ITEM_READONLY: &str =
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly";
/// Sends results.
pub const SCORE: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/score";
/// Reads results.
pub const RESULT: &str = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly";
/// All of them.
pub const ALL: [&str; 5] = [MEMBERS, LINE_ITEM, LINE_ITEM_READONLY, SCORE, RESULT];
