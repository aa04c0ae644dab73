use super::super::tests::mindos;
use super::*;
use crate::cli::EXIT_DONE;

#[test]
fn a_small_world_of_liars_closes_with_a_table() {
    let (code, out, err) = mindos("sim liars --nodes 24 --stretch 0.01 --seed 5");
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
    for part in ["Served right, on everything", "False quarantines", "Leases and earnings each, sybils"] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn what_lying_brought_is_told_and_drawn() {
    let page = std::env::temp_dir().join(format!("mindos-liars-{}.html", std::process::id()));
    let line = format!(
        "sim liars --nodes 24 --stretch 0.01 --seed 5 --honest-in-turn wrong,hider --report {}",
        page.display()
    );
    let (code, out, err) = mindos(&line);
    let drawn = std::fs::read_to_string(&page).unwrap();
    std::fs::remove_file(&page).unwrap();
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
    assert!(out.contains("— of what the same minds earn honestly, wrong results"), "{out}");
    assert!(!out.contains("honestly, sybils"), "{out}");
    assert!(drawn.contains("What lying brought"));
}

#[test]
fn its_refusals_name_what_is_wrong() {
    for (line, part) in [
        ("sim liars --dishonest 0.6", "command line, --dishonest: found 0.6; expected a share from 0 to 0.45"),
        ("sim liars --check-one-in 0", "--check-one-in: found 0"),
        ("sim liars --lie-takes 2", "--lie-takes: found 2; expected a share from 0.01 to 1"),
        ("sim liars --honest-in-turn saints", "invalid value 'saints'"),
        ("sim liars no/such.toml", "no/such.toml: cannot be read"),
        ("sim liars --report no/such/r.html", "expected a file in an existing folder"),
    ] {
        let (code, _, err) = mindos(line);
        assert_eq!(code, EXIT_REFUSED, "{line}");
        assert!(err.contains(part), "{line}: {err}");
    }
}
