use super::*;
use crate::crypto::DEFAULT;

const NETWORK: u32 = 7;

fn seed(n: u8) -> Secret {
    [n; 32].into()
}

fn id(n: u8) -> NodeId {
    NodeId(DEFAULT.sign_public(&[n; 32]))
}

fn made(node: u8, successor: Option<u8>) -> Succession {
    let successor = successor.map(seed);
    Succession::sign(&DEFAULT, NETWORK, &seed(node), successor.as_ref())
}

// spec: ID-023 1272
#[test]
fn what_is_signed_verifies_and_one_changed_bit_does_not() {
    for successor in [None, Some(2)] {
        let s = made(1, successor);
        assert_eq!((s.node(), s.successor()), (id(1), successor.map(id)));
        assert_eq!(Succession::verify(&DEFAULT, NETWORK, s.record()).as_ref(), Ok(&s));
        let head = Record::decode(s.record()).unwrap().head;
        assert_eq!((head.sequence, head.expires), (u64::MAX - u64::from(successor.is_some()), u64::MAX));
        assert_eq!(Succession::verify(&DEFAULT, NETWORK + 1, s.record()), Err(DropReason::BadSignature));
        for at in 0..s.record().len() {
            let mut bytes = s.record().to_vec();
            bytes[at] ^= 1;
            assert!(Succession::verify(&DEFAULT, NETWORK, &bytes).is_err(), "byte {at}");
        }
    }
}

#[test]
fn nobody_succeeds_itself_or_a_key_that_it_was_not_asked_by() {
    let itself = made(1, Some(1));
    assert_eq!(Succession::verify(&DEFAULT, NETWORK, itself.record()), Err(DropReason::BadSignature));
    // Agreed to another predecessor.
    let identity = Identity::new(&DEFAULT, [1; 32], NETWORK);
    let other = Identity::new(&DEFAULT, [2; 32], NETWORK);
    let statement = Statement::Succeed { predecessor: id(3), own: id(2) };
    let named = [Cosignature { member: id(2).0, signature: other.sign(&statement) }];
    let body = SuccessionBody { successor: List::new(&named), tail: Tail::default() };
    let record = sign_record(&identity, sequence(true), u64::MAX, &RecordBody::Succession(body)).unwrap();
    assert_eq!(Succession::verify(&DEFAULT, NETWORK, &record), Err(DropReason::BadSignature));
}

#[test]
fn a_succession_has_one_sequence_never_expires_and_is_short() {
    let identity = Identity::new(&DEFAULT, [1; 32], NETWORK);
    let signed = |sequence, expires, tail: &[u8]| {
        let body = SuccessionBody { successor: List::new(&[]), tail: Tail::new(tail).unwrap() };
        let record = sign_record(&identity, sequence, expires, &RecordBody::Succession(body)).unwrap();
        Succession::verify(&DEFAULT, NETWORK, &record)
    };
    let tail = |n: u16| [&0x7001_u16.to_le_bytes()[..], &n.to_le_bytes(), &alloc::vec![0; n.into()]].concat();
    assert!(signed(u64::MAX, u64::MAX, &[]).is_ok());
    assert!(signed(u64::MAX, u64::MAX, &tail(512 - 116 - 4)).is_ok());
    assert_eq!(signed(u64::MAX, u64::MAX, &tail(512 - 116 - 3)), Err(DropReason::UnexpectedRecord));
    for (sequence, expires) in [(u64::MAX - 1, u64::MAX), (7, u64::MAX), (u64::MAX, u64::MAX - 1)] {
        assert!(matches!(signed(sequence, expires, &[]), Err(DropReason::Malformed(_))), "{sequence} {expires}");
    }
}

/// All orders of up to four.
fn orders(n: usize) -> Vec<Vec<usize>> {
    let mut out = alloc::vec![Vec::new()];
    for _ in 0..n {
        let longer = |o: Vec<usize>| (0..n).filter(|i| !o.contains(i)).map(|i| [&o[..], &[i]].concat()).collect();
        out = out.into_iter().flat_map::<Vec<Vec<usize>>, _>(longer).collect();
    }
    out
}

// spec: ID-027 dcec
#[test]
fn the_outcome_is_the_same_in_every_order() {
    for (of, outcome) in [
        (&[Some(2), Some(2)][..], Some(2)),
        (&[None, None], None),
        (&[Some(2), None], None),
        (&[Some(2), Some(3)], None),
        (&[Some(2), Some(3), Some(2)], None),
        (&[Some(2), Some(3), None, Some(4)], None),
    ] {
        for order in orders(of.len()) {
            let mut all = order.iter().map(|i| made(1, of[*i]));
            let mut retired = Retired::by(&all.next().unwrap());
            all.for_each(|s| _ = retired.add(&s));
            assert_eq!(retired.successor(), outcome.map(id), "{of:?} {order:?}");
            // What is passed on shows it to others.
            let mut shown = retired.records().iter().map(|r| Succession::verify(&DEFAULT, NETWORK, r).unwrap());
            let mut theirs = Retired::by(&shown.next().unwrap());
            shown.for_each(|s| _ = theirs.add(&s));
            assert_eq!(theirs.successor(), outcome.map(id));
            assert_eq!(theirs.mark() == u32::MAX, outcome.is_none());
        }
    }
}

#[test]
fn lines_are_followed_over_four_links_and_circles_end() {
    let mut lines = Lines::default();
    (1..7).for_each(|n| lines.set(id(n), Some(id(n + 1))));
    assert_eq!(lines.predecessors(&id(7)), [id(6), id(5), id(4), id(3)]);
    assert_eq!(lines.successors(&id(1)).collect::<Vec<_>>(), [id(2), id(3), id(4), id(5)]);
    lines.set(id(5), None);
    assert_eq!(lines.predecessors(&id(7)), [id(6)]);
    assert_eq!(lines.predecessors(&id(6)), []);
    lines.set(id(7), Some(id(6)));
    assert_eq!(lines.predecessors(&id(7)), [id(6)]);
    (20..40).for_each(|n| lines.set(id(n), Some(id(50))));
    assert_eq!(lines.predecessors(&id(50)).len(), PREDECESSORS);
}
