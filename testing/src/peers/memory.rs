//! What a process holds in memory.

use std::fs;

/// Octets of a process's memory, as Linux tells them in `/proc/PID/status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// In memory now (`VmRSS`).
    pub resident: u64,
    /// Asked for, whether it was ever touched or not (`VmData`). Stacks of threads are in it.
    pub data: u64,
}

impl Memory {
    /// That of the process of this number.
    ///
    /// # Panics
    ///
    /// When there is no such process.
    pub fn of(process: u32) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
        let field = |name: &str| {
            let value = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .expect("proc(5)");
            let kibibytes = value.trim().strip_suffix(" kB").expect("proc(5)");
            kibibytes.parse::<u64>().expect("a number") * 1024
        };
        Self {
            resident: field("VmRSS:"),
            data: field("VmData:"),
        }
    }
}
