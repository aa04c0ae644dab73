use crate::flood::result::FloodResult;
use crate::flood::scenario::{Attack, load};
use crate::story::Progress;

/// Two seconds of every flood, 20,000 packets a second: as many as a machine of a fifth of the speed takes at 100,000.
fn flooded(seed: u64) -> FloodResult {
    let mut flood = load(None).unwrap();
    (flood.seed, flood.rate, flood.seconds, flood.settle_s, flood.peers) = (seed, 20_000, 2, 5, 16);
    let m = &mut flood.machine;
    for ns in [&mut m.datagram_in_ns, &mut m.datagram_out_ns, &mut m.dh_ns, &mut m.key_ns, &mut m.hash_ns] {
        *ns *= 5;
    }
    super::run(&flood, &mut |_: Progress<'_>| {})
}

// spec: SES-010 4255, SES-024 a4e1, SES-030 8be8, SES-041 dce9
#[test]
fn no_flood_takes_a_session_or_more_than_a_hundredth_of_what_is_served() {
    let result = flooded(3);
    assert_eq!(result.runs.len(), Attack::all().len());
    for run in &result.runs {
        let name = run.attack.name();
        if !run.attack.is_measured() {
            // The yardstick shows that the machine is small enough for the flood to matter.
            assert!(run.pings.served_pct.unwrap() < 20.0, "{name}: {:?}", run.pings);
            continue;
        }
        assert!(run.forged > 39_000 || run.attack == Attack::Calm, "{name}");
        assert_eq!(run.sessions_lost, 0, "{name}");
        assert!(run.pings.served_pct.unwrap() >= 99.0, "{name}: {:?}", run.pings);
        assert!(run.intents.served_pct.unwrap() >= 99.0, "{name}: {:?}", run.intents);
        assert!(run.half_open_peak <= 128 && run.amplification_worst <= 3.0, "{name}");
        // Who hears at a thousand addresses takes what newcomers need; nobody else does.
        if run.attack != Attack::ProvenPaths {
            assert_eq!(run.newcomers.answered, run.newcomers.asked, "{name}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_flood() {
    assert_eq!(flooded(4), flooded(4));
    assert_ne!(flooded(4).trace_hash, flooded(5).trace_hash);
}
