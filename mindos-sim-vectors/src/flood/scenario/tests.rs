use super::*;

#[test]
fn the_flood_that_ships_holds_and_names_every_attack() {
    let flood = load(None).unwrap();
    assert_eq!((flood.rate, flood.seconds), (100_000, 10));
    assert_eq!(flood.attacks, Attack::all());
    for attack in Attack::all() {
        assert_eq!(serde_json::to_value(attack).unwrap(), attack.name());
    }
}

#[test]
fn what_is_out_of_bounds_is_named() {
    let machine = FLOOD.split_once("[machine]").unwrap().1;
    let refused =
        |line: &str| parse("f.toml", &format!("name = \"f\"\n{line}\n[machine]{machine}")).unwrap_err().to_string();
    for (line, part) in [
        ("rate = 0", "f.toml, rate: found 0; expected 1 to 1000000"),
        ("seconds = 601", "seconds: found 601"),
        ("settle_s = 4", "settle_s: found 4"),
        ("peers = 1", "peers: found 1; expected 2 to 256"),
        ("ping_ms = 9", "ping_ms: found 9"),
        ("intent_ms = 9", "intent_ms: found 9"),
        ("newcomers_per_s = 21", "newcomers_per_s: found 21"),
        ("proven_paths = 0", "proven_paths: found 0"),
        ("attacks = []", "attacks: found 0"),
        ("attacks = [\"tsunami\"]", "unknown variant `tsunami`"),
        ("speed = 1", "unknown field `speed`"),
    ] {
        assert!(refused(line).contains(part), "{line}: {}", refused(line));
    }
    assert!(parse("f", "name = \"f\"").unwrap_err().to_string().contains("machine"));
    let slow = FLOOD.replace("dh_ns = 38000", "dh_ns = 1000000001");
    assert!(parse("f", &slow).unwrap_err().to_string().contains("machine.dh_ns: found 1000000001"));
}
