//! That the stories are about something: nodes in service, work done, a hostile member heard.

use super::*;
use mindos_core::wire::{Message, Ping};

const NODE_1: u8 = 0x80;

fn told(steps: &[u8]) -> Story {
    let mut story = Story::begin();
    let mut script = Script(steps);
    while let Some(step) = script.byte() {
        story.step(step, &mut script);
    }
    story
}

#[test]
fn three_members_in_sessions() {
    let mut story = told(&[]);
    story.wait(500);
    for host in 0..2 {
        assert_eq!(story.pair.node(host).0.leaf().members(), 3, "node {host} knows all");
        assert!(story.pair.node(host).0.leaf().sessions().count() >= 1);
    }
}

#[test]
fn work_is_handed_over_and_done() {
    // Half a minute for load advertisements; then node 0 wants something, and node 1 is given time to take it.
    let mut story = told(&[0, 0x30, 0x75, 12, 200, 0, 0, 0, 0xf4, 0x01]);
    assert_eq!(story.intents.len(), 1);
    assert_eq!(story.pair.tasks[1].len(), 1, "the other node executes");
    story.step(NODE_1 | 13, &mut Script(&[0]));
    story.wait(300);
    assert!(story.pair.tasks[1].is_empty());
    let node_1 = story.pair.node(1).0.id();
    let (node, now) = story.pair.node(0);
    assert!(node.standing(now, &node_1, &CAPABILITY) > 1 << 15, "a kept quote is remembered");
}

#[test]
fn hostile_frames_reach_the_machines() {
    let mut story = told(&[]);
    let before = story.pair.node(0).0.stats();
    let mut ping = Vec::new();
    encode_frame(&Ping { nonce: 1, view: 0, tail: Default::default() }, &mut ping).unwrap();
    story.hostile(0, &ping);
    story.message(0, &ping);
    // A frame type that must be understood and is not.
    story.hostile(0, &[Ping::TYPE ^ 0xf0, 0, 0]);
    story.wait(100);
    let after = story.pair.node(0).0.stats();
    assert!(after.accepted >= before.accepted + 2, "{before:?} {after:?}");
    assert!(after.dropped + after.frames_dropped > before.dropped + before.frames_dropped, "{before:?} {after:?}");
}

#[test]
fn a_story_is_the_same_twice() {
    let script: Vec<u8> = (0..400u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    assert_eq!(node(&script), node(&script));
    assert_ne!(node(&script), node(&[]));
}
