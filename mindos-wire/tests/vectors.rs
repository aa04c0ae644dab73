//! The wire vectors, decided by this crate alone: values as JSON views, refusals with class and position.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fmt::Debug;
use std::ops::Range;
use std::path::Path;

use data_encoding::HEXLOWER;
use mindos_wire::{
    ErrorClass, Frame, FrameBuf, FrameMessage, JsonView, List, MIN_SEALED, Minifloat, Observer, Packet, Reader, Record,
    RecordBody, RecordBuf, RecordMessage, Sink, Value, ViewDigest, Want, WireError, decode_frame,
};
use serde_json::{Value as Json, json};

/// Decodes with and without an observer, and encodes again. Gives the view.
type Decided = Result<(Json, Vec<u8>), WireError>;

fn view(view: JsonView) -> Json {
    serde_json::to_value(view).unwrap()
}

/// Told where fields stand: each begins where the last ended.
#[derive(Default)]
struct Cover(usize);

impl Observer for Cover {
    fn leaf(&mut self, name: &'static str, span: Range<usize>, _: Value<'_>) {
        // A signature is told last, and stands last.
        assert_eq!(span.start, self.0, "{name}");
        self.0 = span.end;
    }

    fn list(&mut self, name: &'static str, span: Range<usize>, _: usize) {
        assert_eq!(span.start, self.0, "{name}");
        self.0 = span.end;
    }
}

/// Encodes into a buffer that just fits.
fn exact(room: usize, encode: impl FnOnce(&mut &mut [u8]) -> bool) -> Vec<u8> {
    let mut out = vec![0; room];
    let mut rest = &mut out[..];
    assert!(encode(&mut rest) && rest.is_empty(), "another length than the input's");
    out
}

/// Bytes of another type are refused at the type, unless any reader refuses what stands around the body.
fn refused_as_another_type(typed: WireError, any: Option<WireError>) {
    assert!((typed.class, typed.at) == (ErrorClass::UnknownCritical, 0) || Some(typed) == any, "{typed}, not {any:?}");
}

/// A reader that expects an `M` decides like one that expects anything, and takes nothing else.
fn expects_frame<'a, M: FrameMessage<'a> + PartialEq + Debug>(bytes: &'a [u8], of: fn(Frame<'a>) -> Option<M>) {
    let typed = decode_frame::<M>(bytes);
    if bytes.first() == Some(&M::TYPE) {
        assert_eq!(typed, Frame::decode(bytes).map(|(frame, rest)| (of(frame).unwrap(), rest)));
    } else {
        refused_as_another_type(typed.unwrap_err(), Frame::decode(bytes).err());
    }
}

fn expects_record<'a, B: RecordMessage<'a> + PartialEq + Debug>(bytes: &'a [u8], of: fn(RecordBody<'a>) -> Option<B>) {
    let typed = Record::<B>::decode_as(bytes);
    if bytes.first() == Some(&B::TYPE) {
        let all = Record::decode(bytes);
        assert_eq!(
            typed,
            all.map(|Record { head, body, signature, signed }| Record {
                head,
                body: of(body).unwrap(),
                signature,
                signed
            })
        );
    } else {
        refused_as_another_type(typed.unwrap_err(), Record::decode(bytes).err());
    }
}

fn frame(bytes: &[u8]) -> Decided {
    expects_frame(bytes, |f| if let Frame::LoadAdvert(m) = f { Some(m) } else { None });
    expects_frame(bytes, |f| if let Frame::ContextChunk(m) = f { Some(m) } else { None });
    let mut seen = JsonView::default();
    let mut r = Reader::new(bytes);
    let frame = Frame::read(&mut r, &mut seen)?;
    r.finish("frame")?;
    assert_eq!(Frame::decode(bytes), Ok((frame, &[][..])));
    let mut cover = Cover::default();
    Frame::read(&mut Reader::new(bytes), &mut cover)?;
    assert_eq!(cover.0, bytes.len());
    if let Frame::Want(w) = frame {
        let aliases: Vec<u32> = w.aliases.iter().collect();
        let made = Frame::Want(Want { aliases: List::new(&aliases), ..w });
        assert_eq!(exact(bytes.len(), |out| made.encode(out).is_ok()), bytes);
    }
    if let Frame::ViewDigest(d) = frame {
        let entries: Vec<_> = d.entries.iter().collect();
        let made = Frame::ViewDigest(ViewDigest { entries: List::new(&entries), ..d });
        assert_eq!(exact(bytes.len(), |out| made.encode(out).is_ok()), bytes);
    }
    let (seen, owned) = (view(seen), FrameBuf::from_bytes(bytes.to_vec()).unwrap());
    assert_eq!(serde_json::from_value::<FrameBuf>(seen.clone()).unwrap(), owned, "another value than its view");
    assert_eq!((FrameBuf::new(&frame).as_ref(), owned.view()), (Ok(&owned), Ok(frame)));
    Ok((seen, exact(bytes.len(), |w| frame.encode(w).is_ok())))
}

fn frames(bytes: &[u8]) -> Decided {
    let (mut views, mut again, mut r) = (Vec::new(), Vec::new(), Reader::new(bytes));
    while !r.rest().is_empty() {
        let mut seen = JsonView::default();
        let frame = Frame::read(&mut r, &mut seen)?;
        views.push(view(seen));
        let mut out = vec![0; bytes.len()];
        let mut rest = &mut out[..];
        frame.encode(&mut rest).unwrap();
        let left = rest.len();
        again.put(&out[..bytes.len() - left]).unwrap();
    }
    assert!(mindos_wire::frames(bytes).all(|f| f.is_ok()));
    Ok((Json::Array(views), again))
}

fn record(bytes: &[u8]) -> Decided {
    expects_record(bytes, |b| if let RecordBody::Intent(m) = b { Some(m) } else { None });
    expects_record(bytes, |b| if let RecordBody::Beacon(m) = b { Some(m) } else { None });
    let mut seen = JsonView::default();
    let record = Record::read(bytes, &mut seen)?;
    assert_eq!(Record::decode(bytes), Ok(record));
    assert_eq!((record.signed, &record.signature[..]), bytes.split_at(bytes.len() - 64));
    let mut cover = Cover::default();
    Record::read(bytes, &mut cover)?;
    assert_eq!(cover.0, bytes.len());
    let (seen, owned) = (view(seen), RecordBuf::from_bytes(bytes.to_vec()).unwrap());
    assert_eq!(serde_json::from_value::<RecordBuf>(seen.clone()).unwrap(), owned, "another value than its view");
    assert_eq!((RecordBuf::new(&record).as_ref(), owned.view()), (Ok(&owned), Ok(record)));
    Ok((seen, exact(bytes.len(), |w| record.encode(w).is_ok())))
}

fn packet(bytes: &[u8]) -> Decided {
    let mut seen = JsonView::default();
    let packet = Packet::read(bytes, &mut seen)?;
    assert_eq!(Packet::decode(bytes), Ok(packet));
    assert!(!matches!(packet, Packet::Sealed(_)) || bytes.len() >= MIN_SEALED);
    Ok((view(seen), exact(bytes.len(), |w| packet.encode(w).is_ok())))
}

fn minifloat(case: &Json) {
    let number = |key: &str| case[key].as_str().unwrap().parse::<u64>().unwrap();
    let code = Minifloat::floor(number("quantity"));
    assert_eq!((u64::from(code.0), code.quantity()), (number("code"), number("reads")), "{}", case["id"]);
}

/// A zero before any text of a view is a second spelling, or another value.
fn spellings(kind: &str, value: &Json) {
    for (key, text) in value.as_object().into_iter().flatten() {
        let Some(text) = text.as_str().filter(|_| key != "name") else { continue };
        let mut other = value.clone();
        other[key] = Json::String(["0", text].concat());
        let refused = match kind {
            "DecodeFrame" => serde_json::from_value::<FrameBuf>(other).is_err(),
            _ => serde_json::from_value::<RecordBuf>(other).is_err(),
        };
        assert!(refused, "{key} of {value}");
    }
}

fn decide(decoder: fn(&[u8]) -> Decided, case: &Json) {
    let id = &case["id"];
    let bytes = HEXLOWER.decode(case["bytes"].as_str().unwrap().as_bytes()).unwrap();
    match (decoder(&bytes), case["result"].as_str().unwrap()) {
        (Ok((value, again)), "valid") => assert_eq!((&value, &again), (&case["value"], &bytes), "{id}"),
        (Err(e), "invalid") => {
            let told = json!([e.class.name(), e.at.to_string()]);
            assert_eq!(told, json!([case["error"], case["at"]]), "{id}");
        }
        (decided, result) => panic!("{id} is {result}, and gave {decided:?}"),
    }
}

#[test]
fn every_wire_vector_is_decided_as_it_says() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mindos-sim-vectors/vectors/v1");
    let mut cases = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_str().unwrap().starts_with("wire_") {
            continue;
        }
        let file: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for group in file["testGroups"].as_array().unwrap() {
            for case in group["tests"].as_array().unwrap() {
                cases += 1;
                if case["result"] == "valid" && matches!(group["type"].as_str(), Some("DecodeFrame" | "DecodeRecord")) {
                    spellings(group["type"].as_str().unwrap(), &case["value"]);
                }
                match group["type"].as_str().unwrap() {
                    "DecodeFrame" => decide(frame, case),
                    "DecodeFrames" => decide(frames, case),
                    "DecodeRecord" => decide(record, case),
                    "DecodePacket" => decide(packet, case),
                    "Minifloat" => minifloat(case),
                    other => panic!("unknown procedure {other}"),
                }
            }
        }
    }
    assert!(cases >= 1_000, "{cases} cases");
}

#[test]
fn frames_are_equal_if_their_bytes_are() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mindos-sim-vectors/vectors/v1");
    for entry in std::fs::read_dir(dir).unwrap() {
        let file: Json = serde_json::from_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        let groups = file["testGroups"].as_array().into_iter().flatten();
        for group in groups.filter(|g| g["type"] == "DecodeFrame") {
            let valid = group["tests"].as_array().unwrap().iter().filter(|c| c["result"] == "valid");
            let all: Vec<Vec<u8>> =
                valid.map(|c| HEXLOWER.decode(c["bytes"].as_str().unwrap().as_bytes()).unwrap()).collect();
            for (a, b) in all.iter().flat_map(|a| all.iter().map(move |b| (a, b))) {
                assert_eq!(Frame::decode(a) == Frame::decode(b), a == b, "{a:?} and {b:?}");
            }
        }
    }
}

#[test]
fn limits_are_those_of_the_smallest_and_largest_values() {
    assert_eq!(Minifloat(u16::MAX).quantity(), Minifloat::MAX);
    assert!(Packet::decode(&[4; MIN_SEALED]).is_ok() && Packet::decode(&[4; MIN_SEALED - 1]).is_err());
}
