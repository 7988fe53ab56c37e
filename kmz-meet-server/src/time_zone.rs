//! The time on the wall of a school. The rules of all zones are inside the program, so that no system package decides them.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp as Instant;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clock::Timestamp;
use crate::language::Language;

/// Longest name of a zone.
pub const MAX_NAME: usize = 64;
const USUAL: &str = "Europe/Berlin";

/// A zone of the IANA database.
#[derive(Clone, Debug, PartialEq)]
pub struct SchoolZone(TimeZone);

/// Not the name of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such time zone; use a name of the IANA database, such as Europe/Berlin")]
pub struct NoZone;

impl SchoolZone {
    /// As the IANA database has it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Day and time, as people who speak this language write them and spreadsheets read them.
    pub fn time(&self, at: Timestamp, language: Language) -> String {
        self.written(at, language.say("%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"))
    }

    /// The day.
    pub fn day(&self, at: Timestamp, language: Language) -> String {
        self.written(at, language.say("%d.%m.%Y", "%Y-%m-%d"))
    }

    /// The date on the calendar of the wall.
    pub fn date(&self, at: Timestamp) -> Option<Date> {
        let at = Instant::from_millisecond(at).ok()?;
        Some(at.to_zoned_datetime(self.0.clone()).date())
    }

    /// The moment at which this day is over. `None`: no calendar goes that far.
    pub fn end_of(&self, day: Date) -> Option<Timestamp> {
        let next = day
            .tomorrow()
            .ok()?
            .to_zoned_datetime(self.0.clone())
            .ok()?;
        Some(next.timestamp().as_millisecond())
    }

    fn written(&self, at: Timestamp, form: &str) -> String {
        Instant::from_millisecond(at)
            .map(|at| {
                at.to_zoned_datetime(self.0.clone())
                    .strftime(form)
                    .to_string()
            })
            .unwrap_or_default()
    }
}

impl Default for SchoolZone {
    fn default() -> Self {
        USUAL.parse().unwrap_or(Self(TimeZone::UTC))
    }
}

impl fmt::Display for SchoolZone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for SchoolZone {
    type Err = NoZone;

    fn from_str(name: &str) -> Result<Self, NoZone> {
        let name = name.trim();
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(NoZone);
        }
        TimeZone::get(name).map(Self).map_err(|_| NoZone)
    }
}

impl Serialize for SchoolZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What a later version of the database does not know any more is the usual one.
impl<'de> Deserialize<'de> for SchoolZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(name.parse().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_in_summer_and_winter_is_that_on_the_wall() {
        let berlin = SchoolZone::default();
        // 2026-01-15 07:00 UTC and 2026-07-15 22:30 UTC.
        assert_eq!(
            berlin.time(1_768_460_400_000, Language::German),
            "15.01.2026 08:00:00"
        );
        assert_eq!(
            berlin.time(1_784_154_600_000, Language::English),
            "2026-07-16 00:30:00"
        );
        assert_eq!(
            berlin.day(1_784_154_600_000, Language::German),
            "16.07.2026"
        );
        let azores: SchoolZone = "Atlantic/Azores".parse().unwrap();
        assert_eq!(
            azores.day(1_784_154_600_000, Language::German),
            "15.07.2026"
        );
        assert_eq!(berlin.time(Timestamp::MAX, Language::German), "");
    }

    #[test]
    fn end_of_a_day_is_midnight_on_the_wall_in_summer_and_winter() {
        let berlin = SchoolZone::default();
        for (day, end) in [
            // 2026-01-15 23:00 UTC, and 2026-07-15 22:00 UTC.
            ("2026-01-15", 1_768_518_000_000),
            ("2026-07-15", 1_784_152_800_000),
        ] {
            let day: Date = day.parse().unwrap();
            assert_eq!(berlin.end_of(day), Some(end));
            assert_eq!(berlin.date(end - 1), Some(day));
            assert_eq!(berlin.date(end), day.tomorrow().ok());
        }
        assert_eq!(berlin.end_of(Date::MAX), None);
        assert_eq!(berlin.date(Timestamp::MAX), None);
    }

    #[test]
    fn from_str_of_no_name_of_the_database_fails() {
        for name in ["Europe/Vienna", " Europe/Zurich ", "UTC", "europe/berlin"] {
            assert!(name.parse::<SchoolZone>().is_ok(), "{name}");
        }
        for name in [
            "",
            "Europe",
            "Mars/Olympus",
            "../../etc/passwd",
            "CEST-1",
            "Europe/Berlin\r\nx: y",
            &"a".repeat(70),
        ] {
            assert_eq!(name.parse::<SchoolZone>(), Err(NoZone), "{name}");
        }
        let kept: SchoolZone = serde_json::from_str("\"Gone/City\"").unwrap();
        assert_eq!(kept, SchoolZone::default());
        assert_eq!(serde_json::to_string(&kept).unwrap(), "\"Europe/Berlin\"");
    }
}
