use super::*;

fn place(n: u16) -> Place {
    let mut id = [0; 32];
    id[..2].copy_from_slice(&n.to_be_bytes());
    // Several end at once.
    (u64::from(n / 3), QuestionId(id))
}

// spec: TRUST-021 f01e, TRUST-026 a7a1
#[test]
fn with_one_question_too_many_the_first_half_goes_in_whatever_order_they_closed() {
    let key = Key { number: 7, options: 2, forecasts: false };
    let orders: [fn(u16) -> u16; 3] = [|n| n, |n| 511 - n, |n| n * 37 % 512];
    for order in orders {
        let mut domain = Domain::new(key);
        for n in 0..511 {
            assert!(domain.close(place(order(n))).is_empty());
        }
        let gone = domain.close(place(order(511)));
        assert_eq!(gone, (0..256).map(|n| place(n).1).collect::<Vec<_>>());
        assert_eq!(domain.log, (256..512).map(place).collect());
        assert!(domain.close(place(600)).is_empty());
        // What went comes back neither as the last that went nor before it.
        for n in [0, 100, 255] {
            assert!(domain.gave_up(&place(n)));
            assert_eq!(domain.close(place(n)), [place(n).1]);
        }
        assert!(!domain.gave_up(&place(256)) && domain.log.len() == 257);
    }
}

#[test]
fn shares_become_weights_that_add_up_and_what_is_left_goes_to_the_highest() {
    assert_eq!(whole(&[ONE / 2, ONE / 2]), [32_768, 32_767]);
    assert_eq!(whole(&[1, 1, 1]), [21_845; 3]);
    assert_eq!(whole(&[0, 0]), [65_535, 0]);
    assert_eq!(whole(&[3, ONE - 4]), [3, 65_532]);
}

fn whole(shares: &[i64]) -> Vec<u16> {
    Belief::of(shares).weights
}

const ONE: i64 = 1 << 16;
