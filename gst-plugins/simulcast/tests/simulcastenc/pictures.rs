//! Pictures that are hard enough: a fine texture that pans, cut to another place each two and a half seconds.

pub(crate) const WIDTH: usize = 640;
pub(crate) const HEIGHT: usize = 360;
const FIELD: usize = 2048;

/// Makes the same pictures in every run.
pub(crate) struct Camera {
    field: Vec<u8>,
}

impl Camera {
    pub(crate) fn new() -> Self {
        let mut seed = 0x5eed_u64;
        let mut noise = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 58) as f64
        };
        let field = (0..FIELD * FIELD).map(|at| {
            let (x, y) = ((at % FIELD) as f64, (at / FIELD) as f64);
            let shapes =
                (x / 23.0).sin() * 40.0 + (y / 17.0).cos() * 35.0 + ((x + 2.0 * y) / 61.0).sin() * 30.0;
            (126.0 + shapes + noise() / 4.0 - 8.0) as u8
        });
        Self { field: field.collect() }
    }

    /// The picture at this time: a pan of 240 pixels a second whatever the rate, and hard cuts.
    pub(crate) fn picture(&self, at_ns: u64) -> Vec<u8> {
        let shot = at_ns / 2_500_000_000;
        let left = (at_ns * 240 / 1_000_000_000 + shot * 700) as usize % (FIELD - WIDTH);
        let top = (shot * 530) as usize % (FIELD - HEIGHT);
        let mut picture = Vec::with_capacity(WIDTH * HEIGHT * 3 / 2);
        for line in self.field.chunks_exact(FIELD).skip(top).take(HEIGHT) {
            picture.extend_from_slice(&line[left..left + WIDTH]);
        }
        picture.resize(WIDTH * HEIGHT * 3 / 2, 128);
        picture
    }
}
