//! The client's steps.

use mail_wire::Secret;

use super::message::{ClientFinal, ClientFirst, Flag, Gs2Header, ServerFinal, ServerFirst};
use crate::client::{Binding, ClientError, ClientOptions, Side, Unusable};
use crate::keys::ClientKeys;
use crate::syntax;
use crate::{Hash, Nonce, Purpose, UserName, prep};

pub(crate) struct Scram {
    hash: Hash,
    password: Secret,
    header: String,
    binding: Vec<u8>,
    bare: String,
    nonce: Nonce,
    iterations: (u32, u32),
    state: State,
}

enum State {
    /// The server's salt is awaited.
    First,
    /// This signature of the server is awaited.
    Final(Secret),
    /// The server knows the password.
    Verified,
}

impl Scram {
    /// The names are prepared already: the user's, and whom the user acts for.
    pub(crate) fn new(
        hash: Hash,
        names: (UserName, Option<UserName>),
        password: &Secret,
        binding: Binding,
        options: ClientOptions,
    ) -> Result<Self, Unusable> {
        let (user, authzid) = names;
        let (flag, binding) = match binding {
            Binding::None => (Flag::None, Vec::new()),
            Binding::NotOffered => (Flag::NotOffered, Vec::new()),
            Binding::Used(name, octets) => (Flag::Used(name.to_owned()), octets),
        };
        let nonce = options.nonce.map_or_else(Nonce::random, Ok)?;
        Ok(Self {
            hash,
            password: prep::password(password, Purpose::Query)?,
            header: Gs2Header { flag, authzid }.encode(),
            binding,
            bare: ClientFirst::bare(&user, nonce.as_str()),
            nonce,
            iterations: (options.least_iterations, options.most_iterations),
            state: State::First,
        })
    }

    fn prove(&mut self, challenge: &str) -> Result<Secret, ClientError> {
        if challenge.starts_with("e=") {
            return self.verify(challenge, &Secret::from(""));
        }
        let first = ServerFirst::parse(challenge)?;
        let added = first.nonce.strip_prefix(self.nonce.as_str());
        if added.is_none_or(str::is_empty) {
            return Err(ClientError::WrongNonce);
        }
        let iterations = self.check_iterations(first.iterations)?;
        let binding = [self.header.as_bytes(), &self.binding].concat();
        let without_proof = ClientFinal::without_proof(&binding, first.nonce);
        let signed: [&[u8]; 5] = [
            self.bare.as_bytes(),
            b",",
            challenge.as_bytes(),
            b",",
            without_proof.as_bytes(),
        ];
        let keys = ClientKeys::derive(self.hash, &self.password, &first.salt, iterations);
        let proof = keys.proof(&signed);
        self.state = State::Final(keys.stored.server_signature(&signed));
        Ok(Secret::from(ClientFinal::encode(&without_proof, proof.expose())))
    }

    fn check_iterations(&self, asked: u64) -> Result<u32, ClientError> {
        let (least, most) = self.iterations;
        if asked < u64::from(least) {
            return Err(ClientError::TooFewIterations { asked, limit: least });
        }
        let count = u32::try_from(asked).ok().filter(|&count| count <= most);
        count.ok_or(ClientError::TooManyIterations { asked, limit: most })
    }

    /// The last response is empty: it only lets the server go on.
    fn verify(&mut self, message: &str, signature: &Secret) -> Result<Secret, ClientError> {
        match ServerFinal::parse(message)? {
            ServerFinal::Error(error) => Err(ClientError::Refused(error)),
            ServerFinal::Verifier(given) if signature.matches(&given) => {
                self.state = State::Verified;
                Ok(Secret::from(""))
            }
            ServerFinal::Verifier(_) => Err(ClientError::WrongSignature),
        }
    }
}

impl Side for Scram {
    fn initial(&self) -> Option<Secret> {
        Some(Secret::from([self.header.as_bytes(), self.bare.as_bytes()].concat()))
    }

    fn respond(&mut self, challenge: &[u8]) -> Result<Secret, ClientError> {
        let challenge = syntax::text(challenge)?;
        match &self.state {
            State::First => self.prove(challenge),
            State::Final(signature) => {
                let signature = signature.clone();
                self.verify(challenge, &signature)
            }
            State::Verified => Err(ClientError::UnexpectedChallenge),
        }
    }

    fn finish(&mut self, data: Option<&[u8]>) -> Result<(), ClientError> {
        match (&self.state, data) {
            (State::Verified, None) => Ok(()),
            (State::Verified, Some(_)) => Err(ClientError::UnexpectedData),
            (State::Final(_), Some(data)) => self.respond(data).map(drop),
            (State::First | State::Final(_), _) => Err(ClientError::Unverified),
        }
    }
}
