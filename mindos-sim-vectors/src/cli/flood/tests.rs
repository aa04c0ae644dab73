use super::super::tests::mindos;
use super::*;
use crate::cli::EXIT_DONE;

#[test]
fn a_flood_tells_each_run_and_closes_with_a_table() {
    let (code, out, err) = mindos("sim flood --rate 200 --seconds 1 --seed 5");
    assert_eq!((code, err.as_str()), (EXIT_DONE, ""));
    for part in ["no flood: 100.00 % of probes", "Sessions lost, all floods", "≤ 3×", "one address, cookie in hand"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn its_refusals_name_what_is_wrong() {
    for (line, part) in [
        ("sim flood --rate 0", "command line, --rate: found 0; expected 1 to 1000000"),
        ("sim flood --seconds 601", "--seconds: found 601"),
        ("sim flood no/such.toml", "no/such.toml: cannot be read"),
        ("sim flood --report no/such/r.html", "expected a file in an existing folder"),
        ("sim --loss 0.1 flood", "the commands `mindos sim flood`"),
    ] {
        let (code, _, err) = mindos(line);
        assert_eq!(code, EXIT_REFUSED, "{line}");
        assert!(err.contains(part), "{line}: {err}");
    }
}
