use super::{Graph, Roots};
use crate::{data::bitcoin_otc, input::Name};

fn graph(ratings: &str) -> Result<Graph, String> {
    let ratings = format!("src,dst,rating,time\n{ratings}");
    let labels = "node,label\ngood,1\nbad,0\n".as_bytes();
    Graph::parse("tiny", ("r", ratings.as_bytes()), ("t", labels)).map_err(|error| error.to_string())
}

fn roots(names: &[&str]) -> Roots {
    Roots::Named(names.iter().map(|name| Name::new(name).unwrap()).collect())
}

#[test]
fn time_orders_ratings_and_the_earliest_raters_are_roots() {
    let graph = graph("late,good,1,9.5\nfirst,good,5,1\nfirst,bad,-5,2\nnext,good,5,3\n").unwrap();
    let told = graph.trial(&Roots::Earliest, 0, &|| 0.0).unwrap();
    assert_eq!(told.roots, ["\"first\"", "\"next\""]);
    assert_eq!((told.auc, told.labelled, told.change), (Some(1.0), (1, 1), Some(0.0)));
}

#[test]
fn sybils_move_a_sum_but_not_the_standing_that_roots_give() {
    let graph = graph("a,good,5,1\na,bad,-5,2\nb,good,1,3\n").unwrap();
    let told = graph.trial(&roots(&["a"]), 50, &|| 0.0).unwrap();
    assert_eq!((told.auc, told.change), (Some(1.0), Some(0.0)));
    assert_eq!(told.baselines["sum"], [Some(0.0), Some(1.0)]);
}

#[test]
fn refusals_name_the_line_or_the_root() {
    for (ratings, part) in [
        ("a,b,11,1\n", "r, line 2, column rating: found \"11\"; expected a whole number from -10 to 10"),
        ("a,b,1,soon\n", "r, line 2, column time: found \"soon\"; expected seconds"),
        ("a,b,1,inf\n", "column time"),
        ("a,b,1\n", "r, line 2: found 3 fields; expected 4 fields"),
    ] {
        let refusal = graph(ratings).unwrap_err();
        assert!(refusal.contains(part), "{refusal}");
    }
    assert_eq!(graph("a,b,1,1\n").unwrap().trial(&roots(&["z"]), 0, &|| 0.0), Err(Name::Text("z".to_owned())));
}

#[test]
fn frauds_among_traders_are_known_and_sybils_do_not_help_them() {
    let graph = bitcoin_otc().unwrap();
    for roots in [Roots::Earliest, roots(&["1", "35"])] {
        let told = graph.trial(&roots, 200, &|| 0.0).unwrap();
        assert!(told.auc.unwrap() >= 0.99 && told.change.unwrap().abs() < 0.01, "{told:?}");
        assert_eq!(told.digest, graph.trial(&roots, 0, &|| 0.0).unwrap().digest, "to the bit");
    }
}
