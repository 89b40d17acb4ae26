//! SRV records (RFC 2782).

/// One.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Srv {
    /// Lower is tried first.
    pub(crate) priority: u16,
    /// How often it is first among those of its priority.
    pub(crate) weight: u16,
    pub(crate) port: u16,
    /// Empty is the root: no such service.
    pub(crate) target: String,
}

/// In the order in which they are to be tried: by priority, and within one drawn by weight, as RFC 2782 has it.
/// `random(n)` is a number from 0 to n.
pub(crate) fn ordered(mut records: Vec<Srv>, random: &mut impl FnMut(u32) -> u32) -> Vec<Srv> {
    // Those of weight 0 come first, so that they are drawn by a 0 alone.
    records.sort_by_key(|record| (record.priority, record.weight));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(first) = records.first() {
        let priority = first.priority;
        let equals = records.iter().take_while(|record| record.priority == priority);
        let total: u32 = equals.map(|record| u32::from(record.weight)).sum();
        let drawn = random(total).min(total);
        let mut sum = 0;
        let at = records.iter().position(|record| {
            sum += u32::from(record.weight);
            sum >= drawn
        });
        ordered.push(records.remove(at.unwrap_or(0)));
    }
    ordered
}
