//! The marks that stand above their lane: diamond, triangle, boxed letter. Each carries a halo of
//! the background so that it can be told from its neighbours without its colour.

use super::picture::{Align, Area, Dash, Ink, Pen, Picture, Point, Shape};

/// Width of the halo around a mark.
const HALO: f64 = 1.5;

/// A mismatch: a filled diamond of `radius` around `centre`.
pub fn diamond(picture: &mut Picture, centre: Point, radius: f64) {
    picture.push(Shape::Polygon(rhombus(centre, radius + HALO), Ink::Bg));
    picture.push(Shape::Polygon(rhombus(centre, radius), Ink::Mismatch));
}

/// A missed rollback: an open triangle, standing on its base.
pub fn triangle(picture: &mut Picture, (x, y): Point, radius: f64) {
    let corners = |r: f64| vec![(x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8)];
    picture.push(Shape::Polygon(corners(radius + 2.0 * HALO), Ink::Bg));
    let mut outline = corners(radius);
    outline.push((x, y - radius));
    outline.push((x + radius, y + radius * 0.8));
    picture.line(outline, Pen::new(Ink::Mismatch, 1.5));
}

/// A stall: a yellow box over the lane, with the letter S where it fits.
pub fn stall(picture: &mut Picture, x: f64, lane: Area, width: f64) {
    let area = Area::new(x - width / 2.0, lane.y - 1.0, width, lane.h + 2.0);
    picture.rect(
        Area::new(area.x - HALO, area.y - HALO, area.w + 2.0 * HALO, area.h + 2.0 * HALO),
        Ink::Bg,
    );
    picture.rect(area, Ink::Stalled);
    picture.push(Shape::Outline(area, Pen::new(Ink::StalledEdge, 1.0)));
    if width >= 8.0 && lane.h >= 12.0 {
        let at = (x, lane.y + lane.h / 2.0 + 0.5);
        picture.push_text(at, "S".to_owned(), Ink::StalledInk, (10.0, true), Align::Centre);
    }
}

/// The head of an arrow that points straight at `tip`; `rise` is the side that it comes from,
/// -1 from above and 1 from below.
pub fn arrowhead(picture: &mut Picture, tip: Point, rise: f64, ink: Ink) {
    let (x, y) = tip;
    picture
        .push(Shape::Polygon(vec![tip, (x - 2.8, y + rise * 6.0), (x + 2.8, y + rise * 6.0)], ink));
}

/// A marker of the user: a flag on a pole, standing on its tip.
pub fn flag(picture: &mut Picture, (x, y): Point, height: f64) {
    picture.rect(Area::new(x - 0.5, y, 1.0, height + 4.0), Ink::Accent);
    let cloth = vec![(x, y), (x + height, y + height / 2.0), (x, y + height)];
    picture.push(Shape::Polygon(cloth, Ink::Accent));
}

/// A cross: something that did not arrive.
pub fn cross(segments: &mut Vec<(Point, Point)>, (x, y): Point, radius: f64) {
    segments.push(((x - radius, y - radius), (x + radius, y + radius)));
    segments.push(((x - radius, y + radius), (x + radius, y - radius)));
}

/// A number on a patch of background, to be read over lines.
pub fn knocked_out(picture: &mut Picture, (x, y): Point, text: String, ink: Ink) {
    let width = 4.0 + 6.0 * text.len() as f64;
    picture.rect(Area::new(x - width / 2.0, y - 6.0, width, 12.0), Ink::Bg);
    picture.push_text((x, y + 0.5), text, ink, (10.0, true), Align::Centre);
}

/// A dashed pen.
#[must_use]
pub fn dashed(ink: Ink) -> Pen {
    Pen { ink, width: 1.0, dash: Dash::Dashed }
}

fn rhombus((x, y): Point, radius: f64) -> Vec<Point> {
    vec![(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
}
