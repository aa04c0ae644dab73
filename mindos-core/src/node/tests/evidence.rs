//! Receipts and evidence between whole nodes.

use super::super::*;
use super::net::{Link, Net, S};
use super::{capacity, request};

/// Ten nodes whose hosts judge and check; the last one serves, and errs.
fn leaf(seed: u64, link: Link) -> Net {
    let mut net = Net::new(10, seed, link);
    net.judges = true;
    net.wrong.insert(9);
    net.join_all();
    net.run(3 * S);
    for host in 0..10 {
        tell_time(&mut net, host);
        net.command(host, Command::SetChecks(vec![super::net::capability()]));
    }
    net.command(9, Command::SetCapacity(capacity(1)));
    net.run(8 * S);
    net
}

/// Without a clock nobody takes evidence.
fn tell_time(net: &mut Net, host: usize) {
    net.input(host, Input::WallClock { unix_s: 1_800_000_000 + net.now / S });
}

fn keep_out(net: &Net, host: usize, subject: usize) -> bool {
    let now = Instant(net.now);
    net.node(host).quarantined(now).any(|q| q.0 == net.hosts[subject].id)
}

fn suspends(net: &Net, host: usize, subject: usize) -> bool {
    net.node(host).suspended(Instant(net.now)).any(|s| s.0 == net.hosts[subject].id)
}

// spec: INC-010 2062, INC-013 7715, INC-014 6bd4, INC-019 5a24
#[test]
fn everybody_keeps_out_whom_two_hosts_found_wrong() {
    for link in [Link::CLEAN, Link { loss: 100, duplication: 100, ..Link::ROUGH }] {
        let mut net = leaf(81, link);
        net.submit(0, request(b"abc")).unwrap();
        net.run(25 * S);
        assert!((0..9).all(|h| !keep_out(&net, h, 9)), "one accuser is none");
        assert!((0..9).all(|h| suspends(&net, h, 9)), "and nobody gives a lease for a while");
        net.run(600 * S);
        assert!((0..9).all(|h| !suspends(&net, h, 9)));
        net.submit(1, request(b"abc")).unwrap();
        net.run(25 * S);
        for host in 0..9 {
            assert!(keep_out(&net, host, 9), "host {host}");
            assert!((0..9).all(|other| !keep_out(&net, host, other)));
        }
        // One that forgot everything learns it again, and checks for itself.
        net.kill(5);
        net.run(S);
        net.start(5);
        net.join(5, 0);
        net.run(S);
        tell_time(&mut net, 5);
        assert!(!keep_out(&net, 5, 9));
        net.command(5, Command::SetChecks(vec![super::net::capability()]));
        net.run(30 * S);
        assert!(keep_out(&net, 5, 9));
    }
}

#[test]
fn a_host_that_cannot_check_keeps_nobody_out_and_passes_the_evidence_on() {
    let mut net = leaf(82, Link::CLEAN);
    for host in 2..8 {
        net.command(host, Command::SetChecks(Vec::new()));
    }
    net.submit(0, request(b"abc")).unwrap();
    net.run(12 * S);
    assert!((0..9).all(|h| suspends(&net, h, 9) == [0, 1, 8].contains(&h)));
    net.run(600 * S);
    net.submit(1, request(b"abc")).unwrap();
    net.run(15 * S);
    assert!((2..8).all(|h| !keep_out(&net, h, 9)));
    assert!(keep_out(&net, 8, 9), "though most of those that tell it could not check");
    // Once it can, it looks at what it holds.
    net.command(2, Command::SetChecks(vec![super::net::capability()]));
    net.run(S);
    assert!(keep_out(&net, 2, 9) && !keep_out(&net, 3, 9));
}

#[test]
fn work_is_paid_once_whatever_is_lost() {
    let mut net = leaf(83, Link { loss: 150, duplication: 250, ..Link::ROUGH });
    net.wrong.clear();
    for _ in 0..4 {
        net.submit(0, request(b"abc")).unwrap();
    }
    net.run(90 * S);
    // Two seconds of reference work at 10 a second, each.
    let earned = net.count(9, |e| matches!(e, Event::Earned { price: 20, .. }));
    let account = net.node(9).accounts().next().map(|(n, a)| (*n, a.owed, a.open));
    assert_eq!((earned, account), (4, Some((net.hosts[0].id, 80, 0))));
}
