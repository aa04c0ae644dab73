//! The example `std_udp` as two processes on loopback, directly and through a relay that loses and
//! repeats packets.
#![allow(clippy::expect_used, reason = "a test fails by panicking, also in its helpers")]

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// The example, beside this test's binary: `cargo test` builds both.
fn example() -> PathBuf {
    let mut path = std::env::current_exe().expect("this binary has a path");
    path.pop();
    path.pop();
    path.push("examples");
    path.push(format!("std_udp{}", std::env::consts::EXE_SUFFIX));
    if !path.exists() {
        let built = Command::new(env!("CARGO")).args(["build", "-p", "mindos-core", "--example", "std_udp"]).status();
        assert!(built.is_ok_and(|s| s.success()) && path.exists(), "{} is built by `cargo test`", path.display());
    }
    path
}

fn run(args: &[&str]) -> Output {
    Command::new(example()).args(args).output().expect("the example starts")
}

/// A node that listens, and the address that it told.
struct Listener {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    address: SocketAddr,
}

impl Listener {
    fn start(more: &[&str]) -> Self {
        let mut child = Command::new(example())
            .args(["listen", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("it tells its address");
        let address = line.trim().rsplit(' ').next().and_then(|a| a.parse().ok()).expect("an address ends the line");
        Self { child, out, address }
    }

    /// Its whole output, once it ended by itself and well.
    fn finish(mut self) -> String {
        let mut text = String::new();
        self.out.read_to_string(&mut text).expect("its output is text");
        assert!(self.child.wait().expect("it ends").success(), "{text}");
        text
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Ends it where a test failed before its goodbye.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the joining side through `door` and checks what both told.
fn hand_over(listener: Listener, door: SocketAddr) {
    let joined = run(&["join", "127.0.0.1:0", &door.to_string()]);
    let told = String::from_utf8_lossy(&joined.stdout).into_owned();
    assert!(joined.status.success(), "{told}{}", String::from_utf8_lossy(&joined.stderr));
    for step in ["MemberUp", "Pong", "Completed"] {
        assert!(told.contains(step), "no {step} in\n{told}");
    }
    assert!(told.contains("4572 words"), "the result in\n{told}");
    let served = listener.finish();
    assert!(served.contains("counted") && served.contains("MemberLeft"), "{served}");
}

#[test]
fn two_terminals_find_each_other_and_hand_over_work() {
    let listener = Listener::start(&[]);
    let door = listener.address;
    hand_over(listener, door);
}

/// What a relay did.
#[derive(Default)]
struct Tally {
    bytes: AtomicU64,
    dropped: AtomicU64,
    repeated: AtomicU64,
}

/// A door to `to`: one packet in six is lost, one in six comes twice, by a seeded generator.
fn relay(to: SocketAddr, over: Arc<AtomicBool>) -> (SocketAddr, Arc<Tally>, thread::JoinHandle<()>) {
    let outside = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let inside = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let door = outside.local_addr().expect("bound");
    let tally = Arc::new(Tally::default());
    let counted = Arc::clone(&tally);
    let pause = std::time::Duration::from_millis(1);
    for socket in [&outside, &inside] {
        socket.set_read_timeout(Some(pause)).expect("a timeout above 0");
    }
    let thread = thread::spawn(move || {
        let (mut state, mut guest, mut packet) = (0x5eed_u64, None, [0; 2_048]);
        let mut die = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % 6
        };
        while !over.load(Ordering::Relaxed) {
            if let Ok((n, from)) = outside.recv_from(&mut packet) {
                guest = Some(from);
                pass(&inside, to, &packet[..n], die(), &counted);
            }
            if let (Ok((n, _)), Some(guest)) = (inside.recv_from(&mut packet), guest) {
                pass(&outside, guest, &packet[..n], die(), &counted);
            }
        }
    });
    (door, tally, thread)
}

fn pass(socket: &UdpSocket, to: SocketAddr, packet: &[u8], die: u64, tally: &Tally) {
    let copies = match die {
        0 => 0,
        1 => 2,
        _ => 1,
    };
    tally.dropped.fetch_add(u64::from(copies == 0), Ordering::Relaxed);
    tally.repeated.fetch_add(u64::from(copies == 2), Ordering::Relaxed);
    for _ in 0..copies {
        tally.bytes.fetch_add(packet.len() as u64, Ordering::Relaxed);
        let _ = socket.send_to(packet, to);
    }
}

#[test]
fn two_terminals_finish_through_a_relay_that_loses_and_repeats_packets() {
    let listener = Listener::start(&[]);
    let over = Arc::new(AtomicBool::new(false));
    let (door, tally, thread) = relay(listener.address, Arc::clone(&over));
    hand_over(listener, door);
    over.store(true, Ordering::Relaxed);
    thread.join().expect("the relay ends");
    assert!(tally.bytes.load(Ordering::Relaxed) > 24_000, "the text went through the relay");
    assert!(tally.dropped.load(Ordering::Relaxed) > 3 && tally.repeated.load(Ordering::Relaxed) > 3);
}

#[test]
fn a_state_file_keeps_the_identity_and_numbers_across_runs() {
    let file = std::env::temp_dir().join(format!("mindos-two-terminals-{}.state", std::process::id()));
    let file = file.to_str().expect("a path in Unicode");
    let _ = std::fs::remove_file(file);
    let mut told = Vec::new();
    let mut states = Vec::new();
    for _ in 0..2 {
        let listener = Listener::start(&[]);
        let door = listener.address.to_string();
        let joined = run(&["join", "127.0.0.1:0", &door, "--state", file]);
        assert!(joined.status.success());
        let text = String::from_utf8(joined.stdout).expect("its output is text");
        told.push(text.split_whitespace().next().expect("its name begins the output").to_owned());
        states.push(std::fs::read(file).expect("the state was written"));
        listener.finish();
    }
    std::fs::remove_file(file).expect("the state was written");
    assert_eq!(told[0], told[1], "one name");
    assert_eq!(states[0][..32], states[1][..32], "one identity");
    let sequence = |s: &[u8]| u64::from_le_bytes(s[34..42].try_into().expect("8 bytes"));
    assert!(sequence(&states[1]) > sequence(&states[0]), "the second run began above the first");
}

#[test]
fn wrong_usage_is_refused_with_a_reason() {
    for (args, reason) in [
        (&[][..], "usage"),
        (&["dance"][..], "usage"),
        (&["listen"][..], "usage"),
        (&["listen", "localhost"][..], "not an IPv4 address with a port: localhost"),
        (&["join", "127.0.0.1:0", "127.0.0.1"][..], "not an IPv4 address with a port: 127.0.0.1"),
        (&["listen", "192.0.2.1:7001"][..], "cannot listen on 192.0.2.1:7001"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(reason), "{args:?}: {told}");
    }
}
