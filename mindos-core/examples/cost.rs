//! What a cost proof costs here: one verification, and proofs of 16, 20 and 24 bits.
//!
//! ```sh
//! cargo run --release -p mindos-core --example cost
//! ```
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "it measures")]

use std::hint::black_box;
use std::time::Instant;

use mindos_core::cost::{CostProof, Puzzle, SEGMENT};
use mindos_core::{NodeId, crypto};

fn main() {
    let crypto = &crypto::DEFAULT;
    let node = |n: u64| {
        let mut id = [0x31; 32];
        id.iter_mut().zip(n.to_le_bytes()).for_each(|(i, b)| *i = b);
        NodeId(id)
    };
    let proof = CostProof { epoch: 20_778, segment: SEGMENT, nonce: 1 };
    let mut fastest = f64::MAX;
    for _ in 0..50 {
        let begin = Instant::now();
        for n in 0..10_000 {
            let _ = black_box(proof.verify(crypto, 7, &node(black_box(n)), 64, Some(20_778)));
        }
        fastest = fastest.min(begin.elapsed().as_secs_f64() / 10_000.0);
    }
    println!("verify          {:.0} ns (fastest of 50 rounds of 10,000)", fastest * 1e9);
    for (bits, nodes) in [(16, 128), (20, 32), (24, 8)] {
        let (begin, mut tries) = (Instant::now(), 0);
        for n in 0..nodes {
            let puzzle = Puzzle::new(7, &node(n), 20_778, SEGMENT);
            let found = puzzle.search(crypto, bits, 0..u64::MAX);
            tries += found.map_or(0, |p| p.nonce + 1);
        }
        let (took, each) = (begin.elapsed().as_secs_f64(), nodes as f64);
        println!(
            "prove {bits} bits   {:.1} ms on average of {nodes} nodes ({:.2} tries of the expected 2^{bits}; {:.0} ns a try)",
            took / each * 1e3,
            tries as f64 / each / f64::from(1u32 << bits),
            took / tries as f64 * 1e9,
        );
    }
}
