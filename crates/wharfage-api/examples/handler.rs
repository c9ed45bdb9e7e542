//! A web handler's worth of code: a request's JSON in, a status and a JSON answer out. Reads the request from standard input.
//!
//!     cargo run -p wharfage-api --example handler < examples/lesson-microservice.json

use std::io::{self, Read};

use wharfage_api::{diagnostics, read, respond, response};
use wharfage_core::PriceBook;

/// Answers one call. The book is made once and shared: it is read in place, by any number of threads.
fn handle(body: &str, book: &PriceBook<'_>) -> (u16, String) {
    let answer = read::request("request.json", body).and_then(|(request, _)| respond(&request, book));
    match answer {
        Ok(response) => (200, response::to_json(&response)),
        Err(found) => (422, response::to_json(&diagnostics(&found))),
    }
}

fn main() -> io::Result<()> {
    let mut body = String::new();
    io::stdin().read_to_string(&mut body)?;
    let (status, answer) = handle(&body, &wharfage_prices::book());
    eprintln!("{status}");
    println!("{answer}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = r#"{ "platform": "ecs-fargate", "region": "서울", "as_of": "2026-11-22",
                            "workload": [{ "vcpu": 0.5, "memory": "1GiB", "replicas": 2 }] }"#;

    #[test]
    fn a_request_is_priced() {
        let (status, answer) = handle(BODY, &wharfage_prices::book());
        assert_eq!(status, 200, "{answer}");
        assert!(answer.contains(r#""total": "41.45""#), "{answer}");
    }

    #[test]
    fn a_mistake_is_answered_with_its_code() {
        let (status, answer) = handle(&BODY.replace("서울", "seol"), &wharfage_prices::book());
        assert_eq!(status, 422, "{answer}");
        assert!(answer.contains("request/unknown-region"), "{answer}");
    }
}
