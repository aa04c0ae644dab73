//! Values and their JSON views: two ways from a value to its bytes must agree.

use mindos_wire::{FrameBuf, FrameType, RecordBuf, RecordType};

/// Takes the bytes three ways: as the body of a frame and of a record whose type the first byte draws, and as
/// the text of a view. Whatever is a value becomes a view and comes back as the same bytes.
///
/// # Panics
/// If a view and its value differ.
pub fn views(data: &[u8]) {
    let Some((draw, body)) = data.split_first() else { return };
    let (frames, records) = (FrameType::ALL, RecordType::ALL);
    // Types that nobody knows are drawn as well.
    let code = frames.get(usize::from(*draw) % (frames.len() + 1)).map_or(*draw, |t| t.code);
    if let Ok(frame) = FrameBuf::from_bytes(typed(code, &[body])) {
        frame_holds(&frame);
    }
    let record = records[usize::from(*draw) % records.len()].code;
    if let Ok(record) = RecordBuf::from_bytes(typed(record, &[&[0x0a; 48], body, &[0x05; 64]])) {
        record_holds(&record);
    }
    if let Ok(frame) = serde_json::from_slice(data) {
        frame_holds(&frame);
    }
    if let Ok(record) = serde_json::from_slice(data) {
        record_holds(&record);
    }
}

/// Type and length before the parts. A length that does not fit is wrong, and refused.
fn typed(code: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let [low, high, ..] = body.len().to_le_bytes();
    [&[code, low, high], &body[..]].concat()
}

fn frame_holds(frame: &FrameBuf) {
    let text = serde_json::to_vec(frame).unwrap_or_default();
    let back: Result<FrameBuf, _> = serde_json::from_slice(&text);
    assert_eq!(back.ok().as_ref(), Some(frame), "{}", String::from_utf8_lossy(&text));
    let again = frame.view().ok().and_then(|v| FrameBuf::new(&v).ok());
    assert_eq!(again.as_ref(), Some(frame), "a view encodes to what it was made of");
}

fn record_holds(record: &RecordBuf) {
    let text = serde_json::to_vec(record).unwrap_or_default();
    let back: Result<RecordBuf, _> = serde_json::from_slice(&text);
    assert_eq!(back.ok().as_ref(), Some(record), "{}", String::from_utf8_lossy(&text));
    let again = record.view().ok().and_then(|v| RecordBuf::new(&v).ok());
    assert_eq!(again.as_ref(), Some(record), "a view encodes to what it was made of");
}
