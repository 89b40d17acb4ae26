//! The program beside a machine, and the loop that steps the two.

use mail_wire::{Machine, Step};

/// What a test does with a machine's steps. The defaults suit a machine that has neither bodies nor commands.
pub trait Application<M: Machine> {
    /// [`Step::Event`].
    fn event(&mut self, machine: &mut M, event: M::Event);

    /// [`Step::Body`]: octets of the incoming body, consumed afterwards.
    fn body(&mut self, octets: &[u8]) {
        let _ = octets;
    }

    /// [`Step::BodyEnd`] (`whole`) or [`Step::BodyAborted`]; the body is closed afterwards.
    fn body_end(&mut self, whole: bool) {
        let _ = whole;
    }

    /// [`Step::NeedBody`]: write a piece of the outgoing body, or finish it.
    fn need_body(&mut self, machine: &mut M) {
        let _ = machine;
        panic!("the machine wants a body");
    }

    /// [`Step::NeedAnswer`]: give an answer or the next command. `false`: there is none now.
    fn need_answer(&mut self, machine: &mut M) -> bool {
        let _ = machine;
        false
    }
}

/// Where [`settle`] had to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest<E> {
    /// [`Step::NeedInput`].
    Input,
    /// [`Step::NeedFlush`].
    Flush,
    /// [`Step::NeedAnswer`], and the application has none now.
    Idle,
    /// [`Step::Closed`].
    Closed,
    /// A fatal error.
    Failed(E),
}

impl<E> Rest<E> {
    /// Whether the dialogue is over.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Closed | Self::Failed(_))
    }
}

/// Steps `machine` until it needs the outside.
///
/// # Panics
///
/// When the machine takes a million steps without needing the outside: it would hang.
pub fn settle<M: Machine>(machine: &mut M, application: &mut impl Application<M>) -> Rest<M::Error> {
    for _ in 0..1_000_000 {
        let step = match machine.poll() {
            Ok(step) => step,
            Err(error) => return Rest::Failed(error),
        };
        match step {
            Step::Event(event) => application.event(machine, event),
            Step::Body => {
                application.body(machine.body());
                machine.consume(machine.body().len());
            }
            Step::BodyEnd => {
                application.body_end(true);
                machine.close_body();
            }
            Step::BodyAborted => {
                application.body_end(false);
                machine.close_body();
            }
            Step::NeedBody => application.need_body(machine),
            Step::NeedAnswer if application.need_answer(machine) => {}
            Step::NeedAnswer => return Rest::Idle,
            Step::NeedInput => return Rest::Input,
            Step::NeedFlush => return Rest::Flush,
            Step::Upgrade(layer) => machine.upgrade(layer),
            Step::Closed => return Rest::Closed,
        }
    }
    panic!("a million steps and no need for the outside");
}
