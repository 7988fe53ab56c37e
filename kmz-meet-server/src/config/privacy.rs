//! What the papers on privacy and accessibility say of the operator. What is not set is missing in them, in words.

use super::error::ConfigError;
use super::values::Values;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivacyConfig {
    /// Who answers questions about data protection: name and how to reach them.
    pub data_protection_officer: Option<String>,
    /// On what the schools base the processing, such as a section of the school law.
    pub legal_basis: Option<String>,
    /// With whom people lodge complaints (Art. 77 GDPR).
    pub supervisory_authority: Option<String>,
    /// Where the machines stand.
    pub server_location: Option<String>,
    /// Other processors, such as who runs the data centre, or `none`.
    pub processors: Option<String>,
    /// Where barriers are reported: a mail address, or how else.
    pub accessibility_contact: Option<String>,
    /// Who helps where a report is not answered.
    pub accessibility_enforcement: Option<String>,
}

impl PrivacyConfig {
    pub(super) fn from_values(values: &mut Values) -> Result<Self, ConfigError> {
        Ok(Self {
            data_protection_officer: values.take("data_protection_officer", "a text")?,
            legal_basis: values.take("legal_basis", "a text")?,
            supervisory_authority: values.take("supervisory_authority", "a text")?,
            server_location: values.take("server_location", "a text")?,
            processors: values.take("processors", "a text")?,
            accessibility_contact: values.take("accessibility_contact", "a text")?,
            accessibility_enforcement: values.take("accessibility_enforcement", "a text")?,
        })
    }
}
