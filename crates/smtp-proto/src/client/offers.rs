//! Which extension a parameter belongs to, and whether the message may go without it.

use super::Unoffered;
use crate::{Capabilities, Parameter, ParameterList, Parameters};

/// What a client may do with a parameter that the server does not offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// It is about reports or about haste: the message is the same without it.
    Light,
    /// Without it the message would go where, how or when it must not.
    Heavy,
}

/// The parameters that may be sent: clients MUST NOT send those of extensions that were not offered (RFC 5321 §4.1.1.11).
///
/// # Errors
///
/// The extension that is missing.
pub(super) fn offered(
    asked: &ParameterList,
    capabilities: &Capabilities,
    unoffered: Unoffered,
) -> Result<ParameterList, &'static str> {
    if missing(asked.iter(), capabilities).is_none() {
        return Ok(asked.clone());
    }
    let mut kept = ParameterList::new();
    for parameter in asked.iter() {
        match extension(parameter) {
            Some((extension, weight)) if !capabilities.offers(extension) => {
                if unoffered == Unoffered::Refuse || weight == Weight::Heavy {
                    return Err(extension);
                }
            }
            // What was in the list was checked when it went in.
            _ => drop(kept.push(parameter.keyword, parameter.value)),
        }
    }
    Ok(kept)
}

/// The first extension that the parameters need and that is not offered.
pub(super) fn missing(mut parameters: Parameters<'_>, capabilities: &Capabilities) -> Option<&'static str> {
    parameters.find_map(|parameter| {
        let (extension, _) = extension(parameter)?;
        (!capabilities.offers(extension)).then_some(extension)
    })
}

/// The extension of a parameter, unless it is none that this crate knows: then the caller knows what it does.
fn extension(parameter: Parameter<'_>) -> Option<(&'static str, Weight)> {
    let word = parameter.keyword;
    let value = parameter.value.unwrap_or_default();
    let found = KNOWN.iter().find(|(keyword, ..)| keyword.eq_ignore_ascii_case(word));
    let &(keyword, extension, weight) = found?;
    match keyword {
        "BODY" if value.eq_ignore_ascii_case("BINARYMIME") => Some(("BINARYMIME", weight)),
        // by-value = [by-time] ";" by-mode [by-trace]; the mode R asks for the message's return (RFC 2852 §4).
        "BY" if returns(value) => Some((extension, Weight::Heavy)),
        _ => Some((extension, weight)),
    }
}

fn returns(by: &str) -> bool {
    let mode = by.split_once(';').map_or("", |(_, mode)| mode);
    mode.starts_with(['R', 'r'])
}

/// Parameter, extension, weight.
const KNOWN: [(&str, &str, Weight); 14] = [
    ("SIZE", "SIZE", Weight::Light),
    ("BODY", "8BITMIME", Weight::Heavy),
    ("SMTPUTF8", "SMTPUTF8", Weight::Heavy),
    ("REQUIRETLS", "REQUIRETLS", Weight::Heavy),
    ("RET", "DSN", Weight::Light),
    ("ENVID", "DSN", Weight::Light),
    ("NOTIFY", "DSN", Weight::Light),
    ("ORCPT", "DSN", Weight::Light),
    ("BY", "DELIVERBY", Weight::Light),
    ("HOLDFOR", "FUTURERELEASE", Weight::Heavy),
    ("HOLDUNTIL", "FUTURERELEASE", Weight::Heavy),
    ("MT-PRIORITY", "MT-PRIORITY", Weight::Light),
    ("RRVS", "RRVS", Weight::Heavy),
    ("AUTH", "AUTH", Weight::Light),
];
