use super::*;

const LIMITS: Limits = Limits { sockets: 4, of_account: 2, topics: 2, queue: 3 };

fn hub() -> Arc<Hub<u8, ()>> {
    let hub = Arc::new(Hub::new(LIMITS));
    assert!(hub.begin_after(0));
    hub
}

fn account(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn about(number: i64, topic: &str) -> Arc<Message<()>> {
    Arc::new(Message { number, topic: topic.into(), told: () })
}

fn numbers(queue: &mut Queue<()>) -> Vec<i64> {
    std::iter::from_fn(|| queue.try_recv().ok()).map(|message| message.number).collect()
}

fn enter(hub: &Arc<Hub<u8, ()>>, owner: u8) -> (Place<u8, ()>, Queue<()>) {
    let entered = hub.enter(account(owner.into()), owner);
    entered.expect("a place")
}

#[test]
fn nobody_comes_in_before_it_is_known_where_it_begins_nor_beyond_the_limits() {
    let hub: Arc<Hub<u8, ()>> = Arc::new(Hub::new(LIMITS));
    let refused = |hub: &Arc<Hub<u8, ()>>, owner: u8| hub.enter(account(owner.into()), owner).err();
    assert_eq!(refused(&hub, 1), Some(Refused::Full));
    assert!(hub.begin_after(7));
    let (first, _q1) = enter(&hub, 1);
    let (_second, _q2) = enter(&hub, 1);
    assert_eq!(refused(&hub, 1), Some(Refused::TooMany));
    let (_third, _q3) = enter(&hub, 2);
    let (_fourth, _q4) = enter(&hub, 3);
    assert_eq!(refused(&hub, 4), Some(Refused::Full));
    assert!(!hub.begin_after(9), "somebody is there who would miss what lies between");
    assert_eq!(hub.told(), Some(7));
    drop(first);
    assert_eq!(hub.open(), 3);
    let (place, _queue) = enter(&hub, 1);
    let topic = |name: &str| Arc::<str>::from(name);
    assert_eq!(place.listen(&topic("a")), Some(7));
    assert_eq!(place.listen(&topic("b")), Some(7));
    assert_eq!(place.listen(&topic("c")), None);
    assert_eq!(place.listen(&topic("b")), Some(7), "again is no other one");
    place.leave(&topic("a"));
    assert_eq!(place.listen(&topic("c")), Some(7));
}

#[tokio::test]
async fn each_is_told_what_it_listens_to_in_order_and_once() {
    let hub = hub();
    let (place, mut queue) = enter(&hub, 1);
    assert_eq!(hub.tell(&about(1, "a")), 0);
    assert_eq!(place.listen(&"a".into()), Some(1));
    assert_eq!(hub.tell(&about(2, "a")), 1);
    assert_eq!(hub.tell(&about(2, "a")), 0, "it was told");
    assert_eq!(hub.tell(&about(3, "b")), 0);
    assert_eq!(hub.tell(&about(4, "a")), 1);
    assert_eq!(numbers(&mut queue), [2, 4]);
    place.leave(&"a".into());
    assert_eq!(hub.tell(&about(5, "a")), 0);
    assert!(numbers(&mut queue).is_empty());
}

/// What a slow one was told is everything up to some number, and nobody else notices.
#[tokio::test]
async fn who_does_not_read_is_cut_and_told_nothing_after_what_it_missed() {
    let hub = hub();
    let (slow, mut unread) = enter(&hub, 1);
    let (quick, mut read) = enter(&hub, 2);
    for place in [&slow, &quick] {
        place.listen(&"a".into());
    }
    let mut seen = Vec::new();
    for number in 1..=6 {
        hub.tell(&about(number, "a"));
        seen.extend(numbers(&mut read));
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
    assert_eq!(slow.cut().await, Cut::Slow);
    assert_eq!(numbers(&mut unread), [1, 2, 3]);
    assert_eq!(slow.listen(&"a".into()), Some(6));
    hub.tell(&about(7, "a"));
    assert!(numbers(&mut unread).is_empty(), "room is there again, and a gap would be in between");
    assert_eq!(numbers(&mut read), [7]);
}

#[tokio::test]
async fn who_may_hear_no_more_is_cut_and_so_is_everybody_when_something_is_lost_or_it_stops() {
    let hub = hub();
    let (first, mut queue) = enter(&hub, 1);
    let (second, _queue) = enter(&hub, 2);
    first.listen(&"a".into());
    assert_eq!(hub.end(|owner| *owner == 1), 1);
    hub.tell(&about(1, "a"));
    assert_eq!((first.cut().await, numbers(&mut queue).len()), (Cut::Ended, 0));
    hub.lost_until(10);
    assert_eq!((second.cut().await, hub.told()), (Cut::Lost, Some(10)));
    let (third, _queue) = enter(&hub, 3);
    let stopping = tokio::spawn({
        let hub = Arc::clone(&hub);
        async move { hub.stop().await }
    });
    assert_eq!(third.cut().await, Cut::Stopping);
    assert!(hub.enter(account(9), 9).is_err());
    drop((first, second, third));
    stopping.await.expect("everybody is gone");
    assert_eq!(hub.open(), 0);
}

#[tokio::test]
async fn a_crowd_is_waited_for_while_it_moves_and_not_for_who_does_not_read() {
    let hub = hub();
    let (reads, mut queue) = enter(&hub, 1);
    reads.listen(&"a".into());
    hub.tell(&about(1, "a"));
    assert!(!hub.is_crowded());
    queue.try_recv().expect("a message");
    for number in 2..=4 {
        hub.tell(&about(number, "a"));
    }
    assert!(hub.is_crowded(), "it took one, and three wait");
    assert!(!hub.is_crowded(), "it took none since");
    queue.try_recv().expect("a message");
    assert!(hub.is_crowded());
}
