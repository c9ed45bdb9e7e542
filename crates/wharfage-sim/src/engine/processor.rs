//! The processor of an instance, shared by the requests that need it.
//!
//! All requests that need it get the same share: a whole vCPU each while there are enough, else the vCPUs divided by the
//! requests. So each has attained the same since it came, and one number, what a request would have attained since the
//! instance began, says when each is done: the request with the least end is next.
//!
//! # Units
//! Attained time is in nanoseconds with 16 binary places, so that a change of share costs less than 2^-16 ns.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::pool::Waiting;

const PLACES: u32 = 16;
const MILLI: u128 = 1_000;

/// A request that needs the processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Job {
    /// what it will have attained, counted from the instance's beginning
    end: u128,
    /// of equals the first is done first
    number: u64,
    /// when its service began
    pub began: u64,
    /// how long it takes beside the processor
    pub beside: u64,
    /// when it arrived
    pub arrived: u64,
    /// start-up that it is billed for
    pub start_up: u64,
}

/// One instance's processor.
#[derive(Debug, Default)]
pub struct Processor {
    attained: u128,
    now: u64,
    jobs: BinaryHeap<Reverse<Job>>,
    numbers: u64,
    /// when the next job is done, if nothing changes until then
    pub next_at: Option<u64>,
    /// the next moment at which it is looked at: that or an earlier one
    pub turn_at: Option<u64>,
    /// what the autoscaler was last told of vCPU in use, in thousandths
    pub told_in_use: u64,
}

impl Processor {
    /// One without jobs; attained time goes on from where it was.
    pub fn reset(&mut self) {
        self.jobs.clear();
        (self.next_at, self.turn_at) = (None, None);
    }

    /// vCPU in use, in thousandths, of so many.
    pub fn in_use(&self, milli_vcpus: u64) -> u64 {
        milli_vcpus.min(self.jobs.len() as u64 * MILLI as u64)
    }

    /// What each job attains in so many nanoseconds is this ratio of them.
    fn share(&self, milli_vcpus: u64) -> (u128, u128) {
        let whole = self.jobs.len() as u128 * MILLI;
        (u128::from(milli_vcpus).min(whole).max(1), whole.max(1))
    }

    fn advance(&mut self, now: u64, milli_vcpus: u64) {
        let (num, den) = self.share(milli_vcpus);
        let passed = u128::from(now - self.now) << PLACES;
        self.attained += if num == den { passed } else { passed * num / den };
        self.now = now;
    }

    fn plan(&mut self, milli_vcpus: u64) {
        let (num, den) = self.share(milli_vcpus);
        self.next_at = self.jobs.peek().map(|Reverse(job)| {
            let left = job.end.saturating_sub(self.attained);
            let ns = if num == den { left.div_ceil(1 << PLACES) } else { (left * den).div_ceil(num << PLACES) };
            self.now.saturating_add(u64::try_from(ns).unwrap_or(u64::MAX))
        });
    }

    /// A request begins that needs the processor for `cpu` of its service.
    pub fn begin(&mut self, now: u64, milli_vcpus: u64, cpu: u64, request: &Waiting) {
        self.advance(now, milli_vcpus);
        let end = self.attained + (u128::from(cpu) << PLACES);
        let beside = request.service.saturating_sub(cpu);
        let Waiting { arrived, start_up, .. } = *request;
        self.jobs.push(Reverse(Job { end, number: self.numbers, began: now, beside, arrived, start_up }));
        self.numbers += 1;
        self.plan(milli_vcpus);
    }

    /// Takes the next job that is done by now.
    pub fn done(&mut self, now: u64, milli_vcpus: u64) -> Option<Job> {
        self.advance(now, milli_vcpus);
        let due = self.jobs.peek().is_some_and(|Reverse(job)| job.end <= self.attained);
        let job = if due { self.jobs.pop() } else { None };
        self.plan(milli_vcpus);
        job.map(|Reverse(job)| job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(service: u64) -> Waiting {
        Waiting { arrived: 0, service, start_up: 0 }
    }

    #[test]
    fn two_jobs_share_one_processor_and_four_need_not_share_four() {
        let mut p = Processor::default();
        p.begin(0, 1_000, 100, &request(100));
        assert_eq!(p.next_at, Some(100));
        p.begin(50, 1_000, 100, &request(150));
        // The first has 50 left at half speed, the second then 50 alone.
        assert_eq!(p.next_at, Some(150));
        assert!(p.done(149, 1_000).is_none());
        assert_eq!(p.done(150, 1_000).map(|j| j.beside), Some(0));
        assert_eq!(p.next_at, Some(200));
        assert_eq!(p.done(200, 1_000).map(|j| j.beside), Some(50));
        assert_eq!(p.next_at, None);

        let mut wide = Processor::default();
        (0..4).for_each(|_| wide.begin(0, 4_000, 100, &request(100)));
        assert_eq!((wide.next_at, wide.in_use(4_000)), (Some(100), 4_000));
        wide.begin(0, 4_000, 100, &request(100));
        assert_eq!(wide.next_at, Some(125));
    }
}
