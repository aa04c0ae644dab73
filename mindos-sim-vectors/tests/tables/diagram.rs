//! Diagrams of bodies and items, as chapter 02 and the documentation of `mindos-wire` show them.

use mindos_wire::{FieldShape, Shape};

/// Widest line.
const WIDTH: usize = 80;

/// The type as the tables name it.
pub(crate) fn type_name(shape: Shape) -> String {
    match shape {
        Shape::Uint(n) => format!("u{}", 8 * n),
        Shape::Bytes(n) => format!("{n} bytes"),
        Shape::Bytes8 => "bytes8".into(),
        Shape::Bytes16 => "bytes16".into(),
        Shape::Code(name, _) => format!("code {name}"),
        Shape::Flag => "flag".into(),
        Shape::Minifloat => "minifloat".into(),
        Shape::Name => "name".into(),
        Shape::List { wide, width, .. } => format!("list u{} × {width}", if wide { 16 } else { 8 }),
        Shape::Tail => "tail".into(),
    }
}

fn size(shape: Shape) -> String {
    match shape {
        Shape::Bytes8 | Shape::Name => "1 + n bytes".into(),
        Shape::Bytes16 => "2 + n bytes".into(),
        Shape::List { wide, width, .. } => format!("{} + n × {width}", if wide { 2 } else { 1 }),
        Shape::Tail => "to the end".into(),
        fixed => match fixed.least() {
            1 => "1 byte".into(),
            n => format!("{n} bytes"),
        },
    }
}

/// Bytes that it takes if that is always the same number.
fn fixed(shape: Shape) -> Option<usize> {
    match shape {
        Shape::Uint(_) | Shape::Bytes(_) | Shape::Code(..) | Shape::Flag | Shape::Minifloat => Some(shape.least()),
        Shape::Bytes8 | Shape::Bytes16 | Shape::Name | Shape::List { .. } | Shape::Tail => None,
    }
}

/// The boxes of `fields`, with the offset of each above it where it is always the same.
pub(crate) fn diagram(fields: &[FieldShape]) -> String {
    let mut out = String::new();
    let mut row: Vec<(String, String, String)> = Vec::new();
    let mut used = 1;
    let mut at = Some(0);
    for f in fields {
        let offset = at.map_or("…".to_string(), |n: usize| n.to_string());
        at = at.zip(fixed(f.shape)).map(|(a, w)| a + w);
        let cell = (offset, f.name.to_string(), size(f.shape));
        if used + width(&cell) + 1 > WIDTH {
            line(&mut out, &row);
            row.clear();
            used = 1;
        }
        used += width(&cell) + 1;
        row.push(cell);
    }
    line(&mut out, &row);
    out
}

fn width(cell: &(String, String, String)) -> usize {
    cell.1.chars().count().max(cell.2.chars().count()) + 2
}

fn line(out: &mut String, row: &[(String, String, String)]) {
    let mut offsets = String::new();
    let (mut border, mut names, mut sizes) = (String::from("+"), String::from("|"), String::from("|"));
    for cell in row {
        let w = width(cell);
        offsets += &format!("{:<1$}", cell.0, w + 1);
        border += &format!("{:-<w$}+", "");
        names += &format!("{:^w$}|", cell.1);
        sizes += &format!("{:^w$}|", cell.2);
    }
    *out += &format!("{}\n{border}\n{names}\n{sizes}\n{border}\n", offsets.trim_end());
}
