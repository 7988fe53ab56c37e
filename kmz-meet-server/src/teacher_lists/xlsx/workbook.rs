//! Which sheets there are, and which parts of the package they and the strings are.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::package::Package;
use super::xml::{Xml, attribute};
use crate::teacher_lists::Refusal;

/// Longer lists are no workbook's.
const MAX_RELATIONSHIPS: usize = 1_000;
/// As Excel has it.
const MAX_SHEET_NAME_CHARS: usize = 31;

/// A sheet that its author sees.
pub struct Sheet {
    pub name: String,
    pub part: String,
}

/// What is needed of a workbook.
pub struct Workbook {
    /// Those that can be seen, in order.
    pub sheets: Vec<Sheet>,
    pub strings: Option<String>,
}

struct Relationship {
    kind: String,
    part: String,
}

pub fn read(package: &mut Package<'_>) -> Result<Workbook, Refusal> {
    let top = relationships(package, "")?;
    let office = top.values().find(|one| one.kind == "officeDocument");
    let part = match office {
        Some(found) => found.part.clone(),
        None if package.has("xl/workbook.xml") => "xl/workbook.xml".to_owned(),
        None => return Err(Refusal::OtherFormat("Office")),
    };
    if part.to_lowercase().ends_with(".bin") {
        return Err(Refusal::OtherFormat("XLSB"));
    }
    let related = relationships(package, &part)?;
    let mut sheets = Vec::new();
    let mut is_workbook = false;
    let Some(found) = package.part(&part)? else {
        return Err(Refusal::Damaged);
    };
    let mut xml = Xml::of(found);
    loop {
        match xml.next()? {
            Event::Start(element) => match element.local_name().as_ref() {
                "workbook" => is_workbook = true,
                "sheet" => {
                    let hidden = attribute(&element, "state").is_some_and(|s| s != "visible");
                    let id = attribute(&element, "id").unwrap_or_default();
                    let Some(target) = related.get(&id).filter(|one| one.kind == "worksheet")
                    else {
                        continue;
                    };
                    if !hidden && sheets.len() < MAX_RELATIONSHIPS {
                        let name = attribute(&element, "name").unwrap_or_default();
                        sheets.push(Sheet {
                            name: name.chars().take(MAX_SHEET_NAME_CHARS).collect(),
                            part: target.part.clone(),
                        });
                    }
                }
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    if !is_workbook {
        // A text or a presentation.
        return Err(Refusal::OtherFormat("Office"));
    }
    let strings = related
        .into_values()
        .find(|one| one.kind == "sharedStrings");
    Ok(Workbook {
        sheets,
        strings: strings.map(|one| one.part),
    })
}

/// By their ids, what a part is related to; of `""` what the package is.
fn relationships(
    package: &mut Package<'_>,
    of: &str,
) -> Result<HashMap<String, Relationship>, Refusal> {
    let (folder, name) = of.rsplit_once('/').unwrap_or(("", of));
    let own = match folder {
        "" => format!("_rels/{name}.rels"),
        folder => format!("{folder}/_rels/{name}.rels"),
    };
    let mut all = HashMap::new();
    let Some(part) = package.part(&own)? else {
        return Ok(all);
    };
    let mut xml = Xml::of(part);
    loop {
        match xml.next()? {
            Event::Start(element) if element.local_name().as_ref() == "Relationship" => {
                let outside = attribute(&element, "TargetMode").is_some_and(|m| m == "External");
                if outside || all.len() >= MAX_RELATIONSHIPS {
                    continue;
                }
                let id = attribute(&element, "Id").unwrap_or_default();
                let kind = attribute(&element, "Type").unwrap_or_default();
                let target = attribute(&element, "Target").unwrap_or_default();
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                let part = resolved(folder, &target);
                all.insert(id, Relationship { kind, part });
            }
            Event::Eof => return Ok(all),
            _ => {}
        }
    }
}

/// A target, from the folder of the part that names it.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}
