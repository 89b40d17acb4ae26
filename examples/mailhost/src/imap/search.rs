//! SEARCH and SORT (RFC 9051 §6.4.4, RFC 5256, RFC 4731, RFC 5182, RFC 5267, RFC 9394).
//!
//! - `scan.rs` finds messages, `texts.rs` looks into those where what is kept of them is not enough.
//! - `context.rs` keeps searches that go on, `multi.rs` searches many mailboxes.

pub(super) mod context;
mod multi;
mod scan;
mod texts;
mod threads;

use std::pin::pin;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt, TryStreamExt, stream};
use imap_mailbox::{
    Hit, LiveSearch, SearchContext, SearchError, SearchPlan, SearchResults, SortFacts, SortOrder, Uids,
};
use imap_proto::server::{Completion, Refusal};
use imap_proto::{
    Charset, Code, Condition, Data, FetchAttribute, Numbering, ReturnOption, Search, SearchProgram, Sort, Status, Tag,
    Text,
};

use self::context::Kept;
use self::scan::{Found, Scan, Wanted};
use super::ImapDialogue;
use super::execute::Outcome;
use super::failure::Failure;
use super::select::untagged;

/// What SEARCH, SORT and ESEARCH have in common.
struct Request<'c, 'a> {
    numbering: Numbering,
    charset: Option<&'c Charset<'a>>,
    program: &'c SearchProgram<'a>,
    /// What the answer is made of; `None` asks for a SEARCH or SORT response.
    returning: Option<&'c [ReturnOption<'a>]>,
    order: Option<SortOrder>,
}

impl ImapDialogue {
    pub(super) async fn search(&mut self, command: &Search<'_>) -> Outcome {
        let returning = match &command.returning {
            // RFC 9051 §6.4.4: without options, ALL.
            None if self.session.machine().enabled().rev2 => Some(&[][..]),
            returning => returning.as_deref(),
        };
        let request = Request {
            numbering: command.numbering,
            charset: command.charset.as_ref(),
            program: &command.program,
            returning,
            order: None,
        };
        self.find(request).await
    }

    pub(super) async fn sort(&mut self, command: &Sort<'_>) -> Outcome {
        let request = Request {
            numbering: command.numbering,
            charset: Some(&command.charset),
            program: &command.program,
            returning: command.returning.as_deref(),
            order: Some(SortOrder::new(&command.criteria)?),
        };
        self.find(request).await
    }

    async fn find(&mut self, request: Request<'_, '_>) -> Outcome {
        let saves = request
            .returning
            .is_some_and(|options| options.contains(&ReturnOption::Save));
        let outcome = self.answer_search(request).await;
        if let (true, Err(Failure::Refused(refusal))) = (saves, &outcome)
            && refusal.is_no()
        {
            // RFC 5182 §2.1
            self.selected()?.view.save(Uids::new());
        }
        outcome
    }

    async fn answer_search(&mut self, request: Request<'_, '_>) -> Outcome {
        let options = request.returning.unwrap_or_default();
        SearchResults::check(options)?;
        let update = self.asked_update(options)?;
        let plan = self.plan(request.charset, request.program)?;
        let is_sorted = request.order.is_some();
        let wanted = request.order.map_or(Wanted::Nothing, Wanted::Order);
        let scan = self.scan_selected(plan, wanted)?;
        let mut progress = self.progress();
        let found = self.run(&scan, &mut progress).await?;
        let ordered = Ordered::of(found, &scan.wanted);
        let mut results = SearchResults::new(request.numbering).telling_mod_sequence(scan.plan.asks_mod_sequence());
        ordered.hits(&mut results);
        match request.returning {
            Some(options) => self.tell_esearch(&results, options).await?,
            None if is_sorted => self.session.send(Data::Sort(results.found())).await?,
            None => self.session.send(Data::Search(results.found())).await?,
        }
        if let Some((tag, attributes)) = update {
            self.go_on(ordered.live(tag, request.numbering), scan, attributes)
                .await?;
        }
        Ok(Completion::default())
    }

    /// The tag of a search whose result is to be kept up to date, and what to fetch of messages that come into it (RFC 5465 §7).
    fn asked_update(&mut self, options: &[ReturnOption<'_>]) -> Result<Option<Update>, Failure> {
        use imap_proto::IntoBoundedStatic as _;
        let update = options.iter().find_map(|option| match option {
            ReturnOption::Update(attributes) => Some(attributes),
            _ => None,
        });
        let (Some(attributes), Some(tag)) = (update, self.session.machine().pending_tag()) else {
            return Ok(None);
        };
        self.selected()?.contexts.check(&tag)?;
        let attributes = attributes.iter().flat_map(|attributes| attributes.iter());
        let attributes = attributes.map(|attribute| attribute.clone().into_static());
        Ok(Some((tag, attributes.collect())))
    }

    async fn tell_esearch(&mut self, results: &SearchResults, options: &[ReturnOption<'_>]) -> Result<(), Failure> {
        if let Some(tag) = self.session.machine().pending_tag()
            && let Some(esearch) = results.esearch(tag, options)?
        {
            self.session.send(Data::Esearch(esearch)).await?;
        }
        if options.contains(&ReturnOption::Save) {
            self.save(results, options)?;
        }
        Ok(())
    }

    fn save(&mut self, results: &SearchResults, options: &[ReturnOption<'_>]) -> Result<(), Failure> {
        let saved = results.saved(options);
        let saved = saved.iter().flat_map(|saved| saved.numbers()).collect();
        self.selected()?.view.save(saved);
        Ok(())
    }

    /// Keeps a search, to tell the client when its result changes.
    async fn go_on(
        &mut self,
        live: LiveSearch,
        scan: Scan,
        attributes: Vec<FetchAttribute<'static>>,
    ) -> Result<(), Failure> {
        let kept = Kept {
            plan: scan.plan,
            wanted: scan.wanted,
            attributes,
        };
        if let Err(live) = self.selected()?.contexts.push(live, kept) {
            let status = Status {
                condition: Condition::No,
                code: Some(Code::NoUpdate(live.tag().clone())),
                text: Text::fixed("too many searches go on"),
            };
            self.session.send(Data::Status(status)).await?;
        }
        Ok(())
    }

    /// A program in the selected mailbox.
    fn plan(&mut self, charset: Option<&Charset<'_>>, program: &SearchProgram<'_>) -> Result<Arc<SearchPlan>, Failure> {
        let view = &self.selected()?.view;
        let saved = view.saved().to_number_set();
        let context = SearchContext::new(view.messages().len(), view.messages().last(), now())
            .with_save_dates()
            .with_saved(saved.as_ref());
        let plan = SearchPlan::compile(program, charset, &context)?;
        Ok(Arc::new(plan.pinned(|number| view.messages().at(number))))
    }

    fn scan_selected(&mut self, plan: Arc<SearchPlan>, wanted: Wanted) -> Result<Scan, Failure> {
        let store = self.host.store.clone();
        let selected = self.selected()?;
        Ok(Scan {
            store,
            mailbox: selected.mailbox.clone(),
            messages: selected.view.messages().clone(),
            recent: selected.view.recent().clone(),
            plan,
            wanted: Arc::new(wanted),
        })
    }

    /// Looks at all messages. While that takes long, the client hears how far it is (RFC 9585).
    async fn run(&mut self, scan: &Scan, progress: &mut Progress) -> Result<Vec<Found>, Failure> {
        progress.total += scan.messages.len();
        let looks = scan
            .batches()
            .map(async |batch| Ok::<_, Failure>((batch.len(), scan.look(&batch).await?)));
        let mut looks = pin!(stream::iter(looks).buffered(AT_ONCE));
        let mut all = Vec::new();
        loop {
            if progress.due <= tokio::time::Instant::now() {
                self.tell_progress(progress).await?;
            }
            tokio::select! {
                next = looks.try_next() => match next? {
                    Some((looked_at, found)) => {
                        progress.done += looked_at;
                        all.extend(found);
                    }
                    None => return Ok(all),
                },
                () = tokio::time::sleep_until(progress.due) => {}
            }
        }
    }

    /// Of a search that begins.
    fn progress(&self) -> Progress {
        let each = self.host.settings.progress_interval;
        Progress {
            done: 0,
            total: 0,
            due: tokio::time::Instant::now() + each,
            each,
        }
    }

    async fn tell_progress(&mut self, progress: &mut Progress) -> Result<(), Failure> {
        let tag = self.session.machine().pending_tag();
        let done = progress.told();
        let code = Code::InProgress(Some(imap_proto::InProgress::new(tag, done)));
        self.session.send(untagged(code, "still searching")).await?;
        Ok(self.session.flush().await?)
    }
}

/// Batches that are looked at at once: while one is judged, the store reads the next.
const AT_ONCE: usize = 2;

/// The tag of a search that goes on, and what is fetched.
type Update = (Tag<'static>, Vec<FetchAttribute<'static>>);

/// What was found, in the order that was asked for.
enum Ordered {
    AsInMailbox(Vec<Hit>),
    Sorted(SortOrder, Vec<(Hit, SortFacts)>),
}

impl Ordered {
    fn of(found: Vec<Found>, wanted: &Wanted) -> Self {
        let Wanted::Order(order) = wanted else {
            return Self::AsInMailbox(found.into_iter().map(|found| found.hit).collect());
        };
        let rows = found.into_iter().map(|found| (found.hit, found.facts.into_sort()));
        let mut rows: Vec<_> = rows.collect();
        order.sort(&mut rows, |(_, facts)| facts);
        Self::Sorted(order.clone(), rows)
    }

    fn hits(&self, results: &mut SearchResults) {
        match self {
            Self::AsInMailbox(hits) => results.extend(hits.iter().copied()),
            Self::Sorted(_, rows) => results.extend(rows.iter().map(|(hit, _)| *hit)),
        }
    }

    fn live(self, tag: Tag<'static>, numbering: Numbering) -> LiveSearch {
        match self {
            Self::AsInMailbox(hits) => LiveSearch::of_search(tag, numbering, hits),
            Self::Sorted(order, rows) => LiveSearch::of_sort(tag, numbering, order, rows),
        }
    }
}

/// How far a search is.
struct Progress {
    done: u32,
    total: u32,
    due: tokio::time::Instant,
    /// How long the client hears nothing.
    each: std::time::Duration,
}

impl Progress {
    /// What is told now, and again when as much time has passed.
    fn told(&mut self) -> imap_proto::Progress {
        self.due = tokio::time::Instant::now() + self.each;
        match std::num::NonZeroU32::new(self.total) {
            // RFC 9585 §4: it is less than the goal while the command goes on.
            Some(total) => imap_proto::Progress::DoneOf(self.done.min(self.total - 1), total),
            None => imap_proto::Progress::Unknown,
        }
    }
}

/// The condition and the code that RFC 5256 §3 and RFC 9051 §6.4.4 want.
impl From<SearchError> for Failure {
    fn from(error: SearchError) -> Self {
        let text = error.to_string();
        let refusal = match error.condition() {
            Condition::No => Refusal::no(&text),
            _ => Refusal::bad(&text),
        };
        let refusal = refusal.unwrap_or_else(|_| Refusal::fixed("it cannot be searched"));
        Self::Refused(match error.code() {
            Some(code) => refusal.with_code(code),
            None => refusal,
        })
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
