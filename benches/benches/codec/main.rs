//! The wire format beside its peers: the same content, the same checks, one visit for all.
//!
//! ```sh
//! cargo bench -p mindos-benches --bench codec                     # the tables
//! cargo bench -p mindos-benches --bench codec -- advert           # messages whose name has this part
//! cargo bench -p mindos-benches --bench codec -- --instructions   # the gate; needs valgrind
//! ```
//!
//! In each round all codecs take turns; a time is the median over the rounds, a ratio the median of the ratios
//! within a round. *Decode and visit* is the column to compare: codecs that read in place decode nothing before
//! they are visited. Every visit must give the same digest, and once the same bytes field by field.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a bench stops on the first surprise")]

mod content;
mod instructions;
mod measure;
mod peers;
mod table;
mod visit;

use bytes::Bytes;
use measure::{Effort, Suite};

/// Fits every message of every codec.
const ROOM: usize = 20_000;

fn kept<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// `case!(suite, "name", value, encode, visit)`: `encode` writes `value` into a buffer and gives the length.
macro_rules! case {
    ($suite:expr, $name:literal, $value:expr, $encode:expr, $($visit:ident)::+) => {{
        let value = kept($value);
        let mut buf = vec![0; ROOM];
        let size = $encode(value, &mut buf).unwrap();
        let input: &'static [u8] = buf[..size].to_vec().leak();
        case!(@add $suite, $name, size, input, value, move |value| $encode(value, &mut buf).unwrap(), $($visit)::+);
    }};
    (@add $suite:expr, $name:literal, $size:expr, $input:expr, $value:expr, $encode:expr, $($visit:ident)::+) => {
        $suite.add($name, $size, $input, $value, $encode, $($visit)::+, $($visit)::+)
    };
}

/// All codecs of one message. `$name` is both the content's type and the name of a module's functions.
macro_rules! suite {
    ($title:expr, $content:expr, $make:ident, $encode:ident, $visit:ident) => {{
        use peers::{mindos, minicbor, planus, postcard, prost, rkyv, wincode};
        let content = kept($content);
        let mut suite = Suite::new($title);
        case!(suite, "mindos", mindos::$make(content), mindos::$encode, mindos::$visit);
        case!(suite, "rkyv", rkyv::$make(content), rkyv::encode, rkyv::$visit);
        case!(suite, "wincode in place", wincode::in_place::$make(content), wincode::encode, wincode::in_place::$visit);
        case!(suite, "wincode", wincode::plain::$make(content), wincode::encode, wincode::plain::$visit);
        {
            let value = kept(planus::$make(content));
            let mut builder = ::planus::Builder::new();
            let input: &'static [u8] = planus::encode(value, &mut builder).to_vec().leak();
            let encode = move |value| planus::encode(value, &mut builder).len();
            case!(@add suite, "planus", input.len(), input, value, encode, planus::$visit);
        }
        case!(suite, "postcard tuned", postcard::tuned::$make(content), postcard::encode, postcard::tuned::$visit);
        case!(suite, "postcard naive", postcard::naive::$make(content), postcard::encode, postcard::naive::$visit);
        case!(suite, "minicbor", minicbor::$make(content), minicbor::encode, minicbor::$visit);
        {
            let value = kept(prost::$make(content));
            let mut buf = vec![0; ROOM];
            let size = prost::encode(value, &mut buf).unwrap();
            let input = kept(Bytes::copy_from_slice(&buf[..size]));
            let encode = move |value| prost::encode(value, &mut buf).unwrap();
            case!(@add suite, "prost", size, input, value, encode, prost::$visit);
        }
        suite
    }};
}

fn suites() -> Vec<Suite> {
    vec![
        suite!("intent", content::intent(), make_intent, encode_intent, intent),
        suite!("load-advert", content::advert(), make_advert, encode_advert, advert),
        suite!("context-chunk 1 KiB", content::chunk(1 << 10), make_chunk, encode_chunk, chunk),
        suite!("context-chunk 16 KiB", content::chunk(1 << 14), make_chunk, encode_chunk, chunk),
    ]
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| args.iter().any(|a| a == flag);
    if let [flag, message, codec, times] = &args[..]
        && flag == instructions::REPEAT
    {
        return instructions::repeat(suites(), message, codec, times.parse().unwrap());
    }
    let filter = args.iter().find(|a| !a.starts_with("--")).map_or("", String::as_str);
    let chosen = suites().into_iter().filter(|s| s.title.contains(filter));
    if has("--instructions") {
        return instructions::gate(&chosen.collect::<Vec<_>>(), has("--all"));
    }
    // `cargo bench` passes `--bench`; a test only sees that everything runs.
    let effort = if has("--test") || !has("--bench") {
        Effort::TEST
    } else if has("--quick") {
        Effort::QUICK
    } else {
        Effort::FULL
    };
    for suite in chosen {
        let title = suite.title.clone();
        table::print(&title, &suite.measure(effort));
    }
}
