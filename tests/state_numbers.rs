//! Number texts and rounding against the languages that they imitate, for random doubles. Where
//! an interpreter is not installed, its test says that it was skipped.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::process::{Command, Stdio};

use rollscope::state::number::{push_javascript_number, push_python_float, round_to_ten_decimals};

/// Reads doubles as hexadecimal bits; writes the repr of each and of its rounded value.
const PYTHON: &str = "
import struct, sys
for line in sys.stdin:
    value = struct.unpack('>d', bytes.fromhex(line.strip()))[0]
    print(repr(value), repr(round(value, 10)))
";

/// Reads doubles as hexadecimal bits; writes each as JSON.
const JAVASCRIPT: &str = "
const lines = require('fs').readFileSync(0, 'utf8').trim().split('\\n');
const view = new DataView(new ArrayBuffer(8));
console.log(lines.map((line) => {
  view.setBigUint64(0, BigInt('0x' + line));
  return JSON.stringify(view.getFloat64(0));
}).join('\\n'));
";

/// The SplitMix64 generator: seeded, so that a failure comes back.
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// Doubles of every kind: any bits, game-like sizes, exact ties, powers of two and ten.
fn doubles() -> Vec<f64> {
    let mut generator = Generator(7);
    let mut values = vec![0.0, -0.0, f64::MIN_POSITIVE, 5e-324, f64::MAX];
    values.extend((-1074..1024).map(|power| 2.0_f64.powi(power)));
    values.extend((-320..309).map(|power| format!("1e{power}").parse::<f64>().unwrap()));
    for _ in 0..6_000 {
        values.push(f64::from_bits(generator.next()));
        let size = 10.0_f64.powi((generator.next() % 24) as i32 - 12);
        values.push((generator.next() as i64 as f64 / i64::MAX as f64) * size);
        values.push((generator.next() % (1 << 31)) as f64 / 2048.0);
        values.push((generator.next() % 1_000_000_000) as f64 / 1e5);
    }
    for edge in [262_144.0_f64, 524_288.0, 1_048_576.0, 1e15, 1e16, 1e21] {
        for step in 0..40 {
            values.push(f64::from_bits(edge.to_bits() - 20 + step));
        }
    }
    values.retain(|value| value.is_finite());
    values
}

/// What the program prints for the doubles; nothing if it is not installed.
fn answers_of(program: &str, arguments: &[&str], values: &[f64]) -> Option<Vec<String>> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let lines: String = values.iter().map(|value| format!("{:016x}\n", value.to_bits())).collect();
    // Input and output are both larger than a pipe, so they have to flow at the same time.
    let mut input = child.stdin.take()?;
    let output = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(lines.as_bytes()));
        child.wait_with_output()
    });
    let output = output.ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
}

fn text(push: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    push(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn floats_round_and_print_as_in_python() {
    let values = doubles();
    let Some(answers) = answers_of("python3", &["-c", PYTHON], &values) else {
        println!("skipped: python3 is not installed");
        return;
    };
    assert_eq!(answers.len(), values.len());
    for (value, answer) in values.iter().zip(&answers) {
        let own = text(|out| {
            push_python_float(out, *value);
            out.push(b' ');
            push_python_float(out, round_to_ten_decimals(*value));
        });
        assert_eq!(&own, answer, "bits {:016x}", value.to_bits());
    }
}

#[test]
fn numbers_print_as_in_javascript() {
    let values = doubles();
    let Some(answers) = answers_of("node", &["-e", JAVASCRIPT], &values) else {
        println!("skipped: node is not installed");
        return;
    };
    assert_eq!(answers.len(), values.len());
    for (value, answer) in values.iter().zip(&answers) {
        let own = text(|out| push_javascript_number(out, *value));
        assert_eq!(&own, answer, "bits {:016x}", value.to_bits());
    }
}
