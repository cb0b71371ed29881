//! The settings of encoders, ready to be copied.

use returnfeed_protocol::{EncoderLines, SrtTarget};

/// One layer's settings. No latency in the address: encoders do not agree on its unit, and the receiver's holds where
/// the sender names none.
pub fn lines(host: &str, srt: &SrtTarget, stream_id: &str) -> EncoderLines {
    let SrtTarget { port, passphrase, latency_ms, .. } = srt;
    let bracketed = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let url = format!(
        "srt://{bracketed}:{port}?mode=caller&transtype=live&pbkeylen=32&passphrase={passphrase}&streamid={stream_id}"
    );
    let ffmpeg = format!(
        "ffmpeg -re -i FILE -vf scale=640:360 -pix_fmt yuv420p -c:v libx264 -profile:v baseline -tune zerolatency \
         -g 60 -b:v 900k -c:a libopus -b:a 48k -pes_payload_size 0 -f mpegts '{url}'"
    );
    let vmix = format!(
        "Type: Caller\nHostname: {host}\nPort: {port}\nLatency: {latency_ms}\nPassphrase: {passphrase}\n\
         Key Length: 32\nStream ID: {stream_id}"
    );
    EncoderLines { obs: url.clone(), url, ffmpeg, vmix }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srt() -> SrtTarget {
        SrtTarget {
            port: 8890,
            passphrase: "of-the-session".to_owned(),
            stream_id_high: "#!::m=publish,r=1".to_owned(),
            stream_id_low: String::new(),
            latency_ms: 20,
        }
    }

    #[test]
    fn an_address_of_ipv6_stands_in_brackets_and_the_key_is_of_256_bits() {
        let made = lines("fd00::2", &srt(), &srt().stream_id_high);
        assert!(made.url.starts_with("srt://[fd00::2]:8890?") && made.url.contains("&pbkeylen=32&"));
        assert!(made.url.ends_with("&passphrase=of-the-session&streamid=#!::m=publish,r=1"), "{}", made.url);
        assert!(
            made.ffmpeg.ends_with(&format!("'{}'", made.url)),
            "a shell leaves # and ! alone: {}",
            made.ffmpeg
        );
        assert!(made.vmix.contains("Hostname: fd00::2\n") && made.vmix.ends_with("r=1"));
    }
}
