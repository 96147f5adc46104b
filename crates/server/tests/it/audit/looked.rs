//! Staff who look at what is somebody's.

use super::Work;

/// Operations of staff that only look and leave no record, and why. Any other leaves one.
const NOT_RECORDED: [(&str, &str); 15] = [
    ("GET /admin/announcements", "staff's own words; an audience is told by its kind or an account's number"),
    ("GET /admin/announcements/{id}", "as the list of them"),
    ("GET /admin/audit", "acts of staff, with numbers only; records of looking at it would bury the others"),
    ("GET /admin/clients", "programs: their names, scopes and where they send people back to"),
    ("GET /admin/clients/{id}", "as the list of them"),
    ("GET /admin/events", "numbers of bookings and accounts; an event has nothing else of anybody"),
    ("GET /admin/integrity", "what does not add up, by the numbers of rows"),
    ("GET /admin/promotions", "terms of codes and how often they were used; nobody who used one"),
    ("GET /admin/promotions/{code}", "as the list of them"),
    ("GET /admin/webhooks", "where the airline's own events go"),
    ("GET /admin/webhooks/{id}", "as the list of them"),
    ("GET /admin/webhooks/{id}/deliveries", "which events went out when, by their numbers"),
    ("GET /admin/webhooks/{id}/deliveries/{delivery}", "an event, which has numbers only"),
    ("GET /check-in-policies", "what is filed of routes"),
    ("GET /search/check", "flights that a search finds"),
];

/// Whether it is of no traveller, and leaves no record.
pub(super) fn is_not_recorded(operation: &str) -> bool {
    NOT_RECORDED.iter().any(|(name, _)| *name == operation)
}

/// The list has no operation that there is not.
pub(super) fn assert_known(operations: &[String]) {
    for (name, _) in NOT_RECORDED {
        assert!(operations.iter().any(|operation| operation == name), "{name} is no operation of staff");
    }
}

impl Work {
    /// Everything of travellers that staff may look at, once.
    pub(super) async fn looks(&mut self) {
        let done = |operation: &str, pointer: &str| {
            let reply = self.done.get(operation).and_then(|replies| replies.last()).expect("done before");
            reply.text(pointer)
        };
        let ticket = done("PATCH /admin/support/tickets/{id}", "/ticket/id");
        let file = done("POST /admin/support/attachments", "/id");
        let flight = done("PUT /flights/{id}", "/id");
        for (operation, path) in [
            ("GET /admin/accounts", "/admin/accounts".to_owned()),
            ("GET /admin/support/tickets", "/admin/support/tickets?status=waiting_customer".to_owned()),
            ("GET /admin/support/tickets/{id}", format!("/admin/support/tickets/{ticket}")),
            ("GET /admin/support/attachments/{id}", format!("/admin/support/attachments/{file}")),
            ("GET /admin/reviews", "/admin/reviews".to_owned()),
            ("GET /admin/mails", "/admin/mails".to_owned()),
            ("GET /admin/refunds", "/admin/refunds".to_owned()),
            ("GET /flights/{id}/manifest", format!("/flights/{flight}/manifest")),
            ("GET /flights/{id}/manifest.csv", format!("/flights/{flight}/manifest.csv")),
        ] {
            self.act(operation, &path, None).await;
        }
        // It says whose, and nothing that they wrote.
        let sql = self.airline.sql().await;
        let count = "SELECT count(*) FROM audit_records WHERE action = $1 AND concat(object, after) LIKE '%' || $2 || '%'";
        for (action, object) in [
            ("support_ticket.list", &ticket),
            ("support_ticket.read_file", &ticket),
            ("manifest.export", &flight),
        ] {
            let row = sql.query_one(count, &[&action, object]).await.expect("a row");
            assert_eq!(row.get::<_, i64>(0), 1, "{action}");
        }
    }

    /// Whoever cannot be recorded is shown nothing; and nobody is recorded who was shown nothing.
    pub(super) async fn looks_unrecorded(&self) {
        let ticket = "sup_0193f2a1c5d07bb2a4d1c0ffee000010";
        let before = self.airline.count("SELECT count(*) FROM audit_records").await;
        for path in [
            "/flights/flt_20261201000080008000b97700134001/manifest".to_owned(),
            format!("/admin/support/tickets/{ticket}"),
        ] {
            self.airline.call("GET", &path, Some(&self.admin), None).await.expect(404);
        }
        assert_eq!(self.airline.count("SELECT count(*) FROM audit_records").await, before);
        let full = "ALTER TABLE audit_records ADD CONSTRAINT full_up CHECK (false) NOT VALID";
        self.airline.sql().await.batch(full).await.expect("full");
        for path in
            ["/admin/accounts", "/admin/support/tickets", "/admin/reviews", "/admin/mails", "/admin/refunds"]
        {
            self.airline.call("GET", path, Some(&self.admin), None).await.expect(500);
        }
    }
}
