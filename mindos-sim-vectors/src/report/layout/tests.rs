use super::{MAX_POINTS, layout};
use crate::{data, geography::Geography, input::LatencyMatrix};

#[test]
fn a_line_stays_a_line() {
    let rtts = (0..25u32).map(|cell| (cell / 5).abs_diff(cell % 5) * 50_000).collect();
    let geography = Geography::new(LatencyMatrix::from_rtts(5, rtts).unwrap(), 5, 1);
    let points = layout(&geography, &[]);
    let (first, last) = (points[0], points[4]);
    assert!(((first.x - last.x).abs() - 200.0).abs() < 10.0, "{points:?}");
    assert!(points.iter().all(|point| point.y.abs() < 15.0), "{points:?}");
    let steps: Vec<bool> = points.windows(2).map(|pair| pair[0].x < pair[1].x).collect();
    assert!(steps.iter().all(|&step| step == steps[0]));
}

#[test]
fn planetlab_fits_and_repeats_to_the_bit() {
    let geography = Geography::new(data::planetlab().unwrap(), 490, 1);
    let points = layout(&geography, &[]);
    assert_eq!(points.len(), 490);
    let mut errors: Vec<u32> = Vec::new();
    for a in &points {
        for b in points.iter().filter(|b| b.node > a.node) {
            let wanted = f64::from(geography.rtt_us(a.node, b.node)) / 1_000.0;
            let drawn = ((a.x - b.x).powi(2) + (a.y - b.y).powi(2)).sqrt();
            errors.push(((drawn - wanted).abs() / wanted.max(10.0) * 1_000.0) as u32);
        }
    }
    let median = crate::stats::median(&mut errors).unwrap();
    assert!(median < 200, "median relative error {median} per mille");
    assert!(points.iter().all(|point| point.x.is_finite() && point.y.is_finite()));
    let again = layout(&geography, &[]);
    assert!(points.iter().zip(&again).all(|(a, b)| a.x.to_bits() == b.x.to_bits() && a.y.to_bits() == b.y.to_bits()));
}

#[test]
fn many_minds_are_sampled_with_the_marked_ones() {
    let geography = Geography::new(data::planetlab().unwrap(), 5_000, 1);
    let marked: Vec<u32> = (4_000..4_500).collect();
    let points = layout(&geography, &marked);
    assert!(points.len() <= MAX_POINTS && points.len() > MAX_POINTS / 2);
    assert!(points.iter().filter(|point| marked.contains(&point.node)).count() > 200);
}
