//! That the stories are about something: packets are opened, in both suites and over epochs.

use super::*;

const SEAL: u8 = 23;
const ALL: u8 = 22;
const END_1: u8 = 0x80;

fn told(hybrid: bool, steps: &[u8]) -> Story {
    let mut story = Story::begin(hybrid);
    let mut script = Script(steps);
    while let Some(step) = script.byte() {
        story.step(step, &mut script);
    }
    story
}

#[test]
fn packets_arrive_both_ways() {
    let story = told(false, &[SEAL, SEAL, END_1 | SEAL, ALL]);
    assert_eq!(story.ends.map(|e| e.taken.len()), [1, 2]);
}

#[test]
fn the_upgrade_is_made_and_carries_packets() {
    let story = told(true, &[ALL, ALL, ALL, SEAL, END_1 | SEAL, ALL]);
    let handed_out = story.ends.iter().map(|e| e.made.values().flatten().count());
    assert_eq!(handed_out.collect::<Vec<_>>(), [1, 1]);
    // Key and ciphertext in two halves, `established` each way, and the packet.
    assert!(story.ends.iter().all(|e| e.taken.len() >= 4 && e.model.epoch == 0));
}

#[test]
fn epochs_are_passed_by_counters_and_by_time() {
    let story = told(false, &[SEAL, 18, 0xff, 0xff, SEAL, ALL, 17, 121, SEAL, ALL, 17, 121, SEAL, ALL]);
    assert_eq!((story.ends[1].model.epoch, story.ends[1].taken.len()), (3, 4));
}

#[test]
fn the_attacker_is_met() {
    // The second is changed, the third is cut, the first comes twice.
    let harmed = [SEAL, SEAL, SEAL, 9, 0, 11, 3, 0, 1, 0, 12, 20, 0, ALL];
    let story = told(false, &harmed);
    assert_eq!(story.ends[1].taken.len(), 1);
}
