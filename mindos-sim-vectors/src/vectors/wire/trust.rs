//! Family trust.

use serde_json::json;

use super::super::case::Group;
use super::{filler, plain};

pub(super) fn groups() -> Vec<Group> {
    let standing = |alias: &str, standing: &str| json!({ "alias": alias, "standing": standing });
    vec![
        plain("trust-record", json!({ "type": "144", "record": filler(0x52, 120) })),
        plain("trust-want", json!({ "type": "146", "records": [filler(1, 32), filler(2, 32)] })),
        plain(
            "standing-digest",
            json!({ "type": "148", "domain": "7", "entries": [standing("255", "65535"), standing("256", "0")] }),
        ),
        plain(
            "trust-have",
            json!({ "type": "150", "about": filler(0xab, 32), "root": filler(0x47, 32), "records": [filler(1, 32), filler(2, 32)] }),
        ),
    ]
}
