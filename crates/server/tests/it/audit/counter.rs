//! What staff do at the counter and at the gate.

use serde_json::json;
use server::check_in::import::import_check_in_policies;
use server::flights::import::File;

use super::Work;

impl Work {
    /// Somebody checks in at the counter of a flight that opens long before, and is put off it.
    pub(super) async fn counter(&mut self, traveller: &str, booking: &str) {
        let path = format!("/bookings/{booking}");
        let booked = self.airline.call("GET", &path, Some(traveller), None).await.expect(200);
        let (flight, locator) = (booked.text("/segments/0/flight_id"), booked.text("/locator"));
        let policies =
            b"origin,destination,opens_minutes,closes_minutes,counter_closes_minutes,passport,passport_months
US,US,20160,60,45,no,0";
        let file = File { name: "policies.csv", bytes: policies };
        let (db, now) = (&self.airline.app.db, self.airline.app.now());
        import_check_in_policies(db, now, file).await.expect("policies");
        let body = json!({"locator": locator, "passengers": [1], "no_dangerous_goods": true});
        let path = format!("/flights/{flight}/check-in");
        self.act("PUT /flights/{id}/check-in", &path, Some(body)).await;
        self.gate(traveller, booking, &flight).await;
        let body = json!({"locator": locator, "passengers": [1], "reason": "volunteered"});
        self.act("POST /flights/{id}/offload", &format!("/flights/{flight}/offload"), Some(body)).await;
    }

    /// Somebody who is checked in boards, and is let off again; on another flight boarding is closed.
    async fn gate(&mut self, traveller: &str, booking: &str, flight: &str) {
        let path = format!("/flights/{flight}");
        self.act("PUT /flights/{id}", &path, Some(json!({"status": "boarding"}))).await;
        let passes = format!("/bookings/{booking}/boarding-passes");
        let passes = self.airline.call("GET", &passes, Some(traveller), None).await.expect(200);
        let read = json!({"bar_code": passes.text("/passes/0/bar_code"), "device": "left", "scan": "1"});
        self.act("POST /flights/{id}/boardings", &format!("{path}/boardings"), Some(read)).await;
        self.act("DELETE /flights/{id}/boardings/{number}", &format!("{path}/boardings/1"), None).await;
        // No gate is closed days before.
        let times = ("2026-06-02T08:35", "2026-06-02T10:35");
        let other = self.airline.flight(&self.admin, "KR77", ("ABE", "ATL"), times, 9).await;
        let path = format!("/flights/{other}");
        self.airline
            .call("PUT", &path, Some(&self.admin), Some(json!({"status": "boarding"})))
            .await
            .expect(200);
        self.act("POST /flights/{id}/close-boarding", &format!("{path}/close-boarding"), None).await;
        self.airline
            .call(
                "PUT",
                &format!("/flights/{flight}"),
                Some(&self.admin),
                Some(json!({"status": "scheduled"})),
            )
            .await
            .expect(200);
    }
}
