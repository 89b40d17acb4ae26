#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| mime_codec::fuzzing::parameters(data));
