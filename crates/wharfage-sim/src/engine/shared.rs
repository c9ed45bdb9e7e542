//! Requests that share the processors of their instances: each takes its turn there, and the rest of its service beside it.

use super::{
    Engine,
    agenda::{Agenda, Event},
    kind::Kind,
    pool::{Slot, Waiting},
    processor::Processor,
};
use crate::law::Draws;

/// Processors that requests share, one per place in the pool.
#[derive(Debug)]
pub struct Processors {
    /// processor time of a request; `None`: all of its service
    pub time: Option<Draws>,
    /// vCPUs of an instance, in thousandths
    pub milli_vcpus: u64,
    /// one per place
    pub each: Vec<Processor>,
}

impl<A: Agenda, K: Kind> Engine<'_, A, K> {
    /// A request begins on a processor that it shares.
    pub(super) fn share(&mut self, slot: Slot, now: u64, request: &Waiting) {
        let Some(processors) = self.processors.as_mut().filter(|_| K::MORE) else { return };
        let cpu = match &mut processors.time {
            Some(draws) => draws.next().min(request.service),
            None => request.service,
        };
        let place = slot as usize;
        if processors.each.len() <= place {
            processors.each.resize_with(place + 1, Processor::default);
        }
        processors.each[place].begin(now, processors.milli_vcpus, cpu, request);
        self.expect_turn(slot, now);
    }

    /// Plans for the moment when the next request needs its processor no longer, as things are.
    ///
    /// A turn that is put off stays where it is, and is put where it belongs when it comes.
    fn expect_turn(&mut self, slot: Slot, now: u64) {
        let Some(processors) = self.processors.as_mut().filter(|_| K::MORE) else { return };
        let processor = &mut processors.each[slot as usize];
        if let Some(control) = &mut self.control {
            let used = processor.in_use(processors.milli_vcpus);
            let before = std::mem::replace(&mut processor.told_in_use, used);
            control.gauge.milli_vcpus.rise(used, now);
            control.gauge.milli_vcpus.fall(before, now);
        }
        if let Some(at) = processor.next_at.filter(|at| processor.turn_at.is_none_or(|turn| *at < turn)) {
            processor.turn_at = Some(at);
            let id = self.pool.get(slot).id;
            self.agenda.add(at, Event::Turn, id, slot);
        }
    }

    /// A request may need its processor no longer: if its turn was not put off since, it takes the rest of its service.
    pub(super) fn turn(&mut self, slot: Slot, now: u64) {
        let Some(processors) = self.processors.as_mut().filter(|_| K::MORE) else { return };
        let processor = &mut processors.each[slot as usize];
        if processor.turn_at != Some(now) {
            return;
        }
        processor.turn_at = None;
        if processor.next_at != Some(now) {
            self.expect_turn(slot, now);
            return;
        }
        let Some(job) = processor.done(now, processors.milli_vcpus) else { return };
        if self.books.counts(job.arrived) {
            let took = now.saturating_add(job.beside) - job.began;
            self.books.served(job.began - job.arrived, took, job.start_up);
        }
        self.expect_turn(slot, now);
        if job.beside == 0 {
            // All other completions of this moment came before this turn.
            self.events += 1;
            self.complete(slot, now);
        } else {
            let id = self.pool.get(slot).id;
            self.agenda.add(now.saturating_add(job.beside), Event::Completion, id, slot);
        }
    }
}
