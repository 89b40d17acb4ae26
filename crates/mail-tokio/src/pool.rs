//! Connections that are kept for the next work.

use std::fmt;
use std::hash::Hash;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mail_pool::{Kept, Register, Ticket, Turn};
pub use mail_pool::{Limits, Pooled, Usage};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Connections to hosts, so many for each; who comes when all are in use waits for their turn. Cheap to clone; clones share
/// the connections.
///
/// `K` names a host and what else makes connections different, as the user who has logged in.
///
/// ```no_run
/// # async fn example(envelope: smtp_proto::client::Envelope) -> Result<(), mail_tokio::smtp::ClientError> {
/// use mail_tokio::pool::{Limits, Pool};
/// use mail_tokio::{smtp::Client, tls::Tls};
///
/// let pool = Pool::new(Limits::default());
/// let mut smtp = pool.get("mail.hamburger.example:25", async |host| Client::connect(*host, Tls::required()).await).await?;
/// smtp.send(&envelope, b"Subject: lunch\r\n\r\nAt noon?\r\n").await?;
/// # Ok(())
/// # }
/// ```
///
/// A connection whose lease is dropped is kept, whatever state it is in: before it is used again it is looked at
/// ([`Pooled::is_alive`]), and one that is not fit is replaced. Idle ones whose time is over are closed when the pool is used
/// next, or by [`prune`](Self::prune).
pub struct Pool<K: Clone + Eq + Hash, C> {
    shared: Arc<Shared<K, C>>,
}

/// Who waits is handed a lease.
type Places<K, C> = Register<K, C, oneshot::Sender<Lease<K, C>>>;

struct Shared<K: Clone + Eq + Hash, C> {
    register: Mutex<Places<K, C>>,
}

impl<K: Clone + Eq + Hash, C: Pooled> Pool<K, C> {
    /// An empty one.
    pub fn new(limits: Limits) -> Self {
        let register = Mutex::new(Register::new(limits));
        Self {
            shared: Arc::new(Shared { register }),
        }
    }

    /// A connection to `key`: one that is there and fit, or one that `connect` makes. Waits while all places of the host are
    /// in use; who came first is first.
    ///
    /// # Errors
    ///
    /// Those of `connect`; the next who waits may then try.
    ///
    /// # Cancel safety
    ///
    /// Dropped, one leaves the queue, and a connection that is being made is lost.
    pub async fn get<E>(&self, key: K, connect: impl AsyncFnOnce(&K) -> Result<C, E>) -> Result<Lease<K, C>, E> {
        let mut lease = self.place(key).await;
        if !lease.is_fit() {
            lease.kept = None;
            let connection = connect(&lease.key).await?;
            lease.kept = Some(Kept {
                connection,
                born: Instant::now().into_std(),
            });
        }
        Ok(lease)
    }

    /// Closes idle connections whose time is over, and returns them to callers who want to take leave of the server first.
    pub fn prune(&self) -> Vec<C> {
        self.shared.register().prune(Instant::now().into_std())
    }

    /// How busy a host is.
    pub fn usage(&self, key: &K) -> Usage {
        self.shared.register().usage(key)
    }

    async fn place(&self, key: K) -> Lease<K, C> {
        let (sender, receiver) = oneshot::channel();
        let (over, turn) = {
            let mut register = self.shared.register();
            let now = Instant::now().into_std();
            (register.prune(now), register.ask(&key, now, || sender))
        };
        // Closing takes its time, and the register is not locked for it.
        drop(over);
        let ticket = match turn {
            Turn::Reuse(kept) => return Lease::new(&self.shared, key, Some(kept)),
            Turn::Connect => return Lease::new(&self.shared, key, None),
            Turn::Wait(ticket) => ticket,
        };
        let mut queued = Queued {
            shared: &self.shared,
            key,
            ticket,
            receiver,
        };
        match (&mut queued.receiver).await {
            Ok(lease) => lease,
            Err(_) => unreachable!("the register keeps the sender until there is a place"),
        }
    }
}

impl<K: Clone + Eq + Hash, C> Shared<K, C> {
    fn register(&self) -> MutexGuard<'_, Places<K, C>> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(self: &Arc<Self>, key: &K, mut kept: Option<Kept<C>>) {
        loop {
            let next = self.register().give_back(key, kept, Instant::now().into_std());
            let Some((sender, handed)) = next else {
                return;
            };
            match sender.send(Lease::new(self, key.clone(), handed)) {
                Ok(()) => return,
                // Gone meanwhile.
                Err(mut lease) => {
                    lease.owner = None;
                    kept = lease.kept.take();
                }
            }
        }
    }
}

impl<K: Clone + Eq + Hash, C> Clone for Pool<K, C> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<K: Clone + Eq + Hash, C> fmt::Debug for Pool<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

/// Somebody in the queue, who leaves it when dropped.
struct Queued<'a, K: Clone + Eq + Hash, C> {
    shared: &'a Shared<K, C>,
    key: K,
    ticket: Ticket,
    /// A place that was handed over, and not taken, is given back as it is dropped.
    receiver: oneshot::Receiver<Lease<K, C>>,
}

impl<K: Clone + Eq + Hash, C> Drop for Queued<'_, K, C> {
    fn drop(&mut self) {
        self.shared.register().leave(&self.key, self.ticket);
    }
}

/// A connection that is in use. Dropped, it is the next one's.
pub struct Lease<K: Clone + Eq + Hash, C> {
    key: K,
    kept: Option<Kept<C>>,
    owner: Option<Arc<Shared<K, C>>>,
}

impl<K: Clone + Eq + Hash, C> Lease<K, C> {
    fn new(owner: &Arc<Shared<K, C>>, key: K, kept: Option<Kept<C>>) -> Self {
        Self {
            key,
            kept,
            owner: Some(Arc::clone(owner)),
        }
    }

    /// Takes the connection out of the pool, to say good-bye or to keep it; its place is free.
    ///
    /// # Panics
    ///
    /// Never: a lease that somebody has holds a connection.
    pub fn take(mut self) -> C {
        self.kept.take().expect(HELD).connection
    }

    fn is_fit(&mut self) -> bool
    where
        C: Pooled,
    {
        self.kept.as_mut().is_some_and(|kept| kept.connection.is_alive())
    }
}

impl<K: Clone + Eq + Hash, C> Deref for Lease<K, C> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.kept.as_ref().expect(HELD).connection
    }
}

impl<K: Clone + Eq + Hash, C> DerefMut for Lease<K, C> {
    fn deref_mut(&mut self) -> &mut C {
        &mut self.kept.as_mut().expect(HELD).connection
    }
}

impl<K: Clone + Eq + Hash, C> Drop for Lease<K, C> {
    fn drop(&mut self) {
        if let Some(owner) = self.owner.take() {
            owner.give_back(&self.key, self.kept.take());
        }
    }
}

impl<K: Clone + Eq + Hash + fmt::Debug, C> fmt::Debug for Lease<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("key", &self.key).finish_non_exhaustive()
    }
}

const HELD: &str = "get returns no lease without a connection, and only take and drop end it";
