//! Layer switching on one RTP stream and the keyframe policy.
