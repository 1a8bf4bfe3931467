//! Hashes of a hundred thousand random states, as CPython makes, prints and hashes them, on both
//! routes of the text: as it stands, and after a round trip through JavaScript. Where an interpreter
//! is not installed, the test says that it was skipped.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write;
use std::process::{Command, Stdio};

use rollscope::state::HashRule;

/// States, and how many of them.
const STATES: usize = 100_000;

/// Prints one random state a line, then its hash by the rule of MUG's worker.
const STATES_IN_PYTHON: &str = r#"
import hashlib, json, random, struct, sys
draw = random.Random(20)
def number():
    kind = draw.randrange(12)
    if kind == 0: return draw.randrange(-10, 10)
    if kind == 1: return draw.getrandbits(draw.choice((31, 53, 54, 64, 128))) * draw.choice((1, -1))
    if kind == 2: return float(draw.randrange(-5, 5))
    if kind == 3: return draw.randrange(1 << 40) / 2048
    if kind == 4: return draw.uniform(-1, 1) * 10.0 ** draw.randrange(-14, 24)
    if kind == 5:
        value = struct.unpack('>d', draw.randbytes(8))[0]
        return value if value - value == 0 else 0.5
    if kind == 6: return draw.choice((-0.0, 5e-324, 1e16, 1e21, 2.0 ** 52, 0.1 + 0.2, -1e-11))
    return round(draw.uniform(-400, 400), draw.randrange(8))
def text():
    letters = 'abcxyz019_ "\\/\n\t\r\b\f\x00\x1f\x7f\x80\xe9\u2028\uffff\U0001f600\ue000'
    return ''.join(draw.choice(letters) for _ in range(draw.randrange(7)))
def tree(depth):
    kind = draw.randrange(10)
    if depth > 0 and kind < 3: return {key(): tree(depth - 1) for _ in range(draw.randrange(5))}
    if depth > 0 and kind < 5: return [tree(depth - 1) for _ in range(draw.randrange(5))]
    if kind < 8: return number()
    return draw.choice((None, True, False, text()))
def key():
    return draw.choice((text(), str(draw.randrange(200)), 'k%d' % draw.randrange(30)))
def normal(value):
    if isinstance(value, float): return round(value, 10)
    if isinstance(value, dict): return {k: normal(v) for k, v in value.items()}
    if isinstance(value, list): return [normal(v) for v in value]
    return value
def digest(value):
    canonical = json.dumps(normal(value), sort_keys=True, separators=(',', ':'))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
for _ in range(int(sys.argv[1])):
    state = {key(): tree(3) for _ in range(draw.randrange(1, 8))}
    line = json.dumps(state)
    print(line)
    print(digest(json.loads(line)))
"#;

/// Prints each line as JavaScript writes it after reading it.
const ROUND_TRIP: &str = "
const lines = require('fs').readFileSync(0, 'utf8').trim().split('\\n');
process.stdout.write(lines.map((line) => JSON.stringify(JSON.parse(line)) + '\\n').join(''));
";

/// Prints the hash of each line by the rule of MUG's worker.
const HASHES_IN_PYTHON: &str = r"
import hashlib, json, sys
def normal(value):
    if isinstance(value, float): return round(value, 10)
    if isinstance(value, dict): return {k: normal(v) for k, v in value.items()}
    if isinstance(value, list): return [normal(v) for v in value]
    return value
for line in sys.stdin.buffer:
    canonical = json.dumps(normal(json.loads(line)), sort_keys=True, separators=(',', ':'))
    print(hashlib.sha256(canonical.encode()).hexdigest()[:16])
";

/// What a program prints for an input; nothing if it is not installed.
fn output_of(program: &str, arguments: &[&str], input: String) -> Option<String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut pipe = child.stdin.take()?;
    // Input and output are both larger than a pipe, so they have to flow at the same time.
    let output = std::thread::scope(|scope| {
        scope.spawn(move || pipe.write_all(input.as_bytes()));
        child.wait_with_output()
    });
    let output = output.unwrap();
    assert!(output.status.success(), "{program} failed");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[track_caller]
fn check(rule: HashRule, text: &str, expected: &str) {
    let hash = rule.hash_text(text).unwrap();
    assert_eq!(hash.hex(), expected, "{rule:?}: {text}");
}

#[test]
fn random_states_hash_as_in_python_on_both_routes() {
    let count = STATES.to_string();
    let Some(printed) = output_of("python3", &["-c", STATES_IN_PYTHON, &count], String::new())
    else {
        println!("skipped: python3 is not installed");
        return;
    };
    let lines: Vec<&str> = printed.lines().collect();
    let (states, _) = lines.as_chunks::<2>();
    assert_eq!(states.len(), STATES);
    for [text, hash] in states {
        check(HashRule::MUG_DIRECT_HASH, text, hash);
    }
    let texts: String = states.iter().flat_map(|[text, _]| [text, "\n"]).collect();
    let Some(round_trips) = output_of("node", &["-e", ROUND_TRIP], texts) else {
        println!("skipped: node is not installed");
        return;
    };
    let hashes = output_of("python3", &["-c", HASHES_IN_PYTHON], round_trips).unwrap();
    let hashes: Vec<&str> = hashes.lines().collect();
    assert_eq!(hashes.len(), STATES);
    let mut different = 0;
    for ([text, direct], hash) in states.iter().zip(hashes) {
        check(HashRule::MUG_STATE_HASH, text, hash);
        different += usize::from(*direct != hash);
    }
    // Otherwise the routes were not told apart.
    assert!(different > STATES / 4, "{different}");
}
