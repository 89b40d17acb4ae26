//! Whether a message may go without a parameter that the server does not offer.

use super::Unoffered;
use crate::{Capabilities, DeliverBy, Parameter, ParameterList, TooLate, ValidSince, WhenUnsupported};

/// Whose parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Mail,
    Rcpt,
}

/// The parameters that may be sent: clients MUST NOT send those of extensions that were not offered (RFC 5321 §4.1.1.11).
///
/// # Errors
///
/// The extension that is missing.
pub(super) fn offered(
    of: Of,
    asked: &ParameterList,
    capabilities: &Capabilities,
    unoffered: Unoffered,
) -> Result<ParameterList, &'static str> {
    if missing(of, asked, capabilities).is_none() {
        return Ok(asked.clone());
    }
    let mut kept = ParameterList::new();
    for parameter in asked.iter() {
        match of.extension(parameter) {
            Some(extension) if !capabilities.offers(extension) => {
                if unoffered == Unoffered::Refuse || !is_light(parameter) {
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
pub(super) fn missing(of: Of, parameters: &ParameterList, capabilities: &Capabilities) -> Option<&'static str> {
    let mut extensions = parameters.iter().filter_map(|parameter| of.extension(parameter));
    extensions.find(|extension| !capabilities.offers(extension))
}

impl Of {
    /// The extension of a parameter, unless it is none that this crate knows: then the caller knows what it does.
    fn extension(self, parameter: Parameter<'_>) -> Option<&'static str> {
        match self {
            Self::Mail => parameter.extension_of_mail(),
            Self::Rcpt => parameter.extension_of_rcpt(),
        }
    }
}

/// Whether it is about reports or haste, so that the message is the same without it. Without any other the message would go
/// where, how or when it must not: BY that asks for the message's return is among those (RFC 2852 §4), and RRVS unless it
/// says that it may be left out (RFC 7293 §3.1).
fn is_light(parameter: Parameter<'_>) -> bool {
    let word = parameter.keyword;
    let value = parameter.value.unwrap_or_default();
    if word.eq_ignore_ascii_case("BY") {
        let by = value.parse::<DeliverBy>();
        return by.is_ok_and(|by| by.otherwise == TooLate::Notify);
    }
    if word.eq_ignore_ascii_case("RRVS") {
        let since = value.parse::<ValidSince>();
        return since.is_ok_and(|since| since.otherwise == WhenUnsupported::Continue);
    }
    LIGHT.iter().any(|light| light.eq_ignore_ascii_case(word))
}

const LIGHT: [&str; 8] = [
    "SIZE",
    "RET",
    "ENVID",
    "NOTIFY",
    "ORCPT",
    "AUTH",
    "MT-PRIORITY",
    "SOLICIT",
];
