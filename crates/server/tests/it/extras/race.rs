//! Races for seats, masks and stock, each with the proof that it is one: the guard taken away, the damage happens.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Shop, bag, seats};
use crate::support::{Reply, request, send};

const BUYERS: usize = 50;

impl Shop {
    /// Holds of one adult each, as many as buyers.
    async fn holds(&self, party: &str, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for buyer in 0..count {
            ids.push(self.hold(party, &format!("hold-{buyer}")).await);
        }
        ids
    }

    /// All bookings ask for the same at once, over two servers.
    async fn rush(&self, ids: &[String], body: impl Fn(usize) -> Value) -> Vec<Reply> {
        let (_, second) = self.airline.second_server().await;
        self.airline.warm_pool().await;
        let buyers = ids.iter().enumerate().map(|(buyer, id)| {
            let router = if buyer % 2 == 0 { self.airline.router() } else { second.clone() };
            let (path, body) = (format!("/bookings/{id}/extras"), body(buyer));
            let key = format!("rush-{buyer}-{body}");
            tokio::spawn(send(router, request("POST", &path, Some(&self.token), Some(body), Some(&key))))
        });
        let replies = join_all(buyers.collect::<Vec<_>>()).await;
        replies.into_iter().map(|reply| reply.expect("an answer")).collect()
    }

    /// Rushes to one row after another until the damage has happened once; twelve rows without are proof that it does not.
    async fn rush_until(&self, ids: &[String], letters: &[&str], damage: &'static str) -> bool {
        for row in [9, 10, 11, 12, 20, 21, 22, 23, 24, 25, 26, 27] {
            self.rush(ids, |buyer| seats(&[(1, &format!("{row}{}", letters[buyer % letters.len()]))])).await;
            if self.airline.count(damage).await > 0 {
                return true;
            }
        }
        false
    }

    async fn deadlocks(&self) -> i64 {
        self.airline.count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await
    }
}

fn bought(replies: &[Reply], otherwise: (u16, &str)) -> usize {
    for refused in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!((refused.status.as_u16(), refused.code()), otherwise, "{}", refused.json);
    }
    replies.iter().filter(|reply| reply.status == 201).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_pick_one_seat_and_one_has_it() {
    let shop = Shop::open().await;
    let ids = shop.holds("a", BUYERS).await;
    let replies = shop.rush(&ids, |_| seats(&[(1, "12A")])).await;
    assert_eq!(bought(&replies, (409, "seat_taken")), 1);
    assert_eq!(shop.airline.count("SELECT count(*) FROM booking_extras").await, 1);
    assert_eq!((shop.taken().await, shop.deadlocks().await), (vec!["12A".to_owned()], 0));
    shop.airline.assert_sound().await;
}

/// The same without the primary key: if nobody shares a seat, the test above proves nothing.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_primary_key_a_seat_has_several_owners() {
    let shop = Shop::open().await;
    let ids = shop.holds("a", BUYERS).await;
    let drop_key = "ALTER TABLE seat_assignments DROP CONSTRAINT seat_assignments_pkey";
    shop.airline.sql().await.batch(drop_key).await.expect("dropped");
    let shared =
        "SELECT count(*) FROM (SELECT FROM seat_assignments GROUP BY seat HAVING count(*) > 1) AS shared";
    assert!(shop.rush_until(&ids, &["A"], shared).await, "the race does not happen here");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_seats_of_a_block_and_one_mask() {
    let shop = Shop::open().await;
    let ids = shop.holds("ai", 12).await;
    let block = ["12A", "12B", "12C"];
    let replies = shop.rush(&ids, |buyer| seats(&[(1, block[buyer % 3])])).await;
    let won = replies.iter().filter(|reply| reply.status == 201).count();
    assert!(replies.iter().all(|reply| ["", "seat_taken", "seat_not_allowed"].contains(&reply.code())));
    assert_eq!((won, shop.taken().await.len(), shop.deadlocks().await), (1, 1, 0));
    shop.airline.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_its_key_a_mask_is_for_two() {
    let shop = Shop::open().await;
    let ids = shop.holds("ai", 12).await;
    let drop_key = "ALTER TABLE lap_infants DROP CONSTRAINT lap_infants_pkey";
    shop.airline.sql().await.batch(drop_key).await.expect("dropped");
    let shared =
        "SELECT count(*) FROM (SELECT FROM lap_infants GROUP BY block HAVING count(*) > 1) AS shared";
    assert!(shop.rush_until(&ids, &["A", "B", "C"], shared).await, "the race does not happen here");
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_heavy_bags_for_fifty_who_want_one() {
    let shop = Shop::open().await;
    let ids = shop.holds("a", BUYERS).await;
    let bag = json!({"items": [{"code": "bag_32", "passenger": 1, "slice": 1}]});
    let replies = shop.rush(&ids, |_| bag.clone()).await;
    assert_eq!(bought(&replies, (409, "extra_sold_out")), 30);
    assert_eq!((shop.stock_taken().await, shop.deadlocks().await), (30, 0));
    shop.airline.assert_sound().await;
}

/// Weight is stock too: of 300 kg fifty want seven, and 42 have them; nobody has a part of what was asked for.
#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_kilograms_for_fifty_who_want_seven() {
    let shop = Shop::open().await;
    let ids = shop.holds("a", BUYERS).await;
    let weight = json!({"items": [{"code": "excess_kg", "passenger": 1, "segment": 1, "quantity": 7}]});
    let replies = shop.rush(&ids, |_| weight.clone()).await;
    assert_eq!(bought(&replies, (409, "extra_sold_out")), 42);
    assert_eq!((shop.stock_taken().await, shop.deadlocks().await), (294, 0));
    shop.airline.assert_sound().await;
}

/// Reading, then writing: more is sold than there is. What refuses it then is the table's CHECK.
#[tokio::test(flavor = "multi_thread")]
async fn control_reading_stock_before_taking_it_oversells() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    shop.buy(&id, bag(1), "e1").await.expect(201);
    let sql = shop.airline.sql().await;
    let error = sql.execute("UPDATE flight_extras SET taken = 121", &[]).await.expect_err("refused");
    assert_eq!(error.constraint(), Some("flight_extras_never_oversold"));
    sql.batch("ALTER TABLE flight_extras DROP CONSTRAINT flight_extras_never_oversold; UPDATE flight_extras SET stock = 2")
        .await
        .expect("dropped");
    drop(sql);
    shop.airline.warm_pool().await;
    let buyer = || async {
        let tx = shop.airline.app.db.begin().await.expect("a transaction");
        let seen = tx.query_one("SELECT taken, stock FROM flight_extras", &[]).await.expect("a row");
        let (taken, stock): (i32, i32) = (seen.get(0), seen.get(1));
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        if taken < stock {
            tx.execute("UPDATE flight_extras SET taken = taken + 1", &[]).await.expect("taken");
            tx.commit().await.expect("committed");
        }
    };
    join_all((0..8).map(|_| buyer())).await;
    assert!(shop.stock_taken().await > 2, "the race does not happen here");
}

/// Everybody wants seats, masks and stock in another order, and many want one another's seats: nobody waits in a circle.
#[tokio::test(flavor = "multi_thread")]
async fn requests_in_every_order_do_not_lock_one_another_out() {
    let shop = Shop::open().await;
    let ids = shop.holds("aai", 24).await;
    let wish = |buyer: usize, round: usize| {
        let letters = ["A", "B", "C", "D", "E", "F"];
        let seat = |shift: usize| {
            format!(
                "{}{}",
                20 + (buyer * 5 + shift * 3 + round) % 3,
                letters[(buyer + shift * 2 + round) % 6]
            )
        };
        let wish =
            |passenger: usize| json!({"passenger": passenger + 1, "segment": 1, "seat": seat(passenger)});
        let mut order = vec![wish(0), wish(1)];
        let mut items = vec![
            json!({"code": "bag_23", "passenger": 1, "slice": 1}),
            json!({"code": "meal_veg", "passenger": 2, "segment": 1}),
        ];
        if buyer.is_multiple_of(2) {
            order.reverse();
            items.reverse();
        }
        json!({"seats": order, "items": items})
    };
    for round in 0..4 {
        let path = |id: &String| format!("/bookings/{id}/extras");
        let (_, second) = shop.airline.second_server().await;
        let buyers = ids.iter().enumerate().map(|(buyer, id)| {
            let router = if buyer % 2 == 0 { shop.airline.router() } else { second.clone() };
            let key = format!("round-{round}-{buyer}");
            let body = Some(wish(buyer, round));
            tokio::spawn(send(router, request("POST", &path(id), Some(&shop.token), body, Some(&key))))
        });
        for reply in join_all(buyers.collect::<Vec<_>>()).await {
            let reply = reply.expect("an answer");
            assert!(reply.status.as_u16() < 500, "{}", reply.json);
        }
    }
    assert_eq!(shop.deadlocks().await, 0);
    let twice = "SELECT count(*) FROM booking_extras e WHERE e.status = 'reserved' AND e.seat IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM seat_assignments s WHERE s.seat = e.seat AND s.booking_id = e.booking_id
                                 AND s.extra_no = e.extra_no)";
    assert_eq!(shop.airline.count(twice).await, 0, "an extra without its seat");
    let sold =
        "SELECT COALESCE(sum(quantity), 0)::bigint FROM booking_extras WHERE status = 'reserved' AND stocked";
    assert_eq!(shop.airline.count(sold).await, shop.stock_taken().await);
    assert!(shop.stock_taken().await > 0, "somebody bought something");
    shop.airline.assert_sound().await;
}
