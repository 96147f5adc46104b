//! Two operations against each other, statement by statement, in every order that can make a difference.
//!
//! Each operation talks to PostgreSQL through a proxy of its own, which holds every statement until it is let through. A run
//! follows a schedule of whose statement is next; a depth-first search over the schedules tries them all. Two orders that differ
//! only in statements that do not touch the same tables, or that only read them, are one order (sleep sets: Godefroid,
//! "Partial-Order Methods for the Verification of Concurrent Systems", 1996, chapter 5). A statement that waits for a lock is
//! no choice until the lock is free.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use platform::config;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

use super::{Judging, Moment, PgProxy, Step, Verdict, Watcher};

/// One of two operations.
pub type Operation = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// Nothing an operation does takes this long; if it does, neither can go on.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_EVERY: Duration = Duration::from_micros(300);

/// What a statement reads and writes, by table.
#[derive(Clone, Debug, Default)]
struct Footprint {
    reads: BTreeSet<String>,
    writes: BTreeSet<String>,
}

impl Footprint {
    fn conflicts(&self, other: &Self) -> bool {
        let meets = |writes: &BTreeSet<String>, other: &Self| {
            writes.iter().any(|table| other.reads.contains(table) || other.writes.contains(table))
        };
        meets(&self.writes, other) || meets(&other.writes, self)
    }
}

/// One side's place: what waits to be let through, and what is with the server.
#[derive(Default)]
struct Place {
    waiting: VecDeque<(Step, oneshot::Sender<()>)>,
    running: Vec<Step>,
    /// What its open transaction has written: its COMMIT shows that to others.
    written: BTreeSet<String>,
}

#[derive(Default)]
struct Gate(Mutex<Place>);

impl Gate {
    fn place(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Held(Arc<Gate>);

impl Watcher for Held {
    fn at(&self, step: Step, moment: Moment) -> Judging {
        let gate = Arc::clone(&self.0);
        Box::pin(async move {
            let mut pass = None;
            {
                let mut place = gate.place();
                if moment == Moment::After {
                    let done = place.running.iter().position(|run| run.sql == step.sql);
                    done.map(|done| place.running.remove(done));
                } else if step.sql.starts_with("BEGIN") || &*step.sql == "ROLLBACK" {
                    // Nobody else can see whether a transaction that has done nothing yet is open; and one that was dropped is
                    // rolled back when its connection gets to it, which is no step of the operation.
                    place.running.push(step);
                } else {
                    let (send, receive) = oneshot::channel();
                    place.waiting.push_back((step, send));
                    pass = Some(receive);
                }
            }
            // Nobody is left to let it through: the run is over.
            let is_over = match pass {
                Some(pass) => pass.await.is_err(),
                None => false,
            };
            if is_over { Verdict::Cut } else { Verdict::Pass }
        })
    }
}

/// Two proxies to one database, and a connection that sees who waits for whom.
pub struct Pair {
    proxies: [PgProxy; 2],
    gates: [Arc<Gate>; 2],
    seer: Client,
    /// The tables in which the two can meet.
    tables: BTreeSet<String>,
    switches: usize,
}

/// What was tried.
#[derive(Clone, Copy, Debug, Default)]
pub struct Explored {
    /// Schedules that were run to the end.
    pub schedules: usize,
    /// Of these, those in which an operation had to wait for the other's lock.
    pub with_waiting: usize,
    /// Those that were cut short, because they only repeat another.
    pub repeated: usize,
}

impl Pair {
    /// Two ways into the database of these settings. In the tables of `apart` each operation has rows of its own that the other
    /// never reads, so that the order of statements on them makes no difference.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn start(database: &config::Database, apart: &[&str]) -> anyhow::Result<Self> {
        let proxies = [PgProxy::start(database).await?, PgProxy::start(database).await?];
        let (seer, connection) = tokio_postgres::connect(&database.url, NoTls).await?;
        tokio::spawn(connection);
        let rows =
            seer.query("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'", &[]).await?;
        let tables =
            rows.iter().map(|row| row.get(0)).filter(|table: &String| !apart.contains(&&**table)).collect();
        Ok(Self { proxies, gates: Default::default(), seer, tables, switches: usize::MAX })
    }

    /// Leaves a side that could go on at most so many times. Most harm needs only two switches (Musuvathi and Qadeer, "Iterative
    /// Context Bounding", 2007), and long operations have too many orders otherwise.
    pub fn switching_at_most(self, switches: usize) -> Self {
        Self { switches, ..self }
    }

    /// The settings of the two servers.
    pub fn databases(&self) -> [config::Database; 2] {
        self.proxies.each_ref().map(PgProxy::database)
    }

    /// Runs the two as far as the path says and then to the end; the path grows by the choices there were.
    async fn run(&self, operations: [Operation; 2], path: &mut Vec<Choice>) -> anyhow::Result<Ran> {
        for (proxy, gate) in self.proxies.iter().zip(&self.gates) {
            *gate.place() = Place::default();
            proxy.watch(Arc::new(Held(Arc::clone(gate))));
        }
        let tasks = operations.map(tokio::spawn);
        let ran = self.walk(&tasks, path).await;
        for proxy in &self.proxies {
            proxy.pass();
        }
        self.let_end(tasks).await?;
        ran
    }

    /// What is still held may go, also what comes to an old watcher just now.
    async fn let_end(&self, tasks: [JoinHandle<()>; 2]) -> anyhow::Result<()> {
        let began = Instant::now();
        while !tasks.iter().all(JoinHandle::is_finished) {
            for gate in &self.gates {
                for (_, pass) in gate.place().waiting.drain(..) {
                    let _ = pass.send(());
                }
            }
            if began.elapsed() > PATIENCE {
                bail!("an operation does not end");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        for task in tasks {
            task.await?;
        }
        Ok(())
    }

    async fn walk(&self, tasks: &[JoinHandle<()>; 2], path: &mut Vec<Choice>) -> anyhow::Result<Ran> {
        let (mut ran, mut asleep): (Ran, [bool; 2]) = (Ran::default(), [false; 2]);
        for depth in 0.. {
            let mut next = self.settle(tasks, &mut ran).await?;
            if next.iter().all(Option::is_none) {
                break;
            }
            let open: Vec<usize> = (0..2).filter(|side| next[*side].is_some() && !asleep[*side]).collect();
            if open.is_empty() {
                // Whatever follows was seen in the order that put the other side to sleep.
                ran.is_repeated = true;
                break;
            }
            let last = ran.trace.last().map(|(side, _)| *side);
            if path.len() == depth {
                let stays = last.filter(|last| ran.switches == self.switches && open.contains(last));
                path.push(Choice { sides: stays.map_or(open, |last| vec![last]), taken: 0 });
            }
            let choice = &path[depth];
            let side = choice.sides[choice.taken];
            // It could go on here before. What it waits for may be a lock of PostgreSQL's own, which is let go in a moment.
            let began = Instant::now();
            while next[side].is_none() && began.elapsed() < PATIENCE {
                tokio::time::sleep(LOOK_EVERY).await;
                next = self.settle(tasks, &mut ran).await?;
            }
            let Some(footprint) = &next[side] else {
                let [a, b] = [0, 1].map(|side| {
                    let place = self.gates[side].place();
                    (tasks[side].is_finished(), place.running.clone(), place.waiting.len())
                });
                bail!(
                    "the operations do not repeat themselves ({a:?}, {b:?}, {choice:?}) after {:#?}",
                    ran.trace
                )
            };
            // The side that was tried here before sleeps until something happens that it would notice.
            for earlier in &choice.sides[..choice.taken] {
                asleep[*earlier] = true;
            }
            let other = 1 - side;
            ran.switches += usize::from(last == Some(other) && next[other].is_some());
            asleep[other] &= next[other].as_ref().is_some_and(|pending| !pending.conflicts(footprint));
            ran.trace.push((side, self.let_through(side, footprint)));
        }
        Ok(ran)
    }

    /// Waits until each side stands before a statement, waits for a lock, or is done. Says what may run next.
    async fn settle(
        &self,
        tasks: &[JoinHandle<()>; 2],
        ran: &mut Ran,
    ) -> anyhow::Result<[Option<Footprint>; 2]> {
        let began = Instant::now();
        loop {
            let mut next = [None, None];
            let (mut settled, mut blocked) = (0, 0);
            for side in 0..2 {
                let (running, waiting) = {
                    let place = self.gates[side].place();
                    (place.running.clone(), place.waiting.front().map(|(step, _)| step.clone()))
                };
                if tasks[side].is_finished() && running.is_empty() {
                    settled += 1;
                } else if !running.is_empty() {
                    blocked += usize::from(self.is_blocked(&running).await?);
                } else if let Some(step) = waiting {
                    next[side] = Some(self.footprint(side, &step));
                    settled += 1;
                }
            }
            // Who has ended holds no lock, or is about to let it go.
            let is_blocked_by_nobody = blocked > 0 && tasks.iter().any(JoinHandle::is_finished);
            if settled + blocked == 2 && !is_blocked_by_nobody {
                if blocked == 2 {
                    bail!("both wait for each other: a deadlock");
                }
                ran.has_waited |= blocked > 0;
                return Ok(next);
            }
            if began.elapsed() > PATIENCE {
                bail!("an operation neither sends a statement nor ends");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn is_blocked(&self, running: &[Step]) -> anyhow::Result<bool> {
        for step in running {
            let row =
                self.seer.query_one("SELECT cardinality(pg_blocking_pids($1)) > 0", &[&step.backend]).await?;
            if row.get(0) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn let_through(&self, side: usize, footprint: &Footprint) -> Arc<str> {
        let mut place = self.gates[side].place();
        let Some((step, pass)) = place.waiting.pop_front() else { return "nothing".into() };
        let sql = Arc::clone(&step.sql);
        match &*step.sql {
            "COMMIT" => place.written.clear(),
            _ => place.written.extend(footprint.writes.iter().cloned()),
        }
        place.running.push(step);
        let _ = pass.send(());
        sql
    }

    fn footprint(&self, side: usize, step: &Step) -> Footprint {
        if &*step.sql == "COMMIT" {
            return Footprint { reads: BTreeSet::new(), writes: self.gates[side].place().written.clone() };
        }
        let words = step.sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let tables: BTreeSet<String> =
            words.filter(|word| self.tables.contains(*word)).map(str::to_owned).collect();
        let only_reads = step.sql.starts_with("SELECT") && !step.sql.contains(" FOR ");
        if only_reads {
            Footprint { reads: tables, writes: BTreeSet::new() }
        } else {
            Footprint { reads: BTreeSet::new(), writes: tables }
        }
    }
}

/// Where there was a choice: the sides that could go on, and which of them did.
#[derive(Debug)]
struct Choice {
    sides: Vec<usize>,
    taken: usize,
}

#[derive(Default)]
struct Ran {
    has_waited: bool,
    is_repeated: bool,
    switches: usize,
    trace: Vec<(usize, Arc<str>)>,
}

/// Says in which order it happened, when a check panics.
struct Witness(Vec<(usize, Arc<str>)>);

impl Drop for Witness {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (side, sql) in &self.0 {
                eprintln!("{} {sql:.110}", ["A", "  B"][*side]);
            }
        }
    }
}

/// Runs two operations in every order of their statements. `begin` sets up a fresh case and returns the two; `check` looks at
/// what became of it, and panics if that must not be.
///
/// # Errors
/// The two wait for each other, an operation hangs, or one does not send the same statements when it is repeated.
pub async fn explore<Case>(
    pair: &Pair,
    mut begin: impl AsyncFnMut() -> (Case, [Operation; 2]),
    mut check: impl AsyncFnMut(Case),
) -> anyhow::Result<Explored> {
    let (mut path, mut explored) = (Vec::<Choice>::new(), Explored::default());
    loop {
        let (case, operations) = begin().await;
        let ran = pair.run(operations, &mut path).await.with_context(|| format!("{explored:?}"))?;
        explored.with_waiting += usize::from(ran.has_waited && !ran.is_repeated);
        *(if ran.is_repeated { &mut explored.repeated } else { &mut explored.schedules }) += 1;
        let witness = Witness(ran.trace);
        check(case).await;
        drop(witness);
        while path.last().is_some_and(|choice| choice.taken + 1 == choice.sides.len()) {
            path.pop();
        }
        let Some(last) = path.last_mut() else { return Ok(explored) };
        last.taken += 1;
    }
}
