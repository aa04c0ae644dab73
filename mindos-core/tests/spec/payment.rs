//! Chapter 10, payment: what two signatures prove to a node that neither paid nor was paid.

use mindos_core::wire::*;
use mindos_core::{Duration, Input};

use crate::admission::NOW;
use crate::bench::Bench;
use crate::peer::{frame, hash};

/// A payment of a peer to another, under a sequence of its own.
fn payment(b: &mut Bench, (payer, payee): (usize, usize), deposit: u8, from: u64, to: u64) -> Vec<u8> {
    b.peers[payer].sequence += 1;
    let (deposit, payee) = ([deposit; 32], b.id(payee).0);
    let body = PaymentBody { deposit: &deposit, payee: &payee, from, to, tail: Tail::default() };
    b.peers[payer].record(&RecordBody::Payment(body))
}

fn carried(records: &[&Vec<u8>]) -> Vec<u8> {
    records.iter().flat_map(|r| frame(&TrustRecord { record: Bytes16(r), tail: Tail::default() })).collect()
}

fn quarantined(b: &Bench, i: usize) -> bool {
    b.node.quarantined(b.now).any(|q| q.0 == b.id(i))
}

// spec: INC-044 35dc, INC-029 99d4
#[test]
fn two_payments_of_one_unit_convict_by_themselves_and_nothing_less_does() {
    let mut b = Bench::leaf(4);
    (1..4).for_each(|i| b.connect(i));
    b.input(Input::WallClock { unix_s: NOW });
    b.clear();
    let pair = |b: &mut Bench, deposit: [u8; 2], one: (usize, u64, u64), other: (usize, u64, u64)| {
        let one = payment(b, (1, one.0), deposit[0], one.1, one.2);
        (one, payment(b, (1, other.0), deposit[1], other.1, other.2))
    };
    let harmless =
        [([1, 1], (0, 0, 10), (0, 5, 15)), ([2, 2], (0, 0, 10), (3, 10, 15)), ([3, 4], (0, 0, 10), (3, 0, 10))];
    for (deposit, one, other) in harmless {
        let (one, other) = pair(&mut b, deposit, one, other);
        b.tell(2, &carried(&[&one, &other]));
        assert!(!quarantined(&b, 1), "{deposit:?}");
    }
    let (one, other) = pair(&mut b, [5, 5], (0, 0, 10), (3, 9, 15));
    let mut forged = other.clone();
    *forged.last_mut().unwrap() ^= 1;
    b.tell(2, &carried(&[&one, &forged]));
    assert!(!quarantined(&b, 1), "one signature is not its own");
    b.tell(2, &carried(&[&one, &other]));
    assert!(quarantined(&b, 1) && [0, 2, 3].iter().all(|i| !quarantined(&b, *i)));
    // Neighbours hear of both, and get both.
    b.run_ms(300);
    let names: Vec<[u8; 32]> = (b.peers[3].log.iter())
        .filter_map(|raw| match Frame::decode(raw).unwrap().0 {
            Frame::TrustHave(h) if *h.about == b.id(1).0 => Some(h.records.iter().map(|r| r.value).collect::<Vec<_>>()),
            _ => None,
        })
        .flatten()
        .collect();
    let mut expected = [hash(&[&one]), hash(&[&other])];
    expected.sort_unstable();
    assert_eq!(names, expected);
    b.tell(3, &frame(&TrustWant { records: List::new(&[Hash { value: names[0] }]), tail: Tail::default() }));
    let got: Vec<&[u8]> = (b.peers[3].log.iter())
        .filter_map(|raw| match Frame::decode(raw).unwrap().0 {
            Frame::TrustRecord(r) => Some(r.record.0),
            _ => None,
        })
        .collect();
    assert_eq!(got, [&one[..], &other[..]]);
    // An hour later neither of them convicts again, with a third one either; two others do.
    b.peers.iter_mut().for_each(|p| p.mute = true);
    b.run(Duration::from_secs(3_601));
    b.peers.iter_mut().for_each(|p| p.mute = false);
    assert!(!quarantined(&b, 1));
    b.connect(2);
    let third = payment(&mut b, (1, 2), 5, 0, 20);
    for records in [[&one, &other], [&third, &one], [&other, &third]] {
        b.tell(2, &carried(&records));
        assert!(!quarantined(&b, 1));
    }
    let fourth = payment(&mut b, (1, 3), 5, 19, 21);
    b.tell(2, &carried(&[&third, &fourth]));
    assert!(quarantined(&b, 1));
}
