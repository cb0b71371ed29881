//! SRT live mode behind one seam, sans-IO, both ends.
