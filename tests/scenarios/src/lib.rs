//! What spans components: a real cloud, a real engine, real switchers.
