//! Work for machines: while many locators are guessed, by whomever and from wherever, each further guess costs some of a computer's time.
//!
//! A puzzle is signed for one locator and one name, so that its solution lets nobody try another, and it is stored nowhere. It asks for a text
//! that makes a hash begin with so many zero bits (Back, "Hashcash", 2002): a browser finds one in about a second, and a million guesses
//! cost a processor a week. Who types their own locator is asked for it only while somebody guesses.

use jiff::{SignedDuration, Timestamp};
use kernel::Category;
use platform::attempts::{Attempt, Rule};
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::find::RecordRequest;
use crate::app::App;

/// Zero bits that a solution begins with: a quarter of a million hashes on average.
const BITS: u32 = 18;
const LIFE: SignedDuration = SignedDuration::from_mins(10);
const SOLUTION_MAX: usize = 64;

/// A solved puzzle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"challenge": "puz_eyJvZiI6", "solution": "184467"}))]
pub(super) struct PuzzleSolution {
    /// As the refusal gave it.
    challenge: String,
    /// A text of at most 64 characters: SHA-256 of `challenge.solution` begins with `bits` zero bits.
    solution: String,
}

#[derive(Serialize, Deserialize)]
struct Puzzle {
    /// Hash of what is asked for.
    of: [u8; 16],
    until: Timestamp,
}

/// How many misses of all together there may be in an hour before puzzles are asked for; nothing if they never are.
fn misses(app: &App) -> Option<Attempt> {
    let burst = i32::from(app.config.limits.record_misses_per_hour);
    let every = SignedDuration::from_hours(1).checked_div(burst)?;
    Some(Attempt::new(&app.sealer, Rule { name: "record misses", burst, every }, b"all"))
}

/// Counts a guess that found nothing.
pub(super) async fn count_miss(app: &App) -> Result<(), Problem> {
    if let Some(misses) = misses(app) {
        // Past the limit there is nothing more to count.
        let _ = misses.take(&app.db, app.now()).await?;
    }
    Ok(())
}

/// Asks for a solution while there are too many misses. Refusal: `puzzle_required`, with a new one.
pub(super) async fn require(app: &App, request: &RecordRequest) -> Result<(), Problem> {
    let Some(misses) = misses(app) else { return Ok(()) };
    let many = misses.look(&app.db.read().await?, app.now()).await?.is_some();
    let solved = |solution| is_solved(app, request, solution);
    if !many || request.puzzle.as_ref().is_some_and(solved) {
        return Ok(());
    }
    let puzzle = Puzzle { of: asked_for(request), until: app.now() + LIFE };
    let challenge = app.puzzles.sign(&puzzle).map_err(Problem::internal)?;
    metrics::counter!("record_puzzles_total").increment(1);
    let refused = Problem::new(Category::Forbidden, "puzzle_required");
    Err(refused.with("puzzle", json!({"challenge": challenge, "bits": BITS})).actions(&["solve"]))
}

fn is_solved(app: &App, request: &RecordRequest, solved: &PuzzleSolution) -> bool {
    let puzzle: Option<Puzzle> = app.puzzles.open(&solved.challenge);
    let ours = puzzle.is_some_and(|puzzle| puzzle.of == asked_for(request) && app.now() < puzzle.until);
    ours && solved.solution.len() <= SOLUTION_MAX && zero_bits(&solved.challenge, &solved.solution) >= BITS
}

fn asked_for(request: &RecordRequest) -> [u8; 16] {
    let RecordRequest { locator, surname, .. } = request;
    let hash =
        Sha256::digest(format!("{}|{}", locator.trim().to_ascii_uppercase(), surname.trim().to_lowercase()));
    std::array::from_fn(|index| hash[index])
}

fn zero_bits(challenge: &str, solution: &str) -> u32 {
    let hash = Sha256::digest(format!("{challenge}.{solution}"));
    let head: [u8; 8] = std::array::from_fn(|index| hash[index]);
    u64::from_be_bytes(head).leading_zeros()
}
