//! Family intent.

use mindos_wire::{
    Bytes16, Cancel, CancelOutcome, Cancelled, Decline, DeclineReason, ErrorClass as C, Frame, Label, Lease, Progress,
    Quote, ResultFrame, ResultStatus, Seek, Tail,
};
use serde_json::json;

use super::super::case::{Case, Group};
use super::{bytes, fill, filler, message, plain};

const MAX: u64 = u64::MAX;

pub(super) fn groups() -> Vec<Group> {
    vec![seek(), quote(), lease(), progress(), result(), decline(), cancel(), cancelled(), receipt()]
}

fn receipt() -> Group {
    let view = json!({
        "type": "112", "intent": filler(0x11, 32), "epoch": "1027", "price": "12", "output": filler(0x0b, 32),
        "signature": filler(0x51, 64),
    });
    plain("receipt", view)
}

fn seek() -> Group {
    let frame = |intent, capability, n: u32, label, remaining_us| {
        let tail = Tail::default();
        let (context_tokens, generated_tokens, context_bytes) = (n, n / 2, n.saturating_mul(4));
        Frame::Seek(Seek {
            intent,
            capability,
            context_tokens,
            generated_tokens,
            context_bytes,
            label,
            remaining_us,
            tail,
        })
    };
    message(
        "seek",
        &[
            ("typical", frame(&fill(0x11), &fill(0xca), 374, Label::Community, 600_000_000)),
            ("minimal", frame(&fill(0), &fill(0), 0, Label::Public, 0)),
            ("maximal", frame(&fill(0xff), &fill(0xff), u32::MAX, Label::Private, MAX)),
        ],
        Vec::new(),
    )
}

fn quote() -> Group {
    let frame = |intent, nonce, start_us, finish_us, price, quality| {
        Frame::Quote(Quote { intent, nonce, start_us, finish_us, price, quality, tail: Tail::default() })
    };
    message(
        "quote",
        &[
            ("typical", frame(&fill(0x11), 0x0102_0304_0506_0708, 1_500_000, 4_250_000, 12, 200)),
            ("minimal", frame(&fill(0), 0, 0, 0, 0, 0)),
            ("maximal", frame(&fill(0xff), MAX, MAX, MAX, MAX, 255)),
        ],
        Vec::new(),
    )
}

fn lease() -> Group {
    let frame = |worker, n: u64, signature, intent| {
        Frame::Lease(Lease {
            worker,
            epoch: n,
            nonce: n,
            price_limit: n,
            finish_limit_us: n,
            signature,
            remaining_us: n,
            intent: Bytes16(intent),
            tail: Tail::default(),
        })
    };
    // The intent record is not decoded with the frame.
    message(
        "lease",
        &[
            ("typical", frame(&fill(0x22), 0x0102_0304_0506_0708, &fill(0x51), &fill::<300>(0x14))),
            ("minimal", frame(&fill(0), 0, &fill(0), &[])),
            ("maximal", frame(&fill(0xff), MAX, &fill(0xff), &fill::<256>(0xff))),
        ],
        Vec::new(),
    )
}

fn progress() -> Group {
    let frame = |intent, epoch, number, done, finish_us| {
        Frame::Progress(Progress { intent, epoch, number, done, finish_us, tail: Tail::default() })
    };
    message(
        "progress",
        &[
            ("typical", frame(&fill(0x11), 4_097, 1, 0x8000, 2_000_000)),
            ("minimal", frame(&fill(0), 0, 0, 0, 0)),
            ("maximal", frame(&fill(0xff), MAX, u32::MAX, u16::MAX, MAX)),
        ],
        Vec::new(),
    )
}

fn result() -> Group {
    let frame = |intent, epoch, status, output| {
        Frame::Result(ResultFrame { intent, epoch, status, output: Bytes16(output), tail: Tail::default() })
    };
    message(
        "result",
        &[
            ("typical", frame(&fill(0x11), 4_097, ResultStatus::Done, b"a summary")),
            ("minimal", frame(&fill(0), 0, ResultStatus::Done, b"")),
            ("maximal", frame(&fill(0xff), MAX, ResultStatus::Failed, &fill::<256>(0xff))),
        ],
        Vec::new(),
    )
}

fn decline() -> Group {
    let frame = |intent, epoch, reason, [nonce, start_us, finish_us, price]: [u64; 4]| {
        Frame::Decline(Decline { intent, epoch, reason, nonce, start_us, finish_us, price, tail: Tail::default() })
    };
    let (load, intent) = (DeclineReason::Load, fill(0x11));
    let bad = |case: &str, quote| {
        let (id, why) = (format!("wire/decline/{case}"), "no nonce, and yet a quote");
        Case::invalid(id, "Fields", C::Reserved, &["WIRE-023"], bytes(&frame(&intent, 1, load, quote)), why)
    };
    let (id, free) = ("wire/decline/free-quote".to_string(), bytes(&frame(&intent, 1, load, [1, 0, 0, 0])));
    message(
        "decline",
        &[
            ("typical", frame(&intent, 4_097, load, [9, 1_000, 2_000, 12])),
            ("minimal", frame(&fill(0), 0, load, [0; 4])),
            ("maximal", frame(&fill(0xff), MAX, DeclineReason::Trust, [MAX; 4])),
        ],
        vec![
            Case::valid(id, "Boundary", &["WIRE-023"], free, "a nonce, and a quote of zeros"),
            bad("start-without-nonce", [0, 1, 0, 0]),
            bad("finish-without-nonce", [0, 0, 1, 0]),
            bad("price-without-nonce", [0, 0, 0, 1]),
        ],
    )
}

fn cancel() -> Group {
    let frame = |intent, epoch| Frame::Cancel(Cancel { intent, epoch, tail: Tail::default() });
    message(
        "cancel",
        &[
            ("typical", frame(&fill(0x11), 4_097)),
            ("minimal", frame(&fill(0), 0)),
            ("maximal", frame(&fill(0xff), MAX)),
        ],
        Vec::new(),
    )
}

fn cancelled() -> Group {
    let frame = |intent, epoch, outcome| Frame::Cancelled(Cancelled { intent, epoch, outcome, tail: Tail::default() });
    message(
        "cancelled",
        &[
            ("typical", frame(&fill(0x11), 4_097, CancelOutcome::Stopped)),
            ("minimal", frame(&fill(0), 0, CancelOutcome::Stopped)),
            ("maximal", frame(&fill(0xff), MAX, CancelOutcome::Finished)),
        ],
        Vec::new(),
    )
}
