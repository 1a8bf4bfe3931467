//! The picture's colours, light and dark.

/// One set of colours.
pub(super) struct Colours {
    pub(super) floe: &'static str,
    pub(super) floe_rim: &'static str,
    pub(super) floe_side: &'static str,
    pub(super) floe_middle: &'static str,
    pub(super) melted: &'static str,
    pub(super) crack: &'static str,
    pub(super) ink: &'static str,
    pub(super) halo: &'static str,
    pub(super) shadow: &'static str,
    pub(super) water_ring: &'static str,
    pub(super) flame: &'static str,
    pub(super) boost_track: &'static str,
    pub(super) small_gem: &'static str,
    pub(super) big_gem: &'static str,
    pub(super) fuel_gem: &'static str,
    pub(super) craft: [CraftColours; 8],
}

/// Colours of one craft.
#[derive(Clone, Copy)]
pub(super) struct CraftColours {
    pub(super) body: &'static str,
    pub(super) trim: &'static str,
    pub(super) glass: &'static str,
}

const LIGHT: Colours = Colours {
    floe: "#f4fafd",
    floe_rim: "#ffffff",
    floe_side: "#6d9db5",
    floe_middle: "#dcecf4",
    melted: "rgb(255 255 255 / 45%)",
    crack: "#c3dbe7",
    ink: "#1c1e25",
    halo: "rgb(255 255 255 / 85%)",
    shadow: "rgb(30 70 95 / 22%)",
    water_ring: "rgb(255 255 255 / 80%)",
    flame: "#ff9d1c",
    boost_track: "#f0a030",
    small_gem: "#2f7fe0",
    big_gem: "#d99a00",
    fuel_gem: "#2f9e44",
    craft: [
        CraftColours { body: "#10998f", trim: "#0a655f", glass: "#d8fbf7" },
        CraftColours { body: "#e8603c", trim: "#a83a1b", glass: "#ffe9e1" },
        CraftColours { body: "#7a4fd0", trim: "#4f2f95", glass: "#efe7ff" },
        CraftColours { body: "#b58900", trim: "#7a5c00", glass: "#fff6d6" },
        CraftColours { body: "#d0417f", trim: "#932455", glass: "#ffe3ef" },
        CraftColours { body: "#4c8c2b", trim: "#315d1a", glass: "#e9f8df" },
        CraftColours { body: "#2f6fd0", trim: "#1d4a92", glass: "#e2edff" },
        CraftColours { body: "#5b6472", trim: "#3c434e", glass: "#eceff4" },
    ],
};

const DARK: Colours = Colours {
    floe: "#31505f",
    floe_rim: "#7fb0c6",
    floe_side: "#17303c",
    floe_middle: "#3b6072",
    melted: "rgb(150 200 220 / 22%)",
    crack: "#476d7f",
    ink: "#f1f5f8",
    halo: "rgb(13 31 41 / 80%)",
    shadow: "rgb(0 0 0 / 35%)",
    water_ring: "rgb(160 205 225 / 55%)",
    flame: "#ffb545",
    boost_track: "#ffc766",
    small_gem: "#7db8ff",
    big_gem: "#ffd04d",
    fuel_gem: "#7ee08e",
    craft: [
        CraftColours { body: "#35c9bb", trim: "#0f7f76", glass: "#0c3b38" },
        CraftColours { body: "#ff8360", trim: "#c04e2c", glass: "#4a1c0e" },
        CraftColours { body: "#b79bff", trim: "#7d5bd6", glass: "#2a1a52" },
        CraftColours { body: "#f0c544", trim: "#b08a12", glass: "#463604" },
        CraftColours { body: "#ff86b5", trim: "#c94d80", glass: "#4b1129" },
        CraftColours { body: "#9bd673", trim: "#639c3d", glass: "#1f3610" },
        CraftColours { body: "#7fb2ff", trim: "#4a7ecb", glass: "#12294d" },
        CraftColours { body: "#b4bcc8", trim: "#7b8492", glass: "#2a2f38" },
    ],
};

impl Colours {
    /// The colours of a dark or a light page.
    pub(super) fn of(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }
}
