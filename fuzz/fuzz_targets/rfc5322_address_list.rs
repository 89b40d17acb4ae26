#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| rfc5322::fuzzing::address_list(data));
