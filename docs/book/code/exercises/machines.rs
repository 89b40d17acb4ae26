use super::Exercise;

pub(super) const EXERCISES: &[Exercise] = &[];
