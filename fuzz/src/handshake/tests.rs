//! That the stories are about something: sessions come about, and the attacker is met.

use super::*;

const ALL: u8 = 23;
const ACCEPT: u8 = 0;
const REQUIRE: u8 = 1 + 3;
const NEVER_TO_REQUIRE: u8 = 2 + 3;

fn told(draw: u8, steps: &[u8]) -> Story {
    let mut story = Story::begin(draw);
    let mut script = Script(steps);
    while let Some(step) = script.byte() {
        story.step(step, &mut script);
    }
    story
}

fn established(story: &Story) -> [usize; 2] {
    [0, 1].map(|side| story.sides[side].table.established().len())
}

#[test]
fn sessions_come_about_in_both_suites_or_not_at_all() {
    for (draw, sessions) in [(ACCEPT, 1), (REQUIRE, 1), (NEVER_TO_REQUIRE, 0)] {
        let mut story = told(draw, &[ALL, ALL]);
        assert_eq!(established(&story), [sessions; 2], "{draw}");
        story.peace();
    }
}

#[test]
fn a_changed_reply_is_refused_and_the_next_one_taken() {
    // The first packet passes; one bit of the reply is flipped.
    let mut story = told(ACCEPT, &[0, 11, 40, 0, 1, 0]);
    assert_eq!(established(&story), [0, 0]);
    story.wait(1_000);
    (0..8).for_each(|_| story.arrive());
    assert_eq!(established(&story), [1, 1]);
    story.peace();
}

#[test]
fn a_changed_first_packet_does_not_spoil_the_answer_to_the_genuine_one() {
    // Its suite; its index.
    for at in [2, 8] {
        let mut story = told(ACCEPT, &[11, at, 0, 3, 0, 0]);
        assert_eq!(established(&story), [0, 0]);
        story.wait(500);
        (0..8).for_each(|_| story.arrive());
        assert_eq!(established(&story), [1, 1], "at byte {at}");
    }
}

#[test]
fn a_flood_is_asked_for_cookies_and_the_room_is_kept() {
    let mut steps = vec![17; 12];
    steps.extend([ALL; 8]);
    let mut story = told(ACCEPT, &steps);
    assert!(story.sides[1].table.len() <= 8 + 4, "{}", story.sides[1].table.len());
    story.peace();
}
