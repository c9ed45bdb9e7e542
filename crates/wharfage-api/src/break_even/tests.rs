//! Crossings of real bills, checked by pricing requests one by one.

use wharfage_core::Money;

use super::*;
use crate::{read, respond as estimate, response::EstimateResponse};

const LESSON: &str = include_str!("../../../../examples/lesson-microservice.toml");

fn request(text: &str, platforms: &[&str]) -> EstimateRequest {
    let (mut request, _) = read::request("test.toml", text).unwrap();
    request.platform = platforms.iter().map(|p| (*p).to_owned()).collect();
    request
}
