//! The layers of the core: a module imports only lower ones, and the table says which is lower.
//!
//! Reads paths that begin at the crate (`crate::…`, or as many `super::` as the module is deep),
//! wherever they stand. Code under `#[cfg(test)]` may look up: it is part of no other module.

use super::Complaint;

/// Every module of `src/` with its layer (`ARCHITECTURE.md`).
const LAYERS: [(&str, u8); 26] = [
    ("analysis", 9),
    ("timeline", 8),
    ("report", 8),
    ("summary", 7),
    ("verify", 6),
    ("session", 5),
    ("traffic", 5),
    ("dialect", 4),
    ("observation", 3),
    ("capture", 2),
    ("rollback", 1),
    ("worker", 1),
    ("link", 1),
    ("column", 0),
    ("filter", 0),
    ("fixed", 0),
    ("frame", 0),
    ("json", 0),
    ("player", 0),
    ("sorted", 0),
    ("sorting", 0),
    ("time", 0),
    ("action", 0),
    ("state", 0),
    ("issue", 0),
    ("message", 0),
];

/// Lower modules that are closed to some all the same: these see observations, not bytes; a
/// dialect translates and does not decide.
const BANS: [(&str, &str); 6] = [
    ("session", "capture"),
    ("verify", "capture"),
    ("summary", "capture"),
    ("timeline", "capture"),
    ("report", "capture"),
    ("dialect", "rollback"),
];

/// Breaks of the layer rules in one file; nothing for files outside `src/` and for the two roots, `src/lib.rs` and `src/bytes.rs`.
pub(super) fn check(name: &str, source: &str) -> Vec<Complaint> {
    let Some(path) = name.strip_prefix("src/").and_then(|path| path.strip_suffix(".rs")) else {
        return Vec::new();
    };
    if ["lib", "bytes"].contains(&path) {
        return Vec::new();
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    if parts.last() == Some(&"mod") {
        parts.pop();
    }
    let module = parts.first().copied().unwrap_or_default();
    if layer_of(module).is_none() {
        return vec![Complaint {
            line: 1,
            message: format!(
                "module `{module}` has no layer: give it one in xtask/src/tidy/layers.rs and ARCHITECTURE.md"
            ),
        }];
    }
    if parts.last() == Some(&"tests") {
        return Vec::new();
    }
    let code = code_of(source);
    let mut complaints: Vec<Complaint> = roots(&code, parts.len())
        .filter_map(|(line, imported)| {
            complaint_about(module, &imported).map(|message| Complaint { line, message })
        })
        .collect();
    complaints.dedup();
    complaints
}

fn layer_of(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

/// Why `module` must not import `imported`, or nothing when it may.
fn complaint_about(module: &str, imported: &str) -> Option<String> {
    let own = layer_of(module)?;
    let other = layer_of(imported)?;
    if module == imported {
        return None;
    }
    if BANS.contains(&(module, imported)) {
        return Some(format!(
            "`{module}` must not import `{imported}`: see the bans in ARCHITECTURE.md"
        ));
    }
    // Layer 0 is a layer of words that may use each other; above it equals stay apart.
    let is_allowed = other < own || (own == 0 && other == 0);
    (!is_allowed).then(|| {
        format!("`{module}` (layer {own}) imports `{imported}` (layer {other}): only lower layers are open to it")
    })
}

/// The source without comments and without what follows the first `#[cfg(test)]`; lines stay.
fn code_of(source: &str) -> String {
    source
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The modules named right after the crate's root, with their lines. `depth` is how many `super::`
/// lead from the file's module to the root.
fn roots(code: &str, depth: usize) -> impl Iterator<Item = (usize, String)> {
    let up = "super::".repeat(depth);
    let mut found = Vec::new();
    for root in ["crate::", up.as_str()] {
        for (start, _) in code.match_indices(root) {
            let before = code.get(..start).unwrap_or_default();
            // `my_crate::` and a longer chain of `super::` are other paths.
            if before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let line = before.matches('\n').count() + 1;
            let after = code.get(start + root.len()..).unwrap_or_default();
            found.extend(first_names(after).into_iter().map(|name| (line, name)));
        }
    }
    found.sort();
    found.into_iter()
}

/// `a::b` gives `a`; `{a, b::{c, d}, e}` gives `a`, `b`, `e`.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![identifier(path)];
    };
    let mut names = Vec::new();
    let mut nesting = 0_usize;
    let mut item = String::new();
    for character in group.chars() {
        match character {
            '{' => nesting += 1,
            '}' if nesting == 0 => break,
            '}' => nesting -= 1,
            ',' if nesting == 0 => names.push(identifier(std::mem::take(&mut item).trim())),
            _ => {}
        }
        if character != ',' || nesting > 0 {
            item.push(character);
        }
    }
    names.push(identifier(item.trim()));
    names
}

fn identifier(path: &str) -> String {
    path.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[cfg(test)]
mod tests {
    use super::{LAYERS, check};

    #[test]
    fn the_table_for_people_is_this_one() {
        let page = include_str!("../../../ARCHITECTURE.md");
        let rows = page.lines().filter_map(|line| {
            let (layer, modules) = line.strip_prefix("| ")?.split_once(" | ")?;
            Some((layer.parse::<u8>().ok()?, modules))
        });
        let named = |(layer, modules): (u8, &'static str)| {
            modules.split('`').skip(1).step_by(2).map(move |module| (module, layer))
        };
        let mut told: Vec<(&str, u8)> = rows.flat_map(named).collect();
        let mut kept = LAYERS.to_vec();
        told.sort_unstable();
        kept.sort_unstable();
        assert_eq!(told, kept, "ARCHITECTURE.md and the rule");
    }

    #[track_caller]
    fn check_lines(name: &str, source: &str, expected: &[usize]) {
        let found = check(name, source);
        let lines: Vec<usize> = found.iter().map(|complaint| complaint.line).collect();
        assert_eq!(lines, expected, "{found:?}");
    }

    #[test]
    fn an_import_of_a_lower_layer_passes() {
        check_lines(
            "src/session/mod.rs",
            "//! A.\nuse crate::rollback::Queue;\nuse crate::frame::Frame;\n",
            &[],
        );
    }

    #[test]
    fn an_upward_import_is_found() {
        check_lines("src/frame.rs", "//! A.\nuse crate::rollback::Queue;\n", &[2]);
        check_lines("src/verify/desync.rs", "//! A.\n\nuse crate::timeline;\n", &[3]);
    }

    #[test]
    fn equals_stay_apart_above_layer_zero() {
        check_lines("src/rollback/queue.rs", "//! A.\nuse crate::link::Link;\n", &[2]);
        check_lines("src/action.rs", "//! A.\nuse crate::frame::Frame;\n", &[]);
    }

    #[test]
    fn banned_pairs_are_found_though_they_are_lower() {
        check_lines("src/session/peer.rs", "//! A.\nuse crate::capture::Event;\n", &[2]);
        check_lines("src/dialect/native.rs", "//! A.\nuse crate::rollback::Queue;\n", &[2]);
        check_lines("src/analysis.rs", "//! A.\nuse crate::capture::Event;\n", &[]);
    }

    #[test]
    fn groups_and_paths_in_code_are_read() {
        check_lines(
            "src/link/mod.rs",
            "//! A.\nuse crate::{\n    frame::{Frame, Next},\n    session,\n};\n",
            &[2],
        );
        check_lines("src/link/mod.rs", "//! A.\nfn f() -> crate::report::Text { g() }\n", &[2]);
        check_lines("src/link/mod.rs", "//! A.\nuse super::session::Peer;\n", &[2]);
        check_lines(
            "src/link/shape.rs",
            "//! A.\nuse super::super::session::Peer;\nuse super::session;\n",
            &[2],
        );
    }

    #[test]
    fn comments_tests_and_other_crates_do_not_count() {
        check_lines("src/frame.rs", "//! Used by crate::session.\n// crate::session\n", &[]);
        check_lines(
            "src/frame.rs",
            "//! A.\n#[cfg(test)]\nmod tests { use crate::session::Peer; }\n",
            &[],
        );
        check_lines("src/frame.rs", "//! A.\nuse my_crate::session::Peer;\n", &[]);
    }

    #[test]
    fn a_module_without_a_layer_is_named() {
        check_lines("src/surprise.rs", "//! A.\n", &[1]);
    }
}
