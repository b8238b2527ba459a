//! Promise: whatever goes wrong is a problem with a code and the request's id, and every answer has its headers.

use reqwest::Method;

use crate::on_both_servers;

on_both_servers! {
    async fn the_service_says_that_it_is_well(app: &TestApp) {
        for path in ["/health/live", "/health/ready"] {
            let answer = app.get(path).send().await.expect(200);
            assert_eq!(answer.json(), serde_json::json!({"status": "ok"}));
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
    }

    async fn an_unknown_address_is_a_problem(app: &TestApp) {
        for path in ["/", "/nothing", "/v1", "/v1/councils/anytown/nothing", "/health/live/"] {
            app.get(path).send().await.problem(404, "not_found");
        }
    }

    async fn a_wrong_method_is_told_every_right_one(app: &TestApp) {
        let answer = app.post("/health/live").send().await;
        answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), "GET, HEAD");
        let strange = Method::from_bytes(b"BREW").expect("a method");
        app.ask(strange, "/health/live").send().await.problem(405, "method_not_allowed");
        app.ask(Method::OPTIONS, "/health/live").send().await.problem(405, "method_not_allowed");
    }

    async fn what_cannot_be_given_is_said_to_be_so(app: &TestApp) {
        app.get("/health/live").header("accept", "text/csv").send().await.problem(406, "not_acceptable");
        app.get("/health/live").header("accept", "text/csv, */*;q=0.1").send().await.expect(200);
    }

    async fn an_unknown_query_parameter_is_refused(app: &TestApp) {
        let answer = app.get("/health/live?colour=red").send().await;
        answer.problem(400, "bad_query");
        assert_eq!(answer.faults(), [("/colour".to_owned(), "unknown_parameter".to_owned())]);
    }

    async fn a_safe_request_id_is_repeated_and_any_other_replaced(app: &TestApp) {
        let kept = app.get("/health/live").header("x-request-id", "abc-1").send().await;
        assert_eq!(kept.header("x-request-id"), "abc-1");
        let replaced = app.get("/nothing").header("x-request-id", "no such<script>").send().await;
        assert_ne!(replaced.header("x-request-id"), "no such<script>");
        replaced.problem(404, "not_found");
    }

    async fn head_is_get_without_its_body(app: &TestApp) {
        let head = app.ask(Method::HEAD, "/health/live").send().await.expect(200);
        assert_eq!((head.text.as_str(), head.header("content-length")), ("", "15"));
    }
}
