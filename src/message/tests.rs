//! Every message in every form, and what is refused.

use super::*;

fn samples() -> Vec<PeerMessage> {
    let (episode, player) = (Episode(3), PlayerId(1));
    vec![
        PeerMessage::Hello {
            episode,
            player,
            players: 2,
            answered: true,
            settings: SessionSettings {
                input_delay_frames: 2,
                snapshot_interval_frames: 5,
                max_prediction_frames: 30,
                frames_per_second: 60,
                prediction: PredictionRule::Frequency,
                default_action: Action(0),
                seed: 0xdead_beef,
            },
        },
        PeerMessage::Inputs {
            episode,
            player: PlayerId(0),
            current: Frame(17),
            received_through: None,
            first: Frame(12),
            actions: vec![Action(1), Action(70_000), Action(u32::MAX)],
        },
        PeerMessage::Inputs {
            episode,
            player,
            current: Frame(17),
            received_through: Some(Frame(4)),
            first: Frame(12),
            actions: Vec::new(),
        },
        PeerMessage::StateHashes {
            episode: Episode(0),
            player,
            hashes: vec![(Frame(5), u64::MAX), (Frame(10), 0)],
        },
        PeerMessage::HashesReceived { episode, player, first: Frame(5), last: Frame(20) },
        PeerMessage::Ping { stamp_micros: 12 },
        PeerMessage::Pong { stamp_micros: 13 },
        PeerMessage::FrameSync {
            episode,
            player,
            tick: 70_000,
            current: Frame(9),
            advantage_frames: -3,
            status: PeerStatus::Background,
            ended: None,
        },
        PeerMessage::FrameSync {
            episode,
            player,
            tick: 70_000,
            current: Frame(9),
            advantage_frames: 300,
            status: PeerStatus::Running,
            ended: Some(Frame(9)),
        },
        PeerMessage::StateRequest {
            episode,
            player,
            at_least: Frame(40),
            base: None,
            missing: None,
        },
        PeerMessage::StateRequest {
            episode,
            player,
            at_least: Frame(40),
            base: Some((Frame(35), 77)),
            missing: Some(MissingChunks { frame: Frame(45), first: 3, held: u64::MAX - 1 }),
        },
        PeerMessage::StateChunk {
            episode,
            player,
            frame: Frame(45),
            hash: 1 << 60,
            is_end: true,
            base: Some(Frame(35)),
            total_bytes: 1030,
            index: 1,
            bytes: vec![0, 1, 254, 255, b'{', 7],
        },
        PeerMessage::StateChunk {
            episode,
            player,
            frame: Frame(45),
            hash: 0,
            is_end: false,
            base: None,
            total_bytes: 3000,
            index: 0,
            bytes: vec![9; MAX_CHUNK_BYTES],
        },
        PeerMessage::ConfirmedInputs {
            episode,
            player,
            players: 2,
            first: Frame(6),
            ended: Some(Frame(8)),
            actions: vec![Action(1), Action(2), Action(3), Action(4)],
        },
        PeerMessage::HeldInputs {
            episode,
            player,
            oldest: Frame(3),
            through: Some(Frame(9)),
            first: Frame(8),
            actions: vec![Action(1), Action(2)],
        },
        PeerMessage::HeldInputs {
            episode,
            player,
            oldest: Frame(0),
            through: None,
            first: Frame(0),
            actions: Vec::new(),
        },
        PeerMessage::InputRequest { episode, player, first: Frame(4), last: Frame(9) },
        PeerMessage::Watched { episode, received_through: None },
        PeerMessage::Watched { episode, received_through: Some(Frame(7)) },
    ]
}

fn written(message: &PeerMessage, form: Form) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode_as(form, &mut bytes);
    bytes
}

#[test]
fn every_message_comes_back_as_it_was_in_every_form() {
    for message in samples() {
        for form in Form::ALL {
            let bytes = written(&message, form);
            assert_eq!(PeerMessage::decode_any(&bytes), Ok((message.clone(), form)));
        }
        let bytes = message.encoded();
        assert_eq!(bytes.len(), message.encoded_len(), "{message:?}");
        assert!(PeerMessage::is_ours(&bytes));
        assert_eq!(PeerMessage::decode(&bytes), Ok(message));
    }
}

#[test]
fn cut_off_and_overlong_messages_are_refused() {
    for message in samples() {
        for form in Form::ALL {
            let mut bytes = written(&message, form);
            // The bytes of a chunk have no length of their own: a shorter chunk is a chunk.
            let is_open_ended =
                form == Form::Binary && matches!(message, PeerMessage::StateChunk { .. });
            let shortest_whole = if is_open_ended { 29 } else { bytes.len() };
            for length in 0..shortest_whole {
                assert!(PeerMessage::decode_any(&bytes[..length]).is_err(), "{message:?} {form:?}");
            }
            bytes.push(if form == Form::Json { b'}' } else { 0 });
            let is_full = message.encoded_len() >= MAX_CHUNK_BYTES;
            if !is_open_ended || is_full {
                assert!(PeerMessage::decode_any(&bytes).is_err(), "{message:?} {form:?}");
            }
        }
    }
}

#[test]
fn another_version_is_named_in_every_form() {
    let error = MessageError::Version { theirs: 9, ours: PROTOCOL_VERSION };
    let named = Err(error);
    let mut bytes = PeerMessage::Ping { stamp_micros: 0 }.encoded();
    bytes[1] = 9;
    assert_eq!(PeerMessage::decode_any(&bytes), named);
    let text = br#"{"type":"ping","v":9,"timestamp":0}"#;
    assert_eq!(PeerMessage::decode_any(text), named);
    let packed = b"\x83\xa4type\xa4ping\xa1v\x09\xa9timestamp\x00";
    assert_eq!(PeerMessage::decode_any(packed), named);
    let text = error.to_string();
    assert!(text.contains('9') && text.contains(&PROTOCOL_VERSION.to_string()), "{text}");
}

#[test]
fn an_observer_reads_the_kinds_of_version_1_and_a_peer_refuses_them() {
    let mut bytes = PeerMessage::Ping { stamp_micros: 5 }.encoded();
    bytes[1] = 1;
    assert_eq!(
        PeerMessage::decode(&bytes),
        Err(MessageError::Version { theirs: 1, ours: PROTOCOL_VERSION })
    );
    assert_eq!(PeerMessage::decode_observed(&bytes), Ok(PeerMessage::Ping { stamp_micros: 5 }));
    bytes[2] = 7;
    assert_eq!(PeerMessage::decode_observed(&bytes), Err(MessageError::UnknownKind(7)));
}

#[test]
fn an_observer_reads_version_2_in_every_form_and_a_peer_refuses_it() {
    let is_newer = |message: &PeerMessage| matches!(message, PeerMessage::InputRequest { .. });
    let (newer, of_then): (Vec<_>, Vec<_>) = samples().into_iter().partition(is_newer);
    for message in newer {
        let mut bytes = written(&message, Form::Binary);
        bytes[1] = 2;
        let unknown = MessageError::UnknownKind(bytes[2]);
        assert_eq!(PeerMessage::decode_any_observed(&bytes), Err(unknown));
    }
    for (message, form) in
        of_then.into_iter().flat_map(|one| Form::ALL.map(|form| (one.clone(), form)))
    {
        let mut bytes = written(&message, form);
        match form {
            Form::Binary => bytes[1] = 2,
            Form::Json => {
                let text = String::from_utf8(bytes).unwrap();
                bytes = text.replace("\"v\":3", "\"v\":2").into_bytes();
            }
            Form::MessagePack => {
                let place = bytes.windows(3).position(|three| three == b"\xa1v\x03").unwrap();
                bytes[place + 2] = 2;
            }
        }
        let refused = MessageError::Version { theirs: 2, ours: PROTOCOL_VERSION };
        assert_eq!(PeerMessage::decode_any(&bytes), Err(refused), "{message:?}");
        assert!(!PeerMessage::is_of_other_version(&bytes));
        assert_eq!(PeerMessage::decode_any_observed(&bytes), Ok(message));
    }
}

#[test]
fn the_input_of_the_seeds_is_read() {
    let text = br#"{"type":"input","v":3,"episode":0,"playerId":1,"currentFrame":8,"frame":10,
        "action":3,"timestamp":17.5}"#;
    let (message, _) = PeerMessage::decode_any(text).unwrap();
    assert_eq!(
        message,
        PeerMessage::Inputs {
            episode: Episode(0),
            player: PlayerId(1),
            current: Frame(8),
            received_through: None,
            first: Frame(10),
            actions: vec![Action(3)],
        }
    );
}

#[test]
fn fields_out_of_their_range_are_named() {
    for (text, field) in [
        (r#"{"type":"ping","v":3,"timestamp":-1}"#, "timestamp"),
        (r#"{"type":"watched","v":3,"episode":4294967296}"#, "episode"),
        (
            r#"{"type":"frame_sync","v":3,"episode":0,"playerId":0,"tick":1,"frame":0,"advantageFrames":99999}"#,
            "advantageFrames",
        ),
        (
            r#"{"type":"state_hash","v":3,"episode":0,"playerId":0,"hashes":[{"frame":0,"hash":"zz"}]}"#,
            "hash",
        ),
        (r#"{"type":"hello","v":3,"episode":0,"playerId":300}"#, "playerId"),
    ] {
        assert_eq!(
            PeerMessage::decode_any(text.as_bytes()),
            Err(MessageError::Field(field)),
            "{text}"
        );
    }
    let unknown = br#"{"type":"run_code","v":3,"episode":0,"playerId":0}"#;
    assert_eq!(PeerMessage::decode_any(unknown), Err(MessageError::UnknownType));
    assert_eq!(PeerMessage::decode_any(b"{}"), Err(MessageError::NotOurs));
    assert_eq!(PeerMessage::decode_any(b"GET / HTTP/1.1"), Err(MessageError::NotOurs));
}

/// Bytes that were messages before something changed them: read or refused, never a panic, and
/// what is read can be written again.
#[test]
fn mutated_messages_never_panic() {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % limit as u64) as usize
    };
    let whole: Vec<Vec<u8>> =
        samples().iter().flat_map(|message| Form::ALL.map(|form| written(message, form))).collect();
    let (mut read, mut refused) = (0, 0);
    for _ in 0..60_000 {
        let mut bytes = whole[below(whole.len())].clone();
        for _ in 0..=below(4) {
            let place = below(bytes.len());
            match below(4) {
                0 => bytes[place] = below(256) as u8,
                1 => bytes[place] ^= 1 << below(8),
                2 => bytes.truncate(place.max(1)),
                _ => bytes.insert(place, below(256) as u8),
            }
        }
        match PeerMessage::decode_any(&bytes) {
            Ok((message, form)) => {
                read += 1;
                let again = written(&message, form);
                assert_eq!(PeerMessage::decode_any(&again).map(|(m, _)| m), Ok(message));
            }
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
        }
    }
    assert!(read > 1000 && refused > 1000, "{read} read, {refused} refused");
}
