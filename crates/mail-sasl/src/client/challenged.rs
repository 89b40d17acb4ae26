//! Mechanisms whose server begins, and proves nothing: LOGIN and CRAM-MD5.

use mail_wire::Secret;

use super::{ClientError, Side};
use crate::{UserName, cram_md5, syntax::Syntax};

/// Two answers, whatever is asked: servers word their questions as they like.
pub(crate) struct Login {
    /// The last one first.
    answers: Vec<Secret>,
}

impl Login {
    pub(crate) fn new(user: &UserName, password: &Secret) -> Self {
        Self {
            answers: vec![password.clone(), Secret::from(user.as_str())],
        }
    }
}

impl Side for Login {
    fn initial(&self) -> Option<Secret> {
        None
    }

    fn respond(&mut self, _question: &[u8]) -> Result<Secret, ClientError> {
        self.answers.pop().ok_or(ClientError::UnexpectedChallenge)
    }

    fn finish(&mut self, data: Option<&[u8]>) -> Result<(), ClientError> {
        finish(self.answers.is_empty(), data)
    }
}

pub(crate) struct CramMd5 {
    user: UserName,
    /// Until it was used.
    password: Option<Secret>,
}

impl CramMd5 {
    pub(crate) fn new(user: &UserName, password: &Secret) -> Self {
        Self {
            user: user.clone(),
            password: Some(password.clone()),
        }
    }
}

impl Side for CramMd5 {
    fn initial(&self) -> Option<Secret> {
        None
    }

    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, ClientError> {
        if challenge.is_empty() {
            return Err(Syntax::new(0, "a challenge").into());
        }
        let password = self.password.take().ok_or(ClientError::UnexpectedChallenge)?;
        Ok(cram_md5::Response::new(self.user.clone(), &password, challenge).encode())
    }

    fn finish(&mut self, data: Option<&[u8]>) -> Result<(), ClientError> {
        finish(self.password.is_none(), data)
    }
}

fn finish(complete: bool, data: Option<&[u8]>) -> Result<(), ClientError> {
    match data {
        _ if !complete => Err(ClientError::TooEarly),
        Some(_) => Err(ClientError::UnexpectedData),
        None => Ok(()),
    }
}
