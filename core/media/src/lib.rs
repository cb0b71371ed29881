//! MPEG-TS mux and demux, H.264 access units, Opus in TS, capture time, RTP payloads.
