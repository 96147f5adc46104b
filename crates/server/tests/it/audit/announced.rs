//! The step of staff who announce something.

use serde_json::json;

use super::Work;

impl Work {
    /// Something is announced to an account, and taken back.
    pub(super) async fn announces(&mut self) {
        let me = self.airline.call("GET", "/profile", Some(&self.admin), None).await.expect(200).text("/id");
        let new = json!({"audience": {"kind": "account", "user_id": me}, "texts": {"en": {"title": "A word", "text": "Asha, come early."}}});
        let id = self.act("POST /notifications", "/notifications", Some(new)).await.text("/id");
        let path = format!("/admin/announcements/{id}");
        let seen = json!({"recipients": 1});
        self.act("POST /admin/announcements/{id}/send", &format!("{path}/send"), Some(seen)).await;
        self.act("POST /admin/announcements/{id}/withdraw", &format!("{path}/withdraw"), None).await;
    }
}
