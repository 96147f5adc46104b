//! Pairs that want the same seat of the map, or the same use of a promotion code.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::extras::import::import_seat_maps;
use server::flights::import::File;
use testkit::proxy::Operation;

use super::{Answer, Stage, said};

const CODE: &str = "ONCE";

impl Stage {
    /// The flights' aircraft have maps, and one code can be used once at a time.
    async fn with_wants() -> Self {
        let stage = Self::new().await;
        let airline = &stage.airline;
        let maps = File { name: "seat-maps.csv", bytes: include_bytes!("../../../../../data/seat-maps.csv") };
        import_seat_maps(&airline.app.db, airline.app.now(), maps).await.expect("maps");
        let terms = json!({"name": "Once", "audience": "public", "total_limit": 1,
            "benefit": {"kind": "percent", "basis_points": 1_000}});
        let body = json!({"code": CODE, "terms": terms});
        airline.call("POST", "/admin/promotions", Some(&stage.admin), Some(body)).await.expect(201);
        stage
    }

    /// Two holds on one flight.
    async fn two_holds(&self) -> [String; 2] {
        let (_, offer) = self.flight(150).await;
        let hold = async |which: &str| {
            let key = format!("{which}-{}", self.cases.get());
            self.airline.hold(&self.token, &offer, &key).await.expect(201).text("/id")
        };
        [hold("one").await, hold("two").await]
    }

    fn seat(&self, side: usize, booking: &str, seat: &str) -> (Operation, Answer) {
        let body = json!({"seats": [{"passenger": 1, "segment": 1, "seat": seat}]});
        self.request(side, "POST", &format!("/bookings/{booking}/extras"), Some(body))
    }

    fn apply(&self, side: usize, booking: &str) -> (Operation, Answer) {
        self.request(side, "POST", &format!("/bookings/{booking}/coupon"), Some(json!({"code": CODE})))
    }

    /// Gives up what a case has left, so that the next one begins with a free code.
    async fn give_up(&self, bookings: &[String]) {
        for id in bookings {
            self.airline
                .call("DELETE", &format!("/bookings/{id}"), Some(&self.token), None)
                .await
                .expect(200);
        }
        assert_eq!(self.airline.count("SELECT sum(taken)::bigint FROM promotion_counters").await, 0);
    }

    async fn discount(&self, id: &str) -> i64 {
        let fares = self.booking(id).await.json["fares"].as_array().cloned().unwrap_or_default();
        let discount = |fare: &Value| fare["discount"]["amount"].as_i64().unwrap_or(0);
        fares.iter().map(discount).sum()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_picks_of_one_seat() {
    let stage = Stage::with_wants().await.switching_at_most(2);
    let begin = async || {
        let [one, two] = stage.two_holds().await;
        let ((a, first), (b, second)) = (stage.seat(0, &one, "12A"), stage.seat(1, &two, "12A"));
        ((first, second), [a, b])
    };
    let check = async |(first, second): (Answer, Answer)| {
        let mut pair = [said(&first.take()), said(&second.take())];
        pair.sort();
        assert_eq!(pair, ["201", "409 seat_taken"]);
    };
    stage.explore("seat, seat", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pick_and_the_sweeper_of_its_hold() {
    let stage = Stage::with_wants().await;
    let begin = async || {
        stage.airline.later(SignedDuration::from_mins(15));
        stage.airline.run_job("expire_holds").await;
        let (id, _) = stage.held(150).await;
        let (picking, picked) = stage.seat(0, &id, "12A");
        ((id, picked), [picking, stage.sweep_ahead()])
    };
    let check = async |(id, picked): (String, Answer)| {
        let picked = said(&picked.take());
        assert!(["201", "409 hold_expired", "409 booking_closed"].contains(&&*picked), "{picked}");
        // The sweeper passes over a hold that somebody is at work on, and comes again.
        stage.sweep_ahead().await;
        assert_eq!(stage.status(&id).await, "expired");
        assert_eq!(stage.airline.count("SELECT count(*) FROM seat_assignments").await, 0, "the seat is free");
    };
    stage.explore("seat, expire", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_uses_of_a_code_for_one() {
    let stage = Stage::with_wants().await.switching_at_most(2);
    let begin = async || {
        let [one, two] = stage.two_holds().await;
        let ((a, first), (b, second)) = (stage.apply(0, &one), stage.apply(1, &two));
        ((one, two, first, second), [a, b])
    };
    let check = async |(one, two, first, second): (String, String, Answer, Answer)| {
        let mut pair = [said(&first.take()), said(&second.take())];
        pair.sort();
        assert_eq!(pair, ["200", "422 promotion_refused"]);
        assert_eq!(stage.discount(&one).await + stage.discount(&two).await, 2_000);
        stage.give_up(&[one, two]).await;
    };
    stage.explore("code, code", begin, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_and_a_payment_of_one_hold() {
    let stage = Stage::with_wants().await;
    let begin = async || {
        let (id, _) = stage.held(150).await;
        let body = json!({"booking_id": id, "method": {"type": "card", "number": super::CARD},
            "expected_total": {"amount": 20_000, "currency": "USD"}});
        let (applying, applied) = stage.apply(0, &id);
        let (paying, paid) = stage.request(1, "POST", "/payments", Some(body));
        ((id, applied, paid), [applying, paying])
    };
    let check = async |(id, applied, paid): (String, Answer, Answer)| {
        let pair = (said(&applied.take()), said(&paid.take()));
        let discount = stage.discount(&id).await;
        match (&*pair.0, &*pair.1) {
            // The price went down before it was paid, and the traveller had agreed to another.
            ("200", "409 price_changed") => assert_eq!(discount, 2_000),
            ("409 payment_in_progress" | "409 already_paid" | "409 booking_closed", "201") => {
                assert_eq!(discount, 0);
            }
            other => panic!("{other:?}"),
        }
        stage.give_up(&[id]).await;
    };
    stage.explore("code, pay", begin, check).await;
}
