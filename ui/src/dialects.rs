//! Names of the dialects, for the time before the analysis is there. They are the core's; a test holds them to those.

/// What an empty panel waits for.
pub const NAMES: [&str; 7] =
    ["native", "p2p_binary", "p2p_json", "p2p_probe", "worker", "socketio", "python_main_thread"];

#[cfg(test)]
mod tests {
    use rollscope::dialect::DIALECTS;

    #[test]
    fn the_names_are_those_of_the_core() {
        let known: Vec<&str> = DIALECTS.iter().map(|dialect| dialect.name()).collect();
        assert_eq!(super::NAMES.as_slice(), known);
    }
}
