#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| mail_wire::fuzzing::proxy(data));
