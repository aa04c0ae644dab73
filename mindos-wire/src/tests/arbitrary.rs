//! Strategies for every message, made from its declaration: scalars uniform in bit length, edges included.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::{FieldShape, FrameType, RecordType, Shape};

/// Bytes of the fields of a body, one entry a field.
type Fields = Vec<Vec<u8>>;

/// Uniform in bit length, with the edges.
pub(super) fn by_bit_length(bytes: usize) -> impl Strategy<Value = u64> {
    let bits = u32::try_from(8 * bytes).unwrap();
    let max = u64::MAX >> (64 - bits);
    prop_oneof![8 => (0..bits, any::<u64>()).prop_map(move |(b, v)| (v & max) >> b), 1 => Just(0), 1 => Just(1), 1 => Just(max)]
}

fn le(v: u64, bytes: usize) -> Vec<u8> {
    v.to_le_bytes()[..bytes].to_vec()
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

fn field(shape: Shape, least: usize) -> BoxedStrategy<Vec<u8>> {
    match shape {
        Shape::Uint(n) => by_bit_length(n).prop_map(move |v| le(v, n)).boxed(),
        Shape::Minifloat => by_bit_length(2).prop_map(|v| le(v, 2)).boxed(),
        Shape::Bytes(n) => vec(any::<u8>(), n).boxed(),
        Shape::Flag => (0..2_u8).prop_map(|v| [v].to_vec()).boxed(),
        Shape::Code(_, points) => (0..points.len()).prop_map(move |i| [points[i].0].to_vec()).boxed(),
        Shape::Bytes8 => vec(any::<u8>(), 0..40).prop_map(|v| [&[v.len() as u8][..], &v].concat()).boxed(),
        Shape::Bytes16 => vec(any::<u8>(), least..300).prop_map(|v| [&le(v.len() as u64, 2), &v[..]].concat()).boxed(),
        Shape::Name => "[a-z0-9](-?[a-z0-9]){0,4}(\\.[a-z0-9]{1,6}){0,3}/[1-9][0-9]{0,3}"
            .prop_map(|s| [&[s.len() as u8], s.as_bytes()].concat())
            .boxed(),
        Shape::List { wide, fields, .. } => {
            let item: Vec<_> = fields.iter().map(|f| field(f.shape, 0)).collect();
            vec(item, least..least + 4).prop_map(move |items| list(wide, fields, items)).boxed()
        }
        Shape::Tail => vec((0..0x8000_u16, vec(any::<u8>(), 0..5)), 0..3).prop_map(tail).boxed(),
    }
}

/// Sorted by all fields, equal first fields once.
fn list(wide: bool, fields: &[FieldShape], mut items: Vec<Fields>) -> Vec<u8> {
    let key = |item: &Fields| -> Fields {
        let ordered = item.iter().zip(fields).map(|(bytes, f)| match f.shape {
            Shape::Uint(_) | Shape::Minifloat => bytes.iter().rev().copied().collect(),
            _ => bytes.clone(),
        });
        ordered.collect()
    };
    items.sort_by_key(key);
    items.dedup_by_key(|item| item[0].clone());
    [le(items.len() as u64, if wide { 2 } else { 1 }), items.concat().concat()].concat()
}

/// Odd tags, rising.
fn tail(mut extensions: Vec<(u16, Vec<u8>)>) -> Vec<u8> {
    extensions.sort();
    extensions.dedup_by_key(|e| e.0);
    let bytes = extensions
        .into_iter()
        .map(|(tag, value)| [&(2 * tag + 1).to_le_bytes()[..], &le(value.len() as u64, 2), &value].concat());
    bytes.flatten().collect()
}

/// Makes the rules between fields hold.
fn mend(name: &str, shapes: &[FieldShape], mut f: Fields) -> Fields {
    let at = |field: &str| shapes.iter().position(|s| s.name == field).unwrap();
    match name {
        "ack" => {
            let (mut next, mut out) = (0_u64, vec![0]);
            for range in f[1][1..].chunks(12) {
                let first = next + (number(&range[..8]) >> 8);
                let more = number(&range[8..]) as u32;
                out[0] += 1;
                out.extend([&first.to_le_bytes()[..], &more.to_le_bytes()].concat());
                next = first + u64::from(more) + 2;
            }
            f[1] = out;
        }
        "fragment" => {
            let len = number(&f[3][..2]);
            let offset = number(&f[1]) % (65_536 - len);
            f[2] = le(number(&f[2]).max(offset + len), 2);
            f[1] = le(offset, 2);
        }
        "certificate" if f[2][0] < 2 => {
            // Who is left of equal accusers endorses twice: signatures rise as well.
            let (mut one, mut two) = (f[2][1..].to_vec(), f[2][1..].to_vec());
            (one[4], two[4]) = (0, 1);
            f[2] = [vec![2], one, two].concat();
        }
        // The frame of this name holds bytes, of another length than the count of a list.
        "succession" if shapes[0].name == "successor" && f[0][0] > 1 => {
            f[0].truncate(1 + 96);
            f[0][0] = 1;
        }
        "decline" if number(&f[3]) == 0 => f[4..7].fill(vec![0; 8]),
        "segment-want" | "digest" | "leaf-epoch" => {
            let (cell, steps, bits, prefix) = (at("cell"), at("steps"), at("bits"), at("prefix"));
            f[steps][0] %= 9;
            f[bits][0] %= 33;
            let keep = |v: &[u8], kept: u32| number(v) & !(0xffff_ffff >> kept);
            f[cell] = le(keep(&f[cell], 4 * u32::from(f[steps][0])), 4);
            f[prefix] = le(keep(&f[prefix], u32::from(f[bits][0])), 4);
        }
        "question" | "forecast-question" => {
            f[2][0] = f[2][0].max(2);
            let (closes, reveals) = (number(&f[3]), number(&f[4]));
            (f[3], f[4]) = (le(closes.min(reveals), 8), le(closes.max(reveals), 8));
        }
        "reveal" | "belief" => {
            let (weights, third) = (at("weights"), number(&f[at("weights")][1..]) & 0x3fff);
            f[weights] = [&[3][..], &le(third, 2), &le(2 * third, 2), &le(65_535 - 3 * third, 2)].concat();
        }
        "payment" => {
            let (one, other) = (number(&f[2]), number(&f[3]));
            let from = one.min(other).min(u64::MAX - 1);
            (f[2], f[3]) = (le(from, 8), le(one.max(other).max(from + 1), 8));
        }
        "context-want" => {
            f[1] = le(number(&f[1]) & 0x7fff_ffff, 4);
            f[2] = le(number(&f[2]).max(1), 2);
        }
        _ => {}
    }
    f
}

fn body(name: &'static str, shapes: &'static [FieldShape]) -> impl Strategy<Value = Vec<u8>> {
    let least = match name {
        "fragment" | "context-chunk" => 1,
        "certificate" | "quarantine" => 2,
        _ => 0,
    };
    let fields: Vec<_> = shapes.iter().map(|f| field(f.shape, least)).collect();
    (fields, field(Shape::Tail, 0)).prop_map(move |(f, tail)| [mend(name, shapes, f).concat(), tail].concat())
}

fn typed(code: u8, body: &[u8]) -> Vec<u8> {
    [&[code], &u16::try_from(body.len()).unwrap().to_le_bytes()[..], body].concat()
}

/// Valid frames of a type.
pub(super) fn frame(ty: FrameType) -> impl Strategy<Value = Vec<u8>> {
    body(ty.name, ty.fields).prop_map(move |b| typed(ty.code, &b))
}

/// Valid records of a type.
pub(super) fn record(ty: RecordType) -> impl Strategy<Value = Vec<u8>> {
    let head = (vec(any::<u8>(), 32), by_bit_length(8), by_bit_length(8), vec(any::<u8>(), 64));
    (head, body(ty.name, ty.fields)).prop_map(move |((author, sequence, expires, signature), b)| {
        typed(ty.code, &[&author[..], &le(sequence, 8), &le(expires, 8), &b, &signature].concat())
    })
}
