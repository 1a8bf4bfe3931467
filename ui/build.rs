//! Keeps in the linked panel which function mentions which data and which place of the table: `cargo xtask build` cuts
//! it in two by that (`xtask/src/split`).

/// Bytes of its stack. With what it has of data behind them all addresses of data are below a megabyte: then they take
/// three bytes in the code and not four.
const STACK_BYTES: u32 = 768 << 10;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK_BYTES}");
    }
}
