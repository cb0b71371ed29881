//! SRTP and SRTCP of one connection (RFC 3711; RFC 7714 for AES-GCM): what goes out is sealed, what the other end
//! reports is opened.
//!
//! Invariant: under one key no pair of stream and index is sealed twice. RTP indices are the caller's extended
//! sequence numbers; RTCP is numbered here, and nobody else seals with these keys.

use std::fmt;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use str0m::crypto::dtls::SrtpProfile;
use zeroize::Zeroizing;

/// AES-CM's authentication tag: 80 bits of HMAC-SHA1 (RFC 3711 4.2.1).
const SHORT_TAG: usize = 10;
/// The part of an RTCP packet that stays readable: its first header and its sender.
const RTCP_CLEAR: usize = 8;
/// Says in the last word of SRTCP that it is encrypted (RFC 3711 3.4).
const ENCRYPTED: u32 = 1 << 31;

/// What the handshake agreed upon (RFC 5764 4.2): both ends' keys.
pub(super) struct Secrets {
    profile: SrtpProfile,
    material: Zeroizing<Vec<u8>>,
    is_client: bool,
}

impl Secrets {
    pub(super) fn new(profile: SrtpProfile, material: &[u8], is_client: bool) -> Self {
        Self { profile, material: Zeroizing::new(material.to_vec()), is_client }
    }

    /// Both directions' ciphers.
    pub(super) fn ciphers(&self) -> Result<(Sealer, Opener), Unspecified> {
        let (client, server) = self.masters().ok_or(Unspecified)?;
        let (ours, theirs) = if self.is_client { (client, server) } else { (server, client) };
        let sealer = Sealer { rtp: ours.rtp()?, rtcp: ours.rtcp()?, next_rtcp: 0 };
        Ok((sealer, Opener { rtcp: theirs.rtcp()?, newest: 0, seen: 0 }))
    }

    /// The client's key, the server's, the client's salt, the server's.
    fn masters(&self) -> Option<(Master<'_>, Master<'_>)> {
        let (key, salt, gcm) = match self.profile {
            SrtpProfile::AES128_CM_SHA1_80 => (16, 14, false),
            SrtpProfile::AEAD_AES_128_GCM => (16, 12, true),
            SrtpProfile::AEAD_AES_256_GCM => (32, 12, true),
            _ => return None,
        };
        let (client_key, rest) = self.material.split_at_checked(key)?;
        let (server_key, rest) = rest.split_at_checked(key)?;
        let (client_salt, rest) = rest.split_at_checked(salt)?;
        let server_salt = rest.get(..salt)?;
        let master = |key, salt| Master { key, salt, gcm };
        Some((master(client_key, client_salt), master(server_key, server_salt)))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// One end's master key and salt.
struct Master<'a> {
    key: &'a [u8],
    salt: &'a [u8],
    gcm: bool,
}

impl Master<'_> {
    fn rtp(&self) -> Result<Cipher, Unspecified> {
        self.cipher(0)
    }

    fn rtcp(&self) -> Result<Cipher, Unspecified> {
        self.cipher(3)
    }

    /// The cipher of the labels `first` (key), `first` + 1 (authentication), `first` + 2 (salt) (RFC 3711 4.3.2).
    fn cipher(&self, first: u8) -> Result<Cipher, Unspecified> {
        let mut key = Zeroizing::new([0; 32]);
        let key = key.get_mut(..self.key.len()).ok_or(Unspecified)?;
        self.derive(first, key)?;
        if self.gcm {
            let mut salt = [0; 12];
            self.derive(first + 2, &mut salt)?;
            let algorithm = if key.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
            return Ok(Cipher::Gcm { key: LessSafeKey::new(UnboundKey::new(algorithm, key)?), salt });
        }
        let mut salt = [0; 14];
        self.derive(first + 2, &mut salt)?;
        let mut authentication = Zeroizing::new([0; 20]);
        self.derive(first + 1, authentication.as_mut_slice())?;
        let key = EncryptingKey::ctr(UnboundCipherKey::new(&AES_128, key)?)?;
        let mac = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, authentication.as_slice());
        Ok(Cipher::Counter(Box::new(Counter { key, salt, mac })))
    }

    /// A session key: AES in counter mode over the salt with the label in it (RFC 3711 4.3.1, 4.3.3; a shorter salt
    /// is filled with zeros, RFC 7714 11).
    fn derive(&self, label: u8, output: &mut [u8]) -> Result<(), Unspecified> {
        let algorithm = if self.key.len() == 16 { &AES_128 } else { &AES_256 };
        let mut counter = [0; 16];
        counter.iter_mut().zip(self.salt).for_each(|(to, from)| *to = *from);
        counter[7] ^= label;
        output.fill(0);
        let key = EncryptingKey::ctr(UnboundCipherKey::new(algorithm, self.key)?)?;
        key.less_safe_encrypt(output, EncryptionContext::Iv128(counter.into()))?;
        Ok(())
    }
}

enum Cipher {
    Gcm { key: LessSafeKey, salt: [u8; 12] },
    Counter(Box<Counter>),
}

struct Counter {
    key: EncryptingKey,
    salt: [u8; 14],
    mac: hmac::Key,
}

impl Cipher {
    /// RFC 7714 8.1 and 9.1: two bytes, the stream, six bytes of index; RFC 3711 4.1.1: four bytes, the stream, the index.
    fn nonce<const N: usize>(salt: &[u8; N], stream_at: usize, ssrc: u32, index: u64) -> [u8; N] {
        let mut nonce = *salt;
        let [_, _, index @ ..] = index.to_be_bytes();
        let said = ssrc.to_be_bytes().into_iter().chain(index);
        nonce.iter_mut().skip(stream_at).zip(said).for_each(|(to, from)| *to ^= from);
        nonce
    }

    fn gcm_nonce(salt: &[u8; 12], ssrc: u32, index: u64) -> Nonce {
        Nonce::assume_unique_for_key(Self::nonce(salt, 2, ssrc, index))
    }

    fn counter(salt: &[u8; 14], ssrc: u32, index: u64) -> EncryptionContext {
        let mut counter = [0; 16];
        let nonce = Self::nonce(salt, 4, ssrc, index);
        counter.iter_mut().zip(nonce).for_each(|(to, from)| *to = from);
        EncryptionContext::Iv128(counter.into())
    }
}

/// Seals what goes out.
pub(super) struct Sealer {
    rtp: Cipher,
    rtcp: Cipher,
    next_rtcp: u32,
}

impl Sealer {
    /// Seals the packet that begins at `begin` and whose payload begins at `body`, and appends its tag. `index` is its
    /// extended sequence number.
    pub(super) fn seal_rtp(
        &self,
        packets: &mut Vec<u8>,
        begin: usize,
        body: usize,
        ssrc: u32,
        index: u64,
    ) -> Result<(), Unspecified> {
        let (head, payload) = packets.split_at_mut_checked(body).ok_or(Unspecified)?;
        let head = head.get(begin..).ok_or(Unspecified)?;
        match &self.rtp {
            Cipher::Gcm { key, salt } => {
                let nonce = Cipher::gcm_nonce(salt, ssrc, index);
                let tag = key.seal_in_place_separate_tag(nonce, Aad::from(head), payload)?;
                packets.extend_from_slice(tag.as_ref());
            }
            Cipher::Counter(counter) => {
                let Counter { key, salt, mac } = &**counter;
                key.less_safe_encrypt(payload, Cipher::counter(salt, ssrc, index))?;
                let mut tag = hmac::Context::with_key(mac);
                tag.update(head);
                tag.update(payload);
                // The rollover counter.
                tag.update(&((index >> 16) as u32).to_be_bytes());
                packets.extend_from_slice(tag.sign().as_ref().get(..SHORT_TAG).ok_or(Unspecified)?);
            }
        }
        Ok(())
    }

    /// Seals the compound RTCP packet that begins at `begin`.
    pub(super) fn seal_rtcp(&mut self, packets: &mut Vec<u8>, begin: usize) -> Result<(), Unspecified> {
        let index = self.next_rtcp;
        // After 2^31 reports, one a second, the key would be used up: 68 years.
        self.next_rtcp = index.checked_add(1).filter(|next| *next < ENCRYPTED).ok_or(Unspecified)?;
        let word = (ENCRYPTED | index).to_be_bytes();
        let packet = packets.get_mut(begin..).ok_or(Unspecified)?;
        let (clear, body) = packet.split_at_mut_checked(RTCP_CLEAR).ok_or(Unspecified)?;
        let ssrc = sender_of(clear)?;
        match &self.rtcp {
            Cipher::Gcm { key, salt } => {
                let nonce = Cipher::gcm_nonce(salt, ssrc, index.into());
                let aad = [&*clear, &word].concat();
                let tag = key.seal_in_place_separate_tag(nonce, Aad::from(aad), body)?;
                packets.extend_from_slice(tag.as_ref());
                packets.extend_from_slice(&word);
            }
            Cipher::Counter(counter) => {
                let Counter { key, salt, mac } = &**counter;
                key.less_safe_encrypt(body, Cipher::counter(salt, ssrc, index.into()))?;
                packets.extend_from_slice(&word);
                let tag = hmac::sign(mac, packets.get(begin..).ok_or(Unspecified)?);
                packets.extend_from_slice(tag.as_ref().get(..SHORT_TAG).ok_or(Unspecified)?);
            }
        }
        Ok(())
    }
}

/// Opens what the other end reports.
pub(super) struct Opener {
    rtcp: Cipher,
    /// The highest index that was opened, and which of the 64 up to it were (RFC 3711 3.3.2).
    newest: u32,
    seen: u64,
}

impl Opener {
    /// The compound packet within, once; `None` if it is not the other end's, was changed, or was opened before.
    pub(super) fn open_rtcp(&mut self, datagram: &[u8]) -> Option<Vec<u8>> {
        let (index, packet) = match &self.rtcp {
            Cipher::Gcm { key, salt } => {
                let (sealed, word) = datagram.split_last_chunk::<4>()?;
                let index = index_of(*word)?;
                let (clear, _) = sealed.split_at_checked(RTCP_CLEAR)?;
                let nonce = Cipher::gcm_nonce(salt, sender_of(clear).ok()?, index.into());
                let aad = [clear, word].concat();
                let mut packet = sealed.to_vec();
                let body = packet.get_mut(RTCP_CLEAR..)?;
                let length = key.open_in_place(nonce, Aad::from(aad), body).ok()?.len();
                packet.truncate(RTCP_CLEAR + length);
                (index, packet)
            }
            Cipher::Counter(counter) => {
                let Counter { key, salt, mac } = &**counter;
                let (authentic, tag) = datagram.split_at_checked(datagram.len().checked_sub(SHORT_TAG)?)?;
                let expected = hmac::sign(mac, authentic);
                let expected = expected.as_ref().get(..SHORT_TAG)?;
                aws_lc_rs::constant_time::verify_slices_are_equal(expected, tag).ok()?;
                let (sealed, word) = authentic.split_last_chunk::<4>()?;
                let index = index_of(*word)?;
                let mut packet = sealed.to_vec();
                let ssrc = sender_of(&packet).ok()?;
                let body = packet.get_mut(RTCP_CLEAR..)?;
                key.less_safe_encrypt(body, Cipher::counter(salt, ssrc, index.into())).ok()?;
                (index, packet)
            }
        };
        self.is_new(index).then_some(packet)
    }

    fn is_new(&mut self, index: u32) -> bool {
        if index > self.newest || self.seen == 0 {
            let ahead = index - self.newest.min(index);
            self.seen = self.seen.checked_shl(ahead).unwrap_or(0) | 1;
            self.newest = index;
            return true;
        }
        let Some(bit) = 1_u64.checked_shl(self.newest - index) else { return false };
        let is_new = self.seen & bit == 0;
        self.seen |= bit;
        is_new
    }
}

/// The index in the last word, if the packet is encrypted; in the clear nobody reports to us.
fn index_of(word: [u8; 4]) -> Option<u32> {
    let word = u32::from_be_bytes(word);
    (word & ENCRYPTED != 0).then_some(word & !ENCRYPTED)
}

fn sender_of(packet: &[u8]) -> Result<u32, Unspecified> {
    let sender = packet.get(4..).and_then(|rest| rest.first_chunk::<4>());
    sender.map(|bytes| u32::from_be_bytes(*bytes)).ok_or(Unspecified)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
            .collect()
    }

    const PROFILES: [SrtpProfile; 3] =
        [SrtpProfile::AES128_CM_SHA1_80, SrtpProfile::AEAD_AES_128_GCM, SrtpProfile::AEAD_AES_256_GCM];

    fn both_ends(profile: SrtpProfile) -> [(Sealer, Opener); 2] {
        let material: Vec<u8> = (0..88).collect();
        [true, false].map(|is_client| Secrets::new(profile, &material, is_client).ciphers().unwrap())
    }

    /// RFC 3711 B.3.
    #[test]
    fn session_keys_are_those_of_the_standard() {
        let (key, salt) = (bytes("E1F97A0D3E018BE0D64FA32C06DE4139"), bytes("0EC675AD498AFEEBB6960B3AABE6"));
        let master = Master { key: &key, salt: &salt, gcm: false };
        let derived = |label, length| {
            let mut output = vec![0; length];
            master.derive(label, &mut output).unwrap();
            output
        };
        assert_eq!(derived(0, 16), bytes("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(derived(2, 14), bytes("30CBBC08863D8C85D49DB34A9AE1"));
        assert_eq!(derived(1, 20), bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
    }

    /// RFC 7714 16.1.1.
    #[test]
    fn a_packet_is_sealed_as_in_the_standard() {
        let key = UnboundKey::new(&AES_128_GCM, &bytes("000102030405060708090a0b0c0d0e0f")).unwrap();
        let salt = *b"Quid pro quo";
        let rtp = Cipher::Gcm { key: LessSafeKey::new(key), salt };
        let rtcp = both_ends(SrtpProfile::AEAD_AES_128_GCM).into_iter().next().unwrap().0.rtcp;
        let sealer = Sealer { rtp, rtcp, next_rtcp: 0 };
        let header = bytes("8040f17b 8041f8d3 5501a0b2");
        let mut packet = [&header[..], b"Gallia est omnis divisa in partes tres"].concat();
        sealer.seal_rtp(&mut packet, 0, 12, 0x5501_a0b2, 0xf17b).unwrap();
        let expected = "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a \
            51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce";
        assert_eq!(packet, bytes(expected));
    }

    #[test]
    fn reports_are_opened_once_by_the_other_end_alone() {
        for profile in PROFILES {
            let [(mut client, mut client_opens), (mut server, mut server_opens)] = both_ends(profile);
            let report = bytes("80c80006 00000001 0203040506070809 0000000a 0000000b 0000000c");
            let mut sealed: Vec<Vec<u8>> = Vec::new();
            for _ in 0..100 {
                let mut packet = vec![9; 3];
                packet.extend(&report);
                client.seal_rtcp(&mut packet, 3).unwrap();
                assert_eq!(packet[..3], [9; 3]);
                sealed.push(packet[3..].to_vec());
            }
            for packet in sealed.iter().rev().take(60) {
                assert_eq!(server_opens.open_rtcp(packet).unwrap(), report, "{profile:?}");
                assert_eq!(server_opens.open_rtcp(packet), None, "{profile:?}: a second time");
            }
            assert_eq!(server_opens.open_rtcp(&sealed[0]), None, "{profile:?}: too old");
            assert_eq!(client_opens.open_rtcp(&sealed[0]), None, "{profile:?}: one's own");
            let mut answer = report.clone();
            server.seal_rtcp(&mut answer, 0).unwrap();
            for broken in 0..answer.len() {
                let mut changed = answer.clone();
                changed[broken] ^= 1;
                assert_eq!(client_opens.open_rtcp(&changed), None, "{profile:?}: byte {broken}");
                assert_eq!(client_opens.open_rtcp(&answer[..broken]), None, "{profile:?}: cut at {broken}");
            }
            assert_eq!(client_opens.open_rtcp(&answer).unwrap(), report);
        }
    }

    #[test]
    fn a_profile_that_is_not_ours_and_material_that_is_cut_are_refused() {
        assert!(Secrets::new(SrtpProfile::AEAD_AES_256_GCM, &[0; 87], true).ciphers().is_err());
        assert!(Secrets::new(SrtpProfile::AEAD_AES_256_GCM, &[0; 88], true).ciphers().is_ok());
    }
}
