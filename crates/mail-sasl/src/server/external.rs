//! EXTERNAL (RFC 4422 §A) and ANONYMOUS: what the server knows already, and what it need not know.

use super::{Failure, Identity, Proved, Side, Turn};
use crate::anonymous::Trace;
use crate::{UserName, plain};

pub(crate) struct External {
    certificate: UserName,
}

impl External {
    pub(crate) fn new(certificate: UserName) -> Self {
        Self { certificate }
    }

    fn authzid(response: &[u8]) -> Result<Option<UserName>, Failure> {
        if response.is_empty() {
            return Ok(None);
        }
        Ok(Some(plain::name(response, 0)?.prepared()?))
    }
}

impl Side for External {
    fn step(&mut self, response: &[u8]) -> Turn {
        match Self::authzid(response) {
            Ok(authzid) => Turn::Proved(Proved {
                authcid: self.certificate.clone(),
                authzid,
                last: None,
            }),
            Err(failure) => Turn::Failed(failure),
        }
    }
}

pub(crate) struct Anonymous;

impl Side for Anonymous {
    fn step(&mut self, response: &[u8]) -> Turn {
        match Trace::parse(response) {
            Ok(trace) => Turn::Anonymous(Identity::Anonymous(trace)),
            Err(fault) => fault.into(),
        }
    }
}
