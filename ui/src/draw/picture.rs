//! A picture: shapes in drawing order, with named inks instead of colours.

/// A point in CSS pixels.
pub type Point = (f64, f64);

/// A colour by its role; the style sheet holds the values for both themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the tokens of the style sheet")]
pub enum Ink {
    Bg,
    Bg2,
    Track,
    Line,
    LineStrong,
    Ink,
    Ink2,
    Ink3,
    Accent,
    OnAccent,
    Resim,
    Reply,
    QueueFill,
    Predicted,
    PredictedInk,
    PredictedSoft,
    Confirmed,
    Verified,
    Mismatch,
    MismatchBetween,
    Stalled,
    StalledEdge,
    StalledInk,
    Unchecked,
    Veil,
}

impl Ink {
    /// Every ink with the custom property that holds its colour.
    pub const ALL: [(Self, &'static str); 25] = [
        (Self::Bg, "--bg"),
        (Self::Bg2, "--bg2"),
        (Self::Track, "--track"),
        (Self::Line, "--line"),
        (Self::LineStrong, "--line-strong"),
        (Self::Ink, "--ink"),
        (Self::Ink2, "--ink-2"),
        (Self::Ink3, "--ink-3"),
        (Self::Accent, "--accent"),
        (Self::OnAccent, "--on-accent"),
        (Self::Resim, "--resim"),
        (Self::Reply, "--reply"),
        (Self::QueueFill, "--queue-fill"),
        (Self::Predicted, "--predicted"),
        (Self::PredictedInk, "--predicted-ink"),
        (Self::PredictedSoft, "--predicted-soft"),
        (Self::Confirmed, "--confirmed"),
        (Self::Verified, "--verified"),
        (Self::Mismatch, "--mismatch"),
        (Self::MismatchBetween, "--mismatch-between"),
        (Self::Stalled, "--stalled"),
        (Self::StalledEdge, "--stalled-edge"),
        (Self::StalledInk, "--stalled-ink"),
        (Self::Unchecked, "--unchecked"),
        (Self::Veil, "--veil"),
    ];
}

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// The text begins at the point.
    Left,
    /// The text is centred on the point.
    Centre,
    /// The text ends at the point.
    Right,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pen {
    /// Colour.
    pub ink: Ink,
    /// Width in CSS pixels.
    pub width: f64,
    /// Whether it is dashed.
    pub dash: Dash,
}

/// Whether a line is dashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dash {
    /// Drawn through.
    Solid,
    /// 3 px on, 2 px off.
    Dashed,
}

impl Pen {
    /// A solid pen.
    #[must_use]
    pub const fn new(ink: Ink, width: f64) -> Self {
        Self { ink, width, dash: Dash::Solid }
    }
}

/// An upright rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Area {
    /// From its left upper corner and its size.
    #[must_use]
    pub const fn new(x: f64, y: f64, w: f64, h: f64) -> Self {
        Self { x, y, w, h }
    }

    /// Lower edge.
    #[must_use]
    pub fn bottom(self) -> f64 {
        self.y + self.h
    }

    /// Right edge.
    #[must_use]
    pub fn right(self) -> f64 {
        self.x + self.w
    }

    /// Whether the point lies inside.
    #[must_use]
    pub fn holds(self, (x, y): Point) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }
}

/// One thing to draw.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the fields are plain geometry")]
pub enum Shape {
    /// A filled rectangle.
    Rect(Area, Ink),
    /// A rectangle with the 45° hatch of a prediction.
    Hatch(Area),
    /// The outline of a rectangle.
    Outline(Area, Pen),
    /// A line through points.
    Line(Vec<Point>, Pen),
    /// A filled polygon.
    Polygon(Vec<Point>, Ink),
    /// Filled polygons of one colour.
    Polygons(Vec<Vec<Point>>, Ink),
    /// Lines between two points each, with one pen.
    Segments(Vec<(Point, Point)>, Pen),
    /// A cubic curve.
    Curve { from: Point, bend: (Point, Point), to: Point, pen: Pen },
    /// A filled circle.
    Dot(Point, f64, Ink),
    /// A text; its point is the left, centre or right end of the middle line.
    Text { at: Point, text: String, ink: Ink, size: f64, bold: bool, align: Align },
    /// Everything up to [`Shape::Unclip`] is drawn inside this rectangle only.
    Clip(Area),
    /// Ends [`Shape::Clip`].
    Unclip,
}

/// Shapes in drawing order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Picture {
    /// The shapes, the first at the bottom.
    pub shapes: Vec<Shape>,
}

impl Picture {
    /// Adds a filled rectangle; empty ones are left out.
    pub fn rect(&mut self, area: Area, ink: Ink) {
        if area.w > 0.0 && area.h > 0.0 {
            self.shapes.push(Shape::Rect(area, ink));
        }
    }

    /// Adds a hatched rectangle.
    pub fn hatch(&mut self, area: Area) {
        if area.w > 0.0 && area.h > 0.0 {
            self.shapes.push(Shape::Hatch(area));
        }
    }

    /// Adds a line through points.
    pub fn line(&mut self, points: Vec<Point>, pen: Pen) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line(points, pen));
        }
    }

    /// Adds filled polygons of one colour.
    pub fn polygons(&mut self, polygons: Vec<Vec<Point>>, ink: Ink) {
        if !polygons.is_empty() {
            self.shapes.push(Shape::Polygons(polygons, ink));
        }
    }

    /// Adds lines between two points each.
    pub fn segments(&mut self, segments: Vec<(Point, Point)>, pen: Pen) {
        if !segments.is_empty() {
            self.shapes.push(Shape::Segments(segments, pen));
        }
    }

    /// Adds a text in regular weight.
    pub fn text(&mut self, at: Point, text: impl Into<String>, ink: Ink, align: Align) {
        self.push_text(at, text.into(), ink, (10.0, false), align);
    }

    /// Adds a text of `(size, bold)`.
    pub fn push_text(
        &mut self,
        at: Point,
        text: String,
        ink: Ink,
        (size, bold): (f64, bool),
        align: Align,
    ) {
        self.shapes.push(Shape::Text { at, text, ink, size, bold, align });
    }

    /// Adds any shape.
    pub fn push(&mut self, shape: Shape) {
        self.shapes.push(shape);
    }
}
