//! The built page's files: a plain folder on disk, never cached, nothing outside of it.
//!
//! A request path comes in, bytes with their type go out. The files are few and small and the
//! server is for one machine, so they are read whole and on the spot.

use std::path::{Component, Path, PathBuf};

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, StatusCode, Uri};
use axum::response::IntoResponse;

use super::Shared;

type Headers = [(HeaderName, &'static str); 3];

pub(super) async fn serve(State(shared): State<Shared>, uri: Uri) -> impl IntoResponse + use<> {
    let path = if uri.path() == "/" { "/index.html" } else { uri.path() };
    let found = locate(&shared.root, path).and_then(|file| {
        let bytes = std::fs::read(&file).ok()?;
        Some((StatusCode::OK, headers(media_type(&file)), bytes))
    });
    found.unwrap_or_else(|| {
        let words = if shared.root.join("index.html").is_file() {
            "There is no such file here.\n".to_owned()
        } else {
            let root = shared.root.display();
            format!("{root} holds no index.html: build the arena first (cargo xtask build).\n")
        };
        (StatusCode::NOT_FOUND, headers("text/plain; charset=utf-8"), words.into_bytes())
    })
}

fn headers(media_type: &'static str) -> Headers {
    [(CONTENT_TYPE, media_type), (CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")]
}

/// The file below `root` that a request path means; `None` for paths that would leave it. Percent
/// signs are not decoded: no file of the arena needs one.
fn locate(root: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path.trim_start_matches('/'));
    let is_inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
    is_inside.then(|| root.join(relative))
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("py") => "text/plain; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_never_leave_the_folder() {
        let root = Path::new("dist/arena");
        assert_eq!(locate(root, "/a/b.js"), Some(PathBuf::from("dist/arena/a/b.js")));
        for path in ["/../secret", "/a/../../secret", "/./a/.."] {
            assert_eq!(locate(root, path), None, "{path}");
        }
        assert_eq!(locate(root, "//etc/passwd"), Some(PathBuf::from("dist/arena/etc/passwd")));
    }

    #[test]
    fn wasm_and_modules_have_the_types_that_browsers_insist_on() {
        assert_eq!(media_type(Path::new("x_bg.wasm")), "application/wasm");
        assert_eq!(media_type(Path::new("worker.js")), "text/javascript; charset=utf-8");
    }
}
